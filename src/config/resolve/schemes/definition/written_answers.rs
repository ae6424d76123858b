//! `acknowledge` and `[[scheme.handshake]]`: what the scheme itself answers.

use super::{Spots, comparisons};
use crate::config::reader::{Table, Value};
use crate::verify::language::{AnswerDefinition, HandshakeDefinition};

pub(super) fn acknowledge<'a>(value: Value<'a>, spots: &Spots<'a>) -> Option<AnswerDefinition> {
    spots.note_place("acknowledge", value.place());
    answer(&value.table()?, "acknowledge", spots)
}

pub(super) fn handshakes<'a>(
    scheme: &Table<'a>,
    spots: &Spots<'a>,
) -> Option<Vec<HandshakeDefinition>> {
    let (tables, _) = scheme.tables("handshake");
    let numbered = tables.iter().enumerate();
    let handshakes: Vec<_> = numbered
        .map(|(nth, table)| handshake(table, &format!("handshake[{nth}]"), spots))
        .collect();
    handshakes.into_iter().collect()
}

fn handshake<'a>(table: &Table<'a>, key: &str, spots: &Spots<'a>) -> Option<HandshakeDefinition> {
    spots.note_place(key, table.place());
    let under = |name: &str| format!("{key}.{name}");
    let help = "add `methods = [\"GET\"]`, or what the provider sends";
    let methods = table.require("methods", help).and_then(|value| {
        spots.note_place(&under("methods"), value.place());
        spots.names(&under("methods"), value)
    });
    let when = table.read("when", |value| {
        comparisons::shapes(&under("when"), value, spots)
    });
    let check = table.read("check", |value| {
        comparisons::check(&under("check"), value, spots)
    });
    let [after, value, allowed] = ["after", "value", "allowed"]
        .map(|name| table.optional(name, |value| spots.text(&under(name), value)));
    let answer = table.optional("answer", |value| {
        spots.note_place(&under("answer"), value.place());
        answer(&value.table()?, &under("answer"), spots)
    });
    Some(HandshakeDefinition {
        methods: methods?,
        when: when?,
        check: check?,
        after: after?,
        value: value?,
        allowed: allowed?,
        answer: answer?,
    })
}

fn answer<'a>(table: &Table<'a>, key: &str, spots: &Spots<'a>) -> Option<AnswerDefinition> {
    let under = |name: &str| format!("{key}.{name}");
    let status = table.read("status", |value| {
        spots.note_place(&under("status"), value.place());
        value.integer()
    });
    let [content_type, body] = ["content_type", "body"]
        .map(|name| table.read(name, |value| spots.text(&under(name), value)));
    // An acknowledgement has none of its own.
    let headers = match key.ends_with(".answer") {
        true => table.read("headers", |value| headers(value, &under("headers"), spots)),
        false => Some(Vec::new()),
    };
    Some(AnswerDefinition {
        status: Some(status?),
        content_type: Some(content_type?),
        headers: headers?,
        body: body?,
    })
}

fn headers<'a>(value: Value<'a>, key: &str, spots: &Spots<'a>) -> Option<Vec<(String, String)>> {
    let headers: Vec<_> = value
        .pairs()?
        .into_iter()
        .map(|(name, value)| {
            let name = name.header_name()?.as_str().to_owned();
            let text = spots.text(&format!("{key}.{name}"), value)?;
            Some((name, text))
        })
        .collect();
    headers.into_iter().collect()
}
