//! From a complete request to its verdict.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::head::Head;
use super::refusal::Fault;
use super::site::Site;
use super::steps::Steps;
use crate::config::{FieldPath, Route};
use crate::decrypt::Task;
use crate::verify::body::Field;
use crate::verify::scheme::IdentityPart;
use crate::verify::{
    Callback, MemoryBudget, OutOfMemory, SchemeAnswer, Verified, VerifyError, verify_watched,
};

/// A complete request, as its route received it.
pub struct Received<'a> {
    head: Head<'a>,
    body: &'a Bytes,
    route: &'a Arc<Route>,
    /// The target that the provider called.
    target: Cow<'a, [u8]>,
}

impl<'a> Received<'a> {
    /// Puts together a request and its route.
    ///
    /// # Errors
    /// If the route takes the original target from a header of a trusted proxy, and there is no
    /// such header or proxy; or if none of its callbacks has this method.
    pub fn new<S: Steps>(
        site: &Site,
        route: &'a Arc<Route>,
        head: Head<'a>,
        body: &'a Bytes,
        steps: &mut S,
    ) -> Result<Self, Fault> {
        if !route.methods.contains(head.method) {
            return Err(Fault::MethodNotAllowed);
        }
        let target = site.by(head).signed_target(route)?;
        steps.called(&target);
        Ok(Self {
            head,
            body,
            route,
            target,
        })
    }

    /// Its header.
    #[must_use]
    pub fn head(&self) -> Head<'a> {
        self.head
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &'a Bytes {
        self.body
    }

    /// The matching route.
    #[must_use]
    pub fn route(&self) -> &'a Arc<Route> {
        self.route
    }
}

/// A request with the proof that its signature is valid and that it meets the requirements of its
/// route.
pub struct Verdict<'a> {
    received: &'a Received<'a>,
    verified: Verified<'a>,
}

/// Verifies a request at time `now`, in Unix seconds, within the memory that `memory` grants.
///
/// # Errors
/// Why it is refused, or that there is no memory for it.
pub fn verify<'a, S: Steps>(
    received: &'a Received<'a>,
    now: i64,
    memory: &mut dyn MemoryBudget,
    steps: &mut S,
) -> Result<Verdict<'a>, VerifyError> {
    let Head {
        method, headers, ..
    } = received.head;
    let callback = Callback::new(method.as_str(), &received.target, headers, received.body);
    let verified = verify_watched(&received.route.policy, callback, now, memory, steps)?;
    Ok(Verdict { received, verified })
}

impl<'a> Verdict<'a> {
    /// The request that was verified.
    #[must_use]
    pub fn received(&self) -> &'a Received<'a> {
        self.received
    }

    /// The proof.
    #[must_use]
    pub fn verified(&self) -> &Verified<'a> {
        &self.verified
    }

    /// What the provider is answered once a backend took it, in place of the backend's answer, if the
    /// route says so.
    #[must_use]
    pub fn acknowledgement(&self) -> Option<&SchemeAnswer> {
        self.verified.acknowledgement()
    }

    /// The work of decrypting it, if its route decrypts.
    #[must_use]
    pub fn decryption(&self) -> Option<Task> {
        let Received {
            head, body, route, ..
        } = self.received;
        let policy = route.decrypt.as_ref()?;
        Some(Task::new(&self.verified, head.headers, body, policy))
    }

    /// A body field that the route passes on, as text.
    #[must_use]
    pub fn field(&self, field: &FieldPath) -> Option<String> {
        let route = self.received.route;
        let is_named = route.fields.iter().any(|named| named.field == *field);
        let found = is_named
            .then(|| self.verified.body().find(field))
            .flatten()?;
        field_text(found).map(Cow::into_owned)
    }

    /// Parses the body now, within the memory that `memory` grants, if any of its fields will be
    /// asked for by name.
    ///
    /// # Errors
    /// If there is no room for its values.
    pub fn read_fields(&self, memory: &mut dyn MemoryBudget) -> Result<(), OutOfMemory> {
        if reads_fields(self.received.route) {
            self.verified.read_body(memory)?;
        }
        Ok(())
    }
}

/// Whether any field of a verified body is asked for by name.
fn reads_fields(route: &Route) -> bool {
    let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
    let once = route.once.as_ref();
    route.policy.scheme.event().is_some()
        || !route.fields.is_empty()
        || route.decrypt.is_some()
        || once.is_some_and(|once| once.identity.iter().any(is_field))
}

/// A field's value as text. Empty values give no header, because some schemes do not sign them.
pub(super) fn field_text<'a>(field: Field<'_, 'a>) -> Option<Cow<'a, str>> {
    (!field.is_empty()).then(|| field.written())
}
