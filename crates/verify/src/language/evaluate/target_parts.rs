//! The parts of a target and of a URL.

/// The path and the query of a target.
pub(super) fn split_target(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

/// The scheme and the authority of a URL.
pub(super) fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at.saturating_add(3));
    let end = url
        .get(authority..)
        .and_then(|rest| rest.find(['/', '?', '#']));
    end.and_then(|end| url.get(..authority.saturating_add(end)))
        .unwrap_or(url)
}
