//! What `countersign keygen` does.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::signing::key_file::{KeyFileError, NewKeyFile, PRIVATE_MODE, PUBLIC_MODE};
use crate::signing::key_form::{FormedKey, KeyForm, KeyFormError};
use crate::signing::key_pair::{KeyPairError, MadeKeyPair};
use crate::signing::new_secret::{LEAST_SECRET_BITS, MOST_SECRET_BITS, new_secret};
use crate::verify::KeyKind;

/// The size of RSA keys that every provider takes.
const USUAL_RSA_BITS: u32 = 2048;

/// As many as the digest of the usual HMAC has.
const USUAL_SECRET_BITS: u32 = 256;

/// The key that is asked for.
pub(super) struct NewKey {
    pub(super) kind: KeyKind,
    pub(super) bits: Option<u32>,
    pub(super) form: Option<KeyForm>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewKeyError {
    #[error("`--bits` is for RSA keys and secrets: a key of the kind {0} has one size")]
    OneSize(KeyKind),
    #[error("a secret has {LEAST_SECRET_BITS} to {MOST_SECRET_BITS} bits, in steps of 8, not {0}")]
    SecretBits(u32),
    #[error("`--out` ends with no name for the files: {}", .0.display())]
    NoName(PathBuf),
    #[error(transparent)]
    Pair(#[from] KeyPairError),
    #[error(transparent)]
    Form(#[from] KeyFormError),
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl NewKey {
    /// Prints the private key alone: the public one follows from it.
    pub(super) fn to_stdout(&self, out: &mut impl Write) -> Result<(), NewKeyError> {
        let form = self.checked_form()?;
        let key = self.make(form)?;
        out.write_all(&key.private)?;
        if form != KeyForm::Der && key.private.last() != Some(&b'\n') {
            writeln!(out)?;
        }
        Ok(())
    }

    /// Writes files, and prints their names.
    pub(super) fn to_files(
        &self,
        name: &Path,
        json: bool,
        out: &mut impl Write,
    ) -> Result<(), NewKeyError> {
        let key = self.make(self.checked_form()?)?;
        if name.file_name().is_none() || name.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(NewKeyError::NoName(name.to_owned()));
        }
        let role = match key.public {
            Some(_) => "private",
            None => "secret",
        };
        let private_path = with_ending(name, role, key.ending);
        let mut private = NewKeyFile::create(&private_path, PRIVATE_MODE)?;
        let mut public_path = None;
        // Both files are there, or none.
        if let Some(bytes) = &key.public {
            let path = with_ending(name, "public", key.ending);
            let mut public = NewKeyFile::create(&path, PUBLIC_MODE)?;
            public.write(bytes)?;
            private.write(&key.private)?;
            public.keep();
            public_path = Some(path);
        } else {
            private.write(&key.private)?;
        }
        private.keep();
        self.tell(role, &private_path, public_path.as_deref(), json, out)?;
        Ok(())
    }

    fn tell(
        &self,
        role: &str,
        private: &Path,
        public: Option<&Path>,
        json: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        if json {
            let mut object = serde_json::Map::new();
            object.insert("kind".into(), self.kind.to_string().into());
            object.insert(role.into(), private.display().to_string().into());
            if let Some(public) = public {
                object.insert("public".into(), public.display().to_string().into());
            }
            return writeln!(out, "{}", serde_json::Value::from(object));
        }
        let what = match public {
            Some(_) => "private key",
            None => "secret",
        };
        writeln!(out, "{what}: {} (mode 0600)", private.display())?;
        if let Some(public) = public {
            writeln!(out, "public key: {}", public.display())?;
        }
        Ok(())
    }

    fn checked_form(&self) -> Result<KeyForm, KeyFormError> {
        let usual = KeyForm::of_kind(self.kind).first().copied();
        let form = self.form.or(usual).unwrap_or(KeyForm::Pem);
        form.check(self.kind)?;
        Ok(form)
    }

    fn make(&self, form: KeyForm) -> Result<FormedKey, NewKeyError> {
        if self.kind == KeyKind::Secret {
            let bits = self.bits.unwrap_or(USUAL_SECRET_BITS);
            let is_allowed = (LEAST_SECRET_BITS..=MOST_SECRET_BITS).contains(&bits);
            if !is_allowed || !bits.is_multiple_of(8) {
                return Err(NewKeyError::SecretBits(bits));
            }
            let bytes = usize::try_from(bits / 8).unwrap_or_default();
            return Ok(form.write_secret(&new_secret(bytes)?)?);
        }
        if self.bits.is_some() && self.kind != KeyKind::Rsa {
            return Err(NewKeyError::OneSize(self.kind));
        }
        let bits = self.bits.unwrap_or(USUAL_RSA_BITS);
        Ok(form.write_pair(&MadeKeyPair::generate(self.kind, bits)?)?)
    }
}

fn with_ending(name: &Path, role: &str, ending: &str) -> PathBuf {
    let mut path = OsString::from(name);
    path.push(format!(".{role}.{ending}"));
    path.into()
}
