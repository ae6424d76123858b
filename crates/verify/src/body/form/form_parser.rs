//! The parser: one pass that finds the pairs, and one that decodes them.

use super::form_document::{FormDocument, FormError, FormErrorKind, PairSpan, TextSpan};
use super::php_names::is_well_formed;
use crate::body::charset::Charset;
use crate::body::percent::decode;
use crate::memory::{MemoryBudget, OutOfMemory};

/// The most fields of a form or a query, with empty parts. From the next one on, PHP, Tomcat and Node's `qs` drop them,
/// and Django refuses the form.
pub const MAX_PAIRS: usize = 1000;

/// What may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::body) enum Lenience {
    /// Nothing: a body in another format usually has no `=`.
    Body,
    /// The `=` after a name: a query may be a list of words.
    Query,
}

/// Finds and checks all pairs. `offset` is where the bytes begin, for places.
pub(in crate::body) fn parse<'a>(
    bytes: &'a [u8],
    offset: usize,
    charset: Charset,
    lenience: Lenience,
    memory: &mut dyn MemoryBudget,
) -> Result<FormDocument<'a>, FormError> {
    let error = |kind, at: usize| FormError {
        kind,
        at: at.saturating_add(offset),
    };
    let out_of_memory = |OutOfMemory| error(FormErrorKind::OutOfMemory, 0);
    let source = raw_text(bytes, charset).map_err(|at| error(FormErrorKind::NotInCharset, at))?;
    if u32::try_from(source.len()).is_err() || source.starts_with('\u{feff}') {
        return Err(error(FormErrorKind::Syntax, 0));
    }
    if let Some(at) = source.find([';', '\0']) {
        return Err(error(FormErrorKind::Syntax, at));
    }
    // Node's `querystring` counts empty parts, too.
    let mut separators = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'&');
    let room = separators.clone().count().saturating_add(1);
    if room > MAX_PAIRS {
        let at = separators.nth(MAX_PAIRS.saturating_sub(1));
        let at = at.map_or(0, |(at, _)| at);
        return Err(error(FormErrorKind::TooManyPairs, at));
    }
    memory
        .take(room.saturating_mul(size_of::<PairSpan>()))
        .map_err(out_of_memory)?;
    let mut form = FormDocument {
        source,
        offset,
        charset,
        pairs: Vec::with_capacity(room),
    };
    let mut longest = 0;
    let mut start: usize = 0;
    for part in source.split('&') {
        let behind = start.saturating_add(part.len());
        if !part.is_empty() {
            let (name, value) = match part.split_once('=') {
                Some(pair) => pair,
                None if lenience == Lenience::Query => (part, ""),
                None => return Err(error(FormErrorKind::Syntax, start)),
            };
            let name = span(start, name);
            let value = span(behind.saturating_sub(value.len()), value);
            longest = longest.max(encoded_length(name)).max(encoded_length(value));
            form.pairs.push(PairSpan { name, value });
        }
        start = behind.saturating_add(1);
    }
    // What decoding one text takes at most: its bytes, and its characters twice.
    let decoding = longest.saturating_mul(4);
    memory.take(decoding).map_err(out_of_memory)?;
    let fault = form.first_fault();
    memory.give(decoding);
    match fault {
        None => Ok(form),
        Some((kind, at)) => Err(error(kind, at)),
    }
}

/// The bytes as text, if they are. In other character sets than UTF-8, what is not ASCII must be in
/// percent codes: some parsers decode what is between codes by itself.
fn raw_text(bytes: &[u8], charset: Charset) -> Result<&str, usize> {
    let ascii_only = charset != Charset::Utf8;
    let other = bytes.iter().position(|byte| !byte.is_ascii());
    match (std::str::from_utf8(bytes), other) {
        (_, Some(at)) if ascii_only => Err(at),
        (Ok(text), _) => Ok(text),
        (Err(error), _) => Err(error.valid_up_to()),
    }
}

fn span(start: usize, text: &str) -> TextSpan {
    let end = start.saturating_add(text.len());
    TextSpan {
        // Both fit: the length of the source was checked.
        start: start as u32,
        end: end as u32,
        is_encoded: text.contains(['%', '+']),
    }
}

fn encoded_length(span: TextSpan) -> usize {
    let length = span.end.saturating_sub(span.start) as usize;
    if span.is_encoded { length } else { 0 }
}

impl FormDocument<'_> {
    /// The first text that cannot be decoded, or is no name, and where it begins in the source.
    fn first_fault(&self) -> Option<(FormErrorKind, usize)> {
        self.pairs.iter().find_map(|pair| {
            let fault = |span: TextSpan, is_name: bool| {
                let kind = self.fault(span, is_name)?;
                Some((kind, span.start as usize))
            };
            fault(pair.name, true).or_else(|| fault(pair.value, false))
        })
    }

    fn fault(&self, span: TextSpan, is_name: bool) -> Option<FormErrorKind> {
        let raw = self.text(span).raw;
        let Some(text) = decode(raw, self.charset) else {
            return Some(if has_bad_code(raw) {
                FormErrorKind::Syntax
            } else {
                FormErrorKind::NotInCharset
            });
        };
        let is_bad = text.contains('\0') || is_name && !is_well_formed(&text);
        is_bad.then_some(FormErrorKind::Syntax)
    }
}

/// Whether a `%` is not followed by two digits.
fn has_bad_code(raw: &str) -> bool {
    let mut codes = raw.split('%').skip(1);
    codes.any(|code| {
        let digits = code.as_bytes().get(..2);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
