import { python } from "../python.mjs";
import { BODY, TIME, certificate, headers, post, rsa } from "../request.mjs";

const ID = "69cd13f0-d67a-11e5-baa3-778b53f4ae55";
const WEBHOOK = "1JE4291016473214C";
const WHEN = "2023-11-14T22:13:20Z";

export default {
  provider: "PayPal",
  slug: "paypal",
  library: "paypalrestsdk",
  isPython: true,
  signs: null,
  verifies: "WebhookEvent.verify; it fetches the certificate from a server of this test",
  async requests() {
    const content = `${ID}|${WHEN}|${WEBHOOK}|${checksum(BODY)}`;
    return [
      post({
        id: "vendor-paypal",
        headers: [
          ["PAYPAL-TRANSMISSION-ID", ID],
          ["PAYPAL-TRANSMISSION-TIME", WHEN],
          ["PAYPAL-AUTH-ALGO", "SHA256withRSA"],
          ["PAYPAL-CERT-URL", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"],
          ["PAYPAL-TRANSMISSION-SIG", rsa("sha256", content)],
        ],
        keys: [{ name: "key", form: "certificate-pem", value: certificate("paypal") }],
        values: { webhook_id: WEBHOOK },
        verify_at: TIME,
        content,
        signed: ["PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME", "PAYPAL-TRANSMISSION-SIG"],
      }),
    ];
  },
  async accepts(request) {
    const values = headers(request);
    return python("paypal_accepts", {
      id: values["paypal-transmission-id"],
      time: values["paypal-transmission-time"],
      webhook_id: WEBHOOK,
      body: Buffer.from(request.body).toString(),
      signature: values["paypal-transmission-sig"],
      algorithm: values["paypal-auth-algo"],
    });
  },
};

/** CRC-32. Node has a function for it from version 22 on. */
function checksum(text) {
  let sum = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
