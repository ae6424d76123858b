//! Checks the size lines of a chunked body before pingora reads them.
//!
//! pingora accepts a line feed inside a chunk extension, where other servers end the line, and
//! reads a size without digits as 0. If two servers end a body at different places, one of them
//! sees another request in it.

/// What follows a chunk's size violates RFC 9112, section 7.1.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::proxy) struct BadChunk;

/// How far into a chunked body the bytes were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkLines {
    /// In the digits of a size.
    Size { digits: u8, size: u64 },
    /// After the digits, in the same line.
    Extension { size: u64 },
    /// After the carriage return that ends the line.
    LineEnd { size: u64 },
    /// In a chunk's data or in the line end after it, which pingora checks.
    Data { left: u64 },
    /// After the line of the last chunk. The rest is not checked here.
    Last,
    /// After an invalid byte.
    Bad,
}

/// The most hexadecimal digits of a 64-bit number.
const MAX_DIGITS: u8 = 16;

impl ChunkLines {
    /// The place before the first chunk.
    pub(super) const START: Self = Self::Size { digits: 0, size: 0 };

    /// Checks the next bytes.
    ///
    /// # Errors
    /// If a size has no digits or too many, or its line ends with anything but CR LF.
    pub(super) fn look_at(&mut self, mut bytes: &[u8]) -> Result<(), BadChunk> {
        while let Some((byte, rest)) = bytes.split_first() {
            if let Self::Data { left } = *self {
                let here = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                bytes = bytes.get(here..).unwrap_or_default();
                *self = match left.saturating_sub(here as u64) {
                    0 => Self::START,
                    left => Self::Data { left },
                };
                continue;
            }
            *self = self.behind(*byte);
            match self {
                Self::Last => return Ok(()),
                Self::Bad => return Err(BadChunk),
                _ => bytes = rest,
            }
        }
        Ok(())
    }

    /// The place after a byte outside of data.
    fn behind(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Size { digits, size }, _) if byte.is_ascii_hexdigit() && digits < MAX_DIGITS => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                Self::Size {
                    digits: digits.saturating_add(1),
                    size: size.wrapping_shl(4) | u64::from(digit),
                }
            }
            (Self::Size { digits: 0, .. }, _) => Self::Bad,
            (Self::Size { size, .. } | Self::Extension { size }, b'\r') => Self::LineEnd { size },
            (Self::Size { size, .. }, b' ' | b'\t' | b';') => Self::Extension { size },
            (Self::Extension { size }, b'\t' | b' '..) if byte != 0x7f => Self::Extension { size },
            (Self::LineEnd { size: 0 }, b'\n') | (Self::Last, _) => Self::Last,
            (Self::LineEnd { size }, b'\n') => Self::Data {
                left: size.saturating_add(2),
            },
            _ => Self::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a body, however it is cut in two.
    fn looked_at(body: &str) -> Result<ChunkLines, BadChunk> {
        let outcome = |at: usize| {
            let (head, tail) = body.as_bytes().split_at(at);
            let mut lines = ChunkLines::START;
            lines.look_at(head)?;
            lines.look_at(tail).map(|()| lines)
        };
        let whole = outcome(0);
        for at in 0..=body.len() {
            assert_eq!(outcome(at), whole, "{body:?} cut at {at}");
        }
        whole
    }

    #[test]
    fn well_formed_chunked_bodies_are_accepted() {
        for body in [
            "0\r\n\r\n",
            "5\r\nab\ncd\r\n0\r\n\r\n",
            "5;a=b\r\nabcde\r\n00A ;x\r\n0123456789\r\n0;y\r\nX: y\n\r\n",
            "0000000000000001\r\na\r\n0\r\nPOST / HTTP/1.1\n",
            "1;\u{e9}\r\na\r\n0\r\n\r\n",
        ] {
            assert_eq!(looked_at(body), Ok(ChunkLines::Last), "{body:?}");
        }
    }

    #[test]
    fn an_unfinished_chunked_body_leaves_its_place() {
        for (body, place) in [
            ("", ChunkLines::START),
            (
                "a",
                ChunkLines::Size {
                    digits: 1,
                    size: 10,
                },
            ),
            ("a;b", ChunkLines::Extension { size: 10 }),
            ("a\r", ChunkLines::LineEnd { size: 10 }),
            ("a\r\n\n\n", ChunkLines::Data { left: 10 }),
            ("ffffffffffffffff\r\n", ChunkLines::Data { left: u64::MAX }),
        ] {
            assert_eq!(looked_at(body), Ok(place), "{body:?}");
        }
    }

    #[test]
    fn chunk_lines_with_an_ambiguous_end_are_refused() {
        for body in [
            "\r\n",
            ";\r\n",
            " 1\r\n",
            "+1\r\n",
            "0x1\r\n",
            "1\n",
            "1\rx",
            "1;a\nb\r\n",
            "1;a\rb\r\n",
            "1;a\0\r\n",
            "1;\u{7f}\r\n",
            "00000000000000001\r\n",
            "1\r\na\r\n\r\n",
            "1\r\na\r\n0;\n\r\n",
        ] {
            assert_eq!(looked_at(body), Err(BadChunk), "{body:?}");
        }
    }
}
