//! Certificates for keys of our own, as providers' authorities give them out.

use std::fs;

use crate::openssl::OpenSsl;

const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
const SIGNER: &str = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n";

/// What the certificates must have.
pub(super) struct ChainDemands {
    subject: &'static str,
    /// The extension of the certificate that issues the signer's.
    issuer: &'static str,
    /// The extension of the signer's.
    signer: &'static str,
}

/// Of the schemes whose callbacks bring a certificate.
pub(super) const DEMANDS: &[(&str, ChainDemands)] = &[
    (
        "apple-app-store",
        ChainDemands {
            subject: "/CN=App Store",
            issuer: "1.2.840.113635.100.6.2.1=DER:0500\n",
            signer: "1.2.840.113635.100.6.11.1=DER:0500\n",
        },
    ),
    (
        "unionpay",
        ChainDemands {
            subject: "/CN=041@Z12@中国银联股份有限公司@00040000",
            issuer: "",
            signer: "",
        },
    ),
];

/// The chain of a private key in PEM, from the key's certificate to the root, and the root alone.
pub(super) fn chain(private_key: &str, demands: &ChainDemands) -> (String, String) {
    let openssl = OpenSsl::new();
    fs::copy(private_key, openssl.path("leaf.key")).unwrap();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out root.key",
        b"",
    );
    let root = "req -x509 -new -key root.key -sha384 -subj /CN=Root -days 30 -out root.pem";
    openssl.run(root, b"");
    // Of a chain of two, the root issues the signer's certificate.
    let mut issuers = vec!["root"];
    if !demands.issuer.is_empty() {
        openssl.run(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out middle.key",
            b"",
        );
        issue(
            &openssl,
            "middle",
            "/CN=Middle",
            "root",
            &format!("{CA}{}", demands.issuer),
        );
        issuers.insert(0, "middle");
    }
    let extensions = format!("{SIGNER}{}", demands.signer);
    issue(&openssl, "leaf", demands.subject, issuers[0], &extensions);
    issuers.insert(0, "leaf");
    let read = |name: &&str| String::from_utf8(openssl.read(&format!("{name}.pem"))).unwrap();
    (issuers.iter().map(read).collect(), read(&"root"))
}

fn issue(openssl: &OpenSsl, name: &str, subject: &str, by: &str, extensions: &str) {
    openssl.write("extensions", extensions);
    let folder = openssl.folder();
    let key = format!("{name}.key");
    let request = [
        "req", "-new", "-utf8", "-key", &key, "-subj", subject, "-out", "request",
    ];
    crate::openssl::run(folder, &request, b"");
    let command = format!(
        "x509 -req -in request -CA {by}.pem -CAkey {by}.key -set_serial 7 -extfile extensions -sha384 -days 30 -out {name}.pem"
    );
    openssl.run(&command, b"");
}
