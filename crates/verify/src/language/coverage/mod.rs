//! What a scheme's signature covers, and whether the values in its signed text can be told apart.
//!
//! Worked out once, when a scheme is compiled, and for the worst callback that the scheme accepts:
//! whichever candidate for the content is tried, whichever row of a table the callback chooses, and
//! whatever it lacks. A value is covered if nobody can give it another value under a signature that
//! they have seen.

// `content_variant` lists the ways to build a content; `covered_parts` and `field_set` say what one of
// them covers, `kept_by_filter` what filters lose of it, and `covered_words` puts it into words.
// `unsigned_fields` finds what a callback has besides, `omitted_values` what it can have for nothing, and
// `partly_signed` what no callback has whole.
// `joined_text` lays out the parts of the signed text, with what `value_shape`, `filter_shape` and
// `regex_shape` know of each; `unit_ends` looks for borders between them that are open, and
// `selection_shape` does the same for the fields of a selection, with what `written_fields` knows.

mod byte_set;
mod content_skeleton;
mod content_variant;
mod covered_parts;
mod covered_words;
mod determined_values;
mod differing_texts;
mod field_set;
mod field_steps;
mod filter_shape;
mod find_coverage;
mod find_covered_parts;
mod joined_shape;
mod joined_text;
mod kept_by_filter;
mod omitted_if;
mod omitted_values;
mod open_border;
mod partly_signed;
mod regex_shape;
mod resolved_chain;
mod selected_names;
mod selection_shape;
mod signed_object;
mod text_part;
mod text_unit;
mod unclear_pair;
mod unit_ends;
mod unsigned_fields;
mod value_shape;
mod written_fields;

#[cfg(test)]
mod tests;

use http::HeaderName;

use self::covered_parts::{CoveredParts, has};
use self::field_set::FieldSet;
use crate::algorithm::Means;
use crate::body::FieldPath;
use crate::identity_part::IdentityPart;
use crate::unsigned_value::Unsigned;

pub use covered_words::CoveredPart;
pub(crate) use joined_shape::{JoinedShape, NamedPairs, SeparatorIn, ValueForm, WrittenValue};
pub(in crate::language) use kept_by_filter::is_lossless;
pub(super) use omitted_if::OmittedIf;
pub use open_border::OpenBorder;
pub use partly_signed::PartlySigned;
pub(in crate::language) use regex_shape::allowed_bytes;
pub(crate) use signed_object::SignedObject;

/// What a scheme's signature covers.
#[derive(Clone, Debug)]
pub struct Coverage {
    means: Means,
    /// For each way to build the content; never empty, so that nothing is covered by accident.
    parts: Vec<CoveredParts>,
    /// The steps to the items that are signed each.
    each: Option<Vec<String>>,
    /// The fields that the timestamp, the nonce and the key id are read from.
    own_fields: Vec<Vec<String>>,
    /// The fields that the scheme reads values from, and which need not be signed.
    unsigned_values: Vec<Vec<String>>,
    signed_objects: Vec<SignedObject>,
    /// What each way to build the content writes of such objects. Ways that write the same stand
    /// here once: each is asked for every field of a callback.
    written: Vec<Vec<FieldSet>>,
    /// The same of parameters of the query.
    written_parameters: Vec<Vec<FieldSet>>,
    /// The parameters that are written by their names, if some are.
    parameters: Option<SignedObject>,
    /// Whether the body is XML, of which the root's name is no field.
    is_xml: bool,
    partly_signed: Vec<PartlySigned>,
    has_nonce: bool,
    has_key_id: bool,
    has_timestamp: bool,
    borders: Vec<OpenBorder>,
    joined: Vec<(usize, JoinedShape)>,
    timestamp_digits: Option<usize>,
}

/// Of a scheme that is not compiled yet: nothing is covered.
impl Default for Coverage {
    fn default() -> Self {
        Self {
            means: Means::Token,
            parts: vec![CoveredParts::default()],
            each: None,
            own_fields: Vec::new(),
            unsigned_values: Vec::new(),
            signed_objects: Vec::new(),
            written: Vec::new(),
            written_parameters: Vec::new(),
            parameters: None,
            is_xml: false,
            partly_signed: Vec::new(),
            has_nonce: false,
            has_key_id: false,
            has_timestamp: false,
            borders: Vec::new(),
            joined: Vec::new(),
            timestamp_digits: None,
        }
    }
}

impl Coverage {
    /// What a signature that fits says; of several algorithms, the weakest.
    #[must_use]
    pub const fn means(&self) -> Means {
        self.means
    }

    fn every(&self, test: impl Fn(&CoveredParts) -> bool) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(test)
    }

    /// Whether some value is covered in all ways to build the content.
    fn covers_some(&self, sets: impl Fn(&CoveredParts) -> &Vec<FieldSet>) -> bool {
        let Some((first, others)) = self.parts.split_first() else {
            return false;
        };
        let is_in = |set: &FieldSet, parts: &CoveredParts| {
            sets(parts).iter().any(|other| set.overlaps(other))
        };
        let mut all = sets(first).iter().filter(|set| set.is_some());
        all.any(|set| others.iter().all(|parts| is_in(set, parts)))
    }

    /// Whether it covers any of the body: every byte, or fields. Those that only the timestamp, the
    /// nonce or the key id are read from do not count: nothing else in such a body is signed.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        if self.every(|parts| parts.body) {
            return true;
        }
        // Where the whole body is covered, so are all fields.
        let whole = FieldSet::Document {
            without: Vec::new(),
        };
        let of_body = |parts: &CoveredParts| match parts.body {
            true => vec![whole.clone()],
            false => parts.fields.clone(),
        };
        let mut all: Vec<Vec<FieldSet>> = self.parts.iter().map(of_body).collect();
        let Some(first) = all.pop() else {
            return false;
        };
        let is_own = |set: &&FieldSet| match set {
            FieldSet::One(steps) | FieldSet::Decoded(steps) => self.own_fields.contains(steps),
            FieldSet::Document { .. } | FieldSet::Selected(_) => false,
        };
        let mut first = first.iter().filter(|set| set.is_some() && !is_own(set));
        first.any(|set| {
            let mut others = all.iter();
            others.all(|sets| sets.iter().any(|other| set.overlaps(other)))
        })
    }

    /// Whether it covers every byte of the body.
    #[must_use]
    pub fn covers_raw_body(&self) -> bool {
        self.every(|parts| parts.body)
    }

    /// Whether it covers the method.
    #[must_use]
    pub fn covers_method(&self) -> bool {
        self.every(|parts| parts.method)
    }

    /// Whether it covers the whole target: path and query.
    #[must_use]
    pub fn covers_target(&self) -> bool {
        self.every(|parts| parts.path && parts.query)
    }

    /// Whether it covers the path of the target.
    #[must_use]
    pub fn covers_path(&self) -> bool {
        self.every(|parts| parts.path)
    }

    /// Whether it covers the whole query.
    #[must_use]
    pub fn covers_query(&self) -> bool {
        self.every(|parts| parts.query)
    }

    /// Whether it covers any header.
    #[must_use]
    pub fn covers_headers(&self) -> bool {
        self.covers_some(|parts| &parts.headers) || self.every(|parts| !parts.movable.is_empty())
    }

    /// Whether two callbacks can differ in what it covers, apart from how and where they were sent
    /// and for whom. Otherwise all are copies of one.
    #[must_use]
    pub fn tells_callbacks_apart(&self) -> bool {
        self.every(|parts| {
            let mut sets = [&parts.headers, &parts.parameters, &parts.fields].into_iter();
            parts.query
                || !parts.movable.is_empty()
                || parts.body
                || parts.token
                || parts.timestamp
                || parts.nonce
                || sets.any(|sets| sets.iter().any(FieldSet::is_some))
        })
    }

    /// Whether it covers a header, in every callback that has it. Of several that one value may stand
    /// in, it covers the value, and not in which of them it is.
    #[must_use]
    pub fn covers_header(&self, name: &HeaderName) -> bool {
        let steps = [name.as_str().to_owned()];
        let may_be_in = |group: &Vec<String>| group.iter().any(|other| other == name.as_str());
        self.every(|parts| has(&parts.headers, &steps) || parts.movable.iter().any(may_be_in))
    }

    /// Whether it covers a parameter of the query, in every callback that has it.
    #[must_use]
    pub fn covers_parameter(&self, name: &str) -> bool {
        let steps = [name.to_owned()];
        self.every(|parts| parts.query || has(&parts.parameters, &steps))
    }

    /// Whether it covers the value of a body field, in every callback that has it. A field that is
    /// left out for its value does not count as one: see [`Self::may_omit`] and
    /// [`Self::leaves_out_field`].
    ///
    /// The path begins at the body's root. If the scheme signs each element of a list, no path
    /// leads to a covered value: whoever has a callback can leave elements out and change their
    /// order. [`Self::covers_item_field`] begins at the element.
    #[must_use]
    pub fn covers_field(&self, path: &FieldPath) -> bool {
        let steps = path.steps();
        let inner = match &self.each {
            None => Some(steps),
            Some(each) if each.iter().any(|step| step == "*") => None,
            Some(each) => steps.strip_prefix(each.as_slice()),
        };
        let is_covered = |parts: &CoveredParts| {
            parts.body || inner.is_some_and(|inner| has(&parts.fields, inner))
        };
        self.every(is_covered)
    }

    /// The same in each item that is signed: the path begins where `{field:...}` does.
    #[must_use]
    pub fn covers_item_field(&self, path: &FieldPath) -> bool {
        self.every(|parts| parts.body || has(&parts.fields, path.steps()))
    }

    /// Whether fields can be left out of the signed text because of what they are: empty, null or
    /// nested.
    #[must_use]
    pub fn may_omit(&self) -> bool {
        let in_fields =
            |parts: &CoveredParts| !parts.body && parts.fields.iter().any(FieldSet::may_omit);
        self.parts.iter().any(in_fields)
    }

    /// Whether names of fields may repeat. Neither the order nor the number of equal names is then
    /// covered: whoever reads one value of a name must refuse a second one.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        let in_fields =
            |parts: &CoveredParts| !parts.body && parts.fields.iter().any(FieldSet::may_repeat);
        self.parts.iter().any(in_fields)
    }

    /// Whether it covers a part of an identity.
    #[must_use]
    pub fn covers(&self, part: &IdentityPart) -> bool {
        match part {
            IdentityPart::Content => true,
            IdentityPart::KeyId => self.has_key_id && self.every(|parts| parts.key_id),
            IdentityPart::Nonce => self.has_nonce && self.every(|parts| parts.nonce),
            IdentityPart::Field(path) => self.covers_field(path),
        }
    }

    /// Whether it covers the timestamp.
    #[must_use]
    pub fn covers_timestamp(&self) -> bool {
        self.has_timestamp && self.every(|parts| parts.timestamp)
    }

    /// What the scheme names and the signature does not cover.
    #[must_use]
    pub fn unsigned(&self, event: Option<&FieldPath>) -> Vec<Unsigned> {
        let is_open = |part: &IdentityPart| !self.covers(part);
        let is_event_open = event.is_some_and(|event| !self.covers_field(event));
        [
            (Unsigned::Body, !self.covers_body()),
            (
                Unsigned::Timestamp,
                self.has_timestamp && !self.covers_timestamp(),
            ),
            (
                Unsigned::Nonce,
                self.has_nonce && is_open(&IdentityPart::Nonce),
            ),
            (
                Unsigned::KeyId,
                self.has_key_id && is_open(&IdentityPart::KeyId),
            ),
            (Unsigned::Event, self.covers_body() && is_event_open),
        ]
        .into_iter()
        .filter_map(|(value, is_unsigned)| is_unsigned.then_some(value))
        .collect()
    }

    /// The values of which only a part is signed.
    #[must_use]
    pub fn partly_signed(&self) -> &[PartlySigned] {
        &self.partly_signed
    }

    /// Where a value of the signed text has several possible ends, in every callback. Each callback
    /// is ambiguous if there is one.
    #[must_use]
    pub fn open_borders(&self) -> &[OpenBorder] {
        &self.borders
    }

    /// For each selection that is part of the signed text, by its number: whether its fields can be
    /// told apart. None of these is [`JoinedShape::Open`] unless there is an open border.
    #[cfg(test)]
    pub(crate) fn joined(&self) -> &[(usize, JoinedShape)] {
        &self.joined
    }

    /// The same in words.
    #[must_use]
    pub fn joined_words(&self) -> Vec<&'static str> {
        self.joined.iter().map(|(_, shape)| shape.word()).collect()
    }

    /// Whether a callback can have a field that could have been signed as another.
    #[must_use]
    pub fn may_be_ambiguous(&self) -> bool {
        let mut joined = self.joined.iter();
        !self.borders.is_empty() || joined.any(|(_, shape)| *shape != JoinedShape::SelfDelimited)
    }

    /// Whether a value that is part of the signed text could be two fields, because it contains what
    /// separates them.
    #[must_use]
    pub fn may_be_two(&self, text: &str) -> bool {
        self.joined.iter().any(|(_, shape)| match shape {
            JoinedShape::Named(pairs) => text.contains(&*pairs.separator),
            JoinedShape::Separated(separator) => text.contains(&**separator),
            JoinedShape::SelfDelimited => false,
            JoinedShape::Open => true,
        })
    }

    /// The same for the selection with this number.
    pub(crate) fn shape_of(&self, selection: usize) -> Option<&JoinedShape> {
        let mut joined = self.joined.iter();
        let found = joined.find(|(at, _)| *at == selection);
        found.map(|(_, shape)| shape)
    }

    /// How many digits the timestamp must have, because what it touches in the signed text could
    /// begin or end with digits. Genuine ones have this many until 2286.
    #[must_use]
    pub const fn timestamp_digits(&self) -> Option<usize> {
        self.timestamp_digits
    }
}
