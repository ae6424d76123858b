//! Whether a key made a signature.

use super::Attempt;
use super::presented_values::PresentedValues;
use super::value_role::content_error;
#[cfg(feature = "sign")]
use crate::algorithm::Algorithm;
use crate::algorithm::Means;
use crate::body::Body;
use crate::json::JsonValue;
use crate::keys::{DigestCheck, Key, MacKey, is_same_secret};
use crate::language::evaluate::Locals;
use crate::memory::MemoryBudget;
#[cfg(feature = "sign")]
use crate::memory::Plenty;
use crate::reason::VerifyError;

impl Attempt<'_, '_> {
    /// Whether the key made one of the signatures over the content.
    pub(super) fn matches(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        presented: &PresentedValues<'_>,
        key: &Key,
        content: &[u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<bool, VerifyError> {
        let algorithm = presented.algorithm;
        let mut signatures = presented.signatures.iter();
        let with_key = |made: &mut dyn FnMut(&[u8]) -> bool, memory: &mut dyn MemoryBudget| {
            self.with_key_bytes(body, item, key, memory, made)
        };
        match algorithm.means() {
            Means::Token => with_key(
                &mut |token| signatures.any(|signature| is_same_secret(token, signature)),
                memory,
            ),
            Means::Mac => with_key(
                &mut |bytes| {
                    MacKey::new(algorithm, bytes).is_some_and(|mut mac| {
                        mac.update(content);
                        signatures.any(|signature| mac.clone().matches(signature))
                    })
                },
                memory,
            ),
            Means::Digest => Ok(DigestCheck::new(algorithm).is_some_and(|mut digest| {
                digest.update(content);
                signatures.any(|signature| digest.clone().matches(signature))
            })),
            _ => {
                let key = presented.certified.as_ref().unwrap_or(key);
                Ok(signatures.any(|signature| key.verify(algorithm, content, signature)))
            }
        }
    }

    /// Asks `made` with the bytes that HMACs are made with, or that are the token.
    fn with_key_bytes(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        key: &Key,
        memory: &mut dyn MemoryBudget,
        made: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<bool, VerifyError> {
        if self.rules.key.is_none() {
            return Ok(key.secret().is_some_and(|secret| made(secret.bytes())));
        }
        self.evaluate(body, item, Vec::new(), Some(key), memory, |context| {
            let Some(program) = &context.rules.key else {
                return Ok(false);
            };
            let bytes = program
                .bytes(context, Locals::default())
                .map_err(content_error)?;
            // Nobody may sign with nothing.
            Ok(!bytes.is_empty() && made(bytes))
        })
    }

    /// The signature over the content that whoever has the secret makes. `None` if it takes a private key.
    #[cfg(feature = "sign")]
    pub(in crate::language) fn made_with_secret(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        algorithm: Algorithm,
        key: &Key,
        content: &[u8],
    ) -> Result<Option<Vec<u8>>, VerifyError> {
        let mut signature = None;
        let mut make = |bytes: &[u8]| {
            signature = match algorithm.means() {
                Means::Token => Some(bytes.to_vec()),
                Means::Mac => MacKey::new(algorithm, bytes).map(|mut mac| {
                    mac.update(content);
                    mac.finish()
                }),
                _ => None,
            };
            signature.is_some()
        };
        match algorithm.means() {
            Means::Token | Means::Mac => {
                self.with_key_bytes(body, item, key, &mut Plenty, &mut make)?;
            }
            Means::Digest => {
                signature = DigestCheck::new(algorithm).map(|mut digest| {
                    digest.update(content);
                    digest.finish()
                });
            }
            _ => {}
        }
        Ok(signature)
    }
}
