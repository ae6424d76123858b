//! What a configuration with a control socket keeps for it.

use std::sync::Arc;

use crate::once::{Identity, OncePolicy};
use crate::ops::audit_log::AuditLog;
use crate::proxy::once::RecentCallbacks;
use crate::verify::Verified;
use crate::verify::scheme::IdentityPart;

/// What a configuration with a control socket keeps for it.
pub(in crate::proxy) struct Controlled {
    pub(in crate::proxy) audit: Arc<AuditLog>,
    pub(in crate::proxy) recent: Arc<RecentCallbacks>,
}

impl Controlled {
    /// Notes which callback a request brought. Returns its identity as the access log shows it.
    pub(in crate::proxy) fn note(
        &self,
        request_id: &str,
        identity: Identity,
        verified: &Verified<'_>,
        policy: &OncePolicy,
    ) -> Option<String> {
        let is_of_content = policy.identity.contains(&IdentityPart::Content);
        // Whoever has a digest over a secret can try secrets until one gives the digest.
        let is_secret = is_of_content && verified.scheme().rules().content_holds_secret();
        self.recent.add(request_id, identity, !is_secret);
        (!is_secret).then(|| identity.whole())
    }
}
