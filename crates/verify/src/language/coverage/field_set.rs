//! Sets of fields, headers or parameters that a signature covers.

use super::field_steps::FieldSteps;
use super::kept_by_filter::Kept;
use super::omitted_if::OmittedIf;
use super::selected_names::SelectedNames;
use crate::body::Field;
use crate::language::selection::NamePattern;

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

impl FieldSet {
    /// What is written of the value at the end of these steps, and of all in it, unless it is left
    /// out for what it is.
    fn kept(&self, steps: FieldSteps<'_>) -> Kept {
        let whole = match self {
            Self::One(covered) => steps.begin_with(covered),
            Self::Decoded(covered) if steps.begin_with(covered) => return Kept::Meaning,
            Self::Decoded(_) => false,
            Self::Document { without } => match steps.iter().next() {
                Some(first) => !without.iter().any(|name| name == first),
                None => without.is_empty(),
            },
            Self::Selected(selected) => return selected.kept(steps),
        };
        match whole {
            true => Kept::Whole,
            false => Kept::Nothing,
        }
    }

    /// Whether something is written of the value there, unless it is left out for what it is.
    pub(super) fn writes_some(&self, steps: FieldSteps<'_>) -> bool {
        self.kept(steps) > Kept::Nothing
    }

    /// The members of an object that it names, and those that lead to what it names.
    pub(super) fn named_members(&self, object: &[String]) -> Vec<NamePattern> {
        let in_object = |steps: &[String]| {
            let inside = steps.strip_prefix(object)?;
            inside.first().map(|name| NamePattern::of_name(name))
        };
        match self {
            Self::One(steps) | Self::Decoded(steps) => in_object(steps).into_iter().collect(),
            Self::Document { .. } => Vec::new(),
            Self::Selected(selected) => match &selected.names {
                Some(names) => {
                    let root = selected.root.as_slice();
                    let names = names.iter();
                    names
                        .filter_map(|name| in_object(&[root, name].concat()))
                        .collect()
                }
                None if selected.root == object => selected.only.clone(),
                None => in_object(&selected.root).into_iter().collect(),
            },
        }
    }

    /// Whether it has the value at the end of these steps, unless that is left out for what it is.
    pub(super) fn covers(&self, steps: &[String]) -> bool {
        self.kept(steps.into()) == Kept::Whole
    }

    /// Whether it has what the value there means, in one spelling or in any.
    pub(super) fn decodes(&self, steps: &[String]) -> bool {
        self.kept(steps.into()) >= Kept::Meaning
    }

    /// Whether something of this value of a callback is written.
    pub(super) fn writes(&self, steps: FieldSteps<'_>, value: Field<'_, '_>) -> bool {
        match self {
            Self::Selected(selected) => selected.writes(steps, value),
            _ => self.writes_some(steps),
        }
    }

    /// Whether something inside of the value there may be written, but not all.
    pub(super) fn leads_into(&self, steps: FieldSteps<'_>) -> bool {
        match self {
            Self::One(covered) | Self::Decoded(covered) => steps.lead_to(covered),
            Self::Document { .. } => false,
            Self::Selected(selected) => selected.leads_into(steps),
        }
    }

    /// The way to each object whose members are written one by one.
    pub(super) fn objects(&self) -> Vec<Vec<String>> {
        let above = |steps: &[String]| -> Vec<Vec<String>> {
            let ends = 0..steps.len();
            ends.filter_map(|end| steps.get(..end).map(<[String]>::to_vec))
                .collect()
        };
        match self {
            Self::One(steps) | Self::Decoded(steps) => above(steps),
            Self::Document { without } if without.is_empty() => Vec::new(),
            Self::Document { .. } => vec![Vec::new()],
            Self::Selected(selected) => match &selected.names {
                None => {
                    let mut objects = above(&selected.root);
                    objects.push(selected.root.clone());
                    objects
                }
                Some(names) => {
                    let names = names.iter();
                    names
                        .flat_map(|name| above(&[selected.root.as_slice(), name].concat()))
                        .collect()
                }
            },
        }
    }

    /// Whether every field of the body is written, whatever it is, but for those with these names.
    pub(super) fn takes_all_but(&self, names: &[Vec<String>]) -> bool {
        let is_top = |name: &String| {
            let mut names = names.iter();
            names.any(|known| matches!(known.as_slice(), [only] if only == name))
        };
        match self {
            Self::One(_) | Self::Decoded(_) => false,
            Self::Document { without } => without.iter().all(is_top),
            Self::Selected(selected) => {
                let mut left_out = selected.leave_out.iter();
                selected.takes_all() && left_out.all(|pattern| pattern.name().is_some_and(is_top))
            }
        }
    }

    /// Whether it can leave out a field for what it is.
    pub(super) fn may_omit(&self) -> bool {
        matches!(self, Self::Selected(selected)
            if selected.may_omit())
    }

    /// What the value there can be without being written, if it can.
    pub(super) fn leaves_out_if(&self, steps: &[String]) -> Option<OmittedIf> {
        match self {
            Self::Selected(selected) => selected.leaves_out_if(steps.into()),
            _ => None,
        }
    }

    /// Whether names are written in one spelling, whichever they have.
    pub(super) fn respells_names(&self) -> bool {
        matches!(self, Self::Selected(selected) if selected.respells_names())
    }

    /// Whether the places of its fields are not: which object each is in.
    pub(super) fn is_without_places(&self) -> bool {
        matches!(self, Self::Selected(selected) if selected.leaves)
    }

    /// Whether numbers are written in one of several spellings.
    pub(super) fn respells_numbers(&self) -> bool {
        matches!(self, Self::Selected(selected) if selected.respells_numbers)
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
                Some(names.filter(|steps| self.decodes(steps)).collect())
            }
        }
    }

    /// The names that it leaves out, and the only ones that it has, if it has any number: with the way
    /// to the object that they are in. No only ones: it has all fields of the body.
    pub(super) fn patterns(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Self::Document { without } => (without.clone(), Vec::new()),
            Self::Selected(selected) if selected.names.is_none() => {
                let root = selected.root.join(".");
                let inside = |pattern: &NamePattern| match root.as_str() {
                    "" => pattern.to_string(),
                    root => format!("{root}.{pattern}"),
                };
                let left_out = selected.leave_out.iter().map(inside).collect();
                let only = match (selected.only.as_slice(), selected.root.as_slice()) {
                    ([], []) => Vec::new(),
                    ([], _) => vec![root.clone()],
                    (only, _) => only.iter().map(inside).collect(),
                };
                (left_out, only)
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// Whether both have a value in common.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self.fixed(), other.fixed()) {
            (Some(fixed), _) => fixed.iter().any(|steps| other.decodes(steps)),
            (None, Some(fixed)) => fixed.iter().any(|steps| self.decodes(steps)),
            (None, None) => self.is_some() && other.is_some(),
        }
    }

    /// Whether it has any value at all.
    pub(super) fn is_some(&self) -> bool {
        match (self, self.fixed()) {
            (_, Some(fixed)) => !fixed.is_empty(),
            (Self::Selected(selected), None) => selected.value >= Kept::Meaning,
            _ => true,
        }
    }
}
