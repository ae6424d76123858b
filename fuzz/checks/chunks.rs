//! The lines of chunked bodies: a strict decoder has the same opinion of them, however they are cut.

use countersign::proxy::{Chunks, chunk_lines};

use super::chunked::{Decoded, decode};

/// The first byte says where the rest is cut.
pub fn check(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let whole = chunk_lines(&[bytes]);
    let cut = usize::from(*cut).min(bytes.len());
    let (head, tail) = bytes.split_at(cut);
    assert_eq!(chunk_lines(&[head, tail]), whole);
    let each: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(chunk_lines(&each), whole);
    let expected = match decode(bytes) {
        Decoded::Whole { .. } => Chunks::Finished,
        Decoded::Unfinished {
            last_chunk_seen: true,
        } => Chunks::Finished,
        Decoded::Unfinished { .. } => Chunks::Unfinished,
        Decoded::BadLine => Chunks::Bad,
        // Line ends behind data are pingora's to check.
        Decoded::BadData => return,
    };
    assert_eq!(whole, expected, "{:?}", String::from_utf8_lossy(bytes));
}
