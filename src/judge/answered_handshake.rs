//! Handshakes: requests that the scheme of a route answers, and no backend.

use std::sync::Arc;

use http::Method;

use super::head::Head;
use super::refusal::Refusal;
use super::site::Site;
use crate::config::Route;
use crate::verify::{Callback, Handshake, find_handshake};

/// The answer to a request at time `now`, in Unix seconds, if it is a handshake of the route's scheme.
///
/// # Errors
/// Why the handshake is refused; or why it is not clear whether it is one, if it cannot be a callback.
pub fn handshake(
    site: &Site,
    route: &Arc<Route>,
    head: Head<'_>,
    body: &[u8],
    now: i64,
) -> Result<Option<Handshake>, Refusal> {
    let target = site.by(head).signed_target(route)?;
    let request = Callback::new(head.method.as_str(), &target, head.headers, body);
    let may_be_callback = route.methods.contains(head.method);
    let answered = match find_handshake(&route.policy, request) {
        Ok(Some(found)) => found.answer(request, now).map(Some),
        Ok(None) => Ok(None),
        Err(_) if may_be_callback => Ok(None),
        Err(rejection) => Err(rejection),
    };
    answered.map_err(|rejection| Refusal::of_scheme(&route.policy.scheme, rejection))
}

/// Refuses a request with a method that only handshakes of the route have: no backend gets what is none.
///
/// # Errors
/// If it has one of these methods.
pub fn refuse_others(route: &Route, method: &Method) -> Result<(), Refusal> {
    if route.methods.contains(method) {
        return Ok(());
    }
    let methods: Vec<&str> = route.methods.iter().map(Method::as_str).collect();
    Err(Refusal::Method(methods.join(", ")))
}
