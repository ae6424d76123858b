//! The second step: builds the exact bytes that the provider signed.
//!
//! A scheme may leave a detail open (the form of a number, a line separator). Then there are at
//! most two candidates, and the second is only built if it can differ.

mod concat;
mod java;
mod json_escape;
mod json_object;
mod sink;
mod sorted_fields;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::body::Charset;
use super::callback::Callback;
use super::memory::{MemoryBudget, Plenty, UNASKED};
use super::presented::{Presented, Unread};
use super::reason::{Rejection, VerifyError};
use super::scheme::{ContentDigest, Form, Scheme};
pub(super) use java::text_as_signed;
pub(super) use java::{write_json_number as write_number, write_value as write_java};
pub(super) use json_escape::hex;
pub(super) use sink::Sink;
use sink::{InCharset, TextSink};
pub(super) use sorted_fields::{
    compare, memory as sorting_memory, signed_fields, sort, write_field,
};

/// The order of two names by UTF-16 code units, as in Java and JavaScript.
pub(super) fn compare_utf16(a: &str, b: &str) -> std::cmp::Ordering {
    compare(a, b, super::scheme::NameOrder::Utf16)
}

/// The bytes that a provider signed: the text, or the hexadecimal digest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignedContent(Vec<u8>);

impl SignedContent {
    /// Builds candidate `nth`, counted from 0, in memory that stays reserved. `None` if there is
    /// none, or if it would equal the one before.
    pub(super) fn build(
        scheme: &Scheme,
        presented: &Presented<'_>,
        nth: usize,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Option<Self>, VerifyError> {
        let sorting = sorting(scheme, presented);
        memory.take(sorting)?;
        let content = match scheme.content.digest {
            None => {
                // A good estimate for every form: the body plus a few short values.
                let length = presented.callback.body.len().saturating_add(64);
                let mut text = TextSink::new(length, &mut *memory)?;
                let is_there = write(scheme, presented, nth, &mut text)?;
                text.finish(is_there)?.map(Self)
            }
            Some(ContentDigest::Md5Hex) => hexadecimal::<Md5>(scheme, presented, nth)?,
            Some(ContentDigest::Sha256Hex) => hexadecimal::<Sha256>(scheme, presented, nth)?,
        };
        memory.give(sorting);
        Ok(content)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// How many bytes sorting the fields takes.
fn sorting(scheme: &Scheme, presented: &Presented<'_>) -> usize {
    let is_large = presented.callback.body.len() > UNASKED;
    match &scheme.content.form {
        Form::SortedFields(_) if is_large => sorting_memory(&presented.body),
        _ => 0,
    }
}

/// Digests the text while it is written, so that a large body is never copied.
fn hexadecimal<D: Digest + Sink>(
    scheme: &Scheme,
    presented: &Presented<'_>,
    nth: usize,
) -> Result<Option<SignedContent>, Rejection> {
    let mut digest = D::new();
    if !write(scheme, presented, nth, &mut digest)? {
        return Ok(None);
    }
    let hex = digest
        .finalize()
        .iter()
        .flat_map(|byte| json_escape::hex(*byte, false))
        .collect();
    Ok(Some(SignedContent(hex)))
}

/// Writes candidate `nth` of the text; `false` if there is none.
fn write(
    scheme: &Scheme,
    presented: &Presented<'_>,
    nth: usize,
    out: &mut impl Sink,
) -> Result<bool, Rejection> {
    if scheme.charset == Charset::Utf8 {
        return write_form(scheme, presented, nth, out);
    }
    let mut out = InCharset {
        to: out,
        charset: scheme.charset,
        has_failed: false,
    };
    let is_there = write_form(scheme, presented, nth, &mut out)?;
    Ok(is_there && !out.has_failed)
}

fn write_form(
    scheme: &Scheme,
    presented: &Presented<'_>,
    nth: usize,
    out: &mut impl Sink,
) -> Result<bool, Rejection> {
    match &scheme.content.form {
        Form::SortedFields(form) => Ok(sorted_fields::write(
            form,
            &scheme.signature.source,
            presented,
            nth,
            out,
        )),
        Form::JsonObject(form) => json_object::write(form, presented, nth, out),
        Form::Concat(parts) => concat::write(parts, presented, nth, out),
    }
}

/// Every candidate of the text that a scheme signs for a callback, before any digest. For diagnosis
/// and tests; [`super::verify`] builds what it needs itself.
///
/// # Errors
/// If the callback lacks something that the scheme signs.
pub fn signed_text(scheme: &Scheme, callback: Callback<'_>) -> Result<Vec<Vec<u8>>, Rejection> {
    let unread = Unread::find(scheme, callback, scheme.body_format())?;
    let presented = unread.read(scheme, &mut Plenty);
    let presented = presented.map_err(VerifyError::of_plenty)?;
    let mut candidates = Vec::new();
    for nth in 0.. {
        let mut text = Vec::new();
        if !write(scheme, &presented, nth, &mut text)? {
            break;
        }
        candidates.push(text);
    }
    Ok(candidates)
}
