//! Requests for the tests of the formats.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method};

use crate::record::{Caller, ClientAddress, Finished, ReceivedHead, Sizes};
use crate::verify::Scheme;

/// Input of a client that tries to forge a line.
pub(crate) const HOSTILE: &str = "/\" 200 \r\nforged\u{1b}[31m\u{85}\\";

/// The same, restricted to what a Host header can hold.
pub(crate) const HOSTILE_HOST: &str = "/\" 200 forged[31m\\";

/// A callback that was refused.
pub(crate) fn refused(target: &str, host: &str) -> Finished {
    Finished {
        request_id: "0af".to_owned(),
        time: Some(SystemTime::UNIX_EPOCH),
        duration: Duration::from_micros(1234),
        caller: Caller {
            address: ClientAddress::Ip("192.0.2.1".parse().unwrap()),
            port: Some(4711),
            peer: None,
        },
        received: Some(ReceivedHead {
            method: Method::POST,
            target: target.into(),
            protocol: Some("HTTP/1.1"),
            host: Some(HeaderValue::from_str(host).unwrap()),
            headers: Vec::new(),
        }),
        sizes: Sizes {
            body_in: 512,
            body_out: 60,
            ..Sizes::default()
        },
        route: Some("shop".into()),
        scheme: Some(Arc::new(Scheme::find_built_in("sgate").unwrap().clone())),
        read: Some(Duration::from_micros(7)),
        verdict: Some("rejected"),
        status: 400,
        reason: Some("signature_mismatch"),
        at: Some("field:a b".to_owned()),
        ..Finished::default()
    }
}
