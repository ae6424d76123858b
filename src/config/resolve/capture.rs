//! Which rejected requests are captured.

use std::sync::Arc;

use bytesize::ByteSize;

use crate::capture::{CaptureSettings, SMALLEST_SHARE};
use crate::config::diagnostic::Diagnostic;
use crate::config::model::Route;
use crate::config::reader::{Table, Value, quote, similar};

/// `None` after an error, `Some(None)` if there is no `[capture]` table. `routes` is what the configuration
/// has, unless one of them has an error.
pub(super) fn resolve(
    top: &Table<'_>,
    routes: Option<&[Arc<Route>]>,
) -> Option<Option<CaptureSettings>> {
    if !top.has("capture") {
        return Some(None);
    }
    let table = top.table("capture")?;
    if !top.has("control") {
        top.problems().report(
            Diagnostic::error(
                "no control socket",
                top.key_place("capture"),
                "nobody could read what is captured: that takes the control socket",
            )
            .help("add `control = \"/run/countersign/control.sock\"` above the first `[...]` line"),
        );
    }
    let size = table.read("size", Value::size);
    let per_client = table.read("per_client", Value::integer);
    let body = table.read("body", Value::size);
    let expire = table.read("expire", Value::duration);
    let names = table.optional("routes", |value| names(value, routes));
    let routes = match names? {
        Some(names) => names,
        None => routes?
            .iter()
            .map(|route| Arc::clone(&route.name))
            .collect(),
    };
    let settings = CaptureSettings {
        size: size?,
        per_client: per_client?,
        body: body?,
        expire: expire?,
        routes,
    };
    is_enough(&table, &settings)?;
    Some(Some(settings))
}

/// The routes that are named.
fn names(value: Value<'_>, routes: Option<&[Arc<Route>]>) -> Option<Vec<Arc<str>>> {
    let items = value.list()?;
    if items.is_empty() {
        return value
            .error("empty list", "nothing would be captured")
            .help("name a route, or remove `routes`: then all are captured")
            .report();
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut are_known = true;
    for item in items {
        let text = item.text()?;
        let known = routes?.iter().map(|route| &route.name);
        match known.clone().find(|name| ***name == *text.text) {
            Some(name) if names.contains(name) => {}
            Some(name) => names.push(Arc::clone(name)),
            None => {
                are_known = false;
                let why = format!("there is no route {}", quote(text.text));
                let draft = text.error("unknown route", why);
                let draft = match similar(text.text, known.map(|name| &**name)) {
                    Some(meant) => draft.help(format!("did you mean \"{meant}\"?")),
                    None => draft.help("write the `name` of a `[[route]]`"),
                };
                draft.report::<()>();
            }
        }
    }
    are_known.then_some(names)
}

fn is_enough(table: &Table<'_>, settings: &CaptureSettings) -> Option<()> {
    let (share, count) = (settings.share(), settings.routes.len());
    if share >= SMALLEST_SHARE {
        return Some(());
    }
    let place = match table.has("size") {
        true => table.key_place("size"),
        false => table.place(),
    };
    let needed =
        ByteSize::b(u64::try_from(SMALLEST_SHARE.saturating_mul(count)).unwrap_or(u64::MAX));
    table.problems().report(
        Diagnostic::error(
            "too little to capture",
            place,
            format!("each of {count} routes would have {share} bytes, too little for requests"),
        )
        .help(format!(
            "write `size = \"{}KiB\"` or more, or name fewer `routes`",
            needed.as_u64() / 1024
        )),
    );
    None
}
