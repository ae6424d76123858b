import Razorpay from "razorpay";
import { BODY, header, hmac, post, secret } from "../request.mjs";

const SECRET = "rzp_webhook_secret_1";

export default {
  provider: "Razorpay",
  slug: "razorpay",
  library: "razorpay",
  signs: null,
  verifies: "Razorpay.validateWebhookSignature",
  async requests() {
    return [
      post({
        id: "vendor-razorpay",
        headers: [["X-Razorpay-Signature", hmac("sha256", SECRET, BODY, "hex")]],
        keys: secret(SECRET),
        content: BODY,
        signed: ["X-Razorpay-Signature"],
      }),
    ];
  },
  async accepts(request) {
    const signature = header(request, "X-Razorpay-Signature");
    return Razorpay.validateWebhookSignature(Buffer.from(request.body).toString(), signature, SECRET);
  },
};
