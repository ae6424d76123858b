//! The value of an override: TOML, or else plain text.

use std::net::Ipv6Addr;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use crate::config::diagnostic::Problems;
use crate::config::document;
use crate::config::source::{COMMAND_LINE, SourceText};

/// Reads the value between these bytes of the command line; `start` is the byte after `=`. Also
/// returns the byte from which its spans count.
///
/// A value that begins with a quote or an opening bracket must be TOML, except for an IPv6 address
/// in brackets. An error is reported.
pub(super) fn value<'a>(
    source: &'a SourceText,
    start: usize,
    end: usize,
    problems: &Problems,
) -> Option<(Spanned<DeValue<'a>>, usize)> {
    let text = source.text().get(start..end).unwrap_or_default();
    let trimmed = text.trim_start();
    let at = end.saturating_sub(trimmed.len());
    let text = trimmed.trim_end();
    match DeValue::parse(text) {
        Ok(value) => Some((value, at)),
        Err(error) if is_meant_as_toml(text) => {
            problems.report(document::value_error(COMMAND_LINE, source, &error, at));
            None
        }
        // An empty value has no text to show, so the `=` is shown.
        Err(_) if text.is_empty() => {
            let value = DeValue::String(text.into());
            Some((Spanned::new(0..1, value), start.saturating_sub(1)))
        }
        Err(_) => Some((
            Spanned::new(0..text.len(), DeValue::String(text.into())),
            at,
        )),
    }
}

fn is_meant_as_toml(text: &str) -> bool {
    let is_ipv6 = |rest: &str| {
        rest.split_once(']')
            .is_some_and(|(address, _)| address.parse::<Ipv6Addr>().is_ok())
    };
    match text.strip_prefix('[') {
        Some(rest) => !is_ipv6(rest),
        None => text.starts_with(['"', '\'', '{']),
    }
}

/// The value with its spans moved by `by` bytes.
pub(super) fn moved<'a>(value: &Spanned<DeValue<'a>>, by: usize) -> Spanned<DeValue<'a>> {
    let span =
        |span: std::ops::Range<usize>| span.start.saturating_add(by)..span.end.saturating_add(by);
    let inner = match value.get_ref() {
        DeValue::Array(items) => {
            let mut array = DeArray::new();
            items.iter().for_each(|item| array.push(moved(item, by)));
            DeValue::Array(array)
        }
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| {
                let key = Spanned::new(span(key.span()), key.get_ref().clone());
                (key, moved(value, by))
            });
            DeValue::Table(pairs.collect())
        }
        other => other.clone(),
    };
    Spanned::new(span(value.span()), inner)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The type and the text of the value after `k=`.
    fn read(text: &str) -> Option<String> {
        let source = SourceText::command_line(&[format!("k={text}")], Path::new("c.toml"));
        let problems = Problems::default();
        let read = value(&source, 2, source.text().len(), &problems);
        assert_eq!(read.is_none(), problems.has_errors());
        let (value, at) = read?;
        let span = moved(&value, at).span();
        let shown = source.text().get(span).unwrap();
        Some(format!("{} {shown}", value.get_ref().type_str()))
    }

    #[test]
    fn toml_or_else_text() {
        for (text, wanted) in [
            ("2", "integer 2"),
            (" 2 ", "integer 2"),
            ("true", "boolean true"),
            ("debug", "string debug"),
            ("60s", "string 60s"),
            ("1m 30s", "string 1m 30s"),
            ("\"a=b\"", "string \"a=b\""),
            ("a=b", "string a=b"),
            ("[\"a\", 2]", "array [\"a\", 2]"),
            ("{ a = 1 }", "table { a = 1 }"),
            ("127.0.0.1:80", "string 127.0.0.1:80"),
            ("[::1]:80", "string [::1]:80"),
            ("/run/a.pid", "string /run/a.pid"),
            ("2 # two", "string 2 # two"),
            ("2\nworkers = 3", "string 2\nworkers = 3"),
            ("", "string ="),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text:?}");
        }
        for text in ["[1", "\"a", "'a", "{ a = 1", "[a]", "[1] x", "\"a\"\nb = 1"] {
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
