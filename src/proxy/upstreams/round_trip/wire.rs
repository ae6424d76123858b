//! A request in the form that a connection to a server needs.

use bytes::Bytes;
use pingora::http::RequestHeader;

use crate::judge::Delivery;

/// A request in the form that a connection needs. Only this module's parent sends one, and builds
/// it from a delivery.
#[derive(Clone)]
pub(in crate::proxy) struct Wire {
    pub(in crate::proxy) header: Box<RequestHeader>,
    pub(in crate::proxy) body: Bytes,
}

impl Wire {
    pub(in crate::proxy) fn new(delivery: &Delivery) -> Result<Self, Box<pingora::Error>> {
        let lines = delivery.lines();
        let method = delivery.method().clone();
        let mut header = RequestHeader::build(method, delivery.target(), Some(lines.len()))?;
        for line in lines {
            header.append_header(line.name.clone(), line.value.clone())?;
        }
        Ok(Self {
            header: Box::new(header),
            body: delivery.body().clone(),
        })
    }

    /// Sets the Host, of which a delivery to a server that gets its own has none.
    pub(super) fn set_host(&mut self, host: &str) -> Result<(), Box<pingora::Error>> {
        self.header.insert_header("Host", host)
    }
}
