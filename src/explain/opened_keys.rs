//! What RSA signatures hold: it decides what other algorithms leave open.

use std::sync::Arc;

use super::diagnosis::Diagnosis;
use super::finding::Finding;
use super::guarded::Veil;
use super::opened_signature_words::{hex, name};
use super::trial::Trial;
use super::watched::Watched;
use crate::verify::keys::OpenedSignature;
use crate::verify::{Algorithm, CallbackValue, Construction, Digest, Key};

/// A key, and what it makes of the signature.
pub(super) struct OpenedKey {
    pub(super) key: Arc<Key>,
    pub(super) opened: OpenedSignature,
}

/// The signature as each key that was tried opens it. None but RSA keys do.
pub(super) fn open(trial: &Trial, watched: &Watched) -> Vec<OpenedKey> {
    let is_tried = |key: &&Arc<Key>| {
        let mut tried = watched.tried.iter();
        watched.tried.is_empty() || tried.any(|one| one.id == key.id())
    };
    let keys = trial.policy.keys.all().filter(is_tried);
    let opened = keys.flat_map(|key| {
        let signatures = watched.values(CallbackValue::Signature);
        signatures.filter_map(|signature| {
            Some(OpenedKey {
                key: Arc::clone(key),
                opened: key.open(signature)?,
            })
        })
    });
    opened.collect()
}

/// What is certain before anything is tried: the content is right, and the rest is not.
pub(super) fn right_content(
    trial: &Trial,
    watched: &Watched,
    opened: &[OpenedKey],
) -> Option<Finding> {
    let wanted = wanted(trial)?;
    let is_of = |digest: Digest, bytes: &[u8]| {
        let mut contents = watched.built.iter();
        contents.any(|built| digest.of(&built.applied_to) == bytes)
    };
    opened.iter().find_map(|OpenedKey { key, opened }| {
        let id = key.id();
        let other = Diagnosis::OtherAlgorithm;
        match (opened, wanted) {
            (OpenedSignature::Digest(made, bytes), Construction::RsaPkcs1(digest))
                if *made != digest && is_of(*made, bytes) =>
            {
                let first = format!(
                    "The key `{id}` signed this content, but with {} instead of {}.",
                    name(*made),
                    name(digest)
                );
                Some(Finding::saying(other, first))
            }
            (OpenedSignature::Digest(made, bytes), Construction::RsaPss(_)) if is_of(*made, bytes) => {
                let first = format!(
                    "The key `{id}` signed this content, with {}, but as RSASSA-PKCS1-v1_5 instead \
                     of RSASSA-PSS.",
                    name(*made)
                );
                Some(Finding::saying(other, first))
            }
            (OpenedSignature::DigestWithoutNull(made, bytes), _) if is_of(*made, bytes) => {
                let first = format!(
                    "The key `{id}` signed this content, with {}, but its DigestInfo lacks the NULL \
                     of RFC 8017.",
                    name(*made)
                );
                Some(Finding::saying(Diagnosis::NotPkcs1, first))
            }
            (OpenedSignature::Bare(bytes), Construction::RsaPkcs1(digest)) if is_of(digest, bytes) => {
                let first = format!(
                    "The key `{id}` signed the {} digest of this content without DigestInfo: it is \
                     not a PKCS#1 signature.",
                    name(digest)
                );
                Some(Finding::saying(Diagnosis::NotPkcs1, first))
            }
            _ => None,
        }
    })
}

/// What is left once nothing that was tried made the signature fit.
pub(super) fn otherwise(
    trial: &Trial,
    watched: &Watched,
    opened: &[OpenedKey],
    veil: &Veil,
) -> Option<Finding> {
    let wanted = wanted(trial)?;
    let known = opened
        .iter()
        .find(|one| one.opened != OpenedSignature::Unknown);
    let OpenedKey { key, opened } = known.or_else(|| opened.first())?;
    let id = key.id();
    match (opened, wanted) {
        (OpenedSignature::Digest(digest, bytes), _) => {
            let first = format!(
                "This key signed it, with {}, over other content: `{id}`.",
                name(*digest)
            );
            let mut finding = Finding::saying(Diagnosis::OtherContent, first);
            // A digest of a secret could be searched for it.
            if !trial.signs_secret() {
                finding = finding.with(format!(
                    "{} in the signature  {}",
                    name(*digest),
                    hex(bytes)
                ));
                let built = watched.built.iter();
                for built in built.filter(|built| !veil.hides(&built.applied_to)) {
                    let ours = hex(&digest.of(&built.applied_to));
                    finding = finding.with(format!("{} of the content    {ours}", name(*digest)));
                }
            }
            Some(finding)
        }
        (OpenedSignature::DigestWithoutNull(..) | OpenedSignature::Bare(_), _) => {
            let first = format!("The key `{id}` made it, but it is not a PKCS#1 signature at all.");
            Some(Finding::saying(Diagnosis::NotPkcs1, first))
        }
        (OpenedSignature::Pss(digest), Construction::RsaPkcs1(_)) => {
            let first = format!(
                "The key `{id}` made it, but as RSASSA-PSS with {} instead of RSASSA-PKCS1-v1_5.",
                name(*digest)
            );
            Some(Finding::saying(Diagnosis::OtherAlgorithm, first))
        }
        (OpenedSignature::Pss(digest), _) => {
            let first = format!(
                "This key signed it, as RSASSA-PSS with {}, over other content, or with a salt of \
                 another length: `{id}`.",
                name(*digest)
            );
            Some(Finding::saying(Diagnosis::OtherContent, first))
        }
        _ => Some(Finding::of(Diagnosis::AnotherKey)),
    }
}

/// What the scheme's signatures are made of, if they are RSA's.
fn wanted(trial: &Trial) -> Option<Construction> {
    let algorithms = trial.policy.scheme.algorithms().into_iter();
    let mut constructions = algorithms.map(Algorithm::construction);
    constructions.find(|one| matches!(one, Construction::RsaPkcs1(_) | Construction::RsaPss(_)))
}
