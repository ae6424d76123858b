//! Routes that accept the same requests.

use std::collections::HashMap;

use http::Method;

use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::model::{HostPattern, PathPattern};
use crate::config::reader::{Table, Text};

/// The requests that earlier routes accept.
#[derive(Debug, Default)]
pub(super) struct Conflicts(HashMap<(HostPattern, PathPattern), Vec<(Method, Place)>>);

impl Conflicts {
    /// Reports a route that accepts requests of an earlier one; `own` are the methods of those that the
    /// proxy itself answers. Returns the parts if all are valid.
    pub(super) fn check(
        &mut self,
        table: &Table<'_>,
        host: Option<HostPattern>,
        path: Option<(PathPattern, Text<'_>)>,
        methods: Option<Vec<Method>>,
        own: Vec<Method>,
    ) -> Option<(HostPattern, PathPattern, Vec<Method>)> {
        let (host, (path, text), methods) = (host?, path?, methods?);
        let taken = self.0.entry((host.clone(), path.clone())).or_default();
        let accepted = || methods.iter().chain(&own);
        let overlap = accepted().find_map(|method| taken.iter().find(|(other, _)| other == method));
        if let Some((method, first)) = overlap {
            let host = match &host {
                HostPattern::Any => "any host".to_owned(),
                HostPattern::Suffix(suffix) => format!("host *{suffix}"),
                HostPattern::Exact(name) => format!("host {name}"),
            };
            table.problems().report(
                Diagnostic::error(
                    "route conflict",
                    text.place,
                    format!("this route and another one accept {method} for {host} and this path"),
                )
                .and(*first, "the other one is here")
                .help("change the host, the path or the methods of one of them, or remove it"),
            );
            return None;
        }
        taken.extend(accepted().map(|method| (method.clone(), text.place)));
        Some((host, path, methods))
    }
}
