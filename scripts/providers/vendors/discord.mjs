import { createPublicKey, sign } from "node:crypto";
import { verifyKey } from "discord-interactions";
import { BODY, TIME, header, post, privateKey } from "../request.mjs";

const { x } = createPublicKey(privateKey("ed25519")).export({ format: "jwk" });
const KEY = Buffer.from(x, "base64url").toString("hex");

export default {
  provider: "Discord",
  slug: "discord",
  library: "discord-interactions",
  signs: null,
  verifies: "verifyKey",
  async requests() {
    const content = `${TIME}${BODY}`;
    return [
      post({
        id: "vendor-discord",
        headers: [
          ["X-Signature-Timestamp", `${TIME}`],
          ["X-Signature-Ed25519", sign(null, Buffer.from(content), privateKey("ed25519")).toString("hex")],
        ],
        keys: [{ name: "key", form: "ed25519-hex", value: KEY }],
        verify_at: TIME,
        content,
        signed: ["X-Signature-Timestamp", "X-Signature-Ed25519"],
      }),
    ];
  },
  async accepts(request) {
    const time = header(request, "X-Signature-Timestamp");
    return verifyKey(Buffer.from(request.body), header(request, "X-Signature-Ed25519"), time, KEY);
  },
};
