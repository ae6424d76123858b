//! Values that can be there or not under one signature: a selection leaves them out for what they are.

use super::content_variant::ContentVariant;
use super::covered_parts::CoveredParts;
use super::field_set::FieldSet;
use super::omitted_if::OmittedIf;
use super::resolved_chain::{ChainOrigin, ResolvedChain};
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::filters::Run;
use crate::language::scheme_rules::SchemeRules;

impl SchemeRules {
    /// Whether a value that the signature covers can be left out of the signed text for what it is,
    /// whichever way the content is built: whoever has a callback without it can add it so.
    pub(in crate::language) fn may_leave_out(
        &self,
        value: &CompiledExpression,
    ) -> Option<OmittedIf> {
        let variants = ContentVariant::all(self);
        let found = variants
            .iter()
            .filter_map(|variant| CoveredParts::of(variant).leaves_out(value, variant));
        found.min()
    }
}

impl CoveredParts {
    fn leaves_out(
        &self,
        expression: &CompiledExpression,
        variant: &ContentVariant<'_>,
    ) -> Option<OmittedIf> {
        let chains = expression.operations().into_iter();
        chains
            .filter_map(|chain| self.leaves_out_chain(chain, variant))
            .min()
    }

    /// The same of one value.
    pub(super) fn leaves_out_chain(
        &self,
        chain: &ValueChain,
        variant: &ContentVariant<'_>,
    ) -> Option<OmittedIf> {
        let resolved = variant.resolve(chain);
        let source = match &resolved.origin {
            ChainOrigin::Source(source) => source,
            // Steps use only those before them, so this ends.
            ChainOrigin::Expression(inner) => return self.leaves_out(inner, variant),
            ChainOrigin::Unknown => return None,
        };
        if self.has_value(&resolved) {
            return None;
        }
        let left_out = match source {
            ValueSource::Field(path) if !self.body => left_out(&self.fields, path.steps()),
            ValueSource::Form(name) | ValueSource::Xml(name) if !self.body => {
                left_out(&self.fields, std::slice::from_ref(name))
            }
            ValueSource::QueryParameter(name) if !self.query => {
                left_out(&self.parameters, std::slice::from_ref(name))
            }
            ValueSource::Header(names) => {
                let names = names.iter();
                let each = names.map(|name| left_out(&self.headers, &[name.as_str().to_owned()]));
                each.flatten().min()
            }
            _ => None,
        }?;
        let mut filters = resolved.filters.iter();
        let is_none_if_empty = filters.any(|call| matches!(call.filter.run, Run::NonEmpty));
        if left_out == OmittedIf::Empty && is_none_if_empty {
            return None;
        }
        let mut required = variant.rules.require.iter();
        let is_refused = required.any(|(program, shape)| {
            let required = program.single().map(|chain| variant.resolve(chain));
            required.is_some_and(|required| {
                required.is_of(source) && (left_out == OmittedIf::Nested || !shape.is_match(""))
            })
        });
        (!is_refused).then_some(left_out)
    }
}

impl ResolvedChain<'_> {
    /// Whether it is a value of this source, empty if that is.
    fn is_of(&self, wanted: &ValueSource) -> bool {
        let is_source = matches!(&self.origin, ChainOrigin::Source(source) if source == wanted);
        let keeps_empty =
            |name: &str| matches!(name, "max" | "nonempty" | "trim" | "lower" | "upper");
        is_source
            && self
                .filters
                .iter()
                .all(|call| keeps_empty(call.filter.name))
    }
}

/// What the value at the end of these steps can be without being written by any of the sets.
fn left_out(sets: &[FieldSet], steps: &[String]) -> Option<OmittedIf> {
    let covering = sets.iter().filter(|set| set.covers(steps));
    let each: Option<Vec<OmittedIf>> = covering.map(|set| set.leaves_out_if(steps)).collect();
    each.and_then(|each| each.into_iter().max())
}
