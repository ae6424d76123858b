//! What one way to build the content covers.

use std::collections::BTreeSet;

use super::field_set::FieldSet;

/// The parts of a callback that one way to build the content covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CoveredParts {
    pub(super) method: bool,
    pub(super) path: bool,
    pub(super) query: bool,
    pub(super) host: bool,
    /// Every byte of the body.
    pub(super) body: bool,
    /// The header of a token, and its payload; or the parameters of a message's signature.
    pub(super) token: bool,
    pub(super) headers: Vec<FieldSet>,
    /// Headers any one of which has a covered value.
    pub(super) movable: Vec<Vec<String>>,
    pub(super) parameters: Vec<FieldSet>,
    pub(super) fields: Vec<FieldSet>,
    /// Fields of which at least a part is in the signed text of a callback that has them.
    pub(super) written: Vec<FieldSet>,
    /// The same of parameters of the query.
    pub(super) written_parameters: Vec<FieldSet>,
    /// Whether some scalar in JSON is written as its text: a number as a string that reads like it.
    pub(super) untyped: bool,
    /// Values, by the keys of what they are made of.
    pub(super) values: BTreeSet<String>,
    pub(super) timestamp: bool,
    pub(super) nonce: bool,
    pub(super) key_id: bool,
}

impl CoveredParts {
    /// What both cover.
    pub(super) fn common(self, other: Self) -> Self {
        let both = |mut sets: Vec<FieldSet>, others: &[FieldSet]| {
            sets.retain(|set| others.contains(set));
            sets
        };
        Self {
            method: self.method && other.method,
            path: self.path && other.path,
            query: self.query && other.query,
            host: self.host && other.host,
            body: self.body && other.body,
            token: self.token && other.token,
            headers: both(self.headers, &other.headers),
            movable: {
                let mut movable = self.movable;
                movable.retain(|group| other.movable.contains(group));
                movable
            },
            parameters: both(self.parameters, &other.parameters),
            fields: both(self.fields, &other.fields),
            written: both(self.written, &other.written),
            written_parameters: both(self.written_parameters, &other.written_parameters),
            untyped: self.untyped || other.untyped,
            values: self.values.intersection(&other.values).cloned().collect(),
            timestamp: self.timestamp && other.timestamp,
            nonce: self.nonce && other.nonce,
            key_id: self.key_id && other.key_id,
        }
    }
}

/// Adds a set, once.
pub(super) fn insert(sets: &mut Vec<FieldSet>, set: FieldSet) {
    if !sets.contains(&set) {
        sets.push(set);
    }
}

/// Whether one of the sets has the value at the end of these steps.
pub(super) fn has(sets: &[FieldSet], steps: &[String]) -> bool {
    sets.iter().any(|set| set.covers(steps))
}
