import { hmacValidator } from "@adyen/api-library";
import { BODY, header, hmac, post, secret } from "../request.mjs";

const Validator = hmacValidator;
const validator = new Validator();
const KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

const ITEM = {
  pspReference: "7914073381342284",
  originalReference: "",
  merchantAccountCode: "TestMerchant",
  merchantReference: "TestPayment-1407325143704",
  amount: { value: 1130, currency: "EUR" },
  eventCode: "AUTHORISATION",
  success: "true",
  eventDate: "2023-11-14T22:13:20+00:00",
};

function payments() {
  const additionalData = { hmacSignature: validator.calculateHmac(ITEM, KEY) };
  return post({
    id: "vendor-adyen",
    slug: "adyen",
    body: JSON.stringify({ live: "false", notificationItems: [{ NotificationRequestItem: { ...ITEM, additionalData } }] }),
    keys: secret(KEY, "hex"),
    content: "7914073381342284::TestMerchant:TestPayment-1407325143704:1130:EUR:AUTHORISATION:true",
    replaced: ["7914073381342284", "TestMerchant", "TestPayment", "1130", "EUR", "AUTHORISATION"],
  });
}

function platform() {
  // The library has no function that signs a body.
  const signature = hmac("sha256", Buffer.from(KEY, "hex"), BODY, "base64");
  return post({
    id: "vendor-adyen-platform",
    slug: "adyen-platform",
    headers: [["HmacSignature", signature]],
    keys: secret(KEY, "hex"),
    content: BODY,
    signed: ["HmacSignature"],
    note: "signed by the rule; the library verifies",
  });
}

export default {
  provider: "Adyen",
  slug: "adyen",
  library: "@adyen/api-library",
  signs: "hmacValidator.calculateHmac",
  verifies: "hmacValidator.validateHMAC, validateHMACSignature",
  async requests() {
    return [payments(), platform()];
  },
  async accepts(request) {
    const body = Buffer.from(request.body).toString();
    if (request.slug === "adyen-platform") {
      return validator.validateHMACSignature(KEY, header(request, "HmacSignature"), body);
    }
    return validator.validateHMAC(JSON.parse(body).notificationItems[0].NotificationRequestItem, KEY);
  },
};
