//! The objects of a body whose members the signature covers one by one.

use super::Coverage;
use super::field_steps::FieldSteps;
use crate::body::{Body, Field, FieldPath, Fields};
use crate::json::JsonValue;

/// An object of the body whose members the signature covers one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedObject {
    /// Where it is; `None` is the body, or each item.
    path: Option<FieldPath>,
}

impl SignedObject {
    pub(super) fn at(steps: Vec<String>) -> Self {
        Self {
            path: (!steps.is_empty()).then(|| FieldPath::of_steps(steps)),
        }
    }

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

    fn steps(&self) -> &[String] {
        self.path.as_ref().map_or(&[], FieldPath::steps)
    }
}

impl Coverage {
    /// The objects whose members it covers one by one.
    pub(crate) fn signed_objects(&self) -> &[SignedObject] {
        &self.signed_objects
    }

    /// Whether it leaves out a member of such an object, with all that is in it, in one way to build
    /// the content at least.
    pub(crate) fn leaves_out(
        &self,
        object: &SignedObject,
        name: &str,
        field: Field<'_, '_>,
    ) -> bool {
        let steps = FieldSteps::member(object.steps(), name);
        let mut written = self.written.iter();
        written.any(|sets| {
            let mut sets = sets.iter();
            !sets.any(|set| set.writes(steps, field) || set.leads_into(steps))
        })
    }
}
