//! What an unknown key was probably meant to be.

use super::suggest::{misspelt_by_one, similar};
use crate::config::keys::foreign_names::{ForeignName, foreign_name};
use crate::config::keys::written_place::{key_in_its_table, place_of_table, written_in};
use crate::config::keys::{self, Section};

/// What a key that its table does not have may mean.
pub(super) enum Meant {
    /// A key of the table, misspelt.
    Misspelt(&'static str),
    /// A key of these tables, which belong together with this one or are anywhere.
    Misplaced(Vec<&'static Section>),
    /// Another server's name for a setting.
    Foreign(&'static ForeignName),
    /// Nobody knows.
    Nothing,
}

impl Meant {
    /// What `name` means in a table that does not have it.
    pub(super) fn of(name: &str, section: &Section) -> Self {
        if let Some(meant) = misspelt_by_one(name, section.names()) {
            return Self::Misspelt(meant);
        }
        let all = keys::ALL.iter().copied();
        let elsewhere: Vec<_> = all.filter(|other| other.find(name).is_some()).collect();
        let near = |of: &dyn Fn(&Section) -> bool| -> Vec<_> {
            elsewhere
                .iter()
                .copied()
                .filter(|other| of(other))
                .collect()
        };
        let inner = near(&|other| is_inside(other, section));
        let related = near(&|other| is_related(other, section));
        if let Some(nearest) = [inner, related].into_iter().find(|found| !found.is_empty()) {
            return Self::Misplaced(nearest);
        }
        if let Some(foreign) = foreign_name(name) {
            return Self::Foreign(foreign);
        }
        if !elsewhere.is_empty() {
            return Self::Misplaced(elsewhere);
        }
        similar(name, section.names()).map_or(Self::Nothing, Self::Misspelt)
    }

    /// Whether it stands for this key of the table.
    pub(super) fn is(&self, key: &str, section: &Section) -> bool {
        match self {
            Self::Misspelt(meant) => *meant == key,
            Self::Foreign(foreign) => foreign.means(&section.path_of(key)),
            Self::Misplaced(_) | Self::Nothing => false,
        }
    }

    /// How to mend it.
    pub(super) fn help(&self, name: &str, section: &Section, on_command_line: bool) -> String {
        match self {
            Self::Misspelt(meant) => format!("did you mean `{meant}`?"),
            Self::Misplaced(tables) => match tables.as_slice() {
                [only] => one_table(name, section, only, on_command_line),
                tables => {
                    let mut places: Vec<_> = tables.iter().map(|it| place_of_table(it)).collect();
                    let last = places.pop().unwrap_or_default();
                    format!(
                        "`{name}` is a key of {} and of {last}",
                        places.join(", of ")
                    )
                }
            },
            Self::Foreign(foreign) => foreign.help(section.path),
            Self::Nothing => {
                let known: Vec<_> = section.names().collect();
                format!("its keys are: {}", known.join(", "))
            }
        }
    }
}

fn one_table(
    name: &str,
    section: &Section,
    other: &'static Section,
    on_command_line: bool,
) -> String {
    if is_inside(other, section)
        && let Some(written) = written_in(section, other, name)
    {
        return format!("`{name}` belongs to an inner table: write `{written}`");
    }
    if !other.path.is_empty() {
        return format!("`{name}` is a key of {}", place_of_table(other));
    }
    let place = match on_command_line {
        true => format!("write `{name}=...`"),
        false => "move it above the first `[...]` line".to_owned(),
    };
    let opens = other.find(name).and_then(|setting| setting.kind.section());
    match opens {
        Some(_) => format!("{} is a table at the top level", key_in_its_table(name)),
        None => format!("`{name}` belongs to the top level: {place}"),
    }
}

/// Whether a table is inside another one that is not the top level.
fn is_inside(inner: &Section, outer: &Section) -> bool {
    let rest = inner.path.strip_prefix(outer.path);
    !outer.path.is_empty() && rest.is_some_and(|rest| rest.starts_with('.'))
}

/// Whether two tables are parts of the same one at the top level.
fn is_related(one: &Section, other: &Section) -> bool {
    let first = |section: &Section| section.path.split('.').next().unwrap_or_default();
    !one.path.is_empty() && first(one) == first(other)
}
