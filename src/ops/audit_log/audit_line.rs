//! One line of the audit log.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::ops::escape;

/// The longest object or result, in characters: a command may name anything.
const LONGEST: usize = 200;

/// What a line records.
#[derive(Clone, Copy, Debug)]
pub struct AuditEntry<'e> {
    /// The name of the user who asked, if the system knows one.
    pub user: Option<&'e str>,
    /// Its number.
    pub uid: u32,
    /// What was asked for.
    pub command: &'e str,
    /// Of what.
    pub object: &'e str,
    /// What came of it.
    pub result: &'e str,
}

/// The SHA-256 of a line, without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineHash([u8; 32]);

impl LineHash {
    /// That of this line.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        Self(Sha256::digest(line).into())
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for LineHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHY: &str = "a hash has 64 hexadecimal digits";
        let mut hash = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != hash.len() || !rest.is_empty() {
            return Err(WHY);
        }
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            let digits = std::str::from_utf8(pair).map_err(|_| WHY)?;
            if digits.starts_with('+') {
                return Err(WHY);
            }
            *byte = u8::from_str_radix(digits, 16).map_err(|_| WHY)?;
        }
        Ok(Self(hash))
    }
}

impl AuditEntry<'_> {
    /// Writes the line behind the one with this hash.
    pub(super) fn write(&self, time: SystemTime, before: Option<LineHash>, out: &mut Vec<u8>) {
        let time = humantime::format_rfc3339_millis(time);
        // Writing to memory cannot fail.
        let _ = write!(out, r#"{{"time":"{time}","user":"#);
        match self.user {
            Some(user) => text(user, out),
            None => out.extend_from_slice(b"null"),
        }
        let _ = write!(out, r#","uid":{}"#, self.uid);
        for (name, value) in [
            ("command", self.command),
            ("object", self.object),
            ("result", self.result),
        ] {
            let _ = write!(out, r#","{name}":"#);
            text(value, out);
        }
        let _ = match before {
            Some(before) => writeln!(out, r#","before":"{before}"}}"#),
            None => writeln!(out, r#","before":null}}"#),
        };
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    let end = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    out.push(b'"');
    escape::json(out, end.and_then(|end| text.get(..end)).unwrap_or(text));
    if end.is_some() {
        out.extend_from_slice("…".as_bytes());
    }
    out.push(b'"');
}
