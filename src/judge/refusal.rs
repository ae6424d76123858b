//! The closed list of answers that the proxy gives in place of a backend.

use std::fmt;
use std::time::Duration;

use super::header_lines::BadValue;
use crate::record::Code;
use crate::verify::{RefusalStatus, Rejection, Scheme};

crate::verify::closed_list! {
    /// Why a request failed for a reason other than verification.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Fault {
        /// The status of the answer.
        status: u16
    }

    RequestMalformed = "request_malformed" [400], "The request is not well-formed HTTP: a bad request line, target, Host, header or length, a target in absolute form whose authority is not the Host, two different lengths, a Transfer-Encoding that does not end in `chunked`, a line that ends without CR, too many header lines, or more than 100 options in `Connection`.";
    HostMissing = "host_missing" [400], "An HTTP/1.1 request has no Host header.";
    LengthAmbiguous = "length_ambiguous" [400], "The request has both Content-Length and Transfer-Encoding, or the same length more than once: two servers could see two different bodies.";
    EncodingUnsupported = "encoding_unsupported" [400], "Transfer-Encoding names another coding besides `chunked`.";
    UpgradeRefused = "upgrade_refused" [400], "The method is CONNECT, which asks for a tunnel. (An `Upgrade` header is ignored.)";
    TargetForm = "target_form" [400], "The request target is neither a path that starts with a slash nor an absolute URL of `http` or `https`.";
    TargetAmbiguous = "target_ambiguous" [400], "The request matches a prefix route, and its path contains `..`, `//`, an encoded slash or the like, or becomes another route's path once it is decoded, lower-cased or shortened: the backend could act on a different path from the one that was routed.";
    OriginalTargetUntrusted = "original_target_untrusted" [400], "The route takes the original target from a header, but the peer is not a trusted proxy.";
    OriginalTargetMissing = "original_target_missing" [400], "The trusted proxy did not send the header with the original target.";
    OriginalTargetRepeated = "original_target_repeated" [400], "The header with the original target occurs more than once, or in a second spelling (`_` for `-`).";
    IdentityUnusable = "identity_unusable" [400], "The route identifies repeats by body fields, and one of them is missing, empty, not a plain value, or contains the separator of signed fields; or the body could have been signed as another, so that an attacker could turn it into a second callback; or its identity is what was signed, and it has several items that are signed each (`each`), which an attacker could combine anew.";
    BodyIncomplete = "body_incomplete" [400], "The body ended early, or a chunk is malformed: the client aborted the request.";
    FieldTooLong = "field_too_long" [400], "A field that the route passes on as a header is longer than 4 KiB once encoded.";
    DecryptFailed = "decrypt_failed" [400], "A value of a verified callback cannot be decrypted, and the route's rule refuses such callbacks: the key is wrong, or the value is damaged or not encrypted.";
    AddressDenied = "address_denied" [403], "The client's address is on the route's `deny` list, or not on its `allow` list.";
    RouteNotFound = "route_not_found" [404], "No route matches this host and path.";
    MethodNotAllowed = "method_not_allowed" [405], "A route matches this host and path, but not this method.";
    CallbackRepeated = "callback_repeated" [409], "A backend has already accepted this callback, and the route refuses repeats.";
    HeaderTimeout = "header_timeout" [408], "The client took too long to send the request header, or sent it more slowly than `min_rate` requires.";
    BodyTimeout = "body_timeout" [408], "The client took too long to send the body, sent it more slowly than `min_rate` requires, or stalled while other requests needed the room.";
    BodyTooLarge = "body_too_large" [413], "The body is larger than the route allows.";
    TargetTooLong = "target_too_long" [414], "The path is longer than 4 KiB.";
    ExpectationFailed = "expectation_failed" [417], "The Expect header is not `100-continue`.";
    RateLimited = "rate_limited" [429], "The client, or all clients together, call the route more often than its `rate_limit` allows; `Retry-After` says when to try again.";
    HeaderTooLarge = "header_too_large" [431], "The request header is larger than 64 KiB.";
    Internal = "internal" [500], "An internal error of the proxy; see the error log.";
    UpstreamUnreachable = "upstream_unreachable" [502], "No server of the upstream accepted a connection; none of them received the callback.";
    UpstreamTls = "upstream_tls" [502], "No server of the upstream was reached: the TLS handshake failed, usually because the server's certificate is not trusted or is for another name. The callback was not sent.";
    UpstreamClosed = "upstream_closed" [502], "The upstream closed the connection before its answer was complete; it may have acted on the callback.";
    UpstreamInvalid = "upstream_invalid" [502], "The upstream's answer is not well-formed HTTP; it may have acted on the callback.";
    Overloaded = "overloaded" [503], "A limit is reached: on requests in flight (200 on one HTTP/2 connection), or on memory for bodies, which includes what a body of more than 256 KiB takes once it is parsed. Or a body of more than 16 KiB waited over 10 s for its turn to be verified.";
    CallbackInFlight = "callback_in_flight" [503], "A copy of the callback is being handled by the backend, or was when its proxy died; `Retry-After` says when to send it again.";
    OnceStoreUnavailable = "once_store_unavailable" [503], "The store of remembered callbacks is unreachable, or full of claims, so that repeats cannot be recognised; the provider will try again.";
    DecryptionBusy = "decryption_busy" [503], "The limit on callbacks that are being decrypted or wait for it is reached, or decryption took too long.";
    UpstreamTimeout = "upstream_timeout" [504], "The upstream took too long to accept the connection (`connect_timeout`: it has nothing of the callback), to read the request (`write_timeout`), or to answer (`read_timeout`). The error log names the limit.";
    AnswerNotSuccess = "answer_not_success" [200], "The backend answered 2xx, but the answer is not a success: its body is one of the scheme's `failure` words, or does not match the route's `success`. The provider got the answer unchanged, and the callback is not remembered: the next attempt reaches the backend. (The status is the backend's own.)";
    ClientClosed = "client_closed" [499], "The client disconnected before it had its answer. (No answer is sent; the log shows 499, as nginx does.) The backend had done its part.";
}

impl From<Fault> for Code {
    fn from(fault: Fault) -> Self {
        Self {
            index: fault as usize,
            name: fault.code(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why there is no answer from a backend.
#[derive(Debug)]
pub enum Refusal {
    /// The callback failed verification, and is refused with this status.
    Callback(Rejection, RefusalStatus),
    /// Anything else.
    Fault(Fault),
    /// A fault with the header, field or byte at fault, as the log names it.
    At(Fault, String),
    /// [`Fault::Internal`], with the text for the error log.
    Internal(String),
    /// [`Fault::MethodNotAllowed`], with the methods that are allowed.
    Method(String),
    /// [`Fault::RateLimited`], with the time to wait.
    TooOften(Duration),
    /// A temporary fault, with the time to wait.
    Later(Fault, Duration),
}

impl From<BadValue> for Refusal {
    fn from(error: BadValue) -> Self {
        Self::Internal(format!("cannot build the upstream header: {error}"))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refusal {
    /// The stable code in logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Callback(rejection, _) => rejection.reason.code(),
            Self::Fault(fault) | Self::At(fault, _) => fault.code(),
            Self::Internal(_) => Fault::Internal.code(),
            Self::Method(_) => Fault::MethodNotAllowed.code(),
            Self::TooOften(_) => Fault::RateLimited.code(),
            Self::Later(fault, _) => fault.code(),
        }
    }

    /// The fault, unless this is about verification.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Callback(..) => None,
            Self::Fault(fault) | Self::At(fault, _) => Some(*fault),
            Self::Internal(_) => Some(Fault::Internal),
            Self::Method(_) => Some(Fault::MethodNotAllowed),
            Self::TooOften(_) => Some(Fault::RateLimited),
            Self::Later(fault, _) => Some(*fault),
        }
    }

    /// A callback of this scheme, or a handshake, that failed verification.
    #[must_use]
    pub fn of_scheme(scheme: &Scheme, rejection: Rejection) -> Self {
        Self::Callback(rejection, scheme.refuse)
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Callback(_, status) => status.code(),
            Self::Fault(fault) | Self::At(fault, _) => fault.status(),
            Self::Internal(_) => Fault::Internal.status(),
            Self::Method(_) => Fault::MethodNotAllowed.status(),
            Self::TooOften(_) => Fault::RateLimited.status(),
            Self::Later(fault, _) => fault.status(),
        }
    }

    /// The code that the client sees. Of a callback, it reveals nothing that would help an attacker.
    #[must_use]
    pub fn public_code(&self) -> &'static str {
        match self {
            Self::Callback(..) => "invalid_callback",
            Self::Fault(fault) | Self::At(fault, _) if fault.status() == 400 => "invalid_request",
            other => other.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Reason;

    #[test]
    fn codes_are_distinct_from_each_other_and_from_reasons() {
        let mut codes: Vec<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
        codes.extend(Reason::ALL.iter().map(|reason| reason.code()));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
