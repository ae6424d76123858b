// Copies of a request in which one byte is another.

/** At most this many bytes of a body are changed. */
const MOST = 64;

/** The copies, each with a word for what was changed. Unless `replaced` tells which bytes of the body are signed, all are. */
export function changed(request) {
  return [...bodies(request), ...heads(request)];
}

function bodies(request) {
  const body = Buffer.from(request.body);
  const copy = (at) => {
    const changedBody = Buffer.from(body);
    changedBody[at] = other(body[at]);
    return { ...request, body: changedBody, tampered: told("body", at, body[at], changedBody[at]) };
  };
  const step = Math.max(1, Math.ceil(body.length / MOST));
  const every = Array.from(body.keys()).filter((at) => at % step === 0 || at === body.length - 1);
  return (request.replaced?.map((text) => place(body, text)) ?? every).map(copy);
}

function place(body, text) {
  const at = body.indexOf(text);
  if (at < 0 || body.indexOf(text, at + 1) >= 0) throw new Error(`not once in the body: ${text}`);
  return at;
}

function heads(request) {
  const one = (name) => {
    const nth = request.headers.findIndex(([header]) => header === name);
    const value = request.headers[nth][1];
    // Signatures and hosts have no byte without meaning in the middle.
    const at = value.length >> 1;
    const headers = request.headers.map((header) => [...header]);
    const byte = other(value.charCodeAt(at));
    headers[nth][1] = value.slice(0, at) + String.fromCharCode(byte) + value.slice(at + 1);
    return { ...request, headers, tampered: told(name, at, value.charCodeAt(at), byte) };
  };
  return request.signed.map(one);
}

/** A byte of the same kind, so that the request is still well-formed. */
function other(byte) {
  const character = String.fromCharCode(byte);
  if (/[0-9]/.test(character)) return 48 + ((byte - 47) % 10);
  if (/[a-z]/.test(character)) return character === "a" ? 98 : 97;
  if (/[A-Z]/.test(character)) return character === "A" ? 66 : 65;
  return byte ^ 1;
}

function told(where, at, from, to) {
  const shown = (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : `byte ${byte}`);
  return `${where}, byte ${at}: ${shown(to)} in place of ${shown(from)}`;
}
