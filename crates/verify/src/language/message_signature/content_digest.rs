//! Digests of the body in a header (RFC 9530).

use http::HeaderMap;
use sfv::{BareItem, Item, ListEntry};
use sha2::{Digest as _, Sha256, Sha512};

use super::{CONTENT_DIGEST, structured_dictionary};
use crate::keys::is_same_secret;
use crate::language::value_fault::ValueFault;
use crate::reason::{At, Reason, Rejection};

/// Refuses a body that is not the one of the header's digests: every SHA-256 and SHA-512 must fit,
/// and one of them must be there. Others are too weak to prove anything (RFC 9530, section 5).
pub(crate) fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), Rejection> {
    let refused = |reason| Rejection::at(reason, At::Header(CONTENT_DIGEST));
    let digests = structured_dictionary::read(headers, &CONTENT_DIGEST);
    let digests = digests.map_err(|fault| {
        refused(match fault {
            ValueFault::Missing => Reason::HeaderMissing,
            _ => Reason::HeaderMalformed,
        })
    })?;
    let mut is_covered = false;
    for (name, given) in &digests {
        let ListEntry::Item(Item { bare_item, params }) = given else {
            return Err(refused(Reason::HeaderMalformed));
        };
        let BareItem::ByteSequence(given) = bare_item else {
            return Err(refused(Reason::HeaderMalformed));
        };
        if !params.is_empty() {
            return Err(refused(Reason::HeaderMalformed));
        }
        let is_same = match name.as_str() {
            "sha-256" => is_same_secret(&Sha256::digest(body), given),
            "sha-512" => is_same_secret(&Sha512::digest(body), given),
            _ => continue,
        };
        if !is_same {
            return Err(refused(Reason::ValueUnexpected));
        }
        is_covered = true;
    }
    if is_covered {
        Ok(())
    } else {
        Err(refused(Reason::ValueUnexpected))
    }
}
