// What was shown, as a table: on the terminal, and in docs/providers.md.

const BEGIN = "<!-- libraries -->\n";
const END = "<!-- end -->\n";

export function table(rows) {
  const cells = ({ provider, library, also, signs, verifies, requests, refused }) =>
    `| ${provider} | ${[library, ...also].join(", ")} | ${signs ?? "the script, by the rule"} | ${verifies} | ${requests} | ${refused} |`;
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  return [
    "| provider | library | signed by | verified by | requests | changed and refused |",
    "|---|---|---|---|---|---|",
    ...rows.map(cells),
    `| **all** | | | | **${sum("requests")}** | **${sum("refused")}** |`,
  ].join("\n");
}

export function withTable(page, rows) {
  const [before, rest] = page.split(BEGIN);
  if (rest === undefined) throw new Error(`no ${BEGIN.trim()} in the page`);
  return `${before}${BEGIN}${table(rows)}\n${rest.slice(rest.indexOf(END))}`;
}
