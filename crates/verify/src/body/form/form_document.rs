//! A form that was read, and the pairs in it.

use crate::body::body_text::{BodyText, Writing};
use crate::body::charset::Charset;

/// A form: its source and the places of all pairs in it.
#[derive(Debug)]
pub struct FormDocument<'a> {
    pub(super) source: &'a str,
    /// Where the source begins in what was read.
    pub(super) offset: usize,
    pub(super) charset: Charset,
    pub(super) pairs: Vec<PairSpan>,
}

/// Whether a name may occur more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// No: parsers disagree on which one counts.
    Refuse,
    /// Yes, spelled alike: for a scheme that says how all values of a name are signed.
    Keep,
}

/// A name with its value.
#[derive(Clone, Copy, Debug)]
pub struct FormPair<'a> {
    /// The name.
    pub name: BodyText<'a>,
    /// The value.
    pub value: BodyText<'a>,
}

impl<'a> FormDocument<'a> {
    /// The pairs in body order.
    #[must_use]
    pub fn pairs(&self) -> FormPairs<'_, 'a> {
        FormPairs {
            form: self,
            pairs: self.pairs.iter(),
        }
    }

    /// The value of the pair with this name. `None` also if there are several: readers differ on
    /// which of them counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<BodyText<'a>> {
        let mut found = self.pairs().filter(|pair| pair.name.is(name));
        let first = found.next()?;
        found.next().is_none().then_some(first.value)
    }

    /// The character set in which it was read.
    #[must_use]
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Its bytes.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn nth(&self, nth: usize) -> Option<FormPair<'a>> {
        self.pairs.get(nth).map(|pair| self.pair(*pair))
    }

    fn pair(&self, pair: PairSpan) -> FormPair<'a> {
        FormPair {
            name: self.text(pair.name),
            value: self.text(pair.value),
        }
    }

    pub(super) fn text(&self, span: TextSpan) -> BodyText<'a> {
        let (start, end) = (span.start as usize, span.end as usize);
        BodyText {
            // The parser made the spans on character boundaries of this very source.
            raw: self.source.get(start..end).unwrap_or_default(),
            start: start.saturating_add(self.offset),
            writing: if span.is_encoded {
                Writing::Percent(self.charset)
            } else {
                Writing::Plain
            },
        }
    }
}

/// The pairs of a form.
#[derive(Clone, Debug)]
pub struct FormPairs<'d, 'a> {
    form: &'d FormDocument<'a>,
    pairs: std::slice::Iter<'d, PairSpan>,
}

impl<'a> Iterator for FormPairs<'_, 'a> {
    type Item = FormPair<'a>;

    fn next(&mut self) -> Option<FormPair<'a>> {
        self.pairs.next().map(|pair| self.form.pair(*pair))
    }
}

/// Why parsers read a form differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::body) enum FormErrorKind {
    NotInCharset,
    TooManyPairs,
    OutOfMemory,
    Syntax,
}

/// Why parsers read a form differently, and the byte.
#[derive(Clone, Copy, Debug)]
pub(in crate::body) struct FormError {
    pub(in crate::body) kind: FormErrorKind,
    pub(in crate::body) at: usize,
}

/// A name with its value, 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairSpan {
    pub(super) name: TextSpan,
    pub(super) value: TextSpan,
}

/// A range of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextSpan {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether it contains `%` or `+`.
    pub(super) is_encoded: bool,
}
