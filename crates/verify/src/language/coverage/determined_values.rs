//! Which values are the same in all callbacks with one signature.

use super::content_variant::ContentVariant;
use super::covered_parts::{CoveredParts, has};
use super::resolved_chain::ResolvedChain;
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::selection::FieldsFrom;

impl CoveredParts {
    /// Whether an expression has one value for all callbacks of which these parts are the same.
    pub(super) fn determines(
        &self,
        expression: &CompiledExpression,
        variant: &ContentVariant<'_>,
    ) -> bool {
        let mut operations = expression.operations().into_iter();
        operations.all(|chain| self.determines_chain(chain, variant))
    }

    fn determines_chain(&self, chain: &ValueChain, variant: &ContentVariant<'_>) -> bool {
        let resolved = variant.resolve(chain);
        if self.has_value(&resolved) {
            return true;
        }
        // What is left out where it is empty can be added so: then nothing stands for it.
        if resolved.has_default() && self.leaves_out_chain(chain, variant).is_some() {
            return false;
        }
        // How JSON is written is covered with the whole body only.
        let is_raw = chain.filters.iter().any(|call| call.filter.name == "raw");
        match chain.source() {
            ValueSource::Field(_) if is_raw => self.body,
            source => self.determines_source(source, variant),
        }
    }

    /// Whether the value behind some of its filters is signed as it is.
    pub(super) fn has_value(&self, resolved: &ResolvedChain<'_>) -> bool {
        let mut keys = (0..=resolved.filters.len()).filter_map(|at| resolved.key(at));
        keys.any(|key| self.values.contains(&key))
    }

    /// The same of a value as it is in the callback.
    pub(super) fn determines_source(
        &self,
        source: &ValueSource,
        variant: &ContentVariant<'_>,
    ) -> bool {
        let rules = variant.rules;
        let named = |is_covered: bool, named: Option<&CompiledExpression>| {
            is_covered || named.is_some_and(|named| self.determines(named, variant))
        };
        match source {
            ValueSource::Method => self.method,
            ValueSource::Path => self.path,
            ValueSource::Query => self.query,
            ValueSource::Target | ValueSource::Url => self.path && self.query,
            ValueSource::QueryParameter(name) => {
                self.query || has(&self.parameters, std::slice::from_ref(name))
            }
            ValueSource::Host => self.host,
            ValueSource::ConfiguredUrl
            | ValueSource::Secret
            | ValueSource::NamedSecret(_)
            | ValueSource::Constant(_) => true,
            ValueSource::Header(names) => {
                let names: Vec<String> =
                    names.iter().map(|name| name.as_str().to_owned()).collect();
                let mut each = names.chunks(1);
                self.movable.contains(&names) || each.all(|name| has(&self.headers, name))
            }
            ValueSource::Headers(name) => has(&self.headers, &[name.as_str().to_owned()]),
            ValueSource::Body | ValueSource::Document => self.body,
            ValueSource::Field(path) => self.body || has(&self.fields, path.steps()),
            ValueSource::Form(name) | ValueSource::Xml(name) => {
                self.body || has(&self.fields, std::slice::from_ref(name))
            }
            ValueSource::Jose(_) | ValueSource::Claim(_) | ValueSource::MessageParameter(_) => {
                self.token
            }
            ValueSource::Fields(at) => {
                let selection = rules.selections.get(*at);
                selection.is_some_and(|selection| match selection.from {
                    FieldsFrom::Json(_) | FieldsFrom::Form | FieldsFrom::Xml => self.body,
                    FieldsFrom::Query => self.query,
                    FieldsFrom::Nothing | FieldsFrom::Headers => false,
                })
            }
            ValueSource::Timestamp => named(self.timestamp, rules.timestamp.as_ref()),
            ValueSource::Nonce => named(self.nonce, rules.nonce.as_ref()),
            ValueSource::KeyId => named(self.key_id, rules.key_id.as_ref()),
            ValueSource::Let(at) => named(false, variant.step(*at)),
            ValueSource::Content | ValueSource::FieldName | ValueSource::FieldValue => false,
        }
    }
}
