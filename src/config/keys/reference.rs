//! The tables of keys in docs/configuration.md.

use std::fmt::Write as _;

use super::{ALL, Section};

/// The head of each table of keys.
pub const HEAD: &str = "| key | value | default | meaning |\n|---|---|---|---|\n";

/// The tables of keys, as Markdown, each with the keys that lead to it, such as `listener.tls`.
pub fn tables() -> impl Iterator<Item = (&'static str, String)> {
    ALL.iter().map(|section| (section.path, table(section)))
}

fn table(section: &Section) -> String {
    let mut out = HEAD.to_owned();
    for key in section.settings {
        // A bar in a cell would end it, also in code.
        let [values, without, meaning] =
            [key.values(), key.without(), key.meaning()].map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(out, "| `{}` | {values} | {without} | {meaning} |", key.name);
    }
    out
}
