//! Status codes of answers.

use std::ops::RangeInclusive;

use crate::config::reader::Value;

/// One status, or the first and last of a range, within the key's range.
pub(super) fn statuses(value: Value<'_>) -> Option<RangeInclusive<u16>> {
    if !value.is_text() {
        let status = value.integer()?;
        return Some(status..=status);
    }
    let (least, most) = value.status_range()?;
    let text = value.text()?;
    let (first, last) = text.text.split_once('-').unwrap_or((text.text, text.text));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last))
            if least <= first.into() && first <= last && u64::from(last) <= most =>
        {
            Some(first..=last)
        }
        _ => text
            .error(
                "invalid status",
                format!("it is neither a status from {least} to {most} nor a range of them"),
            )
            .help(format!(
                "write `200`, or the first and the last: `\"200-{}\"`",
                most.min(399)
            ))
            .report(),
    }
}
