//! Where the values of a signed text end.
//!
//! A signature covers a text, not the values in it. If the nonce in `{nonce}.{body}` may contain a
//! `.`, an attacker with one callback can move bytes from the body into the nonce under the same
//! signature: the backend gets a body that nobody signed. So each value must have exactly one
//! possible end.

use super::*;

/// Why the values of a scheme's signed text cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenJoin {
    /// Nothing separates the names and the values of fields.
    #[error("nothing separates a field's name from its value in the signed text")]
    NoAssign,
    /// Nothing separates the fields.
    #[error("nothing separates the fields of the signed text")]
    NoSeparator,
    /// A member of an object that is written without quotes and is not the timestamp.
    #[error("the member `{0}` of the signed object has no quotes and is not the timestamp")]
    NoQuotes(String),
    /// A value that can extend into what follows.
    #[error("{value:?} may contain {next:?}, which follows it in the signed text")]
    OpenEnd {
        /// The value.
        value: Part,
        /// What follows, which does not end it.
        next: Part,
    },
}

impl Scheme {
    /// What keeps the values of the signed text from being told apart, in every callback. `None` if
    /// each value has exactly one possible end, or if ambiguity can be detected in each callback.
    #[must_use]
    pub fn open_join(&self) -> Option<OpenJoin> {
        match &self.content.form {
            // Strings are in quotes, with escapes.
            Form::JsonObject(object) => {
                let is_open =
                    |member: &&JsonMember| member.number && member.value != Part::Timestamp;
                let open = object.members.iter().find(is_open)?;
                Some(OpenJoin::NoQuotes(open.name.clone()))
            }
            Form::SortedFields(form) if form.assign.is_empty() => Some(OpenJoin::NoAssign),
            Form::SortedFields(form) if form.separator.is_empty() => Some(OpenJoin::NoSeparator),
            Form::SortedFields(_) => None,
            Form::Concat(parts) => self.open_end(parts),
        }
    }

    /// How many digits the timestamp must have, if a neighbour could also start or end with digits.
    /// Genuine ones have this many until 2286.
    pub(crate) fn timestamp_digits(&self) -> Option<usize> {
        let (Form::Concat(parts), Some(rule)) = (&self.content.form, &self.timestamp) else {
            return None;
        };
        let is_end = |neighbour: Option<&Part>| match neighbour {
            None => true,
            Some(Part::Text(text)) => !text.bytes().all(|byte| byte.is_ascii_digit()),
            Some(_) => false,
        };
        let mut before = None;
        let mut rest = parts.as_slice();
        while let Some((part, behind)) = rest.split_first() {
            if *part == Part::Timestamp && !(is_end(before) && is_end(behind.first())) {
                return Some(match rule.unit {
                    TimeUnit::Seconds => 10,
                    TimeUnit::Milliseconds => 13,
                });
            }
            before = Some(part);
            rest = behind;
        }
        None
    }

    /// The first part that can extend into the next one, if more than one value has no end of its
    /// own. A single such value is whatever is between all others.
    fn open_end(&self, parts: &[Part]) -> Option<OpenJoin> {
        let from_left = |at: usize| {
            let part = parts.get(at)?;
            let is_known = parts.iter().take(at).any(|earlier| earlier == part);
            let ends = is_known || self.is_ended(part, parts.get(at.saturating_add(1)));
            (!ends).then_some(at)
        };
        let from_right = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| parts.get(before));
            (!self.is_ended(parts.get(at)?, before)).then_some(at)
        };
        let first = (0..parts.len()).find_map(from_left)?;
        let last = (0..parts.len()).rev().find_map(from_right)?;
        // Everything up to the first one is delimited from the left, and everything after the last
        // one from the right.
        if last <= first {
            return None;
        }
        let (value, next) = (parts.get(first)?, parts.get(first.saturating_add(1))?);
        Some(OpenJoin::OpenEnd {
            value: value.clone(),
            next: next.clone(),
        })
    }

    /// Whether a part has a fixed length, or ends at a byte of its neighbour that it never
    /// contains.
    fn is_ended(&self, part: &Part, neighbour: Option<&Part>) -> bool {
        match (part, neighbour) {
            // Digits next to a timestamp fix its number of digits.
            (Part::Text(_) | Part::Timestamp, _) => true,
            (part, Some(Part::Text(text))) => text.bytes().any(|byte| !self.may_hold(part, byte)),
            _ => false,
        }
    }

    /// Whether the value of a part may contain a byte.
    fn may_hold(&self, part: &Part, byte: u8) -> bool {
        // RFC 9110, section 5.5.
        let in_header = byte == b'\t' || (byte >= b' ' && byte != 0x7F);
        match part {
            Part::Text(text) => text.as_bytes().contains(&byte),
            // A token (RFC 9110, section 9.1).
            Part::Method => byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte),
            Part::Timestamp => byte.is_ascii_digit(),
            // A front proxy may send the target in a header.
            Part::Target | Part::KeyId | Part::Header(_) => in_header,
            Part::Nonce => match self.nonce.as_ref().map(|rule| &rule.source) {
                Some(Source::Header(_)) => in_header,
                Some(Source::Field(_)) | None => true,
            },
            Part::Body => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(parts: &[Part]) -> Scheme {
        let mut scheme = Scheme::find_built_in("sgate").unwrap().clone();
        scheme.content.form = Form::Concat(parts.to_vec());
        scheme
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn is_open(parts: &[Part]) -> bool {
        scheme(parts).open_join().is_some()
    }

    #[test]
    fn every_value_must_have_exactly_one_possible_end() {
        use Part::{Body, KeyId, Method, Nonce, Target, Timestamp};
        let header = || Part::Header(HeaderName::from_static("x-a"));
        for parts in [
            vec![Timestamp, text("\n"), Nonce, text("\n"), Body, text("\n")],
            vec![Timestamp, text("."), Body],
            vec![Timestamp, Body],
            vec![Body, Timestamp],
            vec![Body, text("."), Timestamp],
            vec![Body, text("\r\n"), Nonce],
            vec![
                Method,
                text(" "),
                Target,
                text("\n"),
                header(),
                text("\n"),
                Body,
            ],
            vec![Nonce],
            vec![text("a"), Body, text("b")],
            vec![Nonce, text(" \n"), KeyId, text("\0"), Body],
            // What is known already has no end to be found.
            vec![Nonce, text("\n"), Nonce, Body],
            // The one in the middle lies between those that end.
            vec![Nonce, text("\n"), Body, text("\n"), KeyId],
        ] {
            assert!(!is_open(&parts), "{parts:?}");
        }
        for parts in [
            vec![Nonce, Body],
            vec![Timestamp, Nonce, Body],
            vec![Timestamp, text("."), Nonce, text("."), Body],
            vec![Nonce, text("\t"), Body],
            vec![Method, Body],
            vec![Method, text("|"), Body],
            vec![Target, text("?"), Body],
            vec![Method, Target],
            vec![Body, text("\n"), Body],
            vec![header(), text(" "), Body],
            vec![Nonce, KeyId],
            vec![Body, text("."), Method],
        ] {
            assert!(is_open(&parts), "{parts:?}");
        }
        // Any character can stand in a string of the body.
        let mut in_body = scheme(&[Nonce, text("\n"), KeyId]);
        in_body.nonce = Some(NonceRule {
            source: Source::Field("nonce".to_owned()),
            max_length: 128,
        });
        assert!(in_body.open_join().is_none());
        in_body.content.form = Form::Concat(vec![Nonce, text("\n"), Body]);
        let open = OpenJoin::OpenEnd {
            value: Nonce,
            next: text("\n"),
        };
        assert_eq!(in_body.open_join(), Some(open));
    }

    #[test]
    fn a_timestamp_next_to_digits_has_a_fixed_length() {
        use Part::{Body, Nonce, Timestamp};
        for (parts, digits) in [
            (vec![Timestamp, text("."), Body], None),
            (vec![Timestamp], None),
            (vec![text("t"), Timestamp, text("\n1"), Body], None),
            (vec![Timestamp, Body], Some(10)),
            (vec![Nonce, Timestamp], Some(10)),
            (vec![Timestamp, text("1"), Body], Some(10)),
            (vec![text("1"), Timestamp], Some(10)),
        ] {
            assert_eq!(scheme(&parts).timestamp_digits(), digits, "{parts:?}");
        }
    }
}
