// Signs requests with the libraries of providers, or has them verify what was signed by their rules, and compares what came
// of it with the committed files. scripts/test-providers installs the libraries and runs this beside them.
//
//   node run.mjs ROOT [--update]
import "./fixed_clock.mjs";
import { readFileSync, writeFileSync } from "node:fs";
import { changed } from "./changed.mjs";
import { python, stopPython } from "./python.mjs";
import { committed, kept, line, written } from "./vectors.mjs";
import { table, withTable } from "./report.mjs";

const VENDORS = [
  "stripe",
  "standard_webhooks",
  "alipay",
  "wechatpay",
  "adyen",
  "paypal",
  "square",
  "twilio",
  "shopify",
  "github",
  "slack",
  "discord",
  "jws",
  "truelayer",
  "rfc9421",
  "aws_sns",
  "razorpay",
  "mollie",
  "paddle",
];

const [root, option] = process.argv.slice(2);
const vectors = `${root}/tests/vectors/providers/vendors.jsonl`;
const twins = `${root}/tests/vectors/providers/vendors_tampered.jsonl`;
const page = `${root}/docs/providers.md`;

/** A library with its version. */
async function named(library, isPython) {
  const file = `node_modules/${library}/package.json`;
  const ofNode = () => JSON.parse(readFileSync(file, "utf8")).version;
  return `${library} ${isPython ? await python("version", { library }) : ofNode()}`;
}

async function accepts(vendor, request) {
  try {
    return (await vendor.accepts(request)) === true;
  } catch {
    return false;
  }
}

/** The lines of a vendor for both files, and its row of the table. Everything that is wrong is told. */
async function judge(vendor, known, faults) {
  const also = vendor.also ? [await named(vendor.also)] : [];
  const told = { ...vendor, library: await named(vendor.library, vendor.isPython), also };
  const requests = (await vendor.requests()).map((request) => kept(request, known));
  const [lines, tampered] = [[], []];
  let refused = 0;
  for (const request of requests) {
    if (!(await accepts(vendor, request))) faults.push(`${request.id}: the library refuses it`);
    lines.push(line(told, request));
    const copies = changed(request);
    for (const copy of copies) {
      if (await accepts(vendor, copy)) faults.push(`${request.id}: the library accepts it with ${copy.tampered}`);
      else refused += 1;
    }
    // One copy of the first kind, and one of the last: for most a body and a header.
    for (const [nth, copy] of [copies[copies.length >> 2], copies.at(-1)].entries()) {
      tampered.push(line(told, { ...copy, id: `${request.id}-tampered-${nth + 1}` }, request.id));
    }
  }
  return { lines, tampered, row: { ...told, requests: requests.length, refused } };
}

const faults = [];
const [lines, tampered] = [[], []];
const rows = [];
const known = committed(vectors);
for (const name of VENDORS) {
  const { default: vendor } = await import(`./vendors/${name}.mjs`);
  const judged = await judge(vendor, known, faults);
  lines.push(...judged.lines);
  tampered.push(...judged.tampered);
  rows.push(judged.row);
}
stopPython();

console.log(table(rows));
const wanted = new Map([
  [vectors, written(lines)],
  [twins, written(tampered)],
  [page, withTable(readFileSync(page, "utf8"), rows)],
]);
for (const [file, text] of wanted) {
  if (option === "--update" && faults.length === 0) writeFileSync(file, text);
  if (known.read(file) !== text) faults.push(`${file}: other text; scripts/test-providers --update writes it`);
}
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
