//! What one configuration means for requests.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};

use super::backend_paths::BackendPaths;
use super::client::Client;
use super::head::Head;
use super::names::OurNames;
use super::peer::Peer;
use super::real_address::real_address;
use super::refusal::{Fault, Refusal};
use super::routes::Routes;
use super::shown_target::ShownTargets;
use super::steps::Steps;
use crate::config::{ClientAddress, Config, Route};

/// What one configuration means for requests: its routes arranged for lookup, and its header names.
pub struct Site {
    config: Config,
    routes: Routes,
    backend_paths: BackendPaths,
    pub(super) names: OurNames,
    shown_targets: ShownTargets,
}

impl Site {
    /// Arranges a configuration for requests.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            routes: Routes::new(&config.routes),
            backend_paths: BackendPaths::new(&config.routes),
            names: OurNames::new(&config),
            shown_targets: ShownTargets::new(&config.routes),
            config,
        }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The client of a request that comes from this peer with these headers, as far as trusted
    /// proxies report it.
    #[must_use]
    pub fn client(&self, peer: &Peer, headers: &HeaderMap) -> ClientAddress {
        let Config {
            trusted_proxies,
            client_ip_header,
            ..
        } = &self.config;
        real_address(peer, trusted_proxies, headers, client_ip_header)
    }

    /// The route of a request: the most specific one, by host, then by path, then by method.
    ///
    /// # Errors
    /// If no route matches, or a backend could read the target as another route's path.
    pub fn route<S: Steps>(&self, head: Head<'_>, steps: &mut S) -> Result<&Arc<Route>, Refusal> {
        let route = self.routes.of(head)?;
        self.backend_paths.check(route, head.target)?;
        steps.routed(route);
        Ok(route)
    }

    /// The same for a Host, a path without query, and a method.
    ///
    /// # Errors
    /// As [`Self::route`].
    pub fn route_of(
        &self,
        host: &str,
        path: &str,
        method: &Method,
    ) -> Result<&Arc<Route>, Refusal> {
        let route = self.routes.find(host, path, method)?;
        self.backend_paths.check(route, path.as_bytes())?;
        Ok(route)
    }

    /// The target of a request as logs show it: without signatures and tokens. Of a request without a
    /// route, without those of any route.
    #[must_use]
    pub fn shown_target<'t>(&self, route: Option<&Route>, target: &'t [u8]) -> Cow<'t, [u8]> {
        self.shown_targets.shown(route, target)
    }

    /// A header's value as logs show it: the same for one that is a target or a URL.
    #[must_use]
    pub fn shown_header(&self, value: &HeaderValue) -> HeaderValue {
        self.shown_targets.shown_header(value)
    }

    /// The `X-Forwarded-For` that a backend gets for a request.
    #[must_use]
    pub fn forwarded_for(&self, head: Head<'_>) -> String {
        self.by(head).forwarded_for()
    }

    pub(super) fn by<'a>(&self, head: Head<'a>) -> Client<'a> {
        Client::new(head, &self.config.trusted_proxies)
    }
}

/// Refuses a client that the route does not allow.
///
/// # Errors
/// [`Fault::AddressDenied`].
pub fn admit(route: &Route, client: ClientAddress) -> Result<(), Fault> {
    if route.access.permits(client) {
        Ok(())
    } else {
        Err(Fault::AddressDenied)
    }
}
