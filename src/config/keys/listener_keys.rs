//! The keys of `[[listener]]` and its TLS.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{ValueKind, words};
use crate::config::listener_tls::ClientAuth;
use crate::config::listener_tls::TlsVersion;
use ValueKind::{Boolean, List, Matching, Path, Table, Text, Word};

/// The table `[[listener]]`.
pub(in crate::config) static LISTENER: Section = Section {
    path: "listener",
    header: "[[listener]]",
    settings: &[
        setting(
            "address",
            Text,
            r#"`"127.0.0.1:8080"`, `"[::1]:8080"`, or `"0.0.0.0:8080"` for all interfaces.
            `"[::]:8080"` includes IPv4, so no other listener may use that port. Host names are
            refused. `"unix:/run/countersign/http.sock"` is a Unix socket: a stale socket file
            of a dead process is replaced, but never a file that is not a socket, or a socket
            in use. An upgrade hands it over, and the last process removes it at its end. It
            belongs to the `user` of the process, if there is one, who needs write permission
            on the directory to remove it. The file of a socket that systemd opened is left to
            systemd: it keeps its mode, and is not removed"#,
        )
        .written(r#"IP address and port, or `"unix:path"`"#)
        .required()
        .holds(Holds::Socket),
        setting(
            "mode",
            Matching("^[0-7]{3}$"),
            r#"The mode of a Unix socket's file, which limits who may connect. A reload changes it"#,
        )
        .written(r#"three octal digits"#)
        .default(r#""660""#)
        .described(r#"`"660"`: the owner and the group"#)
        .only_with("address", "unix:"),
        setting(
            "http2",
            Boolean,
            r#"Whether HTTP/2 is supported in addition to HTTP/1.1 and 1.0: with TLS, if the client
            asks for it (ALPN); without TLS, in clear text with prior knowledge, for a front proxy
            or mesh that uses it. [`[limits]`](#limits) says how much a connection may carry"#,
        )
        .default("false"),
        setting(
            "proxy_protocol",
            Boolean,
            r#"Whether each connection starts with a PROXY protocol header, version 1 or 2, in
            which a load balancer reports the client. Then only `trusted_proxies` may connect;
            all others, and connections without the header, are closed"#,
        )
        .default("false"),
        setting(
            "health",
            Matching("^/"),
            r#"The path at which the listener itself answers the health checks of a load balancer:
            GET, HEAD and OPTIONS with 200, or 503 once the process ends, on connections that are
            open then; new ones are refused. Any Host will do, and none in HTTP/1.0; the query does not matter. Such a request has no line in the
            access log and counts in no metric of requests. No `path` of a route may be
            this one. Below a `path_prefix` it may be, unless the route's `methods` have GET, HEAD or OPTIONS: other
            methods stay the route's"#,
        )
        .written(r#"path"#),
        setting(
            "tls",
            Table(&TLS),
            r#"TLS instead of clear text: see [`listener.tls`](#listenertls)"#,
        ),
    ],
    one_of: &[],
};

/// The table `listener.tls`.
pub(in crate::config) static TLS: Section = Section {
    path: "listener.tls",
    header: "tls",
    settings: &[
        setting(
            "certificates",
            List(&Table(&CERTIFICATE)),
            r#"At least one. The client gets the certificate whose `subjectAltName` has the host
            that it asks for (SNI), an exact name before `*.example.com`; if none has, the
            first one. There may be two for one name, of which the client gets one that it
            supports (RSA, ECDSA)"#,
        )
        .required(),
        setting(
            "min_version",
            Word(words::<TlsVersion>),
            r#"The oldest TLS version that is accepted"#,
        )
        .default(r#""1.2""#),
        setting(
            "client_ca",
            Path,
            r#"The certificates of the authorities that issue client certificates, or of the
            clients themselves, as PEM. With it, clients present one (mutual TLS). Any valid certificate is accepted, whatever
            name it is for"#,
        )
        .holds(Holds::Path),
        setting(
            "client_auth",
            Word(words::<ClientAuth>),
            r#"Whether a client without a certificate is refused. One with an invalid certificate
            always is. Requires `client_ca`"#,
        )
        .default(r#""required""#)
        .only_with("client_ca", ""),
    ],
    one_of: &[],
};

/// The table `listener.tls.certificates`.
pub(in crate::config) static CERTIFICATE: Section = Section {
    path: "listener.tls.certificates",
    header: "a certificate",
    settings: &[
        setting(
            "cert",
            Path,
            r#"The certificate as PEM, followed by its chain. An expired one gives a warning"#,
        )
        .required()
        .holds(Holds::Path),
        setting(
            "key",
            Path,
            r#"Its private key as PEM, without a pass phrase, in a file that others cannot read
            (`chmod 600`)"#,
        )
        .required()
        .holds(Holds::SecretFile),
    ],
    one_of: &[],
};
