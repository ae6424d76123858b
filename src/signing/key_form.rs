//! The forms in which providers hand out keys, written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use zeroize::Zeroizing;

use super::key_pair::MadeKeyPair;
use super::private_jwk;
use crate::verify::KeyKind;

/// How keys and secrets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum KeyForm {
    /// PEM: PKCS#8, and a SubjectPublicKeyInfo ("BEGIN PUBLIC KEY").
    Pem,
    /// PEM of PKCS#1, for RSA: "BEGIN RSA PRIVATE KEY", "BEGIN RSA PUBLIC KEY".
    Pkcs1,
    /// DER of PKCS#8 and of a SubjectPublicKeyInfo.
    Der,
    /// The same in base64 on one line, as many consoles show keys; of a secret, its bytes.
    Base64,
    /// A JSON Web Key, with its thumbprint as "kid".
    Jwk,
    /// Hexadecimal digits of the bytes: of Ed25519 and secrets.
    Hex,
    /// Base64 of the 32 bytes of an Ed25519 key.
    Raw,
    /// Base64 of a secret behind "whsec_", of the 32 bytes of an Ed25519 key behind "whsk_" and
    /// "whpk_": Standard Webhooks.
    Whsec,
}

/// A key in a form of its file, with the ending of the file's name.
pub struct FormedKey {
    /// The private key or the secret.
    pub private: Zeroizing<Vec<u8>>,
    /// The public key, if it is a pair.
    pub public: Option<Vec<u8>>,
    /// The ending of file names, without a dot.
    pub ending: &'static str,
}

/// Why a key could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFormError {
    /// The form is one of other kinds of keys.
    #[error("no key of the kind {kind} is written as `{form}`; it can be written as {others}")]
    NotOfKind {
        /// The kind of key.
        kind: KeyKind,
        /// The form.
        form: String,
        /// The forms that it has.
        others: String,
    },
    /// A key of this program that this program cannot read.
    #[error("the key that was made cannot be read: {0}")]
    Unreadable(x509_cert::der::Error),
}

impl From<x509_cert::der::Error> for KeyFormError {
    fn from(error: x509_cert::der::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl KeyForm {
    /// The forms of keys of a kind; the first is the usual one.
    #[must_use]
    pub const fn of_kind(kind: KeyKind) -> &'static [Self] {
        match kind {
            KeyKind::Rsa => &[Self::Pem, Self::Pkcs1, Self::Der, Self::Base64, Self::Jwk],
            KeyKind::Ed25519 => &[
                Self::Pem,
                Self::Der,
                Self::Base64,
                Self::Jwk,
                Self::Hex,
                Self::Raw,
                Self::Whsec,
            ],
            KeyKind::Secret => &[Self::Hex, Self::Base64, Self::Jwk, Self::Whsec],
            _ => &[Self::Pem, Self::Der, Self::Base64, Self::Jwk],
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Fails where keys of this kind are not written so.
    ///
    /// # Errors
    /// If it is a form of other kinds.
    pub fn check(self, kind: KeyKind) -> Result<(), KeyFormError> {
        let known = Self::of_kind(kind);
        if known.contains(&self) {
            return Ok(());
        }
        let others: Vec<_> = known
            .iter()
            .map(|form| format!("`{}`", form.name()))
            .collect();
        Err(KeyFormError::NotOfKind {
            kind,
            form: self.name(),
            others: others.join(", "),
        })
    }

    /// Writes a pair.
    ///
    /// # Errors
    /// If it is a form of other kinds.
    pub fn write_pair(self, pair: &MadeKeyPair) -> Result<FormedKey, KeyFormError> {
        self.check(pair.kind)?;
        let [private, public] = match self {
            Self::Pem => [
                pem("PRIVATE KEY", &pair.private),
                pem("PUBLIC KEY", &pair.public),
            ],
            Self::Pkcs1 => [
                pem("RSA PRIVATE KEY", pair.inner()?),
                pem("RSA PUBLIC KEY", pair.point()?),
            ],
            Self::Der => [pair.private.clone(), pair.public.clone().into()],
            Self::Base64 => [line("", &pair.private), line("", &pair.public)],
            Self::Jwk => private_jwk::write(pair)?,
            Self::Hex => [hex(pair.seed()?), hex(pair.point()?)],
            Self::Raw => [line("", pair.seed()?), line("", pair.point()?)],
            Self::Whsec => [line("whsk_", pair.seed()?), line("whpk_", pair.point()?)],
        };
        Ok(FormedKey {
            private,
            public: Some(public.to_vec()),
            ending: self.ending(),
        })
    }

    /// Writes a secret.
    ///
    /// # Errors
    /// If it is a form of other kinds.
    pub fn write_secret(self, secret: &[u8]) -> Result<FormedKey, KeyFormError> {
        self.check(KeyKind::Secret)?;
        let private = match self {
            Self::Base64 => line("", secret),
            Self::Jwk => private_jwk::write_secret(secret),
            Self::Whsec => line("whsec_", secret),
            _ => hex(secret),
        };
        Ok(FormedKey {
            private,
            public: None,
            ending: self.ending(),
        })
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Pem | Self::Pkcs1 => "pem",
            Self::Der => "der",
            Self::Jwk => "jwk",
            Self::Base64 | Self::Hex | Self::Raw | Self::Whsec => "txt",
        }
    }
}

/// PEM with lines of 64 characters, as OpenSSL writes it.
fn pem(label: &str, der: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(STANDARD.encode(der));
    // All of it up front: a growing buffer leaves copies behind.
    let room = text.len().saturating_mul(2).saturating_add(128);
    let mut pem = Zeroizing::new(Vec::with_capacity(room));
    pem.extend_from_slice(format!("-----BEGIN {label}-----\n").as_bytes());
    for part in text.as_bytes().chunks(64) {
        pem.extend_from_slice(part);
        pem.push(b'\n');
    }
    pem.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
    pem
}

/// Base64 on one line, without an end of line: some readers of secrets take every byte of a file.
fn line(prefix: &str, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(STANDARD.encode(bytes));
    let mut line = Zeroizing::new(Vec::with_capacity(prefix.len().saturating_add(text.len())));
    line.extend_from_slice(prefix.as_bytes());
    line.extend_from_slice(text.as_bytes());
    line
}

fn hex(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_mul(2)));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            digits.extend(DIGITS.get(usize::from(half)));
        }
    }
    digits
}
