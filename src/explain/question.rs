//! What is asked, and the answer to it.

use std::net::SocketAddr;
use std::sync::Arc;

use http::header::HOST;

use super::describe;
use super::diagnosis::Diagnosis;
use super::explanation::{ExplainedOutcome, ExplainedStep, Explanation};
use super::find_cause::{CauseEvidence, of_reason};
use super::finding::{Finding, FindingCode};
use super::freshness_shown::Freshness;
use super::guarded::{GuardedText, Revealing, Veil};
use super::no_route;
use super::opened_keys;
use super::search_cause::SearchBound;
use super::suspects::{KnownKey, Surroundings};
use super::trial::Trial;
use super::watched::Watched;
use crate::config::{PathPattern, Route};
use crate::judge::{self, Fault, Head, Peer, Received, Refusal, Site};
use crate::verify::{Plenty, Reason, Rejection, VerifyError, VerifyPolicy};
use crate::written_request::{ReadNote, ReadRequest, WrittenRequest};

/// A request, and what is wanted to know of it.
pub struct Question<'q> {
    /// The request.
    pub request: ReadRequest,
    /// When it came, in Unix seconds.
    pub at: i64,
    /// Whether a search goes on where none of the usual causes fits.
    pub search: Option<SearchBound<'q>>,
    /// The permission to show secrets.
    pub reveal: Option<Revealing>,
    /// The other end of its connection, if that is known; else it is taken for a trusted proxy, if there are any.
    pub peer: Option<SocketAddr>,
}

impl Question<'_> {
    /// A request that came at this time.
    #[must_use]
    pub const fn new(request: ReadRequest, at: i64) -> Self {
        Self {
            request,
            at,
            search: None,
            reveal: None,
            peer: None,
        }
    }

    /// Explains it by a policy alone.
    #[must_use]
    pub fn by_policy(mut self, policy: &VerifyPolicy) -> Explanation {
        let mut steps = self.first_steps();
        let mut veil = Veil::over([&policy.keys]);
        veil.over_scheme(&policy.scheme);
        if let Some(permission) = self.reveal {
            veil.lift(permission);
        }
        let trial = Trial::new(policy, self.request.request.clone(), self.at);
        let mut watched = Watched::revealing(self.reveal);
        let verdict = trial.run(&mut watched);
        let around = Surroundings::default();
        let judged = Judged {
            trial,
            watched,
            verdict,
            max_age: policy.max_age,
        };
        let (outcome, finding) = self.explain(judged, &around, &veil, &mut steps);
        Explanation {
            outcome,
            finding,
            steps,
            veil,
        }
    }

    /// Explains it by a configuration: with the route that the proxy would find.
    #[must_use]
    pub fn by_site(mut self, site: &Site) -> Explanation {
        let mut steps = self.first_steps();
        let routes = &site.config().routes;
        let mut veil = Veil::over(routes.iter().map(|route| &route.policy.keys));
        for route in routes {
            veil.over_scheme(&route.policy.scheme);
        }
        let request = self.request.request.clone();
        let (outcome, finding) = self.on_site(site, &request, &veil, &mut steps);
        Explanation {
            outcome,
            finding,
            steps,
            veil,
        }
    }

    fn first_steps(&self) -> Vec<ExplainedStep> {
        let WrittenRequest {
            method,
            target,
            body,
            ..
        } = &self.request.request;
        let path = target
            .split(|byte| *byte == b'?')
            .next()
            .unwrap_or_default();
        let request = ExplainedStep::Request {
            method: method.to_string(),
            path: GuardedText::new(path),
            body: body.len(),
        };
        let notes = self.request.notes.iter();
        let notes = notes.map(|note| ExplainedStep::Note(GuardedText::new(note.to_string())));
        [request].into_iter().chain(notes).collect()
    }

    fn on_site(
        &mut self,
        site: &Site,
        request: &WrittenRequest,
        veil: &Veil,
        steps: &mut Vec<ExplainedStep>,
    ) -> (ExplainedOutcome, Finding) {
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let trusted = site.config().trusted_proxies.any_member();
        let peer = Peer::new(self.peer.or(trusted));
        let head = Head {
            method: &request.method,
            target: &request.target,
            host,
            headers: &request.headers,
            lines: &request.headers,
            peer: Peer {
                tls: self.request.https.unwrap_or(false),
                ..peer
            },
            request_id: "explained",
        };
        let route = match site.route(head, &mut ()) {
            Ok(route) => route,
            Err(refusal) => return no_route::explain(site, head, &refusal),
        };
        steps.push(ExplainedStep::Route(route.name.to_string()));
        if route.report.is_some() {
            let note =
                "the route is in report mode: its backend gets requests that are not verified, too";
            steps.push(ExplainedStep::Note(GuardedText::new(note)));
        }
        if route.own_answer(&request.method).is_some() {
            let first = "The proxy answers such a request itself: no backend sees it.";
            let finding = Finding::saying(Diagnosis::Handshake, first.to_owned());
            return (ExplainedOutcome::Answered, finding);
        }
        if request.body.len() > route.body_limit {
            return of_fault(Fault::BodyTooLarge);
        }
        match judge::handshake(site, route, head, &request.body, self.at) {
            Ok(None) => {}
            Ok(Some(_)) => {
                let finding = Finding::of(Diagnosis::Handshake);
                return (ExplainedOutcome::Handshake, finding);
            }
            Err(refusal) => return of_refusal(&refusal),
        }
        let mut called = CalledTarget(None);
        let received = match Received::new(site, route, head, &request.body, &mut called) {
            Ok(received) => received,
            Err(fault) => return of_fault(fault),
        };
        let mut watched = Watched::default();
        let verdict = judge::verify(&received, self.at, &mut Plenty, &mut watched);
        let verdict = verdict.map(drop).map_err(VerifyError::of_plenty);
        let target = called.0.unwrap_or_else(|| request.target.clone());
        let came = request.target.as_slice();
        let request = WrittenRequest {
            target,
            ..request.clone()
        };
        let around = surroundings(&site.config().routes);
        let trial = Trial::new(&route.policy, request, self.at);
        let called = trial.request.target.as_slice();
        if called != came {
            // A query can have the token in it.
            let end = called
                .iter()
                .position(|byte| trial.is_token() && *byte == b'?');
            let shown = called.get(..end.unwrap_or(called.len()));
            steps.push(ExplainedStep::Called(GuardedText::new(
                shown.unwrap_or_default(),
            )));
        }
        let judged = Judged {
            trial,
            watched,
            verdict,
            max_age: route.policy.max_age,
        };
        self.explain(judged, &around, veil, steps)
    }

    fn explain(
        &mut self,
        judged: Judged,
        around: &Surroundings,
        veil: &Veil,
        steps: &mut Vec<ExplainedStep>,
    ) -> (ExplainedOutcome, Finding) {
        let Judged {
            trial,
            watched,
            verdict,
            max_age,
        } = judged;
        let opened = opened_keys::open(&trial, &watched);
        let freshness = watched.timestamp().map(|signed| Freshness {
            signed,
            at: self.at,
            max_age,
        });
        steps.extend(describe::found(&trial, &watched, veil));
        steps.extend(describe::contents(&trial, &watched, veil));
        steps.extend(describe::keys(&trial, &watched, &opened));
        let expected = watched.expected.iter().cloned();
        steps.extend(expected.map(ExplainedStep::Expected));
        steps.extend(freshness.map(ExplainedStep::Freshness));
        // A policy alone was held against it whatever its age.
        let verdict = match (verdict, freshness) {
            (Ok(()), Some(freshness)) if !freshness.is_fresh() => Err(freshness.rejection()),
            (verdict, _) => verdict,
        };
        let rejection = match verdict {
            Ok(()) => return (ExplainedOutcome::Verified, Finding::of(Diagnosis::Genuine)),
            Err(rejection) => rejection,
        };
        let evidence = CauseEvidence {
            trial: &trial,
            watched: &watched,
            opened: &opened,
            around,
            veil,
            notes: &self.request.notes,
            freshness: freshness.as_ref(),
        };
        let mut finding = evidence.cause(&rejection, self.search.as_mut());
        let searched = self.search.as_ref();
        steps.extend(searched.map(|bound| ExplainedStep::Searched {
            tried: bound.tried(),
            found: bound.has_found(),
            told: bound.told(),
        }));
        // Age never ends an explanation: what would come behind it is told, too.
        let is_about_age = matches!(
            rejection.reason,
            Reason::TimestampStale | Reason::TimestampFuture
        );
        if let (true, Err(next)) = (is_about_age, trial.run(&mut ())) {
            finding = finding.with(format!(
                "once it is fresh, it would be rejected as well: {next}"
            ));
        }
        (ExplainedOutcome::Rejected(rejection.reason.code()), finding)
    }
}

/// A request that was verified, and what was seen of it.
struct Judged {
    trial: Trial,
    watched: Watched,
    verdict: Result<(), Rejection>,
    max_age: Option<std::time::Duration>,
}

/// Notes the target that the provider called.
struct CalledTarget(Option<Vec<u8>>);

impl crate::verify::VerifySteps for CalledTarget {}

impl judge::Steps for CalledTarget {
    fn called(&mut self, target: &[u8]) {
        self.0 = Some(target.to_vec());
    }
}

fn of_fault(fault: Fault) -> (ExplainedOutcome, Finding) {
    let finding = Finding {
        code: FindingCode::Fault(fault),
        first: fault.meaning().to_owned(),
        more: Vec::new(),
        changes: Vec::new(),
        advice: "See docs/faults.md and docs/reasons.md.".to_owned(),
    };
    (ExplainedOutcome::Rejected(fault.code()), finding)
}

fn of_refusal(refusal: &Refusal) -> (ExplainedOutcome, Finding) {
    match refusal {
        Refusal::Callback(rejection, _) => (
            ExplainedOutcome::Rejected(rejection.reason.code()),
            of_reason(rejection),
        ),
        other => of_fault(other.fault().unwrap_or(Fault::Internal)),
    }
}

/// What the other routes know.
fn surroundings(routes: &[Arc<Route>]) -> Surroundings {
    let keys = routes.iter().flat_map(|route| {
        route.policy.keys.all().map(|key| KnownKey {
            route: route.name.to_string(),
            key: Arc::clone(key),
        })
    });
    let paths = routes.iter().map(|route| match &route.path {
        PathPattern::Exact(path) | PathPattern::Prefix(path) => path.clone(),
    });
    Surroundings {
        keys: keys.collect(),
        paths: paths.collect(),
    }
}

/// The notes of a request that was not read from a text.
impl From<WrittenRequest> for ReadRequest {
    fn from(request: WrittenRequest) -> Self {
        Self {
            request,
            https: None,
            at: None,
            notes: Vec::<ReadNote>::new(),
        }
    }
}
