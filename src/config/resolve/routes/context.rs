//! What routes refer to.

use std::sync::Arc;

use crate::config::resolve::decryption::{DecryptionKeys, Rules};
use crate::config::resolve::headers::Prefix;
use crate::config::resolve::keys::Keys;
use crate::config::resolve::networks::DefaultAccess;
use crate::config::resolve::schemes::Schemes;
use crate::config::resolve::settings::Limits;
use crate::config::resolve::upstreams::Upstreams;
use crate::verify::Scheme;

/// What routes refer to; `None` for values with an error.
#[derive(Debug)]
pub(in crate::config::resolve) struct Context<'a> {
    pub(in crate::config::resolve) prefix: Option<&'a Prefix>,
    pub(in crate::config::resolve) limits: &'a Limits,
    /// Whether routes without `once` recognise repeats.
    pub(in crate::config::resolve) once: bool,
    /// The largest answer that the store of `[once]` keeps with its body; `None` if it keeps all.
    pub(in crate::config::resolve) largest_answer: Option<usize>,
    pub(in crate::config::resolve) access: &'a DefaultAccess,
    pub(in crate::config::resolve) has_trusted_proxies: Option<bool>,
    pub(in crate::config::resolve) keys: &'a Keys<'a>,
    pub(in crate::config::resolve) decryption_keys: &'a DecryptionKeys<'a>,
    pub(in crate::config::resolve) decryptions: &'a Rules<'a>,
    pub(in crate::config::resolve) schemes: &'a Schemes<'a>,
    pub(in crate::config::resolve) upstreams: &'a Upstreams<'a>,
}

impl Context<'_> {
    /// Whether a scheme came with the program: no file of the operator's states anything in it.
    pub(super) fn is_shipped(&self, scheme: &Arc<Scheme>) -> bool {
        let place = self.schemes.place(|known| Arc::ptr_eq(known, scheme));
        place.is_none()
    }
}
