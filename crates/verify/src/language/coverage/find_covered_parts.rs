//! Finds what one way to build the content covers.

use super::content_variant::ContentVariant;
use super::covered_parts::{CoveredParts, has, insert};
use super::field_set::FieldSet;
use super::kept_by_filter::all_keep;
use crate::algorithm::Algorithm;
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::message_signature::{CONTENT_DIGEST, MessageComponent};
use crate::language::selection::{FieldsFrom, Selection};

impl CoveredParts {
    pub(super) fn of(variant: &ContentVariant<'_>) -> Self {
        let mut parts = Self::default();
        let rules = variant.rules;
        // Whoever may choose a token chooses to sign nothing.
        if rules.algorithms().contains(&Algorithm::Token) {
            return parts;
        }
        parts.token = rules.jws.is_some() || rules.message.is_some();
        for (component, _) in rules.message.iter().flat_map(|rule| &rule.components) {
            parts.add_component(component);
        }
        if let Some(signed) = rules.signed.as_ref().or(variant.content) {
            parts.add(signed, variant);
        }
        // What is compared with something covered is covered.
        loop {
            let before = parts.clone();
            for (value, wanted) in &rules.check {
                parts.add_check(value, wanted, variant);
            }
            let is_fixed = |parts: &Self, named: Option<&CompiledExpression>| {
                named.is_some_and(|named| parts.determines(named, variant))
            };
            parts.timestamp |= is_fixed(&parts, rules.timestamp.as_ref());
            parts.nonce |= is_fixed(&parts, rules.nonce.as_ref());
            parts.key_id |= is_fixed(&parts, rules.key_id.as_ref());
            if parts == before {
                return parts;
            }
        }
    }

    /// Adds what the text of an expression determines. What is optional counts for nothing.
    fn add(&mut self, expression: &CompiledExpression, variant: &ContentVariant<'_>) {
        for chain in expression.required_values() {
            self.add_chain(chain, variant);
        }
    }

    fn add_chain(&mut self, chain: &ValueChain, variant: &ContentVariant<'_>) {
        if let Some(without) = chain.members_left_out() {
            insert(&mut self.fields, FieldSet::Document { without });
        }
        self.add_value(chain, variant);
        if !chain.keeps_all() {
            self.add_decoded(chain);
            return;
        }
        let one = |name: &str| FieldSet::One(vec![name.to_owned()]);
        let rules = variant.rules;
        let named = match chain.source() {
            ValueSource::Content => variant.content,
            ValueSource::Let(at) => variant.step(*at),
            ValueSource::Timestamp => {
                self.timestamp = true;
                rules.timestamp.as_ref()
            }
            ValueSource::Nonce => {
                self.nonce = true;
                rules.nonce.as_ref()
            }
            ValueSource::KeyId => {
                self.key_id = true;
                rules.key_id.as_ref()
            }
            source => {
                match source {
                    ValueSource::Method => self.method = true,
                    ValueSource::Path => self.path = true,
                    ValueSource::Query => self.query = true,
                    ValueSource::Target | ValueSource::Url => {
                        self.path = true;
                        self.query = true;
                    }
                    ValueSource::Host => self.host = true,
                    ValueSource::Body => self.body = true,
                    ValueSource::QueryParameter(name) => insert(&mut self.parameters, one(name)),
                    ValueSource::Header(names) => {
                        for name in names {
                            insert(&mut self.headers, one(name.as_str()));
                        }
                    }
                    ValueSource::Field(path) => {
                        insert(&mut self.fields, FieldSet::One(path.steps().to_vec()));
                    }
                    ValueSource::Form(name) | ValueSource::Xml(name) => {
                        insert(&mut self.fields, one(name));
                    }
                    ValueSource::Fields(at) => {
                        if let Some(selection) = rules.selections.get(*at) {
                            self.add_selection(selection, variant);
                        }
                    }
                    _ => {}
                }
                None
            }
        };
        if let Some(named) = named {
            self.add(named, variant);
        }
    }

    /// Adds the value behind the filters that lose something of it.
    fn add_value(&mut self, chain: &ValueChain, variant: &ContentVariant<'_>) {
        let resolved = variant.resolve(chain);
        let whole = (0..=resolved.filters.len())
            .find(|at| all_keep(resolved.filters.iter().copied().skip(*at)));
        if !resolved.has_default() {
            self.values.extend(whole.and_then(|at| resolved.key(at)));
        }
    }

    /// Adds a field of which everything but the spelling is kept.
    fn add_decoded(&mut self, chain: &ValueChain) {
        if !chain.keeps_meaning() {
            return;
        }
        let steps = match chain.source() {
            ValueSource::Field(path) => path.steps().to_vec(),
            ValueSource::Form(name) | ValueSource::Xml(name) => vec![name.clone()],
            _ => return,
        };
        insert(&mut self.fields, FieldSet::Decoded(steps));
    }

    /// Adds what every HTTP Message Signature must cover.
    fn add_component(&mut self, component: &MessageComponent) {
        match component {
            MessageComponent::Method => self.method = true,
            MessageComponent::TargetUri | MessageComponent::RequestTarget => {
                self.path = true;
                self.query = true;
            }
            MessageComponent::Path => self.path = true,
            MessageComponent::Query => self.query = true,
            MessageComponent::QueryParameter(name) => {
                insert(&mut self.parameters, FieldSet::One(vec![name.clone()]));
            }
            MessageComponent::Header(name) | MessageComponent::HeaderBytes(name) => {
                // The digest is compared with the body's.
                self.body |= *name == CONTENT_DIGEST;
                insert(
                    &mut self.headers,
                    FieldSet::One(vec![name.as_str().to_owned()]),
                );
            }
            MessageComponent::Authority | MessageComponent::UrlScheme => {}
        }
    }

    fn add_selection(&mut self, selection: &Selection, variant: &ContentVariant<'_>) {
        for (name, expression) in &selection.add {
            if selection.certainly_writes(name) {
                self.add(expression, variant);
            }
        }
        let set = FieldSet::of_selection(selection);
        match selection.from {
            FieldsFrom::Nothing => {}
            FieldsFrom::Json(_) | FieldsFrom::Form | FieldsFrom::Xml => {
                insert(&mut self.fields, set)
            }
            FieldsFrom::Query => insert(&mut self.parameters, set),
            FieldsFrom::Headers => insert(&mut self.headers, set),
        }
    }

    /// Adds what equality with one of several values determines.
    fn add_check(
        &mut self,
        value: &CompiledExpression,
        wanted: &[CompiledExpression],
        variant: &ContentVariant<'_>,
    ) {
        if self.determines(value, variant) {
            let with = |other: &CompiledExpression| {
                let mut parts = self.clone();
                parts.add(other, variant);
                parts
            };
            if let Some(common) = wanted.iter().map(with).reduce(Self::common) {
                *self = common;
            }
        } else if let [only] = wanted
            // What is always the same is no news to anybody.
            && !only.operations().is_empty()
            && self.determines(only, variant)
        {
            self.add(value, variant);
        }
    }

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
        let rules = variant.rules;
        let named = |is_covered: bool, named: Option<&CompiledExpression>| {
            is_covered || named.is_some_and(|named| self.determines(named, variant))
        };
        let resolved = variant.resolve(chain);
        let mut keys = (0..=resolved.filters.len()).filter_map(|at| resolved.key(at));
        if keys.any(|key| self.values.contains(&key)) {
            return true;
        }
        // How JSON is written is covered with the whole body only.
        let is_raw = chain.filters.iter().any(|call| call.filter.name == "raw");
        match chain.source() {
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
            ValueSource::Header(names) => names
                .iter()
                .all(|name| has(&self.headers, &[name.as_str().to_owned()])),
            ValueSource::Headers(name) => has(&self.headers, &[name.as_str().to_owned()]),
            ValueSource::Body | ValueSource::Document => self.body,
            ValueSource::Field(path) => self.body || !is_raw && has(&self.fields, path.steps()),
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
