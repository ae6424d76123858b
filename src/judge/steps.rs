//! What was done with a callback, step by step.

use std::sync::Arc;
use std::time::Duration;

use super::delivery::{Delivery, HeaderLine};
use crate::config::Route;
use crate::verify::{self, Found, Key};

/// Who watches a callback on its road. Of `()`, which the proxy uses, nothing is left once it is compiled.
pub trait Steps: verify::Steps {
    /// This route takes it.
    fn routed(&mut self, route: &Arc<Route>) {
        let _ = route;
    }

    /// This is what its provider called and signed, of what was received.
    fn called(&mut self, target: &[u8]) {
        let _ = target;
    }

    /// This is what its backend gets.
    fn prepared(&mut self, delivery: &Delivery) {
        let _ = delivery;
    }
}

impl Steps for () {}

/// A step, written down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The route of this name takes it.
    Routed(String),
    /// This is what its provider called and signed.
    Called(Vec<u8>),
    /// This value was found in it.
    Found(Found, Vec<u8>),
    /// This may be what was signed: the candidate of that number, counted from 0.
    Content(usize, Vec<u8>),
    /// The key of this id made the signature over the last candidate, or did not.
    Tried(String, bool),
    /// When it was signed, and when that was looked at, in Unix seconds; and how far these may be apart.
    Time(i64, i64, Option<Duration>),
    /// Its backend gets these header lines.
    Prepared(Vec<HeaderLine>),
}

/// Writes every step down, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepList(pub Vec<Step>);

impl verify::Steps for StepList {
    fn found(&mut self, what: Found, value: &[u8]) {
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

    fn prepared(&mut self, delivery: &Delivery) {
        self.0.push(Step::Prepared(delivery.lines().to_vec()));
    }
}
