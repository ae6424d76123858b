//! Which members of a body's objects the signature covers one by one.

use std::collections::BTreeSet;

use crate::body::{Body, FieldPath, Fields};
use crate::json::JsonValue;

/// An object of the body whose members the signature covers one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedObject {
    /// Where it is; `None` is the body, or each item.
    pub(super) path: Option<FieldPath>,
}

/// What one content covers of the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentReach {
    /// All of it, but for top-level members with these names.
    pub(super) whole: Option<Vec<String>>,
    /// These fields, and what is in them.
    pub(super) fields: Vec<FieldPath>,
    /// Whatever these selections write.
    pub(super) selections: BTreeSet<usize>,
}

impl SignedObject {
    /// Its members.
    pub(crate) fn members<'d, 'a>(
        &self,
        body: &'d Body<'a>,
        item: Option<JsonValue<'d, 'a>>,
    ) -> Option<Fields<'d, 'a>> {
        match (&self.path, item) {
            (None, None) => Some(body.fields()),
            (path, item) => {
                let root = item.or_else(|| body.as_json())?;
                let object = match path {
                    Some(path) => path.find(root)?,
                    None => root,
                };
                object.is_object().then(|| Fields::of_object(object))
            }
        }
    }
}
