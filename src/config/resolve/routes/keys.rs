//! The keys that a route accepts.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use http::HeaderName;
use rustls::pki_types::CertificateDer;

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::resolve::headers;
use crate::config::resolve::names::Names;
use crate::config::resolve::peer_certificates::{DatesWarning, find_out_of_date};
use crate::verify::{Key, KeyKind, KeySet, Scheme};

/// A route's setting that names keys, with the texts of its error messages.
pub(super) struct Naming {
    pub(super) key: &'static str,
    /// The consequence of an empty list.
    pub(super) empty: &'static str,
    /// How to write the setting.
    pub(super) help: &'static str,
    /// What to do if there is no header that could select from a table.
    pub(super) no_header: &'static str,
}

const KEYS: Naming = Naming {
    key: "keys",
    empty: "without a key, every callback would be refused",
    help: "write `keys = [\"...\"]` with the ids of `[[key]]` entries",
    no_header: "add `key_header = \"...\"`, or write `keys = [\"...\"]`: any of them may have signed",
};

/// A route's `key_header`: `None` if it is invalid, `Some(None)` if it is absent.
pub(super) type KeyHeader = Option<Option<HeaderName>>;

/// The header that selects keys from tables, if the route names one.
pub(super) fn key_header(table: &Table<'_>, context: &Context<'_>) -> KeyHeader {
    let header = table.optional("key_header", |value| {
        headers::of_callback(value, context.prefix)
    });
    let is_table = |key| table.get(key).is_some_and(|value| value.is_table());
    if table.has("key_header")
        && let Some(keys) = table.get("keys")
        && !is_table("keys")
        && !is_table("decrypt_keys")
    {
        table.problems().report(
            Diagnostic::error(
                "conflicting keys",
                table.key_place("key_header"),
                "`key_header` selects from a table of keys, but `keys` is not a table",
            )
            .and(keys.place(), "`keys` is here")
            .help("write `keys = { \"header value\" = \"key id\" }`, or remove `key_header`"),
        );
    }
    header
}

/// The keys that may have signed a route's callbacks.
pub(super) fn verification_keys(
    table: &Table<'_>,
    key_header: &KeyHeader,
    scheme: Option<&Scheme>,
    context: &Context<'_>,
) -> Option<KeySet<Key>> {
    let keys = key_set(table, &KEYS, key_header, scheme, context.keys)?;
    if scheme?.rules().keys_are_roots() {
        let misfit = |key: &Key| {
            let is_root = key.certificate().is_some();
            (!is_root).then(|| {
                format!(
                    "the scheme takes keys out of certificates that the route's keys have issued, but the \
                     key `{}` is no certificate",
                    key.id()
                )
            })
        };
        let help = "name a `[[key]]` whose `file` is the certificate of the authority";
        let fit = all_fit(table, &KEYS, &keys, context.keys, misfit, help);
        warn_of_roots(table, &keys, context);
        return fit.then_some(keys);
    }
    let algorithms = scheme?.algorithms();
    let misfit = |key: &Key| {
        let algorithm = *algorithms.iter().find(|algorithm| !key.fits(**algorithm))?;
        let (id, kind, wanted) = (key.id(), key.kind(), algorithm.key_kind());
        (!key.fits(algorithm)).then(|| match key.only().filter(|_| kind == wanted) {
            Some(only) => {
                format!("the key `{id}` is only for `{only}`, as its JWK says, not `{algorithm}`")
            }
            None => format!(
                "the key `{id}` is {}, but `{algorithm}` needs {}",
                described(kind),
                described(wanted)
            ),
        })
    };
    let help = "name a key of the right kind, or a scheme with another `algorithm`";
    let fit = all_fit(table, &KEYS, &keys, context.keys, misfit, help);
    (fit && have_secrets(table, &keys, scheme?, context)).then_some(keys)
}

/// Warns of roots that are out of date, or soon will be.
fn warn_of_roots(table: &Table<'_>, keys: &KeySet<Key>, context: &Context<'_>) {
    for key in keys.all() {
        let Some(root) = key.certificate().map(CertificateDer::from) else {
            continue;
        };
        let Some(DatesWarning { why, help, .. }) = find_out_of_date(&[root]) else {
            continue;
        };
        let place = table.key_place(KEYS.key);
        let warning = Diagnostic::warning(WarningName::AuthorityOutOfDate, place, why);
        let is_key = |others: &Vec<Arc<Key>>| others.iter().any(|other| Arc::ptr_eq(other, key));
        let warning = match context.keys.place(is_key) {
            Some(place) => warning.and(place, "the key is here"),
            None => warning,
        };
        let help = help.unwrap_or("name the renewed certificate beside it, as a key of its own");
        table.problems().report(warning.help(help));
    }
}

/// Whether all keys have the further secrets that the scheme uses.
fn have_secrets(
    table: &Table<'_>,
    keys: &KeySet<Key>,
    scheme: &Scheme,
    context: &Context<'_>,
) -> bool {
    let names = scheme.rules().named_secrets();
    let missing = names.iter().find_map(|name| {
        let mut keys = keys.all();
        Some((*name, keys.find(|key| !key.has_named_secret(name))?))
    });
    let Some((name, key)) = missing else {
        return true;
    };
    let why = format!(
        "the scheme {} uses `{{secret:{name}}}`, which the key `{}` does not have",
        quote(&scheme.name),
        key.id()
    );
    let misfit = |other: &Key| std::ptr::eq(other, Arc::as_ref(key)).then(|| why.clone());
    let help = format!("add `secrets = {{ {name} = {{ file = \"...\" }} }}` to the key");
    all_fit(table, &KEYS, keys, context.keys, misfit, &help)
}

fn described(kind: KeyKind) -> String {
    match kind {
        KeyKind::Secret => "a secret".to_owned(),
        public => format!("a public key of the kind {public}"),
    }
}

/// Whether all keys are suitable. `misfit` explains why a key is not. The report shows where the
/// route names its keys and where the key is defined.
pub(super) fn all_fit<K>(
    table: &Table<'_>,
    naming: &Naming,
    keys: &KeySet<K>,
    names: &Names<'_, Vec<Arc<K>>>,
    misfit: impl Fn(&K) -> Option<String>,
    help: &str,
) -> bool {
    let Some((key, why)) = keys.all().find_map(|key| Some((key, misfit(key)?))) else {
        return true;
    };
    let problem = Diagnostic::error("unsuitable key", table.key_place(naming.key), why);
    let problem = match names.place(|others| others.iter().any(|other| Arc::ptr_eq(other, key))) {
        Some(place) => problem.and(place, "the key is here"),
        None => problem,
    };
    table.problems().report(problem.help(help));
    false
}

/// Reads keys: a list of ids, or a table that maps each value of a header to one or several ids.
pub(super) fn key_set<T>(
    table: &Table<'_>,
    naming: &Naming,
    key_header: &KeyHeader,
    scheme: Option<&Scheme>,
    names: &Names<'_, Vec<Arc<T>>>,
) -> Option<KeySet<T>> {
    let value = table.require(naming.key, naming.help)?;
    if value.is_table() {
        let sets = sets(value, names, naming);
        let header = header(table, naming, key_header.clone()?, scheme?)?;
        return Some(KeySet::ByHeader {
            header,
            sets: sets?,
        });
    }
    if value.is_text() {
        let written = value
            .text()
            .map(|text| format!("[{}]", quote(text.text).replace('`', "\"")));
        return value.wrong_type("an array or a table of key ids", written.as_deref());
    }
    set(value, names, naming).map(KeySet::Any)
}

/// The header that selects the keys.
fn header(
    table: &Table<'_>,
    naming: &Naming,
    key_header: Option<HeaderName>,
    scheme: &Scheme,
) -> Option<HeaderName> {
    if let Some(header) = key_header.or_else(|| scheme.key_id_header().cloned()) {
        return Some(header);
    }
    table.problems().report(
        Diagnostic::error(
            "key table without header",
            table.key_place(naming.key),
            format!(
                "the scheme `{}` has no header that could select the key",
                scheme.name
            ),
        )
        .help(naming.no_header),
    );
    None
}

fn sets<T>(
    value: Value<'_>,
    names: &Names<'_, Vec<Arc<T>>>,
    naming: &Naming,
) -> Option<BTreeMap<String, Vec<Arc<T>>>> {
    let pairs = value.pairs()?;
    if pairs.is_empty() {
        return empty(value, naming);
    }
    let sets: Vec<_> = pairs
        .into_iter()
        .map(|(id, keys)| {
            let id = header_value(id);
            let set = if keys.is_table() {
                keys.wrong_type("a key id or an array of key ids", Some("\"...\""))
            } else {
                set(keys, names, naming)
            };
            Some((id?.to_owned(), set?))
        })
        .collect();
    sets.into_iter().collect()
}

/// Text that can be a header's value.
fn header_value(text: Text<'_>) -> Option<&str> {
    let value = text.text;
    let printable = value.chars().all(|c| !c.is_control());
    if !value.is_empty() && value.trim() == value && printable {
        return Some(value);
    }
    text.error("invalid header value", "no header can have this value")
        .help("write the value as the provider sends it, without spaces around it")
        .report()
}

/// One key id, or several alternatives.
fn set<T>(
    value: Value<'_>,
    names: &Names<'_, Vec<Arc<T>>>,
    naming: &Naming,
) -> Option<Vec<Arc<T>>> {
    let items = value.one_or_list()?;
    if items.is_empty() {
        return empty(value, naming);
    }
    let mut seen = HashSet::new();
    let keys: Vec<_> = items
        .into_iter()
        .map(|item| {
            let id = item.text()?;
            if !seen.insert(id.text) {
                return id
                    .error(
                        "duplicate key id",
                        format!("{} is already listed", quote(id.text)),
                    )
                    .help("list each key once")
                    .report();
            }
            names.find(id).cloned()
        })
        .collect();
    let keys: Option<Vec<Vec<Arc<T>>>> = keys.into_iter().collect();
    Some(keys?.into_iter().flatten().collect())
}

fn empty<T>(value: Value<'_>, naming: &Naming) -> Option<T> {
    value
        .error("empty list", naming.empty)
        .help(naming.help)
        .report()
}
