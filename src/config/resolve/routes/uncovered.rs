//! What the signatures of a route's callbacks do not cover.

use std::collections::HashSet;

use http::Method;

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::model::{PathPattern, Route};
use crate::config::reader::{Table, quote};
use crate::verify::language::StatedGap;
use crate::verify::{OnUnsigned, Scheme};

/// What a route does with bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyRule {
    /// They are signed, or stated to be accepted, or accepted once for each signature.
    Accepted,
    /// There must be none.
    None,
}

/// What decides that; `None` for values with an error.
pub(super) struct BodyOf<'r> {
    pub(super) scheme: Option<&'r Scheme>,
    pub(super) methods: Option<&'r [Method]>,
    /// Whether the route recognises repeats.
    pub(super) has_once: Option<bool>,
    /// Whether the route states that it takes bodies that nobody signed.
    pub(super) is_stated: Option<bool>,
}

/// Reports a route that would take bodies that nobody signed without saying so.
pub(super) fn body(table: &Table<'_>, of: &BodyOf<'_>) -> Option<BodyRule> {
    let scheme = of.scheme?;
    let name = quote(&scheme.name);
    let (methods, has_once, is_stated) = (of.methods?, of.has_once?, of.is_stated?);
    if has_once && !scheme.rules().coverage().tells_callbacks_apart() {
        table.problems().report(
            Diagnostic::error(
                "identity not certain",
                table.key_place(if table.has("once") { "once" } else { "scheme" }),
                format!(
                    "the signatures of the scheme {name} cover nothing that differs from one \
                     callback to the next: all but the first would be repeats"
                ),
            )
            .help("write `once = false`, and let the backend recognise repeats"),
        );
        return None;
    }
    let is_read = |method: &Method| matches!(*method, Method::GET | Method::HEAD);
    match (scheme.signs_body(), is_stated) {
        (true, false) | (false, true) => return Some(BodyRule::Accepted),
        (false, false) if methods.iter().all(is_read) => return Some(BodyRule::None),
        (false, false) if has_once => return Some(BodyRule::Accepted),
        (true, true) => table.problems().report(
            Diagnostic::error(
                "needless setting",
                table.key_place("uncovered_body"),
                format!("the signatures of the scheme {name} cover the body"),
            )
            .help("remove `uncovered_body`"),
        ),
        (false, false) => {
            let once = match scheme.rules().coverage().tells_callbacks_apart() {
                true => "add `once = true`, so that each signature is good for one delivery; or, ",
                false => "",
            };
            table.problems().report(
                Diagnostic::error(
                    "body not covered",
                    table.key_place("scheme"),
                    format!(
                        "the signatures of the scheme {name} do not cover the body: whoever has a \
                         callback can send it again with another one"
                    ),
                )
                .help(format!(
                    "{once}if the backend takes nothing from the body, add `uncovered_body = true`"
                )),
            );
        }
    }
    None
}

/// What was warned of.
#[derive(Debug, Default)]
pub(super) struct ToldGaps {
    seen: HashSet<(String, String)>,
}

impl ToldGaps {
    /// Warns of what an attacker can change in a captured callback of a route, unless the scheme
    /// states it: of a shipped one, the values on which backends rely are named all the same, since
    /// it is not the operator who stated it. The warning is for the first route that does not accept
    /// it.
    pub(super) fn warn(&mut self, table: &Table<'_>, route: &Route, context: &Context<'_>) {
        let scheme = &route.policy.scheme;
        let is_shipped = context.is_shipped(scheme);
        let (mut words, statements) = open_parts(route);
        if is_shipped {
            words.extend(scheme.rules().stated_matters());
        }
        if words.is_empty() {
            return;
        }
        let words = words.join(", ");
        let is_accepted = table
            .problems()
            .is_accepted_in_route(WarningName::NotSigned);
        if !is_accepted && !self.seen.insert((scheme.name.clone(), words.clone())) {
            return;
        }
        let why = format!(
            "the signatures of the scheme {} do not cover {words}: an attacker can change that in a \
             captured callback",
            quote(&scheme.name)
        );
        let how = if is_shipped {
            "accept it in the route: `accept_warnings = [\"not_signed\"]`".to_owned()
        } else {
            let codes = statements.iter().map(|gap| format!("\"{}\"", gap.code()));
            let codes: Vec<String> = codes.collect();
            format!(
                "state the rest in the scheme: `not_covered = [{}]`",
                codes.join(", ")
            )
        };
        let help = format!("let the backend use only what is signed, and {how}");
        let place = table.key_place("scheme");
        let warning = Diagnostic::warning(WarningName::NotSigned, place, why);
        table.problems().report(warning.help(help));
    }
}

/// What is neither covered nor stated nor the same in each callback of the route; and how it is
/// stated.
fn open_parts(route: &Route) -> (Vec<String>, Vec<StatedGap>) {
    let rules = route.policy.scheme.rules();
    let coverage = rules.coverage();
    let (mut words, mut statements) = (Vec::new(), Vec::new());
    let mut add = |gap: StatedGap, found: Vec<String>| {
        if !found.is_empty() && !rules.states_uncovered(gap) {
            words.extend(found);
            statements.push(gap);
        }
    };
    let word = |is_open: bool, word: &str| Vec::from_iter(is_open.then(|| word.to_owned()));
    let has_methods = route.methods.len() > 1;
    add(
        StatedGap::Method,
        word(has_methods && !coverage.covers_method(), "the method"),
    );
    let has_paths = matches!(route.path, PathPattern::Prefix(_));
    add(
        StatedGap::Path,
        word(has_paths && !coverage.covers_path(), "the path"),
    );
    let read = rules.read_unsigned();
    add(StatedGap::Query, coverage.changeable_parameters(&read));
    if route.policy.requirements.unsigned_fields != OnUnsigned::Refuse {
        add(StatedGap::Fields, coverage.changeable_fields(&read));
    }
    (words, statements)
}
