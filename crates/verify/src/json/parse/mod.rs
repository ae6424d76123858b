//! The parser: one pass over the source, with bounded depth.

mod repeated_names;

use crate::json::error::{JsonError, JsonErrorKind};
use crate::json::json_value::{JsonDocument, JsonKind, Name, Node, Span};
use crate::memory::{MemoryBudget, OutOfMemory, Plenty};
use crate::scan::plain_length;

/// The deepest accepted nesting. Genuine callbacks stay under ten.
pub const MAX_DEPTH: usize = 64;

/// From this length on, and where memory is limited, the values of a text are counted before memory
/// is reserved for them.
const COUNTED: usize = 4 << 10;

/// Parses one JSON text.
///
/// # Errors
/// At the first byte that is not strict JSON.
pub fn parse(source: &[u8]) -> Result<JsonDocument<'_>, JsonError> {
    parse_within(source, &mut Plenty)
}

/// The same, within the memory that `memory` grants. The document's memory stays reserved.
pub(crate) fn parse_within<'a>(
    source: &'a [u8],
    memory: &mut dyn MemoryBudget,
) -> Result<JsonDocument<'a>, JsonError> {
    let error = |kind, at| JsonError { kind, at };
    if source.is_empty() {
        return Err(error(JsonErrorKind::Empty, 0));
    }
    if u32::try_from(source.len()).is_err() {
        return Err(error(JsonErrorKind::TooLarge, 0));
    }
    let text = std::str::from_utf8(source)
        .map_err(|utf8| error(JsonErrorKind::NotUtf8, utf8.valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        return Err(error(JsonErrorKind::ByteOrderMark, 0));
    }
    let room = if source.len() < COUNTED || memory.is_unlimited() {
        16
    } else {
        values_at_most(source)
    };
    memory
        .take(room.saturating_mul(size_of::<Node>()))
        .map_err(|OutOfMemory| error(JsonErrorKind::OutOfMemory, 0))?;
    let mut parser = Parser {
        document: JsonDocument {
            source: text,
            nodes: Vec::with_capacity(room),
        },
        bytes: source,
        at: 0,
        depth: 0,
        memory,
    };
    parser.skip_space();
    parser.value(None)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(parser.document),
        Some(_) => Err(parser.error(JsonErrorKind::TrailingBytes)),
    }
}

/// An upper bound on the number of values in a text, whether it is JSON or not: each but the outermost follows a
/// comma or an opening bracket. Much faster than parsing.
#[must_use]
pub fn values_at_most(source: &[u8]) -> usize {
    // A count that fits in a byte, and no branch: of that, compilers make wide instructions.
    const BLOCK: usize = u8::MAX as usize;
    const CASE: u8 = b'[' ^ b'{';
    let begins = |byte: &u8| u8::from(*byte == b',') | u8::from(*byte | CASE == b'{');
    let count = |block: &[u8]| block.iter().map(begins).fold(0, u8::wrapping_add);
    let counts = source.chunks(BLOCK).map(|block| usize::from(count(block)));
    counts.fold(1, usize::saturating_add)
}

struct Parser<'a, 'm> {
    document: JsonDocument<'a>,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    memory: &'m mut dyn MemoryBudget,
}

impl Parser<'_, '_> {
    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError { kind, at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn advance(&mut self) {
        // Never past the end: every caller has peeked, and the length fits in 32 bits.
        self.at = self.at.saturating_add(1);
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance();
        }
    }

    fn span_from(&self, start: usize) -> Span {
        // Both fit: the length of the source was checked.
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    /// Parses one value, with the name it has in its parent, and everything inside it.
    fn value(&mut self, name: Option<Name>) -> Result<(), JsonError> {
        let start = self.at;
        let index = self.document.nodes.len();
        // Reserve the node first, so that a container precedes its contents.
        self.document.nodes.push(Node {
            kind: JsonKind::Null,
            span: Span { start: 0, end: 0 },
            name,
            next: 0,
        });
        let kind = match self.peek() {
            Some(b'{') => self.container(b'}', index)?,
            Some(b'[') => self.container(b']', index)?,
            Some(b'"') => JsonKind::String {
                escaped: self.string()?.escaped,
            },
            Some(b't') => self.literal("true", JsonKind::Bool)?,
            Some(b'f') => self.literal("false", JsonKind::Bool)?,
            Some(b'n') => self.literal("null", JsonKind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.error(JsonErrorKind::Syntax)),
        };
        let span = self.span_from(start);
        let next = self.document.nodes.len() as u32;
        if let Some(node) = self.document.nodes.get_mut(index) {
            *node = Node {
                kind,
                span,
                name,
                next,
            };
        }
        Ok(())
    }

    fn container(&mut self, close: u8, index: usize) -> Result<JsonKind, JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(JsonErrorKind::TooDeep));
        }
        self.depth = self.depth.saturating_add(1);
        let kind = if close == b'}' {
            JsonKind::Object
        } else {
            JsonKind::Array
        };
        self.advance();
        self.skip_space();
        if self.peek() == Some(close) {
            self.advance();
        } else {
            loop {
                let name = if kind == JsonKind::Object {
                    Some(self.name()?)
                } else {
                    None
                };
                self.value(name)?;
                self.skip_space();
                match self.peek() {
                    Some(b',') => self.advance(),
                    Some(byte) if byte == close => break self.advance(),
                    _ => return Err(self.error(JsonErrorKind::Syntax)),
                }
                self.skip_space();
            }
        }
        if kind == JsonKind::Object {
            self.refuse_repeated_names(index)?;
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(kind)
    }

    /// Parses `"name" :` and the space around it.
    fn name(&mut self) -> Result<Name, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error(JsonErrorKind::Syntax));
        }
        let name = self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.error(JsonErrorKind::Syntax));
        }
        self.advance();
        self.skip_space();
        Ok(name)
    }

    /// Parses a string from its opening quote to after its closing one. Returns what is between
    /// them.
    fn string(&mut self) -> Result<Name, JsonError> {
        self.advance();
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = plain_length(rest, |byte| {
                (byte < 0x20) | (byte == b'"') | (byte == b'\\')
            });
            self.at = self.at.saturating_add(plain);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.error(JsonErrorKind::Syntax)),
            }
        }
        let span = self.span_from(start);
        self.advance();
        Ok(Name { span, escaped })
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        self.advance();
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.advance(),
            Some(b'u') => {
                let lone = JsonError {
                    kind: JsonErrorKind::LoneSurrogate,
                    at: start,
                };
                match self.code_unit()? {
                    0xD800..0xDC00 => {
                        if self.bytes.get(self.at..self.at.saturating_add(2)) != Some(b"\\u") {
                            return Err(lone);
                        }
                        self.advance();
                        if !(0xDC00..0xE000).contains(&self.code_unit()?) {
                            return Err(lone);
                        }
                    }
                    0xDC00..0xE000 => return Err(lone),
                    _ => {}
                }
            }
            _ => return Err(self.error(JsonErrorKind::Syntax)),
        }
        Ok(())
    }

    /// Parses `uXXXX`.
    fn code_unit(&mut self) -> Result<u32, JsonError> {
        self.advance();
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.error(JsonErrorKind::Syntax));
            };
            unit = unit << 4 | digit;
            self.advance();
        }
        Ok(unit)
    }

    fn literal(&mut self, word: &str, kind: JsonKind) -> Result<JsonKind, JsonError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.error(JsonErrorKind::Syntax));
            }
            self.advance();
        }
        Ok(kind)
    }

    fn number(&mut self) -> Result<JsonKind, JsonError> {
        let mut fraction = false;
        if self.peek() == Some(b'-') {
            self.advance();
        }
        if self.peek() == Some(b'0') {
            self.advance();
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.error(JsonErrorKind::Syntax));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            fraction = true;
            self.advance();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            fraction = true;
            self.advance();
            if let Some(b'+' | b'-') = self.peek() {
                self.advance();
            }
            self.digits()?;
        }
        Ok(JsonKind::Number { fraction })
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.error(JsonErrorKind::Syntax));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
