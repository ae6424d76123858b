//! A certificate and its key, each in the place of the other.

use super::Contents;
use super::contents::{has_certificate, is_certificate, is_private_key};
use super::opened;
use crate::config::reader::Text;

/// Whether the files are swapped, which is reported.
pub(in crate::config::resolve) fn are_swapped(cert: Text<'_>, key: Text<'_>) -> bool {
    let is = |name: Text<'_>, kind: fn(&[u8]) -> bool| {
        let held = opened::read(&name.path(), Contents::Certificates.max_size());
        held.is_ok_and(|held| kind(&held.bytes))
    };
    let is_key = |bytes: &[u8]| is_private_key(bytes) && !has_certificate(bytes);
    let swapped = is(cert, is_key) && is(key, is_certificate);
    if swapped {
        cert.error(
            "certificate and key swapped",
            "this file contains the private key",
        )
        .and(key.place, "and this one the certificate")
        .help("swap the two names")
        .report::<()>();
    }
    swapped
}
