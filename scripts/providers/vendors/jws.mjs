import { createHash, createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";
import { FlattenedSign, SignJWT, flattenedVerify, jwtVerify } from "jose";
import { BODY, TIME, header, post, privateKey, publicKey, secret } from "../request.mjs";

const SECRET = "a secret of 256 bits: 0123456789";
/** Algorithm, key, and whether its signatures are always others. */
const ALGORITHMS = [
  ["RS256", "rsa", false],
  ["PS256", "rsa", true],
  ["ES256", "p256", true],
  ["ES384", "p384", true],
  ["EdDSA", "ed25519", false],
  ["HS256", null, false],
];

function key(name, isPrivate) {
  if (name === null) return createSecretKey(Buffer.from(SECRET));
  return isPrivate ? createPrivateKey(privateKey(name)) : createPublicKey(privateKey(name));
}

function keys(name, kid) {
  return name === null ? secret(SECRET) : [{ name: kid, form: "pem", value: publicKey(name) }];
}

/** A signature in a header, whose payload is the body. */
async function detached([alg, name, isRandom]) {
  const scheme = `jws-${alg.toLowerCase()}`;
  const signing = new FlattenedSign(Buffer.from(BODY)).setProtectedHeader({ alg, kid: scheme });
  const token = await signing.sign(key(name, true));
  return post({
    id: `vendor-${scheme}`,
    slug: "jws",
    scheme,
    headers: [["X-JWS-Signature", `${token.protected}..${token.signature}`]],
    keys: keys(name, scheme),
    content: `${token.protected}.${Buffer.from(BODY).toString("base64url")}`,
    signed: ["X-JWS-Signature"],
    random: isRandom ? ["X-JWS-Signature"] : [],
  });
}

function digest(body) {
  return createHash("sha256").update(body).digest("hex");
}

/** A token with a digest of the body, as Plaid signs. */
async function plaid() {
  const kid = "bfbd5111-8e33-4643-8ced-b2e642a72f3c";
  const token = await new SignJWT({ request_body_sha256: digest(BODY) })
    .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
    .setIssuedAt(TIME)
    .sign(key("p256", true));
  return post({
    id: "vendor-plaid",
    slug: "plaid",
    headers: [["Plaid-Verification", token]],
    keys: keys("p256", kid),
    verify_at: TIME,
    content: token.split(".").slice(0, 2).join("."),
    signed: ["Plaid-Verification"],
    random: ["Plaid-Verification"],
    note: "the library verifies the token; the digest of the body was compared beside it",
  });
}

export default {
  provider: "JWS",
  slug: "jws",
  library: "jose",
  kind: "third-party",
  signs: "FlattenedSign, SignJWT",
  verifies: "flattenedVerify, jwtVerify",
  async requests() {
    return [...(await Promise.all(ALGORITHMS.map(detached))), await plaid()];
  },
  async accepts(request) {
    if (request.slug === "plaid") {
      const token = header(request, "Plaid-Verification");
      const { payload } = await jwtVerify(token, key("p256"), { algorithms: ["ES256"], maxTokenAge: "5 min" });
      return payload.request_body_sha256 === digest(request.body);
    }
    const [alg, name] = ALGORITHMS.find(([alg]) => request.scheme === `jws-${alg.toLowerCase()}`);
    const [protectedHeader, , signature] = header(request, "X-JWS-Signature").split(".");
    const payload = Buffer.from(request.body).toString("base64url");
    const token = { protected: protectedHeader, payload, signature };
    return Boolean(await flattenedVerify(token, key(name), { algorithms: [alg] }));
  },
};
