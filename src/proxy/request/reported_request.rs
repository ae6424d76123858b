//! A request to a route in report mode: judged as always, forwarded whatever the verdict.

use bytes::Bytes;
use pingora::protocols::http::ServerSession;

use super::aside;
use super::body::BufferedBody;
use super::exchange::Exchange;
use super::reply::Relayed;
use super::request_head;
use super::trace::Trace;
use crate::judge::{Head, Received, Refusal, Reported, Reporting};
use crate::proxy::limits::Admitted;
use crate::proxy::once::{self, Pass};

impl Exchange<'_> {
    /// Forwards a request that its route may not have verified. `share` is its part of the route's limit
    /// on requests in flight.
    pub(super) async fn report(
        &self,
        session: &mut ServerSession,
        reporting: Reporting<'_>,
        mut body: BufferedBody,
        share: Admitted,
        trace: &mut Trace,
    ) -> Result<Relayed, Refusal> {
        let (bytes, request_id) = (body.bytes.clone(), trace.request_id.clone());
        let head = request_head::of(session.req_header(), trace.peer, &request_id);
        let report = self
            .would_do(head, reporting, &bytes, &mut body, trace)
            .await?;
        let series = &self.generation.series;
        if let Reported::Rejected(refusal) = &report {
            trace.would_reject(refusal);
            series.would_reject(reporting.route(), refusal);
            self.keep_rejected(session, (reporting.route(), refusal), &bytes, trace);
        }
        let site = &self.generation.site;
        let delivery = site.report(reporting, head, &bytes, &report)?;
        let (held, pass) = ((body, bytes), Pass::unclaimed());
        self.deliver(session, delivery, held, share, &pass, trace)
            .await
    }

    /// What the route would have done, up to what needs a store or a private key.
    async fn would_do(
        &self,
        head: Head<'_>,
        reporting: Reporting<'_>,
        bytes: &Bytes,
        body: &mut BufferedBody,
        trace: &mut Trace,
    ) -> Result<Reported, Refusal> {
        let (site, route) = (&self.generation.site, reporting.route());
        let received = match Received::new(site, route, head, bytes, &mut ()) {
            Ok(received) => received,
            Err(fault) => return Ok(Reported::Rejected(fault.into())),
        };
        let (verdict, beside) = match self.judge(&received, body, trace).await {
            Ok(judged) => judged,
            Err(refusal @ Refusal::Callback(..)) => return Ok(Reported::Rejected(refusal)),
            // There is no verdict.
            Err(refusal) => return Err(refusal),
        };
        let identity = match &route.once {
            Some(policy) => once::identity(verdict.verified(), policy).map(drop),
            None => Ok(()),
        };
        let prepare = || site.prepare(&verdict, None, None, &mut ()).map(drop);
        let report = match identity.and_then(|()| aside::work(bytes.len(), prepare)) {
            Ok(()) => Reported::Verified,
            Err(refusal) => Reported::Rejected(refusal),
        };
        self.forget(verdict, body, beside);
        Ok(report)
    }
}
