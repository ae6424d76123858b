//! Report mode: a route that forwards what fails verification, for a while.

use std::time::{Duration, SystemTime};

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::keys::RouteMode;
use crate::config::model::{ReportMode, Route};
use crate::config::reader::{Table, Value};
use crate::config::units::format_time;

/// A route that nobody remembers must not stay open.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// `Some(None)` if the route rejects what fails verification: because it has no such mode, or because
/// the time of that is past.
pub(super) fn report(table: &Table<'_>) -> Option<Option<ReportMode>> {
    let mode: RouteMode = table.read("mode", Value::word)?;
    let until = table.optional("until", Value::time)?;
    if mode == RouteMode::Enforce {
        if table.has("until") {
            let why = "it has an effect only with `mode = \"report\"`";
            let place = table.key_place("until");
            let warning = Diagnostic::warning(WarningName::NeedlessSetting, place, why);
            table.problems().report(warning.help("remove it"));
        }
        return Some(None);
    }
    let now = unix_now();
    let latest = now.saturating_add_unsigned(LONGEST.as_secs());
    let Some(until) = until else {
        return table
            .get("mode")?
            .error(
                "missing key",
                "it must end: without `until`, the route would stay open",
            )
            .help(format!(
                "add `until = {}`, or a time before it: at most 90 days from now",
                format_time(latest)
            ))
            .report();
    };
    let place = table.key_place("until");
    if until <= now {
        let why = format!(
            "report mode ended at {}: the route rejects what fails verification",
            format_time(until)
        );
        let warning = Diagnostic::warning(WarningName::ReportEnded, place, why);
        table
            .problems()
            .report(warning.help("remove `mode` and `until`"));
        return Some(None);
    }
    if until > latest {
        return table
            .get("until")?
            .error("value out of range", "it must be at most 90 days from now")
            .help(format!(
                "write `{}`, or a time before it",
                format_time(latest)
            ))
            .report();
    }
    Some(Some(ReportMode::new(until)))
}

/// Warns that a route rejects nothing, and of what has no effect meanwhile.
pub(super) fn warn(table: &Table<'_>, route: &Route) {
    let Some(report) = &route.report else {
        return;
    };
    let why = format!(
        "the backend gets every callback until {}, forged ones too, and none with a verified header",
        format_time(report.until())
    );
    let waiting = route.waits_for_report_mode().into_iter();
    let waiting: Vec<String> = waiting.map(|key| format!("`{key}`")).collect();
    let warning = Diagnostic::warning(WarningName::ReportMode, table.key_place("mode"), why);
    let warning = match waiting.as_slice() {
        [] => warning,
        waiting => warning.note(format!("without effect until then: {}", waiting.join(", "))),
    };
    table.problems().report(warning.help(
        "look for `would_reject` in the access log or the metrics; once there is none, remove `mode` \
         and `until`",
    ));
}

fn unix_now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
