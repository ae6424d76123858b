//! What RSA signatures hold: it decides what other algorithms leave open.

use std::sync::Arc;

use super::diagnosis::Diagnosis;
use super::finding::Finding;
use super::guarded::Veil;
use super::opened_signature_words::{hex, name, told_pss};
use super::trial::Trial;
use super::watched::Watched;
use crate::verify::keys::{OpenedSignature, PssPadding};
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
    // What one key certainly made counts before what another may have made.
    let known = opened.iter().find(|one| match &one.opened {
        OpenedSignature::Unknown => false,
        OpenedSignature::Pss(all) => all.iter().any(PssPadding::is_certain),
        _ => true,
    });
    let possible = || {
        opened
            .iter()
            .find(|one| one.opened != OpenedSignature::Unknown)
    };
    let known = known.or_else(possible);
    let opened_by_one = opened.len() == 1;
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
        (OpenedSignature::OtherDigest(made), _) => {
            let first = format!(
                "The key `{id}` made it, but as RSASSA-PKCS1-v1_5 with {made}, which no scheme takes."
            );
            Some(Finding::saying(Diagnosis::OtherAlgorithm, first))
        }
        (OpenedSignature::OtherPadding(standard), _) => {
            let first = format!("The key `{id}` made it, but with the padding of {standard}.");
            Some(Finding::saying(Diagnosis::NotPkcs1, first))
        }
        (OpenedSignature::Pss(all), wanted) => Some(of_pss(id, all, wanted)),
        _ if opened_by_one => {
            let first = format!(
                "The key `{id}` does not seem to have made this signature: decrypting it with this key gives random data."
            );
            Some(Finding::saying(Diagnosis::AnotherKey, first))
        }
        _ => Some(Finding::of(Diagnosis::AnotherKey)),
    }
}

/// The content is right, but it is signed with parameters of RSASSA-PSS that no scheme has.
pub(super) fn right_pss(trial: &Trial, watched: &Watched, opened: &[OpenedKey]) -> Option<Finding> {
    wanted(trial)?;
    opened.iter().find_map(|OpenedKey { key, opened }| {
        let OpenedSignature::Pss(all) = opened else {
            return None;
        };
        let signs = |pss: &&PssPadding| {
            let mut contents = watched.built.iter();
            contents.any(|built| pss.signs(&built.applied_to))
        };
        let pss = all.iter().find(signs)?;
        let first = format!(
            "The key `{}` signed this content, as {}.",
            key.id(),
            told_pss(pss)
        );
        let mut finding = Finding::saying(Diagnosis::OtherAlgorithm, first);
        OWN_PSS.clone_into(&mut finding.advice);
        Some(finding)
    })
}

const OWN_PSS: &str = "Have the provider use the scheme's algorithm. With RSASSA-PSS, MGF1 must use \
     the same digest (SHA-256, SHA-384 or SHA-512), and the salt must be as long as the digest.";

/// A signature of RSASSA-PSS over content that is not this.
fn of_pss(id: &str, all: &[PssPadding], wanted: Construction) -> Finding {
    let Some(pss) = all.first().filter(|pss| pss.is_certain()) else {
        let first = format!(
            "No cause found: the signature may be RSASSA-PSS with the longest salt, made with the key \
             `{id}` over other content, or have been made with another key."
        );
        return Finding::saying(Diagnosis::NoCauseFound, first);
    };
    let told = told_pss(pss);
    match wanted {
        Construction::RsaPkcs1(_) => {
            let first =
                format!("The key `{id}` made it, but as {told} instead of RSASSA-PKCS1-v1_5.");
            Finding::saying(Diagnosis::OtherAlgorithm, first)
        }
        _ => {
            let first = format!("This key signed it, as {told}, over other content: `{id}`.");
            Finding::saying(Diagnosis::OtherContent, first)
        }
    }
}

/// What the scheme's signatures are made of, if they are RSA's.
fn wanted(trial: &Trial) -> Option<Construction> {
    let algorithms = trial.policy.scheme.algorithms().into_iter();
    let mut constructions = algorithms.map(Algorithm::construction);
    constructions.find(|one| matches!(one, Construction::RsaPkcs1(_) | Construction::RsaPss(_)))
}
