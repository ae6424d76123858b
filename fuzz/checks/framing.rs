//! HTTP/1 requests: whatever framing lets pass, a strict reader takes for a request, too, with the same
//! target, body and end, however it is cut.

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
    let Some((target, body, length)) = request(bytes) else {
        panic!("let pass: {shown:?}");
    };
    assert_eq!(framed.target, target, "{shown:?}");
    assert_eq!(framed.body, body, "{shown:?}");
    // Behind the last request of a connection nothing is read.
    if let Some(next) = framed.rest {
        let rest = &bytes[length..];
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        assert_eq!(next, rest[ends.count()..], "{shown:?}");
    }
}

/// The target in origin form and the body of the request that these bytes begin with, and the length of
/// all of it; `None` if it is none or does not end.
fn request(bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>, usize)> {
    let sent = bytes;
    let empty = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = empty.count();
    let bytes = &*legible(&bytes[empty..]);
    let sent = &sent[empty..];
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
    let start = request.method?.len() + 1;
    let target = &sent[start..start + request.path?.len()];
    let target = origin_form(target, &values("host"))?;
    Some((target, body, empty + header + length))
}

/// The same with a query that `httparse` reads, too: it takes UTF-8 only.
fn legible(bytes: &[u8]) -> Vec<u8> {
    let mut legible = bytes.to_vec();
    let line = legible.split_mut(|byte| *byte == b'\n').next().unwrap();
    let query = line.iter().position(|byte| *byte == b'?');
    for byte in &mut line[query.unwrap_or_default()..] {
        if query.is_some() && *byte >= 0x80 {
            *byte = b'x';
        }
    }
    legible
}

/// A target in origin form. The authority of one in absolute form must be the Host.
fn origin_form(target: &[u8], hosts: &[&[u8]]) -> Option<Vec<u8>> {
    if target.starts_with(b"/") {
        return Some(target.to_vec());
    }
    let lower = target.to_ascii_lowercase();
    let scheme = [&b"http://"[..], b"https://"]
        .into_iter()
        .find(|scheme| lower.starts_with(scheme))?;
    let rest = &target[scheme.len()..];
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
    let (authority, path) = rest.split_at(end.unwrap_or(rest.len()));
    let is_host = match hosts {
        [] => !authority.is_empty(),
        [host] => host == &authority && !authority.is_empty(),
        _ => false,
    };
    is_host.then(|| match path {
        [b'/', ..] => path.to_vec(),
        _ => [b"/", path].concat(),
    })
}
