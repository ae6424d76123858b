//! State that all requests share, whatever their configuration.

use std::sync::Arc;

use arc_swap::ArcSwap;
use pingora::protocols::http::{ReusableHttpStream, ServerSession};

use super::generation::{Generation, Setup};
use super::serve_error::ServeError;
use crate::config::ListenAddress;
use crate::judge::{Fault, Peer};
use crate::ops::descriptors;
use crate::ops::drain::Drain;
use crate::ops::line_sink::dropped_lines;
use crate::ops::upgrade::ServerAddresses;
use crate::proxy::admin::History;
use crate::proxy::connection::Unserved;
use crate::proxy::control::Captures;
use crate::proxy::limits::{Connections, Slot};
use crate::proxy::metrics::{Metrics, Now};
use crate::proxy::once::{OpenError, Stores};
use crate::proxy::request::{BodyBudget, Exchange, Trace, Unreadable};
use crate::proxy::upstreams;

/// State that all requests share.
pub(in crate::proxy) struct Proxy {
    pub(in crate::proxy) drain: Drain,
    generation: ArcSwap<Generation>,
    memory: Arc<upstreams::ServerMemory>,
    stores: Stores,
    captures: Arc<Captures>,
    budget: Arc<BodyBudget>,
    pub(in crate::proxy) connections: Arc<Connections>,
    pub(in crate::proxy) unserved: Unserved,
    /// The number that the process has descriptors for.
    most_connections: usize,
    pub(in crate::proxy) metrics: Metrics,
    pub(in crate::proxy) history: History,
}

impl Proxy {
    /// `addresses` are those that the process before knew.
    ///
    /// # Errors
    /// If the store of remembered callbacks cannot be opened, or a metric cannot be created, which
    /// tests would catch.
    pub(in crate::proxy) fn new(
        setup: Setup,
        addresses: Vec<ServerAddresses>,
    ) -> Result<Self, ServeError> {
        let memory = Arc::new(upstreams::ServerMemory::with_addresses(addresses));
        let stores = Stores::default();
        let metrics = Metrics::new()?;
        let captures = Arc::<Captures>::default();
        Ok(Self {
            drain: Drain::new(),
            budget: Arc::new(BodyBudget::new(setup.config.buffer_limit)),
            history: History::new(setup.file.clone(), setup.overridden.clone()),
            generation: ArcSwap::from_pointee(Generation::new(
                setup,
                (&memory, &stores, &captures),
                &metrics,
                None,
            )?),
            memory,
            stores,
            captures,
            connections: Arc::default(),
            unserved: Unserved::default(),
            most_connections: descriptors::most_connections(),
            metrics,
        })
    }

    /// The limit on client connections.
    pub(in crate::proxy) fn connection_limit(&self) -> usize {
        let wanted = self.current().config().connections.total;
        wanted.min(self.most_connections)
    }

    /// The configuration for requests that start now.
    pub(in crate::proxy) fn current(&self) -> Arc<Generation> {
        self.generation.load_full()
    }

    /// Switches new requests to another configuration.
    ///
    /// # Errors
    /// If the store of remembered callbacks cannot be opened. Then the old configuration stays
    /// active.
    pub(in crate::proxy) fn replace(&self, setup: Setup) -> Result<(), OpenError> {
        let buffer_limit = setup.config.buffer_limit;
        let previous = self.current();
        let generation = Generation::new(
            setup,
            (&self.memory, &self.stores, &self.captures),
            &self.metrics,
            Some(&previous),
        )?;
        self.budget.set_limit(buffer_limit);
        let generation = Arc::new(generation);
        self.generation.store(Arc::clone(&generation));
        previous.upstreams.retire();
        self.metrics.keep_only(generation.config());
        Ok(())
    }

    /// The addresses that servers' names have now.
    pub(super) fn server_addresses(&self) -> Vec<ServerAddresses> {
        self.memory.addresses()
    }

    /// Logs what `once` and `capture` lose when this process ends.
    pub(super) fn warn_of_forgetting(&self) {
        self.stores.warn_of_end();
        self.captures.tell_end();
    }

    /// The captured requests.
    pub(super) fn captures(&self) -> &Arc<Captures> {
        &self.captures
    }

    /// Records the result of a reload, for the admin listener.
    pub(in crate::proxy) fn reloaded(&self, result: Result<(), String>) {
        self.metrics.reloaded(result.is_ok());
        self.history.reloaded(result);
    }

    /// The current state.
    pub(in crate::proxy) fn now(&self) -> Now {
        Now {
            in_flight: self.drain.in_flight(),
            connections: self.drain.connections(),
            connection_limit: self.connection_limit(),
            unserved: self.unserved.so_far(),
            evicted_connections: self.connections.evicted_so_far(),
            buffered: self.budget.held(),
            buffer_limit: self.budget.limit(),
            upstreams: self.current().upstreams.snapshot(),
            once: (self.current().once.as_ref()).map(|claims| claims.ledger().store().usage()),
            captures: (self.current().captures.as_ref()).map(|captures| captures.usage()),
            log_lines_dropped: dropped_lines(),
            started: self.history.started(),
        }
    }

    /// Answers a request whose header was read, on a connection from this listener. Returns the
    /// connection if it can be reused.
    pub(in crate::proxy) async fn serve(
        &self,
        session: Box<ServerSession>,
        peer: Peer,
        slot: &Arc<Slot>,
        listener: &ListenAddress,
    ) -> Option<ReusableHttpStream> {
        let _in_flight = self.drain.enter()?;
        let generation = self.current();
        let trace = trace(&generation, &session, peer);
        let exchange = self.exchange(&generation, slot);
        exchange.serve(session, trace, listener).await
    }

    /// Refuses a request whose header was read, and reads nothing more.
    pub(in crate::proxy) async fn refuse(
        &self,
        session: Box<ServerSession>,
        peer: Peer,
        slot: &Arc<Slot>,
        fault: Fault,
    ) {
        let generation = self.current();
        let trace = trace(&generation, &session, peer);
        let exchange = self.exchange(&generation, slot);
        exchange.serve_refused(session, trace, fault).await;
    }

    /// Answers a request whose header could not be read.
    pub(in crate::proxy) async fn serve_unreadable(
        &self,
        session: Box<ServerSession>,
        peer: Peer,
        slot: &Arc<Slot>,
        unreadable: Box<Unreadable>,
    ) {
        let generation = self.current();
        let trace = Box::new(Trace::new(peer));
        self.exchange(&generation, slot)
            .serve_unreadable(session, trace, unreadable)
            .await;
    }

    fn exchange<'p>(&'p self, generation: &'p Generation, slot: &'p Arc<Slot>) -> Exchange<'p> {
        Exchange {
            generation,
            drain: &self.drain,
            budget: &self.budget,
            slot,
        }
    }
}

/// The facts about a request whose header was read.
fn trace(generation: &Generation, session: &ServerSession, peer: Peer) -> Box<Trace> {
    let mut trace = Box::new(Trace::new(peer));
    let headers = &session.req_header().headers;
    trace.client = generation.site.client(&peer, headers);
    trace
}
