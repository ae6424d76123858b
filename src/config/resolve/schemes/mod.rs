//! The operator's own schemes, in addition to the built-in ones.

mod content;
mod coverage;
mod parts;
mod rules;
mod template;
mod translate;

use std::sync::Arc;
use std::time::Duration;

use super::answers;
use super::headers::Prefix;
use super::names::Names;
use super::once;
use crate::config::classic_scheme::{Form, Source};
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, Text, Value};
use crate::verify::body::{BodyFormat, Charset};
use crate::verify::language::{Choice, SchemeDefinition};
use crate::verify::scheme::{Scheme, SignatureForm};
use crate::verify::{Algorithm, Means};

pub(super) type Schemes<'a> = Names<'a, Arc<Scheme>>;

pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    prefix: Option<&Prefix>,
) -> Schemes<'a> {
    let mut schemes = Names::new("scheme");
    for scheme in Scheme::built_in() {
        schemes.built_in(&scheme.name, Arc::new(scheme.clone()));
    }
    schemes.define_all(tables, incomplete, ("name", "scheme"), |table, name| {
        scheme(table, name, prefix).map(Arc::new)
    });
    schemes
}

/// Reads one scheme. A scheme without a usable name is still checked.
pub(in crate::config) fn scheme(
    table: &Table<'_>,
    name: Option<Text<'_>>,
    prefix: Option<&Prefix>,
) -> Option<Scheme> {
    let algorithm = algorithm(table);
    let signature = rules::signature(table, prefix);
    let signature_form = table.optional("signature_form", Value::word);
    let timestamp = table.optional("timestamp", |value| rules::timestamp(value, prefix));
    let nonce = table.optional("nonce", |value| rules::nonce(value, prefix));
    let key_id = table.optional("key_id", |value| rules::key_id(value, prefix));
    let body = table.optional("body", Value::word);
    let charset = table.read("charset", Value::word);
    let event = table.optional("event", rules::event);
    let max_age = max_age(table);
    let (has_key_id, has_nonce) = (table.may_have("key_id"), table.may_have("nonce"));
    let identity = table.read("identity", |value| {
        once::identity(value, has_key_id, has_nonce)
    });
    let failure = table.read("failure", |value| {
        let bodies = answers::bodies(value)?.into_iter();
        Some(bodies.map(|text| text.text.to_owned()).collect())
    });
    let keep = table.read("keep", Value::duration);
    let content = content::content(table, prefix);
    let ambiguous_join = table.read("ambiguous_join", Value::boolean);
    let unsigned_body = table.read("unsigned_body", Value::boolean);
    let name = name.map_or("", |name| name.text);
    let (algorithm, signature, content) = (algorithm?, signature?, content?);
    let (timestamp, nonce, event) = (timestamp?, nonce?, event?);
    let body = body?.unwrap_or(BodyFormat::Opaque);
    is_of_forms(table, charset?, body)?;
    let is_in_body = |source: &Source| source.header().is_none();
    let reads_fields = matches!(content.form, Form::SortedFields(_))
        || is_in_body(&signature.source)
        || timestamp
            .as_ref()
            .is_some_and(|rule| is_in_body(&rule.source))
        || nonce.as_ref().is_some_and(|rule| is_in_body(&rule.source));
    let named = BodyFormat::NAMED.iter().find(|(_, format)| *format == body);
    let mut definition = SchemeDefinition {
        algorithm: Choice::Fixed(algorithm.name().to_owned()),
        signature_form: signature_form?.map(|form| match form {
            SignatureForm::Der => "der".to_owned(),
            _ => "raw".to_owned(),
        }),
        signature: vec![translate::signature(&signature, body)],
        timestamp: timestamp.map(|rule| translate::timestamp(&rule, body)),
        nonce: nonce.map(|rule| translate::nonce(&rule, body)),
        key_id: key_id?.map(|header| format!("{{header:{header}}}")),
        body: named
            .filter(|_| !reads_fields)
            .map(|(name, _)| (*name).to_owned()),
        ..SchemeDefinition::default()
    };
    let source = match translate::source_of_fields(body) {
        "json" => "field",
        other => other,
    };
    definition.event = event.map(|name| format!("{{{source}:{name}}}"));
    definition.charset =
        (charset? != Charset::Utf8).then(|| charset.map_or("", Charset::name).to_owned());
    translate::content(&content, &signature.source, body, &mut definition);
    let mut scheme = match Scheme::compile(name, definition) {
        Ok(scheme) => scheme,
        Err(errors) => {
            for error in errors {
                if error.key == "signature_form" {
                    table.problems().report(misfit_form(table, algorithm));
                    continue;
                }
                let key = error.key.split(['.', '[']).next().unwrap_or_default();
                let key = if key == "fields" { "content" } else { key };
                table.problems().report(
                    Diagnostic::error("invalid scheme", table.key_place(key), error.to_string())
                        .help("compare it with the provider's documentation"),
                );
            }
            return None;
        }
    };
    scheme.max_age = max_age?;
    scheme.ambiguous_join = ambiguous_join?;
    scheme.identity = identity?;
    scheme.keep = keep?;
    scheme.failure = failure?;
    coverage::check(table, &scheme, unsigned_body?)?;
    Some(scheme)
}

/// Whether ECDSA's signatures are in one form or another must be said, and of no others.
fn misfit_form(table: &Table<'_>, algorithm: Algorithm) -> Diagnostic {
    if algorithm.curve().is_none() {
        return Diagnostic::error(
            "needless setting",
            table.key_place("signature_form"),
            format!("signatures of `{algorithm}` have one form only"),
        )
        .help("remove `signature_form`");
    }
    Diagnostic::error(
        "missing key",
        table.key_place("algorithm"),
        format!("`{algorithm}` has signatures in two forms, and the scheme does not say which"),
    )
    .help(
        "add `signature_form = \"der\"` (OpenSSL, Java; `MEU...` or `MEQ...` in base64) or \
         \"raw\" (JOSE, Web Crypto)",
    )
}

fn algorithm(table: &Table<'_>) -> Option<Algorithm> {
    let value = table.require(
        "algorithm",
        "add `algorithm = \"rsa-sha256\"`, or what the provider's documentation says",
    )?;
    if value.is_text() {
        let text = value.text()?;
        let named = Algorithm::from_name(text.text);
        if named.is_some_and(|algorithm| algorithm.means() == Means::Digest) {
            return text
                .error(
                    "no proof",
                    "a digest without a secret proves nothing: anybody can make it",
                )
                .help(
                    "if the provider uses a secret as HMAC does, write \"hmac-sha256\" and so on; \
                     content that contains the secret cannot be described",
                )
                .report();
        }
        if named == Some(Algorithm::Token) {
            return text
                .error("no proof", "a token covers nothing of a callback")
                .help("ask the provider for a signature")
                .report();
        }
    }
    let algorithm: Algorithm = value.word()?;
    if algorithm.is_legacy() {
        table.problems().report(
            Diagnostic::warning(
                WarningName::LegacyAlgorithm,
                value.place(),
                format!("the digest of {algorithm} is broken against collisions"),
            )
            .help("use it only if the provider offers nothing else"),
        );
    }
    Some(algorithm)
}

/// JSON and XML are UTF-8.
fn is_of_forms(table: &Table<'_>, charset: Charset, body: BodyFormat) -> Option<()> {
    if charset == Charset::Utf8 || body == BodyFormat::Form {
        return Some(());
    }
    table.problems().report(
        Diagnostic::error(
            "charset without form",
            table.key_place("charset"),
            "only forms have another character set than UTF-8",
        )
        .help("add `body = \"form\"`, or remove `charset`"),
    );
    None
}

fn max_age(table: &Table<'_>) -> Option<Option<Duration>> {
    let max_age = table.optional("max_age", Value::duration)?;
    if max_age.is_some() && !table.may_have("timestamp") {
        table.problems().report(
            Diagnostic::error(
                "max_age without timestamp",
                table.key_place("max_age"),
                "the scheme has no timestamp that could be too old",
            )
            .help("say with `timestamp` where the timestamp is, or remove `max_age`"),
        );
        return None;
    }
    Some(max_age)
}
