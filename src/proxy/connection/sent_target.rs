//! Targets that pingora's parser does not accept, but nginx and most servers do.

use bytes::Bytes;

/// Takes a target out of a header if its query has bytes that pingora refuses or encodes, and
/// leaves one of the same length in its place. The header's first line has two spaces.
///
/// Merchants register such URLs (JSON, GBK), and the platforms send them as they are. The path
/// stays as strict as it was: routes depend on it.
pub(super) fn take(header: &mut [u8]) -> Option<Bytes> {
    let target = target_of(header)?;
    let query = target.iter().position(|byte| *byte == b'?')?;
    let is_odd = |byte: &u8| matches!(byte, b'"' | b'<' | b'>' | 0x80..);
    if !target.get(query..)?.iter().any(is_odd) {
        return None;
    }
    let sent = Bytes::copy_from_slice(target);
    for byte in target
        .get_mut(query..)?
        .iter_mut()
        .filter(|byte| is_odd(byte))
    {
        *byte = b'_';
    }
    Some(sent)
}

/// The second word of the first line.
fn target_of(header: &mut [u8]) -> Option<&mut [u8]> {
    let line = header.split_mut(|byte| *byte == b'\n').next()?;
    line.split_mut(|byte| *byte == b' ').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is taken, and what is left.
    fn taken(line: &[u8]) -> (Option<Vec<u8>>, Vec<u8>) {
        let mut header = [line, b"\r\nA: \"?\xff\"\r\n\r\n\"<>"].concat();
        let sent = take(&mut header);
        assert!(header.ends_with(b"\r\nA: \"?\xff\"\r\n\r\n\"<>"));
        header.truncate(line.len());
        (sent.map(Into::into), header)
    }

    #[test]
    fn only_a_query_is_replaced() {
        for line in [
            &b"POST /cb?a=b&c={|}^[]\\` HTTP/1.1"[..],
            b"POST /c\"b HTTP/1.1",
            b"POST /c\xff<b?a HTTP/1.1",
            b"PO\"ST? /cb HTTP/1.1\"",
            b"POST",
            b"",
        ] {
            assert_eq!(taken(line), (None, line.to_vec()));
        }
        for (line, sent, left) in [
            (
                &b"POST /cb?a=\"<\xd6\xa7>\" HTTP/1.1"[..],
                &b"/cb?a=\"<\xd6\xa7>\""[..],
                &b"POST /cb?a=______ HTTP/1.1"[..],
            ),
            (
                b"POST http://a/\"?\" HTTP/1.1",
                b"http://a/\"?\"",
                b"POST http://a/\"?_ HTTP/1.1",
            ),
        ] {
            assert_eq!(taken(line), (Some(sent.to_vec()), left.to_vec()));
        }
    }
}
