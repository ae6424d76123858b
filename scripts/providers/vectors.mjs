// The lines of vendors.jsonl and vendors_tampered.jsonl in tests/vectors/providers.
import { existsSync, readFileSync } from "node:fs";

/** What is committed, by the ids of the requests. */
export function committed(file) {
  const read = (path) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const lines = read(file).split("\n").filter(Boolean);
  const requests = new Map(lines.map((text) => JSON.parse(text)).map((request) => [request.id, request]));
  return { read, requests };
}

/** The request with the signature that is committed, where a new one is always another and nothing else has changed. */
export function kept(request, { requests }) {
  const old = requests.get(request.id);
  if (request.random.length === 0 || !old) return request;
  const steady = (headers) => JSON.stringify(headers.filter(([name]) => !request.random.includes(name)));
  const isSame =
    steady(old.request.headers) === steady(request.headers) &&
    old.request.target === request.target &&
    old.request.body_b64 === Buffer.from(request.body).toString("base64") &&
    old.signed_content_b64 === Buffer.from(request.content).toString("base64");
  return isSame ? { ...request, headers: old.request.headers } : request;
}

/** One line: of a request that was accepted, or of a changed copy that was refused. */
export function line(vendor, request, twinOf) {
  const { provider, library, signs, verifies } = vendor;
  const how = signs ? `signed by ${signs}` : `signed by the rule and accepted by ${verifies}`;
  const value = {
    id: request.id,
    slug: request.slug ?? vendor.slug,
    scheme: request.scheme,
    provider,
    kind: request.kind ?? vendor.kind ?? "sdk-signed",
    source: request.source ?? `${library}: ${how}`,
    request: {
      method: request.method,
      target: request.target,
      headers: request.headers,
      body_b64: Buffer.from(request.body).toString("base64"),
    },
    public_url: request.public_url,
    keys: request.keys,
    values: request.values,
    verify_at: request.verify_at,
    valid: twinOf === undefined,
    signed_content_b64: twinOf === undefined ? Buffer.from(request.content).toString("base64") : null,
    note: twinOf === undefined ? request.note : "",
    tampered: request.tampered,
    twin_of: twinOf,
  };
  return JSON.stringify(value);
}

export function written(lines) {
  return `${lines.join("\n")}\n`;
}
