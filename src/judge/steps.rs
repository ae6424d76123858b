//! The steps of judging a callback, for observers.

use std::sync::Arc;
use std::time::Duration;

use super::header_lines::HeaderLine;
use crate::config::Route;
use crate::verify::{self, CallbackValue, Key};

/// Observes the judgement of a callback. The proxy uses `()`, which compiles to nothing.
pub trait Steps: verify::VerifySteps {
    /// The route that matched.
    fn routed(&mut self, route: &Arc<Route>) {
        let _ = route;
    }

    /// The target that the provider called and signed.
    fn called(&mut self, target: &[u8]) {
        let _ = target;
    }

    /// The header of the request for the backend.
    fn prepared(&mut self, lines: &[HeaderLine]) {
        let _ = lines;
    }
}

impl Steps for () {}

/// A recorded step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The route with this name matched.
    Routed(String),
    /// The target that the provider called and signed.
    Called(Vec<u8>),
    /// A value that was found in the callback.
    Found(CallbackValue, Vec<u8>),
    /// A candidate for the signed content, with its number, counted from 0.
    Content(usize, Vec<u8>),
    /// Whether the key with this id made the signature over the last candidate.
    Tried(String, bool),
    /// The timestamp and the time of the check, in Unix seconds, and the largest accepted
    /// differences between them.
    Time(i64, i64, Option<Duration>),
    /// The header lines for the backend.
    Prepared(Vec<HeaderLine>),
}

/// Records every step, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepList(pub Vec<Step>);

impl verify::VerifySteps for StepList {
    fn found(&mut self, what: CallbackValue, value: &[u8]) {
        self.0.push(Step::Found(what, value.to_vec()));
    }

    fn content(&mut self, nth: usize, content: &[u8]) {
        self.0.push(Step::Content(nth, content.to_vec()));
    }

    fn tried(&mut self, key: &Key, matches: bool) {
        self.0.push(Step::Tried(key.id().to_owned(), matches));
    }

    fn time(&mut self, signed: i64, now: i64, max_age: Option<Duration>) {
        self.0.push(Step::Time(signed, now, max_age));
    }
}

impl Steps for StepList {
    fn routed(&mut self, route: &Arc<Route>) {
        self.0.push(Step::Routed(route.name.to_string()));
    }

    fn called(&mut self, target: &[u8]) {
        self.0.push(Step::Called(target.to_vec()));
    }

    fn prepared(&mut self, lines: &[HeaderLine]) {
        self.0.push(Step::Prepared(lines.to_vec()));
    }
}
