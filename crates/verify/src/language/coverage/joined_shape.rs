//! Whether the fields that a selection writes can be told apart in its text.

use crate::language::selection::FieldOrder;

/// Whether the fields that a selection writes can be told apart in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JoinedShape {
    /// Names and values, with texts that end them: `a=1&b=2`. A callback is checked: it is
    /// ambiguous if a part of its text could be other fields than its own.
    Named(NamedPairs),
    /// Values of fields that the scheme names, all in their places, with a text between them. A
    /// callback is ambiguous if a value, as it is written, contains the first byte of that text.
    Separated(Box<str>),
    /// Every field ends itself, in every callback: none is ambiguous.
    SelfDelimited,
    /// Fields can be told apart in no callback: each is ambiguous.
    Open,
}

/// Pairs of which names and values are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedPairs {
    /// The text between a name and its value; not empty.
    pub(crate) assign: Box<str>,
    /// The text between two pairs; not empty.
    pub(crate) separator: Box<str>,
    /// The order of names. [`FieldOrder::AsReceived`] also stands for orders by values: any name
    /// can follow any other.
    pub(crate) order: FieldOrder,
    /// How values are written,
    pub(crate) value: WrittenValue,
    /// and those of fields with these names.
    pub(crate) value_of: Vec<(String, WrittenValue)>,
}

/// How the value of a field is written, and where a quick look finds the text that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrittenValue {
    pub(crate) form: ValueForm,
    pub(crate) separator: SeparatorIn,
}

/// Where the first byte of a separator is, if it is in a value as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeparatorIn {
    /// In the value itself, too: filters change nothing, or print it by its form.
    Value,
    /// Nowhere: no value has it once filters wrote it.
    Nothing,
    /// Only the written value tells.
    Written,
}

/// How the value of a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// Characters; never an object or a list.
    Text,
    /// As Java prints it: `{a=1}` is an object, or text.
    Java,
    /// JSON: what is no number, `true`, `false` or `null` ends itself.
    Json,
}

impl JoinedShape {
    /// The word for it in tables.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Named(_) => "named",
            Self::Separated(_) => "separated",
            Self::SelfDelimited => "self-delimited",
            Self::Open => "open",
        }
    }
}
