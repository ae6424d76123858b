//! What no key of a definition shows alone.

use super::definition_compiler::{DefinitionCompiler, DefinitionError, MAX_ATTEMPTS};
use super::reach::is_secret;
use super::{AlgorithmRule, SchemeRules, jws_rule};
use crate::algorithm::{Algorithm, KeyKind, Means};

/// Checks what no key shows alone.
pub(super) fn finish(
    mut rules: SchemeRules,
    mut compiler: DefinitionCompiler,
) -> Result<SchemeRules, Vec<DefinitionError>> {
    if compiler.errors.is_empty() {
        match rules.formats().as_slice() {
            [] => {}
            [format] => rules.body = *format,
            _ => compiler.fault("content", "the body cannot be read in two formats at once"),
        }
        if rules.signature.is_empty() {
            compiler.fault("signature", "`signature` is missing");
        }
        jws_rule::check(&mut rules, &mut compiler);
        let algorithms = rules.algorithms();
        let has = |test: fn(Algorithm) -> bool| algorithms.iter().any(|algorithm| test(*algorithm));
        let is_token = has(|algorithm| algorithm == Algorithm::Token);
        if rules.content.is_empty() && !is_token && rules.jws.is_none() {
            compiler.fault("content", "`content` is missing: what is signed?");
        }
        if has(|algorithm| algorithm.curve().is_some()) != rules.signature_form.is_some() {
            compiler.fault(
                "signature_form",
                "for ECDSA, and only for ECDSA, say `signature_form = \"der\"` or `\"raw\"`",
            );
        }
        if rules.key.is_some() && !has(Algorithm::takes_key) {
            compiler.fault("key", "`key` is for HMAC and tokens only");
        }
        if rules
            .key
            .as_ref()
            .is_some_and(|key| !rules.reaches(key, &is_secret))
        {
            compiler.fault(
                "key",
                "a key without a secret in it is no key: anybody can make it",
            );
        }
        if has(Algorithm::is_digest) && !rules.every_content_holds_secret() {
            compiler.fault(
                "content",
                "a digest without a secret in it proves nothing: anybody can make it",
            );
        }
        if rules.candidates() > MAX_ATTEMPTS {
            compiler.fault(
                "content",
                format!("there are more than {MAX_ATTEMPTS} candidates"),
            );
        }
    }
    if compiler.errors.is_empty() {
        rules.facts = rules.facts();
        rules.headers = rules.read_headers();
        Ok(rules)
    } else {
        Err(compiler.errors)
    }
}

impl SchemeRules {
    /// The algorithms that a callback can have.
    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        match &self.algorithm {
            AlgorithmRule::Fixed(algorithm) => vec![*algorithm],
            AlgorithmRule::Choice { of, .. } => {
                of.iter().map(|(_, algorithm)| *algorithm).collect()
            }
        }
    }

    /// Whether each candidate for the content, or what is made of it, holds a secret.
    fn every_content_holds_secret(&self) -> bool {
        let holds = |expression| self.reaches(expression, &is_secret);
        self.signed.as_ref().is_some_and(holds) || self.content.iter().all(holds)
    }
}

impl Algorithm {
    /// Whether its key is made of a secret.
    fn takes_key(self) -> bool {
        self.key_kind() == KeyKind::Secret && !self.is_digest()
    }

    pub(super) fn is_digest(self) -> bool {
        self.means() == Means::Digest
    }
}
