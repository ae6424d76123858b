//! Filters over text.

use super::{Filter, ParameterKind, Run, needs};
use crate::language::value_fault::ValueFault;

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "lower",
        parameters: &[],
        run: Run::Text(|text, _| {
            let is_lower = !text.chars().any(char::is_uppercase);
            Ok(if is_lower {
                text.into()
            } else {
                text.to_lowercase().into()
            })
        }),
        meaning: "In lower case.",
        examples: &[("lower", "aÉ1", Some("aé1"))],
    },
    Filter {
        name: "upper",
        parameters: &[],
        run: Run::Text(|text, _| Ok(text.to_uppercase().into())),
        meaning: "In upper case.",
        examples: &[("upper", "aé1", Some("AÉ1"))],
    },
    Filter {
        name: "trim",
        parameters: &[],
        run: Run::Text(|text, _| Ok(text.trim_matches([' ', '\t', '\r', '\n']).into())),
        meaning: "Without spaces, tabs and line ends around it.",
        examples: &[("trim", " a b\r\n", Some("a b"))],
    },
    Filter {
        name: "reverse",
        parameters: &[],
        run: Run::Text(|text, _| Ok(text.chars().rev().collect())),
        meaning: "The characters backwards.",
        examples: &[("reverse", "abé", Some("éba"))],
    },
    Filter {
        name: "prefix",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let rest = text.strip_prefix(given.first());
            rest.map(Into::into).ok_or(ValueFault::Malformed)
        }),
        meaning: "What follows X, with which the text must begin.",
        examples: &[
            ("prefix:sha256=", "sha256=ab", Some("ab")),
            ("prefix:sha256=", "sha1=ab", None),
        ],
    },
    Filter {
        name: "prefix?",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| Ok(text.strip_prefix(given.first()).unwrap_or(text).into())),
        meaning: "What follows X, if the text begins with X; else all of it.",
        examples: &[
            ("prefix?:whsec_", "whsec_ab", Some("ab")),
            ("prefix?:whsec_", "ab", Some("ab")),
        ],
    },
    Filter {
        name: "after",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let cut = text.split_once(given.first());
            cut.map(|(_, after)| after.into())
                .ok_or(ValueFault::Malformed)
        }),
        meaning: "What follows the first X, which must be there.",
        examples: &[("after:-", "a-b-c", Some("b-c")), ("after:-", "abc", None)],
    },
    Filter {
        name: "before",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let cut = text.split_once(given.first());
            cut.map(|(before, _)| before.into())
                .ok_or(ValueFault::Malformed)
        }),
        meaning: "What precedes the first X, which must be there.",
        examples: &[
            ("before:###", "ab###1", Some("ab")),
            ("before:###", "ab", None),
        ],
    },
    Filter {
        name: "after-last",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let cut = text.rsplit_once(given.first());
            cut.map(|(_, after)| after.into())
                .ok_or(ValueFault::Malformed)
        }),
        meaning: "What follows the last X, which must be there.",
        examples: &[
            ("after-last:/", "/a/b.php", Some("b.php")),
            ("after-last:/", "b", None),
        ],
    },
    Filter {
        name: "remove",
        parameters: &[needs("CHARACTERS", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let removed = given.first();
            Ok(text.chars().filter(|c| !removed.contains(*c)).collect())
        }),
        meaning: "Without these characters.",
        examples: &[("remove:'.,'", "1,234.50", Some("123450"))],
    },
    Filter {
        name: "escape",
        parameters: &[needs("CHARACTERS", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            let special = |c: char| c == '\\' || given.first().contains(c);
            if !text.chars().any(special) {
                return Ok(text.into());
            }
            let escaped = text
                .chars()
                .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]));
            Ok(escaped.collect())
        }),
        meaning: "With a backslash in front of these characters and of each backslash.",
        examples: &[(r"escape:'|'", r"a|b\c", Some(r"a\|b\\c"))],
    },
    Filter {
        name: "max",
        parameters: &[needs("LENGTH", ParameterKind::Number)],
        run: Run::Text(|text, given| match text.chars().nth(given.number()) {
            None => Ok(text.into()),
            Some(_) => Err(ValueFault::TooLong),
        }),
        meaning: "The same, if it has at most so many characters.",
        examples: &[("max:2", "éa", Some("éa")), ("max:2", "abc", None)],
    },
    Filter {
        name: "number",
        parameters: &[needs("DECIMALS", ParameterKind::Number)],
        run: Run::Text(|text, given| decimal(text, given.number()).map(Into::into)),
        meaning: "A decimal number with so many decimals; more than that, apart from zeros at the end, are refused.",
        examples: &[
            ("number:2", "10", Some("10.00")),
            ("number:2", "10.5", Some("10.50")),
            ("number:2", "-10.5000", Some("-10.50")),
            ("number:0", "10.00", Some("10")),
            ("number:2", "10.505", None),
            ("number:2", "1e3", None),
            ("number:2", "10.", None),
        ],
    },
    Filter {
        name: "default",
        parameters: &[needs("X", ParameterKind::AnyText)],
        run: Run::Default,
        meaning: "X, if the value is missing.",
        examples: &[("default:x", "a", Some("a")), ("default:", "", Some(""))],
    },
    Filter {
        name: "nonempty",
        parameters: &[],
        run: Run::NonEmpty,
        meaning: "The same; what is empty counts as missing.",
        examples: &[
            ("nonempty", "a", Some("a")),
            ("nonempty", "", None),
            ("nonempty|default:x", "", Some("x")),
        ],
    },
];

/// A decimal number with this many decimals.
pub(in crate::language) fn decimal(text: &str, decimals: usize) -> Result<String, ValueFault> {
    // More decimals than any currency has; a long row of zeros would only cost memory.
    if decimals > 18 {
        return Err(ValueFault::TooLong);
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(ValueFault::Malformed);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        return Err(ValueFault::Malformed);
    }
    let sign = if unsigned.len() < text.len() { "-" } else { "" };
    Ok(match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction:0<decimals$}"),
    })
}
