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
            `"[::]:8080"` takes IPv4 as well, so nothing else may listen on that port. A host name
            is refused. `"unix:/run/countersign/http.sock"` is a socket in the file system: a file
            that a dead process left there is replaced, but never one that is no socket or on which
            somebody listens. An upgrade hands it on, and the last process removes it at its end.
            Its owner is the `user` of the process, where there is one; that one needs to be able to
            write to the directory in order to remove it. The file of a socket that systemd opened
            is systemd's: it keeps its mode, and stays"#,
        )
        .written(r#"IP address and port, or `"unix:path"`"#)
        .required()
        .holds(Holds::Socket),
        setting(
            "mode",
            Matching("^[0-7]{3}$"),
            r#"Who may connect to a Unix socket: the mode of its file. A reload changes it"#,
        )
        .written(r#"three octal digits"#)
        .default(r#""660""#)
        .described(r#"`"660"`: the owner and the group"#)
        .only_with("address", "unix:"),
        setting(
            "http2",
            Boolean,
            r#"Whether HTTP/2 is spoken beside HTTP/1.1: over TLS where the client asks for it (ALPN);
            without TLS in clear text, with prior knowledge, which is for a front proxy or mesh that
            speaks it. How much a connection may carry is said under [`[limits]`](#limits)"#,
        )
        .default("false"),
        setting(
            "proxy_protocol",
            Boolean,
            r#"Whether each connection begins with a header of the PROXY protocol, version 1 or 2, in
            which a load balancer says who called it. Only those on `trusted_proxies` may connect
            then; all others, and connections without the header, are closed"#,
        )
        .default("false"),
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
            r#"At least one. The client gets the one whose `subjectAltName` has the host that it asks
            for (SNI), the exact name before `*.example.com`; if none has, the first. There may be
            two for one name, of which the client gets one that it knows (RSA, ECDSA)"#,
        )
        .required(),
        setting(
            "min_version",
            Word(words::<TlsVersion>),
            r#"The oldest version of TLS that is spoken"#,
        )
        .default(r#""1.2""#),
        setting(
            "client_ca",
            Path,
            r#"The certificates of the authorities that issue clients' certificates, as PEM. With it,
            clients show one (mutual TLS). It counts as long as it is valid, whoever it names"#,
        )
        .holds(Holds::Path),
        setting(
            "client_auth",
            Word(words::<ClientAuth>),
            r#"Whether a client without a certificate is refused. One with a bad certificate always is.
            Needs `client_ca`"#,
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
            r#"The certificate as PEM, and behind it its chain. One out of date gives a warning"#,
        )
        .required()
        .holds(Holds::Path),
        setting(
            "key",
            Path,
            r#"Its private key as PEM, without a pass phrase, in a file that others cannot read (`chmod
            600`)"#,
        )
        .required()
        .holds(Holds::SecretFile),
    ],
    one_of: &[],
};
