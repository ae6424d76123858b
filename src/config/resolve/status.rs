//! Statuses of answers.

use std::ops::RangeInclusive;

use crate::config::reader::Value;

/// One status, or the first and the last, out of those that there may be.
pub(super) fn statuses(
    value: Value<'_>,
    allowed: RangeInclusive<u16>,
) -> Option<RangeInclusive<u16>> {
    let (least, most) = (*allowed.start(), *allowed.end());
    if !value.is_text() {
        let range = u64::from(least)..=u64::from(most);
        let status = u16::try_from(value.integer(range)?).ok()?;
        return Some(status..=status);
    }
    let text = value.text()?;
    let (first, last) = text.text.split_once('-').unwrap_or((text.text, text.text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if least <= first && first <= last && last <= most => {
            Some(first..=last)
        }
        _ => text
            .error(
                "invalid status",
                format!("it is no status from {least} to {most}, nor a range of them"),
            )
            .help(format!(
                "write `200`, or the first and the last: `\"200-{}\"`",
                most.min(399)
            ))
            .report(),
    }
}
