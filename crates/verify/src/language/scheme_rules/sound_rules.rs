//! What no key of a definition shows alone.

use super::definition_compiler::{DefinitionCompiler, DefinitionError, MAX_ATTEMPTS};
use super::{
    AlgorithmRule, AnswerRule, SchemeRules, body_formats, certificate_rule, handshake_secrets,
    jws_rule, message_rule, stated_gaps,
};
use crate::algorithm::{Algorithm, KeyKind, Means};
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::coverage::Coverage;
use crate::language::scheme_definition::SchemeDefinition;

/// Checks what no key shows alone.
pub(super) fn finish(
    mut rules: SchemeRules,
    definition: &SchemeDefinition,
    mut compiler: DefinitionCompiler,
) -> Result<SchemeRules, Vec<DefinitionError>> {
    if compiler.errors.is_empty() {
        body_formats::check(&mut rules, &mut compiler);
        if rules.signature.is_empty() && rules.message.is_none() {
            compiler.fault_with(
                "signature",
                "a scheme needs the key `signature`",
                "say where the signature is: `signature = \"{header:X-Signature|unbase64}\"`, or `|unhex`",
            );
        }
        jws_rule::check(&mut rules, &mut compiler);
        message_rule::check(&mut rules, &mut compiler);
        certificate_rule::check(&rules, &mut compiler);
        let algorithms = rules.algorithms();
        let has = |test: fn(Algorithm) -> bool| algorithms.iter().any(|algorithm| test(*algorithm));
        let is_token = has(|algorithm| algorithm == Algorithm::Token);
        let needs_content = !is_token && rules.jws.is_none() && rules.message.is_none();
        if rules.content.is_empty() && needs_content {
            compiler.fault_with(
                "content",
                "a scheme needs the key `content`",
                "say what is signed: `content = \"{timestamp}.{body}\"`, or what the provider's documentation says",
            );
        }
        if has(|algorithm| algorithm.curve().is_some()) != rules.signature_form.is_some() {
            compiler.fault_with(
                "signature_form",
                "ECDSA, and only ECDSA, has signatures in two forms: say which by `signature_form`",
                "write \"der\" (OpenSSL, Java; `MEU...` or `MEQ...` in base64) or \"raw\" (JOSE, Web Crypto); without ECDSA, remove it",
            );
        }
        if rules.key.is_some() && !has(Algorithm::takes_key) {
            compiler.fault("key", "`key` is for HMAC and tokens only");
        }
        if rules
            .key
            .as_ref()
            .is_some_and(|key| !rules.certainly_holds_secret(key))
        {
            compiler.fault(
                "key",
                "a key without a secret in it is no key: anybody can make it",
            );
        }
        let takes_secret = has(|algorithm| algorithm.key_kind() == KeyKind::Secret);
        let secret = (!takes_secret).then(|| rules.signs_own_secret()).flatten();
        if let Some(key) = secret {
            compiler.fault_with(
                key,
                "`{secret}` is the secret of the key, and the keys of this algorithm have none: no callback could be verified",
                "remove it; a secret beside a public key is `{secret:NAME}`, from the key's `[key.secrets]`",
            );
        }
        if has(Algorithm::is_digest) && !rules.every_content_holds_secret() {
            compiler.fault_with(
                "content",
                "a digest without a secret in it proves nothing: anybody can make it",
                "add `{secret}` where the provider's documentation has it; if the secret is used as HMAC does, the algorithm is \"hmac-sha256\" or the like",
            );
        }
        if !rules.signed_uses_content() {
            compiler.fault("signed", "`signed` must be made of `{content}`");
        }
        for (key, expression) in rules.presented() {
            if expression.operations().is_empty() {
                compiler.fault_with(
                    key,
                    "this is the same text in every callback: no value of the callback is in it",
                    "write the place of the value in braces, such as `{header:X-Name}` or `{field:name}`",
                );
            }
        }
        for (key, expression) in rules.read_once() {
            if rules.has_candidates(expression) {
                compiler.fault(
                    key,
                    "this is read once, so it cannot be made of a step with several candidates",
                );
            }
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
        rules.coverage = Coverage::of(&rules);
        for nth in 0..rules.handshakes.len() {
            let is_open = rules.answers_anybody(nth);
            if let Some(rule) = rules.handshakes.get_mut(nth) {
                rule.is_open = is_open;
            }
        }
        rules.facts.signs_for_others = rules.signs_for_others() && rules.has_means(Means::Mac);
        rules.facts.signs_target_alone = rules.reads_target() && !rules.coverage.covers_body();
        rules.secret_parts = rules.find_secret_parts();
        rules.headers = rules.read_headers();
        if !rules.charset.is_covered(&rules.coverage) {
            compiler.fault_with(
                "charset",
                "the signature does not cover what names the character set: whoever has a callback could have its values read as others",
                "write the character set that the provider uses, such as `charset = \"gbk\"`",
            );
        }
        stated_gaps::check(&rules, &mut compiler);
        handshake_secrets::check(&rules, definition, &mut compiler);
    }
    if compiler.errors.is_empty() {
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

    /// Whether a callback can have a signature that means this.
    pub(in crate::language) fn has_means(&self, means: Means) -> bool {
        let mut algorithms = self.algorithms().into_iter();
        algorithms.any(|algorithm| algorithm.means() == means)
    }

    /// What is read before any candidate is tried, with its key.
    fn read_once(&self) -> impl Iterator<Item = (&'static str, &CompiledExpression)> {
        let key = |key| move |expression| (key, expression);
        let by = match &self.algorithm {
            AlgorithmRule::Fixed(_) => None,
            AlgorithmRule::Choice { by, .. } => Some(by),
        };
        let checks = self.check.iter();
        let checks = checks.flat_map(|(value, wanted)| [value].into_iter().chain(wanted));
        let required = self.require.iter().map(|(value, _)| value);
        let acknowledged = self.acknowledge.iter().flat_map(AnswerRule::programs);
        self.presented()
            .chain(by.map(key("algorithm")))
            .chain(self.key.as_ref().map(key("key")))
            .chain(checks.map(key("check")))
            .chain(required.map(key("require")))
            .chain(acknowledged.map(key("acknowledge.body")))
    }

    /// What a callback presents beside its content, with its key.
    fn presented(&self) -> impl Iterator<Item = (&'static str, &CompiledExpression)> {
        let key = |key| move |expression| (key, expression);
        let signatures = self.signature.iter().map(key("signature"));
        signatures
            .chain(self.key_id.as_ref().map(key("key_id")))
            .chain(self.timestamp.as_ref().map(key("timestamp")))
            .chain(self.nonce.as_ref().map(key("nonce")))
    }

    /// Whether an expression uses a step with several candidates.
    fn has_candidates(&self, expression: &CompiledExpression) -> bool {
        let mut chains = expression.operations().into_iter();
        chains.any(|chain| match chain.source() {
            ValueSource::Let(at) => self.lets.get(*at).is_some_and(|rule| {
                rule.candidates() > 1 || rule.expressions().any(|inner| self.has_candidates(inner))
            }),
            ValueSource::Fields(at) => {
                let selection = self.selections.get(*at);
                selection.is_some_and(|selection| {
                    let mut programs = selection.programs();
                    programs.any(|inner| self.has_candidates(inner))
                })
            }
            _ => false,
        })
    }

    /// Whether whatever the algorithm is applied to holds a secret, whichever candidate it is and
    /// whatever the callback lacks.
    fn every_content_holds_secret(&self) -> bool {
        let mut content = self.content.iter();
        let signed = self.signed.as_ref();
        signed.is_some_and(|signed| self.certainly_holds_secret(signed))
            || content.all(|content| self.certainly_holds_secret(content))
    }

    /// The key under which the secret of a key is in what the algorithm is applied to.
    fn signs_own_secret(&self) -> Option<&'static str> {
        let is_own = |source: &ValueSource| *source == ValueSource::Secret;
        let content = self.content.iter().map(|content| ("content", content));
        let signed = self.signed.iter().map(|signed| ("signed", signed));
        let payload = self.payload().map(|payload| ("payload", payload));
        let mut all = content.chain(signed).chain(payload);
        let (key, _) = all.find(|(_, expression)| self.reaches(expression, &is_own))?;
        Some(key)
    }

    /// Whether what the algorithm is applied to is made of the content.
    fn signed_uses_content(&self) -> bool {
        let is_content = |source: &ValueSource| *source == ValueSource::Content;
        let signed = self.signed.as_ref();
        signed.is_none_or(|signed| self.reaches(signed, &is_content))
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
