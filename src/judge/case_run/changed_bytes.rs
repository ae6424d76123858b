//! What becomes of a genuine request of which one byte is changed.

use http::{HeaderName, HeaderValue};

use super::case_steps::CaseSteps;
use super::verify_request;
use crate::config::SchemeCase;
use crate::verify::body::FieldPath;
use crate::written_request::WrittenRequest;

/// The most changed requests of a case. Of a longer one, bytes at regular distances are changed.
const MAX_CHANGES: usize = 20_000;

/// The most bytes of all changed requests together, but for a few of each: a long one takes as long to be
/// verified.
const MAX_BYTES: usize = 64 << 20;

/// As many are changed in any case.
const MIN_CHANGES: usize = 32;

/// The bit by which a byte becomes its neighbour, and that by which a letter gets the other case.
const NEXT: u8 = 0x01;
const OTHER_CASE: u8 = 0x20;

/// What became of changed bytes: of the body, the target and the headers, as far as the scheme reads
/// them.
#[derive(Debug)]
pub struct ChangeTable {
    /// How many bytes there are.
    pub bytes: usize,
    /// How many were changed, each in a request of its own.
    pub changed: usize,
    /// The changes that did not make the request invalid.
    pub unnoticed: Vec<Unnoticed>,
}

/// Bytes in a row that can be changed without being noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnoticed {
    /// Where they are.
    pub part: ChangedPart,
    /// The first one, counted from 0.
    pub from: usize,
    /// The first one behind them.
    pub to: usize,
    /// They.
    pub text: Vec<u8>,
    /// Whether the signature must cover them: the case then fails.
    pub is_covered: bool,
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedPart {
    /// The path and query.
    Target,
    /// A value of a header.
    Header(HeaderName),
    /// The body.
    Body,
}

/// Changes each byte in turn. The age of the request does not matter, so that only the signature
/// notices another timestamp.
pub(super) fn change_each(case: &SchemeCase) -> ChangeTable {
    let places = places(case);
    let bytes = places.iter().map(|place| place.text.len()).sum::<usize>();
    let most = MAX_BYTES.checked_div(bytes.saturating_mul(2));
    let most = most.unwrap_or_default().clamp(MIN_CHANGES, MAX_CHANGES);
    let step = bytes.div_ceil(most).max(1);
    let genuine = verdict(case, &case.request).unwrap_or_default();
    let mut table = ChangeTable {
        bytes,
        changed: 0,
        unnoticed: Vec::new(),
    };
    for place in &places {
        let mut last: Option<Unnoticed> = None;
        for at in (0..place.text.len()).step_by(step) {
            let Some(changed) = place.change(at, NEXT, &case.request) else {
                continue;
            };
            table.changed = table.changed.saturating_add(1);
            let taken = verdict(case, &changed);
            let is_next = taken.is_some();
            let is_forged = |taken: SignedRequest| place.is_covered || !genuine.is_same(&taken);
            // The case of a letter is a matter of spelling, unless the signature must cover it.
            let other_case = || verdict(case, &place.change(at, OTHER_CASE, &case.request)?);
            let is_covered = taken.is_some_and(is_forged) || other_case().is_some_and(is_forged);
            if !is_next && !is_covered {
                continue;
            }
            let to = at.saturating_add(step).min(place.text.len());
            match &mut last {
                Some(last) if last.to == at && last.is_covered == is_covered => last.to = to,
                _ => {
                    table.unnoticed.extend(last.take());
                    last = Some(Unnoticed {
                        part: place.part.clone(),
                        from: at,
                        to,
                        text: Vec::new(),
                        is_covered,
                    });
                }
            }
        }
        table.unnoticed.extend(last);
        for one in &mut table.unnoticed {
            if one.text.is_empty() && one.part == place.part {
                let text = place.text.get(one.from..one.to);
                one.text = text.unwrap_or_default().to_vec();
            }
        }
    }
    table
}

/// What is certain of a genuine request.
#[derive(Default)]
struct SignedRequest {
    content: Vec<u8>,
    /// The fields whose values the signature covers.
    fields: Vec<(String, String)>,
}

impl SignedRequest {
    /// Whether the other one has the same signed text, and no covered field with another value. A field
    /// may be there under another name, where values are signed without theirs: `-t` warns of that.
    fn is_same(&self, other: &Self) -> bool {
        let keeps = |(name, value): &(String, String)| {
            let mut others = other.fields.iter();
            others.all(|(other, text)| !other.eq_ignore_ascii_case(name) || text == value)
        };
        self.content == other.content && self.fields.iter().all(keeps)
    }
}

/// What was signed, if the request is genuine.
fn verdict(case: &SchemeCase, request: &WrittenRequest) -> Option<SignedRequest> {
    let mut steps = CaseSteps::default();
    let verified = verify_request(&case.ageless, request, case.at, &mut steps).ok()?;
    let scheme = verified.scheme();
    let coverage = scheme.rules().coverage();
    let mut fields = Vec::new();
    if !coverage.covers_raw_body() && coverage.covers_body() {
        for (name, field) in verified.body().fields() {
            let path = FieldPath::of_top_level(&name);
            let is_covered = path.is_some_and(|path| coverage.covers_field(&path))
                && !scheme.leaves_out(&name, field);
            // Whether a field is there empty may be unsigned, which the scheme's gaps tell.
            let text = verified.text_as_signed(field);
            let text = text.filter(|text| is_covered && !text.is_empty());
            fields.extend(text.map(|text| (name.into_owned(), text.into_owned())));
        }
    }
    drop(verified);
    Some(SignedRequest {
        content: steps.signed().applied_to,
        fields,
    })
}

/// Bytes of a request.
struct ChangedPlace<'a> {
    part: ChangedPart,
    /// Which of the header's values it is.
    nth: usize,
    text: &'a [u8],
    /// Whether the scheme's signature covers every byte of it.
    is_covered: bool,
}

/// What the scheme reads.
fn places(case: &SchemeCase) -> Vec<ChangedPlace<'_>> {
    let WrittenRequest {
        target,
        headers,
        body,
        ..
    } = &case.request;
    let scheme = &case.policy.scheme;
    let coverage = scheme.rules().coverage();
    let mut places = Vec::new();
    if scheme.reads_target() {
        places.push(ChangedPlace {
            part: ChangedPart::Target,
            nth: 0,
            text: target,
            is_covered: coverage.covers_target(),
        });
    }
    let mut names: Vec<&HeaderName> = scheme.headers().collect();
    names.sort_unstable_by_key(|name| name.as_str());
    names.dedup();
    for name in names {
        let values = headers.get_all(name).iter().enumerate();
        places.extend(values.map(|(nth, value)| ChangedPlace {
            part: ChangedPart::Header(name.clone()),
            nth,
            text: value.as_bytes(),
            is_covered: coverage.covers_header(name),
        }));
    }
    places.push(ChangedPlace {
        part: ChangedPart::Body,
        nth: 0,
        text: body,
        is_covered: coverage.covers_raw_body(),
    });
    places
}

impl ChangedPlace<'_> {
    /// The request with bits of the byte at `at` changed; `None` if it could not be sent.
    fn change(&self, at: usize, bits: u8, request: &WrittenRequest) -> Option<WrittenRequest> {
        let mut bytes = self.text.to_vec();
        let byte = bytes.get_mut(at)?;
        *byte ^= bits;
        let byte = *byte;
        let mut changed = request.clone();
        match &self.part {
            ChangedPart::Target => {
                let can_be_sent = at > 0 && byte.is_ascii_graphic() && byte != b'#';
                changed.target = can_be_sent.then_some(bytes)?;
            }
            ChangedPart::Header(name) => {
                let value = HeaderValue::from_bytes(&bytes).ok()?;
                let can_be_sent = value.as_bytes().trim_ascii() == value.as_bytes();
                let mut values = changed
                    .headers
                    .get_all(name)
                    .iter()
                    .cloned()
                    .collect::<Vec<_>>();
                *values.get_mut(self.nth)? = can_be_sent.then_some(value)?;
                changed.headers.remove(name);
                for value in values {
                    changed.headers.append(name.clone(), value);
                }
            }
            ChangedPart::Body => changed.body = bytes.into(),
        }
        Some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(content: &str, fields: &[(&str, &str)]) -> SignedRequest {
        let field = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        SignedRequest {
            content: content.as_bytes().to_vec(),
            fields: fields.iter().map(field).collect(),
        }
    }

    #[test]
    fn what_the_signature_covers_stays_whatever_was_changed() {
        let genuine = signed("7|10.00", &[("id", "7"), ("sum", "10.00")]);
        for same in [
            signed("7|10.00", &[("sum", "10.00"), ("id", "7")]),
            signed("7|10.00", &[("ID", "7"), ("sum", "10.00"), ("note", "x")]),
            signed("7|10.00", &[("id", "7"), ("sun", "10.00")]),
        ] {
            assert!(genuine.is_same(&same));
        }
        for other in [
            signed("7|10.01", &[("id", "7"), ("sum", "10.00")]),
            signed("7|10.00", &[("id", "7"), ("sum", "10.01")]),
        ] {
            assert!(!genuine.is_same(&other));
        }
    }
}
