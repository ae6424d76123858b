//! The kinds of contents that files are read for.

use std::path::{Path, PathBuf};

use crate::config::reader::Text;

/// What a file should contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config::resolve) enum Contents<'a> {
    /// A public key to verify with. The paths are the files of all such keys.
    PublicKey(&'a [PathBuf]),
    /// Certificates.
    Certificates,
    /// A private or secret key.
    SecretKey,
    /// A secret that both sides know.
    SharedSecret,
    /// A password.
    Password,
}

/// How messages describe a secret.
pub(super) struct SecretContents {
    name: &'static str,
    /// What to do if others may have seen it.
    replace: &'static str,
}

impl Contents<'_> {
    /// The description of the contents, if they are secret. Other users of the machine must not be
    /// able to read a secret.
    pub(super) const fn secret(self) -> Option<SecretContents> {
        match self {
            Self::PublicKey(_) | Self::Certificates => None,
            Self::SecretKey => Some(SecretContents {
                name: "secret key",
                replace: "replace the key",
            }),
            Self::SharedSecret => Some(SecretContents {
                name: "secret",
                replace: "replace the secret",
            }),
            Self::Password => Some(SecretContents {
                name: "password",
                replace: "change it",
            }),
        }
    }

    /// The title of a report that the file could not be read.
    pub(super) const fn unread(self) -> &'static str {
        match self {
            Self::PublicKey(_) => "cannot read the key file",
            _ => "cannot read the file",
        }
    }

    /// The maximum size, in bytes.
    pub(super) const fn max_size(self) -> u64 {
        match self {
            // No public key or certificate is longer.
            Self::PublicKey(_) => 64 * 1024,
            // Far more than a chain or a bundle of authorities needs.
            Self::Certificates | Self::SecretKey | Self::SharedSecret | Self::Password => {
                1024 * 1024
            }
        }
    }

    /// Reports that the configuration has the contents where the name of a file belongs.
    pub(super) fn misplaced<T>(self, name: Text<'_>) -> Option<T> {
        let (title, why, help) = match self {
            Self::PublicKey(_) => (
                "cannot read the key file",
                "this looks like a key, not like a file name",
                "write `public_key = \"...\"` for a key in the configuration itself",
            ),
            Self::Certificates => (
                "cannot read the file",
                "this looks like a certificate, not like a file name",
                "put it into a file, and name the file",
            ),
            Self::SecretKey => (
                "secret in the configuration",
                "this is a key, not a file name",
                "put it into a file that only the proxy's user can read, and name the file; if \
                 others have seen the key, replace it",
            ),
            Self::SharedSecret => (
                "secret in the configuration",
                "this looks like a secret, not like a file name",
                "put it into a file that only the proxy's user can read, and name the file; if \
                 others have seen the secret, replace it",
            ),
            Self::Password => (
                "secret in the configuration",
                "this looks like a password, not like a file name",
                "put it into a file that only the proxy's user can read, and name the file; if \
                 others have seen the password, change it",
            ),
        };
        name.error(title, why).help(help).report()
    }

    /// Reports a file that clearly contains something else.
    pub(super) fn check(self, name: Text<'_>, bytes: &[u8]) -> Option<()> {
        if self == Self::SecretKey && is_certificate(bytes) {
            let path = name.path();
            return name
                .error(
                    "no private key",
                    format!(
                        "`{}` contains a certificate, but no private key",
                        path.display()
                    ),
                )
                .help("name the file of the private key; are `cert` and `key` swapped?")
                .report();
        }
        Some(())
    }
}

impl SecretContents {
    /// Reports that every user of the machine can read the secret.
    pub(super) fn seen<T>(&self, name: Text<'_>, path: &Path) -> Option<T> {
        let shown = path.display();
        let what = self.name;
        name.error(
            "unsafe file",
            format!("everybody on this machine can read the {what} in `{shown}`"),
        )
        .help(format!(
            "`chmod o-r {shown}`; if others may have read it, {}",
            self.replace
        ))
        .report()
    }
}

/// Whether a file contains certificates and no private key.
pub(super) fn is_certificate(bytes: &[u8]) -> bool {
    has_certificate(bytes) && !is_private_key(bytes)
}

/// Whether a file contains a certificate in PEM.
pub(super) fn has_certificate(bytes: &[u8]) -> bool {
    let words = b"-----BEGIN CERTIFICATE-----";
    bytes.windows(words.len()).any(|found| found == words)
}

/// Whether a file contains a private key of any kind in PEM.
pub(in crate::config::resolve) fn is_private_key(bytes: &[u8]) -> bool {
    let words = b"PRIVATE KEY-----";
    bytes.windows(words.len()).any(|found| found == words)
}
