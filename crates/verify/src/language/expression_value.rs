//! A value while an expression is evaluated, and the memory that new values live in.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use typed_arena::Arena;

use super::value_fault::ValueFault;
use crate::body::Charset;
use crate::json::{JsonDocument, JsonKind, JsonValue, parse};
use crate::memory::MemoryBudget;

/// The most items of a list, and the most pairs.
pub(super) const MAX_ITEMS: usize = 10_000;

/// Amounts of memory below this are not asked for.
pub(super) const UNASKED: usize = 4 << 10;

/// How many times the length of a body may be made of it by filters and expressions. Escapes in JSON
/// take six times as much, hexadecimal digits twice.
const MOST_TIMES: usize = 32;

/// What may be made even if there is no body.
const MOST_BESIDE: usize = 1 << 20;

/// A value. It borrows from the callback, the configuration, or a [`Scratch`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExpressionValue<'v> {
    Text(&'v str),
    Bytes(&'v [u8]),
    Json(JsonValue<'v, 'v>),
    Pairs(&'v [(&'v str, &'v str)]),
    List(&'v [ExpressionValue<'v>]),
}

impl<'v> ExpressionValue<'v> {
    /// The characters: of text, or of a scalar as it is written in JSON.
    pub(super) fn text(self, scratch: &'v Scratch<'v>) -> Result<&'v str, ValueFault> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Json(value) => match value.kind() {
                JsonKind::Null => Err(ValueFault::Missing),
                JsonKind::String { .. } => scratch.text(value.as_str().unwrap_or_default()),
                JsonKind::Bool | JsonKind::Number { .. } => Ok(value.source()),
                JsonKind::Array | JsonKind::Object => Err(ValueFault::Malformed),
            },
            Self::Bytes(_) | Self::Pairs(_) | Self::List(_) => Err(ValueFault::Malformed),
        }
    }

    /// The bytes: of bytes as they are, of text in the character set of the callback.
    pub(super) fn bytes(self, scratch: &'v Scratch<'v>) -> Result<&'v [u8], ValueFault> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => {
                let text = other.text(scratch)?;
                match scratch.charset.encode(text).ok_or(ValueFault::Malformed)? {
                    Cow::Borrowed(bytes) => Ok(bytes),
                    Cow::Owned(bytes) => scratch.bytes(bytes),
                }
            }
        }
    }

    /// The JSON value; text and bytes are parsed.
    pub(super) fn json(self, scratch: &'v Scratch<'v>) -> Result<JsonValue<'v, 'v>, ValueFault> {
        match self {
            Self::Json(value) if !matches!(value.kind(), JsonKind::String { .. }) => Ok(value),
            other => scratch.document(other.bytes(scratch)?),
        }
    }

    /// The items of a list or a JSON array.
    pub(super) fn items(self, scratch: &'v Scratch<'v>) -> Result<&'v [Self], ValueFault> {
        match self {
            Self::List(items) => Ok(items),
            Self::Json(value) if value.kind() == JsonKind::Array => {
                let items = value.members().map(|(_, item)| Self::Json(item));
                scratch.list(items.take(MAX_ITEMS.saturating_add(1)).collect())
            }
            Self::Json(value) if value.is_null() => Err(ValueFault::Missing),
            _ => Err(ValueFault::Malformed),
        }
    }

    pub(super) fn pairs(self) -> Result<&'v [(&'v str, &'v str)], ValueFault> {
        match self {
            Self::Pairs(pairs) => Ok(pairs),
            _ => Err(ValueFault::Malformed),
        }
    }

    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Json(value) => value.is_empty(),
            Self::Pairs(pairs) => pairs.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Json(value) if value.is_null())
    }

    /// The same, with JSON's null as text.
    pub(super) fn with_null_as_text(self) -> Self {
        match self.is_null() {
            true => Self::Text("null"),
            false => self,
        }
    }
}

/// Where values live that filters make, for one evaluation.
pub(crate) struct Scratch<'v> {
    texts: Arena<String>,
    bytes: Arena<Vec<u8>>,
    lists: Arena<Vec<ExpressionValue<'v>>>,
    pairs: Arena<Vec<(&'v str, &'v str)>>,
    documents: Arena<JsonDocument<'v>>,
    /// How text is written.
    charset: Charset,
    /// What was taken from the budget.
    taken: Cell<usize>,
    /// How many bytes may still be made.
    room: Cell<usize>,
    memory: RefCell<&'v mut (dyn MemoryBudget + 'v)>,
}

impl<'v> Scratch<'v> {
    /// For a body of this length.
    pub(crate) fn new(
        charset: Charset,
        length: usize,
        memory: &'v mut (dyn MemoryBudget + 'v),
    ) -> Self {
        Self {
            texts: Arena::with_capacity(0),
            bytes: Arena::with_capacity(0),
            lists: Arena::with_capacity(0),
            pairs: Arena::with_capacity(0),
            documents: Arena::with_capacity(0),
            charset,
            taken: Cell::new(0),
            room: Cell::new(
                length
                    .saturating_mul(MOST_TIMES)
                    .saturating_add(MOST_BESIDE),
            ),
            memory: RefCell::new(memory),
        }
    }

    /// The character set in which text is written.
    pub(super) const fn charset(&self) -> Charset {
        self.charset
    }

    /// What was taken from the budget. Whoever drops the scratch gives it back.
    pub(crate) fn taken(&self) -> usize {
        self.taken.get()
    }

    /// Lets others take from the budget.
    pub(super) fn with_memory<T>(&self, work: impl FnOnce(&mut dyn MemoryBudget) -> T) -> T {
        work(&mut **self.memory.borrow_mut())
    }

    /// Takes memory from the budget, for as long as the scratch lives.
    pub(super) fn take(&self, bytes: usize) -> Result<(), ValueFault> {
        if bytes >= UNASKED {
            self.memory.borrow_mut().take(bytes)?;
            self.taken.set(self.taken.get().saturating_add(bytes));
        }
        Ok(())
    }

    /// How many bytes may still be made, whatever the budget grants: what a scheme makes of a callback
    /// is bounded by the callback.
    pub(super) fn room(&self) -> usize {
        self.room.get()
    }

    /// Whether these many bytes may still be made.
    pub(super) fn check_room(&self, bytes: usize) -> Result<(), ValueFault> {
        match bytes > self.room.get() {
            true => Err(ValueFault::TooLong),
            false => Ok(()),
        }
    }

    /// Takes memory for what was made.
    fn take_made(&self, bytes: usize) -> Result<(), ValueFault> {
        let room = self.room.get().checked_sub(bytes);
        self.room.set(room.ok_or(ValueFault::TooLong)?);
        self.take(bytes)
    }

    /// The text that is made of one of this length. None is more than three times as long.
    pub(super) fn make_text(
        &'v self,
        length: usize,
        make: impl FnOnce() -> Result<Cow<'v, str>, ValueFault>,
    ) -> Result<&'v str, ValueFault> {
        let most = length.saturating_mul(3);
        if most < UNASKED {
            return self.text(make()?);
        }
        self.check_room(length)?;
        self.with_memory(|memory| memory.take(most))?;
        let made = make();
        self.with_memory(|memory| memory.give(most));
        self.text(made?)
    }

    pub(super) fn text(&'v self, text: Cow<'v, str>) -> Result<&'v str, ValueFault> {
        match text {
            Cow::Borrowed(text) => Ok(text),
            Cow::Owned(text) => {
                self.take_made(text.capacity())?;
                Ok(self.texts.alloc(text))
            }
        }
    }

    pub(super) fn bytes(&'v self, bytes: Vec<u8>) -> Result<&'v [u8], ValueFault> {
        self.take_made(bytes.capacity())?;
        Ok(self.bytes.alloc(bytes))
    }

    pub(super) fn list(
        &'v self,
        items: Vec<ExpressionValue<'v>>,
    ) -> Result<&'v [ExpressionValue<'v>], ValueFault> {
        if items.len() > MAX_ITEMS {
            return Err(ValueFault::TooLong);
        }
        self.take(
            items
                .capacity()
                .saturating_mul(size_of::<ExpressionValue<'_>>()),
        )?;
        Ok(self.lists.alloc(items))
    }

    pub(super) fn pairs(
        &'v self,
        pairs: Vec<(&'v str, &'v str)>,
    ) -> Result<&'v [(&'v str, &'v str)], ValueFault> {
        if pairs.len() > MAX_ITEMS {
            return Err(ValueFault::TooLong);
        }
        self.take(pairs.capacity().saturating_mul(size_of::<(&str, &str)>()))?;
        Ok(self.pairs.alloc(pairs))
    }

    /// Parses JSON, strictly. Only the outermost value's type is left open.
    pub(super) fn document(&'v self, source: &'v [u8]) -> Result<JsonValue<'v, 'v>, ValueFault> {
        // A value takes at most this many times its text.
        self.take(crate::json::values_at_most(source).saturating_mul(64))?;
        let document = parse(source).map_err(|_| ValueFault::Malformed)?;
        Ok(self.documents.alloc(document).root())
    }
}
