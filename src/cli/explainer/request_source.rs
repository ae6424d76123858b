//! Where the request comes from.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::Path;

use super::super::captured::captured;
use super::super::control_client::ControlTarget;
use super::explain_args::ExplainArgs;
use super::explain_error::ExplainError;
use crate::control::CapturePurpose;
use crate::written_request::{
    ReadNote, ReadRequest, UnreadRequest, read_curl, read_har, read_header_and_body, read_http,
};

/// The most bytes of a request that are read.
const MOST: u64 = 256 << 20;

/// Reads the request that the command line names.
pub(in crate::cli) fn read_request(args: &ExplainArgs) -> Result<ReadRequest, ExplainError> {
    let request = args.request.as_deref().unwrap_or(Path::new("-"));
    let text = read(request)?;
    if let Some(body) = &args.body {
        let body = read(body)?;
        return read_header_and_body(&text, &body).map_err(|error| unread(request, error));
    }
    by_its_look(&text, args.entry, args.files).map_err(|error| unread(request, error))
}

/// A request that the running process captured, and the other end of its connection.
pub(super) fn captured_request(
    args: &ExplainArgs,
    id: &str,
) -> Result<(ReadRequest, Option<SocketAddr>), ExplainError> {
    let process = ControlTarget::new(args.config.clone(), args.control.clone());
    let capture = captured(&process, id, CapturePurpose::Explain)?;
    let mut read = ReadRequest::from(capture.request()?);
    read.https = Some(capture.tls);
    let seconds = capture.summary.time.checked_div(1000).unwrap_or_default();
    read.at = i64::try_from(seconds).ok();
    if capture.summary.is_cut() {
        let (whole, kept) = (capture.summary.body, capture.summary.kept);
        read.notes.push(ReadNote::CutInCapture(whole, kept));
    }
    Ok((read, capture.peer))
}

/// Reads a request from a file, or from standard input: whatever it is.
pub(in crate::cli) fn read_any(path: &Path) -> Result<ReadRequest, ExplainError> {
    by_its_look(&read(path)?, None, false).map_err(|error| unread(path, error))
}

fn unread(path: &Path, error: UnreadRequest) -> ExplainError {
    ExplainError::Request(path.display().to_string(), error)
}

/// What a text begins with tells what it is.
fn by_its_look(
    text: &[u8],
    entry: Option<usize>,
    files: bool,
) -> Result<ReadRequest, UnreadRequest> {
    let start = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start();
    if entry.is_some() || start.starts_with(b"{") {
        return read_har(text, entry);
    }
    let command = start.strip_prefix(b"$ ").unwrap_or(start);
    let program = command
        .split(|byte| byte.is_ascii_whitespace() || *byte == b'\\')
        .next();
    let program = program.unwrap_or_default();
    if program.ends_with(b"curl") || program.ends_with(b"curl.exe") {
        let from_file = |name: &str| read(Path::new(name)).map_err(|error| error.to_string());
        return match files {
            true => read_curl(text, Some(&from_file)),
            false => read_curl(text, None),
        };
    }
    read_http(text)
}

/// The bytes of a file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ExplainError> {
    let name = || path.display().to_string();
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => io::stdin().lock().take(MOST).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes)),
    };
    let length = read.map_err(|error| ExplainError::File(name(), error))?;
    if u64::try_from(length).is_ok_and(|length| length >= MOST) {
        let error = io::Error::other("it is larger than 256 MiB");
        return Err(ExplainError::File(name(), error));
    }
    Ok(bytes)
}
