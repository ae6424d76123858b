//! Where an answer ends (RFC 9112, section 6.3): what follows its end would be the next callback's
//! answer.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderValue, StatusCode};
use pingora::http::ResponseHeader;

use super::malformed::{MAX_LINES, parser, quoted};

/// Where an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Where pingora sees it. If it is `certain`, every client would see it there.
    AsRead { certain: bool },
    /// After this many bytes of the body; pingora would read until the connection is closed.
    After(u64),
}

/// Why the end of an answer is ambiguous.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::proxy) enum Unclear {
    #[error("several lengths, or an invalid one")]
    Lengths,
    #[error("several lines of Transfer-Encoding")]
    Codings,
    #[error("the transfer coding {0}, which was not requested")]
    Coding(String),
}

/// Values that backends send when they mean no coding at all.
const NO_CODING: &[&str] = &["", "identity", "none", "7bit", "8bit", "binary"];

/// Finds the end of an answer with this header; `raw` is the header as received, because pingora
/// drops the length if there is a Transfer-Encoding.
pub(in crate::proxy) fn find<R: AsRef<[u8]>>(
    header: &ResponseHeader,
    raw: impl FnOnce() -> R,
    has_body: bool,
) -> Result<Ending, Unclear> {
    let mut codings = header.headers.get_all(TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return of_length(header);
    };
    if codings.next().is_some() {
        return Err(Unclear::Codings);
    }
    if !has_body {
        let certain = header.status != StatusCode::NO_CONTENT;
        return Ok(Ending::AsRead { certain });
    }
    match applied(coding.as_bytes()) {
        // Transfer-Encoding wins, but a server that sends both may mean the other.
        Applied::Chunked => Ok(Ending::AsRead {
            certain: !has_length(raw().as_ref()),
        }),
        Applied::Nothing => match lengths(raw().as_ref()).as_deref() {
            Some([]) => Ok(Ending::AsRead { certain: false }),
            Some([one]) => digits(one).map(Ending::After).ok_or(Unclear::Lengths),
            _ => Err(Unclear::Lengths),
        },
        Applied::Unknown => Err(Unclear::Coding(quoted(coding.as_bytes()))),
    }
}

fn of_length(header: &ResponseHeader) -> Result<Ending, Unclear> {
    let mut lengths = header.headers.get_all(CONTENT_LENGTH).iter();
    let first = lengths.next();
    // pingora reads `4, 4` as 4.
    let is_list = first.is_some_and(|length| length.as_bytes().contains(&b','));
    if is_list || lengths.next().is_some() {
        return Err(Unclear::Lengths);
    }
    // It has no body, whatever it says; if a server sends one anyway, the body must not be read as
    // another answer.
    let is_odd = header.status == StatusCode::NO_CONTENT
        && first
            .map(HeaderValue::as_bytes)
            .is_some_and(|length| length != b"0");
    Ok(Ending::AsRead { certain: !is_odd })
}

/// What a Transfer-Encoding says was done to the body.
enum Applied {
    Nothing,
    Chunked,
    Unknown,
}

/// `chunked` counts at the end only: before anything else, even an empty element, parsers differ.
fn applied(codings: &[u8]) -> Applied {
    let is_none = |coding: &[u8]| {
        NO_CODING
            .iter()
            .any(|none| coding.eq_ignore_ascii_case(none.as_bytes()))
    };
    let mut codings = codings.rsplit(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let last = codings.next().unwrap_or_default();
    if !codings.all(is_none) {
        return Applied::Unknown;
    }
    if last.eq_ignore_ascii_case(b"chunked") {
        return Applied::Chunked;
    }
    if is_none(last) {
        Applied::Nothing
    } else {
        Applied::Unknown
    }
}

const LENGTH: &[u8] = b"content-length";

/// Whether a header has a line with a length.
fn has_length(raw: &[u8]) -> bool {
    let mut lines = raw.split(|byte| *byte == b'\n');
    lines.any(|line| {
        let name = line.get(..LENGTH.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(LENGTH))
    })
}

/// The lengths in a header that pingora has read; `None` if it could not be parsed again.
fn lengths(raw: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut answer = httparse::Response::new(&mut lines);
    parser().parse_response(&mut answer, raw).ok()?;
    let lines = answer.headers.iter();
    let lengths = lines.filter(|line| line.name.as_bytes().eq_ignore_ascii_case(LENGTH));
    Some(
        lengths
            .map(|line| line.value.trim_ascii().to_vec())
            .collect(),
    )
}

fn digits(length: &[u8]) -> Option<u64> {
    let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(length).ok().filter(|_| is_number)?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTAIN: Result<Ending, Unclear> = Ok(Ending::AsRead { certain: true });
    const UNCERTAIN: Result<Ending, Unclear> = Ok(Ending::AsRead { certain: false });

    /// The end of an answer with these lines, as pingora hands them over.
    fn of(status: u16, lines: &[(&str, &str)], has_body: bool) -> Result<Ending, Unclear> {
        let mut header = ResponseHeader::build(status, None).unwrap();
        let mut raw = format!("HTTP/1.1 {status} OK\r\n");
        for (name, value) in lines {
            header.append_header((*name).to_owned(), *value).unwrap();
            raw.push_str(&format!("{name}: {value}\r\n"));
        }
        raw.push_str("\r\n");
        if header.headers.contains_key(TRANSFER_ENCODING) {
            header.remove_header(&CONTENT_LENGTH);
        }
        find(&header, || raw, has_body)
    }

    #[test]
    fn a_transfer_encoding_of_identity_leaves_the_content_length_valid() {
        for word in [
            "identity",
            "IDENTITY",
            "",
            " ",
            "none",
            "8bit",
            "7bit",
            "binary",
            "identity, ,8bit",
        ] {
            let coding = ("Transfer-Encoding", word);
            for length in ["Content-Length", "content-length"] {
                let with_length = of(200, &[coding, (length, "7")], true);
                assert_eq!(with_length, Ok(Ending::After(7)), "{word}");
                let before = of(200, &[(length, "0"), coding], true);
                assert_eq!(before, Ok(Ending::After(0)), "{word}");
            }
            assert_eq!(of(200, &[coding], true), UNCERTAIN, "{word}");
        }
    }

    #[test]
    fn invalid_or_conflicting_lengths_are_ignored() {
        for value in ["7, 7", "+7", "0x7", "", "seven", "99999999999999999999"] {
            let lines = [("Transfer-Encoding", "identity"), ("Content-Length", value)];
            assert_eq!(of(200, &lines, true), Err(Unclear::Lengths), "{value}");
        }
        let length = ("Content-Length", "7");
        let lines = [length, ("Transfer-Encoding", "identity"), length];
        assert_eq!(of(200, &lines, true), Err(Unclear::Lengths));
        assert_eq!(of(200, &[length, length], true), Err(Unclear::Lengths));
        assert_eq!(
            of(200, &[("Content-Length", "7, 7")], true),
            Err(Unclear::Lengths)
        );
    }

    #[test]
    fn unrequested_transfer_codings_are_refused() {
        for coding in [
            "gzip",
            "gzip, chunked",
            "chunked, gzip",
            "chunked, identity",
            "chunked,",
            "chunked, chunked",
            "chunked;x=1",
            "xchunked",
            "\u{e9}",
        ] {
            for length in [&[][..], &[("Content-Length", "7")]] {
                let lines = [&[("Transfer-Encoding", coding)], length].concat();
                let end = of(200, &lines, true);
                assert!(matches!(end, Err(Unclear::Coding(_))), "{coding} {end:?}");
            }
        }
        let lines = [
            ("Transfer-Encoding", "identity"),
            ("Transfer-Encoding", "chunked"),
        ];
        assert_eq!(of(200, &lines, true), Err(Unclear::Codings));
    }

    #[test]
    fn a_connection_is_reused_only_if_the_answers_end_is_unambiguous() {
        let chunked = ("Transfer-Encoding", "chunked");
        let length = ("Content-Length", "7");
        for (status, lines, has_body, expected) in [
            (200, &[length][..], true, CERTAIN),
            (200, &[chunked], true, CERTAIN),
            (200, &[("Transfer-Encoding", "Chunked")], true, CERTAIN),
            (
                200,
                &[("Transfer-Encoding", "identity, chunked")],
                true,
                CERTAIN,
            ),
            (200, &[chunked, length], true, UNCERTAIN),
            (200, &[length, chunked], true, UNCERTAIN),
            // To HEAD.
            (200, &[chunked], false, CERTAIN),
            (304, &[length], false, CERTAIN),
            (204, &[], false, CERTAIN),
            (204, &[("Content-Length", "0")], false, CERTAIN),
            (204, &[length], false, UNCERTAIN),
            (204, &[chunked], false, UNCERTAIN),
        ] {
            assert_eq!(of(status, lines, has_body), expected, "{status} {lines:?}");
        }
    }
}
