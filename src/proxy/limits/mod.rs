//! Limits on concurrency and rate.
//!
//! Counts survive a reload if the setting stays the same.

mod coming;
mod connection_slots;
mod connections;
mod gauge;
mod rate;
mod rate_sketch;
mod stalled;
mod throttle;

use std::collections::HashMap;
use std::sync::Arc;

use gauge::Counted;
use rate::Rate;

pub(super) use connection_slots::{NOT_TAKEN, Slot, Stall};
pub(super) use connections::{ConnectionPermit, Connections};
pub(super) use gauge::Gauge;
pub(super) use stalled::{Leaving, Stalled, StalledBodies, Standing};
pub(super) use throttle::Throttle;

use crate::config::{ClientAddress, Config, RateKey, Route};
use crate::judge::{Fault, Refusal};

/// The limits on requests of one configuration.
pub(super) struct RequestLimits {
    all: Gauge,
    /// For the routes that have any.
    routes: HashMap<String, RouteLimits>,
}

struct RouteLimits {
    in_flight: Gauge,
    rates: Vec<Arc<Rate>>,
}

/// A request that the limits admitted. It counts until it is dropped.
pub(super) struct Admitted {
    _counted: Option<Counted>,
}

impl RequestLimits {
    /// The limits of a configuration; counts continue from `previous`.
    pub(super) fn new(config: &Config, previous: Option<&Self>) -> Self {
        let limited =
            |route: &&Arc<Route>| route.in_flight.is_some() || !route.rate_limits.is_empty();
        let of_route = |route: &Arc<Route>| {
            let previous = previous.and_then(|limits| limits.routes.get(&*route.name));
            (route.name.to_string(), RouteLimits::new(route, previous))
        };
        Self {
            all: Gauge::new(config.in_flight, previous.map(|limits| &limits.all)),
            routes: config.routes.iter().filter(limited).map(of_route).collect(),
        }
    }

    /// Counts a request, whatever its result, or says why it is refused. If the limit is reached,
    /// one that waits for its client makes room.
    pub(super) fn admit(&self, bodies: &Arc<StalledBodies>) -> Result<Admitted, Fault> {
        let counted = self.all.count_or_make_room(bodies);
        Ok(Admitted {
            _counted: counted.map_err(|()| Fault::Overloaded)?,
        })
    }

    /// Records a client's call, or says that it comes too early.
    pub(super) fn take_rates(&self, route: &Route, client: ClientAddress) -> Result<(), Refusal> {
        let of_route = self.routes.get(&*route.name);
        for rate in of_route.iter().flat_map(|limits| &limits.rates) {
            rate.take(client).map_err(Refusal::TooOften)?;
        }
        Ok(())
    }

    /// Admits a request with a complete body, or says why it is refused. Requests whose bodies do
    /// not arrive take nothing of a route's limit.
    pub(super) fn admit_whole(&self, route: &Route) -> Result<Admitted, Fault> {
        let of_route = self.routes.get(&*route.name);
        let counted = of_route.map(|limits| limits.in_flight.count());
        let counted = counted.transpose().map_err(|()| Fault::Overloaded)?;
        Ok(Admitted {
            _counted: counted.flatten(),
        })
    }
}

impl RouteLimits {
    fn new(route: &Route, previous: Option<&Self>) -> Self {
        let mut before: Vec<_> = previous
            .map(|limits| limits.rates.clone())
            .unwrap_or_default();
        let mut rates: Vec<_> = route
            .rate_limits
            .iter()
            .map(|limit| {
                let same = before.iter().position(|rate| rate.limit() == limit);
                same.map(|at| before.swap_remove(at))
                    .unwrap_or_else(|| Arc::new(Rate::new(*limit)))
            })
            .collect();
        // A client over its own limit must not use up what all clients share.
        rates.sort_by_key(|rate| rate.limit().key == RateKey::Route);
        Self {
            in_flight: Gauge::new(route.in_flight, previous.map(|limits| &limits.in_flight)),
            rates,
        }
    }
}
