//! Values of which the signature covers a part only.

use std::fmt;

use super::content_variant::ContentVariant;
use super::covered_parts::CoveredParts;
use super::kept_by_filter::first_loss;
use super::resolved_chain::ChainOrigin;
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::selection::{OnNull, Selection};

/// A value of which only a part is in the signed text, and which is not covered in another way:
/// whoever has a callback can change the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartlySigned {
    /// The value, as the scheme writes it.
    pub value: String,
    /// The filter, or the key of a selection, that loses something.
    pub cause: &'static str,
    /// What it loses.
    pub loss: &'static str,
    /// What the value is read from, if that is known.
    pub(in crate::language) source: Option<ValueSource>,
}

impl fmt::Display for PartlySigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            value, cause, loss, ..
        } = self;
        write!(
            f,
            "the signature does not cover `{value}` whole: `{cause}` loses {loss}"
        )
    }
}

/// Finds them in what one way to build the content signs.
pub(super) fn find(variant: &ContentVariant<'_>, parts: &CoveredParts) -> Vec<PartlySigned> {
    let mut search = LossSearch {
        variant,
        parts,
        read: Vec::new(),
        found: Vec::new(),
    };
    // No signature covers what it is read from.
    for expression in &variant.rules.signature {
        for chain in expression.operations() {
            if let ChainOrigin::Source(source) = variant.resolve(chain).origin {
                search.read.push(source);
            }
        }
    }
    if let Some(signed) = variant.rules.signed.as_ref().or(variant.content) {
        search.look_at(signed);
    }
    search.found
}

struct LossSearch<'r, 'v> {
    variant: &'v ContentVariant<'r>,
    parts: &'v CoveredParts,
    /// Where the signature is read from.
    read: Vec<ValueSource>,
    found: Vec<PartlySigned>,
}

impl<'r> LossSearch<'r, '_> {
    /// FieldSteps use only those before them, and selections no others, so this ends.
    fn look_at(&mut self, expression: &'r CompiledExpression) {
        for chain in expression.written_values() {
            let resolved = self.variant.resolve(chain);
            let loss = first_loss(resolved.filters.iter().copied());
            let is_open = match &resolved.origin {
                ChainOrigin::Source(source) => {
                    let is_read = self.read.contains(source);
                    let is_open = !is_read && !self.parts.determines_source(source, self.variant);
                    if let ValueSource::Fields(at) = source
                        && let Some(selection) = self.variant.rules.selections.get(*at)
                        && is_open
                    {
                        self.look_into(chain, selection);
                    }
                    is_open
                }
                ChainOrigin::Expression(named) => {
                    self.look_at(named);
                    true
                }
                ChainOrigin::Unknown => false,
            };
            if let (true, Some(loss)) = (is_open, loss) {
                let source = match resolved.origin {
                    ChainOrigin::Source(source) => Some(source),
                    _ => None,
                };
                self.report(&chain.text, loss, source.as_ref());
            }
        }
    }

    fn look_into(&mut self, chain: &ValueChain, selection: &'r Selection) {
        let own = selection.pair_of.iter().map(|(_, pair)| pair);
        for pair in [&selection.pair].into_iter().chain(own) {
            let values = || {
                let values = pair.written_values().into_iter();
                values.filter(|value| value.source == ValueSource::FieldValue)
            };
            // A pair may have the value twice.
            if !values().any(|value| first_loss(&*value.filters).is_none()) {
                for value in values() {
                    let loss =
                        first_loss(value.filters.iter().filter(|call| !call.prints_doubles()));
                    if let Some(loss) = loss {
                        self.report(&value.text, loss, Some(&chain.source));
                    }
                }
            }
        }
        if selection.leaves {
            let loss = ("depth", "which object a field is in");
            self.report(&chain.text, loss, Some(&chain.source));
        }
        if selection.numbers.is_some() {
            let loss = ("numbers", "how a number is written");
            self.report(&chain.text, loss, Some(&chain.source));
        }
        if selection.null == OnNull::Null && !selection.keeps_types() {
            let loss = ("null", "whether a value is null, or the text `null`");
            self.report(&chain.text, loss, Some(&chain.source));
        }
        for (_, added) in &selection.add {
            self.look_at(added);
        }
    }

    fn report(
        &mut self,
        value: &str,
        (cause, loss): (&'static str, &'static str),
        source: Option<&ValueSource>,
    ) {
        let found = PartlySigned {
            value: value.to_owned(),
            cause,
            loss,
            source: source.cloned(),
        };
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }
}
