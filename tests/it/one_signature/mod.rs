//! One signature is valid for one callback. All callbacks that it covers have the same identity.
//! Their signed values and, if nothing is read from the body, their bytes are the same, too, unless
//! one is marked or the configuration was told that the scheme does not sign the value.
//!
//! White space, the order of members, the spelling of a number, and whether a value is text or a
//! number make no difference.

mod model;
mod reread;
mod schemes;
mod shape;
mod view;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use countersign::verify::Scheme;
use countersign::verify::{Key, KeySet, VerifyPolicy, signed_text, verify};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::random::Random;
use crate::support::signer::Signer;
use model::{ContentDigest, Form, Model};
use shape::Shape;
use view::View;

/// How many schemes are tried, and in how many forms each of their callbacks is rewritten.
const SCHEMES: usize = 3000;
const SHAPES: usize = 40;

/// A placeholder for the signature that is valid as base64 and as hexadecimal.
const NO_SIGNATURE: &str = "abcd";

/// What was tried, to prove that the test was not idle.
#[derive(Debug, Default)]
struct Tried {
    /// Schemes that are rejected at load.
    refused: usize,
    /// Schemes with a genuine callback that verifies.
    accepted: usize,
    /// Rewritten callbacks that the signature covers.
    others: usize,
    /// Verified callbacks that are marked.
    marked: usize,
    /// Verified callbacks without a usable identity.
    unusable: usize,
    /// Callbacks that are rejected.
    rejected: usize,
}

struct Platform {
    pair: KeyPair,
    key: Arc<Key>,
}

impl Platform {
    fn new() -> Self {
        let signer = Signer::get();
        let private = pem::parse(fs::read(signer.private_key_file()).unwrap()).unwrap();
        let public = fs::read(signer.public_key_file()).unwrap();
        Self {
            pair: KeyPair::from_pkcs8(private.contents()).unwrap(),
            key: Arc::new(Key::decode("k", &public).unwrap()),
        }
    }

    /// The signature over a scheme's text.
    fn sign(&self, scheme: &Model, text: &[u8]) -> String {
        let hex = |digest: &[u8]| -> Vec<u8> {
            let digits = digest.iter().map(|byte| format!("{byte:02x}"));
            digits.collect::<String>().into_bytes()
        };
        let content = match scheme.content.digest {
            None => text.to_vec(),
            Some(ContentDigest::Md5Hex) => hex(&Md5::digest(text)),
            Some(ContentDigest::Sha256Hex) => hex(&Sha256::digest(text)),
        };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let pair = &self.pair;
        pair.sign(&RSA_PKCS1_SHA256, &random, &content, &mut signature)
            .unwrap();
        shape::encode(scheme, &signature)
    }

    fn policy(&self, scheme: &Arc<Scheme>) -> VerifyPolicy {
        let keys = KeySet::Any(vec![Arc::clone(&self.key)]);
        VerifyPolicy::new(Arc::clone(scheme), keys).with_max_age(None)
    }
}

/// Tries one scheme with one signed callback in many forms. Returns the property that fails.
fn try_one(
    platform: &Platform,
    random: &mut Random,
    tried: &mut Tried,
) -> Result<(), (String, String)> {
    let model = schemes::any(random);
    let scheme = match model.compile() {
        Ok(scheme) if scheme.check().is_ok() => Arc::new(scheme),
        _ => {
            tried.refused += 1;
            return Ok(());
        }
    };
    let genuine = Shape::genuine(&model, random);
    let texts = |shape: &Shape| {
        let sent = shape.sent(&model, NO_SIGNATURE)?;
        signed_text(&scheme, sent.callback()).ok()
    };
    let Some(candidates) = texts(&genuine) else {
        return Ok(());
    };
    let text = random.pick(&candidates).clone();
    let signature = platform.sign(&model, &text);
    let policy = platform.policy(&scheme);
    let mut views: Vec<(Shape, View)> = Vec::new();
    for nth in 0..=SHAPES {
        let shape = match nth {
            0 => genuine.clone(),
            _ => genuine.written_anew(&model, &text, random),
        };
        // Other content needs another signature. This check is a hundred times as fast as RSA.
        if !texts(&shape).is_some_and(|texts| texts.contains(&text)) {
            continue;
        }
        let sent = shape.sent(&model, &signature).unwrap();
        tried.others += usize::from(nth > 0);
        let Ok(verified) = verify(&policy, sent.callback(), 1_800_000_000) else {
            tried.rejected += 1;
            continue;
        };
        let view = View::of(&verified, &model, &sent.body);
        tried.accepted += usize::from(nth == 0);
        tried.marked += usize::from(view.is_marked);
        tried.unusable += usize::from(view.identity.is_none());
        view.holds(&model)
            .map_err(|what| (what, format!("{model:#?}\n{shape:#?}")))?;
        for (earlier, other) in &views {
            if let Err(what) = view.agrees(other, &scheme, &model) {
                let example = format!("{model:#?}\n{earlier:#?}\n{shape:#?}");
                return Err((what, example));
            }
        }
        views.push((shape, view));
    }
    Ok(())
}

fn form(scheme: &Model) -> &'static str {
    match &scheme.content.form {
        Form::SortedFields(_) => "sorted-fields",
        Form::JsonObject(_) => "json-object",
        Form::Concat(_) => "concat",
    }
}

#[test]
fn one_signature_is_good_for_one_callback() {
    let platform = Platform::new();
    let mut random = Random::new(12);
    let mut tried = Tried::default();
    let mut broken: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for _ in 0..SCHEMES {
        if let Err((what, example)) = try_one(&platform, &mut random, &mut tried) {
            broken.entry(what).or_insert((0, example)).0 += 1;
        }
    }
    let found: Vec<_> = broken
        .iter()
        .map(|(what, (count, _))| format!("{count} x {what}"))
        .collect();
    println!("{tried:?}\n{}", found.join("\n"));
    if let Some((what, (_, example))) = broken.first_key_value() {
        panic!("{what}\n{example}\n\nall: {found:#?}");
    }
    let Tried {
        refused,
        accepted,
        others,
        marked,
        unusable,
        rejected,
    } = tried;
    assert!(refused > SCHEMES / 10 && accepted > SCHEMES / 10);
    assert!(others > 5 * SCHEMES && marked > SCHEMES && unusable > 100 && rejected > 100);
}
