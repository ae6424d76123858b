//! Which filters keep a value whole: their output says exactly what went in.

use crate::language::compiled_expression::{FilterCall, PreparedArgument, ValueChain, ValueSource};

/// Filters whose output determines their input. A digest does, for nobody finds a second input.
/// `java` and `json` lose nothing but whether a scalar is text, as all text does.
const KEEP: &[&str] = &[
    "base64",
    "base64url",
    "escape",
    "hex",
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
    "sorted",
    "text",
    "unbase64",
    "urlencode",
];

/// All others: another input can have the same output.
#[cfg(test)]
const LOSE: &[&str] = &[
    "3des-cbc",
    "after",
    "after-last",
    "all",
    "before",
    "crc32",
    "default",
    "field",
    "flatten",
    "lower",
    "nth",
    "number",
    "one",
    "pairs",
    "prefix?",
    "remove",
    "skip",
    "split",
    "trim",
    "unbase64url",
    "unhex",
    "upper",
    "urldecode",
    "without",
    "words",
];

impl ValueChain {
    /// Whether what is written determines the value of the source.
    pub(super) fn keeps_all(&self) -> bool {
        all_keep(&self.filters)
    }

    /// Whether what is written determines all but the spelling of the value: the case of hexadecimal
    /// digits, or the line ends and the padding of base64.
    pub(super) fn keeps_meaning(&self) -> bool {
        let is_decoded =
            |call: &FilterCall| matches!(call.filter.name, "unhex" | "unbase64" | "unbase64url");
        let mut others = self.filters.iter().skip_while(|call| is_decoded(call));
        others.all(|call| keeps(call, None))
    }

    /// The members of the document that are not written, if all others are.
    pub(super) fn members_left_out(&self) -> Option<Vec<String>> {
        if self.source != ValueSource::Document {
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
        let others_keep = others.iter().all(|call| keeps(call, None));
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

fn keeps(call: &FilterCall, before: Option<&str>) -> bool {
    let name = call.filter.name;
    match name {
        _ if call.on_items => false,
        // `lenient` ignores line ends and padding.
        "unbase64" => matches!(call.arguments, [None, _]),
        // The digits that `hex` writes are the same in each case.
        "lower" | "upper" => before == Some("hex"),
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
            let is_lost = LOSE.contains(&filter.name);
            assert!(is_kept != is_lost, "{}", filter.name);
        }
    }
}
