//! `fields`: a selection of the callback's fields, each written in the same way.

mod chosen_fields;
mod leaf_fields;
mod named_fields;
mod write_fields;

use std::cmp::Ordering;

use super::compiled_expression::{CompiledExpression, ValueSource};
use super::expression_value::ExpressionValue;
use super::value_fault::{EvaluationFault, ValueFault};
use crate::body::FieldPath;
use crate::content::NumberStyle;
use crate::json::pointer;
use crate::reason::At;

pub(super) use write_fields::write;

/// Which fields, in which order, and how each is written.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) from: FieldsFrom,
    /// Whether the fields are the values at every depth.
    pub(crate) leaves: bool,
    /// With how many decimals numbers are written.
    pub(crate) numbers: Option<usize>,
    pub(crate) chosen: Chosen,
    /// Fields that are left out.
    pub(crate) leave_out: Vec<NamePattern>,
    /// Only these fields, if there are any; added ones always.
    pub(crate) only: Vec<NamePattern>,
    /// Fields of our own.
    pub(crate) add: Vec<(String, CompiledExpression)>,
    /// Only the fields before the one with this name.
    pub(crate) until: Option<String>,
    pub(crate) order: FieldOrder,
    pub(crate) pair: CompiledExpression,
    /// How fields with these names are written instead.
    pub(crate) pair_of: Vec<(String, CompiledExpression)>,
    /// What stands between two fields.
    pub(crate) between: String,
    /// Whether fields without text are left out.
    pub(crate) omit_empty: bool,
    pub(crate) null: OnNull,
    pub(crate) nested: OnNested,
    pub(crate) missing: OnMissing,
    /// Whether names are compared without regard to case.
    pub(crate) ignore_case: bool,
    /// Whether the dots in names lead into objects.
    pub(crate) dotted: bool,
    /// Whether a name may repeat; equal pairs then count once.
    pub(crate) distinct: bool,
}

/// Where fields come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldsFrom {
    /// Only what is added.
    Nothing,
    /// The members of the JSON body, or of an object in it.
    Json(Option<FieldPath>),
    Form,
    Query,
    Xml,
    Headers,
}

/// Which names, and their order unless another is said.
#[derive(Clone, Debug)]
pub(crate) enum Chosen {
    /// Every field of the callback.
    All,
    /// These.
    Names(Vec<String>),
    /// Those that the callback lists.
    Listed {
        by: CompiledExpression,
        /// Those that the list must name.
        must_cover: MustCover,
    },
}

/// Names that a list must contain.
#[derive(Clone, Debug)]
pub(crate) enum MustCover {
    Names(Vec<String>),
    Program(CompiledExpression),
}

/// A name, or the beginning of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamePattern {
    text: String,
    is_prefix: bool,
}

impl std::fmt::Display for NamePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)?;
        f.write_str(if self.is_prefix { "*" } else { "" })
    }
}

impl NamePattern {
    /// Reads `NAME` or `PREFIX*`.
    pub(crate) fn parse(text: &str) -> Self {
        let prefix = text.strip_suffix('*');
        Self {
            text: prefix.unwrap_or(text).to_owned(),
            is_prefix: prefix.is_some(),
        }
    }

    /// This name alone.
    pub(super) fn of_name(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            is_prefix: false,
        }
    }

    /// The name, if it is not only the beginning of names.
    pub(in crate::language) fn name(&self) -> Option<&String> {
        (!self.is_prefix).then_some(&self.text)
    }

    /// The name, or the beginning of names.
    pub(in crate::language) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a name is this one, or begins as it does, where both are read in another way.
    pub(in crate::language) fn begins_alike(&self, read: &str, known: &str) -> bool {
        match self.is_prefix {
            true => read.starts_with(known),
            false => read == known,
        }
    }

    pub(in crate::language) fn fits(&self, name: &str, ignore_case: bool) -> bool {
        let start = if self.is_prefix {
            name.get(..self.text.len())
        } else {
            Some(name)
        };
        start.is_some_and(|start| same_name(start, &self.text, ignore_case))
    }
}

/// The order in which fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldOrder {
    AsReceived,
    /// By the bytes of their names.
    Bytes,
    /// The same, in lower case.
    IgnoreCase,
    /// By the UTF-16 units of their names.
    Utf16,
    /// By the bytes of their values.
    Value,
    /// By the bytes of what is written.
    Pair,
    /// The same, in lower case.
    PairIgnoreCase,
}

/// What to do with JSON's null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnNull {
    Refuse,
    LeaveOut,
    /// Written as no text.
    Empty,
    /// Written as `null`.
    Null,
}

/// What to do with objects and arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnNested {
    Refuse,
    LeaveOut,
    /// Written by the pair's own filters.
    Pair,
}

/// What to do with a chosen field that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnMissing {
    Refuse,
    /// Written as no text.
    Empty,
    LeaveOut,
}

/// The name and the value of a field.
pub(crate) type SelectedField<'v> = (&'v str, ExpressionValue<'v>);

impl Selection {
    /// Whether fields with this name are left out.
    pub(crate) fn leaves_out(&self, name: &str) -> bool {
        let mut patterns = self.leave_out.iter();
        patterns.any(|pattern| pattern.fits(name, self.ignore_case))
    }

    /// Whether it writes fields with this name, if the callback has them.
    pub(crate) fn may_select(&self, name: &str) -> bool {
        let is_same = |known: &String| same_name(known, name, self.ignore_case);
        // A path into a field counts for the whole field.
        let is_into = |known: &String| {
            let first = match known.strip_prefix('/') {
                Some(tokens) => pointer::tokens(tokens).and_then(|steps| steps.into_iter().next()),
                None if self.dotted => known.split('.').next().map(str::to_owned),
                None => None,
            };
            first.as_deref() == Some(name)
        };
        let is_named =
            |names: &[String]| names.iter().any(|known| is_same(known) || is_into(known));
        let is_chosen = match &self.chosen {
            Chosen::All => true,
            Chosen::Names(names) => is_named(names),
            Chosen::Listed { must_cover, .. } => match must_cover {
                MustCover::Names(names) => is_named(names),
                MustCover::Program(_) => false,
            },
        };
        let mut only = self.only.iter();
        let is_wanted =
            self.only.is_empty() || only.any(|pattern| pattern.fits(name, self.ignore_case));
        is_chosen && is_wanted && !self.leaves_out(name)
    }

    /// Whether it can write a field with this name in no callback.
    pub(crate) fn never_writes(&self, name: &str) -> bool {
        let is_listed = matches!(self.chosen, Chosen::Listed { .. });
        let is_added = self.add.iter().any(|(known, _)| known == name);
        self.leaves_out(name) || !(is_listed || is_added || self.may_select(name))
    }

    /// How it writes numbers with a fraction or an exponent.
    pub(crate) fn number_style(&self) -> NumberStyle {
        let own = self.pair_of.iter().map(|(_, pair)| pair);
        let mut pairs = [&self.pair].into_iter().chain(own);
        if pairs.any(CompiledExpression::prints_doubles) {
            NumberStyle::JavaDouble
        } else {
            NumberStyle::AsWritten
        }
    }

    /// Whether each field's value is a part of what is written of it.
    pub(crate) fn pair_writes_value(&self) -> bool {
        let mut values = self.pair.required_values();
        values.any(|chain| *chain.source() == ValueSource::FieldValue)
    }

    /// Every program in it.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        let listed = match &self.chosen {
            Chosen::All | Chosen::Names(_) => [None, None],
            Chosen::Listed { by, must_cover } => match must_cover {
                MustCover::Names(_) => [Some(by), None],
                MustCover::Program(program) => [Some(by), Some(program)],
            },
        };
        let named = self.add.iter().chain(&self.pair_of);
        let named = named.map(|(_, program)| program);
        [&self.pair]
            .into_iter()
            .chain(named)
            .chain(listed.into_iter().flatten())
    }
}

/// Whether two names are the same.
pub(super) fn same_name(a: &str, b: &str, ignore_case: bool) -> bool {
    match ignore_case {
        false => a == b,
        true => {
            a.chars()
                .flat_map(char::to_lowercase)
                .cmp(b.chars().flat_map(char::to_lowercase))
                == Ordering::Equal
        }
    }
}

fn repeated(name: &str) -> EvaluationFault {
    EvaluationFault {
        fault: ValueFault::Repeated,
        at: Some(At::Field(name.to_owned())),
    }
}

fn missing(name: &str) -> EvaluationFault {
    EvaluationFault {
        fault: ValueFault::Missing,
        at: Some(At::Field(name.to_owned())),
    }
}
