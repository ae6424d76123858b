//! Which secrets a scheme uses, in the forms in which it uses them.

use std::collections::BTreeSet;

use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::{Attempt, VerificationRules};
use crate::algorithm::Means;
use crate::body::Body;
use crate::callback::Callback;
use crate::keys::Key;
use crate::language::compiled_expression::{
    CompiledExpression, FilterCall, PreparedArgument, ValueChain, ValueSource,
};
use crate::language::evaluate::Locals;
use crate::language::filters::Run;
use crate::language::scheme_rules::{AnswerRule, SchemeRules};
use crate::memory::Plenty;

/// Digests of secrets: of each as it was given, and of what filters make of it.
pub type SecretPrints = BTreeSet<[u8; 32]>;

/// The secrets under which handshakes of a scheme are answered for whoever asks.
pub(crate) fn answering_secrets(asked: VerificationRules<'_>, key: &Key) -> SecretPrints {
    prints(asked, key, |rules| {
        let open = rules.handshakes.iter().filter(|rule| rule.is_open);
        let answers = open.flat_map(|rule| &rule.answer);
        answers.flat_map(AnswerRule::programs).collect()
    })
}

/// The secrets of which HMACs and digests prove that a callback is genuine.
pub(crate) fn verifying_secrets(asked: VerificationRules<'_>, key: &Key) -> SecretPrints {
    let rules = asked.rules;
    let is_mac = rules.has_means(Means::Mac);
    let mut chains = rules
        .verified_programs()
        .flat_map(CompiledExpression::operations);
    if !is_mac && !rules.has_means(Means::Digest) && !chains.any(digests_secret) {
        return SecretPrints::new();
    }
    let mut found = prints(asked, key, |rules| rules.verified_programs().collect());
    if rules.key.is_none() && is_mac {
        found.extend(key.secret().map(|secret| print(secret.bytes())));
    }
    found
}

/// Whether an HMAC or a digest is made with a secret on the way to a value.
fn digests_secret(chain: &ValueChain) -> bool {
    let is_secret = |call: &FilterCall| {
        let mut arguments = call.arguments.iter().flatten();
        arguments.any(|argument| match argument {
            PreparedArgument::Value(inner) => inner.is_secret(),
            _ => false,
        })
    };
    let mut calls = chain.filters.iter();
    let has_secret = chain.is_secret() || chain.filters.iter().any(is_secret);
    has_secret && calls.any(|call| matches!(call.filter.run, Run::Digest(_) | Run::Mac(_)))
}

fn secrets_of<'r>(programs: &[&'r CompiledExpression]) -> Vec<&'r ValueChain> {
    let chains = programs.iter().flat_map(|program| program.operations());
    chains.filter(|chain| chain.is_secret()).collect()
}

/// The prints of the secrets in these expressions, and of the key that an expression makes.
fn prints(
    asked: VerificationRules<'_>,
    key: &Key,
    programs: fn(&SchemeRules) -> Vec<&CompiledExpression>,
) -> SecretPrints {
    let mut found = SecretPrints::new();
    for chain in secrets_of(&programs(asked.rules)) {
        let secret = match chain.source() {
            ValueSource::NamedSecret(name) => key.named_secret(name),
            _ => key.secret(),
        };
        found.extend(secret.map(|secret| print(secret.bytes())));
    }
    let headers = HeaderMap::new();
    let none = Callback::new("POST", b"/", &headers, b"");
    // What depends on the callback has no value here, and its secrets are there as they were given.
    let Ok(attempt) = Attempt::new(asked.rules, asked.route, none) else {
        return found;
    };
    let body = Body::Opaque(b"");
    let memory = &mut Plenty;
    let made = attempt.evaluate(&body, None, Vec::new(), Some(key), memory, |context| {
        let programs = programs(context.rules);
        let chains = secrets_of(&programs).into_iter();
        let mut found: SecretPrints = chains
            .flat_map(|chain| chain.bytes_on_the_way(context))
            .map(print)
            .collect();
        let made = context.rules.key.as_ref();
        let made = made.filter(|made| programs.iter().any(|program| std::ptr::eq(*program, *made)));
        let made = made.and_then(|made| made.bytes(context, Locals::default()).ok());
        found.extend(made.map(print));
        Ok(found)
    });
    found.extend(made.into_iter().flatten());
    found
}

/// No secret can be told from it, and secrets can be compared by it.
fn print(secret: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(b"secret\0");
    digest.update(secret);
    digest.finalize().into()
}
