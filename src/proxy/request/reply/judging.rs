//! Judging an answer while it arrives, until it is known whether it is a success.

use bytes::{Bytes, BytesMut};
use pingora::http::ResponseHeader;

use crate::success::{MAX_BODY, SuccessRule};

/// The judgement of an answer while it arrives. Keeps only the part of its body that the verdict
/// needs, which is nothing on most routes.
pub(super) struct Judging<'r> {
    rule: &'r SuccessRule,
    verdict: Option<bool>,
    /// Everything received so far, while there is no verdict.
    body: BytesMut,
}

impl<'r> Judging<'r> {
    pub(in crate::proxy) fn new(rule: &'r SuccessRule, answer: &ResponseHeader) -> Self {
        let mut judging = Self {
            rule,
            verdict: None,
            body: BytesMut::new(),
        };
        if !rule.depends_on_body(answer.status.as_u16(), &answer.headers) {
            judging.settle(answer, None);
        }
        judging
    }

    /// Whether it is a success; `None` while that depends on bytes that are still to come.
    pub(in crate::proxy) const fn verdict(&self) -> Option<bool> {
        self.verdict
    }

    /// Adds a part of the body.
    pub(in crate::proxy) fn add(&mut self, answer: &ResponseHeader, part: &Bytes) {
        if self.verdict.is_some() {
            return;
        }
        if self.body.len().saturating_add(part.len()) > MAX_BODY {
            self.body = BytesMut::new();
            self.settle(answer, None);
        } else {
            self.body.extend_from_slice(part);
        }
    }

    /// The verdict, once the body is complete.
    pub(in crate::proxy) fn end(mut self, answer: &ResponseHeader) -> bool {
        let body = std::mem::take(&mut self.body);
        self.verdict
            .unwrap_or_else(|| self.settle(answer, Some(&body)))
    }

    fn settle(&mut self, answer: &ResponseHeader, body: Option<&[u8]>) -> bool {
        let status = answer.status.as_u16();
        let verdict = self.rule.is_success(status, &answer.headers, body);
        self.verdict = Some(verdict);
        verdict
    }
}
