import { sign, verify } from "@octokit/webhooks-methods";
import { BODY, header, post, secret } from "../request.mjs";

const SECRET = "It's a Secret to Everybody";

export default {
  provider: "GitHub",
  slug: "github",
  library: "@octokit/webhooks-methods",
  signs: "sign",
  verifies: "verify",
  async requests() {
    return [
      post({
        id: "vendor-github",
        headers: [
          ["X-GitHub-Event", "push"],
          ["X-Hub-Signature-256", await sign(SECRET, BODY)],
        ],
        keys: secret(SECRET),
        content: BODY,
        signed: ["X-Hub-Signature-256"],
      }),
    ];
  },
  async accepts(request) {
    return verify(SECRET, Buffer.from(request.body).toString(), header(request, "X-Hub-Signature-256"));
  },
};
