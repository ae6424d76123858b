//! Schemes whose signature is one of RFC 9421.

use http::HeaderName;

use super::SchemeRules;
use super::definition_compiler::DefinitionCompiler;
use crate::algorithm::Algorithm;
use crate::language::message_signature::{MessageComponent, SIGNATURE, SIGNATURE_INPUT};
use crate::language::scheme_definition::{Choice, SchemeDefinition};
use crate::signature_form::SignatureForm;

/// How the names of the algorithms begin.
const PREFIX: &str = "rfc9421-";

/// A name for every `alg` of RFC 9421, section 6.2.2, and the algorithm that it means.
const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("rfc9421-rsa-pss-sha512", Algorithm::RsaPssSha512),
    ("rfc9421-rsa-v1_5-sha256", Algorithm::RsaSha256),
    ("rfc9421-hmac-sha256", Algorithm::HmacSha256),
    ("rfc9421-ecdsa-p256-sha256", Algorithm::EcdsaP256Sha256),
    ("rfc9421-ecdsa-p384-sha384", Algorithm::EcdsaP384Sha384),
    ("rfc9421-ed25519", Algorithm::Ed25519),
];

/// What a scheme says of its signatures.
#[derive(Debug)]
pub(crate) struct MessageRule {
    /// What the parameter `alg` must be where it is there.
    pub(crate) alg: &'static str,
    /// What every signature must cover, each with its identifier.
    pub(crate) components: Vec<(MessageComponent, String)>,
    /// The label of the signature that counts; without it, any may.
    pub(crate) label: Option<String>,
}

impl MessageRule {
    /// The headers that a verification reads.
    pub(super) fn headers(&self) -> impl Iterator<Item = HeaderName> {
        let required = self.components.iter();
        let required = required.filter_map(|(component, _)| component.header().cloned());
        [SIGNATURE, SIGNATURE_INPUT].into_iter().chain(required)
    }
}

impl MessageRule {
    /// Whether every signature covers something of the URL that no request says.
    pub(super) fn needs_public_url(&self) -> bool {
        let mut required = self.components.iter();
        required.any(|(component, _)| {
            matches!(
                component,
                MessageComponent::TargetUri | MessageComponent::UrlScheme
            )
        })
    }
}

/// Whether the scheme is meant to be one of these, however it ends.
pub(super) fn is_message(definition: &SchemeDefinition) -> bool {
    matches!(&definition.algorithm, Choice::Fixed(name) if name.starts_with(PREFIX))
}

/// The `alg` and the algorithm that a name such as `rfc9421-ed25519` stands for.
pub(super) fn find(name: &str) -> Option<(&'static str, Algorithm)> {
    let mut known = ALGORITHMS.iter();
    let (name, algorithm) = known.find(|(known, _)| *known == name)?;
    Some((name.strip_prefix(PREFIX)?, *algorithm))
}

/// The names of all algorithms.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALGORITHMS.iter().map(|(name, _)| *name)
}

pub(super) fn compile_message(
    definition: &SchemeDefinition,
    compiler: &mut DefinitionCompiler,
) -> Option<MessageRule> {
    if !is_message(definition) {
        for (key, is_said) in [
            ("components", !definition.components.is_empty()),
            ("label", definition.label.is_some()),
        ] {
            if is_said {
                compiler.fault(
                    key,
                    format!("`{key}` belongs to an algorithm `{PREFIX}...`"),
                );
            }
        }
        return None;
    }
    let Choice::Fixed(name) = &definition.algorithm else {
        return None;
    };
    let mut components: Vec<(MessageComponent, String)> = Vec::new();
    for text in &definition.components {
        match MessageComponent::parse(text) {
            Err(message) => compiler.fault("components", message),
            Ok(found) if components.contains(&found) => {
                compiler.fault("components", format!("`{text}` stands there twice"));
            }
            Ok(found) => components.push(found),
        }
    }
    if definition.components.is_empty() {
        compiler.fault(
            "components",
            "say what every signature must cover, such as `[\"@method\", \"@target-uri\", \"content-digest\"]`: else a sender may sign nothing of the request",
        );
    }
    let label = definition.label.clone();
    if let Some(label) = &label
        && sfv::KeyRef::from_str(label).is_err()
    {
        compiler.fault(
            "label",
            format!("`{label}` cannot be the label of a signature"),
        );
    }
    find(name).map(|(alg, _)| MessageRule {
        alg,
        components,
        label,
    })
}

/// Checks what no key of the definition shows alone.
pub(super) fn check(rules: &mut SchemeRules, compiler: &mut DefinitionCompiler) {
    if rules.message.is_none() {
        return;
    }
    for (key, is_said) in [
        ("signature", !rules.signature.is_empty()),
        ("content", !rules.content.is_empty()),
        ("signed", rules.signed.is_some()),
        ("signature_form", rules.signature_form.is_some()),
    ] {
        if is_said {
            compiler.fault(
                key,
                format!("with `{PREFIX}...`, RFC 9421 says what `{key}` is"),
            );
        }
    }
    let algorithms = rules.algorithms();
    if algorithms
        .iter()
        .any(|algorithm| algorithm.curve().is_some())
    {
        rules.signature_form = Some(SignatureForm::Raw);
    }
}
