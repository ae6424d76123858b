//! Frames: a length of four bytes, the highest first, and as many bytes of JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest request, in bytes.
pub const MAX_REQUEST: usize = 64 << 10;

/// The longest answer, in bytes: more than the largest body that is kept, encoded.
pub const MAX_ANSWER: usize = 64 << 20;

/// The length of a frame's head.
pub const HEAD: usize = 4;

/// What is wrong with a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is longer than this.
    #[error("it has {length} bytes, and may have {max}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// It is not the JSON that was expected.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// A value as a frame of at most `max` bytes behind its head.
///
/// # Errors
/// If it is longer.
pub fn encode(value: &impl Serialize, max: usize) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; HEAD];
    serde_json::to_writer(&mut frame, value)?;
    let length = frame.len().saturating_sub(HEAD);
    let head = u32::try_from(length).ok().filter(|_| length <= max);
    let head = head.ok_or(FrameError::TooLong { length, max })?;
    for (byte, value) in frame.iter_mut().zip(head.to_be_bytes()) {
        *byte = value;
    }
    Ok(frame)
}

/// The length that a frame's head announces.
///
/// # Errors
/// If it is longer than `max`: nothing of it should be read.
pub fn length(head: [u8; HEAD], max: usize) -> Result<usize, FrameError> {
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length > max {
        return Err(FrameError::TooLong { length, max });
    }
    Ok(length)
}

/// The value in a frame.
///
/// # Errors
/// If it is not one.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_its_length_and_json() {
        let frame = encode(&["a"], 5).unwrap();
        assert_eq!(frame, b"\0\0\0\x05[\"a\"]");
        let (head, body) = frame.split_first_chunk::<HEAD>().unwrap();
        assert_eq!(length(*head, 5).unwrap(), body.len());
        assert_eq!(decode::<Vec<String>>(body).unwrap(), ["a"]);
    }

    #[test]
    fn a_frame_that_is_too_long_is_neither_written_nor_read() {
        let why = encode(&["a"], 4).unwrap_err().to_string();
        assert_eq!(why, "it has 5 bytes, and may have 4");
        assert!(length([0, 0, 0, 5], 4).is_err());
        assert!(length([255; HEAD], MAX_ANSWER).is_err());
    }
}
