//! Expressions of the scheme language, of values that requests have.

use super::choices::Choices;
use super::random_message::Format;

/// What an expression may use.
pub(crate) struct Scope {
    pub(crate) format: Format,
    /// Whether the timestamp, the nonce and the key id have a value.
    pub(crate) named: Vec<&'static str>,
    /// Steps and selections.
    pub(crate) made: Vec<String>,
}

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Bytes,
    Json,
    Texts,
    ByteStrings,
    Pairs,
}

use Type::{ByteStrings, Bytes, Json, Pairs, Text, Texts};

const COMMON: &[(&str, Type)] = &[
    ("body", Bytes),
    ("header:X-A", Text),
    ("header:X-B", Text),
    ("body", Bytes),
    ("header:X-A,X-B,X-List", Text),
    ("headers:X-List", Texts),
    ("headers:X-A", Texts),
    ("method", Text),
    ("target", Text),
    ("path", Text),
    ("query", Text),
    ("query:a", Text),
    ("query:b", Text),
    ("host", Text),
    ("url", Text),
    ("configured_url", Text),
    ("value:c", Text),
    ("secret", Text),
];

const OF_JSON: &[(&str, Type)] = &[
    ("field:a", Json),
    ("field:b", Json),
    ("field:/data/a", Json),
    ("document", Json),
    ("field:data", Json),
    ("field:id", Json),
    ("field:amount", Json),
    ("field:list", Json),
];

const OF_FORM: &[(&str, Type)] = &[
    ("form:a", Text),
    ("form:b", Text),
    ("form:id", Text),
    ("form:amount", Text),
];

const OF_XML: &[(&str, Type)] = &[
    ("xml:a", Text),
    ("xml:b", Text),
    ("xml:id", Text),
    ("xml:amount", Text),
];

/// Filters with the type that they take and the one that they give.
const FILTERS: &[(&str, Type, Type)] = &[
    ("lower", Text, Text),
    ("upper", Text, Text),
    ("trim", Text, Text),
    ("reverse", Text, Text),
    ("prefix:a", Text, Text),
    ("prefix?:a", Text, Text),
    ("prefix?:'sha256='", Text, Text),
    ("after:-", Text, Text),
    ("before:-", Text, Text),
    ("after:=", Text, Text),
    ("after-last:/", Text, Text),
    ("remove:'.,'", Text, Text),
    ("escape:'|'", Text, Text),
    ("escape:'.&='", Text, Text),
    ("max:20", Text, Text),
    ("number:2", Text, Text),
    ("default:x", Text, Text),
    ("default:{header:X-B}", Text, Text),
    ("nonempty", Text, Text),
    ("urlencode:form", Text, Text),
    ("urlencode:rfc3986", Text, Text),
    ("urldecode", Text, Text),
    ("urldecode:/", Text, Text),
    ("unhex", Text, Bytes),
    ("unbase64", Text, Bytes),
    ("unbase64:lenient", Text, Bytes),
    ("unbase64url", Text, Bytes),
    ("split:,", Text, Texts),
    ("words", Text, Texts),
    ("pairs:,", Text, Pairs),
    ("pairs:'&'", Text, Pairs),
    ("json:js", Text, Text),
    ("json:php", Text, Text),
    ("json:php+unicode+slashes", Text, Text),
    ("field:a", Text, Json),
    ("hex", Bytes, Text),
    ("base64", Bytes, Text),
    ("base64url", Bytes, Text),
    ("sha256", Bytes, Bytes),
    ("sha1", Bytes, Bytes),
    ("md5", Bytes, Bytes),
    ("sha512", Bytes, Bytes),
    ("crc32", Bytes, Text),
    ("text", Bytes, Text),
    ("field:a", Bytes, Json),
    ("field:/data/b", Json, Json),
    ("field:a", Json, Json),
    ("sorted", Json, Json),
    ("without:a", Json, Json),
    ("flatten", Json, Text),
    ("raw", Json, Text),
    ("java", Json, Text),
    ("java:double", Json, Text),
    ("json:js", Json, Text),
    ("json:php", Json, Text),
    ("json:jackson", Json, Text),
    ("json:jackson+double", Json, Text),
    ("one:a", Pairs, Text),
    ("all:a", Pairs, Texts),
    ("nth:1", Texts, Text),
    ("nth:2", Texts, Text),
    ("skip:1", Texts, Texts),
    ("nth:1", ByteStrings, Bytes),
];

/// What stands between values.
pub(crate) const SEPARATORS: &[&str] = &["\n", ".", "", "&", ":", "|", "=", ";", ",", "-"];

/// Fixed text with values in it.
pub(crate) fn expression(choices: &mut Choices<'_>, scope: &Scope) -> String {
    let mut out = String::new();
    let separator = choices.pick(&["\n", ".", "", "&", "|", "\n", "\n", "\n"]);
    let count = [1, 2, 3, 4, 1, 2, 1, 2][choices.below(8)];
    for at in 0..count {
        let between = match choices.one_in(8) {
            true => choices.pick(SEPARATORS),
            false => separator,
        };
        let value = value(choices, scope);
        if at > 0 && choices.one_in(8) {
            out.push_str(&format!("[{between}{value}]"));
            continue;
        }
        if at > 0 {
            out.push_str(between);
        }
        out.push_str(&value);
    }
    if choices.one_in(4) {
        out.push_str(separator);
    }
    out
}

/// One value that can stand in text.
pub(crate) fn value(choices: &mut Choices<'_>, scope: &Scope) -> String {
    let made: Vec<(&str, Type)> = scope
        .made
        .iter()
        .map(|name| (name.as_str(), Bytes))
        .collect();
    let named: Vec<(&str, Type)> = scope.named.iter().map(|name| (*name, Text)).collect();
    let of_body = match scope.format {
        Format::Json => OF_JSON,
        Format::Form => OF_FORM,
        Format::Xml => OF_XML,
        Format::Raw => &COMMON[..1],
    };
    let (source, kind) = loop {
        let group: &[(&str, Type)] = match choices.below(8) {
            0 => COMMON,
            1 | 2 => of_body,
            3 | 4 => &made,
            5 => &named,
            6 => &COMMON[..3],
            _ => COMMON,
        };
        if !group.is_empty() {
            break group[choices.below(group.len())];
        }
    };
    let mut out = format!("{{{source}");
    let mut kind = kind;
    let count = [0, 0, 0, 0, 1, 1, 2, 3][choices.below(8)];
    for _ in 0..count {
        kind = filter(choices, kind, &mut out);
    }
    // A list is no text.
    for _ in 0..2 {
        let (last, gives) = match kind {
            Texts => ("|nth:1", Text),
            ByteStrings => ("|nth:1", Bytes),
            Pairs => ("|one:a", Text),
            _ => break,
        };
        out.push_str(last);
        kind = gives;
    }
    out.push('}');
    out
}

fn filter(choices: &mut Choices<'_>, kind: Type, out: &mut String) -> Type {
    let takes = |wanted: Type| match wanted {
        Text => matches!(kind, Text | Json | Texts),
        Bytes => matches!(kind, Text | Bytes | Json | Texts | ByteStrings),
        other => other == kind,
    };
    let fitting: Vec<_> = FILTERS
        .iter()
        .filter(|(_, wanted, _)| takes(*wanted))
        .collect();
    let (name, wanted, gives) = fitting[choices.below(fitting.len())];
    out.push('|');
    out.push_str(name);
    match (kind, wanted, gives) {
        (Texts | ByteStrings, Text | Bytes, Text) => Texts,
        (Texts | ByteStrings, Text | Bytes, Bytes) => ByteStrings,
        _ => *gives,
    }
}
