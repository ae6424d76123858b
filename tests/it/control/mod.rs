//! The control socket, what is asked over it, and the audit log of that.

mod audit;
mod captures;
mod confidential;
mod once_commands;
mod socket;

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{PATIENCE, Proxy, Setup};

/// A setup with a control socket and an audit log beside the configuration.
pub(crate) fn controlled(more: &str) -> Setup {
    Setup::new().top(&format!(
        "control = \"control.sock\"\n{more}\n[log]\nformat = \"json\"\naudit = \"audit.log\""
    ))
}

/// Runs a command with these arguments against this proxy.
pub(crate) fn command(proxy: &Proxy, arguments: &[&str]) -> Output {
    let file = proxy.file("countersign.toml");
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .args(["-c", file.to_str().unwrap()])
        .output()
        .unwrap()
}

/// What a command prints that succeeds.
pub(crate) fn printed(proxy: &Proxy, arguments: &[&str]) -> String {
    let output = command(proxy, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why a command fails.
pub(crate) fn refused(proxy: &Proxy, arguments: &[&str]) -> String {
    let output = command(proxy, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The lines of the audit log.
pub(crate) fn audited(proxy: &Proxy) -> Vec<Value> {
    let text = std::fs::read_to_string(proxy.file("audit.log")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The command, object and result of each line of the audit log.
pub(crate) fn acts(proxy: &Proxy) -> Vec<[String; 3]> {
    let lines = audited(proxy).into_iter();
    lines
        .map(|line| {
            ["command", "object", "result"].map(|name| line[name].as_str().unwrap().to_owned())
        })
        .collect()
}

/// A connection to the socket, behind the greeting.
fn connect(path: &Path) -> UnixStream {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let greeting = frame(&mut stream).unwrap();
    assert_eq!(greeting["protocol"], 1);
    assert_eq!(greeting["countersign"], env!("CARGO_PKG_VERSION"));
    stream
}

/// The next frame; `None` at the end of the connection.
fn frame(stream: &mut UnixStream) -> Option<Value> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).ok()?;
    let mut body = vec![0; u32::from_be_bytes(head) as usize];
    stream.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

/// The code of the refusal that these bytes get.
fn code(path: &Path, sent: &[u8]) -> String {
    let mut stream = connect(path);
    stream.write_all(sent).unwrap();
    let answer = frame(&mut stream).unwrap();
    assert!(frame(&mut stream).is_none());
    answer["refused"]["code"].as_str().unwrap().to_owned()
}

fn framed(body: &str) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_be_bytes(), body.as_bytes()].concat()
}
