//! Digests of the callback that are broken against collisions.

use std::fmt;

use super::{SchemeRules, reach};
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::filters::Run;

/// A value of what is signed that stands for more of the callback by a digest that is broken against
/// collisions: whoever can make the provider sign one of two callbacks with the same digest has a
/// signature for both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokenDigest {
    /// The value, as the scheme writes it.
    pub value: String,
    /// The digest.
    pub digest: &'static str,
}

impl fmt::Display for BrokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest;
        write!(
            f,
            "{digest} is broken against collisions, whatever signs the digest"
        )
    }
}

/// What is broken, by the name of the filter.
const BROKEN: &[(&str, &str)] = &[("md5", "MD5"), ("sha1", "SHA-1")];

impl SchemeRules {
    /// The values of what is signed, and of what is compared with it, that are such digests.
    #[must_use]
    pub fn broken_digests(&self) -> Vec<BrokenDigest> {
        let signed = self
            .content
            .iter()
            .chain(&self.signed)
            .chain(self.payload());
        let checks = self.check.iter();
        let checks = checks.flat_map(|(value, wanted)| [value].into_iter().chain(wanted));
        let mut found = Vec::new();
        for expression in signed.chain(checks) {
            self.add_broken(expression, &mut found);
        }
        found
    }

    /// Steps use only those before them, and selections no others, so this ends.
    fn add_broken(&self, expression: &CompiledExpression, found: &mut Vec<BrokenDigest>) {
        for chain in expression.operations() {
            let mut filters = chain.filters.iter();
            let digest = filters.find_map(|call| {
                let mut broken = BROKEN.iter();
                let is_digest = matches!(call.filter.run, Run::Digest(_));
                broken.find(|(name, _)| is_digest && *name == call.filter.name)
            });
            if let Some((_, digest)) = digest
                && self.is_of_callback(chain.source())
            {
                let value = chain.text.to_string();
                let broken = BrokenDigest { value, digest };
                if !found.contains(&broken) {
                    found.push(broken);
                }
            }
            for inner in self.expressions_of(chain.source()) {
                self.add_broken(inner, found);
            }
        }
    }

    /// Whether whoever sends a callback has a part in the value.
    fn is_of_callback(&self, source: &ValueSource) -> bool {
        match source {
            ValueSource::Constant(_) | ValueSource::ConfiguredUrl => false,
            source if reach::is_secret(source) => false,
            ValueSource::Let(_)
            | ValueSource::Timestamp
            | ValueSource::Nonce
            | ValueSource::KeyId => {
                let mut named = self.expressions_of(source).into_iter();
                named.any(|named| {
                    let mut chains = named.operations().into_iter();
                    chains.any(|chain| self.is_of_callback(chain.source()))
                })
            }
            _ => true,
        }
    }

    /// The expressions that a name of the scheme stands for.
    pub(super) fn expressions_of(&self, source: &ValueSource) -> Vec<&CompiledExpression> {
        match source {
            ValueSource::Let(at) => {
                let step = self.lets.get(*at).into_iter();
                step.flat_map(super::LetRule::expressions).collect()
            }
            ValueSource::Fields(at) => {
                let selection = self.selections.get(*at).into_iter();
                selection
                    .flat_map(|selection| selection.programs())
                    .collect()
            }
            ValueSource::Timestamp => self.timestamp.iter().collect(),
            ValueSource::Nonce => self.nonce.iter().collect(),
            ValueSource::KeyId => self.key_id.iter().collect(),
            _ => Vec::new(),
        }
    }
}
