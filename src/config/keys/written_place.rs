//! Where a file has a key, and how it is written there, in words for messages.

use super::{ALL, Absent, Section, ValueKind};

/// Where a file has the table: `` `[[upstream]]` ``, `` `tls` of `[[upstream]]` ``.
pub(in crate::config) fn place_of_table(section: &Section) -> String {
    let Some((first, rest)) = section.path.split_once('.') else {
        return section.name();
    };
    match ALL.iter().find(|section| section.path == first) {
        Some(outer) => format!("`{rest}` of {}", outer.name()),
        None => section.name(),
    }
}

/// A key with the table that it belongs to: `` `address` in `[[listener]]` ``. `path` leads to it:
/// `listener.address`.
pub(in crate::config) fn key_in_its_table(path: &str) -> String {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    let opened = ALL.iter().find(|section| section.path == path);
    let section = ALL.iter().find(|section| section.path == table);
    match (opened, section) {
        (Some(opened), _) if opened.header.starts_with('[') => opened.name(),
        (_, Some(section)) if section.path.is_empty() => format!("`{key}` at the top level"),
        (_, Some(section)) => format!("`{key}` in {}", place_of_table(section)),
        (_, None) => format!("`{key}`"),
    }
}

/// How a key of an inner table is written in an outer one:
/// `servers = [{ address = "...", fail_timeout = "..." }]`. Returns `None` if the one does not
/// contain the other.
pub(in crate::config) fn written_in(
    outer: &Section,
    inner: &'static Section,
    key: &str,
) -> Option<String> {
    let steps = match outer.path {
        "" => inner.path,
        path => inner.path.strip_prefix(path)?.strip_prefix('.')?,
    };
    let mut written = fields(inner, Some(key));
    let mut path = inner.path;
    for step in steps.rsplit('.') {
        path = path.rsplit_once('.').map_or("", |(above, _)| above);
        let section = ALL.iter().find(|section| section.path == path)?;
        let kind = &section.find(step)?.kind;
        written = format!("{step} = {}", table(kind, &written));
    }
    Some(written)
}

/// A table with the keys that it must have: `{ header = "..." }`.
pub(in crate::config) fn example(section: &'static Section) -> String {
    if section.header.starts_with('[') {
        return section.header.to_owned();
    }
    format!("{{ {} }}", fields(section, None))
}

/// The keys that a table must have, and this one; its first if it needs none.
fn fields(section: &'static Section, key: Option<&str>) -> String {
    let settings = section.settings.iter();
    let is_shown = |name: &str, absent: Absent| absent == Absent::Refused || key == Some(name);
    let mut shown: Vec<_> = settings
        .filter(|setting| is_shown(setting.name, setting.absent))
        .collect();
    if shown.is_empty() {
        shown.extend(section.settings.first());
    }
    let shown = shown.into_iter().map(|setting| {
        let value = sample(&setting.kind);
        format!("{} = {value}", setting.name)
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// What a value of this type looks like.
fn sample(kind: &'static ValueKind) -> String {
    match (kind.section(), kind) {
        (Some(section), kind) => table(kind, &fields(section, None)),
        (None, ValueKind::List(_)) => "[...]".to_owned(),
        (None, ValueKind::Boolean | ValueKind::Integer(..)) => "...".to_owned(),
        (None, _) => "\"...\"".to_owned(),
    }
}

/// A table with these keys, or a list of one, as the type has it.
fn table(kind: &'static ValueKind, fields: &str) -> String {
    let is_list = kind.pick(&|kind| match kind {
        ValueKind::List(_) | ValueKind::Tables(_) => Some(()),
        _ => None,
    });
    match is_list {
        Some(()) => format!("[{{ {fields} }}]"),
        None => format!("{{ {fields} }}"),
    }
}
