import { constants, createHash, createPublicKey, sign } from "node:crypto";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { BODY, TIME, header, headers, post, privateKey, publicKey, secret } from "../request.mjs";
import { APPENDIX } from "../appendix_b.mjs";

const SECRET = Buffer.from("a secret of 256 bits: 0123456789");
const HOST = "pay.example";
/** Algorithm, key, and whether its signatures are always others. */
const ALGORITHMS = [
  ["rsa-pss-sha512", "rsa", true],
  ["rsa-v1_5-sha256", "rsa", false],
  ["ecdsa-p256-sha256", "p256", true],
  ["ecdsa-p384-sha384", "p384", true],
  ["ed25519", "ed25519", false],
  ["hmac-sha256", null, false],
];
const COVERED = ["@method", "@path", "@query", "@authority", "content-type", "content-digest"];

/** The library's own signer uses the longest salt with RSASSA-PSS; the RFC wants one of 64 bytes. */
function signer(key, alg, id) {
  if (alg !== "rsa-pss-sha512") return createSigner(key, alg, id);
  const options = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 };
  return { id, alg, sign: async (content) => sign("sha512", content, options) };
}

async function signed([alg, name, isRandom]) {
  const [target, id] = ["/callback?tenant=7", `key-${alg}`];
  const digest = `sha-256=:${createHash("sha256").update(BODY).digest("base64")}:`;
  const message = {
    method: "POST",
    url: `https://${HOST}${target}`,
    headers: { "Content-Type": "application/json", "Content-Digest": digest },
  };
  const key = name === null ? SECRET : privateKey(name);
  const paramValues = { created: new Date(TIME * 1000) };
  const params = ["created", "keyid", "alg"];
  const config = { key: signer(key, alg, id), fields: COVERED, params, paramValues };
  const answer = await httpbis.signMessage(config, message);
  const input = answer.headers["Signature-Input"];
  const values = ["POST", "/callback", "?tenant=7", HOST, "application/json", digest];
  const lines = COVERED.map((component, nth) => `"${component}": ${values[nth]}\n`);
  return post({
    id: `vendor-rfc9421-${alg.replace("_", "-")}`,
    scheme: `rfc9421-all-${alg.split("-").slice(0, 2).join("-")}`,
    target,
    headers: [
      ["Host", HOST],
      ["Content-Digest", digest],
      ["Signature-Input", input],
      ["Signature", answer.headers.Signature],
    ],
    keys: name === null ? secret(SECRET.toString("base64"), "base64") : [{ name: id, form: "pem", value: publicKey(name) }],
    verify_at: TIME,
    content: `${lines.join("")}"@signature-params": ${input.replace(/^sig=/, "")}`,
    replaced: [],
    signed: ["Content-Digest", "Signature-Input", "Signature"],
    random: isRandom ? ["Signature"] : [],
    note: "the library does not compare the digest with the body",
  });
}

function published(example) {
  const { label, input, signature, key, content, covered } = example;
  return post({
    ...example,
    id: `vendor-rfc9421-${label}`,
    target: "/foo?param=Value&Pet=dog",
    body: '{"hello": "world"}',
    headers: [
      ["Host", "example.com"],
      ["Date", "Tue, 20 Apr 2021 02:07:55 GMT"],
      ["Content-Digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"],
      ["Content-Length", "18"],
      ["Signature-Input", `${label}=${input}`],
      ["Signature", `${label}=:${signature}:`],
    ],
    keys: [key],
    verify_at: 1618884473,
    content: `${content}"@signature-params": ${input}`,
    replaced: [],
    signed: [...covered, "Signature"],
    kind: "official",
    source: "RFC 9421, appendix B",
    note: "signed by the authors of the RFC; the library verifies it",
  });
}

/** The algorithm and key that the scheme is for. */
function verifier(request) {
  const example = APPENDIX.find(({ label }) => request.id === `vendor-rfc9421-${label}`);
  if (example) {
    const { form, value } = example.key;
    const bytes = Buffer.from(value, "base64");
    const key = form === "base64" ? bytes : createPublicKey({ key: bytes, format: "der", type: "spki" });
    return [example.algorithm, key];
  }
  const [alg, name] = ALGORITHMS.find(([alg]) => request.id === `vendor-rfc9421-${alg.replace("_", "-")}`);
  return [alg, name === null ? SECRET : publicKey(name)];
}

export default {
  provider: "HTTP Message Signatures (RFC 9421)",
  slug: "rfc9421",
  library: "http-message-signatures",
  kind: "third-party",
  signs: "httpbis.signMessage; appendix B: the RFC",
  verifies: "httpbis.verifyMessage",
  async requests() {
    return [...(await Promise.all(ALGORITHMS.map(signed))), ...APPENDIX.map(published)];
  },
  async accepts(request) {
    const [alg, key] = verifier(request);
    const keyLookup = async () => ({ id: "key", algs: [alg], verify: createVerifier(key, alg) });
    const url = `https://${header(request, "Host")}${request.target}`;
    return httpbis.verifyMessage({ keyLookup }, { method: request.method, url, headers: headers(request) });
  },
};
