//! Schemes whose callbacks bring the certificate of the key that signed them.

use x509_cert::der::asn1::ObjectIdentifier;

use super::SchemeRules;
use super::compile_keys::shape;
use super::definition_compiler::DefinitionCompiler;
use crate::algorithm::KeyKind;
use crate::certificates::{CertificateDemands, attribute_names, find_attribute};
use crate::language::compiled_expression::{CompiledExpression, KnownNames};
use crate::language::scheme_definition::{CertificateDefinition, SchemeDefinition};

/// Where the certificate is, and what it must be.
#[derive(Debug)]
pub(crate) struct CertificateRule {
    /// The certificate; of a list, the others lead from it to the root.
    pub(crate) value: CompiledExpression,
    pub(crate) demands: CertificateDemands,
}

pub(super) fn compile_certificate(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<CertificateRule> {
    let definition = definition.certificate.as_ref()?;
    let value = compiler.expression("certificate", &definition.value, names);
    let demands = CertificateDemands {
        subject: subject(definition, compiler),
        extensions: oids("certificate.extensions", &definition.extensions, compiler),
        issuer_extensions: oids(
            "certificate.issuer_extensions",
            &definition.issuer_extensions,
            compiler,
        ),
    };
    if definition.subject.is_empty() && definition.extensions.is_empty() {
        compiler.fault(
            "certificate",
            "say whose certificate it is by `subject` or `extensions`: else anybody with a certificate under the roots can sign",
        );
    }
    Some(CertificateRule {
        value: value?,
        demands,
    })
}

fn subject(
    definition: &CertificateDefinition,
    compiler: &mut DefinitionCompiler,
) -> Vec<(ObjectIdentifier, regex::Regex)> {
    let mut subject = Vec::new();
    for (name, pattern) in &definition.subject {
        let key = format!("certificate.subject.{name}");
        match (find_attribute(name), shape(pattern)) {
            (None, _) => {
                let known: Vec<&str> = attribute_names().collect();
                compiler.fault(
                    &key,
                    format!(
                        "`{name}` is no attribute of a subject: {}",
                        known.join(", ")
                    ),
                );
            }
            (_, Err(message)) => compiler.fault(&key, message),
            (Some(oid), Ok(shape)) => subject.push((oid, shape)),
        }
    }
    subject
}

fn oids(key: &str, texts: &[String], compiler: &mut DefinitionCompiler) -> Vec<ObjectIdentifier> {
    let mut oids = Vec::new();
    for text in texts {
        match ObjectIdentifier::new(text) {
            Ok(oid) => oids.push(oid),
            Err(_) => compiler.fault(
                key,
                format!("`{text}` is no object identifier, such as `1.2.840`"),
            ),
        }
    }
    oids
}

/// Checks what no key of the definition shows alone.
pub(super) fn check(rules: &SchemeRules, compiler: &mut DefinitionCompiler) {
    if rules.certificate.is_none() {
        return;
    }
    if rules.timestamp.is_none() {
        compiler.fault(
            "certificate",
            "a certificate is valid for a time: say the callback's by `timestamp`",
        );
    }
    let mut algorithms = rules.algorithms().into_iter();
    if algorithms.any(|algorithm| algorithm.key_kind() == KeyKind::Secret) {
        compiler.fault("certificate", "a certificate has a public key, no secret");
    }
}

impl SchemeRules {
    /// Whether the keys of a route are certificates under which that of a callback must be, instead
    /// of keys that sign callbacks.
    #[must_use]
    pub const fn keys_are_roots(&self) -> bool {
        self.certificate.is_some()
    }
}
