//! Why a text is no request.

use std::fmt;

/// Why a text is no request, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct UnreadRequest {
    /// The line, counted from 1; `None` if it is about all of it.
    pub line: Option<usize>,
    /// What is wrong there.
    pub fault: RequestTextFault,
}

impl UnreadRequest {
    pub(super) const fn at(line: usize, fault: RequestTextFault) -> Self {
        Self {
            line: Some(line),
            fault,
        }
    }
}

impl From<RequestTextFault> for UnreadRequest {
    fn from(fault: RequestTextFault) -> Self {
        Self { line: None, fault }
    }
}

impl fmt::Display for UnreadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

/// What is wrong with a text that should be a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
#[non_exhaustive]
pub enum RequestTextFault {
    #[error("there is no request: the text is empty")]
    Empty,
    #[error(
        "not a request line: it must be `METHOD TARGET HTTP/1.1`, as in `POST /callback HTTP/1.1`"
    )]
    RequestLine,
    #[error("this is an answer, not a request: give what the client sent")]
    Answer,
    #[error("`{0}` is no method")]
    Method(String),
    #[error("`{0}` is no target: it must begin with a slash, or be a URL of http or https")]
    Target(String),
    #[error("not a header line: it must be `Name: value`")]
    HeaderLine,
    #[error("the header name `{0}` has characters that no header name may have")]
    HeaderName(String),
    #[error("the value of `{0}` has characters that no header value may have")]
    HeaderValue(String),
    #[error("the header has more than {0} lines: no server takes that many")]
    ManyHeaders(usize),
    #[error("a header line that goes on from the line before: servers refuse it")]
    Folded,
    #[error("the header line `{0}` stands in front of the request line")]
    LateRequestLine(String),
    #[error(
        "chunk {0} of the body is malformed: it must have its size in hexadecimal, a line end, as many bytes, and a line end"
    )]
    Chunk(usize),
    #[error("not a HAR file: {0}")]
    Har(String),
    #[error("the HAR file has no entry")]
    NoEntry,
    #[error("the HAR file has {count} entries: choose one with `--entry N`:\n{list}")]
    WhichEntry { count: usize, list: String },
    #[error("the HAR file has {count} entries: there is no entry {wanted}")]
    EntryNumber { count: usize, wanted: usize },
    #[error("entry {0}: its `{1}` is missing or of another type than HAR says")]
    EntryPart(usize, &'static str),
    #[error("entry {0}: the text of its body is not valid base64, though `encoding` says so")]
    EntryBase64(usize),
    #[error("a quote that nothing closes: {0}")]
    OpenQuote(&'static str),
    #[error("`{0}` is not understood inside `$'…'`")]
    AnsiEscape(String),
    #[error("`{0}` asks the shell for more than quoting: write its value out")]
    ShellSyntax(char),
    #[error("not a curl command: it must begin with `curl`")]
    NotCurl,
    #[error("the option `{0}` needs a value behind it")]
    OptionValue(String),
    #[error("the command names no URL")]
    NoUrl,
    #[error("the command names several URLs: `{0}` is the second")]
    SeveralUrls(String),
    #[error("`{0}` is no URL of http or https")]
    Url(String),
    #[error("`{0}` names a file: files are read only with `--files`")]
    FileNotAllowed(String),
    #[error("cannot read the file of `{0}`: {1}")]
    File(String, String),
}
