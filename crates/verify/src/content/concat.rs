//! Parts of the callback, concatenated.

use std::borrow::Cow;

use super::sink::Sink;
use crate::presented::{HEADER, Presented, single};
use crate::reason::{At, Reason, Rejection};
use crate::scheme::Part;

/// Writes the parts; there is only one candidate.
pub(super) fn write(
    parts: &[Part],
    presented: &Presented<'_>,
    nth: usize,
    out: &mut impl Sink,
) -> Result<bool, Rejection> {
    if nth > 0 {
        return Ok(false);
    }
    for part in parts {
        match part {
            Part::Body => out.put(presented.callback.body),
            Part::Target => out.put(presented.callback.target),
            other => out.put_str(&text(other, presented)?),
        }
    }
    Ok(true)
}

/// A part as text.
pub(super) fn text<'p>(
    part: &'p Part,
    presented: &'p Presented<'_>,
) -> Result<Cow<'p, str>, Rejection> {
    let callback = &presented.callback;
    Ok(match part {
        Part::Text(text) => text.as_str().into(),
        Part::Method => callback.method.into(),
        Part::Target => std::str::from_utf8(callback.target)
            .map_err(|_| Rejection::from(Reason::TargetMalformed))?
            .into(),
        Part::Timestamp => {
            let timestamp = presented
                .timestamp
                .as_ref()
                .ok_or(Reason::TimestampMissing)?;
            timestamp.text.as_ref().into()
        }
        Part::Nonce => presented
            .nonce
            .as_deref()
            .ok_or(Reason::NonceMissing)?
            .into(),
        Part::KeyId => presented.key_id.ok_or(Reason::KeyIdMissing)?.into(),
        Part::Header(name) => single(callback.headers, name, &HEADER)?.into(),
        Part::Body => std::str::from_utf8(callback.body)
            .map_err(|error| Rejection::at(Reason::BodyNotUtf8, At::BodyByte(error.valid_up_to())))?
            .into(),
    })
}
