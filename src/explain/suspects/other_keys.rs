//! Other keys of the configuration, and other ways to write a secret.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};
use crate::verify::{Key, KeySet, Secret, decode_hex};

/// A key somewhere in the configuration.
pub(in crate::explain) struct KnownKey {
    /// The route that accepts it.
    pub(in crate::explain) route: String,
    pub(in crate::explain) key: Arc<Key>,
}

/// The other keys that are known, each alone.
pub(super) fn known<'t>(known: &'t [KnownKey], own: &'t KeySet<Key>) -> Suspects<'t> {
    let is_own = |key: &Key| own.all().any(|one| one.fingerprint() == key.fingerprint());
    let by_header = own.header().is_some();
    // Of a route whose keys a header selects, the others count, too.
    let of_sets = own.all().filter(move |_| by_header).map(|key| (None, key));
    let others = known.iter().filter(move |one| !is_own(&one.key));
    let others = others.map(|one| (Some(&one.route), &one.key));
    Box::new(of_sets.chain(others).map(move |(route, key)| {
        let same_id = own.all().any(|one| is_same_name(one, key));
        let (diagnosis, of) = match route {
            None => (
                Diagnosis::OtherKey,
                "which the request does not name".to_owned(),
            ),
            Some(route) if same_id => (Diagnosis::OldKey, format!("of the route `{route}`")),
            Some(route) => (Diagnosis::OtherKey, format!("of the route `{route}`")),
        };
        Suspect {
            diagnosis,
            what: format!("the key is `{}`, {of}", key.id()),
            mend: Mend::Key,
            variation: Variation::keys(KeySet::Any(vec![Arc::clone(key)])),
        }
    }))
}

/// Whether providers or operators call two keys by one name, or by one that differs in its version only.
fn is_same_name(one: &Key, other: &Key) -> bool {
    let names = |key: &Key| {
        let kid = key.kid().map(str::to_owned);
        [Some(stem(key.id())), kid]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    let others = names(other);
    names(one)
        .iter()
        .any(|name| !name.is_empty() && others.contains(name))
}

/// An id without what tells versions of a key apart.
fn stem(id: &str) -> String {
    let mut stem = id.to_ascii_lowercase();
    for word in ["previous", "current", "next", "prev", "old", "new"] {
        stem = stem.replace(word, "");
    }
    stem.trim_matches(|c: char| !c.is_ascii_alphabetic())
        .to_owned()
}

/// The same keys with their secrets written in other ways.
pub(super) fn secrets(own: &KeySet<Key>) -> Suspects<'_> {
    let with_secret = |key: &Key| key.secret().is_some() || key.named_secrets().next().is_some();
    if !own.all().any(|key| with_secret(key)) {
        return Box::new(std::iter::empty());
    }
    let all = SPELLINGS
        .iter()
        .filter_map(move |(diagnosis, what, respell)| {
            let mut is_changed = false;
            let other = |secret: &Secret| {
                let bytes = respell(secret.bytes()).filter(|bytes| bytes != secret.bytes())?;
                Secret::new(Zeroizing::new(bytes)).ok()
            };
            is_changed |= own.all().any(|key| key.secret().and_then(other).is_some());
            let keys = own.map(|key| match key.secret().and_then(other) {
                Some(secret) => Arc::new(Key::clone(key).with_secret(secret)),
                None => Arc::clone(key),
            });
            is_changed.then(|| Suspect {
                diagnosis: *diagnosis,
                what: (*what).to_owned(),
                mend: Mend::Key,
                variation: Variation::keys(keys),
            })
        });
    Box::new(all.chain(named(own)).chain(swapped(own)))
}

/// The same for further secrets.
fn named(own: &KeySet<Key>) -> Suspects<'_> {
    Box::new(
        SPELLINGS
            .iter()
            .filter_map(move |(diagnosis, what, respell)| {
                let other = |secret: &Secret| {
                    let bytes = respell(secret.bytes()).filter(|bytes| bytes != secret.bytes())?;
                    Secret::new(Zeroizing::new(bytes)).ok()
                };
                let is_changed =
                    |key: &Arc<Key>| key.named_secrets().any(|(_, one)| other(one).is_some());
                if !own.all().any(is_changed) {
                    return None;
                }
                let keys = own.map(|key| {
                    let respelled = key.named_secrets();
                    let respelled = respelled.filter_map(|(name, one)| Some((name, other(one)?)));
                    let changed = respelled.fold(Key::clone(key), |key, (name, secret)| {
                        key.with_named_secret(name, secret)
                    });
                    Arc::new(changed)
                });
                Some(Suspect {
                    diagnosis: *diagnosis,
                    what: format!("of the further secrets, {what}"),
                    mend: Mend::Key,
                    variation: Variation::keys(keys),
                })
            }),
    )
}

/// Own and further secrets in each other's place.
fn swapped(own: &KeySet<Key>) -> Suspects<'_> {
    let names: Vec<String> = { own.all() }
        .flat_map(|key| key.named_secrets())
        .map(|(name, _)| name.to_owned())
        .collect();
    Box::new(names.into_iter().map(move |name| {
        let keys = own.map(|key| {
            let further = key.named_secrets().find(|(one, _)| *one == name);
            match (key.secret(), further) {
                (Some(own), Some((_, further))) => Arc::new(
                    Key::clone(key)
                        .with_secret(further.clone())
                        .with_named_secret(&name, own.clone()),
                ),
                _ => Arc::clone(key),
            }
        });
        Suspect {
            diagnosis: Diagnosis::SecretsSwapped,
            what: format!("the secret and its further one `{name}` change places"),
            mend: Mend::Key,
            variation: Variation::keys(keys),
        }
    }))
}

type Respell = fn(&[u8]) -> Option<Vec<u8>>;

/// Other ways to write a secret.
const SPELLINGS: &[(Diagnosis, &str, Respell)] = &[
    (
        Diagnosis::SecretWhiteSpace,
        "white space around the secret is taken away",
        |secret| Some(secret.trim_ascii().to_vec()),
    ),
    (
        Diagnosis::SecretWhiteSpace,
        "all white space in the secret is taken away",
        |secret| {
            let kept = secret
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace());
            Some(kept.collect())
        },
    ),
    (
        Diagnosis::SecretWhiteSpace,
        "quotes around the secret are taken away",
        |secret| {
            let trimmed = secret.trim_ascii();
            let inner = |quote: &[u8]| trimmed.strip_prefix(quote)?.strip_suffix(quote);
            inner(b"\"").or_else(|| inner(b"'")).map(<[u8]>::to_vec)
        },
    ),
    (
        Diagnosis::SecretWhiteSpace,
        "the byte-order mark in front of the secret is taken away",
        |secret| secret.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
    ),
    (
        Diagnosis::SecretWhiteSpace,
        "a line end is put behind the secret",
        |secret| Some([secret, b"\n"].concat()),
    ),
    (
        Diagnosis::SecretPrefix,
        "the prefix of the secret is taken away",
        |secret| {
            let secret = secret.trim_ascii();
            PREFIXES
                .iter()
                .find_map(|prefix| secret.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec))
        },
    ),
    (
        Diagnosis::SecretPrefix,
        "the secret begins behind its first underscore",
        |secret| behind(secret, b'_', false),
    ),
    (
        Diagnosis::SecretPrefix,
        "the secret begins behind its last underscore",
        |secret| behind(secret, b'_', true),
    ),
    (
        Diagnosis::SecretPrefix,
        "the secret begins behind its first colon or equals sign",
        |secret| behind(secret, b':', false).or_else(|| behind(secret, b'=', false)),
    ),
    (
        Diagnosis::SecretPrefix,
        "`whsec_` is put in front of the secret",
        |secret| Some([b"whsec_", secret].concat()),
    ),
    (
        Diagnosis::SecretPrefix,
        "`SEC` is put in front of the secret",
        |secret| Some([b"SEC", secret].concat()),
    ),
    (
        Diagnosis::SecretPrefix,
        "`Bearer ` is put in front of the secret",
        |secret| Some([b"Bearer ", secret].concat()),
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is decoded from base64",
        |secret| {
            let text = secret.trim_ascii();
            let text = text.strip_prefix(b"whsec_").unwrap_or(text);
            STANDARD
                .decode(text)
                .or_else(|_| STANDARD_NO_PAD.decode(text))
                .ok()
        },
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is decoded from base64url",
        |secret| {
            let text = secret.trim_ascii();
            URL_SAFE
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text))
                .ok()
        },
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is decoded from hexadecimal",
        |secret| decode_hex(std::str::from_utf8(secret.trim_ascii()).ok()?),
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is encoded in base64",
        |secret| Some(STANDARD.encode(secret).into_bytes()),
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is encoded in base64, with `whsec_` in front",
        |secret| Some(format!("whsec_{}", STANDARD.encode(secret)).into_bytes()),
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is encoded in hexadecimal",
        |secret| {
            let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(hex.into_bytes())
        },
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is in lower case",
        |secret| Some(secret.to_ascii_lowercase()),
    ),
    (
        Diagnosis::SecretEncoding,
        "the secret is in upper case",
        |secret| Some(secret.to_ascii_uppercase()),
    ),
    (
        Diagnosis::SecretEncoding,
        "percent codes in the secret are decoded",
        |secret| super::form_writing::decoded(secret, false),
    ),
];

const PREFIXES: &[&str] = &[
    "whsec_", "whsec-", "SEC", "sk_live_", "sk_test_", "Bearer ", "Basic ", "base64:", "hex:",
    "sha256=", "secret=", "key=", "v1,", "v1=", "whpk_", "wh_sec_",
];

/// What stands behind the first or last of a sign.
fn behind(secret: &[u8], sign: u8, last: bool) -> Option<Vec<u8>> {
    let at = match last {
        true => secret.iter().rposition(|byte| *byte == sign)?,
        false => secret.iter().position(|byte| *byte == sign)?,
    };
    let rest = secret.get(at.saturating_add(1)..)?;
    (rest.len() >= 4).then(|| rest.to_vec())
}
