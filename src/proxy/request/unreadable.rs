//! A request whose header could not be read: what the log can still say of it.
//!
//! Nothing but a line of the log comes of this. It is made from a header that was refused, so it
//! costs other requests nothing.

use http::{HeaderValue, Method};

use crate::judge::{Fault, is_token};
use crate::record::ReceivedHead;

/// The most bytes of a header's name in the log.
const MAX_NAME: usize = 64;

/// A request whose header could not be read.
pub(in crate::proxy) struct Unreadable {
    pub(in crate::proxy) fault: Fault,
    /// What its first line and its Host say, if they are legible.
    pub(in crate::proxy) head: Option<ReceivedHead>,
    /// The place of the first fault, if it was found.
    pub(in crate::proxy) at: Option<String>,
}

impl Unreadable {
    /// `start` is the header, or its beginning.
    pub(in crate::proxy) fn new(fault: Fault, start: &[u8]) -> Box<Self> {
        let is_malformed = fault == Fault::RequestMalformed;
        Box::new(Self {
            fault,
            head: head(start),
            at: is_malformed.then(|| place(start)).flatten(),
        })
    }
}

/// A header's lines, without their ends; the last one may be cut off.
fn lines(start: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = start.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The first line's parts: the method, the target with whatever spaces are in it, and the protocol.
fn request_line(line: &[u8]) -> Option<(Method, &[u8], Option<&'static str>)> {
    let (method, rest) = line.split_at(line.iter().position(|byte| *byte == b' ')?);
    let method = Method::from_bytes(method).ok()?;
    let rest = rest.get(1..).unwrap_or_default();
    let known = [(&b" HTTP/1.1"[..], "HTTP/1.1"), (b" HTTP/1.0", "HTTP/1.0")];
    let mut known = known.into_iter();
    let ending = known.find_map(|(end, name)| Some((rest.strip_suffix(end)?, name)));
    if let Some((target, protocol)) = ending {
        return Some((method, target, Some(protocol)));
    }
    // Another protocol, or what there is of a line that was cut off.
    let end = rest.iter().rposition(|byte| *byte == b' ');
    let target = rest.get(..end.unwrap_or(rest.len()));
    Some((method, target.unwrap_or_default(), None))
}

fn head(start: &[u8]) -> Option<ReceivedHead> {
    let mut lines = lines(start);
    let (method, target, protocol) = request_line(lines.next()?)?;
    let host = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = name_and_value(line)?;
        name.eq_ignore_ascii_case(b"host")
            .then(|| HeaderValue::from_bytes(value).ok())
            .flatten()
    });
    Some(ReceivedHead {
        method,
        target: target.to_vec(),
        protocol,
        host,
        headers: Vec::new(),
    })
}

/// The place of the first fault that pingora, or the check of the first line, refuses.
fn place(start: &[u8]) -> Option<String> {
    let mut lines = lines(start);
    if let Some(at) = place_in_first(lines.next()?) {
        return Some(at);
    }
    // A cut-off last line has no fault of its own.
    let whole = start.iter().filter(|byte| **byte == b'\n').count();
    let mut seen = SingleLines::default();
    let lines = lines.take(whole.saturating_sub(1)).zip(2_usize..);
    for (line, number) in lines.take_while(|(line, _)| !line.is_empty()) {
        let Some((name, value)) = name_and_value(line) else {
            return Some(format!("line:{number}"));
        };
        if seen.is_at_fault(name, value) {
            let name = name.get(..MAX_NAME).unwrap_or(name);
            return Some(match std::str::from_utf8(name) {
                Ok(name) => format!("header:{name}"),
                Err(_) => format!("line:{number}"),
            });
        }
    }
    None
}

fn place_in_first(line: &[u8]) -> Option<String> {
    let Some((_, target, protocol)) = request_line(line) else {
        return Some("method".to_owned());
    };
    let query = target.iter().position(|byte| *byte == b'?');
    let path_ends = query.unwrap_or(target.len());
    let odd = target.iter().enumerate().position(|(at, byte)| match byte {
        0..=0x20 | b'#' | 0x7f => true,
        b'<' | b'>' => at < path_ends,
        _ => false,
    });
    let path = target.get(..path_ends).unwrap_or_default();
    let odd = odd.or_else(|| Some(std::str::from_utf8(path).err()?.valid_up_to()));
    match (odd, protocol) {
        (Some(at), _) => Some(format!("target:{at}")),
        (None, None) => Some("protocol".to_owned()),
        (None, Some(_)) => None,
    }
}

/// The headers that may occur once, as far as they have occurred.
#[derive(Default)]
struct SingleLines {
    host: bool,
    length: bool,
}

impl SingleLines {
    /// Whether this line is why the header was refused.
    fn is_at_fault(&mut self, name: &[u8], value: &[u8]) -> bool {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        if value.iter().any(control) {
            true
        } else if is("host") {
            std::mem::replace(&mut self.host, true) || value.contains(&b'@')
        } else if is("content-length") {
            let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            std::mem::replace(&mut self.length, true) || !is_number
        } else {
            is("transfer-encoding") && !value.to_ascii_lowercase().ends_with(b"chunked")
        }
    }
}

/// A header line's parts, if its name is one.
fn name_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
    let is_name = !name.is_empty() && name.iter().copied().all(is_token);
    is_name.then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreadable(start: &[u8]) -> Box<Unreadable> {
        Unreadable::new(Fault::RequestMalformed, start)
    }

    #[test]
    fn the_place_of_a_fault_is_found() {
        for (start, at) in [
            (&b"POST /a b HTTP/1.1\r\n"[..], Some("target:2")),
            (b"POST /cb#x HTTP/1.1\r\n", Some("target:3")),
            (b"POST /<b> HTTP/1.1\r\n", Some("target:1")),
            (b"POST /a\xff?b HTTP/1.1\r\n", Some("target:2")),
            (b"POST /a?<\xff\" HTTP/1.1\r\n", None),
            (b"POST /a HTTP/1.2\r\n", Some("protocol")),
            (b"P\0ST /a HTTP/1.1\r\n", Some("method")),
            (b"\x16\x03\x01 nothing", Some("method")),
            (b"POST", Some("method")),
            (b"P / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", Some("line:3")),
            (b"P / HTTP/1.1\r\nA: b\r\nA b\r\n\r\n", Some("line:3")),
            (b"P / HTTP/1.1\r\nA: b\r\nA b", None),
            (b"P / HTTP/1.1\r\nA : b\r\n\r\n", Some("line:2")),
            (b"P / HTTP/1.1\r\nAb: \0\r\n\r\n", Some("header:Ab")),
            (
                b"P / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
                Some("header:host"),
            ),
            (b"P / HTTP/1.1\r\nHost: a@b\r\n\r\n", Some("header:Host")),
            (
                b"P / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
                Some("header:Content-Length"),
            ),
            (
                b"P / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
                Some("header:Transfer-Encoding"),
            ),
            (b"P / HTTP/1.1\r\nA: b\r\n\r\nA b\r\n", None),
            (b"", Some("method")),
        ] {
            let shown = start.escape_ascii();
            assert_eq!(unreadable(start).at.as_deref(), at, "{shown}");
            assert_eq!(
                Unreadable::new(Fault::HeaderTimeout, start).at,
                None,
                "{shown}"
            );
        }
    }

    #[test]
    fn what_is_legible_is_shown() {
        let head = unreadable(b"POST /a b?\xff HTTP/1.1\r\nA b\r\nHost: pay.example\r\n").head;
        let head = head.unwrap();
        assert_eq!(head.target, b"/a b?\xff");
        assert_eq!(head.protocol, Some("HTTP/1.1"));
        assert_eq!(head.host.unwrap(), "pay.example");
        let head = unreadable(b"POST /cut").head.unwrap();
        assert_eq!((&*head.target, head.protocol), (&b"/cut"[..], None));
        let head = unreadable(b"POST /cut HTT").head.unwrap();
        assert_eq!((&*head.target, head.protocol), (&b"/cut"[..], None));
        // What is behind the header is no header.
        let head = unreadable(b"POST /a# HTTP/1.0\r\n\r\nHost: b\r\n").head;
        assert_eq!(head.unwrap().host, None);
        assert!(unreadable(b"\x16\x03\x01 nothing").head.is_none());
    }
}
