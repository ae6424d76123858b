//! An expression, ready to be evaluated: every name is resolved and every type is checked.

mod compile;
mod resolve_source;

use http::HeaderName;

pub(crate) use compile::compile;
pub(crate) use resolve_source::KnownNames;

use super::filters::{Filter, JsonStyle, Run};
use super::message_signature::MessageParameter;
use super::value_type::ValueType;
use crate::body::FieldPath;

/// An expression, ready to be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct CompiledExpression {
    pub(super) steps: Box<[CompiledPiece]>,
    pub(super) gives: ValueType,
}

/// One piece.
#[derive(Clone, Debug)]
pub(super) enum CompiledPiece {
    Text(Box<str>),
    Value(ValueChain),
    Optional(Box<[CompiledPiece]>),
}

/// One value: where it comes from, and what is made of it.
#[derive(Clone, Debug)]
pub(crate) struct ValueChain {
    /// As it is written, for messages.
    pub(super) text: Box<str>,
    pub(super) source: ValueSource,
    pub(super) filters: Box<[FilterCall]>,
    pub(super) gives: ValueType,
}

/// A filter with its arguments.
#[derive(Clone, Debug)]
pub(super) struct FilterCall {
    pub(super) filter: &'static Filter,
    pub(super) arguments: [Option<PreparedArgument>; 2],
    /// The type of what it is applied to: the value, or each item of it.
    pub(super) input: ValueType,
    /// Whether it works on each item of a list.
    pub(super) on_items: bool,
}

/// An argument of a filter.
#[derive(Clone, Debug)]
pub(super) enum PreparedArgument {
    Text(Box<str>),
    Number(usize),
    Path(FieldPath),
    Style(JsonStyle),
    Value(Box<ValueChain>),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueSource {
    Method,
    Target,
    Path,
    Query,
    QueryParameter(String),
    Host,
    Url,
    ConfiguredUrl,
    /// Of several spellings, the first that is there.
    Header(Vec<HeaderName>),
    Headers(HeaderName),
    Body,
    Content,
    Field(FieldPath),
    Document,
    /// In the header of the token.
    Jose(FieldPath),
    /// In the payload of the token.
    Claim(FieldPath),
    /// Of a signature of RFC 9421.
    MessageParameter(MessageParameter),
    Form(String),
    Xml(String),
    /// The selection with this number.
    Fields(usize),
    Timestamp,
    Nonce,
    KeyId,
    Secret,
    NamedSecret(String),
    Constant(String),
    /// The named step with this number.
    Let(usize),
    /// The name of the field that is written.
    FieldName,
    /// The value of the field that is written.
    FieldValue,
}

impl ValueSource {
    /// The field of the body, if it is one.
    pub(crate) fn field(&self) -> Option<FieldPath> {
        match self {
            Self::Field(path) => Some(path.clone()),
            Self::Form(name) | Self::Xml(name) => FieldPath::of_top_level(name),
            _ => None,
        }
    }
}

impl CompiledExpression {
    /// Every source in it, those in arguments too, with the filters behind it.
    pub(crate) fn operations(&self) -> Vec<&ValueChain> {
        let mut found = Vec::new();
        collect(&self.steps, &mut found);
        found
    }

    /// The headers in it.
    pub(crate) fn read_headers(&self) -> Vec<HeaderName> {
        let chains = self.operations().into_iter();
        let names = chains.flat_map(|chain| match chain.source() {
            ValueSource::Header(names) => names.as_slice(),
            ValueSource::Headers(name) => std::slice::from_ref(name),
            _ => &[],
        });
        names.cloned().collect()
    }

    /// The values in it that are no part of something optional.
    pub(crate) fn required_values(&self) -> impl Iterator<Item = &ValueChain> {
        self.steps.iter().filter_map(|step| match step {
            CompiledPiece::Value(chain) => Some(chain),
            CompiledPiece::Text(_) | CompiledPiece::Optional(_) => None,
        })
    }

    /// The values in it, those in optional parts too.
    pub(crate) fn written_values(&self) -> Vec<&ValueChain> {
        fn add<'p>(pieces: &'p [CompiledPiece], found: &mut Vec<&'p ValueChain>) {
            for piece in pieces {
                match piece {
                    CompiledPiece::Text(_) => {}
                    CompiledPiece::Value(chain) => found.push(chain),
                    CompiledPiece::Optional(pieces) => add(pieces, found),
                }
            }
        }
        let mut found = Vec::new();
        add(&self.steps, &mut found);
        found
    }

    /// The fixed texts in it, but those in optional parts.
    pub(crate) fn fixed_texts(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|piece| match piece {
            CompiledPiece::Text(text) => Some(&**text),
            CompiledPiece::Value(_) | CompiledPiece::Optional(_) => None,
        })
    }

    /// The last value, if nothing optional and no text follows it.
    pub(crate) fn last(&self) -> Option<&ValueChain> {
        match self.steps.last() {
            Some(CompiledPiece::Value(chain)) => Some(chain),
            _ => None,
        }
    }

    /// The value, if the expression is nothing else.
    pub(crate) fn single(&self) -> Option<&ValueChain> {
        match &*self.steps {
            [CompiledPiece::Value(operation)] => Some(operation),
            _ => None,
        }
    }

    /// Whether a value in it is printed as Java prints its `double`.
    pub(crate) fn prints_doubles(&self) -> bool {
        let chains = self.operations();
        let mut calls = chains.iter().flat_map(|chain| chain.filters.iter());
        calls.any(FilterCall::prints_doubles)
    }

    /// The number of the selection that it is, if it is nothing else.
    pub(crate) fn selection(&self) -> Option<usize> {
        let chain = self.single().filter(|chain| chain.filters.is_empty())?;
        match chain.source() {
            ValueSource::Fields(at) => Some(*at),
            _ => None,
        }
    }

    /// The field of the body that it is, if it is one without filters.
    pub(crate) fn field(&self) -> Option<FieldPath> {
        let chain = self.single().filter(|chain| chain.filters.is_empty())?;
        chain.source().field()
    }

    /// The same if no filter but `max` changes it.
    pub(crate) fn checked_field(&self) -> Option<FieldPath> {
        let chain = self.single().filter(|chain| chain.is_written_as("max"))?;
        chain.source().field()
    }

    /// The header that it is, if it is one and no filter but `max` changes it.
    pub(crate) fn header(&self) -> Option<&HeaderName> {
        let chain = self.single().filter(|chain| chain.is_written_as("max"))?;
        match chain.source() {
            ValueSource::Header(names) => match names.as_slice() {
                [name] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of the digest that is made of the content, if the expression is nothing but that
    /// and filters behind it.
    pub(crate) fn digest_of_content(&self) -> Option<(&'static str, &ValueChain)> {
        let chain = self.single()?;
        let first = chain.filters.first()?;
        let is_digest =
            chain.source == ValueSource::Content && matches!(first.filter.run, Run::Digest(_));
        is_digest.then_some((first.filter.name, chain))
    }
}

impl ValueChain {
    /// Where the value comes from.
    pub(crate) const fn source(&self) -> &ValueSource {
        &self.source
    }

    /// Whether it is text that a filter decodes, without any filter before that.
    pub(crate) fn is_decoded(&self) -> bool {
        let first = self.filters.first();
        first.is_some_and(|call| matches!(call.filter.run, Run::Decode(_)))
    }

    /// Whether it has no filter but this one.
    pub(crate) fn is_written_as(&self, filter: &str) -> bool {
        self.filters.iter().all(|call| call.filter.name == filter)
    }

    /// The text of its only filter, if that is `default`.
    pub(crate) fn only_default(&self) -> Option<&str> {
        match &*self.filters {
            [
                FilterCall {
                    filter:
                        Filter {
                            run: Run::Default, ..
                        },
                    arguments: [Some(PreparedArgument::Text(text)), _],
                    ..
                },
            ] => Some(text),
            _ => None,
        }
    }
}

impl FilterCall {
    /// Whether it prints numbers as Java prints its `double`.
    pub(super) fn prints_doubles(&self) -> bool {
        match &self.arguments {
            [Some(PreparedArgument::Style(style)), _] => style.double(),
            [Some(PreparedArgument::Text(word)), _] => {
                self.filter.name == "java" && &**word == "double"
            }
            _ => false,
        }
    }
}

fn collect<'p>(steps: &'p [CompiledPiece], found: &mut Vec<&'p ValueChain>) {
    for step in steps {
        match step {
            CompiledPiece::Text(_) => {}
            CompiledPiece::Optional(steps) => collect(steps, found),
            CompiledPiece::Value(operation) => collect_operation(operation, found),
        }
    }
}

fn collect_operation<'p>(operation: &'p ValueChain, found: &mut Vec<&'p ValueChain>) {
    found.push(operation);
    for argument in operation
        .filters
        .iter()
        .flat_map(|call| call.arguments.iter().flatten())
    {
        if let PreparedArgument::Value(operation) = argument {
            collect_operation(operation, found);
        }
    }
}
