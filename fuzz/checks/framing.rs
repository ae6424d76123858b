//! HTTP/1 requests: whatever framing lets pass, a strict reader takes for a request, too, with the same
//! body and the same end, however it is cut.

use std::cell::LazyCell;
use std::time::Duration;

use countersign::config::ClientTimeouts;
use countersign::proxy::DryFraming;

use super::chunked::{Decoded, decode};

thread_local! {
    static READER: LazyCell<DryFraming> = LazyCell::new(|| {
        let ages = Duration::from_secs(3600);
        let timeouts = ClientTimeouts {
            header: ages,
            body: ages,
            min_rate: None,
            keepalive: ages,
            write: ages,
            decrypt: ages,
        };
        DryFraming::new(timeouts).unwrap()
    });
}

/// The first two bytes say where the rest is cut.
pub fn check(data: &[u8]) {
    let Some(([high, low], bytes)) = data.split_first_chunk() else {
        return;
    };
    let cut = usize::from(u16::from_be_bytes([*high, *low])).min(bytes.len());
    let (head, tail) = bytes.split_at(cut);
    let read = |pieces: &[&[u8]]| READER.with(|reader| reader.read(pieces));
    let framed = read(&[bytes]);
    let in_two = read(&[head, tail]);
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(in_two, framed, "cut at {cut}: {shown:?}");
    let Ok(framed) = framed else {
        return;
    };
    let Some((body, length)) = request(bytes) else {
        panic!("let pass: {shown:?}");
    };
    assert_eq!(framed.body, body, "{shown:?}");
    // Behind the last request of a connection nothing is read.
    if let Some(next) = framed.rest {
        let rest = &bytes[length..];
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        assert_eq!(next, rest[ends.count()..], "{shown:?}");
    }
}

/// The body of the request that these bytes begin with, and the length of all of it; `None` if it is none
/// or does not end.
fn request(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let empty = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = empty.count();
    let bytes = &bytes[empty..];
    let mut lines = [httparse::EMPTY_HEADER; 256];
    let mut request = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(header) = request.parse(bytes).ok()? else {
        return None;
    };
    let mut feeds = (0..header).filter(|at| bytes[*at] == b'\n');
    if !feeds.all(|at| at > 0 && bytes[at - 1] == b'\r') {
        return None;
    }
    let values = |name: &str| {
        let same = request.headers.iter();
        let same = same.filter(|header| header.name.eq_ignore_ascii_case(name));
        same.map(|header| header.value).collect::<Vec<_>>()
    };
    let (body, length) = match (&*values("content-length"), &*values("transfer-encoding")) {
        ([], []) => (Vec::new(), 0),
        ([length], []) => {
            let length = std::str::from_utf8(length).ok()?;
            let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            let length: usize = length.parse().ok().filter(|_| is_number)?;
            let body = bytes.get(header..header.checked_add(length)?)?;
            (body.to_vec(), length)
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => {
            match decode(&bytes[header..]) {
                Decoded::Whole { body, length } if request.version == Some(1) => (body, length),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((body, empty + header + length))
}
