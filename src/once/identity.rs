//! What makes two callbacks the same.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

use super::once_policy::OncePolicy;
use crate::verify::body::FieldPath;
use crate::verify::scheme::IdentityPart;
use crate::verify::{Ambiguous, Verified};

/// What copies of a callback have in common: the SHA-256 of the parts that a policy names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity([u8; 32]);

/// A field of the identity is missing, empty, not a plain value, or could be two fields in one; or
/// another field of the callback is ambiguous; or the callback has several items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(
    /// The field.
    pub String,
);

impl Identity {
    /// Computes the identity of a verified callback.
    ///
    /// # Errors
    /// If a field is unusable, because treating such callbacks as equal would lose all but the
    /// first. Also if the callback could have been signed as another, unless its identity is
    /// everything that was signed: an attacker could rewrite it so that a field has another value. Also
    /// if it has several items that are signed each, which an attacker could combine anew.
    pub fn of(verified: &Verified<'_>, policy: &OncePolicy) -> Result<Self, Unusable> {
        refuse_ambiguous(verified, &policy.identity)?;
        refuse_recombined(verified, &policy.identity)?;
        let mut hash = Hash::new();
        hash.part(policy.namespace.as_bytes());
        hash.part(verified.scheme().name.as_bytes());
        if let Some(signers) = &policy.signers {
            hash.named(KEY_ID, signers.merchant(verified.key()).as_bytes());
        }
        for part in &policy.identity {
            let name = match part {
                IdentityPart::Content => 0,
                IdentityPart::KeyId => KEY_ID,
                IdentityPart::Nonce => 2,
                IdentityPart::Field(_) => 3,
                // Without it, two callbacks could get the same identity.
                other => return Err(Unusable(other.to_string())),
            };
            hash.named(name, &value(verified, part)?);
        }
        Ok(Self(hash.0.finalize().into()))
    }

    /// The values of these parts, for whoever wants to see them.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn values(
        verified: &Verified<'_>,
        parts: &[IdentityPart],
    ) -> Result<Vec<Vec<u8>>, Unusable> {
        refuse_ambiguous(verified, parts)?;
        refuse_recombined(verified, parts)?;
        let values = parts.iter();
        let values = values.map(|part| value(verified, part).map(Cow::into_owned));
        values.collect()
    }

    /// All hexadecimal digits: with them, it can be named.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut text = String::with_capacity(64);
        for byte in &self.0 {
            // Writing to memory cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// The identity with these digits.
    #[must_use]
    pub fn named(digits: &str) -> Option<Self> {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16)
                .ok()
                .filter(|_| !pair.starts_with('+'))?;
        }
        Some(Self(bytes))
    }

    /// As bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Identity {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The first hexadecimal digits, which suffice for a log.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.iter().take(8);
        first
            .into_iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The merchant's name within an identity. It is the same whether the header or the signing key
/// determines it, so that a callback stays known when that changes.
const KEY_ID: u8 = 1;

/// The key of a scheme whose items are signed each.
const EACH: &str = "each";

/// Prefixes each part with its length, so that no two lists of parts give the same bytes.
struct Hash(Sha256);

impl Hash {
    fn new() -> Self {
        Self(Sha256::new_with_prefix(b"countersign once 1"))
    }

    fn part(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    fn named(&mut self, name: u8, bytes: &[u8]) {
        self.0.update([name]);
        self.part(bytes);
    }
}

/// Refuses a callback that could have been signed as another, unless its identity is everything that was
/// signed.
fn refuse_ambiguous(verified: &Verified<'_>, parts: &[IdentityPart]) -> Result<(), Unusable> {
    let is_content = |part: &IdentityPart| *part == IdentityPart::Content;
    match verified.ambiguous() {
        Some(ambiguous) if !parts.iter().all(is_content) => Err(Unusable(match ambiguous {
            Ambiguous::Field(name) => name.clone(),
            _ => IdentityPart::Content.to_string(),
        })),
        _ => Ok(()),
    }
}

/// Refuses a callback whose items are signed each, if it has several and its identity is made of them: who
/// has captured items could put them together in another way, and each time it would be a new callback.
fn refuse_recombined(verified: &Verified<'_>, parts: &[IdentityPart]) -> Result<(), Unusable> {
    if verified.items() > 1 && parts.contains(&IdentityPart::Content) {
        return Err(Unusable(EACH.to_owned()));
    }
    Ok(())
}

/// The value of a part.
fn value<'v>(verified: &'v Verified<'_>, part: &IdentityPart) -> Result<Cow<'v, [u8]>, Unusable> {
    Ok(match part {
        IdentityPart::Content => verified.signed_content().into(),
        // Both exist, or there would be no verdict.
        IdentityPart::KeyId => verified.key_id().unwrap_or_default().as_bytes().into(),
        IdentityPart::Nonce => nonce(verified).map_err(Unusable)?.as_bytes().into(),
        IdentityPart::Field(path) => {
            let text = field(verified, path).ok_or_else(|| Unusable(path.to_string()))?;
            match text {
                Cow::Borrowed(text) => text.as_bytes().into(),
                Cow::Owned(text) => text.into_bytes().into(),
            }
        }
        other => return Err(Unusable(other.to_string())),
    })
}

/// The nonce; or, if it is unusable, the name of its field.
fn nonce<'v>(verified: &'v Verified<'_>) -> Result<&'v str, String> {
    let text = verified.nonce().unwrap_or_default();
    match verified.scheme().nonce_field() {
        Some(path) if verified.scheme().may_be_two(text) => Err(path.to_string()),
        _ => Ok(text),
    }
}

/// A field's text as it was signed. It is the same for a number and a string with its digits, and
/// for two spellings of a number, if one signature covers both.
fn field<'a>(verified: &Verified<'a>, path: &FieldPath) -> Option<Cow<'a, str>> {
    let text = verified.text_as_signed(verified.body().find(path)?)?;
    (!text.is_empty() && !verified.scheme().may_be_two(&text)).then_some(text)
}
