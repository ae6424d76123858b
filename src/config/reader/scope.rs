//! Where a value comes from, and what its key declares about it.

use crate::config::diagnostic::{Place, Problems};
use crate::config::document::Document;
use crate::config::keys::{Holds, Setting, ValueKind};

/// Where a value comes from and where its problems go.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Scope<'a> {
    pub(in crate::config) document: &'a Document<'a>,
    pub(in crate::config) problems: &'a Problems,
    /// How values of the key hold a path or a secret.
    pub(super) holds: Option<Holds>,
    /// The kind of value that the key takes.
    pub(super) kind: Option<&'static ValueKind>,
    /// The place of the table that lacks the key, if the value is a default.
    pub(super) absent_at: Option<Place>,
}

impl<'a> Scope<'a> {
    /// The scope of a document, before any key.
    pub(super) const fn new(document: &'a Document<'a>, problems: &'a Problems) -> Self {
        Self {
            document,
            problems,
            holds: None,
            kind: None,
            absent_at: None,
        }
    }

    /// The scope of a key's value.
    pub(super) fn of(self, setting: Option<&'static Setting>) -> Self {
        Self {
            holds: setting.and_then(|setting| setting.holds),
            kind: setting.map(|setting| &setting.kind),
            ..self
        }
    }

    /// The first result of the function for the kinds of value that the key takes.
    pub(super) fn pick<T>(&self, find: impl Fn(&'static ValueKind) -> Option<T>) -> Option<T> {
        self.kind?.pick(&find)
    }
}
