//! Converts the values of the files to the runtime types. No other validation follows.

mod accepted_warnings;
mod admin;
mod answers;
mod capture;
mod control;
mod decryption;
mod files;
mod headers;
mod health_path;
mod keys;
mod listeners;
mod log;
mod machine;
mod named_secrets;
mod names;
mod networks;
mod once;
mod own_certificate;
mod peer_certificates;
mod process;
mod rates;
mod routes;
mod schemes;
mod settings;
mod shared_secrets;
mod status;
mod tls;
mod upstreams;

use super::diagnostic::Diagnostic;
use super::keys::{INCLUDED, TOP};
use super::model::{Config, TestedScheme};
use super::reader::Table;

use schemes::UsedScheme;

pub(super) use files::FilesRead;
pub(super) use schemes::of_file as shipped_schemes;

/// Why a configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadFor {
    /// To run with it, or to find a process that does.
    Use,
    /// To test whether the proxy could run with it here.
    Test,
}

/// Checks everything and reports all problems but the accepted ones. `None` after most errors.
/// After others a configuration is still returned, so the caller must also check the reported
/// problems.
///
/// `shipped` are the files of the catalogue with schemes that routes name. `incomplete` says that a file is
/// missing, which has been reported. Adds the files with keys,
/// certificates and passwords to `read`.
pub(super) fn resolve(
    main: Table<'_>,
    included: Vec<Table<'_>>,
    shipped: &[Table<'_>],
    incomplete: bool,
    read: &mut FilesRead,
    purpose: ReadFor,
) -> Option<Config> {
    let problems = main.problems();
    let config = resolve_all(main, included, shipped, incomplete, read);
    if let Some(config) = config
        .as_ref()
        .filter(|_| purpose == ReadFor::Test && !problems.has_errors())
    {
        machine::check(&main, config, read.paths());
    }
    problems.remove_accepted();
    config
}

fn resolve_all(
    main: Table<'_>,
    included: Vec<Table<'_>>,
    shipped: &[Table<'_>],
    incomplete: bool,
    read: &mut FilesRead,
) -> Option<Config> {
    let problems = main.problems();
    included.iter().for_each(report_misplaced);
    let tops: Vec<_> = std::iter::once(main).chain(included).collect();
    let tables = |key: &str| {
        let mut all = Vec::new();
        let mut incomplete = incomplete;
        for top in &tops {
            let (tables, lost) = top.tables(key);
            all.extend(tables);
            incomplete |= lost;
        }
        (all, incomplete)
    };

    accepted_warnings::accept(&main);
    let prefix = headers::prefix(&main);
    let settings = settings::resolve(&main);
    let process = process::resolve(&main);
    let trusted_proxies = settings.trusted_proxies.as_ref();
    let has_trusted_proxies = trusted_proxies.map(|proxies| !proxies.is_empty());
    let (listener_tables, lost) = main.tables("listener");
    let listeners = listeners::resolve(&main, &listener_tables, lost, read, has_trusted_proxies);
    let admin = admin::resolve(&main, listeners.as_deref());
    let known = (
        listeners.as_deref(),
        admin.as_ref().and_then(Option::as_ref),
    );
    let socket = control::socket(&main, known);

    let (key_tables, lost) = tables("key");
    let keys = keys::resolve(&key_tables, lost, read);
    let (scheme_tables, lost) = tables("scheme");
    let (route_tables, routes_lost) = tables("route");
    let shipped = shipped.iter().flat_map(|top| top.tables("scheme").0);
    let used = UsedScheme::find_all(&shipped.collect::<Vec<_>>(), &route_tables);
    let schemes = schemes::resolve(&scheme_tables, lost, &used, prefix.as_ref());
    let (secret_tables, lost) = tables("decryption_key");
    let decryption_keys = decryption::resolve_keys(&secret_tables, lost, read);
    let (rule_tables, lost) = tables("decryption");
    let decryptions = decryption::resolve(&rule_tables, lost, prefix.as_ref());
    let (upstream_tables, lost) = tables("upstream");
    let upstreams = upstreams::resolve(&upstream_tables, lost, prefix.as_ref(), read);

    if route_tables.is_empty() && !routes_lost {
        main.missing(
            "a configuration needs at least one `[[route]]`",
            "add one; see docs/configuration.md",
        );
    }
    let once = once::resolve(&main, read);
    let context = routes::Context {
        once: main.has("once"),
        largest_answer: once.as_ref().and_then(once::largest_answer),
        prefix: prefix.as_ref(),
        limits: &settings.limits,
        access: &settings.access,
        has_trusted_proxies,
        keys: &keys,
        decryption_keys: &decryption_keys,
        decryptions: &decryptions,
        schemes: &schemes,
        upstreams: &upstreams,
    };
    let routes = routes::resolve(&route_tables, &context);
    let capture = capture::resolve(&main, routes.as_deref());
    schemes::tell_routes(&used, problems);
    if let (Some(_), Some(routes)) = (&listeners, &routes) {
        health_path::check(&listener_tables, routes);
    }

    let log = log::resolve(&main, &schemes, routes.as_deref(), read.holds_secrets());
    let control = control::resolve(&main, socket, log.as_ref());

    // After an error, a name that seems unused may only be misspelt in a route.
    if !problems.has_errors() {
        keys.warn_unused(problems);
        named_secrets::warn_unused(&key_tables, routes.as_deref().unwrap_or_default());
        decryption_keys.warn_unused(problems);
        decryptions.warn_unused(problems);
        schemes.warn_unused(problems);
        upstreams.warn_unused(problems);
    }
    let process = process?;
    Some(Config {
        pid_file: process.pid_file,
        daemon: process.daemon,
        user: process.user,
        group: process.group,
        workers: settings.workers?,
        watch: settings.watch?,
        shutdown_timeout: settings.shutdown_timeout?,
        trusted_proxies: settings.trusted_proxies?,
        client_ip_header: settings.client_ip_header?,
        header_prefix: prefix?.text,
        log: log?,
        buffer_limit: settings.limits.buffer?,
        connections: settings.limits.connections?,
        in_flight: settings.limits.in_flight?,
        // A store exists only if a route needs it.
        once: Some(once?).filter(|_| routes.iter().flatten().any(|route| route.once.is_some())),
        decrypt: settings.limits.decrypt?,
        timeouts: settings.timeouts?,
        listeners: listeners?,
        admin: admin?,
        control: control?,
        capture: capture?,
        routes: routes?,
        secrets: read.holds_secrets(),
        line_ends_cut: read.line_ends().to_vec(),
        replaced_schemes: schemes::replaced(&scheme_tables),
    })
}

/// The schemes of the files with their cases, and nothing else of them.
pub(super) fn tested_schemes(
    main: Table<'_>,
    included: Vec<Table<'_>>,
    incomplete: bool,
) -> Option<Vec<TestedScheme>> {
    let prefix = headers::prefix(&main);
    let mut incomplete = incomplete;
    let mut tables = Vec::new();
    for top in std::iter::once(main).chain(included) {
        let (found, lost) = top.tables("scheme");
        tables.extend(found);
        incomplete |= lost;
    }
    if tables.is_empty() && !incomplete {
        main.problems().report(
            Diagnostic::error("no scheme", main.place(), "there is no `[[scheme]]` in it")
                .help("name the file that has the scheme"),
        );
    }
    schemes::tested(&tables, incomplete, prefix.as_ref())
}

/// Reports keys that only the main file may set.
fn report_misplaced(included: &Table<'_>) {
    for key in TOP.names().filter(|key| !INCLUDED.contains(key)) {
        if included.has(key) {
            included.problems().report(
                Diagnostic::error(
                    "misplaced key",
                    included.key_place(key),
                    format!("an included file cannot set `{key}`"),
                )
                .help(
                    "move it to the main file; an included file may contain `[[key]]`, \
                     `[[decryption_key]]`, `[[decryption]]`, `[[scheme]]`, `[[upstream]]` and \
                     `[[route]]`",
                ),
            );
        }
    }
}
