//! A scheme, compiled once.

mod algorithm_spellings;
mod answer_rule;
mod answer_template;
mod body_formats;
mod broken_digests;
mod certain_secret;
mod certificate_rule;
mod charset_name;
mod charset_rule;
mod choose;
mod compile_keys;
mod compile_rules;
mod compile_selection;
mod definition_compiler;
mod doubtful_rules;
mod expanded_size;
mod format_read;
mod handshake_rule;
mod handshake_secrets;
mod jws_rule;
mod list_bounds;
mod message_rule;
mod reach;
mod secret_parts;
mod sound_rules;
mod stated_gaps;
mod unsigned_values;

use http::HeaderName;
use regex::Regex;

pub(crate) use answer_rule::AnswerRule;
pub use answer_rule::AnswerType;
pub(crate) use answer_template::write_in_json;
pub use broken_digests::BrokenDigest;
pub(crate) use certificate_rule::CertificateRule;
pub(crate) use charset_rule::CharsetRule;
pub use definition_compiler::DefinitionError;
pub(crate) use definition_compiler::MAX_ATTEMPTS;
pub(crate) use handshake_rule::{EchoRule, HandshakeRule, MAX_ECHO};
pub(crate) use jws_rule::JwsRule;
pub(crate) use message_rule::MessageRule;
pub(crate) use reach::Facts;
pub use secret_parts::SecretParts;
pub use stated_gaps::StatedGap;
pub(crate) use stated_gaps::StatedGaps;

use super::compiled_expression::{CompiledExpression, ValueSource};
use super::coverage::Coverage;
use super::scheme_definition::SchemeDefinition;
use super::selection::{FieldsFrom, Selection};
use super::timestamp_unit::TimestampUnit;
use crate::algorithm::Algorithm;
use crate::body::BodyFormat;
use crate::signature_form::SignatureForm;

/// A scheme, compiled once.
#[derive(Debug)]
pub struct SchemeRules {
    pub(crate) algorithm: AlgorithmRule,
    pub(crate) signature_form: Option<SignatureForm>,
    pub(crate) signature: Vec<CompiledExpression>,
    pub(crate) key: Option<CompiledExpression>,
    pub(crate) key_id: Option<CompiledExpression>,
    /// Set if a callback brings the key that signed it.
    pub(crate) certificate: Option<CertificateRule>,
    pub(crate) timestamp: Option<CompiledExpression>,
    pub(crate) unit: TimestampUnit,
    pub(crate) nonce: Option<CompiledExpression>,
    pub(crate) lets: Vec<LetRule>,
    pub(crate) content: Vec<CompiledExpression>,
    pub(crate) signed: Option<CompiledExpression>,
    /// Set if the signature is a JWS.
    pub(crate) jws: Option<JwsRule>,
    /// Set if the signature is one of RFC 9421.
    pub(crate) message: Option<MessageRule>,
    pub(crate) check: Vec<(CompiledExpression, Vec<CompiledExpression>)>,
    pub(crate) require: Vec<(CompiledExpression, Regex)>,
    pub(crate) selections: Vec<Selection>,
    pub(crate) content_type: Vec<String>,
    pub(crate) charset: CharsetRule,
    pub(crate) body: BodyFormat,
    /// The top-level field that names the event.
    pub(crate) event: Option<CompiledExpression>,
    /// What the provider is answered in place of a backend that took a callback.
    pub(crate) acknowledge: Option<AnswerRule>,
    pub(crate) handshakes: Vec<HandshakeRule>,
    /// What the scheme states of its signature.
    pub(crate) stated: StatedGaps,
    pub(crate) facts: Facts,
    pub(crate) coverage: Coverage,
    /// The parts of a target from which signatures are read.
    pub(crate) secret_parts: SecretParts,
    /// The headers that a verification reads.
    pub(crate) headers: Vec<HeaderName>,
    /// The steps to the items that are signed each; `*` is every element.
    pub(crate) each: Option<Vec<String>>,
}

/// The algorithm, or how the callback chooses it.
#[derive(Debug)]
pub(crate) enum AlgorithmRule {
    Fixed(Algorithm),
    Choice {
        by: CompiledExpression,
        of: Vec<(String, Algorithm)>,
    },
}

/// A named step.
#[derive(Debug)]
pub(crate) enum LetRule {
    /// Its candidates.
    Candidates(Vec<CompiledExpression>),
    /// The one that a value of the callback chooses.
    Table {
        by: CompiledExpression,
        of: Vec<(String, CompiledExpression)>,
        default: Option<CompiledExpression>,
    },
}

impl AlgorithmRule {
    /// The algorithm, if no callback chooses it.
    pub(crate) fn fixed(&self) -> Option<Algorithm> {
        match self {
            Self::Fixed(algorithm) => Some(*algorithm),
            Self::Choice { .. } => None,
        }
    }
}

impl LetRule {
    pub(crate) fn candidates(&self) -> usize {
        match self {
            Self::Candidates(programs) => programs.len(),
            Self::Table { .. } => 1,
        }
    }
}

impl SchemeRules {
    /// Compiles a scheme.
    ///
    /// # Errors
    /// Every expression, name and combination that cannot be.
    pub fn compile(definition: &SchemeDefinition) -> Result<Self, Vec<DefinitionError>> {
        compile_rules::compile(definition)
    }

    /// What the signature covers.
    #[must_use]
    pub const fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How bodies are parsed.
    #[must_use]
    pub const fn body_format(&self) -> BodyFormat {
        self.body
    }

    /// The names of the secrets that a key needs besides its own.
    #[must_use]
    pub fn named_secrets(&self) -> Vec<&str> {
        let operations = self.programs().flat_map(CompiledExpression::operations);
        let names = operations.filter_map(|operation| match operation.source() {
            ValueSource::NamedSecret(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// Whether it uses any part of the request's target.
    pub(crate) fn reads_target(&self) -> bool {
        let mut chains = self.programs().flat_map(CompiledExpression::operations);
        let in_expression = chains.any(|chain| {
            matches!(
                chain.source(),
                ValueSource::Target
                    | ValueSource::Path
                    | ValueSource::Query
                    | ValueSource::QueryParameter(_)
                    | ValueSource::Url
            )
        });
        let mut selections = self.selections.iter();
        in_expression || selections.any(|selection| selection.from == FieldsFrom::Query)
    }

    /// Whether it reads the `Host`.
    #[must_use]
    pub fn reads_host(&self) -> bool {
        let mut chains = self.programs().flat_map(CompiledExpression::operations);
        chains.any(|chain| *chain.source() == ValueSource::Host)
    }

    /// Whether it reads parameters of the query, decoded.
    #[must_use]
    pub fn decodes_query(&self) -> bool {
        let mut chains = self.programs().flat_map(CompiledExpression::operations);
        let in_expression =
            chains.any(|chain| matches!(chain.source(), ValueSource::QueryParameter(_)));
        let mut selections = self.selections.iter();
        in_expression || selections.any(|selection| selection.from == FieldsFrom::Query)
    }

    /// The names of the constants that each route gives.
    #[must_use]
    pub fn constants(&self) -> Vec<&str> {
        let operations = self.programs().flat_map(CompiledExpression::operations);
        let names = operations.filter_map(|operation| match operation.source() {
            ValueSource::Constant(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// Whether the signature is in the body, in a field that is read.
    #[must_use]
    pub const fn signature_is_in_body(&self) -> bool {
        !self.facts.signature_precedes_body
    }

    /// Whether each route must say its public URL.
    #[must_use]
    pub fn needs_public_url(&self) -> bool {
        let mut operations = self.programs().flat_map(CompiledExpression::operations);
        let is_read = operations.any(|operation| {
            matches!(
                operation.source(),
                ValueSource::Url | ValueSource::ConfiguredUrl
            )
        });
        is_read
            || self
                .message
                .as_ref()
                .is_some_and(MessageRule::needs_public_url)
    }

    /// Whether a route may say its public URL: callbacks can use it.
    #[must_use]
    pub fn may_use_public_url(&self) -> bool {
        self.message.is_some() || self.needs_public_url() || self.handshakes_use_public_url()
    }

    /// How many contents a callback has at most.
    pub(crate) fn candidates(&self) -> usize {
        let lets = self.lets.iter().map(LetRule::candidates);
        lets.fold(self.content.len().max(1), usize::saturating_mul)
    }

    /// Every program.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        self.verified_programs()
            .chain(&self.event)
            .chain(self.stated.values())
            .chain(self.acknowledge.iter().flat_map(AnswerRule::programs))
    }

    /// Every program that a verification evaluates.
    pub(crate) fn verified_programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        let lets = self.lets.iter().flat_map(LetRule::expressions);
        let algorithm = match &self.algorithm {
            AlgorithmRule::Fixed(_) => None,
            AlgorithmRule::Choice { by, .. } => Some(by),
        };
        let checks = self.check.iter();
        let checks = checks.flat_map(|(program, wanted)| [program].into_iter().chain(wanted));
        let required = self.require.iter().map(|(program, _)| program);
        lets.chain(algorithm)
            .chain(&self.signature)
            .chain(&self.key)
            .chain(&self.key_id)
            .chain(self.certificate.as_ref().map(|rule| &rule.value))
            .chain(&self.timestamp)
            .chain(&self.nonce)
            .chain(&self.content)
            .chain(&self.signed)
            .chain(self.payload())
            .chain(checks)
            .chain(required)
            .chain(self.selections.iter().flat_map(Selection::programs))
    }

    /// The formats that its sources read the body as.
    fn formats(&self) -> Vec<BodyFormat> {
        let sources = self.programs().flat_map(CompiledExpression::operations);
        let of_sources = sources.filter_map(|operation| match operation.source() {
            ValueSource::Field(_) | ValueSource::Document => Some(BodyFormat::Json),
            ValueSource::Form(_) => Some(BodyFormat::Form),
            ValueSource::Xml(_) => Some(BodyFormat::Xml),
            _ => None,
        });
        let of_selections = self
            .selections
            .iter()
            .filter_map(|selection| match selection.from {
                FieldsFrom::Json(_) => Some(BodyFormat::Json),
                FieldsFrom::Form => Some(BodyFormat::Form),
                FieldsFrom::Xml => Some(BodyFormat::Xml),
                _ => None,
            });
        let mut formats = Vec::new();
        for format in of_sources.chain(of_selections) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }
}
