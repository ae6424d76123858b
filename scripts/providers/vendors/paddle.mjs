import { Paddle } from "@paddle/paddle-node-sdk";
import { BODY, TIME, header, hmac, post, secret } from "../request.mjs";

const { webhooks } = new Paddle("none");
const SECRET = "pdl_ntfset_01h4zdtmmvknqe8dfpxc5ajkgp";

export default {
  provider: "Paddle",
  slug: "paddle",
  library: "@paddle/paddle-node-sdk",
  signs: null,
  verifies: "webhooks.isSignatureValid",
  async requests() {
    const content = `${TIME}:${BODY}`;
    return [
      post({
        id: "vendor-paddle",
        headers: [["Paddle-Signature", `ts=${TIME};h1=${hmac("sha256", SECRET, content, "hex")}`]],
        keys: secret(SECRET),
        verify_at: TIME,
        content,
        signed: ["Paddle-Signature"],
      }),
    ];
  },
  async accepts(request) {
    const body = Buffer.from(request.body).toString();
    return webhooks.isSignatureValid(body, SECRET, header(request, "Paddle-Signature"));
  },
};
