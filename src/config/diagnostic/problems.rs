//! Collects problems while a configuration is read, without the warnings that it accepts.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;

use super::{Diagnostic, Place, Severity, WarningName};

/// Shown in place of a secret.
const MASK: &str = "[...]";

/// Shorter texts are parts of too many words.
const SHORT: usize = 4;

/// The problems found so far.
#[derive(Debug, Default)]
pub(in crate::config) struct Problems {
    list: RefCell<Vec<Diagnostic>>,
    accepted: RefCell<Vec<Accepted>>,
    /// What no message may quote: what looks like a secret in expressions.
    secrets: RefCell<Vec<String>>,
    /// The route that is being read, by its place in the configuration.
    route: Cell<Option<usize>>,
}

/// A warning that the configuration accepts.
#[derive(Debug)]
struct Accepted {
    name: WarningName,
    place: Place,
    /// The route in which it is accepted; `None`: everywhere.
    route: Option<usize>,
    /// Whether there was such a warning.
    occurred: bool,
}

impl Accepted {
    fn covers(&self, diagnostic: &Diagnostic) -> bool {
        let is_here = |route| diagnostic.routes.contains(&route);
        diagnostic.name == Some(self.name) && self.route.is_none_or(is_here)
    }
}

impl Problems {
    pub(in crate::config) fn report(&self, mut diagnostic: Diagnostic) {
        diagnostic.routes.extend(self.route.get());
        self.list.borrow_mut().push(diagnostic);
    }

    /// Calls the function. What it reports is about this route, and what it accepts is accepted
    /// for this route.
    pub(in crate::config) fn in_route<T>(&self, route: usize, read: impl FnOnce() -> T) -> T {
        let outer = self.route.replace(Some(route));
        let read = read();
        self.route.set(outer);
        read
    }

    /// Accepts a warning in the route that is being read, or everywhere; `place` says so.
    pub(in crate::config) fn accept(&self, name: WarningName, place: Place) {
        self.accepted.borrow_mut().push(Accepted {
            name,
            place,
            route: self.route.get(),
            occurred: false,
        });
    }

    /// Whether the route that is being read accepts a warning by itself.
    pub(in crate::config) fn is_accepted_in_route(&self, name: WarningName) -> bool {
        let route = self.route.get();
        let accepted = self.accepted.borrow();
        route.is_some()
            && (accepted.iter()).any(|accepted| accepted.name == name && accepted.route == route)
    }

    /// Shows each warning about something that an operator's file does not have at the routes that use it: at
    /// the first one that does not accept it by itself, and at those that do. `routes_of` returns them for a
    /// place, if it is of such a kind.
    pub(in crate::config) fn tell_routes<'r>(
        &self,
        routes_of: impl Fn(Place) -> Option<&'r [(usize, Place)]>,
    ) {
        let accepted = self.accepted.borrow();
        let told = self.list.take().into_iter().flat_map(|diagnostic| {
            let Some(routes) = routes_of(diagnostic.primary.place) else {
                return vec![diagnostic];
            };
            let is_accepted = |route| {
                let mut accepted = accepted.iter();
                accepted.any(|one| Some(one.name) == diagnostic.name && one.route == Some(route))
            };
            let mut is_shown = false;
            let mut routes = routes.to_vec();
            routes.retain(|(route, _)| {
                is_accepted(*route) || !std::mem::replace(&mut is_shown, true)
            });
            let at = |(route, place)| diagnostic.clone().at_route(route, place);
            routes.into_iter().map(at).collect()
        });
        let told = told.collect();
        self.list.replace(told);
    }

    /// Removes the accepted warnings. Warns of those that did not occur, unless an error may have
    /// hidden them.
    pub(in crate::config) fn remove_accepted(&self) {
        let mut accepted = self.accepted.take();
        let all: Vec<_> = self.list.borrow().iter().map(|one| one.name).collect();
        self.list.borrow_mut().retain(|diagnostic| {
            let mut is_accepted = false;
            for accepted in accepted.iter_mut().filter(|one| one.covers(diagnostic)) {
                accepted.occurred = true;
                is_accepted = true;
            }
            !is_accepted
        });
        if self.has_errors() {
            return;
        }
        let needless = |one: &&Accepted| !one.occurred && !one.name.depends_on_machine();
        for Accepted {
            name, place, route, ..
        } in accepted.iter().filter(needless)
        {
            const REMOVE: &str = "remove the name: it would hide a warning that comes later";
            let (why, help) = match route {
                None => ("there is no such warning about this configuration", REMOVE),
                Some(_) if all.contains(&Some(*name)) => (
                    "the warning of this name is not about this route",
                    "move the name to `accept_warnings` at the top level, or remove it",
                ),
                Some(_) => ("there is no such warning about this route", REMOVE),
            };
            let needless = Diagnostic::warning(WarningName::NothingAccepted, *place, why);
            self.report(needless.help(help));
        }
    }

    pub(in crate::config) fn has_errors(&self) -> bool {
        self.list
            .borrow()
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Keeps a part of the configuration out of every message, those that were reported, too.
    pub(in crate::config) fn keep_secret(&self, text: &str) {
        if text.len() >= SHORT {
            self.secrets.borrow_mut().push(text.to_owned());
        }
    }

    pub(in crate::config) fn into_list(self) -> Vec<Diagnostic> {
        let mut list = self.list.into_inner();
        let mut secrets = self.secrets.into_inner();
        // One secret may contain another one.
        secrets.sort_by_key(|secret| Reverse(secret.len()));
        for diagnostic in &mut list {
            let labels = diagnostic
                .others
                .iter_mut()
                .chain([&mut diagnostic.primary]);
            let words = labels.map(|label| &mut label.text);
            let more = diagnostic.note.iter_mut().chain(&mut diagnostic.help);
            for text in words.chain(more) {
                for secret in &secrets {
                    if text.contains(secret) {
                        *text = text.replace(secret, MASK);
                    }
                }
            }
        }
        list
    }
}
