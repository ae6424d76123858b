//! What a verification shows of itself.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::guarded::{GuardedText, Revealing};
use super::opened_signature_words::hex;
use crate::judge::Steps;
use crate::verify::{CallbackValue, Key, VerifySteps};

/// What a verification showed, with the real keys. Its contents may hold secrets: nothing here is shown.
#[derive(Default)]
pub(super) struct Watched {
    pub(super) found: Vec<(CallbackValue, Vec<u8>)>,
    pub(super) built: Vec<Built>,
    pub(super) tried: Vec<TriedKey>,
    /// What the signatures would have been; empty without the permission to show it.
    pub(super) expected: Vec<GuardedText>,
    reveals: Option<Revealing>,
    /// When it was signed, if the signature fits.
    pub(super) signed_at: Option<i64>,
}

/// A content that was built.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Built {
    /// What the algorithm was applied to.
    pub(super) applied_to: Vec<u8>,
    /// What the scheme's `signed` was applied to, if there is one.
    pub(super) text: Option<Vec<u8>>,
}

impl Built {
    /// As the provider's documentation shows it.
    pub(super) fn text(&self) -> &[u8] {
        self.text.as_deref().unwrap_or(&self.applied_to)
    }
}

/// A key that was tried over a content.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TriedKey {
    pub(super) id: String,
    /// The content, by its place in the list.
    pub(super) content: usize,
    pub(super) matches: bool,
}

impl Watched {
    /// One that keeps what a signature should have been, if that may be shown.
    pub(super) fn revealing(permission: Option<Revealing>) -> Self {
        Self {
            reveals: permission,
            ..Self::default()
        }
    }

    /// What was found in this role.
    pub(super) fn values(&self, role: CallbackValue) -> impl Iterator<Item = &[u8]> {
        let found = self.found.iter();
        let found = found.filter(move |(what, _)| *what == role);
        found.map(|(_, value)| value.as_slice())
    }

    /// When the callback says that it was signed.
    pub(super) fn timestamp(&self) -> Option<i64> {
        let text = self.values(CallbackValue::Timestamp).next()?;
        std::str::from_utf8(text).ok()?.parse().ok()
    }
}

impl VerifySteps for Watched {
    fn found(&mut self, what: CallbackValue, value: &[u8]) {
        let value = (what, value.to_vec());
        if !self.found.contains(&value) {
            self.found.push(value);
        }
    }

    fn built(&mut self, applied_to: &[u8], text: impl FnOnce() -> Option<Vec<u8>>) {
        let built = Built {
            applied_to: applied_to.to_vec(),
            text: text(),
        };
        if self.built.last() != Some(&built) {
            self.built.push(built);
        }
    }

    fn tried(&mut self, key: &Key, matches: bool) {
        self.tried.push(TriedKey {
            id: key.id().to_owned(),
            content: self.built.len().saturating_sub(1),
            matches,
        });
    }

    fn expected(&mut self, make: impl FnOnce() -> Option<Vec<u8>>) {
        if self.reveals.is_none() {
            return;
        }
        if let Some(made) = make() {
            let (hex, base64) = (hex(&made), STANDARD.encode(&made));
            let text = GuardedText::new(format!("{hex} in hexadecimal, {base64} in base64"));
            if !self.expected.contains(&text) {
                self.expected.push(text);
            }
        }
    }

    fn time(&mut self, signed: i64, _: i64, _: Option<Duration>) {
        self.signed_at = Some(signed);
    }
}

impl Steps for Watched {}
