//! The certificate that a key was read from.

use x509_cert::Certificate;

/// A certificate. The key's owner vouches for it: neither its validity nor its issuer is checked.
#[derive(Clone, Debug)]
pub(super) struct KeyCertificate {
    pub(super) der: Vec<u8>,
    /// Its serial number in hexadecimal, without leading zeros.
    serial: String,
}

impl KeyCertificate {
    pub(super) fn new(certificate: &Certificate, der: &[u8]) -> Self {
        let serial = certificate.tbs_certificate().serial_number().as_bytes();
        let digits: String = serial.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            der: der.to_vec(),
            serial: digits.trim_start_matches('0').to_owned(),
        }
    }

    /// Whether an id is the serial number, in either case and however many zeros lead it.
    pub(super) fn has_serial(&self, id: &str) -> bool {
        let digits = id.trim_start_matches('0');
        !digits.is_empty() && digits.eq_ignore_ascii_case(&self.serial)
    }
}
