import { createRequire } from "node:module";
import { BODY, TIME, header, headers, post, privateKey, publicKey } from "../request.mjs";

const truelayer = createRequire(import.meta.url)("truelayer-signing");

const KEY_ID = "1f0d1a3c-7a7d-4d52-9a35-3f5f2f1f6f10";
const WHEN = "2023-11-14T22:13:20Z";
const PATH = "/callback";

export default {
  provider: "TrueLayer",
  slug: "truelayer",
  library: "truelayer-signing",
  signs: "sign",
  verifies: "verify",
  async requests() {
    const signed = { "X-Tl-Webhook-Timestamp": WHEN };
    const parts = { kid: KEY_ID, method: "POST", path: PATH, headers: signed, body: BODY };
    const signature = truelayer.sign({ ...parts, privateKeyPem: privateKey("p521") });
    const payload = `POST ${PATH}\nX-Tl-Webhook-Timestamp: ${WHEN}\n${BODY}`;
    return [
      post({
        id: "vendor-truelayer",
        headers: [
          ["X-Tl-Webhook-Timestamp", WHEN],
          ["Tl-Signature", signature],
        ],
        keys: [{ name: KEY_ID, form: "pem", value: publicKey("p521") }],
        verify_at: TIME,
        content: `${signature.split(".")[0]}.${Buffer.from(payload).toString("base64url")}`,
        signed: ["X-Tl-Webhook-Timestamp", "Tl-Signature"],
        random: ["Tl-Signature"],
      }),
    ];
  },
  async accepts(request) {
    truelayer.verify({
      publicKeyPem: publicKey("p521"),
      signature: header(request, "Tl-Signature"),
      method: request.method,
      path: request.target,
      headers: headers(request),
      requiredHeaders: ["X-Tl-Webhook-Timestamp"],
      body: Buffer.from(request.body).toString(),
    });
    return true;
  },
};
