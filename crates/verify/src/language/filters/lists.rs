//! Filters that make lists and pairs, and take values from them.

use super::{Filter, ParameterKind, Run, needs, takes};
use crate::language::expression_value::{ExpressionValue, MAX_ITEMS, Scratch};
use crate::language::value_fault::ValueFault;

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "split",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Split(|text, given, items| {
            items.extend(text.split(given.first()).take(MAX_ITEMS.saturating_add(1)));
            Ok(())
        }),
        meaning: "The parts between one X and the next.",
        examples: &[
            ("split:,|nth:2", "a,b", Some("b")),
            ("split:,|nth:3", "a,b", None),
        ],
    },
    Filter {
        name: "words",
        parameters: &[],
        run: Run::Split(|text, _, items| {
            items.extend(
                text.split_ascii_whitespace()
                    .take(MAX_ITEMS.saturating_add(1)),
            );
            Ok(())
        }),
        meaning: "The parts between spaces, tabs and line ends.",
        examples: &[("words|nth:2", " a  b ", Some("b"))],
    },
    Filter {
        name: "pairs",
        parameters: &[
            needs("SEPARATOR", ParameterKind::Text),
            takes("ASSIGN", ParameterKind::Text),
        ],
        run: Run::Pairs(|text, given, pairs| {
            let assign = given.text(1).unwrap_or("=");
            for part in text.split(given.first()).take(MAX_ITEMS.saturating_add(1)) {
                let pair = part.trim_matches([' ', '\t']).split_once(assign);
                pairs.push(pair.ok_or(ValueFault::Malformed)?);
            }
            Ok(())
        }),
        meaning: "Names and values, such as `t=1,v1=ab`: pairs between separators, cut at the first ASSIGN (`=` unless it is said).",
        examples: &[
            ("pairs:,|one:t", "t=1, v1=a=b", Some("1")),
            ("pairs:,|one:v1", "t=1, v1=a=b", Some("a=b")),
            ("pairs:&:'|'|one:k", "x|1&k|2", Some("2")),
            ("pairs:,|one:t", "t=1,x", None),
        ],
    },
    Filter {
        name: "one",
        parameters: &[needs("NAME", ParameterKind::Text)],
        run: Run::Values { single: true },
        meaning: "The value with this name, which must not occur twice.",
        examples: &[
            ("pairs:,|one:t", "t=1,t=1", None),
            ("pairs:,|one:x", "t=1", None),
        ],
    },
    Filter {
        name: "all",
        parameters: &[needs("NAME", ParameterKind::Text)],
        run: Run::Values { single: false },
        meaning: "The values with this name, at least one.",
        examples: &[
            ("pairs:,|all:v|nth:2", "v=1,t=x,v=2", Some("2")),
            ("pairs:,|all:x|nth:1", "v=1", None),
        ],
    },
    Filter {
        name: "nth",
        parameters: &[needs("N", ParameterKind::Number)],
        run: Run::Item,
        meaning: "The item with this number, counted from 1.",
        examples: &[("split:,|nth:1", "a,b", Some("a"))],
    },
    Filter {
        name: "skip",
        parameters: &[needs("N", ParameterKind::Number)],
        run: Run::Rest,
        meaning: "The items after the first N, at least one.",
        examples: &[
            ("split:,|skip:1|nth:1", "a,b", Some("b")),
            ("split:,|skip:2|nth:1", "a,b", None),
        ],
    },
];

/// The values of the pairs with this name.
pub(super) fn values<'v>(
    pairs: &'v [(&'v str, &'v str)],
    name: &str,
    single: bool,
    scratch: &'v Scratch<'v>,
) -> Result<ExpressionValue<'v>, ValueFault> {
    let mut found = pairs
        .iter()
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| ExpressionValue::Text(value));
    let first = found.next().ok_or(ValueFault::Missing)?;
    if !single {
        return Ok(ExpressionValue::List(
            scratch.list([first].into_iter().chain(found).collect())?,
        ));
    }
    match found.next() {
        None => Ok(first),
        Some(_) => Err(ValueFault::Repeated),
    }
}

pub(super) fn item<'v>(
    items: &'v [ExpressionValue<'v>],
    number: usize,
) -> Result<ExpressionValue<'v>, ValueFault> {
    let at = number.checked_sub(1).ok_or(ValueFault::Missing)?;
    items.get(at).copied().ok_or(ValueFault::Missing)
}

pub(super) fn rest<'v>(
    items: &'v [ExpressionValue<'v>],
    skipped: usize,
) -> Result<ExpressionValue<'v>, ValueFault> {
    match items.get(skipped..) {
        Some(rest) if !rest.is_empty() => Ok(ExpressionValue::List(rest)),
        _ => Err(ValueFault::Missing),
    }
}
