//! `certificate`: the key comes with the callback.

use super::Spots;
use crate::config::reader::Value;
use crate::verify::language::CertificateDefinition;

pub(super) fn read<'a>(value: Value<'a>, spots: &Spots<'a>) -> Option<CertificateDefinition> {
    let table = value.table()?;
    let value = table
        .require(
            "value",
            "add `value = \"{form:signPubKeyCert}\"`, or where the certificate is",
        )
        .and_then(|value| spots.text("certificate", value));
    let subject = table.optional("subject", |value| spots.pairs("certificate.subject", value));
    let [extensions, issuer_extensions] = ["extensions", "issuer_extensions"].map(|key| {
        table.optional(key, |value| {
            spots.names(&format!("certificate.{key}"), value)
        })
    });
    Some(CertificateDefinition {
        value: value?,
        subject: subject?.unwrap_or_default(),
        extensions: extensions?.unwrap_or_default(),
        issuer_extensions: issuer_extensions?.unwrap_or_default(),
    })
}
