//! A request's way without sockets: what decides about it, for tests and fuzzing.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use pingora::http::RequestHeader;

use super::client::{Client, Peer};
use super::headers::{HeaderFault, OurNames};
use super::real_address::real_address;
use super::refusal::{Fault, Refusal};
use super::routes::Routes;
use super::upstream_request::UpstreamRequest;
use crate::config::{ClientAddress, Config};
use crate::decrypt::Task;
use crate::verify::{Callback, verify};

/// The request id of every dry run.
const REQUEST_ID: &str = "dry-run";

/// What a configuration would do with requests. It goes through the functions that serve them, and
/// leaves out what takes a connection or remembers: framing, limits, `once`, and upstreams.
pub struct DryRun {
    config: Config,
    routes: Routes,
    names: OurNames,
}

/// What a backend would get.
pub struct Forwarded {
    /// Its route's name.
    pub route: String,
    /// The path and query.
    pub target: Vec<u8>,
    /// The header, in which every line is kept.
    pub headers: HeaderMap<HeaderValue>,
    /// The body.
    pub body: Bytes,
}

impl DryRun {
    /// Arranges a configuration for requests.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            routes: Routes::new(&config.routes),
            names: OurNames::new(&config),
            config,
        }
    }

    /// The name of the route that takes a request, by its Host, its path without query, and its method.
    ///
    /// # Errors
    /// The code of the fault if none takes it.
    pub fn route(&self, host: &str, path: &str, method: &Method) -> Result<&str, &'static str> {
        let found = self.routes.find(host, path, method);
        let route = found.map_err(|refusal| refusal.code())?;
        Ok(&route.name)
    }

    /// Whose a request is that comes from a peer with these headers.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap<HeaderValue>) -> ClientAddress {
        let Config {
            trusted_proxies,
            client_ip_header,
            ..
        } = &self.config;
        real_address(&tcp(peer), trusted_proxies, headers, client_ip_header)
    }

    /// The `X-Forwarded-For` that a backend would get of such a request.
    #[must_use]
    pub fn forwarded_for(&self, peer: IpAddr, headers: &HeaderMap<HeaderValue>) -> String {
        let proxies = &self.config.trusted_proxies;
        let received = read(&Method::POST, b"/", headers);
        let of = |received| Client::new(tcp(peer), proxies, received, REQUEST_ID).forwarded_for();
        received.as_ref().map(of).unwrap_or_default()
    }

    /// What a backend would get of a request that comes over a Unix socket in clear text at `now`,
    /// in Unix seconds.
    ///
    /// # Errors
    /// The code of the reason or fault if it would get nothing.
    pub fn forward(
        &self,
        method: &Method,
        target: &[u8],
        headers: &HeaderMap<HeaderValue>,
        body: &Bytes,
        now: i64,
    ) -> Result<Forwarded, &'static str> {
        let received = read(method, target, headers).map_err(|fault| fault.code());
        self.run(&received?, body, now)
            .map_err(|refusal| refusal.code())
    }

    fn run(&self, received: &RequestHeader, body: &Bytes, now: i64) -> Result<Forwarded, Refusal> {
        let peer = Peer::new(None);
        let route = self.routes.of(received)?;
        if !route.access.permits(peer.client()) {
            return Err(Fault::AddressDenied.into());
        }
        let proxies = &self.config.trusted_proxies;
        let client = Client::new(peer, proxies, received, REQUEST_ID);
        let target = client.signed_target(route)?;
        let method = received.method.as_str();
        let callback = Callback::new(method, &target, &received.headers, body);
        let verified = verify(&route.policy, callback, now)?;
        let clear = match &route.decrypt {
            None => None,
            Some(policy) => {
                let mut task = Task::new(&verified, &received.headers, body, policy);
                while !task.is_done() {
                    task.step();
                }
                Some(task.finish().map_err(|_| Fault::DecryptFailed)?)
            }
        };
        let request = UpstreamRequest::new(
            &verified,
            route,
            &self.names,
            received,
            &client,
            body.clone(),
            clear.as_ref(),
        )
        .map_err(|fault| match fault {
            HeaderFault::Field(_) => Fault::FieldTooLong,
            HeaderFault::Internal(_) => Fault::Internal,
        })?;
        Ok(Forwarded {
            route: route.name.to_string(),
            target: request.header.raw_path().to_vec(),
            headers: request.header.headers.clone(),
            body: request.body,
        })
    }
}

fn tcp(peer: IpAddr) -> Peer {
    Peer::new(Some(SocketAddr::new(peer, 0)))
}

fn read(
    method: &Method,
    target: &[u8],
    headers: &HeaderMap<HeaderValue>,
) -> Result<RequestHeader, Fault> {
    let malformed = |_| Fault::RequestMalformed;
    let capacity = Some(headers.len());
    let mut request = RequestHeader::build(method.clone(), target, capacity).map_err(malformed)?;
    for (name, value) in headers {
        request
            .append_header(name.clone(), value.clone())
            .map_err(malformed)?;
    }
    Ok(request)
}
