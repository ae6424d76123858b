//! The fields that a selection covers.

use super::field_steps::FieldSteps;
use super::kept_by_filter::Kept;
use super::omitted_if::OmittedIf;
use crate::body::Field;
use crate::content::NumberStyle;
use crate::json::pointer;
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::selection::{
    Chosen, FieldsFrom, MustCover, NamePattern, OnMissing, OnNested, OnNull, Selection, same_name,
};

/// The fields that a selection writes in every callback that has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectedNames {
    /// The steps to the object that they are members of.
    pub(super) root: Vec<String>,
    /// These; `None`: all.
    pub(super) names: Option<Vec<Vec<String>>>,
    pub(super) leave_out: Vec<NamePattern>,
    pub(super) only: Vec<NamePattern>,
    ignore_case: bool,
    /// Whether names are those of headers.
    of_headers: bool,
    /// Whether they are values at every depth, whichever object they are in.
    pub(super) leaves: bool,
    /// How much is written of their values,
    pub(super) value: Kept,
    /// and of those with these names.
    value_of: Vec<(Vec<String>, Kept)>,
    /// Whether a number is written in one of several spellings.
    pub(super) respells_numbers: bool,
    omit_empty: bool,
    /// Whether a field that is not there is written as an empty one.
    is_empty_if_missing: bool,
    omit_null: bool,
    omit_nested: bool,
    pub(super) may_repeat: bool,
}

impl SelectedNames {
    /// What a selection covers. `is_alone`: the content is nothing else, and so the verdict says how
    /// it wrote numbers.
    pub(super) fn of(selection: &Selection, is_alone: bool) -> Self {
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
        // A null that is named and not accepted counts as missing.
        let is_null_missing = selection.null == OnNull::Refuse
            && selection.missing == OnMissing::LeaveOut
            && names.is_some();
        Self {
            root,
            names,
            leave_out,
            only: selection.only.clone(),
            ignore_case: selection.ignore_case,
            of_headers: selection.from == FieldsFrom::Headers,
            leaves: selection.leaves,
            value: value_in(&selection.pair),
            value_of: own
                .map(|(name, pair)| (selection.steps(name), value_in(pair)))
                .collect(),
            respells_numbers: selection.numbers.is_some()
                || !is_alone && selection.number_style() == NumberStyle::JavaDouble,
            omit_empty: selection.omit_empty,
            is_empty_if_missing: selection.missing == OnMissing::Empty
                || selection.null == OnNull::Empty,
            omit_null: selection.null == OnNull::LeaveOut || is_null_missing,
            omit_nested: selection.nested == OnNested::LeaveOut,
            may_repeat: selection.distinct,
        }
    }

    /// Whether it can leave out a field for what it is.
    pub(super) const fn may_omit(&self) -> bool {
        self.omit_empty || self.omit_null || self.omit_nested
    }

    /// What the value there can be without being written, or as it is written where it is missing.
    pub(super) fn leaves_out_if(&self, steps: FieldSteps<'_>) -> Option<OmittedIf> {
        let (_, inner) = self.chosen(steps)?;
        if inner > 0 {
            return None;
        }
        match (
            self.omit_nested,
            self.omit_empty || self.is_empty_if_missing,
        ) {
            (true, _) => Some(OmittedIf::Nested),
            (false, true) => Some(OmittedIf::Empty),
            (false, false) => None,
        }
    }

    /// Whether names are written in one spelling, whichever case they have.
    pub(super) const fn respells_names(&self) -> bool {
        self.ignore_case && !self.of_headers && self.names.is_some()
    }

    /// Whether it takes every field of the body that `leave_out` does not name.
    pub(super) fn takes_all(&self) -> bool {
        self.root.is_empty()
            && self.names.is_none()
            && self.only.is_empty()
            && !self.leaves
            && !self.may_omit()
            && !self.may_repeat
            // Other names may be left out, too.
            && (self.leave_out.is_empty() || !self.ignore_case)
            && self.value > Kept::Nothing
            && self.value_of.iter().all(|(_, kept)| *kept > Kept::Nothing)
    }

    /// What is covered of the value at the end of these steps, and of all in it.
    pub(super) fn kept(&self, steps: FieldSteps<'_>) -> Kept {
        match self.chosen(steps) {
            Some((_, inner)) if self.leaves || inner > 0 && self.omit_nested => Kept::Nothing,
            Some((kept, _)) if self.respells_numbers => kept.min(Kept::Meaning),
            Some((kept, _)) => kept,
            None => Kept::Nothing,
        }
    }

    /// Whether something of this value of a callback is written.
    pub(super) fn writes(&self, steps: FieldSteps<'_>, value: Field<'_, '_>) -> bool {
        if let (None, false, Some(name)) = (&self.names, self.leaves, steps.member_of(&self.root)) {
            return self.writes_member(name, value);
        }
        let Some((kept, inner)) = self.chosen(steps) else {
            return false;
        };
        let is_omitted = match inner {
            0 => self.omits(value),
            _ => self.omit_nested,
        };
        kept > Kept::Nothing && !is_omitted && !(self.leaves && value.is_container())
    }

    /// The same for a member of the object that all fields are taken from. Every field of most
    /// callbacks is one.
    fn writes_member(&self, name: &str, value: Field<'_, '_>) -> bool {
        if !self.takes_member(name) {
            return false;
        }
        let ignore_case = self.ignore_case || self.of_headers;
        let mut own = self.value_of.iter();
        let own = own.find(|(known, _)| match known.as_slice() {
            [known] => same_name(known, name, ignore_case),
            _ => false,
        });
        let kept = own.map_or(self.value, |(_, kept)| *kept);
        kept > Kept::Nothing && !self.omits(value)
    }

    /// Whether something inside of the value there may be written, but not all.
    pub(super) fn leads_into(&self, steps: FieldSteps<'_>) -> bool {
        if steps.lead_to(&self.root) {
            return true;
        }
        if !steps.begin_with(&self.root) {
            return false;
        }
        let inside = steps.iter().skip(self.root.len());
        match &self.names {
            None => steps.len() == self.root.len() || self.leaves && self.has_no_left_out(steps),
            Some(names) => names.iter().any(|known| {
                let depth = steps.len().saturating_sub(self.root.len());
                known.len() > depth && self.begin_alike(inside.clone(), known)
            }),
        }
    }

    /// How much is written of the field that the value is in, and how deep it is in there.
    fn chosen(&self, steps: FieldSteps<'_>) -> Option<(Kept, usize)> {
        if !steps.begin_with(&self.root) {
            return None;
        }
        let inside = steps.iter().skip(self.root.len());
        let first = inside.clone().next()?;
        let length = steps.len().saturating_sub(self.root.len());
        let leads_here =
            |known: &[String]| length >= known.len() && self.begin_alike(inside.clone(), known);
        let depth = match &self.names {
            Some(names) => {
                let mut names = names.iter().filter(|known| leads_here(known));
                names.next()?.len()
            }
            None if self.leaves => {
                // The elements of a list have its name.
                let names = inside
                    .clone()
                    .filter(|name| pointer::array_index(name).is_none());
                let is_wanted = self.only.is_empty() || self.fits(&self.only, names.last()?);
                (is_wanted && self.has_no_left_out(steps)).then_some(length)?
            }
            None => self.takes_member(first).then_some(1)?,
        };
        let mut own = self.value_of.iter();
        let own = own.find(|(known, _)| match self.leaves {
            true => known.last().map(String::as_str) == inside.clone().last(),
            false => leads_here(known),
        });
        let kept = own.map_or(self.value, |(_, kept)| *kept);
        Some((kept, length.saturating_sub(depth)))
    }

    /// Whether a member of the object that all fields are taken from is one, by its name.
    fn takes_member(&self, name: &str) -> bool {
        let is_wanted = self.only.is_empty() || self.fits(&self.only, name);
        is_wanted && !self.fits(&self.leave_out, name)
    }

    /// Whether these steps begin as the name does, as far as both go.
    fn begin_alike<'s>(&self, steps: impl Iterator<Item = &'s str>, known: &[String]) -> bool {
        let ignore_case = self.ignore_case || self.of_headers;
        let mut both = steps.zip(known);
        both.all(|(step, name)| same_name(step, name, ignore_case))
    }

    fn has_no_left_out(&self, steps: FieldSteps<'_>) -> bool {
        let mut inside = steps.iter().skip(self.root.len());
        !inside.any(|name| self.fits(&self.leave_out, name))
    }

    fn fits(&self, patterns: &[NamePattern], name: &str) -> bool {
        let mut patterns = patterns.iter();
        patterns.any(|pattern| pattern.fits(name, self.ignore_case))
    }

    /// Whether a field is left out for what it is.
    fn omits(&self, field: Field<'_, '_>) -> bool {
        match (field.is_null(), field.is_empty()) {
            (true, _) => self.omit_null,
            (false, true) if self.omit_empty => true,
            _ => self.omit_nested && field.is_container(),
        }
    }
}

impl Selection {
    /// How much is written of an added value. It is text: a filter that takes JSON reads it as a document, whose
    /// white space is not written.
    pub(super) fn kept_of_added(&self, name: &str) -> Kept {
        let pair = self.pair_for(name);
        let mut values = pair.written_values().into_iter();
        let is_document = values.any(|chain| {
            chain
                .filters
                .iter()
                .any(|call| call.filter.name == "sorted")
        });
        value_in(pair).min(if is_document { Kept::Part } else { Kept::Whole })
    }

    /// Whether a scalar in JSON is written as what it is, in every field.
    pub(super) fn keeps_types(&self) -> bool {
        let own = self.pair_of.iter().map(|(_, pair)| pair);
        let mut pairs = [&self.pair].into_iter().chain(own);
        pairs.all(|pair| {
            let mut values = pair.required_values();
            values.any(|chain| *chain.source() == ValueSource::FieldValue && chain.keeps_type())
        })
    }

    /// The steps to a chosen field, from the object that fields come from.
    pub(super) fn steps(&self, name: &str) -> Vec<String> {
        if let Some(tokens) = name.strip_prefix('/') {
            return pointer::tokens(tokens).unwrap_or_default();
        }
        match self.dotted {
            true => name.split('.').map(str::to_owned).collect(),
            false => vec![name.to_owned()],
        }
    }
}

/// How much is written of a field's value, in every callback that has it. What is optional counts as
/// a part. How a pair prints numbers is another matter.
fn value_in(pair: &CompiledExpression) -> Kept {
    let is_value = |chain: &&ValueChain| *chain.source() == ValueSource::FieldValue;
    let required = pair.required_values().filter(is_value);
    let required = required.map(ValueChain::kept_but_for_doubles);
    let all = pair.written_values().into_iter().filter(is_value);
    let all = all.map(|chain| chain.kept_but_for_doubles().min(Kept::Part));
    required.chain(all).max().unwrap_or(Kept::Nothing)
}
