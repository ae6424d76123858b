//! Schemes that come with the program, beside those of the operator's.

use std::sync::Arc;

use super::{Schemes, about, scheme};
use crate::config::catalogue::{ShippedFile, shipped_names};
use crate::config::diagnostic::{Diagnostic, Place, Problems};
use crate::config::model::SchemeAbout;
use crate::config::reader::{Table, Text};
use crate::config::resolve::headers::Prefix;
use crate::verify::Scheme;

/// A scheme that comes with the program, and the routes that use it.
#[derive(Debug)]
pub(in crate::config::resolve) struct UsedScheme<'a> {
    table: Table<'a>,
    name: Text<'a>,
    /// The routes by their place in the configuration, and where each names the scheme.
    routes: Vec<(usize, Place)>,
}

impl<'a> UsedScheme<'a> {
    /// Those of these tables that routes name.
    pub(in crate::config::resolve) fn find_all(
        shipped: &[Table<'a>],
        routes: &[Table<'_>],
    ) -> Vec<Self> {
        let used = shipped.iter().filter_map(|table| {
            let name = table.get("name")?.text()?;
            let routes = routes.iter().enumerate();
            let routes = routes.filter_map(|(nth, route)| {
                let (_, value) = route.written().get_key_value("scheme")?;
                let is_named = value.get_ref().as_str() == Some(name.text);
                is_named.then(|| Some((nth, route.get("scheme")?.place())))?
            });
            Some(Self {
                table: *table,
                name,
                routes: routes.collect(),
            })
        });
        used.filter(|scheme| !scheme.routes.is_empty()).collect()
    }
}

/// Adds those whose names are free.
pub(super) fn add<'a>(schemes: &mut Schemes<'a>, used: &[UsedScheme<'a>], prefix: Option<&Prefix>) {
    for UsedScheme {
        table,
        name,
        routes,
    } in used
    {
        schemes.shipped(name.text, || {
            let scheme = scheme(table, Some(*name), None)?;
            if let (Some(prefix), Some((_, route))) = (prefix, routes.first()) {
                check_headers(&scheme, prefix, *route, table.problems());
            }
            Some(Arc::new(scheme))
        });
    }
    schemes.also_known(shipped_names());
}

/// Reports a prefix of verified headers that the provider's own headers have.
fn check_headers(scheme: &Scheme, prefix: &Prefix, route: Place, problems: &Problems) {
    let taken = scheme.headers().find(|name| prefix.covers(name.as_str()));
    if let (Some(taken), Some(place)) = (taken, prefix.place) {
        problems.report(
            Diagnostic::error(
                "invalid header prefix",
                place,
                format!("the provider sends `{taken}`, which has this prefix"),
            )
            .and(route, "this scheme reads it")
            .help("choose a prefix that no provider uses, such as \"X-Verified-\""),
        );
    }
}

/// Whatever is wrong with a shipped scheme is not to be mended in its file, which the operator does not
/// have: shows warnings at the routes that use it, which can accept them.
pub(in crate::config::resolve) fn tell_routes(used: &[UsedScheme<'_>], problems: &Problems) {
    problems.tell_routes(|place| {
        let above = used.iter().filter(|scheme| {
            let start = scheme.table.place();
            start.file == place.file && start <= place
        });
        let scheme = above.max_by_key(|scheme| scheme.table.place())?;
        Some(scheme.routes.as_slice())
    });
}

/// The names of the operator's schemes that take the place of shipped ones.
pub(in crate::config::resolve) fn replaced(tables: &[Table<'_>]) -> Vec<String> {
    let names = tables.iter().filter_map(|table| {
        let name = table.written().get("name")?;
        name.get_ref().as_str()
    });
    let shipped = names.filter(|name| ShippedFile::with_scheme(name).is_some());
    shipped.map(str::to_owned).collect()
}

/// The schemes of a file of the catalogue. What is wrong with them is reported.
pub(in crate::config) fn of_file(tables: &[Table<'_>]) -> Vec<(Arc<Scheme>, SchemeAbout)> {
    let read = |table: &Table<'_>| {
        let name = table.get("name")?.text();
        let scheme = scheme(table, name, None)?;
        Some((Arc::new(scheme), about::read(table)?))
    };
    tables.iter().filter_map(read).collect()
}
