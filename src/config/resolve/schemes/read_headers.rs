//! The headers that a scheme reads, and those of its answers.

use http::HeaderName;

use super::definition::Spots;
use crate::config::reader::Text;
use crate::config::resolve::headers::{Prefix, check_of_callback};
use crate::verify::scheme::Scheme;

/// Reports headers that callbacks cannot have, and answers with headers that the proxy gives backends.
pub(super) fn check(spots: &Spots<'_>, scheme: &Scheme, prefix: Option<&Prefix>) -> Option<()> {
    let texts = spots.texts_by_key();
    let mut are_fine = true;
    let mut seen: Vec<&HeaderName> = Vec::new();
    for name in scheme.headers() {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if let Some(text) = texts.iter().find_map(|(_, text)| naming(*text, name)) {
            are_fine &= check_of_callback(text, name, prefix);
        }
    }
    for (_, text) in texts.iter().filter(|(key, _)| is_selected(key, scheme)) {
        if let Ok(name) = HeaderName::from_bytes(text.text.as_bytes()) {
            are_fine &= check_of_callback(*text, &name, prefix);
        }
    }
    for name in scheme.rules().answer_headers() {
        let end = format!(".headers.{name}");
        let of_name = |key: &str| key.to_ascii_lowercase().ends_with(&end);
        let text = texts.iter().find(|(key, _)| of_name(key));
        if let (Some(prefix), Some((_, text))) = (prefix, text)
            && prefix.covers(name.as_str())
        {
            are_fine = false;
            let why = format!("headers that start with `{}` are for backends", prefix.text);
            let error = text.error("reserved header", why);
            error
                .help("name a header that the provider expects")
                .report::<()>();
        }
    }
    are_fine.then_some(())
}

/// The part of an expression that names the header.
fn naming<'a>(text: Text<'a>, name: &HeaderName) -> Option<Text<'a>> {
    let lower = text.text.to_ascii_lowercase();
    let starts = lower.match_indices(name.as_str()).map(|(at, _)| at);
    let is_whole = |at: &usize| {
        let before = lower.get(..*at).unwrap_or_default();
        let behind = lower.get(at.saturating_add(name.as_str().len())..);
        before.ends_with([':', ',', '\'', '"', ' '])
            && behind.is_some_and(|behind| {
                !behind.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
            })
    };
    let at = { starts }.find(is_whole)?;
    let part = text.text.get(at..at.saturating_add(name.as_str().len()))?;
    Some(text.marked_at(text.place_of(part, at)))
}

/// Whether a text is the name of a header in a selection of headers.
fn is_selected(key: &str, scheme: &Scheme) -> bool {
    let selections = &scheme.definition().selections;
    let of_headers = |named: Option<&str>| {
        selections.iter().any(|(name, selection)| {
            name.as_deref() == named && selection.from.as_deref() == Some("headers")
        })
    };
    let Some((selection, _)) = key
        .split_once(".names[")
        .or_else(|| key.split_once(".must_cover["))
    else {
        return false;
    };
    match selection.strip_prefix("selection.") {
        Some(name) => of_headers(Some(name)),
        None => selection == "fields" && of_headers(None),
    }
}
