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

use crate::config::reader::Table;
use crate::verify::language::SchemeDefinition;
pub(super) use faults::report;
pub(super) use spots::Spots;

/// Reads the keys that the language compiles. What they say is checked there.
pub(super) fn read<'a>(table: &Table<'a>) -> Option<(SchemeDefinition, Spots<'a>)> {
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
    let check = table.optional("check", |value| comparisons::check(value, &spots));
    let require = table.optional("require", |value| comparisons::require(value, &spots));
    let selections = selections::selections(table, &spots);
    let [body, event, each] = ["body", "event", "each"].map(text);
    let charset = table.read("charset", |value| spots.text("charset", value));
    let content_type = texts("content_type");
    let matters = table.read("matters", |value| spots.pairs("matters", value));
    let not_covered = table.read("not_covered", |value| spots.names("not_covered", value));

    let definition = SchemeDefinition {
        algorithm: algorithm?,
        signature_form: signature_form?,
        signature: signature?.unwrap_or_default(),
        key: key?,
        key_id: key_id?,
        certificate: certificate?,
        timestamp: timestamp?,
        nonce: nonce?,
        lets: lets?.unwrap_or_default(),
        content: content?.unwrap_or_default(),
        payload: payload?,
        components: components?.unwrap_or_default(),
        label: label?,
        signed: signed?,
        check: check?.unwrap_or_default(),
        require: require?.unwrap_or_default(),
        selections: selections?,
        body: body?,
        event: event?,
        content_type: content_type?.unwrap_or_default(),
        charset: charset.map(|label| (label != "utf-8").then_some(label))?,
        each: each?,
        matters: matters?,
        not_covered: not_covered?,
    };
    Some((definition, spots))
}
