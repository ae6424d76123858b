import { createRequire } from "node:module";
import { BODY, TIME, certificate, header, headers, post, privateKey, publicKey } from "../request.mjs";

const require = createRequire(import.meta.url);
const { Formatter, Rsa } = require("wechatpay-axios-plugin");
const Pay = require("wechatpay-node-v3");

const SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const NONCE = "EcYk64FEGdr7kpfNCBDXl9xmyv7TB2yV";

function request(id) {
  const signature = Rsa.sign(Formatter.response(TIME, NONCE, BODY), privateKey("rsa"));
  return post({
    id,
    headers: [
      ["Wechatpay-Serial", SERIAL],
      ["Wechatpay-Timestamp", `${TIME}`],
      ["Wechatpay-Nonce", NONCE],
      ["Wechatpay-Signature", signature],
    ],
    keys: [{ name: "platform", form: "certificate-pem", value: certificate("wechatpay") }],
    verify_at: TIME,
    content: `${TIME}\n${NONCE}\n${BODY}\n`,
    signed: ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature"],
    note: "wechatpay-node-v3 accepts it, too",
  });
}

export default {
  provider: "WeChat Pay v3",
  slug: "wechatpay-v3",
  library: "wechatpay-axios-plugin",
  also: "wechatpay-node-v3",
  kind: "third-party",
  signs: "Rsa.sign, Formatter.response",
  verifies: "Rsa.verify; Pay.verifySign",
  async requests() {
    return [request("vendor-wechatpay-v3")];
  },
  async accepts(request) {
    const values = headers(request);
    const [timestamp, nonce] = [values["wechatpay-timestamp"], values["wechatpay-nonce"]];
    const signature = header(request, "Wechatpay-Signature");
    const body = Buffer.from(request.body).toString();
    const first = Rsa.verify(Formatter.response(timestamp, nonce, body), signature, certificate("wechatpay"));
    Pay.certificates = { [SERIAL]: publicKey("rsa") };
    const pay = new Pay({ appid: "wx1", mchid: "1", publicKey: certificate("wechatpay"), privateKey: privateKey("rsa") });
    const second = await pay.verifySign({ timestamp, nonce, body, serial: SERIAL, signature, apiSecret: "" });
    if (first !== second) throw new Error("the libraries differ");
    return first;
  },
};
