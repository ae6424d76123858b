//! The way to a value in a body.

/// The names on the way to a value: those to the object that it is in, and its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSteps<'s> {
    before: &'s [String],
    last: Option<&'s str>,
}

impl<'s> From<&'s [String]> for FieldSteps<'s> {
    fn from(steps: &'s [String]) -> Self {
        Self {
            before: steps,
            last: None,
        }
    }
}

impl<'s> FieldSteps<'s> {
    /// The way to a member of the object at the end of these.
    pub(super) const fn member(object: &'s [String], name: &'s str) -> Self {
        Self {
            before: object,
            last: Some(name),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'s str> + Clone {
        self.before.iter().map(String::as_str).chain(self.last)
    }

    pub(super) fn len(self) -> usize {
        self.before
            .len()
            .saturating_add(usize::from(self.last.is_some()))
    }

    /// Whether the way begins with these names.
    pub(super) fn begin_with(self, names: &[String]) -> bool {
        names.is_empty()
            || self.len() >= names.len() && self.iter().zip(names).all(|(step, name)| step == name)
    }

    /// The name of the value, if these names lead to the object that it is in.
    pub(super) fn member_of(self, object: &[String]) -> Option<&'s str> {
        self.last.filter(|_| self.before == object)
    }

    /// Whether these names lead on from the end of the way.
    pub(super) fn lead_to(self, names: &[String]) -> bool {
        names.len() > self.len() && self.iter().zip(names).all(|(step, name)| step == name)
    }
}
