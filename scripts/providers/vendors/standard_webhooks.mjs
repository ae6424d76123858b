import { Webhook } from "standardwebhooks";
import { BODY, TIME, headers, post, secret } from "../request.mjs";

const SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const webhook = new Webhook(SECRET);

export default {
  provider: "Standard Webhooks",
  slug: "standard-webhooks",
  library: "standardwebhooks",
  signs: "Webhook.sign",
  verifies: "Webhook.verify",
  async requests() {
    return [
      post({
        id: "vendor-standard-webhooks",
        headers: [
          ["webhook-id", ID],
          ["webhook-timestamp", `${TIME}`],
          ["webhook-signature", webhook.sign(ID, new Date(TIME * 1000), BODY)],
        ],
        keys: secret(SECRET, "whsec"),
        verify_at: TIME,
        content: `${ID}.${TIME}.${BODY}`,
        signed: ["webhook-id", "webhook-timestamp", "webhook-signature"],
      }),
    ];
  },
  async accepts(request) {
    webhook.verify(Buffer.from(request.body).toString(), headers(request));
    return true;
  },
};
