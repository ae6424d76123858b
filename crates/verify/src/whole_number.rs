//! Whole numbers, in one spelling.

/// One spelling per number: `+5`, `05` and `5 ` are refused, because no signer writes them and
/// parsers disagree on them.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}
