//! The ways in which a scheme can build its content.

use crate::language::compiled_expression::CompiledExpression;
use crate::language::scheme_rules::{LetRule, SchemeRules};

/// The most ways that are looked at one by one.
const MAX_VARIANTS: usize = 256;

/// One way to build the content: a candidate for it, and for each named step a candidate or a row
/// of its table.
#[derive(Clone, Debug)]
pub(super) struct ContentVariant<'r> {
    pub(super) rules: &'r SchemeRules,
    /// `None` if nothing is signed but what a token contains.
    pub(super) content: Option<&'r CompiledExpression>,
    /// `None` where there are too many to look at: such a step is unknown.
    pub(super) steps: Vec<Option<&'r CompiledExpression>>,
}

impl<'r> ContentVariant<'r> {
    /// All ways.
    pub(super) fn all(rules: &'r SchemeRules) -> Vec<Self> {
        let contents: Vec<_> = match rules.content.as_slice() {
            [] => vec![rules.payload()],
            contents => contents.iter().map(Some).collect(),
        };
        let mut variants: Vec<Self> = contents
            .into_iter()
            .map(|content| Self {
                rules,
                content,
                steps: Vec::new(),
            })
            .collect();
        for rule in &rules.lets {
            let mut choices: Vec<_> = rule.choices().map(Some).collect();
            if variants.len().saturating_mul(choices.len()) > MAX_VARIANTS {
                choices = vec![None];
            }
            let with = |variant: &Self, choice: &Option<&'r CompiledExpression>| {
                let mut variant = variant.clone();
                variant.steps.push(*choice);
                variant
            };
            variants = variants
                .iter()
                .flat_map(|variant| choices.iter().map(|choice| with(variant, choice)))
                .collect();
        }
        variants
    }

    /// The step with this number.
    pub(super) fn step(&self, at: usize) -> Option<&'r CompiledExpression> {
        self.steps.get(at).copied().flatten()
    }
}

impl LetRule {
    /// What the step can be.
    fn choices(&self) -> Box<dyn Iterator<Item = &CompiledExpression> + '_> {
        match self {
            Self::Candidates(candidates) => Box::new(candidates.iter()),
            Self::Table { of, default, .. } => {
                let rows = of.iter().map(|(_, row)| row);
                Box::new(rows.chain(default))
            }
        }
    }
}
