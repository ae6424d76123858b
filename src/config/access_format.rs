//! How lines of the access log look: in one of the two forms of our own, or as a template says.

use http::HeaderName;

use crate::verify::body::FieldPath;

/// The line that nginx and Apache call so; existing programs read it.
pub(super) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" \
    $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// How lines of the access log look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessFormat {
    /// For people: `key=value`.
    Text,
    /// One JSON object.
    Json,
    /// What the operator says.
    Template(Template),
}

/// Text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in their order.
    pub pieces: Vec<Piece>,
    /// How values are kept within their places.
    pub escape: Escape,
    /// The body fields of [`Variable::Field`]; all of them are some route's.
    pub fields: Vec<FieldPath>,
}

impl Template {
    /// Whether it names this variable.
    #[must_use]
    pub fn has(&self, variable: &Variable) -> bool {
        let is_it = |piece: &Piece| matches!(piece, Piece::Variable(other) if other == variable);
        self.pieces.iter().any(is_it)
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// What is known of the request.
    Variable(Variable),
}

/// How values are kept within their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As nginx does: `\x0A` for `"`, `\`, control characters and all beyond ASCII.
    Default,
    /// As in a JSON string.
    Json,
}

/// Declares the variables that have one name.
macro_rules! variables {
    ($($(#[$doc:meta])* $variable:ident = $name:literal,)+) => {
        /// What a template can say of a request. Named as in nginx where nginx has it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Variable {
            $($(#[$doc])* $variable,)+
            /// `$http_NAME`: a header of the request.
            Header(HeaderName),
            /// `$field_NAME`: a field of a verified body, by its place among the template's.
            Field(usize),
        }

        /// The variables that have one name.
        pub(super) const VARIABLES: &[(&str, Variable)] = &[$(($name, Variable::$variable),)+];
    };
}

variables! {
    /// The client's address.
    RemoteAddr = "remote_addr",
    /// The client's port.
    RemotePort = "remote_port",
    /// Always missing: nobody logs in here. It has its place in the combined line.
    RemoteUser = "remote_user",
    /// `24/Nov/2026:23:32:31 +0000`, when the line is written.
    TimeLocal = "time_local",
    /// `2026-11-24T23:32:31+00:00`.
    TimeIso8601 = "time_iso8601",
    /// Seconds since 1970, with milliseconds.
    Msec = "msec",
    /// Method, target and protocol.
    Request = "request",
    /// The method.
    RequestMethod = "request_method",
    /// The target as received.
    RequestUri = "request_uri",
    /// The target up to its query, as received.
    Uri = "uri",
    /// The query.
    Args = "args",
    /// `HTTP/1.1` and the like.
    ServerProtocol = "server_protocol",
    /// `http` or `https`.
    RequestScheme = "request_scheme",
    /// The host in lower case, without port.
    Host = "host",
    /// The status of the answer.
    Status = "status",
    /// Body bytes sent.
    BodyBytesSent = "body_bytes_sent",
    /// The same with the header.
    BytesSent = "bytes_sent",
    /// Body bytes received.
    BodyBytesReceived = "body_bytes_received",
    /// The same with the header.
    RequestLength = "request_length",
    /// Seconds from the request's first byte to the answer's last.
    RequestTime = "request_time",
    /// The id that the backend and the client were given.
    RequestId = "request_id",
    /// The server that answered, or the last one tried.
    UpstreamAddr = "upstream_addr",
    /// The status of its answer.
    UpstreamStatus = "upstream_status",
    /// Seconds from connecting to its last byte.
    UpstreamResponseTime = "upstream_response_time",
    /// Seconds until there was a connection.
    UpstreamConnectTime = "upstream_connect_time",
    /// `verified` or `rejected`.
    Verdict = "verdict",
    /// Why it was refused or failed.
    Reason = "reason",
    /// The place that was at fault.
    ReasonAt = "reason_at",
    /// What else there is to say of a refusal.
    ReasonDetail = "reason_detail",
    /// The body field that could have been signed as others.
    Ambiguous = "ambiguous",
    /// Whether it is a repeat, where the route has that found out.
    Once = "once",
    /// The route's scheme. Unlike nginx's, which is [`Variable::RequestScheme`].
    Scheme = "scheme",
    /// The id of the key that made the signature.
    Key = "key",
    /// The route's name.
    Route = "route",
    /// Seconds of reading the body.
    ReadTime = "read_time",
    /// Seconds of verifying.
    VerifyTime = "verify_time",
    /// How many values were decrypted.
    Decrypted = "decrypted",
    /// How many values were not decrypted.
    DecryptFailed = "decrypt_failed",
    /// Seconds of decrypting, with the wait for a turn.
    DecryptTime = "decrypt_time",
    /// Which part of the lines of its kind is written.
    SampleRate = "sample_rate",
}
