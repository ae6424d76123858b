//! How the most lenient backend reads a request: which header names it treats as equal, and which
//! paths it confuses. The proxy and the configuration's validation share these rules.

use std::borrow::Cow;

use crate::verify::folded;

/// The longest header value made from a body field, encoded, in bytes.
pub const MAX_FIELD_HEADER: usize = 4096;

/// The longest host name (RFC 1035, section 2.3.4), in bytes.
pub const MAX_HOST: usize = 253;

/// The header name as such a backend sees it (see [`folded`]).
pub fn fold_header(name: &str) -> String {
    name.bytes().map(folded).map(char::from).collect()
}

/// Whether such a backend could normalise the path to a different one. True for dot segments (even
/// with path parameters), empty segments, backslashes, any of these percent-encoded, encoded control
/// characters, `?`, `#` and `%`, and encodings that are not UTF-8 (including overlong forms of a dot
/// or slash).
pub fn is_ambiguous_path(path: &str) -> bool {
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        let Some(decoded) = decode(segment) else {
            return true;
        };
        let name = bare(&decoded);
        // Includes a segment that is empty once path parameters and Windows suffixes are removed.
        if file(name).is_empty() && !is_last {
            return true;
        }
        if is_dots(name) || decoded.contains(is_odd) {
            return true;
        }
    }
    false
}

/// Whether a server could end or split a path at a decoded character: it decodes the path a second
/// time, takes a query or fragment out of it once it is decoded, ends it at a NUL, or matches it with
/// a regular expression whose `$` is also before a line end.
fn is_odd(character: char) -> bool {
    character.is_control() || "/\\%?#\u{2028}\u{2029}".contains(character)
}

/// Whether a segment is `.` or `..`, with trailing spaces, which Windows ignores.
fn is_dots(name: &str) -> bool {
    let dots = name.bytes().filter(|byte| *byte == b'.').count();
    matches!(dots, 1 | 2) && name.bytes().all(|byte| matches!(byte, b'.' | b' '))
}

/// Other paths that such a backend could read an unambiguous path as: with its percent-encodings
/// decoded, and without path parameters (`;v=1`) or without what Windows ignores in file names:
/// trailing dots and spaces, and streams (`::$DATA`). Spellings equal to the path are left out.
pub fn other_spellings(path: &str) -> Vec<String> {
    if !path.contains(['%', ';', ':']) && !path.contains("./") && !path.ends_with('.') {
        return Vec::new();
    }
    let steps: [fn(&str) -> Cow<'_, str>; 6] = [
        decoded,
        |segment| bare(segment).into(),
        |segment| decoded(bare(segment)),
        |segment| cut(decoded(segment), bare),
        |segment| cut(decoded(segment), file),
        |segment| cut(decoded(segment), |name| file(bare(name))),
    ];
    let mut all = Vec::with_capacity(steps.len());
    for step in steps {
        let mut other = String::with_capacity(path.len());
        for (nth, segment) in path.split('/').enumerate() {
            if nth > 0 {
                other.push('/');
            }
            other.push_str(&step(segment));
        }
        if other != path && !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

/// A segment without path parameters.
fn bare(segment: &str) -> &str {
    segment.split(';').next().unwrap_or_default()
}

/// A segment as Windows reads a file name.
fn file(segment: &str) -> &str {
    let name = segment.split(':').next().unwrap_or_default();
    name.trim_end_matches(['.', ' '])
}

fn cut(segment: Cow<'_, str>, to: fn(&str) -> &str) -> Cow<'_, str> {
    match segment {
        Cow::Borrowed(segment) => to(segment).into(),
        Cow::Owned(segment) => to(&segment).to_owned().into(),
    }
}

fn decoded(segment: &str) -> Cow<'_, str> {
    decode(segment).unwrap_or_default()
}

/// The segment with its percent-encodings decoded; `None` if one is broken or the result is not
/// UTF-8.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    let mut parts = segment.split('%');
    let start = parts.next()?;
    if start.len() == segment.len() {
        return Some(segment.into());
    }
    let mut out = start.as_bytes().to_vec();
    for part in parts {
        let code = part
            .get(..2)
            .filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(code, 16).ok()?);
        out.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_backends_confuse_fold_to_the_same_name() {
        for name in [
            "X-Verified-Key",
            "x_verified_key",
            "X.Verified-KEY",
            "x!verified~key",
        ] {
            assert_eq!(fold_header(name), "x-verified-key");
        }
    }

    #[test]
    fn spellings_of_a_path() {
        assert!(other_spellings("/a/b.c").is_empty());
        assert!(other_spellings("/a/%62").contains(&"/a/b".to_owned()));
        for path in [
            "/a/b;v=1",
            "/a/%62;v=1",
            "/a/b%3Bv=1",
            "/a;x/b",
            "/a/b.",
            "/a./b%20",
            "/a/b%2e;v=1",
            "/a/b::$DATA",
            "/a/b%3a%3a$DATA",
        ] {
            assert!(other_spellings(path).contains(&"/a/b".to_owned()), "{path}");
        }
    }

    #[test]
    fn ambiguous_paths() {
        for path in [
            "/a/../b",
            "/a/..",
            "/./a",
            "/a//b",
            "//a",
            "/;v=1/a",
            "/a/%3Bx/b",
            "/a/%20/b",
            "/a/:x/b",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a/..;/b",
            "/a/..%20",
            "/a/.%20./b",
            "/a/%20.;x",
            "/a/..;x=1/b",
            "/a/..%3bx/b",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%252e",
            "/a%00",
            "/a%",
            "/a%2",
            "/a%é",
            "/a/%c0%ae%c0%ae/b",
            "/a%e0%80%afb",
            "/a%ff",
            "/a%0a",
            "/a%0A/b",
            "/a%0d",
            "/a%09",
            "/a%7f",
            "/a%c2%85",
            "/a%e2%80%a8",
            "/a%3f",
            "/a%3Fb=c",
            "/a%23",
        ] {
            assert!(is_ambiguous_path(path), "{path}");
        }
        for path in [
            "/",
            "/a",
            "/a/",
            "/a/b.c/..d/e..",
            "/cb;v=1",
            "/%E5%AE%A2",
            "/a%20b",
            "/a/...",
            "/a/..%20b",
            "/a/%20",
            "/é",
        ] {
            assert!(!is_ambiguous_path(path), "{path}");
        }
    }
}
