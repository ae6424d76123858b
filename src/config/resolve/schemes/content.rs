//! What a scheme signs.

use std::collections::HashSet;

use super::parts::parts;
use super::rules::field;
use crate::config::classic_scheme::{Content, Form, JsonMember, JsonObject, Part, SortedFields};
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::keys::{FormName, Word};
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::resolve::headers::Prefix;

/// The maximum number of candidates; each one costs a verification for a forged callback.
const MAX_CANDIDATES: usize = 2;

/// The keys that belong to one form.
const fn keys_of(form: FormName) -> &'static [&'static str] {
    match form {
        FormName::Concat => &["parts"],
        FormName::JsonObject => &["members", "escapes"],
        FormName::SortedFields => &[
            "order",
            "omit_empty",
            "assign",
            "separator",
            "json_fields",
            "numbers",
        ],
    }
}

pub(super) fn content(scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<Content> {
    let table = scheme
        .require(
            "content",
            "say what is signed: add `[scheme.content]` followed by `form = \"...\"`",
        )?
        .table()?;
    let digest = table.optional("digest", Value::word);
    let form = table
        .require(
            "form",
            "add `form = \"concat\"`, \"json-object\" or \"sorted-fields\"",
        )?
        .word()?;
    report_foreign_keys(&table, form);
    let form = match form {
        FormName::Concat => concat(&table, scheme, prefix).map(Form::Concat),
        FormName::JsonObject => json_object(&table, scheme, prefix).map(Form::JsonObject),
        FormName::SortedFields => sorted_fields(&table).map(Form::SortedFields),
    };
    let mut content = Content::new(form?);
    content.digest = digest?;
    Some(content)
}

fn report_foreign_keys(table: &Table<'_>, form: FormName) {
    for (name, other) in FormName::all() {
        for key in keys_of(other).iter().filter(|key| table.has(key)) {
            if !keys_of(form).contains(key) {
                table.problems().report(
                    Diagnostic::error(
                        "key of another form",
                        table.key_place(key),
                        format!("`{key}` is for `form = \"{name}\"`"),
                    )
                    .and(table.key_place("form"), "the form is set here")
                    .help(format!(
                        "the keys of this form are: {}",
                        keys_of(form).join(", ")
                    )),
                );
            }
        }
    }
}

fn concat(table: &Table<'_>, scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<Vec<Part>> {
    let help = "add `parts = \"{timestamp}\\n{nonce}\\n{body}\\n\"`, or what the provider's \
         documentation says";
    let text = table.require("parts", help)?.text()?;
    text.not_empty()?;
    warn_of_escape(text);
    parts(text, scheme, prefix)
}

/// Warns of a backslash before a letter that would make it a line break or a tab, had the file
/// escaped it in another way.
fn warn_of_escape(text: Text<'_>) {
    let mut escapes = ["\\n", "\\r", "\\t"].into_iter();
    let Some(escape) = escapes.find(|escape| text.text.contains(escape)) else {
        return;
    };
    let why = format!("`{escape}` here is a backslash and a letter, as text");
    text.warning(WarningName::EscapeAsText, why)
        .help(
            "for a line break, write `\\n` with one backslash in double quotes: in single quotes \
             it is not one",
        )
        .report::<()>();
}

fn json_object(
    table: &Table<'_>,
    scheme: &Table<'_>,
    prefix: Option<&Prefix>,
) -> Option<JsonObject> {
    let escapes = table.read("escapes", candidates);
    let value = table.require(
        "members",
        "add `members = [ { name = \"...\", value = \"{body}\" } ]`",
    )?;
    let mut names = HashSet::new();
    let members = value.list_of(|item| {
        let member = member(&item.table()?, scheme, prefix)?;
        if !names.insert(member.name.clone()) {
            return item
                .error(
                    "duplicate member",
                    format!("a second {}", quote(&member.name)),
                )
                .help("a JSON object has one member with each name")
                .report();
        }
        Some(member)
    })?;
    if members.is_empty() {
        return value
            .error("empty list", "the object needs members")
            .help("list them in the order in which they are signed")
            .report();
    }
    let mut object = JsonObject::new(members);
    object.escapes = escapes?;
    Some(object)
}

fn member(table: &Table<'_>, scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<JsonMember> {
    let name = table
        .require("name", "add `name = \"...\"`")
        .and_then(member_name);
    let value = table.require(
        "value",
        "add `value = \"{body}\"`, or another placeholder or text",
    );
    let part = value.and_then(|value| member_part(value, scheme, prefix));
    let number = table.read("number", Value::boolean)?;
    let part = part?;
    if number && part != Part::Timestamp {
        table.problems().report(
            Diagnostic::error(
                "invalid member",
                table.key_place("number"),
                "only `{timestamp}` can be a number",
            )
            .help("remove `number = true`"),
        );
        return None;
    }
    let mut member = JsonMember::new(name?, part);
    member.number = number;
    Some(member)
}

fn member_name(value: Value<'_>) -> Option<String> {
    let text = value.text()?;
    let name = text.not_empty()?;
    if name
        .chars()
        .all(|c| (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '\\')
    {
        return Some(name.to_owned());
    }
    text.error(
        "invalid member",
        "the name must be ASCII that needs no escape in JSON",
    )
    .help("use letters, digits, `_` and `-`, as in the provider's documentation")
    .report()
}

/// Exactly one placeholder, or plain text.
fn member_part(value: Value<'_>, scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<Part> {
    let text = value.text()?;
    warn_of_escape(text);
    let mut parts = parts(text, scheme, prefix)?;
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Some(Part::Text(String::new())),
        (Some(part), true) => Some(part),
        (Some(_), false) => text
            .error(
                "invalid member",
                "a value is one placeholder, or text without placeholders",
            )
            .help("give each placeholder a member of its own")
            .report(),
    }
}

fn sorted_fields(table: &Table<'_>) -> Option<SortedFields> {
    let order = table.read("order", Value::word);
    let omit_empty = table.read("omit_empty", Value::boolean);
    let [assign, separator] = ["assign", "separator"].map(|key| {
        table.read(key, |value| {
            let text = value.text()?;
            warn_of_escape(text);
            Some(text.text.to_owned())
        })
    });
    let json_fields = table.read("json_fields", |value| value.list_of(field));
    let numbers = table.read("numbers", candidates);
    let fields = SortedFields {
        order: order?,
        omit_empty: omit_empty?,
        assign: assign?,
        separator: separator?,
        json_fields: json_fields?,
        numbers: numbers?,
    };
    Some(fields)
}

/// One or two different candidates, most likely first.
fn candidates<T: Word + PartialEq>(value: Value<'_>) -> Option<Vec<T>> {
    let candidates = value.list_of(Value::word)?;
    let why = match candidates.as_slice() {
        [] => "there must be at least one candidate",
        [first, second] if first == second => "the second candidate equals the first one",
        candidates if candidates.len() > MAX_CANDIDATES => "there may be at most two candidates",
        _ => return Some(candidates),
    };
    value
        .error("invalid candidates", why)
        .note("each candidate costs a verification for every forged callback")
        .help("list the one or two that the provider may use, the more likely one first")
        .report()
}
