//! The keys of `scheme.fields` and of each table in `scheme.selection`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use crate::verify::language::SelectionDefinition;
use ValueKind::{Boolean, Integer, List, Map, OneOrList, Text, Word};

/// A selection of fields.
pub(in crate::config) static SELECTION: Section = Section {
    path: "scheme.fields",
    header: "a selection",
    settings: &[
        setting(
            "like",
            Text,
            r#"Another selection, whose keys hold where this one does not set them: `"fields"`, or a
            name in `selection`"#,
        )
        .written(r#"name"#),
        setting(
            "from",
            Text,
            r#"Where the fields are. `"json:/data"` are the members of an object in the body"#,
        )
        .written(
            r#"`"json"`, `"json:/POINTER"`, `"form"`, `"query"`, `"xml"`, `"headers"`"#,
        )
        .otherwise("only what `add` adds"),
        setting("names", List(&Text), r#"These fields, in this order"#)
            .written(r#"list of names"#)
            .otherwise("all fields"),
        setting(
            "listed_by",
            Text,
            r#"A list in the callback of the fields that are signed. Requires `must_cover`"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "must_cover",
            OneOrList(&Text),
            r#"What such a list must name: names, or an expression for them. Without it, whoever sends a
            callback would choose what is signed"#,
        )
        .written(r#"list of names, or expression"#)
        .holds(Holds::Expression),
        setting("only", List(&Text), r#"Only fields with these names"#)
            .written(r#"list of names and `"prefix*"`"#),
        setting(
            "leave_out",
            List(&Text),
            r#"No fields with these names, such as the signature's"#,
        )
        .written(r#"list of names and `"prefix*"`"#),
        setting(
            "depth",
            Word(|| SelectionDefinition::words("depth")),
            r#"The values at every depth, each with the name of the member that it or its list is. Nothing then
            says which object a value is in"#,
        ),
        setting(
            "numbers",
            Integer(0, 20),
            r#"With how many decimals JSON's numbers are written; where `pair` writes JSON, they stay numbers"#,
        )
        .otherwise("as in the body"),
        setting(
            "add",
            Map(&Text),
            r#"Fields of your own: `{ key = "{secret}" }`"#,
        )
        .written(r#"table of expressions"#)
        .holds(Holds::Expression),
        setting(
            "until",
            Text,
            r#"Only the fields before the one with this name, as received"#,
        )
        .written(r#"name"#),
        setting(
            "order",
            Word(|| SelectionDefinition::words("order")),
            r#"`bytes`, `utf16` (Java, JavaScript) and `nocase` sort by name, `value` by value, `pair` and
            `pair-nocase` by what is written"#,
        )
        .otherwise("`\"as-received\"`, or that of `names`"),
        setting(
            "pair",
            Text,
            r#"How each field is written: `"{name}={value}"`"#,
        )
        .written(r#"expression"#)
        .otherwise("required without `like`")
        .holds(Holds::Expression),
        setting(
            "pair_of",
            Map(&Text),
            r#"How the fields with these names are written instead: `{ data = "{name}={value|json:js}"
            }`"#,
        )
        .written(r#"table of expressions"#)
        .holds(Holds::Expression),
        setting("between", Text, r#"The text between two fields: `"&"`"#)
            .otherwise("nothing")
            .holds(Holds::Expression),
        setting(
            "empty",
            Word(|| SelectionDefinition::words("empty")),
            r#"Leaves out fields that are `""`, `[]` or `{}`; `0` and `false` never are"#,
        ),
        setting(
            "null",
            Word(|| SelectionDefinition::words("null")),
            r#"What JSON's null is: left out, written as nothing, or as `null`, which is text unless `pair` writes
            JSON"#,
        )
        .otherwise("refused"),
        setting(
            "nested",
            Word(|| SelectionDefinition::words("nested")),
            r#"What objects and lists are: left out, or written by `pair` and its filters"#,
        )
        .otherwise("refused"),
        setting(
            "missing",
            Word(|| SelectionDefinition::words("missing")),
            r#"What a field of `names` is that a callback lacks"#,
        )
        .otherwise("refused"),
        setting(
            "nocase",
            Boolean,
            r#"Whether names are compared without regard to case"#,
        )
        .otherwise("no"),
        setting(
            "paths",
            Word(|| SelectionDefinition::words("paths")),
            r#"Whether dots in names lead into objects: `data.order.id`"#,
        ),
        setting(
            "repeated",
            Word(|| SelectionDefinition::words("repeated")),
            r#"Lets the fields of a form repeat; equal ones then count once. Otherwise they are refused"#,
        ),
    ],
    one_of: &[],
};
