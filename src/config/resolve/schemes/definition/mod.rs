//! A `[[scheme]]` as a definition in the scheme language, and where each of its texts is.
//!
//! Only what TOML can say wrongly is reported here. What the texts mean is the language's.

mod certificate;
mod choices;
mod comparisons;
mod escapes;
mod faults;
mod selections;
mod spots;
mod written_answers;

use std::cell::Cell;

use crate::config::reader::Table;
use crate::verify::language::{SchemeDefinition, TimestampDefinition};
pub(super) use faults::{report, report_expressions};
pub(super) use spots::Spots;

/// What was read of a scheme.
pub(super) struct ReadDefinition<'a> {
    pub(super) definition: SchemeDefinition,
    pub(super) spots: Spots<'a>,
    /// Whether none of its keys has an error.
    pub(super) is_whole: bool,
}

/// Reads the keys that the language compiles. What they say is checked there. `None` if a key has an error
/// on which the meaning of others depends.
pub(super) fn read<'a>(table: &Table<'a>) -> Option<ReadDefinition<'a>> {
    let spots = Spots::new(*table);
    let text = |key: &'static str| table.optional(key, |value| spots.text(key, value));
    let texts = |key: &'static str| table.optional(key, |value| spots.texts(key, value));
    let algorithm = choices::algorithm(table, &spots);
    let signature = texts("signature");
    let [signature_form, key, key_id, nonce] =
        ["signature_form", "key", "key_id", "nonce"].map(text);
    let [payload, label, signed] = ["payload", "label", "signed"].map(text);
    let timestamp = table.optional("timestamp", |value| choices::timestamp(value, &spots));
    let certificate = table.optional("certificate", |value| certificate::read(value, &spots));
    let lets = table.optional("let", |value| choices::steps(value, &spots));
    let content = texts("content");
    let components = table.optional("components", |value| spots.names("components", value));
    let check = table.optional("check", |value| comparisons::check("check", value, &spots));
    let require = table.optional("require", |value| {
        comparisons::shapes("require", value, &spots)
    });
    let selections = selections::selections(table, &spots);
    let [body, event, each] = ["body", "event", "each"].map(text);
    let charset = table.read("charset", |value| spots.text("charset", value));
    let content_type = texts("content_type");
    let acknowledge = table.optional("acknowledge", |value| {
        written_answers::acknowledge(value, &spots)
    });
    let handshakes = written_answers::handshakes(table, &spots);
    let matters = table.read("matters", |value| spots.pairs("matters", value));
    let not_covered = table.read("not_covered", |value| spots.names("not_covered", value));

    let charset = charset.map(|label| (label != "utf-8").then_some(label));
    let whole = Cell::new(true);
    // What is read in other expressions is there, even if it is wrong.
    let is_there = || "{method}".to_owned();
    let stand_in = || TimestampDefinition {
        value: is_there(),
        unit: "s".to_owned(),
    };
    let definition = SchemeDefinition {
        algorithm: algorithm?,
        lets: lets?.unwrap_or_default(),
        selections: selections?,
        body: body?,
        timestamp: or_else(timestamp, &whole, || Some(stand_in())),
        key_id: or_else(key_id, &whole, || Some(is_there())),
        nonce: or_else(nonce, &whole, || Some(is_there())),
        signature_form: or_else(signature_form, &whole, || None),
        signature: or_else(signature, &whole, || None).unwrap_or_default(),
        key: or_else(key, &whole, || None),
        certificate: or_else(certificate, &whole, || None),
        content: or_else(content, &whole, || None).unwrap_or_default(),
        payload: or_else(payload, &whole, || None),
        components: or_else(components, &whole, || None).unwrap_or_default(),
        label: or_else(label, &whole, || None),
        signed: or_else(signed, &whole, || None),
        check: or_else(check, &whole, || None).unwrap_or_default(),
        require: or_else(require, &whole, || None).unwrap_or_default(),
        event: or_else(event, &whole, || None),
        content_type: or_else(content_type, &whole, || None).unwrap_or_default(),
        charset: or_else(charset, &whole, || None),
        each: or_else(each, &whole, || None),
        acknowledge: or_else(acknowledge, &whole, || None),
        handshakes: or_else(handshakes, &whole, Vec::new),
        matters: or_else(matters, &whole, Vec::new),
        not_covered: or_else(not_covered, &whole, Vec::new),
    };
    Some(ReadDefinition {
        definition,
        spots,
        is_whole: whole.get(),
    })
}

/// What was read, or what stands in its place after an error.
fn or_else<T>(read: Option<T>, whole: &Cell<bool>, otherwise: impl FnOnce() -> T) -> T {
    read.unwrap_or_else(|| {
        whole.set(false);
        otherwise()
    })
}
