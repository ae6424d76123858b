//! The PROXY protocol, versions 1 and 2: what a load balancer says about the connection that it
//! passes on. Parsed strictly as HAProxy's specification defines it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::judge::ProxySource;

/// The longest header of version 1, including its line end.
const MAX_V1: usize = 107;

/// The longest accepted header of version 2: addresses take up to 216 bytes; the rest is for what
/// the balancer adds.
pub(super) const MAX_V2: usize = 4096;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The length of the fixed part of a version 2 header.
const FIXED: usize = 16;

/// Says that TLS was terminated at the balancer.
const TYPE_SSL: u8 = 0x20;
const CLIENT_SSL: u8 = 0x01;

/// The content of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyHeader {
    /// The client of the connection.
    pub source: ProxySource,
    /// Whether the client used TLS, which was terminated at the balancer.
    pub tls: bool,
    /// The length of the header in bytes.
    pub length: usize,
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyHeaderError {
    /// The connection starts with something else.
    #[error("no PROXY header")]
    Missing,
    /// It starts like one.
    #[error("the PROXY header is malformed")]
    Malformed,
    /// It is longer than the limit.
    #[error("the PROXY header is too long")]
    TooLong,
}

impl ProxyHeader {
    /// Parses the header at the start of a connection; `None` while it is incomplete.
    ///
    /// # Errors
    /// As soon as the bytes cannot become a valid header.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, ProxyHeaderError> {
        parse(bytes)
    }
}

fn parse(bytes: &[u8]) -> Result<Option<ProxyHeader>, ProxyHeaderError> {
    if bytes.starts_with(SIGNATURE) {
        return version2(bytes);
    }
    if SIGNATURE.starts_with(bytes) {
        return Ok(None);
    }
    if !begins_alike(bytes, b"PROXY ") {
        return Err(ProxyHeaderError::Missing);
    }
    let line = bytes.get(..MAX_V1).unwrap_or(bytes);
    let Some(end) = line.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() >= MAX_V1 {
            Err(ProxyHeaderError::TooLong)
        } else {
            Ok(None)
        };
    };
    let text = line
        .get(..end)
        .and_then(|line| std::str::from_utf8(line).ok());
    let text = text.and_then(|text| text.strip_suffix('\r')?.strip_prefix("PROXY "));
    let source = text.and_then(version1).ok_or(ProxyHeaderError::Malformed)?;
    Ok(Some(ProxyHeader {
        source,
        tls: false,
        length: end.saturating_add(1),
    }))
}

/// Whether one of them is a prefix of the other.
fn begins_alike(bytes: &[u8], start: &[u8]) -> bool {
    bytes.starts_with(start) || start.starts_with(bytes)
}

/// What is between `PROXY ` and the end of the line.
fn version1(text: &str) -> Option<ProxySource> {
    // What follows here has no meaning.
    if text == "UNKNOWN" || text.starts_with("UNKNOWN ") {
        return Some(ProxySource::Unnamed);
    }
    let mut words = text.split(' ');
    let family = words.next()?;
    let [source, destination] = [words.next()?, words.next()?].map(|word| match family {
        "TCP4" => word.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        "TCP6" => word.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => None,
    });
    let [from, to] = [words.next()?, words.next()?].map(port);
    if words.next().is_some() {
        return None;
    }
    // The destination must be valid, too, or the line is malformed.
    destination.zip(to)?;
    Some(ProxySource::Client(SocketAddr::new(source?, from?)))
}

/// Decimal, without sign and leading zeros.
fn port(word: &str) -> Option<u16> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = word == "0" || !word.starts_with('0');
    (plain && shortest).then(|| word.parse().ok())?
}

fn version2(bytes: &[u8]) -> Result<Option<ProxyHeader>, ProxyHeaderError> {
    let Some(&[command, family, high, low]) = bytes.get(SIGNATURE.len()..FIXED) else {
        return match bytes.get(SIGNATURE.len()) {
            Some(command) if !matches!(command, 0x20 | 0x21) => Err(ProxyHeaderError::Malformed),
            _ => Ok(None),
        };
    };
    let length = FIXED.saturating_add(u16::from_be_bytes([high, low]).into());
    let is_local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyHeaderError::Malformed),
    };
    if length > MAX_V2 {
        return Err(ProxyHeaderError::TooLong);
    }
    let Some(rest) = bytes.get(FIXED..length) else {
        return Ok(None);
    };
    if is_local {
        // The balancer checks the health of this server. What follows has no meaning.
        return Ok(Some(ProxyHeader {
            source: ProxySource::Balancer,
            tls: false,
            length,
        }));
    }
    let (source, more) = addresses(family, rest).ok_or(ProxyHeaderError::Malformed)?;
    let tls = ends_tls(more).ok_or(ProxyHeaderError::Malformed)?;
    Ok(Some(ProxyHeader {
        source,
        tls,
        length,
    }))
}

/// The source, and what follows the addresses.
fn addresses(family: u8, bytes: &[u8]) -> Option<(ProxySource, &[u8])> {
    match family {
        0x00 => Some((ProxySource::Unnamed, bytes)),
        // TCP over IPv4.
        0x11 => {
            let (ip, rest) = bytes.split_first_chunk::<4>()?;
            let (_, rest) = rest.split_first_chunk::<4>()?;
            let (port, rest) = rest.split_first_chunk::<2>()?;
            let (_, rest) = rest.split_first_chunk::<2>()?;
            let port = u16::from_be_bytes(*port);
            let source = SocketAddr::new((*ip).into(), port);
            Some((ProxySource::Client(source), rest))
        }
        // TCP over IPv6.
        0x21 => {
            let (ip, rest) = bytes.split_first_chunk::<16>()?;
            let (_, rest) = rest.split_first_chunk::<16>()?;
            let (port, rest) = rest.split_first_chunk::<2>()?;
            let (_, rest) = rest.split_first_chunk::<2>()?;
            let port = u16::from_be_bytes(*port);
            let source = SocketAddr::new((*ip).into(), port);
            Some((ProxySource::Client(source), rest))
        }
        // A Unix socket at the balancer.
        0x31 => Some((ProxySource::Unnamed, bytes.get(216..)?)),
        _ => None,
    }
}

/// Whether the balancer adds that it terminated TLS; `None` if what it adds is malformed.
fn ends_tls(mut more: &[u8]) -> Option<bool> {
    let mut tls = false;
    while !more.is_empty() {
        let (&[kind, high, low], rest) = more.split_first_chunk::<3>()?;
        let (value, rest) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        if kind == TYPE_SSL {
            tls = value.first()? & CLIENT_SSL != 0;
        }
        more = rest;
    }
    Some(tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> String {
        match parse(bytes).unwrap().unwrap().source {
            ProxySource::Client(address) => address.to_string(),
            ProxySource::Balancer => "balancer".to_owned(),
            ProxySource::Unnamed => "unnamed".to_owned(),
        }
    }

    /// A header of version 2.
    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    const TCP4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 1, 0x1f, 0x90, 0x01, 0xbb];

    fn tcp6() -> Vec<u8> {
        let ip: Ipv6Addr = "2001:db8::1".parse().unwrap();
        [&ip.octets()[..], &[0; 16], &[0, 80, 1, 187]].concat()
    }

    #[test]
    fn reads_version_1() {
        for (line, expected) in [
            (
                "PROXY TCP4 192.0.2.1 198.51.100.1 8080 443\r\n",
                "192.0.2.1:8080",
            ),
            (
                "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
                "255.255.255.255:65535",
            ),
            ("PROXY TCP6 2001:db8::1 ::1 0 443\r\n", "[2001:db8::1]:0"),
            ("PROXY UNKNOWN\r\n", "unnamed"),
            ("PROXY UNKNOWN ffff::1 what ever it says\r\n", "unnamed"),
        ] {
            let whole = format!("{line}GET / HTTP/1.1\r\n");
            assert_eq!(source(whole.as_bytes()), expected, "{line}");
            assert_eq!(parse(whole.as_bytes()).unwrap().unwrap().length, line.len());
            for cut in 0..line.len() {
                assert_eq!(parse(&line.as_bytes()[..cut]), Ok(None), "{cut} of {line}");
            }
        }
    }

    #[test]
    fn reads_version_2() {
        for (header, expected) in [
            (v2(0x21, 0x11, TCP4), "192.0.2.1:8080"),
            (v2(0x21, 0x21, &tcp6()), "[2001:db8::1]:80"),
            (
                v2(0x21, 0x11, &[TCP4, &[4, 0, 2, 9, 9]].concat()),
                "192.0.2.1:8080",
            ),
            (v2(0x21, 0x31, &[0; 216]), "unnamed"),
            (v2(0x21, 0x00, b""), "unnamed"),
            (v2(0x20, 0x00, b""), "balancer"),
            // Of a connection of the balancer's own nothing else counts.
            (v2(0x20, 0x11, TCP4), "balancer"),
            (v2(0x20, 0xff, b"anything"), "balancer"),
        ] {
            let whole = [&header[..], b"\x16\x03\x01"].concat();
            assert_eq!(source(&whole), expected, "{header:x?}");
            assert_eq!(parse(&whole).unwrap().unwrap().length, header.len());
            for cut in 0..header.len() {
                assert_eq!(parse(&header[..cut]), Ok(None), "{cut} of {header:x?}");
            }
        }
    }

    #[test]
    fn version_2_tells_of_tls() {
        for (more, expected) in [
            (&[0x20, 0, 5, 1, 0, 0, 0, 0][..], true),
            (&[0x20, 0, 5, 0, 0, 0, 0, 0], false),
            (&[1, 0, 1, b'h', 0x20, 0, 1, 7], true),
            (&[], false),
        ] {
            let header = parse(&v2(0x21, 0x11, &[TCP4, more].concat()));
            assert_eq!(header.unwrap().unwrap().tls, expected, "{more:x?}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        use ProxyHeaderError::{Malformed, Missing, TooLong};
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1\r\n"[..], Missing),
            (b"PROXX", Missing),
            (b"proxy TCP4 ", Missing),
            (b"\x16\x03\x01\x02", Missing),
            (b"\r\n\r\nGET", Missing),
            (b"PROXY TCP4 192.0.2.1 198.51.100.1 8080 443\n", Malformed),
            (b"PROXY TCP4 192.0.2.1 198.51.100.1 8080\r\n", Malformed),
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 8080 443 1\r\n",
                Malformed,
            ),
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 8080 443 \r\n",
                Malformed,
            ),
            (
                b"PROXY  TCP4 192.0.2.1 198.51.100.1 8080 443\r\n",
                Malformed,
            ),
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
                Malformed,
            ),
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 08080 443\r\n",
                Malformed,
            ),
            (
                b"PROXY TCP4 192.0.2.1 198.51.100.1 +8080 443\r\n",
                Malformed,
            ),
            (
                b"PROXY TCP4 192.0.2.01 198.51.100.1 8080 443\r\n",
                Malformed,
            ),
            (b"PROXY TCP4 2001:db8::1 ::1 8080 443\r\n", Malformed),
            (b"PROXY TCP6 192.0.2.1 198.51.100.1 8080 443\r\n", Malformed),
            (b"PROXY TCP6 192.0.2.1 nonsense 8080 443\r\n", Malformed),
            (b"PROXY UDP4 192.0.2.1 198.51.100.1 8080 443\r\n", Malformed),
            (b"PROXY UNKNOWNS\r\n", Malformed),
            (b"PROXY \xff\r\n", Malformed),
            (b"PROXY \r\n", Malformed),
            (&[b'x'; 1][..], Missing),
            (&v2(0x22, 0x11, TCP4), Malformed),
            (&v2(0x11, 0x11, TCP4), Malformed),
            (&v2(0x21, 0x12, TCP4), Malformed),
            (&v2(0x21, 0x41, TCP4), Malformed),
            (&v2(0x21, 0x11, &TCP4[..11]), Malformed),
            (&v2(0x21, 0x21, TCP4), Malformed),
            (&v2(0x21, 0x31, &[0; 215]), Malformed),
            (&v2(0x21, 0x11, &[TCP4, &[4, 0]].concat()), Malformed),
            (&v2(0x21, 0x11, &[TCP4, &[4, 0, 9, 1]].concat()), Malformed),
            (&v2(0x21, 0x11, &[TCP4, &[0x20, 0, 0]].concat()), Malformed),
        ] {
            assert_eq!(
                parse(bytes),
                Err(expected),
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(MAX_V1));
        assert_eq!(parse(long.as_bytes()), Err(TooLong));
        assert_eq!(parse(&long.as_bytes()[..MAX_V1 - 1]), Ok(None));
        // Refused before it is sent.
        let long = v2(0x21, 0x11, &[0; MAX_V2]);
        assert_eq!(parse(&long[..FIXED]), Err(TooLong));
    }
}
