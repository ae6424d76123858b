//! A value with the names of the scheme replaced by what they stand for.

use super::content_variant::ContentVariant;
use crate::language::compiled_expression::{
    CompiledExpression, FilterCall, PreparedArgument, ValueChain, ValueSource,
};

/// A value with the names of the scheme replaced by what they stand for.
#[derive(Clone, Debug)]
pub(super) struct ResolvedChain<'r> {
    pub(super) origin: ChainOrigin<'r>,
    pub(super) filters: Vec<&'r FilterCall>,
}

/// Where the value comes from.
#[derive(Clone, Debug)]
pub(super) enum ChainOrigin<'r> {
    /// The callback, the key or the route.
    Source(ValueSource),
    /// A named expression that is more than one value.
    Expression(&'r CompiledExpression),
    /// Something that is not known.
    Unknown,
}

impl<'r> ContentVariant<'r> {
    /// A value with the names of the scheme replaced by what they stand for.
    pub(super) fn resolve(&self, chain: &'r ValueChain) -> ResolvedChain<'r> {
        let named = match &chain.source {
            ValueSource::Let(at) => self.step(*at),
            ValueSource::Content => self.content,
            ValueSource::Timestamp => self.rules.timestamp.as_ref(),
            ValueSource::Nonce => self.rules.nonce.as_ref(),
            ValueSource::KeyId => self.rules.key_id.as_ref(),
            source => {
                return ResolvedChain {
                    origin: ChainOrigin::Source(source.clone()),
                    filters: chain.filters.iter().collect(),
                };
            }
        };
        let mut resolved = match named {
            None => ResolvedChain {
                origin: ChainOrigin::Unknown,
                filters: Vec::new(),
            },
            // FieldSteps use only those before them, so this ends.
            Some(named) => match named.single() {
                Some(inner) => self.resolve(inner),
                None => ResolvedChain {
                    origin: ChainOrigin::Expression(named),
                    filters: Vec::new(),
                },
            },
        };
        resolved.filters.extend(&chain.filters);
        resolved
    }
}

impl ResolvedChain<'_> {
    /// A text that is the same for the same value behind its first filters. Filters that change no
    /// value do not count.
    pub(super) fn key(&self, filters: usize) -> Option<String> {
        self.key_of(self.filters.iter().take(filters))
    }

    /// The same of the value where it is not missing.
    pub(super) fn key_of_present(&self) -> Option<String> {
        let filters = self.filters.iter();
        self.key_of(filters.filter(|call| call.filter.name != "default"))
    }

    fn key_of<'f>(&self, filters: impl Iterator<Item = &'f &'f FilterCall>) -> Option<String> {
        let ChainOrigin::Source(source) = &self.origin else {
            return None;
        };
        let mut key = match source {
            ValueSource::Field(path) => format!("field {:?}", path.steps()),
            other => format!("{other:?}"),
        };
        for call in filters {
            if !matches!(call.filter.name, "max" | "nonempty") {
                let argument = |argument: &Option<PreparedArgument>| match argument {
                    Some(PreparedArgument::Value(inner)) => inner.text.to_string(),
                    other => format!("{other:?}"),
                };
                let [first, second] = &call.arguments;
                let (first, second) = (argument(first), argument(second));
                key.push_str(&format!("|{}:{first}:{second}", call.filter.name));
            }
        }
        Some(key)
    }

    /// Whether something else may stand for the value.
    pub(super) fn has_default(&self) -> bool {
        let mut filters = self.filters.iter();
        filters.any(|call| call.filter.name == "default")
    }
}
