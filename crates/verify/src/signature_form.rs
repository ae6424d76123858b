//! The two ways in which the two numbers of an ECDSA signature are written.

use std::borrow::Cow;

#[cfg(feature = "sign")]
use x509_cert::der::Encode as _;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};

use super::algorithm::{Algorithm, Curve};

/// How the numbers `r` and `s` of an ECDSA signature are written. A scheme says which: one is never
/// taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SignatureForm {
    /// A DER sequence of two integers (RFC 3279, section 2.2.3), as OpenSSL and Java write it.
    Der,
    /// `r || s`, each as long as a coordinate (RFC 7518, section 3.4), as JOSE and Web Crypto write
    /// it.
    Raw,
}

impl SignatureForm {
    /// The signature as the keys take it: `r || s` for ECDSA. `None` if it is not in this form, or
    /// its numbers are too long for the curve. Signatures of other algorithms have one form.
    #[must_use]
    pub fn read<'s>(
        form: Option<Self>,
        algorithm: Algorithm,
        signature: &'s [u8],
    ) -> Option<Cow<'s, [u8]>> {
        match (algorithm.curve(), form) {
            (None, None) | (Some(_), Some(Self::Raw)) => Some(signature.into()),
            (Some(curve), Some(Self::Der)) => from_der(curve, signature).map(Cow::Owned),
            // Unsound: `Scheme::check`.
            (None, Some(_)) | (Some(_), None) => None,
        }
    }
}

#[cfg(feature = "sign")]
impl SignatureForm {
    /// The inverse of [`Self::read`].
    pub(crate) fn write(
        form: Option<Self>,
        algorithm: Algorithm,
        signature: Vec<u8>,
    ) -> Option<Vec<u8>> {
        match (algorithm.curve(), form) {
            (None, None) | (Some(_), Some(Self::Raw)) => Some(signature),
            (Some(curve), Some(Self::Der)) => to_der(curve, &signature),
            (None, Some(_)) | (Some(_), None) => None,
        }
    }
}

#[cfg(feature = "sign")]
fn to_der(curve: Curve, raw: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = raw.split_at_checked(curve.bytes())?;
    let numbers = vec![UintRef::new(r).ok()?, UintRef::new(s).ok()?];
    numbers.to_der().ok()
}

/// Takes DER only: one sequence, shortest lengths, positive numbers without leading zeros, nothing
/// behind. Whatever else BER could mean is refused.
fn from_der(curve: Curve, der: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(der).ok()?;
    let numbers = reader.sequence(|inner: &mut SliceReader<'_>| -> x509_cert::der::Result<_> {
        Ok([UintRef::decode(inner)?, UintRef::decode(inner)?])
    });
    let numbers = numbers.ok()?;
    reader.finish().ok()?;
    let mut raw = Vec::with_capacity(curve.bytes().saturating_mul(2));
    for number in numbers {
        let number = number.as_bytes();
        let zeros = curve.bytes().checked_sub(number.len())?;
        raw.resize(raw.len().saturating_add(zeros), 0);
        raw.extend_from_slice(number);
    }
    Some(raw)
}
