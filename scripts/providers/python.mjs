// Libraries that are for Python: python_libraries.py calls them.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

let lines;
let child;

/** The answer of a function of python_libraries.py. */
export async function python(name, values) {
  if (!child) {
    const program = new URL("python_libraries.py", import.meta.url).pathname;
    child = spawn("venv/bin/python", [program], { stdio: ["pipe", "pipe", "inherit"] });
    lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }
  child.stdin.write(`${JSON.stringify({ name, ...values })}\n`);
  const { value } = await lines.next();
  return JSON.parse(value);
}

export function stopPython() {
  child?.stdin.end();
}
