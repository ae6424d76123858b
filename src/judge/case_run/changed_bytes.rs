//! What becomes of a genuine request of which one byte is changed.

use http::{HeaderName, HeaderValue};

use super::case_steps::CaseSteps;
use super::verify_request;
use crate::config::{CaseRequest, SchemeCase};

/// The most changed requests of a case. Of a longer one, bytes at regular distances are changed.
const MAX_CHANGES: usize = 20_000;

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
    let step = bytes.div_ceil(MAX_CHANGES).max(1);
    let genuine = verdict(case, &case.request).unwrap_or_default();
    let mut table = ChangeTable {
        bytes,
        changed: 0,
        unnoticed: Vec::new(),
    };
    for place in &places {
        let mut last: Option<Unnoticed> = None;
        for at in (0..place.text.len()).step_by(step) {
            let Some(changed) = place.change(at, &case.request) else {
                continue;
            };
            table.changed = table.changed.saturating_add(1);
            let Some(signed) = verdict(case, &changed) else {
                continue;
            };
            let is_covered = place.is_covered || signed != genuine;
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

/// What was signed, if the request is genuine.
fn verdict(case: &SchemeCase, request: &CaseRequest) -> Option<Vec<u8>> {
    let mut steps = CaseSteps::default();
    let verified = verify_request(&case.ageless, request, case.at, &mut steps);
    verified.ok()?;
    Some(steps.signed().applied_to)
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
    let CaseRequest {
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
            is_covered: false,
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
    /// The request with the byte at `at` changed; `None` if it could not be sent.
    fn change(&self, at: usize, request: &CaseRequest) -> Option<CaseRequest> {
        let mut bytes = self.text.to_vec();
        let byte = bytes.get_mut(at)?;
        *byte ^= 1;
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
