//! A one-line JSON object with members in a fixed order.

use super::concat::text;
use super::json_escape::write_string;
use super::sink::Sink;
use crate::presented::Presented;
use crate::reason::Rejection;
use crate::scheme::{JsonEscape, JsonObject};

/// The first bytes of U+2028 and U+2029, the only characters in which the candidates can differ.
const LINE_SEPARATORS: &[u8] = b"\xE2\x80";

/// Writes candidate `nth`; `false` if there is none.
pub(super) fn write(
    form: &JsonObject,
    presented: &Presented<'_>,
    nth: usize,
    out: &mut impl Sink,
) -> Result<bool, Rejection> {
    let Some(&escape) = form.escapes.get(nth) else {
        return Ok(false);
    };
    if nth > 0 && !can_differ(escape, form, presented) {
        return Ok(false);
    }
    out.put(b"{");
    for (place, member) in form.members.iter().enumerate() {
        out.put(if place > 0 { b",\"" } else { b"\"" });
        out.put_str(&member.name);
        out.put(b"\":");
        let value = text(&member.value, presented)?;
        if member.number {
            out.put_str(&value);
        } else {
            write_string(&value, escape, out);
        }
    }
    out.put(b"}");
    Ok(true)
}

/// Whether another escape style could give other bytes. Jackson's also differs in control
/// characters, so it is always tried.
fn can_differ(escape: JsonEscape, form: &JsonObject, presented: &Presented<'_>) -> bool {
    if escape == JsonEscape::Jackson || form.escapes.contains(&JsonEscape::Jackson) {
        return true;
    }
    form.members.iter().any(|member| {
        text(&member.value, presented).is_ok_and(|value| {
            value
                .as_bytes()
                .windows(2)
                .any(|pair| pair == LINE_SEPARATORS)
        })
    })
}
