//! The parser: one pass over the source, without recursion.

use super::xml_document::{ElementSpan, XmlDocument, XmlError, XmlErrorKind};
use crate::body::references::{is_char, split};
use crate::memory::{MemoryBudget, OutOfMemory};

/// The most elements of a document.
pub const MAX_ELEMENTS: usize = 10_000;

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

pub(super) fn parse<'a>(
    bytes: &'a [u8],
    memory: &mut dyn MemoryBudget,
) -> Result<XmlDocument<'a>, XmlError> {
    let error = |kind, at| XmlError { kind, at };
    let source = std::str::from_utf8(bytes)
        .map_err(|utf8| error(XmlErrorKind::NotUtf8, utf8.valid_up_to()))?;
    if u32::try_from(source.len()).is_err() || source.starts_with('\u{feff}') {
        return Err(error(XmlErrorKind::Syntax, 0));
    }
    if let Some((at, _)) = source.char_indices().find(|(_, char)| !is_char(*char)) {
        return Err(error(XmlErrorKind::Syntax, at));
    }
    let tags = bytes.iter().filter(|byte| **byte == b'<').count();
    let room = tags.div_ceil(2).min(MAX_ELEMENTS);
    memory
        .take(room.saturating_mul(size_of::<ElementSpan>()))
        .map_err(|OutOfMemory| error(XmlErrorKind::OutOfMemory, 0))?;
    let mut parser = XmlParser {
        document: XmlDocument {
            source,
            root: (0, 0),
            elements: Vec::with_capacity(room),
        },
        at: 0,
    };
    parser.document()?;
    let document = parser.document;
    let order = document.elements.len();
    let order = order.saturating_mul(size_of::<NamedElement>());
    memory
        .take(order)
        .map_err(|OutOfMemory| error(XmlErrorKind::OutOfMemory, 0))?;
    let repeated = first_repeated(&document);
    memory.give(order);
    match repeated {
        None => Ok(document),
        Some(at) => Err(error(XmlErrorKind::Repeated, at as usize)),
    }
}

/// The first bytes of an element's name, which tell most names apart, and its number.
type NamedElement = (u64, u32);

/// Where the first name stands that an earlier element has.
fn first_repeated(document: &XmlDocument<'_>) -> Option<u32> {
    let name = |nth: u32| {
        let element = document.elements.get(nth as usize);
        element.map_or((0, 0), |element| element.name)
    };
    let text = |nth: u32| document.span(name(nth));
    let beginning = |nth: u32| {
        let mut bytes = [0; 8];
        for (byte, of_name) in bytes.iter_mut().zip(text(nth).bytes()) {
            *byte = of_name;
        }
        u64::from_be_bytes(bytes)
    };
    let mut order: Vec<NamedElement> = Vec::with_capacity(document.elements.len());
    let numbers = (0..).take(document.elements.len());
    order.extend(numbers.map(|nth| (beginning(nth), nth)));
    order.sort_unstable_by(|(one, a), (other, b)| {
        let names = || text(*a).cmp(text(*b)).then(a.cmp(b));
        one.cmp(other).then_with(names)
    });
    let twins = order.windows(2).filter_map(|two| match two {
        [(one, a), (other, b)] if one == other && text(*a) == text(*b) => Some(name(*b).0),
        _ => None,
    });
    twins.min()
}

struct XmlParser<'a> {
    document: XmlDocument<'a>,
    at: usize,
}

impl<'a> XmlParser<'a> {
    fn rest(&self) -> &'a str {
        self.document.source.get(self.at..).unwrap_or_default()
    }

    fn fault<T>(&self, kind: XmlErrorKind) -> Result<T, XmlError> {
        Err(XmlError { kind, at: self.at })
    }

    fn advance(&mut self, bytes: usize) {
        // Never past the end: callers have seen these bytes.
        self.at = self.at.saturating_add(bytes);
    }

    /// Whether the text is next. Then it is passed.
    fn takes(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.advance(text.len());
        }
        is_next
    }

    fn expect(&mut self, text: &str) -> Result<(), XmlError> {
        if self.takes(text) {
            Ok(())
        } else {
            self.fault(XmlErrorKind::Syntax)
        }
    }

    /// Passes white space. Returns whether there was any.
    fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        let length = rest
            .len()
            .saturating_sub(rest.trim_start_matches(SPACE).len());
        self.advance(length);
        length > 0
    }

    fn document(&mut self) -> Result<(), XmlError> {
        self.declaration()?;
        self.skip_space();
        self.refuse_markup()?;
        self.expect("<")?;
        self.document.root = self.name()?;
        if !self.ends_start_tag()? {
            self.contents()?;
            self.end_tag(self.document.root)?;
        }
        self.skip_space();
        self.refuse_markup()?;
        if self.rest().is_empty() {
            Ok(())
        } else {
            self.fault(XmlErrorKind::Syntax)
        }
    }

    /// Passes `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`, if it is there.
    fn declaration(&mut self) -> Result<(), XmlError> {
        let Some(rest) = self.rest().strip_prefix("<?xml") else {
            return Ok(());
        };
        if !rest.starts_with(SPACE) {
            return self.fault(XmlErrorKind::Forbidden);
        }
        self.advance("<?xml".len());
        if self.pseudo_attribute("version", &["1.0"])? != Some(true) {
            return self.fault(XmlErrorKind::Syntax);
        }
        for (name, values) in [
            ("encoding", ["utf-8"].as_slice()),
            ("standalone", &["yes", "no"]),
        ] {
            if self.pseudo_attribute(name, values)? == Some(false) {
                return self.fault(XmlErrorKind::Forbidden);
            }
        }
        self.skip_space();
        self.expect("?>")
    }

    /// Passes ` name="value"`, if it is there. Returns whether the value is one of these, in any case.
    fn pseudo_attribute(&mut self, name: &str, values: &[&str]) -> Result<Option<bool>, XmlError> {
        let before = self.at;
        if !(self.skip_space() && self.takes(name)) {
            self.at = before;
            return Ok(None);
        }
        self.skip_space();
        self.expect("=")?;
        self.skip_space();
        let quote = if self.takes("'") { "'" } else { "\"" };
        if quote == "\"" {
            self.expect(quote)?;
        }
        let Some((value, _)) = self.rest().split_once(quote) else {
            return self.fault(XmlErrorKind::Syntax);
        };
        let fits = values.iter().any(|one| one.eq_ignore_ascii_case(value));
        if fits {
            self.advance(value.len().saturating_add(quote.len()));
        }
        Ok(Some(fits))
    }

    /// The elements of the root, up to its end tag.
    fn contents(&mut self) -> Result<(), XmlError> {
        loop {
            self.skip_space();
            if self.rest().starts_with("</") {
                return Ok(());
            }
            self.refuse_markup()?;
            if !self.takes("<") {
                let is_end = self.rest().is_empty();
                return self.fault(if is_end {
                    XmlErrorKind::Syntax
                } else {
                    XmlErrorKind::NotFlat
                });
            }
            if self.document.elements.len() == MAX_ELEMENTS {
                return self.fault(XmlErrorKind::TooManyElements);
            }
            let element = self.element()?;
            self.document.elements.push(element);
        }
    }

    /// One element, behind its `<`.
    fn element(&mut self) -> Result<ElementSpan, XmlError> {
        let name = self.name()?;
        let mut element = ElementSpan {
            name,
            value: (name.1, name.1),
            has_references: false,
        };
        if self.ends_start_tag()? {
            return Ok(element);
        }
        if self.takes(CDATA) {
            let Some((text, _)) = self.rest().split_once(CDATA_END) else {
                return self.fault(XmlErrorKind::Syntax);
            };
            element.value = self.value(text)?;
            self.advance(CDATA_END.len());
        } else {
            let rest = self.rest();
            let Some((text, _)) = rest.split_once('<') else {
                return self.fault(XmlErrorKind::Syntax);
            };
            element.has_references = self.check_references(text)?;
            element.value = self.value(text)?;
        }
        if self.rest().starts_with("</") {
            self.end_tag(name)?;
            return Ok(element);
        }
        if !self.rest().starts_with(CDATA) {
            self.refuse_markup()?;
        }
        // Another element, or text beside a CDATA section.
        self.fault(XmlErrorKind::NotFlat)
    }

    /// Passes a value. Parsers make a line feed of a carriage return, and some do not.
    fn value(&mut self, text: &str) -> Result<(u32, u32), XmlError> {
        let start = self.at;
        if let Some(at) = text.find('\r') {
            self.advance(at);
            return self.fault(XmlErrorKind::Syntax);
        }
        self.advance(text.len());
        // Both fit: the length of the source was checked.
        Ok((start as u32, self.at as u32))
    }

    /// Checks text without CDATA. Returns whether there are references in it.
    fn check_references(&self, text: &str) -> Result<bool, XmlError> {
        let fault = |kind, at: usize| XmlError {
            kind,
            at: self.at.saturating_add(at),
        };
        // To search for the whole end takes long to prepare, and few values have any of it.
        if text.contains('>')
            && let Some(at) = text.find(CDATA_END)
        {
            return Err(fault(XmlErrorKind::Syntax, at));
        }
        let mut references = text.match_indices('&').peekable();
        let has_references = references.peek().is_some();
        for (at, mark) in references {
            let behind = text.get(at.saturating_add(mark.len())..);
            let behind = behind.unwrap_or_default();
            if split(behind).is_none() {
                // `&name;` is an entity, of which there are none without a document type.
                let is_entity = behind.starts_with(is_name_start);
                return Err(fault(
                    if is_entity {
                        XmlErrorKind::Forbidden
                    } else {
                        XmlErrorKind::Syntax
                    },
                    at,
                ));
            }
        }
        Ok(has_references)
    }

    /// Passes what ends a start tag. Returns whether it is an end tag, too.
    fn ends_start_tag(&mut self) -> Result<bool, XmlError> {
        let has_space = self.skip_space();
        if self.takes(">") {
            return Ok(false);
        }
        if self.takes("/>") {
            return Ok(true);
        }
        let is_attribute = has_space && self.rest().starts_with(is_name_start);
        let is_prefix = self.rest().starts_with(':');
        self.fault(if is_attribute || is_prefix {
            XmlErrorKind::NotFlat
        } else {
            XmlErrorKind::Syntax
        })
    }

    fn end_tag(&mut self, name: (u32, u32)) -> Result<(), XmlError> {
        let name = self.document.span(name);
        self.expect("</")?;
        self.expect(name)?;
        self.skip_space();
        self.expect(">")
    }

    fn name(&mut self) -> Result<(u32, u32), XmlError> {
        let start = self.at;
        let rest = self.rest();
        if !rest.starts_with(is_name_start) {
            return self.fault(XmlErrorKind::Syntax);
        }
        let length = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
        self.advance(length);
        // Both fit: the length of the source was checked.
        Ok((start as u32, self.at as u32))
    }

    /// Refuses a document type, a comment, a CDATA section or a processing instruction here.
    fn refuse_markup(&self) -> Result<(), XmlError> {
        match self.rest().as_bytes() {
            [b'<', b'!' | b'?', ..] => self.fault(XmlErrorKind::Forbidden),
            _ => Ok(()),
        }
    }
}

const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// XML 1.0, section 2.3, without `:`, which namespaces take.
fn is_name_start(char: char) -> bool {
    matches!(char,
        'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

fn is_name(char: char) -> bool {
    is_name_start(char)
        || matches!(char,
            '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
