//! What a certificate is used for.

use x509_cert::der::asn1::ObjectIdentifier;

/// `id-kp-serverAuth`, `id-kp-clientAuth` and `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12).
const SERVER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// Who presents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CertificateUse {
    Server,
    Client,
}

impl CertificateUse {
    /// Whether the values of an extendedKeyUsage allow it.
    pub(super) fn is_among(self, purposes: &[ObjectIdentifier]) -> bool {
        let purpose = match self {
            Self::Server => SERVER,
            Self::Client => CLIENT,
        };
        purposes.contains(&purpose) || purposes.contains(&ANY)
    }
}
