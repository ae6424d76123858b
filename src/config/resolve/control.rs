//! The control socket.

use std::path::PathBuf;

use crate::config::listen_address::ListenAddress;
use crate::config::model::{Admin, Control, Listener, Log};
use crate::config::reader::{Table, Text};

/// Its path; `None` after an error, `Some(None)` if it is off. `known` are the listeners, which need
/// files of their own.
pub(super) fn socket(
    top: &Table<'_>,
    (traffic, admin): (Option<&[Listener]>, Option<&Admin>),
) -> Option<Option<PathBuf>> {
    top.optional("control", |value| {
        let text = value.text()?;
        let path = path(text)?;
        let address = ListenAddress::Unix(path.clone());
        let mut others = traffic.unwrap_or_default().iter().map(|listener| &listener.address);
        if others.any(|other| *other == address) || admin.is_some_and(|admin| admin.address == address) {
            return text
                .error("duplicate listener", format!("another listener already uses {address}"))
                .help("give the control socket a file of its own, such as \"/run/countersign/control.sock\"")
                .report();
        }
        Some(path)
    })
}

/// The socket with its audit log.
pub(super) fn resolve(
    top: &Table<'_>,
    socket: Option<Option<PathBuf>>,
    log: Option<&Log>,
) -> Option<Option<Control>> {
    let Some(socket) = socket? else {
        return Some(None);
    };
    let Some(audit) = log?.audit.clone() else {
        let text = top.get("control")?.text()?;
        return text
            .error(
                "no audit log",
                "what is read and done over this socket is logged in a file, and none is named",
            )
            .help(
                "add `audit = \"/var/log/countersign/audit.log\"` to `[log]`, or let `error` there name a \
                 file, beside which it then is",
            )
            .report();
    };
    Some(Some(Control { socket, audit }))
}

fn path(text: Text<'_>) -> Option<PathBuf> {
    const HELP: &str = "write \"/run/countersign/control.sock\", of at most 107 bytes";
    if text.text.starts_with("unix:") {
        return text
            .error(
                "invalid path",
                "it can only be a Unix socket, so it has no `unix:` before it",
            )
            .help(HELP)
            .report();
    }
    text.not_empty()?;
    let path = text.path();
    match std::os::unix::net::SocketAddr::from_pathname(&path) {
        Ok(_) => Some(path),
        Err(error) => text
            .error("invalid path", format!("`{}`: {error}", path.display()))
            .help(HELP)
            .report(),
    }
}
