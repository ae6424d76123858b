//! A request in the form that a connection to a server needs.

use bytes::Bytes;
use pingora::http::RequestHeader;
use pingora::{Error, ErrorType};

use super::request_line::{PLACEHOLDER, RequestLine};
use crate::judge::Delivery;

/// A request in the form that a connection needs. Only this module's parent sends one, and builds
/// it from a delivery.
#[derive(Clone)]
pub(in crate::proxy) struct Wire {
    pub(in crate::proxy) header: Box<RequestHeader>,
    pub(in crate::proxy) body: Bytes,
    /// The beginning of the request, if the header has a placeholder in its place.
    pub(in crate::proxy) line: Option<RequestLine>,
}

impl Wire {
    pub(in crate::proxy) fn new(delivery: &Delivery) -> Result<Self, Box<pingora::Error>> {
        let lines = delivery.lines();
        let (method, target) = (delivery.method(), delivery.target());
        let build = |target| RequestHeader::build(method.clone(), target, Some(lines.len()));
        let as_is = build(target)
            .ok()
            .filter(|header| header.raw_path() == target);
        let (mut header, line) = match as_is {
            Some(header) => (header, None),
            None => {
                let line = RequestLine::new(method, target);
                let line = line.ok_or_else(|| Error::new(ErrorType::InvalidHTTPHeader))?;
                (build(PLACEHOLDER)?, Some(line))
            }
        };
        for line in lines {
            header.append_header(line.name.clone(), line.value.clone())?;
        }
        Ok(Self {
            header: Box::new(header),
            body: delivery.body().clone(),
            line,
        })
    }

    /// Sets the Host, of which a delivery to a server that gets its own has none.
    pub(super) fn set_host(&mut self, host: &str) -> Result<(), Box<pingora::Error>> {
        self.header.insert_header("Host", host)
    }
}
