//! Whether an expression holds a secret in every case.

use super::reach::is_secret;
use super::{LetRule, SchemeRules};
use crate::language::compiled_expression::{
    CompiledExpression, FilterCall, ValueChain, ValueSource,
};
use crate::language::coverage::is_lossless;
use crate::language::selection::{Chosen, MustCover, Selection};

impl SchemeRules {
    /// Whether the value of an expression holds a secret, whichever candidate of a step is tried and
    /// whatever the callback lacks or lists. A part that may be left out does not count, and neither
    /// does a value that something else may stand for.
    pub(super) fn certainly_holds_secret(&self, expression: &CompiledExpression) -> bool {
        let mut chains = expression.required_values();
        chains.any(|chain| self.is_certain_secret(chain))
    }

    fn is_certain_secret(&self, chain: &ValueChain) -> bool {
        let is_own = is_secret(chain.source());
        if !chain.filters.iter().all(|call| leaves_secret(call, is_own)) {
            return false;
        }
        match chain.source() {
            ValueSource::Let(at) => self.lets.get(*at).is_some_and(|rule| match rule {
                LetRule::Candidates(candidates) => candidates
                    .iter()
                    .all(|inner| self.certainly_holds_secret(inner)),
                LetRule::Table { of, default, .. } => {
                    let mut rows = of.iter().map(|(_, inner)| inner).chain(default);
                    rows.all(|inner| self.certainly_holds_secret(inner))
                }
            }),
            ValueSource::Fields(at) => {
                let selection = self.selections.get(*at);
                selection.is_some_and(|selection| {
                    let mut added = selection.add.iter();
                    selection.pair_leaves_secret()
                        && added.any(|(name, inner)| {
                            selection.certainly_writes(name) && self.certainly_holds_secret(inner)
                        })
                })
            }
            source => is_secret(source),
        }
    }
}

/// Filters besides those that keep all, behind which a text still holds the secret that it held: what they lose
/// is no part of it.
const LEAVE_SECRET: &[&str] = &[
    "3des-cbc",
    "lower",
    "prefix?",
    "trim",
    "unbase64url",
    "unhex",
    "upper",
    "urldecode",
];

/// Whether a secret is still one behind a filter. `is_own`: nothing else is before the filter, so that nobody
/// else chooses what is left; of a text with other parts, a filter must leave all.
fn leaves_secret(call: &FilterCall, is_own: bool) -> bool {
    let name = call.filter.name;
    match is_own {
        true => !matches!(name, "crc32" | "default"),
        false => !call.on_items && (is_lossless(name) || LEAVE_SECRET.contains(&name)),
    }
}

impl Selection {
    /// Whether an added field is written whatever the callback has.
    pub(in crate::language) fn certainly_writes(&self, name: &str) -> bool {
        let is_chosen = match &self.chosen {
            Chosen::All => true,
            Chosen::Names(names) => names.iter().any(|known| known == name),
            Chosen::Listed { must_cover, .. } => match must_cover {
                MustCover::Names(names) => names.iter().any(|known| known == name),
                MustCover::Program(_) => false,
            },
        };
        // A pair of its own may leave its value out.
        let has_own_pair = self.pair_of.iter().any(|(known, _)| known == name);
        is_chosen && !self.leaves_out(name) && !has_own_pair && self.pair_writes_value()
    }

    /// Whether a pair writes a secret as one.
    fn pair_leaves_secret(&self) -> bool {
        let mut values = self.pair.required_values();
        values.any(|chain| {
            let mut filters = chain.filters.iter();
            *chain.source() == ValueSource::FieldValue
                && filters.all(|call| leaves_secret(call, false))
        })
    }
}
