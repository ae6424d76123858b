//! Which filters keep a value whole: their output says exactly what went in.

use crate::body::FieldPath;
use crate::language::compiled_expression::{FilterCall, PreparedArgument, ValueChain, ValueSource};
use crate::language::filters::Run;
use crate::language::value_type::ValueType;

/// Filters whose output determines their input. A digest does, for nobody finds a second input.
/// `java` and `json:jackson` lose nothing but the sign of a zero, and `java` whether a scalar is text, as
/// all text does.
const KEEP: &[&str] = &[
    "base64",
    "base64url",
    "escape",
    "hex",
    "hmac-md5",
    "hmac-sha1",
    "hmac-sha256",
    "hmac-sha384",
    "hmac-sha512",
    "java",
    "json",
    "max",
    "md5",
    "nonempty",
    "prefix",
    "raw",
    "reverse",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "text",
    "unbase64",
    "urlencode",
];

/// Whether the output of a filter determines its input, whatever its arguments are.
pub(in crate::language) fn is_lossless(name: &str) -> bool {
    KEEP.contains(&name)
}

/// All others, with what they lose: another input can have the same output.
const LOSE: &[(&str, &str)] = &[
    ("3des-cbc", "bits of the key that the cipher ignores"),
    ("after", "what stands in front of it"),
    ("after-last", "what stands in front of it"),
    ("all", "the other values"),
    ("append", "where the value ends"),
    ("before", "what follows it"),
    (
        CHECKSUM,
        "all of it: anybody can make another value with this checksum",
    ),
    ("default", "whether the value is there"),
    ("field", "the other fields"),
    ("flatten", "where names and values end"),
    ("java", "the digits that no `double` has"),
    ("json", "the digits that no `double` has"),
    ("lower", "the case of letters"),
    ("nth", "the other items"),
    ("number", "how the number is written"),
    ("one", "the other values"),
    ("pairs", "the values that are not taken"),
    ("prefix?", "whether the prefix is there"),
    ("remove", "the characters that it removes"),
    ("skip", "the items that it skips"),
    ("sorted", "white space, and the order of members"),
    ("split", "the items that are not taken"),
    ("trim", "the white space around it"),
    ("unbase64", "line ends and padding"),
    ("unbase64url", "padding"),
    ("unhex", "the case of the digits"),
    ("upper", "the case of letters"),
    ("urldecode", "which characters were encoded"),
    ("without", "the member"),
    ("words", "the white space, and the words that are not taken"),
];

/// The filter of which nothing can be told of its input.
const CHECKSUM: &str = "crc32";

/// How much of a value filters keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kept {
    /// Nothing: anybody can make another value with the same output.
    Nothing,
    /// A part of it.
    Part,
    /// Everything but how it is spelt.
    Meaning,
    /// Everything.
    Whole,
}

impl ValueChain {
    /// Whether what is written determines the value of the source.
    fn keeps_all(&self) -> bool {
        all_keep(&self.filters)
    }

    /// Whether what is written is as hard to guess as the value: all of it, in whichever spelling.
    pub(in crate::language) fn keeps_secret(&self) -> bool {
        let mut before = None;
        self.filters.iter().all(|call| {
            let name = call.filter.name;
            let is_kept = name.starts_with("un") || name == "prefix?" || keeps(call, before);
            before = Some(name);
            is_kept
        })
    }

    /// Whether what is written determines all but the spelling of the value: the case of hexadecimal
    /// digits, or the line ends and the padding of base64.
    fn keeps_meaning(&self) -> bool {
        let is_decoded =
            |call: &FilterCall| matches!(call.filter.name, "unhex" | "unbase64" | "unbase64url");
        let mut others = self.filters.iter().skip_while(|call| is_decoded(call));
        others.all(|call| keeps(call, None) || call.prints_doubles() && !call.on_items)
    }

    /// Whether a scalar in JSON is written as what it is: a number in another way than the text of it.
    pub(super) fn keeps_type(&self) -> bool {
        let first = self.filters.first();
        first.is_some_and(|call| matches!(call.filter.name, "json" | "raw" | "sorted"))
    }

    /// How much of the value is kept.
    pub(super) fn kept(&self) -> Kept {
        let mut names = self.filters.iter().map(|call| call.filter.name);
        if names.any(|name| name == CHECKSUM) {
            Kept::Nothing
        } else if self.keeps_all() {
            Kept::Whole
        } else if self.keeps_meaning() {
            Kept::Meaning
        } else {
            Kept::Part
        }
    }

    /// The same, if a number that is printed as a `double` counts as kept.
    pub(super) fn kept_but_for_doubles(&self) -> Kept {
        let mut before = None;
        let mut filters = self.filters.iter();
        let is_whole = filters.all(|call| {
            let is_kept = keeps(call, before) || call.prints_doubles() && !call.on_items;
            before = Some(call.filter.name);
            is_kept
        });
        if is_whole { Kept::Whole } else { self.kept() }
    }

    /// The value of the document that it takes, if that is the first thing that it does.
    pub(super) fn field_of_document(&self) -> Option<&FieldPath> {
        let mut filters = self
            .filters
            .iter()
            .skip_while(|call| call.filter.name == "text");
        match &filters.next()?.arguments {
            [Some(PreparedArgument::Path(path)), _] => Some(path),
            _ => None,
        }
    }

    /// The members of the document that are not written, if all others are.
    pub(super) fn members_left_out(&self) -> Option<Vec<String>> {
        let is_reshaped = |call: &FilterCall| matches!(call.filter.run, Run::Reshape(_));
        let is_document = match self.source {
            ValueSource::Document => true,
            // Parsed by its first filter.
            ValueSource::Body => self.filters.first().is_some_and(is_reshaped),
            _ => false,
        };
        if !is_document {
            return None;
        }
        let (without, others): (Vec<&FilterCall>, Vec<&FilterCall>) = self
            .filters
            .iter()
            .partition(|call| call.filter.name == "without");
        let names = without.into_iter().map(|call| match &call.arguments {
            [Some(PreparedArgument::Text(name)), _] => Some(name.to_string()),
            _ => None,
        });
        let others_keep = { others.iter() }.all(|call| is_reshaped(call) || keeps(call, None));
        names.collect::<Option<_>>().filter(|_| others_keep)
    }
}

/// Whether the output of these filters determines their input.
pub(super) fn all_keep<'f>(filters: impl IntoIterator<Item = &'f FilterCall>) -> bool {
    let mut before = None;
    filters.into_iter().all(|call| {
        let keeps = keeps(call, before);
        before = Some(call.filter.name);
        keeps
    })
}

/// The name of the first of these filters that loses something, and what.
pub(super) fn first_loss<'f>(
    filters: impl IntoIterator<Item = &'f FilterCall>,
) -> Option<(&'static str, &'static str)> {
    let mut before = None;
    let loses = |call: &&FilterCall| {
        let is_kept = keeps(call, before);
        before = Some(call.filter.name);
        !is_kept
    };
    let name = filters.into_iter().find(loses)?.filter.name;
    let known = LOSE.iter().find(|(known, _)| *known == name);
    Some((name, known.map_or("where the items end", |(_, what)| *what)))
}

fn keeps(call: &FilterCall, before: Option<&str>) -> bool {
    let name = call.filter.name;
    match name {
        _ if call.on_items => false,
        // `lenient` ignores line ends and padding.
        "unbase64" => matches!(call.arguments, [None, _]),
        // The digits that `hex` writes are the same in each case.
        "lower" | "upper" => before == Some("hex"),
        // Many numbers have one double.
        "java" | "json" => !call.prints_doubles(),
        // Of a value in JSON, members have no order. Text and bytes do.
        "sorted" => call.input == ValueType::Json,
        _ => KEEP.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::filters;

    #[test]
    fn every_filter_is_known_to_keep_or_to_lose() {
        for filter in filters::all() {
            let is_kept = KEEP.contains(&filter.name);
            let is_lost = LOSE.iter().any(|(name, _)| *name == filter.name);
            // These do either, by their arguments.
            let does_both = ["java", "json", "unbase64"].contains(&filter.name);
            assert!((is_kept != is_lost) != does_both, "{}", filter.name);
        }
    }
}
