//! `check`: expressions on both sides.

use super::Spots;
use crate::config::reader::Value;

/// What must equal what.
pub(super) fn check<'a>(
    key: &str,
    value: Value<'a>,
    spots: &Spots<'a>,
) -> Option<Vec<(String, Vec<String>)>> {
    let pairs: Vec<_> = value
        .pairs()?
        .into_iter()
        .map(|(name, value)| {
            let key = format!("{key}.{}", name.text);
            spots.note(&key, name);
            let items = value.one_or_list()?;
            if items.is_empty() {
                return value
                    .error("empty list", "no callback would pass")
                    .help("list what the value may be")
                    .report();
            }
            let wanted: Vec<_> = items
                .into_iter()
                .enumerate()
                .map(|(nth, item)| spots.text(&format!("{key}[{nth}]"), item))
                .collect();
            let wanted: Option<Vec<_>> = wanted.into_iter().collect();
            Some((name.text.to_owned(), wanted?))
        })
        .collect();
    pairs.into_iter().collect()
}

/// Shapes of values. An error in an expression is shown under it, one in a pattern under that.
pub(super) fn shapes<'a>(
    key: &str,
    value: Value<'a>,
    spots: &Spots<'a>,
) -> Option<Vec<(String, String)>> {
    let pairs: Vec<_> = value
        .pairs()?
        .into_iter()
        .map(|(name, value)| {
            let key = format!("{key}.{}", name.text);
            let pattern = value.text()?;
            spots.note_place(&key, pattern.place);
            spots.note(&key, name);
            Some((name.text.to_owned(), pattern.text.to_owned()))
        })
        .collect();
    pairs.into_iter().collect()
}
