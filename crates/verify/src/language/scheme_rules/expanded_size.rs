//! How large a scheme is once each name in it is replaced by what it stands for. Steps that use each
//! other twice would double with every line, and so would the time that it takes to look at them.

use super::SchemeRules;
use super::definition_compiler::DefinitionCompiler;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::scheme_definition::SchemeDefinition;

/// The most values of an expression with its names replaced. Of a step with candidates or a table, all
/// of them count.
const MAX_VALUES: usize = 2_048;

/// How many steps may use one another in a row.
const MAX_DEPTH: usize = 32;

/// The most named steps of a scheme.
const MAX_STEPS: usize = 256;

/// The size of an expression.
#[derive(Clone, Copy, Debug, Default)]
struct ExpandedSize {
    values: usize,
    /// How many names in a row lead to its innermost value.
    depth: usize,
}

impl ExpandedSize {
    fn and(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            depth: self.depth.max(other.depth),
        }
    }

    /// Of what uses this by its name.
    fn named(self) -> Self {
        Self {
            values: self.values.saturating_add(1),
            depth: self.depth.saturating_add(1),
        }
    }

    fn fault(self) -> Option<(String, &'static str)> {
        if self.values > MAX_VALUES {
            let message = format!(
                "with its names replaced by what they stand for, this has more than {MAX_VALUES} values"
            );
            let help = "let each step use the others once";
            return Some((message, help));
        }
        (self.depth > MAX_DEPTH).then(|| {
            let message = format!("more than {MAX_DEPTH} steps use one another in a row");
            (message, "write some of them as one")
        })
    }
}

/// The sizes of what has a name.
#[derive(Default)]
struct NamedSizes {
    lets: Vec<ExpandedSize>,
    timestamp: ExpandedSize,
    nonce: ExpandedSize,
    key_id: ExpandedSize,
    selections: Vec<ExpandedSize>,
    content: ExpandedSize,
}

impl NamedSizes {
    /// Names that are not known yet count as nothing: an expression uses those before it.
    fn of(&self, expression: &CompiledExpression) -> ExpandedSize {
        let chains = expression.operations().into_iter();
        let size = chains.map(|chain| match chain.source() {
            ValueSource::Let(at) => self.lets.get(*at).copied().unwrap_or_default().named(),
            ValueSource::Timestamp => self.timestamp.named(),
            ValueSource::Nonce => self.nonce.named(),
            ValueSource::KeyId => self.key_id.named(),
            ValueSource::Fields(at) => {
                let size = self.selections.get(*at);
                size.copied().unwrap_or_default().named()
            }
            ValueSource::Content => self.content.named(),
            _ => ExpandedSize {
                values: 1,
                depth: 0,
            },
        });
        size.fold(ExpandedSize::default(), ExpandedSize::and)
    }

    fn of_all<'e>(
        &self,
        expressions: impl IntoIterator<Item = &'e CompiledExpression>,
    ) -> ExpandedSize {
        let sizes = expressions
            .into_iter()
            .map(|expression| self.of(expression));
        sizes.fold(ExpandedSize::default(), ExpandedSize::and)
    }
}

/// Refuses what is too large to be looked at. Until then, nothing may follow a name to what it stands for.
pub(super) fn check(
    rules: &SchemeRules,
    definition: &SchemeDefinition,
    compiler: &mut DefinitionCompiler,
) {
    // Only then does each rule stand where its definition does.
    if !compiler.errors.is_empty() {
        return;
    }
    let mut sizes = NamedSizes::default();
    for (nth, (rule, (name, _))) in rules.lets.iter().zip(&definition.lets).enumerate() {
        let key = format!("let.{name}");
        if nth >= MAX_STEPS {
            compiler.fault(&key, format!("a scheme has at most {MAX_STEPS} steps"));
            return;
        }
        let size = sizes.of_all(rule.expressions());
        if report(&key, size, compiler) {
            return;
        }
        sizes.lets.push(size);
    }
    sizes.timestamp = sizes.of_all(&rules.timestamp);
    sizes.nonce = sizes.of_all(&rules.nonce);
    sizes.key_id = sizes.of_all(&rules.key_id);
    for (selection, (name, _)) in rules.selections.iter().zip(&definition.selections) {
        let key = name
            .as_ref()
            .map_or("fields".to_owned(), |name| format!("selection.{name}"));
        let size = sizes.of_all(selection.programs());
        if report(&key, size, compiler) {
            return;
        }
        sizes.selections.push(size);
    }
    for (nth, content) in rules.content.iter().enumerate() {
        let size = sizes.of(content);
        let key = match rules.content.len() {
            1 => "content".to_owned(),
            _ => format!("content[{nth}]"),
        };
        if report(&key, size, compiler) {
            return;
        }
        sizes.content = sizes.content.and(size);
    }
    let signed = rules.signed.iter().map(|signed| ("signed", signed));
    let payload = rules.payload().map(|payload| ("payload", payload));
    for (key, expression) in signed.chain(payload) {
        if report(key, sizes.of(expression), compiler) {
            return;
        }
    }
    // Whatever else there is, uses steps that were looked at.
    let is_too_large = |size: ExpandedSize| size.fault();
    let others = rules.programs().map(|program| sizes.of(program));
    if let Some((message, help)) = others.into_iter().find_map(is_too_large) {
        compiler.fault_with("let", &message, help);
    }
}

/// Whether it is too large.
fn report(key: &str, size: ExpandedSize, compiler: &mut DefinitionCompiler) -> bool {
    match size.fault() {
        None => false,
        Some((message, help)) => {
            compiler.fault_with(key, &message, help);
            true
        }
    }
}
