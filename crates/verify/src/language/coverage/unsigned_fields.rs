//! Finds values of a body that the signature does not cover.

use std::borrow::Cow;

use super::Coverage;
use super::covered_parts::CoveredParts;
use super::field_steps::FieldSteps;
use super::signed_object::SignedObject;
use crate::body::{Body, Field, FieldPath};
use crate::json::{JsonKind, JsonValue, pointer};

/// A step to the items that are signed each: every element.
const EVERY: &str = "*";

impl Coverage {
    /// Whether values of the body can be left out of what is signed, where it covers any one by one.
    #[must_use]
    pub fn may_leave_out_fields(&self) -> bool {
        let takes_all = |parts: &CoveredParts| {
            let mut sets = parts.written.iter();
            self.each.is_none() && sets.any(|set| set.takes_all_but(&self.unsigned_values))
        };
        self.signs_one_by_one() && !self.every(|parts| parts.body || takes_all(parts))
    }

    /// Whether it leaves out a top-level field of the body, and all that is in it. What the scheme
    /// reads its values from does not count: it need not be signed.
    #[must_use]
    pub fn leaves_out_field(&self, name: &str, field: Field<'_, '_>) -> bool {
        let is_read = |known: &Vec<String>| known.first().is_some_and(|first| first == name);
        self.each.is_none()
            && self.signs_one_by_one()
            && !self.unsigned_values.iter().any(is_read)
            && self.leaves_out(&SignedObject::at(Vec::new()), name, field)
    }

    /// Whether it leaves out the value at the end of a path, or the body has none there. If only a
    /// part of an object or a list is signed, all of it counts as signed here.
    #[must_use]
    pub fn leaves_out_value(&self, path: &FieldPath, body: &Body<'_>) -> bool {
        if !self.signs_one_by_one() {
            return false;
        }
        let mut parts = self.parts.iter().filter(|parts| !parts.body);
        parts.any(|parts| !self.has_value(parts, path.steps(), body))
    }

    /// The first value that it leaves out: the name of a top-level field, or a JSON Pointer.
    #[must_use]
    pub fn find_unsigned(&self, body: &Body<'_>) -> Option<String> {
        if !self.may_leave_out_fields() {
            return None;
        }
        let mut parts = self.parts.iter().filter(|parts| !parts.body);
        parts.find_map(|parts| {
            let mut search = UnsignedSearch {
                parts,
                read: &self.unsigned_values,
                path: Vec::new(),
                start: 0,
            };
            let is_found = match &self.each {
                None => body
                    .fields()
                    .any(|(name, field)| search.is_unsigned(&name, field)),
                Some(each) => body
                    .as_json()
                    .is_some_and(|root| search.finds_beside_items(root, each)),
            };
            is_found.then(|| match search.path.as_slice() {
                [name] => name.clone(),
                _ => FieldPath::of_steps(search.path).to_string(),
            })
        })
    }

    fn signs_one_by_one(&self) -> bool {
        !self.signed_objects.is_empty()
    }

    /// Whether the value at the end of these steps is written, or an object or a list that it is in.
    fn has_value(&self, parts: &CoveredParts, steps: &[String], body: &Body<'_>) -> bool {
        let each = self.each.as_deref().unwrap_or_default();
        let begins = steps.len() > each.len()
            && each.iter().zip(steps).all(|(item, step)| {
                item == step || item == EVERY && pointer::array_index(step).is_some()
            });
        let inner = steps.get(each.len()..).filter(|_| begins);
        let length = inner.map_or(0, <[String]>::len);
        let mut ends = 1..=length;
        ends.any(|end| {
            let inner = inner.and_then(|inner| inner.get(..end)).unwrap_or_default();
            let on_the_way = steps
                .get(..each.len().saturating_add(end))
                .unwrap_or_default();
            let steps = FieldSteps::from(inner);
            let is_last = end == length;
            let value = find(body, on_the_way);
            value.is_some_and(|value| {
                let is_whole = is_last && value.is_container();
                let mut sets = parts.written.iter();
                let mut read = self.unsigned_values.iter();
                read.any(|known| steps.begin_with(known) || is_whole && steps.lead_to(known))
                    || sets.any(|set| set.writes(steps, value) || is_whole && set.leads_into(steps))
            })
        })
    }
}

fn find<'d>(body: &'d Body<'_>, steps: &[String]) -> Option<Field<'d, 'd>> {
    if let [name] = steps {
        return body.field(name);
    }
    let step = |value: JsonValue<'d, 'd>, step: &String| {
        value
            .get(step)
            .or_else(|| value.at(pointer::array_index(step)?))
    };
    steps
        .iter()
        .try_fold(body.as_json()?, step)
        .map(Field::Json)
}

/// The search for a value that one way to build the content leaves out.
struct UnsignedSearch<'c> {
    parts: &'c CoveredParts,
    /// What the scheme reads its values from.
    read: &'c [Vec<String>],
    /// The way to the value that is looked at, and to the one that is found.
    path: Vec<String>,
    /// How many steps lead to the item that is signed.
    start: usize,
}

impl UnsignedSearch<'_> {
    /// Whether the signature leaves out a member of the object at the path, or something in it.
    fn is_unsigned(&mut self, name: &str, field: Field<'_, '_>) -> bool {
        let object = self.path.get(self.start..).unwrap_or_default();
        let steps = FieldSteps::member(object, name);
        let mut sets = self.parts.written.iter();
        let mut read = self.read.iter();
        if sets.clone().any(|set| set.writes(steps, field))
            || read.clone().any(|known| steps.begin_with(known))
        {
            return false;
        }
        let is_partly_signed =
            sets.any(|set| set.leads_into(steps)) || read.any(|known| steps.lead_to(known));
        self.path.push(name.to_owned());
        match field.as_json().filter(|_| is_partly_signed) {
            // An empty one is signed in no part.
            Some(value) if field.is_container() && !value.is_empty() => {
                let is_found = self.is_unsigned_inside(value);
                if !is_found {
                    self.path.pop();
                }
                is_found
            }
            _ => true,
        }
    }

    /// The parser bounds the depth.
    fn is_unsigned_inside(&mut self, container: JsonValue<'_, '_>) -> bool {
        children(container).any(|(name, value)| self.is_unsigned(&name, value.into()))
    }

    /// The same for a value on the way to the items, which alone are signed.
    fn finds_beside_items(&mut self, value: JsonValue<'_, '_>, each: &[String]) -> bool {
        let Some((step, rest)) = each.split_first() else {
            self.start = self.path.len();
            return self.is_unsigned_inside(value);
        };
        let is_list = value.kind() == JsonKind::Array;
        children(value).any(|(name, inner)| {
            let is_on_the_way = *name == **step || is_list && step == EVERY;
            self.path.push(name.into_owned());
            let is_found = !is_on_the_way || self.finds_beside_items(inner, rest);
            if !is_found {
                self.path.pop();
            }
            is_found
        })
    }
}

/// The values inside of an object or a list, with their names or numbers.
fn children<'d, 'a>(
    container: JsonValue<'d, 'a>,
) -> impl Iterator<Item = (Cow<'a, str>, JsonValue<'d, 'a>)> {
    let is_list = container.kind() == JsonKind::Array;
    let members = container.members().enumerate();
    members.map(move |(nth, (name, value))| match is_list {
        true => (nth.to_string().into(), value),
        false => (name, value),
    })
}
