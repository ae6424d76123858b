//! Any bytes as what a backend sends: they come to an end, what the client gets of them is well framed and
//! looks whole exactly if it is, and a connection that is used again was read to the answer's end and no further.

use std::sync::{LazyLock, Mutex};

use bytes::Bytes;
use countersign::proxy::{DryAnswer, DryAnswers};
use http::Method;

static ANSWERS: LazyLock<Mutex<DryAnswers>> =
    LazyLock::new(|| Mutex::new(DryAnswers::new().unwrap()));

/// A byte that says how they are asked for and sent, and what is sent.
pub fn check(input: &[u8]) {
    let Some((how, sent)) = input.split_first() else {
        return;
    };
    let method = if how & 1 == 0 {
        Method::POST
    } else {
        Method::HEAD
    };
    let piece = [usize::MAX, 1, 7, 64][usize::from(how >> 2 & 3)];
    let answers = ANSWERS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let sent = Bytes::copy_from_slice(sent);
    let relayed = answers
        .relay(&method, sent.clone(), piece, how & 2 != 0)
        .expect("it comes to no end");
    if !relayed.client.is_empty() {
        is_well_framed(&relayed, method == Method::HEAD);
    }
    if let Some(read) = relayed.kept_after {
        assert_eq!(read, end_of(&sent, method == Method::HEAD));
    }
}

/// A header's first line, its other lines by name in lower case, and what is behind it.
fn header(text: &[u8]) -> (String, Vec<(String, String)>, &[u8]) {
    let end = text
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head: String = text[..end].iter().map(|byte| char::from(*byte)).collect();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap().to_owned();
    let lines = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(!name.is_empty() && name.bytes().all(is_token), "{line:?}");
        let is_control = |char: char| char.is_ascii_control() && char != '\t';
        assert!(!value.contains(is_control), "{line:?}");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    (first, lines.collect(), &text[end + 4..])
}

fn values<'l>(lines: &'l [(String, String)], name: &str) -> Vec<&'l str> {
    let lines = lines.iter().filter(|(other, _)| other == name);
    lines.map(|(_, value)| value.as_str()).collect()
}

fn is_well_framed(relayed: &DryAnswer, is_head: bool) {
    let (first, lines, body) = header(&relayed.client);
    let status: u16 = first.strip_prefix("HTTP/1.1 ").unwrap()[..3]
        .parse()
        .unwrap();
    let lengths = values(&lines, "content-length");
    let codings = values(&lines, "transfer-encoding");
    assert!(lengths.len() + codings.len() <= 1, "{lines:?}");
    let is_whole = relayed.fault.is_none();
    if is_head || matches!(status, 204 | 304) {
        assert!(body.is_empty());
        assert!(status != 204 || lengths.is_empty() && codings.is_empty());
    } else if let [length] = lengths[..] {
        let length: usize = length.parse().unwrap();
        assert!(body.len() <= length);
        assert_eq!(body.len() == length, is_whole || length == 0, "{relayed:?}");
    } else {
        assert_eq!(codings, ["chunked"]);
        assert_eq!(chunks_end(body), is_whole.then_some(body.len()));
    }
}

/// Where a chunked body ends. As pingora does, it takes a size without digits for 0 and a bare LF for a part
/// of an extension.
fn chunks_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = text[at..].windows(2).position(|end| end == b"\r\n")?;
        let digits = text[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let size = std::str::from_utf8(&text[at..at + digits]).unwrap();
        let size = usize::from_str_radix(&format!("0{size}"), 16).ok()?;
        at += line + 2;
        if size == 0 {
            break;
        }
        at = at
            .checked_add(size)?
            .checked_add(2)
            .filter(|at| *at <= text.len())?;
    }
    // Lines of a trailer, and an empty one.
    loop {
        let line = text[at..].iter().position(|byte| *byte == b'\n')?;
        let is_empty = matches!(&text[at..at + line], b"" | b"\r");
        at += line + 1;
        if is_empty {
            return Some(at);
        }
    }
}

/// Where the answer ends, as a simple reader sees it.
fn end_of(sent: &[u8], is_head: bool) -> usize {
    let mut at = 0;
    loop {
        at += sent[at..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let mut lines: Vec<Vec<u8>> = Vec::new();
        loop {
            let line = sent[at..].iter().position(|byte| *byte == b'\n').unwrap();
            let text = &sent[at..at + line];
            at += line + 1;
            match text.strip_suffix(b"\r").unwrap_or(text) {
                [] => break,
                // A line that goes on.
                more @ [b' ' | b'\t', ..] if lines.len() > 1 => {
                    let last = lines.last_mut().unwrap();
                    last.push(b' ');
                    last.extend_from_slice(more.trim_ascii());
                }
                line => lines.push(line.to_vec()),
            }
        }
        let status: u16 = std::str::from_utf8(&lines[0][9..12])
            .unwrap()
            .parse()
            .unwrap();
        if (100..200).contains(&status) {
            continue;
        }
        assert_ne!(status, 101);
        let values = |name: &str| -> Vec<String> {
            let lines = lines[1..].iter().filter_map(|line| {
                let colon = line.iter().position(|byte| *byte == b':')?;
                let is_it = line[..colon]
                    .trim_ascii()
                    .eq_ignore_ascii_case(name.as_bytes());
                is_it.then(|| {
                    String::from_utf8_lossy(line[colon + 1..].trim_ascii()).to_ascii_lowercase()
                })
            });
            lines.collect()
        };
        let says_close = values("connection")
            .iter()
            .any(|line| line.split(',').any(|option| option.trim() == "close"));
        assert!(!says_close, "{lines:?}");
        let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
        if is_head || matches!(status, 204 | 304) {
            return at;
        }
        return match (&lengths[..], &codings[..]) {
            ([length], []) => at + length.parse::<usize>().unwrap(),
            ([], [coding]) => {
                assert_eq!(coding.rsplit(',').next().unwrap().trim(), "chunked");
                at + chunks_end(&sent[at..]).unwrap()
            }
            _ => panic!("kept with {lengths:?} and {codings:?}"),
        };
    }
}
