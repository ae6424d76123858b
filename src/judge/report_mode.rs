//! Report mode: a request on its way to the backend whatever its verdict.

use std::sync::Arc;

use bytes::Bytes;

use super::delivery::Delivery;
use super::head::Head;
use super::headers;
use super::refusal::Refusal;
use super::site::Site;
use crate::config::Route;

/// The permission to forward a request without a verdict: its route is in report mode now.
#[derive(Clone, Copy, Debug)]
pub struct Reporting<'a>(&'a Arc<Route>);

impl<'a> Reporting<'a> {
    /// `None` if the route rejects what fails verification. `now` is in Unix seconds, and asked for only
    /// where it matters.
    #[must_use]
    pub fn at(now: impl FnOnce() -> i64, route: &'a Arc<Route>) -> Option<Self> {
        let report = route.report.as_ref()?;
        report.goes_on(now).then_some(Self(route))
    }

    /// The route.
    #[must_use]
    pub fn route(self) -> &'a Arc<Route> {
        self.0
    }
}

/// What a route in report mode would have done with a request.
#[derive(Debug)]
pub enum Reported {
    /// It would have forwarded it.
    Verified,
    /// It would have refused it.
    Rejected(Refusal),
}

impl Reported {
    /// For the backend. It has nothing of the request in it, so it is no oracle for more than the reason.
    fn header(&self) -> String {
        match self {
            Self::Verified => "verified".to_owned(),
            Self::Rejected(refusal) => format!("rejected; reason={}", refusal.code()),
        }
    }
}

impl Site {
    /// Builds the backend's request from one that may be forged: without any verified header, and with
    /// what the route would have done.
    ///
    /// # Errors
    /// If a header cannot be built.
    pub fn report(
        &self,
        reporting: Reporting<'_>,
        head: Head<'_>,
        body: &Bytes,
        report: &Reported,
    ) -> Result<Delivery, Refusal> {
        let route = reporting.route();
        let lines = headers::reported(
            head,
            route,
            self.by(head),
            &self.names,
            body.len(),
            &report.header(),
        )?;
        Ok(Delivery::new(route, head, lines, body.clone()))
    }
}
