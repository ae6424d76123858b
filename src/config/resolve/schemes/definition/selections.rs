//! `fields` and `selection`.

use super::Spots;
use crate::config::reader::{Table, Text, Value, quote, similar};
use crate::verify::language::{MustCoverDefinition, SelectionDefinition};

/// A selection as it is written.
struct WrittenSelection<'a> {
    /// `None`: `fields`.
    name: Option<Text<'a>>,
    table: Table<'a>,
}

impl WrittenSelection<'_> {
    /// How `like` names it.
    fn called(&self) -> &str {
        self.name.map_or("fields", |name| name.text)
    }

    /// How the language's errors name it.
    fn key(&self) -> String {
        self.name.map_or("fields".to_owned(), |name| {
            format!("selection.{}", name.text)
        })
    }
}

/// Every selection; the one without a name is `fields`.
pub(super) fn selections<'a>(
    scheme: &Table<'a>,
    spots: &Spots<'a>,
) -> Option<Vec<(Option<String>, SelectionDefinition)>> {
    let fields = scheme.optional("fields", Value::table)?;
    let mut written: Vec<_> = fields
        .into_iter()
        .map(|table| WrittenSelection { name: None, table })
        .collect();
    let named = scheme.optional("selection", |value| {
        let pairs: Vec<_> = value.pairs()?;
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(name, value)| {
                let table = value.table()?;
                let name = Some(name);
                Some(WrittenSelection { name, table })
            })
            .collect();
        pairs.into_iter().collect::<Option<Vec<_>>>()
    })?;
    written.extend(named.into_iter().flatten());
    for selection in &written {
        let fields = || scheme.key_place("fields");
        let place = selection.name.map_or_else(fields, |name| name.place);
        spots.note_place(&selection.key(), place);
    }
    // Those that others can be like, which are read after them.
    let bases: Vec<_> = written
        .iter()
        .filter(|selection| !selection.table.has("like"))
        .map(|selection| {
            let help = "add `pair = \"{name}={value}\"`, or how the provider writes a field";
            let pair = selection.table.require("pair", help);
            let keys = keys(selection, SelectionDefinition::default(), spots);
            (selection.called(), pair.and(keys))
        })
        .collect();
    let read: Vec<_> = written
        .iter()
        .map(|selection| {
            let definition = match selection.table.get("like") {
                Some(like) => keys(selection, base(like.text()?, &bases)?, spots)?,
                None => find(selection.called(), &bases)??,
            };
            Some((selection.name.map(|name| name.text.to_owned()), definition))
        })
        .collect();
    read.into_iter().collect()
}

/// A selection that others can be like, by its name; `None` if it has an error.
type Base<'w> = (&'w str, Option<SelectionDefinition>);

fn find(name: &str, bases: &[Base<'_>]) -> Option<Option<SelectionDefinition>> {
    let mut bases = bases.iter();
    let (_, found) = bases.find(|(known, _)| *known == name)?;
    Some(found.clone())
}

/// The selection that another one is like.
fn base(like: Text<'_>, bases: &[Base<'_>]) -> Option<SelectionDefinition> {
    if let Some(found) = find(like.text, bases) {
        return found;
    }
    let why = format!(
        "there is no selection {} that is not like another one itself",
        quote(like.text)
    );
    let names = bases.iter().map(|(name, _)| *name);
    let draft = like.error("unknown selection", why);
    match similar(like.text, names) {
        Some(meant) => draft.help(format!("did you mean \"{meant}\"?")),
        None => draft.help("write \"fields\", or a name in `selection`"),
    }
    .report()
}

/// Lays the keys of a selection over another one.
fn keys<'a>(
    selection: &WrittenSelection<'a>,
    base: SelectionDefinition,
    spots: &Spots<'a>,
) -> Option<SelectionDefinition> {
    let (table, key) = (&selection.table, selection.key());
    let of = |name: &str| format!("{key}.{name}");
    let text = |name: &'static str| table.optional(name, |value| spots.text(&of(name), value));
    let list = |name: &'static str| table.optional(name, |value| spots.names(&of(name), value));
    let pairs = |name: &'static str| table.optional(name, |value| spots.pairs(&of(name), value));
    let [from, listed_by, until, order, pair, between] =
        ["from", "listed_by", "until", "order", "pair", "between"].map(text);
    let [empty, null, nested, missing] = ["empty", "null", "nested", "missing"].map(text);
    let [paths, repeated, depth] = ["paths", "repeated", "depth"].map(text);
    let numbers = table.optional("numbers", Value::integer);
    let [names, only, leave_out] = ["names", "only", "leave_out"].map(list);
    let [add, pair_of] = ["add", "pair_of"].map(pairs);
    let must_cover = table.optional("must_cover", |value| {
        must_cover(&of("must_cover"), value, spots)
    });
    let nocase = table.optional("nocase", Value::boolean);
    Some(SelectionDefinition {
        from: from?.or(base.from),
        names: names?.or(base.names),
        listed_by: listed_by?.or(base.listed_by),
        must_cover: must_cover?.or(base.must_cover),
        only: only?.unwrap_or(base.only),
        leave_out: leave_out?.unwrap_or(base.leave_out),
        depth: depth?.or(base.depth),
        numbers: numbers?.or(base.numbers),
        add: add?.unwrap_or(base.add),
        until: until?.or(base.until),
        order: order?.or(base.order),
        pair: pair?.unwrap_or(base.pair),
        pair_of: pair_of?.unwrap_or(base.pair_of),
        between: between?.unwrap_or(base.between),
        empty: empty?.or(base.empty),
        null: null?.or(base.null),
        nested: nested?.or(base.nested),
        missing: missing?.or(base.missing),
        nocase: nocase?.unwrap_or(base.nocase),
        paths: paths?.or(base.paths),
        repeated: repeated?.or(base.repeated),
    })
}

fn must_cover<'a>(key: &str, value: Value<'a>, spots: &Spots<'a>) -> Option<MustCoverDefinition> {
    if value.is_text() {
        return spots.text(key, value).map(MustCoverDefinition::Expression);
    }
    spots.names(key, value).map(MustCoverDefinition::Names)
}
