import twilio from "twilio";
import { BODY, header, post, secret } from "../request.mjs";

const TOKEN = "8b6f2ad9c6b14dd1a0f1c4f7e5f1d2c3";
const SITE = "https://shop.example";
const FORM = {
  CallSid: "CA1234567890ABCDE",
  Caller: "+14158675309",
  Digits: "1234",
  From: "+14158675309",
  To: "+18005551212",
  Body: "é & ü = 100 %",
};

function form() {
  const target = "/callback?foo=1&bar=2";
  const sorted = Object.keys(FORM).sort();
  return post({
    id: "vendor-twilio",
    slug: "twilio",
    type: "application/x-www-form-urlencoded",
    target,
    body: new URLSearchParams(FORM).toString(),
    headers: [["X-Twilio-Signature", twilio.getExpectedTwilioSignature(TOKEN, SITE + target, FORM)]],
    public_url: SITE + target,
    keys: secret(TOKEN),
    content: SITE + target + sorted.map((name) => name + FORM[name]).join(""),
    signed: ["X-Twilio-Signature"],
    replaced: ["1234567890ABCDE", "1234&", "8005551212", "100+"],
  });
}

function json() {
  const target = `/callback?bodySHA256=${twilio.getExpectedBodyHash(BODY)}`;
  return post({
    id: "vendor-twilio-json",
    slug: "twilio-json",
    target,
    headers: [["X-Twilio-Signature", twilio.getExpectedTwilioSignature(TOKEN, SITE + target, {})]],
    public_url: SITE + target,
    keys: secret(TOKEN),
    content: SITE + target,
    signed: ["X-Twilio-Signature"],
  });
}

export default {
  provider: "Twilio",
  slug: "twilio",
  library: "twilio",
  signs: "getExpectedTwilioSignature, getExpectedBodyHash",
  verifies: "validateRequest, validateRequestWithBody",
  async requests() {
    return [form(), json()];
  },
  async accepts(request) {
    const body = Buffer.from(request.body).toString();
    const [signature, url] = [header(request, "X-Twilio-Signature"), SITE + request.target];
    if (request.slug === "twilio-json") return twilio.validateRequestWithBody(TOKEN, signature, url, body);
    return twilio.validateRequest(TOKEN, signature, url, Object.fromEntries(new URLSearchParams(body)));
  },
};
