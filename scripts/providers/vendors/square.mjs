import { WebhooksHelper } from "square";
import { BODY, header, hmac, post, secret } from "../request.mjs";

const KEY = "r9gL7mNqT2vXw4Zb6Yc8Kd";
const URL_TEXT = "https://shop.example/callback";

export default {
  provider: "Square",
  slug: "square",
  library: "square",
  signs: null,
  verifies: "WebhooksHelper.verifySignature",
  async requests() {
    const content = URL_TEXT + BODY;
    return [
      post({
        id: "vendor-square",
        headers: [["x-square-hmacsha256-signature", hmac("sha256", KEY, content, "base64")]],
        public_url: URL_TEXT,
        keys: secret(KEY),
        content,
        signed: ["x-square-hmacsha256-signature"],
      }),
    ];
  },
  async accepts(request) {
    return WebhooksHelper.verifySignature({
      requestBody: Buffer.from(request.body).toString(),
      signatureHeader: header(request, "x-square-hmacsha256-signature"),
      signatureKey: KEY,
      notificationUrl: request.public_url,
    });
  },
};
