//! Judges by its answer whether a backend accepted a callback.
//!
//! A 2xx status is not enough: many backends answer 200 and write `fail` when they could not book.
//! Whoever acts on the outcome asks [`SuccessRule::is_success`] and nothing else. It is pure, and
//! needs at most [`MAX_BODY`] bytes of an answer.

mod answer_body;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use http::{HeaderMap, header};

pub use answer_body::{ExpectedMember, Literal};

/// The longest body that is examined, in bytes.
pub const MAX_BODY: usize = 64 << 10;

/// The statuses that can be a success.
pub const STATUSES: RangeInclusive<u16> = 200..=299;

/// Which answers count as success. By default: every 2xx.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuccessRule {
    /// Bodies that tell a provider that the callback was not accepted, whatever the status.
    pub failure: Vec<String>,
    /// If set, only these answers are a success.
    pub only: Option<Success>,
}

/// The answers that a route counts as success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// The statuses, within [`STATUSES`].
    pub status: RangeInclusive<u16>,
    /// The accepted bodies. If both this and `json` are empty, any body will do.
    pub body: Vec<String>,
    /// The members that a JSON body must have: all of these.
    pub json: Vec<ExpectedMember>,
}

impl SuccessRule {
    /// Whether any answer is judged by its body.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        !self.failure.is_empty() || self.only.as_ref().is_some_and(Success::reads_body)
    }

    /// Whether the verdict on an answer with this status and these headers depends on its body.
    #[must_use]
    pub fn depends_on_body(&self, status: u16, headers: &HeaderMap) -> bool {
        self.reads_body() && self.takes_status(status) && !is_encoded(headers)
    }

    /// Whether an answer is a success. `body` is the whole body, or `None` if it is longer than
    /// [`MAX_BODY`] or [does not matter](Self::depends_on_body).
    #[must_use]
    pub fn is_success(&self, status: u16, headers: &HeaderMap, body: Option<&[u8]>) -> bool {
        if !self.takes_status(status) {
            return false;
        }
        let readable = |body: &&[u8]| body.len() <= MAX_BODY && !is_encoded(headers);
        let body = body.filter(readable);
        if body.is_some_and(|body| answer_body::is_failure(body, &self.failure)) {
            return false;
        }
        match self.only.as_ref().filter(|only| only.reads_body()) {
            Some(only) => body.is_some_and(|body| only.takes_body(body)),
            None => true,
        }
    }

    fn takes_status(&self, status: u16) -> bool {
        match &self.only {
            Some(only) => only.status.contains(&status),
            None => STATUSES.contains(&status),
        }
    }
}

impl Success {
    fn reads_body(&self) -> bool {
        !self.body.is_empty() || !self.json.is_empty()
    }

    fn takes_body(&self, body: &[u8]) -> bool {
        answer_body::is_one_of(body, &self.body) || answer_body::has_all(body, &self.json)
    }
}

/// Whether the body is compressed or otherwise encoded, so that its bytes are not its text.
fn is_encoded(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    codings.any(|coding| {
        let coding = coding.trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    })
}
