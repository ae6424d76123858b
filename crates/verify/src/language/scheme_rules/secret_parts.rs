//! Where the signatures of a scheme are: logs must not show them, least of all a token.

use http::HeaderName;

use super::{SchemeRules, reach};
use crate::body::FieldPath;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::message_signature;

/// The parts of a target from which signatures are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretParts {
    /// These parameters of the query.
    pub parameters: Vec<String>,
    /// The path.
    pub path: bool,
    /// The whole query.
    pub query: bool,
}

impl SchemeRules {
    /// Whether a secret is a part of what is signed, so that not even a digest of it may be shown.
    #[must_use]
    pub const fn content_holds_secret(&self) -> bool {
        self.facts.content_holds_secret
    }

    /// The parts of a target from which signatures are read, and what is compared with a secret.
    #[must_use]
    pub const fn secret_parts(&self) -> &SecretParts {
        &self.secret_parts
    }

    pub(super) fn find_secret_parts(&self) -> SecretParts {
        let mut parts = SecretParts::default();
        for source in self.proving_sources() {
            match source {
                ValueSource::QueryParameter(name) => parts.parameters.push(name.clone()),
                ValueSource::Path => parts.path = true,
                ValueSource::Query => parts.query = true,
                ValueSource::Target | ValueSource::Url => {
                    parts.path = true;
                    parts.query = true;
                }
                _ => {}
            }
        }
        parts
    }

    /// The headers that contain the signature, or what is compared with a secret.
    pub(crate) fn signature_headers(&self) -> Vec<HeaderName> {
        let sources = self.proving_sources().into_iter();
        let names = sources.flat_map(|source| match source {
            ValueSource::Header(names) => names.as_slice(),
            ValueSource::Headers(name) => std::slice::from_ref(name),
            _ => &[],
        });
        let of_message = self
            .message
            .is_some()
            .then_some(message_signature::SIGNATURE);
        names.cloned().chain(of_message).collect()
    }

    /// Whether the signature, or what is compared with a secret, is in this field of the body, or in a
    /// part of it.
    #[must_use]
    pub fn signature_is_in_field(&self, path: &FieldPath) -> bool {
        let sources = self.proving_sources().into_iter();
        let mut fields = sources.filter_map(ValueSource::field);
        fields.any(|field| field.steps().starts_with(path.steps()))
    }

    /// What proves that a callback is genuine: the signatures, and what a `check` compares with a secret,
    /// that of a handshake, too.
    fn proving_sources(&self) -> Vec<&ValueSource> {
        let mut found = Vec::new();
        for expression in &self.signature {
            self.add_sources(expression, &mut found);
        }
        let of_handshakes = self.handshakes.iter().flat_map(|rule| &rule.check);
        for (value, wanted) in self.check.iter().chain(of_handshakes) {
            let (secret, others): (Vec<_>, Vec<_>) = [value]
                .into_iter()
                .chain(wanted)
                .partition(|expression| self.reaches(expression, &reach::is_secret));
            if !secret.is_empty() {
                others
                    .into_iter()
                    .for_each(|expression| self.add_sources(expression, &mut found));
            }
        }
        found
    }

    /// Steps use only those before them, so this ends.
    fn add_sources<'r>(&'r self, of: &'r CompiledExpression, found: &mut Vec<&'r ValueSource>) {
        for chain in of.operations() {
            match chain.source() {
                ValueSource::Let(at) => {
                    let step = self.lets.get(*at);
                    let expressions = step.into_iter().flat_map(|step| step.expressions());
                    expressions.for_each(|inner| self.add_sources(inner, found));
                }
                source => found.push(source),
            }
        }
    }
}
