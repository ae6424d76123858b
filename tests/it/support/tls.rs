//! Certificates issued by OpenSSL, and TLS clients.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS12;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Client, PATIENCE};
use crate::openssl::OpenSsl;

/// A certificate authority and the certificates that it issues.
pub(crate) struct Authority {
    openssl: OpenSsl,
}

/// How a client starts its connection.
#[derive(Clone, Default)]
pub(crate) struct Hello<'a> {
    /// The protocols offered by ALPN.
    pub(crate) alpn: &'a [&'a str],
    /// The client certificate: its authority and the file name under which it was issued.
    pub(crate) certificate: Option<(&'a Authority, &'a str)>,
    /// Plaintext to send before the handshake.
    pub(crate) early: &'a [u8],
    /// Whether the client supports TLS 1.2 at most.
    pub(crate) old: bool,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let openssl = OpenSsl::new();
        openssl.run(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
             -keyout ca.key -out ca.pem",
            b"",
        );
        Self { openssl }
    }

    /// Issues `<file>.pem` and `<file>.key` for host names, given as `DNS:a,DNS:b`.
    pub(crate) fn issue(&self, file: &str, names: &str) {
        self.issue_for(file, names, "-days 2");
    }

    /// Like `issue`, with `openssl x509` options for the validity period.
    pub(crate) fn issue_for(&self, file: &str, names: &str, valid: &str) {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        self.openssl.run(
            &format!(
                "req {key} -subj /CN={file} -addext subjectAltName={names} \
                 -keyout {file}.key -out {file}.csr"
            ),
            b"",
        );
        self.openssl.run(
            &format!(
                "x509 -req -in {file}.csr -CA ca.pem -CAkey ca.key {valid} -copy_extensions copy \
                 -out {file}.pem"
            ),
            b"",
        );
    }

    pub(crate) fn folder(&self) -> &Path {
        self.openssl.folder()
    }

    /// The path of a file, for use in configurations.
    pub(crate) fn path(&self, file: &str) -> String {
        self.folder().join(file).display().to_string()
    }

    /// A listener's `tls` table with these certificates and further settings.
    pub(crate) fn tls(&self, files: &[&str], more: &str) -> String {
        let certificates: Vec<String> = files
            .iter()
            .map(|file| {
                let [cert, key] = ["pem", "key"].map(|end| self.path(&format!("{file}.{end}")));
                format!("{{ cert = \"{cert}\", key = \"{key}\" }}")
            })
            .collect();
        format!(
            "[listener.tls]\ncertificates = [{}]\n{more}",
            certificates.join(", ")
        )
    }

    pub(crate) fn certificate(&self, file: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.folder().join(format!("{file}.pem"))).unwrap()
    }

    /// The configuration of a client that trusts this authority.
    pub(crate) fn client(&self, hello: &Hello<'_>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate("ca")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = if hello.old {
            &[&TLS12][..]
        } else {
            rustls::DEFAULT_VERSIONS
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match hello.certificate {
            None => builder.with_no_client_auth(),
            Some((authority, file)) => {
                let key = authority.folder().join(format!("{file}.key"));
                let key = PrivateKeyDer::from_pem_file(key).unwrap();
                let chain = vec![authority.certificate(file)];
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = hello
            .alpn
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        Arc::new(config)
    }

    /// Connects, and returns what the server presented: its certificate and the ALPN protocol.
    pub(crate) fn connect(
        &self,
        address: SocketAddr,
        host: &str,
        hello: &Hello<'_>,
    ) -> std::io::Result<(Client, CertificateDer<'static>, Option<String>)> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let mut tls = ClientConnection::new(self.client(hello), name).unwrap();
        let mut socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.write_all(hello.early)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)?;
        }
        let shown = tls.peer_certificates().unwrap()[0].clone().into_owned();
        let protocol = tls
            .alpn_protocol()
            .map(|name| String::from_utf8_lossy(name).into_owned());
        Ok((Client::over(StreamOwned::new(tls, socket)), shown, protocol))
    }
}
