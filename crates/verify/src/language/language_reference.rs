//! The sources and filters, as documentation.

use std::fmt::Write as _;

use super::filters;
use super::source_table::{SOURCES, Takes};

/// Every source and every filter of the language, as two tables in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("| source | gives | |\n|---|---|---|\n");
    for source in SOURCES {
        let argument = match source.argument {
            Takes::Nothing => String::new(),
            Takes::One(name) => format!(":{name}"),
        };
        let (name, gives, meaning) = (source.name, source.gives, source.meaning);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}{argument}` | {gives} | {meaning} |");
    }
    text.push_str("\n| filter | | for example |\n|---|---|---|\n");
    for filter in filters::all() {
        let parameters = filter.parameters.iter().map(|parameter| {
            let name = parameter.name;
            if parameter.is_optional {
                format!("[:{name}]")
            } else {
                format!(":{name}")
            }
        });
        let usage: String = parameters.collect();
        let examples = filter
            .examples
            .iter()
            .filter_map(|(filters, input, output)| {
                let output = (*output)?;
                Some(format!(
                    "{} \\| {} = {}",
                    code(input),
                    code(filters),
                    code(output)
                ))
            });
        let example = examples.into_iter().next().unwrap_or_default();
        let (name, meaning) = (filter.name, filter.meaning.replace('|', "\\|"));
        let _ = writeln!(text, "| `{name}{usage}` | {meaning} | {example} |");
    }
    text
}

/// Text as code in a cell of a table.
fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .flat_map(|c| {
            match c {
                '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
                    c.escape_default().collect()
                }
                '|' => "\\|".to_owned(),
                c => c.to_string(),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect();
    format!("`{text}`")
}
