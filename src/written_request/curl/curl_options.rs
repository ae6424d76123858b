//! The options of curl, as far as they matter for a request.

/// What an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CurlOption {
    Method,
    Header,
    Data,
    DataRaw,
    DataBinary,
    DataUrlencode,
    Json,
    User,
    Cookie,
    Agent,
    Referer,
    Url,
    DataInQuery,
    HeadOnly,
    /// Changes nothing about the request; whether it has a value.
    Harmless(bool),
    /// Not understood, or about something that this does not read; whether it has a value.
    Other(bool),
}

impl CurlOption {
    /// Whether the next word is its value.
    pub(super) const fn has_value(self) -> bool {
        match self {
            Self::DataInQuery | Self::HeadOnly => false,
            Self::Harmless(value) | Self::Other(value) => value,
            _ => true,
        }
    }

    /// An option by its letter.
    pub(super) fn short(letter: char) -> Self {
        match letter {
            'X' => Self::Method,
            'H' => Self::Header,
            'd' => Self::Data,
            'u' => Self::User,
            'b' => Self::Cookie,
            'A' => Self::Agent,
            'e' => Self::Referer,
            'G' => Self::DataInQuery,
            'I' => Self::HeadOnly,
            's' | 'S' | 'v' | 'i' | 'k' | 'L' | 'f' | 'N' | '#' | 'g' | 'q' | 'j' | 'n' | 'O'
            | 'J' | 'R' | 'Z' | '0' | '1' | '2' | '3' | '4' | '6' => Self::Harmless(false),
            'o' | 'm' | 'w' | 'x' | 'c' | 'D' | 'E' | 'y' | 'Y' | 'U' => Self::Harmless(true),
            'F' | 'T' | 'K' | 'r' | 'z' | 'C' | 't' | 'Q' | 'P' | 'h' => Self::Other(true),
            _ => Self::Other(false),
        }
    }

    /// An option by its name, without the two dashes.
    pub(super) fn long(name: &str) -> Self {
        match name {
            "request" => Self::Method,
            "header" => Self::Header,
            "data" | "data-ascii" => Self::Data,
            "data-raw" => Self::DataRaw,
            "data-binary" => Self::DataBinary,
            "data-urlencode" => Self::DataUrlencode,
            "json" => Self::Json,
            "user" => Self::User,
            "cookie" => Self::Cookie,
            "user-agent" => Self::Agent,
            "referer" => Self::Referer,
            "url" => Self::Url,
            "get" => Self::DataInQuery,
            "head" => Self::HeadOnly,
            _ if HARMLESS.contains(&name) => Self::Harmless(false),
            _ if HARMLESS_WITH_VALUE.contains(&name) => Self::Harmless(true),
            _ => Self::Other(OTHER_WITH_VALUE.contains(&name)),
        }
    }
}

const HARMLESS: &[&str] = &[
    "silent",
    "show-error",
    "verbose",
    "include",
    "insecure",
    "location",
    "location-trusted",
    "fail",
    "fail-with-body",
    "no-buffer",
    "progress-bar",
    "globoff",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "ipv4",
    "ipv6",
    "tlsv1",
    "tlsv1.2",
    "tlsv1.3",
    "remote-name",
    "path-as-is",
    "no-keepalive",
    "tcp-nodelay",
    "no-progress-meter",
    "raw",
];

const HARMLESS_WITH_VALUE: &[&str] = &[
    "output",
    "max-time",
    "connect-timeout",
    "write-out",
    "proxy",
    "cookie-jar",
    "dump-header",
    "cert",
    "key",
    "cacert",
    "capath",
    "cert-type",
    "key-type",
    "pass",
    "ciphers",
    "resolve",
    "connect-to",
    "retry",
    "retry-delay",
    "retry-max-time",
    "limit-rate",
    "interface",
    "max-redirs",
    "speed-time",
    "speed-limit",
    "stderr",
    "trace",
    "trace-ascii",
    "unix-socket",
    "dns-servers",
    "proxy-user",
    "noproxy",
    "max-filesize",
    "local-port",
    "keepalive-time",
];

const OTHER_WITH_VALUE: &[&str] = &[
    "form",
    "form-string",
    "upload-file",
    "config",
    "range",
    "time-cond",
    "continue-at",
    "quote",
    "url-query",
    "aws-sigv4",
    "oauth2-bearer",
    "request-target",
    "variable",
    "expand-data",
    "telnet-option",
    "proxy-header",
];
