import { python } from "../python.mjs";
import { BODY, TIME, headers, post, secret } from "../request.mjs";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const COMMAND = "token=xyzz0WbapA4vBCDEFasx0q6G&command=%2Fweather&text=94070+%C3%A9";

async function request(id, body, type) {
  const signature = await python("slack_sign", { secret: SECRET, timestamp: `${TIME}`, body });
  return post({
    id,
    type,
    body,
    headers: [
      ["X-Slack-Request-Timestamp", `${TIME}`],
      ["X-Slack-Signature", signature],
    ],
    keys: secret(SECRET),
    verify_at: TIME,
    content: `v0:${TIME}:${body}`,
    signed: ["X-Slack-Request-Timestamp", "X-Slack-Signature"],
  });
}

export default {
  provider: "Slack",
  slug: "slack",
  library: "slack-sdk",
  isPython: true,
  signs: "SignatureVerifier.generate_signature",
  verifies: "SignatureVerifier.is_valid_request",
  async requests() {
    return [
      await request("vendor-slack-event", BODY, "application/json"),
      await request("vendor-slack-command", COMMAND, "application/x-www-form-urlencoded"),
    ];
  },
  async accepts(request) {
    const body = Buffer.from(request.body).toString();
    return python("slack_accepts", { secret: SECRET, now: TIME, body, headers: headers(request) });
  },
};
