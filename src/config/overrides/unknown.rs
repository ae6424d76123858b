//! Overrides of tables that do not exist.

use super::{Override, quoted};
use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{quote, similar};

/// The most names that a message lists.
const MAX_LISTED: usize = 8;

/// Checks that an override of a named table matches exactly one. `names` are the tables that exist,
/// each with the key of its section.
pub(super) fn unknown(one: &Override<'_>, names: &[(&'static str, String)]) -> Option<Diagnostic> {
    let section = one.several()?;
    let step = one.path.get(1)?;
    let id = section.names().next().unwrap_or_default();
    let (header, name) = (section.header, quote(step.name));
    if one.laid > 1 {
        let why = format!("{} `{header}` have the {id} {name}", one.laid);
        let problem = Diagnostic::error("ambiguous override", step.place(), why);
        return Some(problem.help(format!("give each its own {id}, or change the file")));
    }
    if one.laid == 1 {
        return None;
    }
    let why = format!("no `{header}` has the {id} {name}");
    let problem = Diagnostic::error("unknown reference", step.place(), why);
    let known = names.iter().filter(|(path, _)| *path == section.path);
    let known: Vec<&str> = known.map(|(_, name)| name.as_str()).collect();
    // An unquoted name ends at a dot, so the user may have meant a name that contains one.
    let rest: Vec<&str> = one.path.iter().skip(1).map(|step| step.name).collect();
    let rest = rest.join(".");
    let begun = known.iter().filter(|name| {
        let behind = rest.strip_prefix(**name);
        behind.is_some_and(|behind| behind.starts_with('.'))
    });
    let begun = begun.max_by_key(|name| name.len()).copied();
    let meant = begun.or_else(|| similar(step.name, known.iter().copied()));
    Some(problem.help(match meant {
        Some(meant) => format!("did you mean `{}.{}`?", section.path, quoted(meant)),
        None if known.is_empty() => {
            format!("there is none, and an override cannot add a `{header}`")
        }
        None if known.len() > MAX_LISTED => {
            format!("an override cannot add a `{header}`; name one from the file")
        }
        None => {
            let known: Vec<String> = known.iter().map(|name| quoted(name)).collect();
            format!("the known ones are: {}", known.join(", "))
        }
    }))
}
