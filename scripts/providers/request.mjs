// The requests of these tests: what all of them have, their headers, and the keys that were made for them.
import { createHmac, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/** The time at which all requests are signed. */
export const TIME = 1700000000;

/** A body in which white space, numbers and characters would change if it were parsed and written again. */
export const BODY = '{"id": "evt_1", "amount": 12.50, "name": "é\\u00e9"}\n';

export function privateKey(name) {
  return readFileSync(new URL(`keys/${name}.pem`, import.meta.url), "utf8");
}

export function publicKey(name) {
  return createPublicKey(privateKey(name)).export({ type: "spki", format: "pem" });
}

export function certificate(name) {
  return readFileSync(new URL(`keys/${name}.crt`, import.meta.url), "utf8");
}

export function hmac(hash, key, content, encoding) {
  return createHmac(hash, key).update(content).digest(encoding);
}

export function rsa(hash, content) {
  return sign(hash, Buffer.from(content), privateKey("rsa")).toString("base64");
}

/** A POST with a JSON body under one key. `signed` are the headers of which each byte must matter. */
export function post(parts) {
  const { headers = [], ...others } = parts;
  return {
    method: "POST",
    target: "/callback",
    body: BODY,
    public_url: null,
    values: {},
    verify_at: null,
    signed: [],
    random: [],
    note: "",
    ...others,
    headers: [["Content-Type", parts.type ?? "application/json"], ...headers],
  };
}

/** A key that both sides know. */
export function secret(value, form = "text") {
  return [{ name: "key", form, value }];
}

/** The value of a header that comes once. */
export function header(request, name) {
  const found = request.headers.filter(([other]) => other.toLowerCase() === name.toLowerCase());
  return found.length === 1 ? found[0][1] : undefined;
}

/** The headers as libraries take them. */
export function headers(request) {
  return Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
}
