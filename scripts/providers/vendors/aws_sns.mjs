import https from "node:https";
import tls from "node:tls";
import MessageValidator from "sns-validator";
import { TIME, certificate, post, privateKey, rsa } from "../request.mjs";

const HOST = "sns.eu-central-1.amazonaws.com";
const MESSAGE = {
  Type: "Notification",
  MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  TopicArn: "arn:aws:sns:eu-central-1:123456789012:MyTopic",
  Message: "Hello\nworld: 12.50 é",
  Timestamp: "2023-11-14T22:13:20.000Z",
  SigningCertURL: `https://${HOST}/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem`,
};
const CONFIRMATION = {
  ...MESSAGE,
  Type: "SubscriptionConfirmation",
  Token: "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92",
  SubscribeURL: `https://${HOST}/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-central-1:123456789012:MyTopic`,
};
const SIGNED = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

function request(id, scheme, message) {
  const content = SIGNED.filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`).join("");
  const Signature = rsa(message.SignatureVersion === "1" ? "sha1" : "sha256", content);
  return post({
    id,
    scheme,
    type: "text/plain; charset=UTF-8",
    body: JSON.stringify({ ...message, Signature }),
    headers: [["x-amz-sns-message-type", message.Type]],
    keys: [{ name: "key", form: "certificate-pem", value: certificate("sns") }],
    values: { topic_arn: MESSAGE.TopicArn },
    verify_at: TIME,
    content,
    replaced: ["12.50", "22b80b92", "2023-11-14", ...["My First", "2336412f"].filter((text) => content.includes(text))],
  });
}

/** In place of the host of SigningCertURL: a server that has its name and, in the test, a certificate for it. */
async function serve() {
  const options = { key: privateKey("p256"), cert: certificate("sns-host") };
  const server = https.createServer(options, (_, answer) => answer.end(certificate("sns")));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port } = server.address();
  https.globalAgent.createConnection = () =>
    tls.connect({ host: "127.0.0.1", port, servername: HOST, ca: certificate("authority") });
}

let isServed;

export default {
  provider: "AWS SNS",
  slug: "aws-sns",
  library: "sns-validator",
  signs: null,
  verifies: "MessageValidator.validate; it fetches the certificate over TLS from a server of this test",
  async requests() {
    return [
      request("vendor-aws-sns-2", "aws-sns", { ...MESSAGE, Subject: "My First Message", SignatureVersion: "2" }),
      request("vendor-aws-sns-2-confirmation", "aws-sns", { ...CONFIRMATION, SignatureVersion: "2" }),
      request("vendor-aws-sns-1", "aws-sns-1", { ...MESSAGE, SignatureVersion: "1" }),
    ];
  },
  async accepts(request) {
    await (isServed ??= serve());
    return new Promise((resolve) => {
      new MessageValidator().validate(Buffer.from(request.body).toString(), (error) => resolve(!error));
    });
  },
};
