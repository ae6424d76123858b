//! The key in a callback's certificate.

use super::value_role::content_error;
use crate::certificates::{CertifiedKey, certified, decode};
use crate::keys::Key;
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::scheme_rules::CertificateRule;
use crate::reason::{Reason, Rejection, VerifyError};

/// The most certificates of a chain.
const MAX_CHAIN: usize = 4;

/// The key of the certificate, if it is under one of the keys, which is then the only one that is
/// left.
pub(super) fn certified_key<'v>(
    rule: &'v CertificateRule,
    context: &'v Evaluation<'v>,
    at: Option<i64>,
    keys: &mut Vec<&Key>,
) -> Result<Key, VerifyError> {
    let refused = |reason| {
        VerifyError::from(Rejection {
            reason,
            at: rule.value.place(),
            detail: None,
        })
    };
    keys.retain(|key| key.certificate().is_some());
    let mut roots = Vec::new();
    for key in keys.iter() {
        roots.extend(key.certificate());
    }
    if roots.is_empty() {
        return Err(Reason::KeyUnknown.into());
    }
    let value = rule.value.value(context, Locals::default());
    let value = value.map_err(content_error)?;
    let mut given = Vec::new();
    match value.items(context.scratch) {
        Ok(items) if items.len() > MAX_CHAIN => return Err(refused(Reason::ValueMalformed)),
        Ok(items) => given.extend_from_slice(items),
        Err(_) => given.push(value),
    }
    let mut chain = Vec::with_capacity(given.len());
    for one in given {
        let bytes = one.bytes(context.scratch);
        let bytes = bytes.map_err(|_| refused(Reason::ValueMalformed))?;
        chain.push(decode(bytes).ok_or_else(|| refused(Reason::ValueMalformed))?);
    }
    let at = at.ok_or(Reason::TimestampMissing)?;
    let found = certified(&chain, &roots, at, &rule.demands);
    let CertifiedKey { key, root } = found.ok_or_else(|| refused(Reason::ValueUnexpected))?;
    let root = keys.get(root).copied().ok_or(Reason::KeyUnknown)?;
    *keys = vec![root];
    Ok(key)
}
