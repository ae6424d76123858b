//! What a scheme states that its signature does not cover, and which values matter.

use std::collections::BTreeSet;

use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use super::{LetRule, SchemeRules};
use crate::body::FieldPath;
use crate::identity_part::IdentityPart;
use crate::language::compiled_expression::{CompiledExpression, KnownNames, ValueSource};
use crate::language::coverage::{OmittedIf, PartlySigned};
use crate::language::expression_error::ExpressionError;
use crate::language::scheme_definition::SchemeDefinition;

crate::closed_list! {
    /// A part of a callback of which a scheme can state that its signature does not cover it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum StatedGap

    Method = "method", "The method.";
    Target = "target", "The target: neither its path nor its query.";
    Path = "path", "The path.";
    Query = "query", "The query, or parameters of it.";
    Headers = "headers", "Any header.";
    Body = "body", "The body, and no field of it.";
    Fields = "fields", "Fields of the body, beside those that it covers.";
    Timestamp = "timestamp", "The timestamp.";
    Nonce = "nonce", "The nonce.";
    KeyId = "key_id", "What names the key.";
    Event = "event", "The field that names the event.";
}

/// The statements of a scheme.
#[derive(Debug, Default)]
pub(crate) struct StatedGaps {
    /// Each with its place in the list.
    gaps: Vec<(usize, StatedGap)>,
    matters: Vec<Matter>,
}

/// A value on which backends rely.
#[derive(Debug)]
struct Matter {
    name: String,
    value: CompiledExpression,
    /// As the scheme writes it.
    text: String,
    /// Where the scheme states that it is not covered.
    stated: Option<usize>,
}

impl StatedGaps {
    /// The values that matter.
    pub(super) fn values(&self) -> impl Iterator<Item = &CompiledExpression> {
        self.matters.iter().map(|matter| &matter.value)
    }
}

pub(super) fn compile_gaps(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> StatedGaps {
    let stated = &definition.not_covered;
    let mut found = StatedGaps::default();
    for (name, text) in &definition.matters {
        let key = format!("matters.{name}");
        if find(name).is_some() {
            compiler.fault(
                &key,
                format!("`{name}` has a meaning in `not_covered`: choose another name"),
            );
            continue;
        }
        let Some(value) = compiler.expression(&key, text, names) else {
            continue;
        };
        if value.operations().is_empty() {
            compiler.fault(&key, "this is the same in every callback");
            continue;
        }
        let name = name.clone();
        let stated = stated.iter().position(|word| *word == name);
        found.matters.push(Matter {
            name,
            value,
            text: text.clone(),
            stated,
        });
    }
    let own: BTreeSet<&str> = definition.matters.iter().map(|(name, _)| &**name).collect();
    for (nth, word) in stated.iter().enumerate() {
        let key = format!("not_covered[{nth}]");
        if stated.iter().take(nth).any(|earlier| earlier == word) {
            compiler.fault(&key, "it is already listed");
        } else if let Some(gap) = find(word) {
            found.gaps.push((nth, gap));
        } else if !own.contains(&**word) {
            let known = StatedGap::ALL.iter().map(|gap| gap.code());
            let known = known.chain(own.iter().copied());
            let message = format!("`{word}` is neither a part of a callback nor in `matters`");
            let error = ExpressionError::new(0..word.len(), message).help_word(word, known);
            compiler.errors.push(DefinitionError { key, error });
        }
    }
    found
}

fn find(word: &str) -> Option<StatedGap> {
    StatedGap::ALL
        .iter()
        .copied()
        .find(|gap| gap.code() == word)
}

/// Checks the statements by what the signature covers, which is known by now.
pub(super) fn check(rules: &SchemeRules, compiler: &mut DefinitionCompiler) {
    for (nth, gap) in &rules.stated.gaps {
        if *gap == StatedGap::Fields
            && let Some(why) = rules.signs_body_in_part()
        {
            compiler.fault_with(
                &format!("not_covered[{nth}]"),
                &format!("this says too little: the signature covers no value of the body whole, for {why}"),
                "write \"body\"; or have a value signed whole, if the provider does",
            );
        } else if let Some(why) = rules.refutes(*gap) {
            let help = match (gap, rules.coverage.covers_body()) {
                (StatedGap::Body, true) if !rules.coverage.covers_raw_body() => {
                    "write \"fields\": it covers some"
                }
                (StatedGap::Fields, false) => "write \"body\"",
                _ => "remove it",
            };
            compiler.fault_with(&format!("not_covered[{nth}]"), why, help);
        }
    }
    for matter in &rules.stated.matters {
        let name = &matter.name;
        let is_covered = rules.determines(&matter.value);
        let left_out = is_covered
            .then(|| rules.may_leave_out(&matter.value))
            .flatten();
        match (is_covered, matter.stated) {
            (true, None) if left_out.is_some() => {
                let (why, or) = match left_out {
                    Some(OmittedIf::Nested) => (
                        "the signature leaves out an object or a list in its place: whoever has a callback can \
                         add one, or change what is in it",
                        "",
                    ),
                    _ => (
                        "the signature leaves it out where it is empty: whoever has a callback without it can \
                         add it so, or remove it",
                        "if an empty value is none to the backend, put `|nonempty` behind it; or ",
                    ),
                };
                compiler.fault_with(
                    &format!("matters.{name}"),
                    why,
                    &format!(
                        "{or}have such callbacks refused, by a `require` that needs a value, such as \
                         `.+`; or state it: `not_covered = [\"{name}\"]`"
                    ),
                );
            }
            (true, Some(_)) if left_out.is_some() => {}
            (false, None) => compiler.fault_with(
                &format!("matters.{name}"),
                "the signature does not cover this: whoever has a callback can change it",
                &format!(
                    "add it to the signed content, if the provider signs it; otherwise state it: \
                     `not_covered = [\"{name}\"]`"
                ),
            ),
            (true, Some(nth)) => compiler.fault_with(
                &format!("not_covered[{nth}]"),
                &format!("the signature covers `{name}`"),
                "remove it",
            ),
            _ => {}
        }
    }
}

impl SchemeRules {
    /// Why a statement is not true, if it is not.
    fn refutes(&self, gap: StatedGap) -> Option<&'static str> {
        let coverage = &self.coverage;
        let covers = |part: IdentityPart| coverage.covers(&part);
        let (is_there, is_covered) = match gap {
            StatedGap::Method => (true, coverage.covers_method()),
            StatedGap::Target => (true, coverage.covers_path() || coverage.covers_query()),
            StatedGap::Path => (true, coverage.covers_path()),
            StatedGap::Query => (true, coverage.covers_query()),
            StatedGap::Headers => (true, coverage.covers_headers()),
            StatedGap::Body => (true, coverage.covers_body()),
            StatedGap::Fields => (coverage.covers_body(), coverage.covers_raw_body()),
            StatedGap::Timestamp => (self.timestamp.is_some(), coverage.covers_timestamp()),
            StatedGap::Nonce => (self.nonce.is_some(), covers(IdentityPart::Nonce)),
            StatedGap::KeyId => (self.key_id.is_some(), covers(IdentityPart::KeyId)),
            StatedGap::Event => {
                let event = self.event.as_ref().and_then(CompiledExpression::field);
                let is_covered = event.as_ref().map(|path| coverage.covers_field(path));
                (event.is_some(), is_covered == Some(true))
            }
        };
        match (is_there, is_covered) {
            (_, true) => Some("this is not true: the signature covers it"),
            (false, _) if gap == StatedGap::Fields => {
                Some("this says too little: the signature covers nothing of the body")
            }
            (false, _) => Some("callbacks of this scheme have none"),
            _ => None,
        }
    }

    /// Why no value of the body is covered, although some are read in what is signed.
    fn signs_body_in_part(&self) -> Option<String> {
        if self.coverage.covers_body() {
            return None;
        }
        let is_of_body = |source: &ValueSource| {
            source.field().is_some()
                || matches!(
                    source,
                    ValueSource::Body | ValueSource::Document | ValueSource::Fields(_)
                )
        };
        let mut partly = self.coverage.partly_signed().iter();
        if let Some(part) = partly.find(|part| part.source.as_ref().is_some_and(is_of_body)) {
            let PartlySigned {
                value, cause, loss, ..
            } = part;
            return Some(format!("`{cause}` loses {loss} of `{value}`"));
        }
        let steps = self.lets.iter().flat_map(LetRule::expressions);
        let mut signed = self.content.iter().chain(&self.signed).chain(steps);
        signed.find_map(|expression| {
            let required: Vec<_> = expression
                .required_values()
                .map(|chain| &chain.text)
                .collect();
            let written = expression.written_values().into_iter();
            let mut optional = written.filter(|chain| !required.contains(&&chain.text));
            let value = optional.find(|chain| is_of_body(chain.source()))?;
            Some(format!("`{}` is in an optional part", value.text))
        })
    }

    /// Whether the scheme states that its signature does not cover a part of a callback.
    #[must_use]
    pub fn states_uncovered(&self, gap: StatedGap) -> bool {
        let is_of_target = matches!(gap, StatedGap::Path | StatedGap::Query);
        let mut stated = self.stated.gaps.iter().map(|(_, stated)| *stated);
        stated.any(|stated| stated == gap || is_of_target && stated == StatedGap::Target)
    }

    /// The same of a field of the body that the scheme says to matter.
    #[must_use]
    pub fn states_uncovered_field(&self, path: &FieldPath) -> bool {
        let mut stated = self
            .stated
            .matters
            .iter()
            .filter(|matter| matter.stated.is_some());
        stated.any(|matter| {
            let chains = matter.value.operations();
            let mut fields = chains.iter().filter_map(|chain| chain.source().field());
            fields.any(|field| field == *path)
        })
    }

    /// The values that the scheme says to matter and states not to be covered, in words.
    #[must_use]
    pub fn stated_matters(&self) -> Vec<String> {
        let matters = self.stated.matters.iter();
        let stated = matters.filter(|matter| matter.stated.is_some());
        stated
            .map(|Matter { name, text, .. }| format!("`{name}` (`{}`)", text))
            .collect()
    }

    /// Whether the scheme states that a value which its signature covers in part is not covered: by the
    /// name that `matters` gives to what it is read from, or, of a whole selection, as `fields`.
    #[must_use]
    pub fn states_partly_signed(&self, value: &PartlySigned) -> bool {
        let stated = self
            .stated
            .matters
            .iter()
            .filter(|matter| matter.stated.is_some());
        let mut sources = stated.flat_map(|matter| matter.value.operations());
        let is_named = value
            .source
            .as_ref()
            .is_some_and(|source| sources.any(|chain| chain.source() == source));
        let is_selection = matches!(value.source, Some(ValueSource::Fields(_)));
        is_named || is_selection && self.states_uncovered(StatedGap::Fields)
    }

    /// The names of the fields and parameters from which the scheme reads values that need not be
    /// signed: the signature, the timestamp, and the like.
    #[must_use]
    pub fn read_unsigned(&self) -> Vec<String> {
        let named = [&self.timestamp, &self.nonce, &self.key_id].into_iter();
        let read = self.signature.iter().chain(named.flatten());
        let parameters = read
            .flat_map(CompiledExpression::operations)
            .filter_map(|chain| match chain.source() {
                ValueSource::QueryParameter(name) => Some(name.clone()),
                _ => None,
            });
        let fields = self.unsigned_values().into_iter();
        parameters
            .chain(fields.filter_map(|steps| steps.into_iter().next()))
            .collect()
    }

    /// Whether a digest of its content could be continued by whoever has one, which is why its
    /// content must be text without control characters.
    #[must_use]
    pub const fn can_be_extended(&self) -> bool {
        self.facts.can_be_extended
    }
}
