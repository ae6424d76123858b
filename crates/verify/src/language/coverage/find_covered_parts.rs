//! Finds what one way to build the content covers.

use super::content_variant::ContentVariant;
use super::covered_parts::{CoveredParts, insert};
use super::field_set::FieldSet;
use super::kept_by_filter::{Kept, all_keep};
use super::selected_names::SelectedNames;
use crate::algorithm::Algorithm;
use crate::language::compiled_expression::{
    CompiledExpression, CompiledPiece, ValueChain, ValueSource,
};
use crate::language::message_signature::{CONTENT_DIGEST, MessageComponent};
use crate::language::selection::{FieldsFrom, Selection};

/// Whether a value is in every text, and how much of it.
#[derive(Clone, Copy, Debug)]
struct Presence {
    is_certain: bool,
    kept: Kept,
}

impl Presence {
    const ALWAYS_WHOLE: Self = Self {
        is_certain: true,
        kept: Kept::Whole,
    };
}

/// Which side of a comparison the other one has been found to determine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Equal {
    Neither,
    Value,
    Wanted,
}

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
        // What is compared with something covered is covered. Each comparison adds the same whenever it does.
        let checks = rules.check.iter();
        let mut open: Vec<_> = checks.map(|check| (check, Equal::Neither)).collect();
        loop {
            let before = (parts.timestamp, parts.nonce, parts.key_id);
            let mut is_more = false;
            for ((value, wanted), known) in &mut open {
                let known_before = *known;
                *known = parts.add_check(value, wanted, variant, known_before);
                is_more |= *known != known_before;
            }
            open.retain(|(_, known)| *known != Equal::Wanted);
            let is_fixed = |parts: &Self, named: Option<&CompiledExpression>| {
                named.is_some_and(|named| parts.determines(named, variant))
            };
            parts.timestamp |= is_fixed(&parts, rules.timestamp.as_ref());
            parts.nonce |= is_fixed(&parts, rules.nonce.as_ref());
            parts.key_id |= is_fixed(&parts, rules.key_id.as_ref());
            if !is_more && before == (parts.timestamp, parts.nonce, parts.key_id) {
                return parts;
            }
        }
    }

    /// Adds what the text of an expression determines. What is optional counts for nothing.
    fn add(&mut self, expression: &CompiledExpression, variant: &ContentVariant<'_>) {
        self.add_pieces(&expression.steps, variant, Presence::ALWAYS_WHOLE);
    }

    fn add_pieces(
        &mut self,
        pieces: &[CompiledPiece],
        variant: &ContentVariant<'_>,
        presence: Presence,
    ) {
        for piece in pieces {
            match piece {
                CompiledPiece::Text(_) => {}
                CompiledPiece::Optional(pieces) => {
                    let presence = Presence {
                        is_certain: false,
                        ..presence
                    };
                    self.add_pieces(pieces, variant, presence);
                }
                CompiledPiece::Value(chain) => self.add_chain(chain, variant, presence),
            }
        }
    }

    fn add_chain(
        &mut self,
        chain: &ValueChain,
        variant: &ContentVariant<'_>,
        Presence { is_certain, kept }: Presence,
    ) {
        let is_whole = is_certain && kept == Kept::Whole;
        if is_whole {
            if let Some(without) = chain.members_left_out() {
                insert(&mut self.fields, FieldSet::Document { without });
            }
            self.add_value(chain, variant);
        }
        let kept = kept.min(chain.kept());
        if kept == Kept::Nothing {
            return;
        }
        self.add_written(chain, kept, variant);
        if is_whole && kept < Kept::Whole {
            self.add_decoded(chain);
        }
        let is_whole = is_certain && kept == Kept::Whole;
        let rules = variant.rules;
        let named = match chain.source() {
            ValueSource::Content => variant.content,
            ValueSource::Let(at) => variant.step(*at),
            ValueSource::Timestamp => {
                self.timestamp |= is_whole;
                rules.timestamp.as_ref()
            }
            ValueSource::Nonce => {
                self.nonce |= is_whole;
                rules.nonce.as_ref()
            }
            ValueSource::KeyId => {
                self.key_id |= is_whole;
                rules.key_id.as_ref()
            }
            source => {
                if is_whole {
                    self.untyped |= matches!(source, ValueSource::Field(_)) && !chain.keeps_type();
                    self.add_source(source, variant);
                }
                None
            }
        };
        if let Some(named) = named {
            self.add_pieces(&named.steps, variant, Presence { is_certain, kept });
        }
    }

    /// Adds a value of the callback that is signed whole.
    fn add_source(&mut self, source: &ValueSource, variant: &ContentVariant<'_>) {
        let one = |name: &str| FieldSet::One(vec![name.to_owned()]);
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
            ValueSource::Header(names) => match names.as_slice() {
                [name] => insert(&mut self.headers, one(name.as_str())),
                names => {
                    let names = names.iter().map(|name| name.as_str().to_owned()).collect();
                    if !self.movable.contains(&names) {
                        self.movable.push(names);
                    }
                }
            },
            ValueSource::Field(path) => {
                insert(&mut self.fields, FieldSet::One(path.steps().to_vec()));
            }
            ValueSource::Form(name) | ValueSource::Xml(name) => {
                insert(&mut self.fields, one(name));
            }
            ValueSource::Fields(at) => {
                if let Some(selection) = variant.rules.selections.get(*at) {
                    self.add_selection(*at, selection, variant);
                }
            }
            _ => {}
        }
    }

    /// Adds fields of which at least a part is written where a callback has them.
    fn add_written(&mut self, chain: &ValueChain, kept: Kept, variant: &ContentVariant<'_>) {
        let set = match chain.source() {
            ValueSource::Body | ValueSource::Document => match chain.field_of_document() {
                Some(path) => FieldSet::One(path.steps().to_vec()),
                None => {
                    let without = match kept {
                        Kept::Whole => Some(Vec::new()),
                        _ => chain.members_left_out(),
                    };
                    let Some(without) = without else { return };
                    FieldSet::Document { without }
                }
            },
            ValueSource::Field(path) => FieldSet::One(path.steps().to_vec()),
            ValueSource::Form(name) | ValueSource::Xml(name) => FieldSet::One(vec![name.clone()]),
            ValueSource::QueryParameter(name) => {
                insert(
                    &mut self.written_parameters,
                    FieldSet::One(vec![name.clone()]),
                );
                return;
            }
            ValueSource::Fields(at) => {
                let Some(selection) = variant.rules.selections.get(*at) else {
                    return;
                };
                for (name, expression) in &selection.add {
                    let presence = Presence {
                        is_certain: false,
                        kept: kept.min(selection.kept_of_added(name)),
                    };
                    self.add_pieces(&expression.steps, variant, presence);
                }
                match selection.from {
                    FieldsFrom::Json(_) | FieldsFrom::Form | FieldsFrom::Xml => {
                        FieldSet::Selected(SelectedNames::of(selection, false))
                    }
                    FieldsFrom::Query => {
                        let set = FieldSet::Selected(SelectedNames::of(selection, false));
                        insert(&mut self.written_parameters, set);
                        return;
                    }
                    FieldsFrom::Nothing | FieldsFrom::Headers => return,
                }
            }
            _ => return,
        };
        insert(&mut self.written, set);
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
        if chain.kept() < Kept::Meaning {
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
                let set = FieldSet::One(vec![name.clone()]);
                insert(&mut self.parameters, set.clone());
                insert(&mut self.written_parameters, set);
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

    fn add_selection(&mut self, at: usize, selection: &Selection, variant: &ContentVariant<'_>) {
        for (name, expression) in &selection.add {
            if selection.certainly_writes(name) {
                let presence = Presence {
                    is_certain: true,
                    kept: selection.kept_of_added(name),
                };
                self.add_pieces(&expression.steps, variant, presence);
            }
        }
        let alone = variant.content.and_then(CompiledExpression::selection);
        let set = FieldSet::Selected(SelectedNames::of(selection, alone == Some(at)));
        match selection.from {
            FieldsFrom::Nothing => {}
            FieldsFrom::Json(_) => {
                self.untyped |= !selection.keeps_types();
                insert(&mut self.fields, set);
            }
            FieldsFrom::Form | FieldsFrom::Xml => insert(&mut self.fields, set),
            FieldsFrom::Query => insert(&mut self.parameters, set),
            FieldsFrom::Headers => insert(&mut self.headers, set),
        }
    }

    /// Adds what equality with one of several values determines, unless that was done before.
    fn add_check(
        &mut self,
        value: &CompiledExpression,
        wanted: &[CompiledExpression],
        variant: &ContentVariant<'_>,
        before: Equal,
    ) -> Equal {
        if self.determines(value, variant) {
            if let [only] = wanted {
                self.add(only, variant);
                return Equal::Wanted;
            }
            let with = |other: &CompiledExpression| {
                let mut parts = self.clone();
                parts.add(other, variant);
                parts
            };
            if let Some(common) = wanted.iter().map(with).reduce(Self::common) {
                *self = common;
            }
            Equal::Wanted
        } else if before == Equal::Neither
            && let [only] = wanted
            // What is always the same is no news to anybody.
            && !only.operations().is_empty()
            && self.determines(only, variant)
        {
            self.add(value, variant);
            Equal::Value
        } else {
            before
        }
    }
}
