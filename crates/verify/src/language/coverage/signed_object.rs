//! The objects of a body whose members the signature covers one by one.

use super::Coverage;
use super::field_set::FieldSet;
use super::field_steps::FieldSteps;
use crate::body::{Body, Field, FieldPath, Fields};
use crate::json::JsonValue;
use crate::language::selection::NamePattern;
use crate::twins::folded;

/// An object of the body whose members the signature covers one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedObject {
    /// Where it is; `None` is the body, or each item.
    path: Option<FieldPath>,
    /// The members that are written by their names.
    names: Vec<WrittenName>,
}

/// A name, or the beginning of names, and what others read in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WrittenName {
    pattern: NamePattern,
    /// By readers that ignore case, and end it at a NUL.
    folded: String,
    /// By PHP, in lower case.
    in_php: String,
}

impl SignedObject {
    pub(super) fn at(steps: Vec<String>) -> Self {
        Self {
            path: (!steps.is_empty()).then(|| FieldPath::of_steps(steps)),
            names: Vec::new(),
        }
    }

    /// Adds the members that are written by their names.
    pub(super) fn add_names<'s>(&mut self, written: impl Iterator<Item = &'s FieldSet>) {
        let patterns = written.flat_map(|set| set.named_members(self.steps()));
        self.names = patterns
            .map(|pattern| WrittenName {
                folded: folded(pattern.text()),
                in_php: php_name(pattern.text()).to_lowercase(),
                pattern,
            })
            .collect();
    }

    /// Whether a name is read as one of those. Under its own name, it is left out for its value.
    fn names_read_as(&self, name: &str, read: &str, of: fn(&WrittenName) -> &String) -> bool {
        let mut names = self.names.iter();
        names.any(|known| {
            known.pattern.begins_alike(read, of(known)) && !known.pattern.fits(name, false)
        })
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

    /// Whether some reader takes a member that is left out for one that is written if it is there: by
    /// another case, by what stands behind a NUL, or, in forms, as PHP reads names.
    pub(crate) fn may_be_read_as_signed(
        &self,
        object: &SignedObject,
        name: &str,
        is_form: bool,
    ) -> bool {
        if !is_form {
            return object.names_read_as(name, &folded(name), |known| &known.folded);
        }
        is_read_in_form(object, &self.written, name)
    }

    /// Whether the signature leaves out a parameter of the query that some reader takes for one that it
    /// covers.
    pub(crate) fn is_parameter_read_as_signed(&self, name: &str) -> bool {
        let Some(object) = &self.parameters else {
            return false;
        };
        let steps = FieldSteps::member(&[], name);
        let mut written = self.written_parameters.iter();
        let is_left_out = written.any(|sets| !sets.iter().any(|set| set.writes_some(steps)));
        is_left_out && is_read_in_form(object, &self.written_parameters, name)
    }

    /// Whether a parameter that the signature covers is an element of the same list as another one. Then nobody
    /// takes the other one for the list itself, nor for that element, if more than letter case differs.
    pub(crate) fn is_signed_element_beside(&self, signed: &str, other: &str) -> bool {
        let are_elements = signed.contains('[') && other.contains('[');
        let steps = FieldSteps::member(&[], signed);
        let mut written = self.written_parameters.iter();
        are_elements
            && folded(signed) != folded(other)
            && php_name(signed) == php_name(other)
            && written.all(|sets| sets.iter().any(|set| set.writes_some(steps)))
    }

    /// Whether it covers parameters of the query one by one.
    pub(crate) const fn signs_parameters(&self) -> bool {
        self.parameters.is_some()
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

/// Whether PHP, or a reader that ignores case, takes a name for one of those.
fn is_read_in_form(object: &SignedObject, written: &[Vec<FieldSet>], name: &str) -> bool {
    let read = php_name(name);
    let lower = read.to_lowercase();
    let steps = FieldSteps::member(object.steps(), &read);
    let mut sets = written.iter().flatten();
    object.names_read_as(name, &lower, |known| &known.in_php)
        || read != name && sets.any(|set| set.writes_some(steps))
}

/// What PHP makes of the name of a form's field: without the spaces before it, the last step of
/// `a[b]` left out, and ` ` and `.` as `_`.
fn php_name(name: &str) -> String {
    let name = name.trim_start_matches(' ');
    let end = name.find(['[', '\0']).unwrap_or(name.len());
    name.get(..end).unwrap_or(name).replace([' ', '.'], "_")
}
