//! Which mistake the TOML parser found. The parser gives no codes, so its wording is recognised, and
//! only here. A test fails if a new version of the parser changes the wording.

/// A mistake in the syntax of TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParseMistake {
    DuplicateKey,
    /// A value that is no number, date or boolean, and not in quotes.
    Unquoted,
    /// A string in double quotes that does not end.
    OpenBasicString,
    /// A string in single quotes that does not end.
    OpenLiteralString,
    KeyWithoutValue,
    UnknownEscape,
    LeadingZero,
    SecondValue,
    MissingComma,
    EmptyKey,
    /// A value that begins like a boolean or a number.
    NoValue,
    InvalidKey,
    MissingEqualsSign,
    MissingOpeningQuote,
    ForbiddenCharacter,
    ExtraEqualsSign,
    NoKeyAndValue,
    MissingOpeningBracket,
    Unclosed,
}

/// How a message is recognised.
enum Wording {
    Starts(&'static str),
    Ends(&'static str),
    Contains(&'static str),
}

use ParseMistake as M;
use Wording::{Contains, Ends, Starts};

const WORDINGS: [(ParseMistake, Wording); 20] = [
    (M::DuplicateKey, Starts("duplicate key")),
    (M::Unquoted, Starts("string values must be quoted")),
    (M::OpenBasicString, Ends("basic string, expected `\"`")),
    (M::OpenLiteralString, Ends("literal string, expected `'`")),
    (M::KeyWithoutValue, Starts("key with no value")),
    (M::UnknownEscape, Starts("missing escaped value")),
    (M::LeadingZero, Starts("unexpected leading zero")),
    (M::SecondValue, Starts("unexpected key or value")),
    (M::MissingComma, Starts("missing comma")),
    (M::EmptyKey, Starts("unquoted keys cannot be empty")),
    (M::NoValue, Starts("invalid boolean")),
    (M::NoValue, Starts("invalid float")),
    (M::InvalidKey, Starts("invalid unquoted key")),
    (M::MissingEqualsSign, Starts("missing assignment")),
    (M::MissingOpeningQuote, Starts("missing opening quote")),
    (M::ForbiddenCharacter, Contains("string, expected non-")),
    (M::ExtraEqualsSign, Starts("extra `=`")),
    (M::NoKeyAndValue, Starts("invalid key-value pair")),
    (M::MissingOpeningBracket, Starts("missing table open")),
    (M::Unclosed, Starts("unclosed")),
];

impl ParseMistake {
    /// The mistake that a message of the parser is about; `None` if it is a rare one, which is
    /// reported in the parser's own words.
    pub(super) fn of(message: &str) -> Option<Self> {
        let is_said = |wording: &Wording| match wording {
            Starts(start) => message.starts_with(start),
            Ends(end) => message.ends_with(end),
            Contains(part) => message.contains(part),
        };
        let found = WORDINGS.iter().find(|(_, wording)| is_said(wording));
        found.map(|(mistake, _)| *mistake)
    }

    /// Whether the parser drops what follows on later lines.
    pub(super) fn is_fatal(self) -> bool {
        self == Self::KeyWithoutValue
    }

    /// Whether it can be about the first line of a PEM block.
    pub(super) fn begins_armour(self) -> bool {
        matches!(
            self,
            Self::OpenBasicString
                | Self::OpenLiteralString
                | Self::KeyWithoutValue
                | Self::Unquoted
        )
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn first_mistake(text: &str) -> Option<ParseMistake> {
        let (_, errors) = DeTable::parse_recoverable(text);
        ParseMistake::of(errors.first().expect(text).message())
    }

    #[test]
    fn every_wording_is_what_the_parser_says() {
        let texts = [
            (M::DuplicateKey, "a = 1\na = 2\n"),
            (M::Unquoted, "a = b\n"),
            (M::OpenBasicString, "a = \"b\n"),
            (M::OpenLiteralString, "a = 'b\n"),
            (M::Unquoted, "a =\n"),
            (M::KeyWithoutValue, "a\nb = 1\n"),
            (M::UnknownEscape, "a = \"\\p\"\n"),
            (M::LeadingZero, "a = 01\n"),
            (M::SecondValue, "a = \"1\" \"2\"\n"),
            (M::MissingComma, "a = [\"1\" \"2\"]\n"),
            (M::EmptyKey, "= 1\n"),
            (M::NoValue, "a = tru\n"),
            (M::NoValue, "a = inof\n"),
            (M::InvalidKey, "a! = 1\n"),
            (M::MissingEqualsSign, "a = { \"b\": 1 }\n"),
            (M::MissingOpeningQuote, "a = b\"\n"),
            (M::ForbiddenCharacter, "a = \"\u{1}\"\n"),
            (M::ExtraEqualsSign, "a == 1\n"),
            (M::NoKeyAndValue, ",\n"),
            (M::MissingOpeningBracket, "]\n"),
            (M::Unclosed, "a = [1\n"),
        ];
        let found = texts.map(|(_, text)| (first_mistake(text), text));
        assert_eq!(found, texts.map(|(mistake, text)| (Some(mistake), text)));
        for (mistake, _) in &WORDINGS {
            assert!(
                texts.iter().any(|(tested, _)| tested == mistake),
                "{mistake:?}"
            );
        }
    }
}
