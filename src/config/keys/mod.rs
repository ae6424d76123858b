//! Every key of the configuration, declared once: its table, name, type, range, default and meaning.
//!
//! The declarations define what the reader knows and checks, the defaults, what `-T` prints, the
//! reference in docs/configuration.md and the JSON Schema. A new key is one [`setting`] here, and its use in
//! `resolve`.

mod about_keys;
mod admin_keys;
mod answer_keys;
mod capture_keys;
mod case_keys;
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
mod scheme_table_keys;
mod section;
mod selection_keys;
mod setting;
mod timeouts_keys;
mod top_keys;
mod upstream_keys;
mod value_kind;
mod words;
pub(super) mod written_place;

pub(super) use about_keys::SCHEME_ABOUT;
pub(super) use admin_keys::ADMIN;
pub(super) use answer_keys::{
    HANDSHAKE_ANSWER, SCHEME_ACKNOWLEDGE, SCHEME_HANDSHAKE, SCHEME_REFUSE,
};
pub(super) use capture_keys::CAPTURE;
pub(super) use case_keys::{CASE_KEY, SCHEME_CASE, VERIFIED};
pub(super) use decryption_keys::{AAD, DECRYPTION, DECRYPTION_KEY, IV};
pub(super) use defaults::default_of;
pub(super) use limits_keys::LIMITS;
pub(super) use listener_keys::{CERTIFICATE, LISTENER, TLS};
pub(super) use log_keys::LOG;
pub(super) use once_keys::{ONCE, ONCE_DISK, ONCE_MEMORY, ONCE_REDIS};
pub(super) use public_keys::{KEY, KEY_SECRET};
pub(super) use route_keys::ROUTE;
pub(super) use route_table_keys::{RATE_LIMIT, ROUTE_ONCE, ROUTE_SUCCESS};
pub(super) use scheme_keys::{NO_MAX_AGE, SCHEME};
pub(super) use scheme_table_keys::{
    SCHEME_ALGORITHM, SCHEME_CERTIFICATE, SCHEME_STEP, SCHEME_TIMESTAMP,
};
pub(super) use section::Section;
pub(super) use selection_keys::SELECTION;
pub(super) use setting::{Absent, Holds, Setting};
pub(super) use timeouts_keys::TIMEOUTS;
pub(super) use top_keys::TOP;
pub(super) use upstream_keys::{HEALTH_CHECK, SERVER, UPSTREAM, UPSTREAM_TLS};
pub(super) use value_kind::ValueKind;
pub(super) use words::{
    AnswerFrom, CipherTextEncoding, InFlightRepeat, OnOff, OutputPlace, RedisMode, RetryAfter,
    RouteMode, StoreName, Word,
};

/// Every table, in the order of the reference.
pub(super) static ALL: &[&Section] = &[
    &TOP,
    &ADMIN,
    &CAPTURE,
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
    &KEY_SECRET,
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
    &SCHEME_ABOUT,
    &SCHEME_ALGORITHM,
    &SCHEME_CERTIFICATE,
    &SCHEME_TIMESTAMP,
    &SCHEME_STEP,
    &SELECTION,
    &SCHEME_ACKNOWLEDGE,
    &SCHEME_REFUSE,
    &SCHEME_HANDSHAKE,
    &HANDSHAKE_ANSWER,
    &SCHEME_CASE,
    &CASE_KEY,
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
    section_at(table)?.find(key)
}

/// The table at this path. One whose path ends with `NAME` has names of the operator's.
pub(super) fn section_at(path: &str) -> Option<&'static Section> {
    let named = |section: &&&Section| {
        let prefix = section.path.strip_suffix("NAME");
        prefix.is_some_and(|prefix| path.starts_with(prefix))
    };
    let mut all = ALL.iter();
    let exact = all.find(|section| section.path == path);
    exact.or_else(|| ALL.iter().find(named)).copied()
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
