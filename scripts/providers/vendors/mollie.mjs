import { SignatureValidator } from "mollie-api-typescript";
import { BODY, header, post, secret } from "../request.mjs";

const SECRET = "mollie_signing_secret_1";

export default {
  provider: "Mollie",
  slug: "mollie",
  library: "mollie-api-typescript",
  signs: "SignatureValidator.createSignature",
  verifies: "SignatureValidator.validate",
  async requests() {
    const signature = await SignatureValidator.createSignature(BODY, SECRET);
    return [
      post({
        id: "vendor-mollie",
        headers: [["X-Mollie-Signature", `sha256=${signature}`]],
        keys: secret(SECRET),
        content: BODY,
        signed: ["X-Mollie-Signature"],
      }),
    ];
  },
  async accepts(request) {
    const body = Buffer.from(request.body).toString();
    return SignatureValidator.validate(body, SECRET, header(request, "X-Mollie-Signature"));
  },
};
