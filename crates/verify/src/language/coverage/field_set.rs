//! Sets of fields, headers or parameters that a signature covers.

use crate::body::Field;
use crate::json::JsonKind;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::selection::{
    Chosen, FieldsFrom, MustCover, NamePattern, OnNested, OnNull, Selection, same_name,
};

/// Some values of a body, or of headers or parameters, by the steps to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FieldSet {
    /// One value, and all in it.
    One(Vec<String>),
    /// One value, but not how it is spelt: it can be encoded in several ways.
    Decoded(Vec<String>),
    /// The JSON document without these members.
    Document { without: Vec<String> },
    /// What a selection writes.
    Selected(SelectedNames),
}

/// The fields that a selection writes in every callback that has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectedNames {
    /// The steps to the object that they are members of.
    root: Vec<String>,
    /// These; `None`: all.
    names: Option<Vec<Vec<String>>>,
    leave_out: Vec<NamePattern>,
    only: Vec<NamePattern>,
    ignore_case: bool,
    /// Whether names are those of headers.
    of_headers: bool,
    /// Whether values are written whole,
    is_kept: bool,
    /// and those with these names.
    is_kept_of: Vec<(Vec<String>, bool)>,
    omit_empty: bool,
    omit_null: bool,
    omit_nested: bool,
    may_repeat: bool,
}

impl FieldSet {
    /// What a selection covers.
    pub(super) fn of_selection(selection: &Selection) -> Self {
        let root = match &selection.from {
            FieldsFrom::Json(Some(path)) => path.steps().to_vec(),
            _ => Vec::new(),
        };
        let steps = |names: &[String]| {
            let is_added = |name: &String| selection.add.iter().any(|(known, _)| known == name);
            let fits = |name: &String| {
                let mut only = selection.only.iter();
                selection.only.is_empty()
                    || only.any(|pattern| pattern.fits(name, selection.ignore_case))
            };
            let names = names
                .iter()
                .filter(|name| !is_added(name) && !selection.leaves_out(name) && fits(name));
            Some(names.map(|name| selection.steps(name)).collect())
        };
        let names = match &selection.chosen {
            Chosen::All => None,
            Chosen::Names(names) => steps(names),
            Chosen::Listed { must_cover, .. } => match must_cover {
                MustCover::Names(names) => steps(names),
                MustCover::Program(_) => Some(Vec::new()),
            },
        };
        let mut leave_out = selection.leave_out.clone();
        leave_out.extend(selection.until.as_deref().map(NamePattern::of_name));
        let own = selection.pair_of.iter();
        Self::Selected(SelectedNames {
            root,
            names,
            leave_out,
            only: selection.only.clone(),
            ignore_case: selection.ignore_case,
            of_headers: selection.from == FieldsFrom::Headers,
            is_kept: keeps_value(&selection.pair),
            is_kept_of: own
                .map(|(name, pair)| (selection.steps(name), keeps_value(pair)))
                .collect(),
            omit_empty: selection.omit_empty,
            omit_null: selection.null == OnNull::LeaveOut,
            omit_nested: selection.nested == OnNested::LeaveOut,
            may_repeat: selection.distinct,
        })
    }

    /// Whether it has the value at the end of these steps, unless that is left out for what it is.
    pub(super) fn covers(&self, steps: &[String]) -> bool {
        match self {
            Self::One(covered) => steps.starts_with(covered),
            Self::Decoded(_) => false,
            Self::Document { without } => match steps {
                [first, ..] => !without.contains(first),
                [] => without.is_empty(),
            },
            Self::Selected(selected) => selected.covers(steps),
        }
    }

    /// Whether it has what the value there means, in any spelling.
    pub(super) fn decodes(&self, steps: &[String]) -> bool {
        matches!(self, Self::Decoded(covered) if steps.starts_with(covered))
    }

    /// Whether a field is left out for what it is.
    pub(super) fn omits(&self, field: Field<'_, '_>) -> bool {
        let Self::Selected(selected) = self else {
            return false;
        };
        let nested = field
            .as_json()
            .is_some_and(|value| matches!(value.kind(), JsonKind::Array | JsonKind::Object));
        match (field.is_null(), field.is_empty()) {
            (true, _) => selected.omit_null,
            (false, true) if selected.omit_empty => true,
            _ => nested && selected.omit_nested,
        }
    }

    /// Whether it can leave out a field for what it is.
    pub(super) fn may_omit(&self) -> bool {
        matches!(self, Self::Selected(selected)
            if selected.omit_empty || selected.omit_null || selected.omit_nested)
    }

    /// Whether names may repeat in it.
    pub(super) fn may_repeat(&self) -> bool {
        matches!(self, Self::Selected(selected) if selected.may_repeat)
    }

    /// The values in it, if they are a fixed number of fields.
    pub(super) fn fixed(&self) -> Option<Vec<Vec<String>>> {
        match self {
            Self::One(steps) | Self::Decoded(steps) => Some(vec![steps.clone()]),
            Self::Document { .. } => None,
            Self::Selected(selected) => {
                let names = selected.names.as_ref()?.iter();
                let names = names.map(|name| [selected.root.as_slice(), name].concat());
                Some(names.filter(|steps| selected.covers(steps)).collect())
            }
        }
    }

    /// The names that it leaves out, and the only ones that it has, if it has any number.
    pub(super) fn patterns(&self) -> (Vec<String>, Vec<String>) {
        let texts = |patterns: &[NamePattern]| patterns.iter().map(ToString::to_string).collect();
        match self {
            Self::Document { without } => (without.clone(), Vec::new()),
            Self::Selected(selected) if selected.names.is_none() => {
                (texts(&selected.leave_out), texts(&selected.only))
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// Whether both have a value in common.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self.fixed(), other.fixed()) {
            (Some(fixed), _) => fixed.iter().any(|steps| other.covers(steps)),
            (None, Some(fixed)) => fixed.iter().any(|steps| self.covers(steps)),
            (None, None) => self.is_some() && other.is_some(),
        }
    }

    /// Whether it has any value at all.
    pub(super) fn is_some(&self) -> bool {
        match (self, self.fixed()) {
            (_, Some(fixed)) => !fixed.is_empty(),
            (Self::Selected(selected), None) => selected.is_kept,
            _ => true,
        }
    }
}

impl SelectedNames {
    fn covers(&self, steps: &[String]) -> bool {
        let Some(steps) = steps.strip_prefix(self.root.as_slice()) else {
            return false;
        };
        let Some((name, inner)) = steps.split_first() else {
            return false;
        };
        let same = |a: &str, b: &str| same_name(a, b, self.ignore_case || self.of_headers);
        let is_named = match &self.names {
            None => false,
            Some(names) => names.iter().any(|known| {
                steps.len() >= known.len() && known.iter().zip(steps).all(|(a, b)| same(a, b))
            }),
        };
        let fits = |patterns: &[NamePattern]| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| pattern.fits(name, self.ignore_case))
        };
        let is_chosen = match &self.names {
            Some(_) => is_named,
            None => !fits(&self.leave_out) && (self.only.is_empty() || fits(&self.only)),
        };
        let mut own = self.is_kept_of.iter();
        let own = own.find(|(known, _)| steps.starts_with(known));
        let is_kept = own.map_or(self.is_kept, |(_, is_kept)| *is_kept);
        is_chosen && is_kept && (inner.is_empty() || !self.omit_nested)
    }
}

impl Selection {
    /// The steps to a chosen field, from the object that fields come from.
    pub(super) fn steps(&self, name: &str) -> Vec<String> {
        if let Some(tokens) = name.strip_prefix('/') {
            return crate::json::pointer::tokens(tokens).unwrap_or_default();
        }
        match self.dotted {
            true => name.split('.').map(str::to_owned).collect(),
            false => vec![name.to_owned()],
        }
    }
}

/// Whether what is written of a field determines its value.
fn keeps_value(pair: &CompiledExpression) -> bool {
    let mut values = pair.required_values();
    values.any(|chain| *chain.source() == ValueSource::FieldValue && chain.keeps_all())
}
