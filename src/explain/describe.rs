//! What a verification shows, as steps for people.

use std::sync::Arc;

use super::explanation::ExplainedStep;
use super::guarded::{GuardedText, Veil, named, stand_in};
use super::opened_keys::OpenedKey;
use super::opened_signature_words::{hex, name, told};
use super::trial::Trial;
use super::variation::Variation;
use super::watched::{Built, Watched};
use crate::verify::language::without_planted;
use crate::verify::{Algorithm, CallbackValue, Construction, Digest};

/// How many bytes of a signature are shown.
const SHOWN: usize = 4;

/// The scheme, and what was found where.
pub(super) fn found(trial: &Trial, watched: &Watched, veil: &Veil) -> Vec<ExplainedStep> {
    let scheme = &trial.policy.scheme;
    let algorithms = scheme.algorithms();
    let names: Vec<&str> = algorithms.iter().map(|one| one.name()).collect();
    let mut steps = vec![ExplainedStep::Scheme {
        name: scheme.name.clone(),
        algorithms: names.join(", "),
    }];
    let is_token = trial.is_token();
    let definition = scheme.definition();
    let written = |text: &str| without_planted(text).into_owned();
    for (role, value) in &watched.found {
        let (what, by) = match role {
            CallbackValue::Signature => ("signature", written(&definition.signature.join(" or "))),
            CallbackValue::Timestamp => {
                let by = definition.timestamp.as_ref().map(|one| written(&one.value));
                ("timestamp", by.unwrap_or_default())
            }
            CallbackValue::Nonce => (
                "nonce",
                written(definition.nonce.as_deref().unwrap_or_default()),
            ),
            CallbackValue::KeyId => (
                "key id",
                written(definition.key_id.as_deref().unwrap_or_default()),
            ),
            _ => continue,
        };
        let value = match role {
            CallbackValue::Signature if is_token => token(trial, value),
            CallbackValue::Signature if veil.is_lifted() => hex(value),
            CallbackValue::Signature => {
                let begin = hex(value.get(..SHOWN).unwrap_or(value));
                format!("{} bytes, {begin}…", value.len())
            }
            _ => String::from_utf8_lossy(value).into_owned(),
        };
        steps.push(ExplainedStep::Found {
            what,
            by,
            value: GuardedText::new(value),
        });
    }
    steps
}

/// Of a token, only its length is compared aloud.
fn token(trial: &Trial, value: &[u8]) -> String {
    let lengths = trial.policy.keys.all().filter_map(|key| key.secret());
    let is_as_long = { lengths }.any(|secret| secret.bytes().len() == value.len());
    let compared = if is_as_long {
        "as long as a key's"
    } else {
        "no key's is as long"
    };
    format!("a token of {} bytes: {compared}", value.len())
}

/// The contents, made with words in place of secrets: nothing of a secret can be in them.
pub(super) fn contents(trial: &Trial, watched: &Watched, veil: &Veil) -> Vec<ExplainedStep> {
    let holds_secret = trial.signs_secret();
    if trial.is_token() {
        return Vec::new();
    }
    let built = match holds_secret && !veil.is_lifted() {
        true => without_secrets(trial),
        false => watched.built.clone(),
    };
    let digest = digest_of(trial);
    let steps = built.into_iter().enumerate().map(|(nth, built)| {
        // A digest could be searched for the secret. A request can bring one itself.
        let is_open = !holds_secret && !veil.hides(&built.applied_to) || veil.is_lifted();
        let digest = digest.filter(|_| is_open).map(|digest| {
            let made = hex(&digest.of(&built.applied_to));
            (name(digest), made)
        });
        ExplainedStep::Content {
            nth,
            text: GuardedText::new(built.text()),
            applied_to: built
                .text
                .is_some()
                .then(|| GuardedText::new(shown(&built.applied_to))),
            digest,
            holds_secret,
        }
    });
    steps.collect()
}

/// Text as it is, and other bytes in hexadecimal.
fn shown(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        Err(_) => hex(bytes).into_bytes(),
    }
}

/// The digest that the scheme's algorithm works on, for people to compare.
fn digest_of(trial: &Trial) -> Option<Digest> {
    let algorithms = trial.policy.scheme.algorithms().into_iter();
    let mut digests = algorithms
        .map(Algorithm::construction)
        .map(|one| match one {
            Construction::RsaPkcs1(digest)
            | Construction::RsaPss(digest)
            | Construction::Ecdsa(_, digest)
            | Construction::Hmac(digest) => Some(digest),
            Construction::Ed25519 => Some(Digest::Sha512),
            _ => None,
        });
    digests.next().flatten()
}

/// What is built with stand-ins for all secrets.
fn without_secrets(trial: &Trial) -> Vec<Built> {
    [false, true]
        .into_iter()
        .map(|digits| {
            let keys = trial.policy.keys.map(|key| Arc::new(stand_in(key, digits)));
            let mut watched = Watched::default();
            // What comes of it is told by the real keys.
            let _ = trial.run_with(&Variation::keys(keys), &mut watched);
            let built = watched.built.into_iter().map(|built| Built {
                applied_to: named(&built.applied_to),
                text: built.text.as_deref().map(named),
            });
            built.collect::<Vec<_>>()
        })
        .find(|built| !built.is_empty())
        .unwrap_or_default()
}

/// The keys that were tried.
pub(super) fn keys(trial: &Trial, watched: &Watched, opened: &[OpenedKey]) -> Vec<ExplainedStep> {
    let mut ids: Vec<&str> = Vec::new();
    for tried in &watched.tried {
        if !ids.contains(&tried.id.as_str()) {
            ids.push(&tried.id);
        }
    }
    let known = ids.into_iter().filter_map(|id| {
        let key = trial.policy.keys.all().find(|key| key.id() == id)?;
        let mut tried = watched.tried.iter().filter(|tried| tried.id == id);
        let fits = tried.any(|tried| tried.matches);
        let opened = opened.iter().find(|one| one.key.id() == id && !fits);
        let bits = key.bits();
        Some(ExplainedStep::Key {
            id: id.to_owned(),
            kind: match bits {
                0 => key.kind().to_string(),
                _ => format!("{}, {bits} bits", key.kind()),
            },
            fits,
            opened: opened
                .filter(|_| !trial.signs_secret())
                .map(|one| told(&one.opened)),
        })
    });
    known.collect()
}
