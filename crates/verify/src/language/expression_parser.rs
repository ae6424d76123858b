//! The parser of expressions: one pass, bounded in length and nesting.

use super::expression_error::ExpressionError;
use super::expression_syntax::{
    Argument, ExpressionPiece, ExpressionWord, FilterSyntax, ValueSyntax,
};

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 16 << 10;

/// How deep values may stand in the arguments of others.
const MAX_NESTING: usize = 4;

/// Reads an expression; in one with plain brackets, `[` and `]` are characters as all others.
///
/// # Errors
/// At the first place that is not in the grammar.
pub(super) fn parse(
    text: &str,
    plain_brackets: bool,
) -> Result<Vec<ExpressionPiece>, ExpressionError> {
    if text.len() > MAX_LENGTH {
        return Err(ExpressionError::new(
            0..0,
            format!("an expression has at most {MAX_LENGTH} bytes"),
        ));
    }
    let mut parser = ExpressionParser {
        text,
        at: 0,
        plain_brackets,
    };
    parser.pieces(None)
}

struct ExpressionParser<'t> {
    text: &'t str,
    /// The next character's place.
    at: usize,
    plain_brackets: bool,
}

impl ExpressionParser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, character: char) {
        self.at = self.at.saturating_add(character.len_utf8());
    }

    fn error(&self, message: impl Into<String>) -> ExpressionError {
        let length = self.peek().map_or(0, char::len_utf8);
        ExpressionError::new(self.at..self.at.saturating_add(length), message)
    }

    /// The pieces up to the end, or up to the `]` of the optional part that begins at `inside`.
    fn pieces(&mut self, inside: Option<usize>) -> Result<Vec<ExpressionPiece>, ExpressionError> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(next) = self.peek() {
            let is_bracket = matches!(next, '[' | ']') && !self.plain_brackets;
            let special = is_bracket || matches!(next, '{' | '}');
            if !special {
                self.skip(next);
                text.push(next);
                continue;
            }
            if self.rest().chars().nth(1) == Some(next) {
                self.skip(next);
                self.skip(next);
                text.push(next);
                continue;
            }
            if !text.is_empty() {
                pieces.push(ExpressionPiece::Text(std::mem::take(&mut text)));
            }
            match next {
                '{' => pieces.push(ExpressionPiece::Value(self.value(0)?)),
                '[' => pieces.push(self.optional(inside)?),
                ']' if inside.is_some() => return Ok(pieces),
                other => {
                    return Err(self
                        .error(format!("a single `{other}` closes nothing"))
                        .help(format!("write `{other}{other}` for the character itself")));
                }
            }
        }
        if let Some(start) = inside {
            return Err(ExpressionError::new(
                start..start.saturating_add(1),
                "this `[` is not closed",
            )
            .help("an optional part ends with `]`; write `[[` for the character itself"));
        }
        if !text.is_empty() {
            pieces.push(ExpressionPiece::Text(text));
        }
        Ok(pieces)
    }

    fn optional(&mut self, inside: Option<usize>) -> Result<ExpressionPiece, ExpressionError> {
        if inside.is_some() {
            return Err(self.error("an optional part cannot stand in another"));
        }
        let start = self.at;
        self.skip('[');
        let pieces = self.pieces(Some(start))?;
        self.skip(']');
        if !pieces
            .iter()
            .any(|piece| matches!(piece, ExpressionPiece::Value(_)))
        {
            return Err(ExpressionError::new(
                start..self.at,
                "an optional part needs a value in it",
            )
            .help("write `[[` and `]]` for the characters themselves"));
        }
        Ok(ExpressionPiece::Optional(pieces))
    }

    fn value(&mut self, nesting: usize) -> Result<ValueSyntax, ExpressionError> {
        if nesting > MAX_NESTING {
            return Err(self.error("values are nested too deeply"));
        }
        let start = self.at;
        self.skip('{');
        let source = self.name("the name of a source, such as `body` or `header:NAME`")?;
        let argument = self.argument(nesting)?;
        if argument.is_some() && self.peek() == Some(':') {
            return Err(self
                .error("a source has one argument")
                .help("put an argument that contains `:` into quotes"));
        }
        let mut filters = Vec::new();
        loop {
            match self.peek() {
                Some('|') => {
                    self.skip('|');
                    filters.push(self.filter(nesting)?);
                }
                Some('}') => {
                    self.skip('}');
                    return Ok(ValueSyntax {
                        at: start..self.at,
                        source,
                        argument,
                        filters,
                    });
                }
                None => {
                    return Err(ExpressionError::new(
                        start..start.saturating_add(1),
                        "this `{` is not closed",
                    )
                    .help("a value ends with `}`; write `{{` for the character itself"));
                }
                Some(_) => {
                    return Err(self.error("expected `|` and a filter, or `}`").help(
                        "put an argument with special characters into quotes, such as `prefix:'a|b'`",
                    ));
                }
            }
        }
    }

    fn filter(&mut self, nesting: usize) -> Result<FilterSyntax, ExpressionError> {
        let name = self.name("the name of a filter, such as `hex` or `prefix:TEXT`")?;
        let mut arguments = Vec::new();
        while let Some(argument) = self.argument(nesting)? {
            arguments.push(argument);
        }
        Ok(FilterSyntax { name, arguments })
    }

    fn name(&mut self, expected: &str) -> Result<ExpressionWord, ExpressionError> {
        let start = self.at;
        while let Some(next) = self.peek() {
            let inner = self.at > start && (next == '-' || next == '_');
            if !next.is_ascii_alphanumeric() && !inner {
                break;
            }
            self.skip(next);
        }
        if self.at > start && self.peek() == Some('?') {
            self.skip('?');
        }
        if self.at == start {
            return Err(self.error(format!("expected {expected}")));
        }
        Ok(self.word(start))
    }

    fn word(&self, start: usize) -> ExpressionWord {
        ExpressionWord {
            text: self.text.get(start..self.at).unwrap_or_default().to_owned(),
            at: start..self.at,
        }
    }

    /// The argument after a colon, if there is a colon.
    fn argument(&mut self, nesting: usize) -> Result<Option<Argument>, ExpressionError> {
        if self.peek() != Some(':') {
            return Ok(None);
        }
        self.skip(':');
        Ok(Some(match self.peek() {
            Some(quote @ ('"' | '\'')) => Argument::Text(self.quoted(quote)?),
            Some('{') => Argument::Value(Box::new(self.value(nesting.saturating_add(1))?)),
            _ => {
                let start = self.at;
                while let Some(next) = self.peek().filter(|next| !r#"|{}:"'"#.contains(*next)) {
                    self.skip(next);
                }
                Argument::Text(self.word(start))
            }
        }))
    }

    fn quoted(&mut self, quote: char) -> Result<ExpressionWord, ExpressionError> {
        let start = self.at;
        self.skip(quote);
        let mut text = String::new();
        while let Some(next) = self.peek() {
            if next == quote {
                self.skip(next);
                let at = start..self.at;
                return Ok(ExpressionWord { text, at });
            }
            let meant = if next == '\\' {
                self.skip(next);
                match self.peek() {
                    Some(plain @ ('\\' | '"' | '\'')) => plain,
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    _ => {
                        return Err(self
                            .error("unknown escape")
                            .help(r#"escapes are `\\`, `\"`, `\'`, `\n`, `\r` and `\t`"#));
                    }
                }
            } else {
                next
            };
            let written = self.peek().unwrap_or(next);
            self.skip(written);
            text.push(meant);
        }
        Err(
            ExpressionError::new(start..start.saturating_add(1), "this quote is not closed").help(
                "an argument ends with the quote it begins with; write a quote in it as `\\\"`",
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text, false) {
            Ok(pieces) => pieces.iter().map(show).collect::<Vec<_>>().join(" "),
            Err(error) => error.with_excerpt(text),
        }
    }

    fn show(piece: &ExpressionPiece) -> String {
        match piece {
            ExpressionPiece::Text(text) => format!("{text:?}"),
            ExpressionPiece::Value(value) => show_value(value),
            ExpressionPiece::Optional(pieces) => {
                format!(
                    "[{}]",
                    pieces.iter().map(show).collect::<Vec<_>>().join(" ")
                )
            }
        }
    }

    fn show_argument(argument: &Argument) -> String {
        match argument {
            Argument::Text(word) => format!(":{:?}", word.text),
            Argument::Value(value) => format!(":{}", show_value(value)),
        }
    }

    fn show_value(value: &ValueSyntax) -> String {
        let mut out = format!("<{}", value.source);
        out.extend(value.argument.iter().map(show_argument));
        for filter in &value.filters {
            out.push_str(&format!("|{}", filter.name));
            out.extend(filter.arguments.iter().map(show_argument));
        }
        out + ">"
    }

    #[test]
    fn expressions_have_text_values_and_optional_parts() {
        for (text, expected) in [
            ("", ""),
            ("plain", r#""plain""#),
            ("{timestamp}.{body}", r#"<timestamp> "." <body>"#),
            ("{{{key|json:js}}}", r#""{" <key|json:"js"> "}""#),
            ("{{\"a\":{b}}}", r#""{\"a\":" <b> "}""#),
            ("[[x]]", r#""[x]""#),
            ("a[id:{query:id};]b", r#""a" ["id:" <query:"id"> ";"] "b""#),
            (
                "{header:Stripe-Signature|pairs:,|all:v1|unhex}",
                r#"<header:"Stripe-Signature"|pairs:","|all:"v1"|unhex>"#,
            ),
            (
                r#"{form:bt_signature|pairs:&:'|'|all:{value:public_key}}"#,
                r#"<form:"bt_signature"|pairs:"&":"|"|all:<value:"public_key">>"#,
            ),
            (
                r#"{header:A|prefix:'a\'\n\\"'}"#,
                r#"<header:"A"|prefix:"a'\n\\\"">"#,
            ),
            ("{x|default:}", r#"<x|default:"">"#),
            (
                "{form:3DStatus|prefix?:é}",
                r#"<form:"3DStatus"|prefix?:"é">"#,
            ),
            ("{query:billplz[x]}", r#"<query:"billplz[x]">"#),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_place_and_what_to_write() {
        for (text, expected) in [
            (
                "a}b",
                "a single `}` closes nothing\n    a}b\n     ^\n    write `}}` for the character itself",
            ),
            (
                "é]",
                "a single `]` closes nothing\n    é]\n     ^\n    write `]]` for the character itself",
            ),
            (
                "x{body",
                "this `{` is not closed\n    x{body\n     ^\n    a value ends with `}`; write `{{` for the character itself",
            ),
            (
                "{}",
                "expected the name of a source, such as `body` or `header:NAME`\n    {}\n     ^",
            ),
            (
                "{body|}",
                "expected the name of a filter, such as `hex` or `prefix:TEXT`\n    {body|}\n          ^",
            ),
            (
                "[a]",
                "an optional part needs a value in it\n    [a]\n    ^^^\n    write `[[` and `]]` for the characters themselves",
            ),
            (
                "[{a}[{b}]]",
                "an optional part cannot stand in another\n    [{a}[{b}]]\n        ^",
            ),
            (
                "a\n[{b}",
                "this `[` is not closed\n    [{b}\n    ^\n    an optional part ends with `]`; write `[[` for the character itself",
            ),
            (
                "{a:b:c}",
                "a source has one argument\n    {a:b:c}\n        ^\n    put an argument that contains `:` into quotes",
            ),
            (
                "{a|b:'x}",
                "this quote is not closed\n    {a|b:'x}\n         ^\n    an argument ends with the quote it begins with; write a quote in it as `\\\"`",
            ),
            (
                r"{a|b:'\x'}",
                "unknown escape\n    {a|b:'\\x'}\n           ^\n    escapes are `\\\\`, `\\\"`, `\\'`, `\\n`, `\\r` and `\\t`",
            ),
            (
                "{a b}",
                "expected `|` and a filter, or `}`\n    {a b}\n      ^\n    put an argument with special characters into quotes, such as `prefix:'a|b'`",
            ),
            (
                "{a|b:{c|d:{e|f:{g|h:{i|j:{k}}}}}}",
                "values are nested too deeply\n    {a|b:{c|d:{e|f:{g|h:{i|j:{k}}}}}}\n                             ^",
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        let long = "x".repeat(MAX_LENGTH + 1);
        assert!(parse(&long, false).is_err());
    }
}
