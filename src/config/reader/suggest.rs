//! Shows the operator's text in messages and suggests what was probably meant.

/// The most candidates compared with a mistyped name.
const MAX_CANDIDATES: usize = 2000;

/// The operator's text for use in a message: printable, in backticks, shortened, and hidden if it
/// could contain a secret key.
pub(in crate::config) fn quote(text: &str) -> String {
    const MAX: usize = 64;
    if looks_like_key(text) {
        return "`[...]`".to_owned();
    }
    let mut short: String = text
        .chars()
        .take(MAX)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(MAX).is_some() {
        short.push_str("...");
    }
    // Quotes need no escaping between backticks.
    format!("`{}`", short.replace("\\\"", "\"").replace("\\'", "'"))
}

/// Whether the text contains base64 long enough to be a secret key.
pub(in crate::config) fn looks_like_key(text: &str) -> bool {
    const MIN: usize = 64;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    text.split(|c| !is_base64(c)).any(|run| run.len() >= MIN)
}

/// The candidate of which the text is most likely a misspelling.
pub(in crate::config) fn similar<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = text.chars().count().max(3) / 3;
    within(limit, text, candidates)
}

/// The candidate that becomes the text if one letter is changed, missing or added, or two are swapped.
pub(in crate::config) fn misspelt_by_one<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    within(1, text, candidates)
}

fn within<'a>(
    limit: usize,
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = text.to_lowercase().replace('-', "_");
    let length = wanted.chars().count();
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| {
            let candidate_lower = candidate.to_lowercase().replace('-', "_");
            (strsim::osa_distance(&wanted, &candidate_lower), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names() {
        let keys = ["path", "path_prefix", "methods", "body_limit"];
        assert_eq!(similar("paht", keys), Some("path"));
        assert_eq!(similar("body-limit", keys), Some("body_limit"));
        assert_eq!(similar("Method", keys), Some("methods"));
        assert_eq!(similar("pathprefix", keys), Some("path_prefix"));
        assert_eq!(similar("zzz", keys), None);
        assert_eq!(similar("", keys), None);
    }

    #[test]
    fn quoted_text_is_short_printable_and_no_key() {
        assert_eq!(quote("it's \"x\"\u{1b}[31m"), "`it's \"x\"\\u{1b}[31m`");
        assert_eq!(
            quote(&"a b ".repeat(30)),
            format!("`{}...`", "a b ".repeat(16))
        );
        assert_eq!(quote(&format!("x {}", "MIIB".repeat(16))), "`[...]`");
    }
}
