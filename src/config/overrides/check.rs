//! Checks of an override that do not depend on the files.

use super::{KeyPart, Override};
use crate::config::diagnostic::Diagnostic;
use crate::config::keys::{self, Holds};

/// Rejects an override of a whole table; its keys must be set one by one.
pub(super) fn shape(one: &Override<'_>) -> Option<Diagnostic> {
    let first = one.path.first()?;
    let section = keys::ALL
        .iter()
        .find(|section| section.path == first.name)?;
    let mut names = section.names();
    let id = names.next().unwrap_or_default();
    if let Some(other) = names.next().filter(|_| section.is_array()) {
        let name = one
            .path
            .get(1)
            .map_or_else(|| id.to_uppercase(), |step| super::quoted(step.name));
        return whole(one, 2, &format!("{}.{name}.{other}=...", first.name));
    }
    whole(one, 1, &format!("{}.{id}=...", first.name))
}

/// Rejects a secret, which other users of the machine would see in the list of processes.
pub(super) fn visible_secret(one: &Override<'_>) -> Option<Diagnostic> {
    let (table, key) = (one.path.first()?, one.path.last()?);
    let section = keys::ALL
        .iter()
        .find(|section| section.path == table.name)?;
    if section.find(key.name)?.holds != Some(Holds::Secret) {
        return None;
    }
    let why = "other users of this machine see command lines";
    let problem = Diagnostic::error("secret on the command line", one.place(), why);
    Some(problem.help("put it into a file, and write `key.ID.secret_file=...`; replace the secret"))
}

/// Rejects an override whose key has no more than `parts` parts.
fn whole(one: &Override<'_>, parts: usize, example: &str) -> Option<Diagnostic> {
    let why = "this is a table; set the keys in it instead";
    let problem = Diagnostic::error("wrong type", one.place(), why);
    (one.path.len() <= parts).then(|| problem.help(format!("write `{example}`")))
}

/// Rejects a key that is already set, is part of a key already set, or contains one.
pub(super) fn only_once(one: &Override<'_>, before: &[Override<'_>]) -> Option<Diagnostic> {
    let meets = |other: &&Override<'_>| one.path.iter().zip(&other.path).all(is_same);
    let other = before.iter().find(meets)?;
    let why = match one.path.len().cmp(&other.path.len()) {
        std::cmp::Ordering::Equal => "this is already set",
        std::cmp::Ordering::Less => "a part of this is already set",
        std::cmp::Ordering::Greater => "this is part of what is already set",
    };
    let problem = Diagnostic::error("duplicate key", one.place(), why);
    Some(
        problem
            .and(other.place(), "first set here")
            .help("keep one of the two"),
    )
}

fn is_same((one, other): (&KeyPart<'_>, &KeyPart<'_>)) -> bool {
    one.name == other.name
}
