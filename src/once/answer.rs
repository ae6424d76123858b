//! A backend's answer in the form that a store keeps.

use bytes::{BufMut as _, Bytes, BytesMut};

/// The format's version: the first byte of an encoded answer.
const VERSION: u8 = 1;

/// How many headers of an answer are stored.
pub const MAX_HEADERS: usize = 16;

/// A backend's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The status.
    pub status: u16,
    /// The headers that describe the body: name and value.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; `None` if it was too large.
    pub body: Option<Bytes>,
}

impl StoredAnswer {
    /// Encodes the answer.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let body = self.body.as_ref().map_or(0, Bytes::len);
        let mut out = BytesMut::with_capacity(body.saturating_add(64));
        out.put_u8(VERSION);
        out.put_u16(self.status);
        out.put_u8(self.body.is_some().into());
        let fitting = |(name, value): &&(String, Vec<u8>)| {
            u8::try_from(name.len()).is_ok() && u16::try_from(value.len()).is_ok()
        };
        let headers: Vec<_> = self
            .headers
            .iter()
            .filter(fitting)
            .take(MAX_HEADERS)
            .collect();
        out.put_u8(u8::try_from(headers.len()).unwrap_or(0));
        for (name, value) in headers {
            out.put_u8(u8::try_from(name.len()).unwrap_or(0));
            out.put_slice(name.as_bytes());
            out.put_u16(u16::try_from(value.len()).unwrap_or(0));
            out.put_slice(value);
        }
        out.put_slice(self.body.as_deref().unwrap_or_default());
        out.freeze()
    }

    /// Decodes an answer; `None` if another program wrote it.
    #[must_use]
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        let mut rest = AnswerReader(bytes.clone());
        if rest.number(1)? != u16::from(VERSION) {
            return None;
        }
        let status = rest.number(2)?;
        let has_body = rest.number(1)? == 1;
        let count = rest.number(1)?;
        let mut headers = Vec::with_capacity(count.into());
        for _ in 0..count {
            let length = rest.number(1)?;
            let name = String::from_utf8(rest.take(length.into())?.to_vec()).ok()?;
            let length = rest.number(2)?;
            headers.push((name, rest.take(length.into())?.to_vec()));
        }
        (100..=999).contains(&status).then_some(Self {
            status,
            headers,
            body: has_body.then_some(rest.0),
        })
    }
}

/// Strips a committed answer of its body and of the headers that describe it. If another program
/// wrote it, nothing is left.
pub(super) fn without_body(answer: &Bytes) -> Bytes {
    let status = StoredAnswer::decode(answer).map(|answer| StoredAnswer {
        status: answer.status,
        headers: Vec::new(),
        body: None,
    });
    status.map_or_else(Bytes::new, |status| status.encode())
}

struct AnswerReader(Bytes);

impl AnswerReader {
    fn take(&mut self, length: usize) -> Option<Bytes> {
        (self.0.len() >= length).then(|| self.0.split_to(length))
    }

    /// A decimal number of at most two digits.
    fn number(&mut self, length: usize) -> Option<u16> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u16::from(*byte)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_answer_decodes_to_itself() {
        for body in [None, Some(Bytes::new()), Some(Bytes::from_static(b"{}"))] {
            let answer = StoredAnswer {
                status: 201,
                headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
                body,
            };
            assert_eq!(StoredAnswer::decode(&answer.encode()), Some(answer));
        }
    }

    #[test]
    fn a_stripped_answer_keeps_its_status() {
        let answer = StoredAnswer {
            status: 202,
            headers: vec![("content-type".to_owned(), b"text/plain".to_vec())],
            body: Some(Bytes::from_static(b"accepted")),
        };
        let left = StoredAnswer::decode(&without_body(&answer.encode())).unwrap();
        assert_eq!((left.status, left.headers.len(), left.body), (202, 0, None));
        assert!(without_body(&Bytes::from_static(b"?")).is_empty());
    }

    #[test]
    fn decoding_arbitrary_bytes_never_panics() {
        let whole = StoredAnswer {
            status: 200,
            headers: vec![("a".to_owned(), b"b".to_vec())],
            body: None,
        }
        .encode();
        for end in 0..whole.len() {
            assert_eq!(StoredAnswer::decode(&whole.slice(..end)), None, "{end}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 0xFF;
            // Whatever comes out, nothing panics.
            let _ = StoredAnswer::decode(&bytes.into());
        }
    }
}
