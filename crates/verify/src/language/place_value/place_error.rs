//! Why a value cannot be written where an expression reads it.

use crate::language::compiled_expression::{CompiledExpression, ValueChain};
use crate::language::planted_secret::without_planted;
use crate::reason::Rejection;

/// Why a value cannot be written where an expression reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The expression reads several values, or none of a request.
    #[error("`{0}` is not one value of the request")]
    NotOneValue(String),
    /// A filter after which nobody knows what it was applied to.
    #[error(
        "`{expression}` reads what `{filter}` makes of a value, and nothing says what that was"
    )]
    OneWay {
        /// The expression.
        expression: String,
        /// The filter.
        filter: &'static str,
    },
    /// What is there is not in the form that the expression reads.
    #[error("`{expression}` cannot be written into the request: {why}")]
    Unfit {
        /// The expression.
        expression: String,
        /// What is in its way.
        why: &'static str,
    },
    /// The request cannot be read.
    #[error("the request cannot be read: {0}")]
    Unreadable(Rejection),
}

impl PlaceError {
    pub(super) fn unfit(chain: &ValueChain, why: &'static str) -> Self {
        Self::Unfit {
            expression: shown(chain),
            why,
        }
    }

    pub(super) fn one_way(chain: &ValueChain, filter: &'static str) -> Self {
        Self::OneWay {
            expression: shown(chain),
            filter,
        }
    }

    pub(super) fn not_one_value(program: &CompiledExpression) -> Self {
        let texts: Vec<_> = program.written_values().into_iter().map(shown).collect();
        Self::NotOneValue(texts.join(""))
    }

    pub(super) fn not_of_a_request(chain: &ValueChain) -> Self {
        Self::NotOneValue(shown(chain))
    }
}

fn shown(chain: &ValueChain) -> String {
    without_planted(&chain.text).into_owned()
}
