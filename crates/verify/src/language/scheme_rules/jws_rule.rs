//! Schemes whose signature is a JWS (RFC 7515).

use once_cell::sync::Lazy;

use super::SchemeRules;
use super::definition_compiler::DefinitionCompiler;
use crate::algorithm::Algorithm;
use crate::jose_algorithms::JOSE_ALGORITHMS;
use crate::language::compiled_expression::{CompiledExpression, KnownNames, ValueSource};
use crate::language::scheme_definition::{Choice, SchemeDefinition};
use crate::language::value_type::ValueType;
use crate::signature_form::SignatureForm;

/// How the names of the algorithms begin.
const PREFIX: &str = "jws-";

/// What a scheme says of its tokens.
#[derive(Debug)]
pub(crate) struct JwsRule {
    /// The `alg` that the header must have.
    pub(crate) alg: &'static str,
    /// The payload, if the tokens do not contain it.
    pub(crate) payload: Option<CompiledExpression>,
}

/// Whether the scheme is meant to be one of these, however it ends.
pub(super) fn is_jws(definition: &SchemeDefinition) -> bool {
    matches!(&definition.algorithm, Choice::Fixed(name) if name.starts_with(PREFIX))
}

/// The `alg` and the algorithm that a name such as `jws-es256` stands for.
pub(super) fn find(name: &str) -> Option<(&'static str, Algorithm)> {
    let name = name.strip_prefix(PREFIX)?;
    let mut known = JOSE_ALGORITHMS.iter();
    known
        .find(|(alg, _)| alg.to_ascii_lowercase() == name)
        .copied()
}

/// The names of all algorithms.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    static NAMES: Lazy<Vec<String>> = Lazy::new(|| {
        let algorithms = JOSE_ALGORITHMS.iter();
        algorithms
            .map(|(alg, _)| format!("{PREFIX}{}", alg.to_ascii_lowercase()))
            .collect()
    });
    NAMES.iter().map(String::as_str)
}

pub(super) fn compile_jws(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<JwsRule> {
    if definition.payload.is_some() && !names.jws {
        compiler.fault("payload", "`payload` belongs to an algorithm `jws-...`");
    }
    let payload = compiler.optional("payload", definition.payload.as_ref(), names);
    let Choice::Fixed(name) = &definition.algorithm else {
        return None;
    };
    find(name).map(|(alg, _)| JwsRule { alg, payload })
}

/// Checks what no key of the definition shows alone.
pub(super) fn check(rules: &mut SchemeRules, compiler: &mut DefinitionCompiler) {
    if rules.jws.is_none() {
        return;
    }
    if !rules.content.is_empty() {
        compiler.fault(
            "content",
            "a JWS signs its header and its payload; if the token does not contain the payload, say `payload`",
        );
    }
    if rules.signed.is_some() {
        compiler.fault("signed", "a JWS signs its header and its payload");
    }
    if rules.signature_form.is_some() {
        compiler.fault("signature_form", "a JWS has one form of signatures");
    }
    let is_token =
        |program: &CompiledExpression| matches!(program.gives, ValueType::Text | ValueType::Json);
    if !matches!(rules.signature.as_slice(), [] | [_]) || !rules.signature.iter().all(is_token) {
        compiler.fault("signature", "a JWS is one token, as text");
    }
    let of_token =
        |source: &ValueSource| matches!(source, ValueSource::Jose(_) | ValueSource::Claim(_));
    if rules
        .signature
        .iter()
        .any(|program| rules.reaches(program, &of_token))
    {
        compiler.fault(
            "signature",
            "the token is what `jose` and `claim` read: they cannot say where it is",
        );
    }
    let reads_claims = rules
        .programs()
        .flat_map(CompiledExpression::operations)
        .any(|chain| matches!(chain.source(), ValueSource::Claim(_)));
    if rules.payload().is_some() && reads_claims {
        compiler.fault(
            "payload",
            "`claim` reads the payload in the token, but with `payload` there is none: read the values where the payload comes from",
        );
    }
    let algorithms = rules.algorithms();
    if algorithms
        .iter()
        .any(|algorithm| algorithm.curve().is_some())
    {
        rules.signature_form = Some(SignatureForm::Raw);
    }
}

impl SchemeRules {
    /// The payload, if the signature is a JWS that does not contain it.
    pub(crate) fn payload(&self) -> Option<&CompiledExpression> {
        self.jws.as_ref()?.payload.as_ref()
    }
}
