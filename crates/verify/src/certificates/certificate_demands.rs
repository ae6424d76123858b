//! What a scheme demands of the certificate that signs its callbacks.

use regex::Regex;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Tag, Tagged as _};
use x509_cert::ext::pkix::KeyUsage;

/// The attributes of a subject (RFC 4514, section 3, and X.520).
const ATTRIBUTES: &[(&str, ObjectIdentifier)] = &[
    ("CN", ObjectIdentifier::new_unwrap("2.5.4.3")),
    ("serialNumber", ObjectIdentifier::new_unwrap("2.5.4.5")),
    ("C", ObjectIdentifier::new_unwrap("2.5.4.6")),
    ("L", ObjectIdentifier::new_unwrap("2.5.4.7")),
    ("ST", ObjectIdentifier::new_unwrap("2.5.4.8")),
    ("O", ObjectIdentifier::new_unwrap("2.5.4.10")),
    ("OU", ObjectIdentifier::new_unwrap("2.5.4.11")),
];

/// What a scheme demands.
#[derive(Debug, Default)]
pub(crate) struct CertificateDemands {
    /// Attributes of the subject, and their shapes.
    pub(crate) subject: Vec<(ObjectIdentifier, Regex)>,
    /// Extensions that it must have.
    pub(crate) extensions: Vec<ObjectIdentifier>,
    /// Extensions that the certificate must have that issued it.
    pub(crate) issuer_extensions: Vec<ObjectIdentifier>,
}

pub(crate) fn find_attribute(name: &str) -> Option<ObjectIdentifier> {
    let mut attributes = ATTRIBUTES.iter();
    let found = attributes.find(|(known, _)| *known == name);
    found.map(|(_, oid)| *oid)
}

pub(crate) fn attribute_names() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().map(|(name, _)| *name)
}

impl CertificateDemands {
    /// Whether the certificate has the subject and the extensions, and may sign.
    pub(super) fn are_met(&self, certificate: &Certificate) -> bool {
        let mut subject = self.subject.iter();
        subject.all(|(oid, shape)| {
            attribute(certificate, oid).is_some_and(|value| shape.is_match(value))
        }) && has_all(certificate, &self.extensions)
            && may_sign(certificate)
    }

    /// Whether the certificate that issued it has the extensions.
    pub(super) fn are_met_by_issuer(&self, issuer: Option<&Certificate>) -> bool {
        match issuer {
            Some(issuer) => has_all(issuer, &self.issuer_extensions),
            None => self.issuer_extensions.is_empty(),
        }
    }
}

/// The text of an attribute that the subject has once.
fn attribute<'c>(certificate: &'c Certificate, oid: &ObjectIdentifier) -> Option<&'c str> {
    let subject = certificate.tbs_certificate().subject();
    let mut found = subject.iter().filter(|attribute| attribute.oid == *oid);
    match (found.next(), found.next()) {
        (Some(one), None) => text(one),
        _ => None,
    }
}

fn text(attribute: &AttributeTypeAndValue) -> Option<&str> {
    match attribute.value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(attribute.value.value()).ok()
        }
        _ => None,
    }
}

fn has_all(certificate: &Certificate, wanted: &[ObjectIdentifier]) -> bool {
    let present = certificate.tbs_certificate().extensions();
    let mut present = present.into_iter().flatten();
    let oids: Vec<ObjectIdentifier> = present
        .by_ref()
        .map(|extension| extension.extn_id)
        .collect();
    wanted.iter().all(|oid| oids.contains(oid))
}

/// Whether its key is for signatures over data (RFC 5280, section 4.2.1.3). Without the extension, it
/// is for anything.
fn may_sign(certificate: &Certificate) -> bool {
    match certificate.tbs_certificate().get_extension::<KeyUsage>() {
        Ok(None) => true,
        Ok(Some((_, usage))) => usage.digital_signature() || usage.non_repudiation(),
        Err(_) => false,
    }
}
