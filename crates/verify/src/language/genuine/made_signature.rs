//! Whether a key made a signature.

use super::Attempt;
use super::presented_values::PresentedValues;
use super::value_role::content_error;
use crate::algorithm::Means;
use crate::body::Body;
use crate::json::JsonValue;
use crate::keys::{DigestCheck, Key, MacKey, is_same_secret};
use crate::language::evaluate::Locals;
use crate::memory::MemoryBudget;
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
}
