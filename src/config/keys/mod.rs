//! Every key of the configuration, declared once: its table, name, type, range, default and meaning.
//!
//! The declarations define what the reader knows and checks, the defaults, what `-T` prints, the
//! reference in docs/configuration.md and the JSON Schema. A new key is one [`setting`] here, and its use in
//! `resolve`.

mod admin_keys;
mod content_keys;
mod decryption_keys;
mod defaults;
pub(super) mod foreign_names;
pub mod json_schema;
mod limits_keys;
mod listener_keys;
mod log_keys;
mod once_keys;
mod public_keys;
pub mod reference;
mod route_keys;
mod route_table_keys;
mod scheme_keys;
mod section;
mod setting;
mod timeouts_keys;
mod top_keys;
mod upstream_keys;
mod value_kind;
mod words;
pub(super) mod written_place;

pub(super) use admin_keys::ADMIN;
pub(super) use content_keys::{CONTENT, MEMBER};
pub(super) use decryption_keys::{AAD, DECRYPTION, DECRYPTION_KEY, IV};
pub(super) use defaults::default_of;
pub(super) use limits_keys::LIMITS;
pub(super) use listener_keys::{CERTIFICATE, LISTENER, TLS};
pub(super) use log_keys::LOG;
pub(super) use once_keys::{ONCE, ONCE_DISK, ONCE_MEMORY, ONCE_REDIS};
pub(super) use public_keys::KEY;
pub(super) use route_keys::ROUTE;
pub(super) use route_table_keys::{RATE_LIMIT, ROUTE_ONCE, ROUTE_SUCCESS};
pub(super) use scheme_keys::{EVENT, KEY_ID, NONCE, SCHEME, SIGNATURE, TIMESTAMP};
pub(super) use section::Section;
pub(super) use setting::{Absent, Holds, Setting};
pub(super) use timeouts_keys::TIMEOUTS;
pub(super) use top_keys::TOP;
pub(super) use upstream_keys::{HEALTH_CHECK, SERVER, UPSTREAM, UPSTREAM_TLS};
pub(super) use value_kind::ValueKind;
pub(super) use words::{
    CipherTextEncoding, FormName, InFlightRepeat, OnOff, OutputPlace, RedisMode, RetryAfter,
    StoreName, Word,
};

/// Every table, in the order of the reference.
pub(super) static ALL: &[&Section] = &[
    &TOP,
    &ADMIN,
    &LOG,
    &LIMITS,
    &ONCE,
    &ONCE_MEMORY,
    &ONCE_DISK,
    &ONCE_REDIS,
    &TIMEOUTS,
    &LISTENER,
    &TLS,
    &CERTIFICATE,
    &KEY,
    &DECRYPTION_KEY,
    &DECRYPTION,
    &IV,
    &AAD,
    &UPSTREAM,
    &SERVER,
    &HEALTH_CHECK,
    &UPSTREAM_TLS,
    &ROUTE,
    &RATE_LIMIT,
    &ROUTE_ONCE,
    &ROUTE_SUCCESS,
    &SCHEME,
    &SIGNATURE,
    &TIMESTAMP,
    &NONCE,
    &KEY_ID,
    &EVENT,
    &CONTENT,
    &MEMBER,
];

/// The tables that a file in an include directory may contain.
pub(super) const INCLUDED: &[&str] = &[
    "key",
    "decryption_key",
    "decryption",
    "scheme",
    "upstream",
    "route",
];

/// The declaration of a key, by the tables that lead to it: `route.once.keep`.
pub(super) fn find(path: &str) -> Option<&'static Setting> {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    let section = ALL.iter().find(|section| section.path == table)?;
    section.find(key)
}

/// Whether some key takes this word.
pub(super) fn is_word(text: &str) -> bool {
    let mut settings = ALL.iter().flat_map(|section| section.settings);
    let takes = |setting: &'static Setting| {
        let words = setting.kind.pick(&|kind| match kind {
            ValueKind::Word(words) => Some(words()),
            _ => None,
        });
        words.is_some_and(|words| words.contains(&text))
    };
    matches!(text, "true" | "false") || settings.any(takes)
}

/// The names of all keys, each with the tables that lead to it: `route.body_limit`.
pub fn known_keys() -> impl Iterator<Item = String> {
    let of =
        |section: &'static Section| section.settings.iter().map(|key| section.path_of(key.name));
    ALL.iter().flat_map(move |section| of(section))
}
