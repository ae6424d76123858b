//! What a reader made of a text.

use std::fmt;

use super::whole_request::WrittenRequest;

/// A request that was read, and what its text left open.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadRequest {
    /// The request.
    pub request: WrittenRequest,
    /// Whether its URL was one of `https`, where it had one.
    pub https: Option<bool>,
    /// When it was sent, in Unix seconds, if the text says it.
    pub at: Option<i64>,
    /// What whoever wonders about the verdict should know of the text.
    pub notes: Vec<ReadNote>,
}

/// Something in a text that a server would have seen differently, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadNote {
    /// The body is decoded from chunks.
    Chunked,
    /// The header says that the body is in chunks, but it is recorded without them.
    AlreadyDecoded,
    /// There is more than Content-Length says: how many bytes it says, and how many there are.
    Longer(usize, usize),
    /// There is less than Content-Length says: how many bytes it says, and how many there are.
    Shorter(usize, usize),
    /// A capture kept less of the body than there was: how many bytes there were, and how many it has.
    CutInCapture(usize, usize),
    /// Bytes behind the last chunk, which belong to no body.
    BehindChunks(usize),
    /// A HAR file says how many bytes the body had, and its text has another number.
    HarLength(usize, usize),
    /// A HAR file holds the form's parameters, and not the body.
    RebuiltForm,
    /// The header has no request line: the method and the target are assumed.
    NoRequestLine,
    /// An option of curl was left out: on which line it is, and what it is called.
    LeftOut(usize, String),
}

impl fmt::Display for ReadNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chunked => f.write_str("the body was recorded in chunks, and is decoded"),
            Self::AlreadyDecoded => f.write_str(
                "Transfer-Encoding says `chunked`, but the body is recorded without chunks",
            ),
            Self::Longer(said, found) => write!(
                f,
                "Content-Length says {said}, but {found} bytes follow the header: a server reads \
                 the first {said}, and so does this"
            ),
            Self::Shorter(said, found) => write!(
                f,
                "Content-Length says {said}, but only {found} bytes follow the header: the body \
                 was cut off or changed when it was recorded"
            ),
            Self::CutInCapture(whole, kept) => write!(
                f,
                "the body had {whole} bytes, and the capture kept the first {kept}: no signature over it can \
                 be verified; `capture.body` says how much is kept"
            ),
            Self::BehindChunks(count) => {
                write!(f, "{count} bytes behind the last chunk are left out")
            }
            Self::HarLength(said, found) => write!(
                f,
                "the HAR file says that the body had {said} bytes, but its text has {found}: it \
                 does not hold the bytes that were sent"
            ),
            Self::RebuiltForm => f.write_str(
                "the HAR file holds the form's parameters only: the body is rebuilt from them, \
                 perhaps with other escapes than were sent",
            ),
            Self::NoRequestLine => f.write_str(
                "the header has no request line: method and target are assumed (`POST /`, or \
                 `GET /` without a body)",
            ),
            Self::LeftOut(line, option) => {
                write!(f, "line {line}: curl's option `{option}` is left out")
            }
        }
    }
}
