//! What the proxy answers in a backend's place, as a closed list.

use std::fmt;
use std::time::Duration;

use super::delivery::BadValue;
use crate::record::Code;
use crate::verify::Rejection;

/// Declares [`Fault`] once: variant, code, status, and the meaning that `docs/reasons.md` repeats.
macro_rules! faults {
    ($($variant:ident = $code:literal, $status:literal, $meaning:literal;)+) => {
        /// Why a request was not answered by a backend, or not well, apart from its verification.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $(#[doc = $meaning] $variant,)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code in logs and metrics.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The status of the answer.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)+
                }
            }

            /// One sentence: what happened, and who is usually at fault.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

faults! {
    RequestMalformed = "request_malformed", 400, "The request is not well-formed HTTP: a bad request line, target, Host, header, length or two different lengths, a Transfer-Encoding that does not end in `chunked`, a line that ends without CR, too many header lines, or more than 100 options in `Connection`.";
    HostMissing = "host_missing", 400, "An HTTP/1.1 request without a Host header.";
    LengthAmbiguous = "length_ambiguous", 400, "Both Content-Length and Transfer-Encoding, or the same length more than once: two servers could see two different bodies.";
    EncodingUnsupported = "encoding_unsupported", 400, "A Transfer-Encoding that is more than `chunked`.";
    UpgradeRefused = "upgrade_refused", 400, "The client asks for another protocol than HTTP; callbacks have none.";
    TargetForm = "target_form", 400, "The request target is not a path that begins with a slash.";
    TargetAmbiguous = "target_ambiguous", 400, "Under a prefix route, the path has `..`, `//`, an encoded slash or the like, or is another route's once decoded, without letter case, or less its end: the backend could act on another path than the one routed.";
    OriginalTargetUntrusted = "original_target_untrusted", 400, "The route takes the original target from a header, and the peer is no trusted proxy.";
    OriginalTargetMissing = "original_target_missing", 400, "The trusted proxy sent no header with the original target.";
    OriginalTargetRepeated = "original_target_repeated", 400, "The header with the original target is there more than once.";
    IdentityUnusable = "identity_unusable", 400, "The route recognises repeats by fields of the body, and one of them is missing, empty, no plain value, or holds what joins fields to be signed; or the body could have been signed as another, so that whoever has it could make a second callback of it.";
    BodyIncomplete = "body_incomplete", 400, "The body ended before its length, or a chunk is malformed: the client broke off.";
    FieldTooLong = "field_too_long", 400, "A field that the route hands over as a header is longer than 4 KiB once encoded.";
    DecryptFailed = "decrypt_failed", 400, "A value of a verified callback does not decrypt, and the route's rule says to refuse that: another key, a damaged value, or one that is not encrypted.";
    AddressDenied = "address_denied", 403, "The client's address is on the route's `deny` list, or not on its `allow` list.";
    RouteNotFound = "route_not_found", 404, "No route has this host and path.";
    MethodNotAllowed = "method_not_allowed", 405, "Routes have this host and path, but not this method.";
    CallbackRepeated = "callback_repeated", 409, "A backend took the callback before, and the route refuses repeats.";
    HeaderTimeout = "header_timeout", 408, "The client took too long over its request header, or sent less of it than `min_rate` asks for.";
    BodyTimeout = "body_timeout", 408, "The client took too long over its body, sent less of it than `min_rate` asks for, or sent nothing for a while when others needed the room.";
    BodyTooLarge = "body_too_large", 413, "The body is longer than the route allows.";
    TargetTooLong = "target_too_long", 414, "The path is longer than 4 KiB.";
    ExpectationFailed = "expectation_failed", 417, "An Expect header other than `100-continue`.";
    RateLimited = "rate_limited", 429, "The client, or all clients together, call the route more often than its `rate_limit` allows; `Retry-After` says when it does.";
    HeaderTooLarge = "header_too_large", 431, "The request header is longer than 64 KiB.";
    Internal = "internal", 500, "A fault of the proxy's own; the error log says more.";
    UpstreamUnreachable = "upstream_unreachable", 502, "No server of the upstream took a connection; the callback reached none of them.";
    UpstreamTls = "upstream_tls", 502, "No server of the upstream was reached: the TLS handshake failed, most often because the server's certificate is not trusted or for another name. The callback was not sent.";
    UpstreamClosed = "upstream_closed", 502, "The upstream closed the connection before its answer was whole; it may have acted on the callback.";
    UpstreamInvalid = "upstream_invalid", 502, "The upstream's answer is not well-formed HTTP; it may have acted on the callback.";
    Overloaded = "overloaded", 503, "As many requests are in flight (200 on one HTTP/2 connection), or as many bytes of bodies are held, as the limits allow. What a body of over 256 KiB takes once it is parsed counts, too. Or the turn of a body of over 16 KiB to be verified did not come within 10 s.";
    CallbackInFlight = "callback_in_flight", 503, "A copy of the callback is with the backend, or was when its proxy died; `Retry-After` says when to send it again.";
    OnceStoreUnavailable = "once_store_unavailable", 503, "The store that remembers callbacks cannot be reached or is full of claims, so nobody knows whether this one is a repeat; the provider will try again.";
    DecryptionBusy = "decryption_busy", 503, "As many callbacks are decrypted or wait for it as the limits allow, or it took too long.";
    UpstreamTimeout = "upstream_timeout", 504, "The upstream took too long to connect, to take the request, or to answer.";
    AnswerNotSuccess = "answer_not_success", 200, "The backend answered with a 2xx that is no success: its body is one of the scheme's `failure` words, or it is not what the route's `success` names. The provider got the answer as it is, and the callback is not remembered: the next try reaches the backend. (The status is the backend's own.)";
    ClientClosed = "client_closed", 499, "The client went away before it had its answer (no answer is sent; the log shows 499 as nginx does). The backend's part was done.";
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

/// Why there is no backend's answer.
#[derive(Debug)]
pub enum Refusal {
    /// The callback failed verification.
    Callback(Rejection),
    /// Anything else.
    Fault(Fault),
    /// A fault at a place of the callback, as the log names it.
    At(Fault, String),
    /// [`Fault::Internal`], with what the error log says of it.
    Internal(String),
    /// [`Fault::MethodNotAllowed`], with the methods that are.
    Method(String),
    /// [`Fault::RateLimited`], with how long to wait.
    TooOften(Duration),
    /// A fault that is over some time, with how long to wait.
    Later(Fault, Duration),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Callback(rejection)
    }
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
            Self::Callback(rejection) => rejection.reason.code(),
            Self::Fault(fault) | Self::At(fault, _) => fault.code(),
            Self::Internal(_) => Fault::Internal.code(),
            Self::Method(_) => Fault::MethodNotAllowed.code(),
            Self::TooOften(_) => Fault::RateLimited.code(),
            Self::Later(fault, _) => fault.code(),
        }
    }

    /// The fault, if it is about anything but the verification.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Callback(_) => None,
            Self::Fault(fault) | Self::At(fault, _) => Some(*fault),
            Self::Internal(_) => Some(Fault::Internal),
            Self::Method(_) => Some(Fault::MethodNotAllowed),
            Self::TooOften(_) => Some(Fault::RateLimited),
            Self::Later(fault, _) => Some(*fault),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Callback(_) => 400,
            Self::Fault(fault) | Self::At(fault, _) => fault.status(),
            Self::Internal(_) => Fault::Internal.status(),
            Self::Method(_) => Fault::MethodNotAllowed.status(),
            Self::TooOften(_) => Fault::RateLimited.status(),
            Self::Later(fault, _) => fault.status(),
        }
    }

    /// What the client is told: of a 400, nothing that would help it to do better.
    #[must_use]
    pub fn public_code(&self) -> &'static str {
        match self {
            Self::Callback(_) => "invalid_callback",
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
