//! JSON Pointers (RFC 6901): their one reader, and how a token is written.

/// The tokens of a pointer, decoded. `behind_slash` is the pointer less the `/` that it begins with. `None` if a
/// `~` is followed by neither `0` nor `1`.
pub(crate) fn tokens(behind_slash: &str) -> Option<Vec<String>> {
    behind_slash.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match (part.strip_prefix('0'), part.strip_prefix('1')) {
            (Some(rest), _) => ('~', rest),
            (_, Some(rest)) => ('/', rest),
            _ => return None,
        };
        text.push(character);
        text.push_str(rest);
    }
    Some(text)
}

/// A token that names an element of an array: digits without leading zero (section 4).
pub(crate) fn array_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with('0') && !token.is_empty());
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| token.parse().ok()).flatten()
}

/// A name as a token.
#[cfg(feature = "aws-lc-rs")]
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_decoded_once() {
        let decoded = |pointer| tokens(pointer).unwrap();
        assert_eq!(decoded(""), [""]);
        assert_eq!(decoded("a/b"), ["a", "b"]);
        assert_eq!(decoded("~01~10/~1"), ["~1/0", "/"]);
        for bad in ["~", "a~2", "a/~x"] {
            assert_eq!(tokens(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_index_has_one_spelling() {
        assert_eq!(array_index("0"), Some(0));
        assert_eq!(array_index("10"), Some(10));
        for text in ["", "00", "01", "+1", "-", "1a", "99999999999999999999"] {
            assert_eq!(array_index(text), None, "{text}");
        }
    }
}
