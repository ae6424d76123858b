//! The decryption library: from a verified callback to clear text in its body and headers.
//!
//! Pure as [the verification](crate): no I/O, no clock, no async, no logging. A [`DecryptPolicy`] names the
//! [`Rule`], the keys and a bound; a [`Task`] is made from a [`Verified`](crate::Verified),
//! which is the proof that the signature passed, and worked off in steps of at most one private
//! operation, so that whoever runs it can share the processors out. At its end is a [`Clear`].
//!
//! Nothing here prints clear text or keys, and what holds them is overwritten when it is dropped.
//!
//! ```
//! # use countersign_verify::http::HeaderMap;
//! # use countersign_verify::{Callback, Key, VerifyPolicy, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//! # let scheme = Scheme::find_built_in("cheezeepay").unwrap().clone();
//! # let key = Key::decode("platform", KEY.as_bytes())?;
//! # let policy = VerifyPolicy::new(scheme, key);
//! use countersign_verify::bytes::Bytes;
//! use countersign_verify::decrypt::{self, Cipher, Iv, Path, Rule, Task};
//!
//! let mut rule = Rule::new("orders", Cipher::AesCbc { bits: 128 }, vec![Path::parse("$.mchOrderNo")?]);
//! rule.iv = Some(Iv::Prefix);
//! let key = decrypt::DecryptionKey::aes("merchant", b"0123456789abcdef".to_vec().into()).ok_or("16 or 32 bytes")?;
//! let decryption = decrypt::DecryptPolicy::new(rule, key);
//!
//! let (headers, body) = (HeaderMap::new(), Bytes::from_static(BODY.as_bytes()));
//! let callback = Callback::new("POST", b"/", &headers, &body);
//! let verified = verify(&policy, callback, 0)?;
//! let mut task = Task::new(&verified, &headers, &body, &decryption);
//! while !task.is_done() {
//!     task.step();
//! }
//! let clear = task.finish()?;
//! // This notification's order number is no cipher text: it stays as it is.
//! assert_eq!(clear.failed().known(), ["/mchOrderNo"]);
//! assert_eq!(clear.body(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cipher;
mod clear;
mod edit;
mod failure;
mod keys;
mod path;
mod plausible_text;
mod rule;
mod task;

use std::sync::Arc;

use crate::keys::KeySet;

pub use cipher::{Cipher, OaepDigest};
pub use clear::{Clear, ClearHeader, Places, Refused};
pub use failure::DecryptFailure;
pub use keys::{DecryptionKey, DecryptionKeyKind, PrivateKeyError};
pub use path::{Path, PathError};
pub use rule::{
    ContentKind, Encoding, HeaderPath, Iv, OnDecryptFailure, Output, Rule, SiblingField,
};
pub use task::Task;

/// How the callbacks of one route are decrypted.
#[derive(Debug)]
#[non_exhaustive]
pub struct DecryptPolicy {
    /// What to decrypt, how, and where to put it.
    pub rule: Arc<Rule>,
    /// The keys to try.
    pub keys: KeySet<DecryptionKey>,
    /// The most private-key operations (RSA) for one callback.
    pub max_operations: usize,
    /// The longest header value with clear text, encoded, in bytes.
    pub max_header: usize,
}

/// The default limit on private-key operations for one callback. Genuine callbacks take a few
/// dozen.
const MAX_OPERATIONS: usize = 256;

/// The default limit on a header with clear text, in bytes.
const MAX_HEADER: usize = 4096;

impl DecryptPolicy {
    /// A policy with at most 256 private-key operations, and headers of at most 4096 bytes.
    #[must_use]
    pub fn new(rule: impl Into<Arc<Rule>>, keys: impl Into<KeySet<DecryptionKey>>) -> Self {
        Self {
            rule: rule.into(),
            keys: keys.into(),
            max_operations: MAX_OPERATIONS,
            max_header: MAX_HEADER,
        }
    }
}
