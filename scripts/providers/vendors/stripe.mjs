import Stripe from "stripe";
import { BODY, TIME, header, post, secret } from "../request.mjs";

const SECRET = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH";
const stripe = new Stripe("sk_test_none");

export default {
  provider: "Stripe",
  slug: "stripe",
  library: "stripe",
  signs: "webhooks.generateTestHeaderString",
  verifies: "webhooks.constructEvent",
  async requests() {
    const signature = stripe.webhooks.generateTestHeaderString({ payload: BODY, secret: SECRET, timestamp: TIME });
    return [
      post({
        id: "vendor-stripe",
        headers: [["Stripe-Signature", signature]],
        keys: secret(SECRET),
        verify_at: TIME,
        content: `${TIME}.${BODY}`,
        signed: ["Stripe-Signature"],
      }),
    ];
  },
  async accepts(request) {
    const signature = header(request, "Stripe-Signature");
    return stripe.webhooks.constructEvent(Buffer.from(request.body), signature, SECRET).amount === 12.5;
  },
};
