import { AlipaySdk } from "alipay-sdk";
import { TIME, post, privateKey, publicKey, rsa } from "../request.mjs";

const VALUES = {
  notify_time: "2023-11-15 06:13:20",
  notify_type: "trade_status_sync",
  notify_id: "2023111500222061320000000000000001",
  charset: "utf-8",
  version: "1.0",
  app_id: "2014072300007148",
  trade_no: "2013112011001004330000121536",
  out_trade_no: "6823789339978248",
  subject: "语雀空间 50+50 %",
  trade_status: "TRADE_SUCCESS",
  total_amount: "20.00",
  fund_bill_list: '[{"amount":"20.00","fundChannel":"ALIPAYACCOUNT"}]',
  sign_type: "RSA2",
};

const key = publicKey("rsa").replace(/-----[^-]*-----|\n/g, "");
const sdk = new AlipaySdk({ appId: VALUES.app_id, privateKey: privateKey("rsa"), keyType: "PKCS8", alipayPublicKey: key });

export default {
  provider: "Alipay",
  slug: "alipay",
  library: "alipay-sdk",
  signs: null,
  verifies: "AlipaySdk.checkNotifySignV2",
  async requests() {
    const names = Object.keys(VALUES).filter((name) => name !== "sign_type").sort();
    const content = names.map((name) => `${name}=${VALUES[name]}`).join("&");
    return [
      post({
        id: "vendor-alipay",
        type: "application/x-www-form-urlencoded",
        body: new URLSearchParams({ ...VALUES, sign: rsa("sha256", content) }).toString(),
        keys: [{ name: "key", form: "spki-base64", value: key }],
        verify_at: TIME,
        content,
        replaced: ["20.00&fund", "TRADE_SUCCESS", "6823789339978248", "2014072300007148", "2013112011001004330000121536"],
      }),
    ];
  },
  async accepts(request) {
    return sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString())));
  },
};
