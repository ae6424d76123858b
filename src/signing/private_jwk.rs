//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), written with their private members.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1::RsaPrivateKeyRef;
use sha2::{Digest as _, Sha256};
use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use zeroize::Zeroizing;

use super::key_pair::MadeKeyPair;
use crate::verify::{Curve, KeyKind};

/// The members of a key, in order. They are names and base64url: nothing in them is escaped.
type JwkMembers = Vec<(&'static str, Zeroizing<String>)>;

/// Writes the private key and the public one.
pub(super) fn write(pair: &MadeKeyPair) -> x509_cert::der::Result<[Zeroizing<Vec<u8>>; 2]> {
    let (public, private) = members(pair)?;
    let id = thumbprint(&public);
    let with = |private: &JwkMembers| {
        let mut all = public.clone();
        all.push(("kid", Zeroizing::new(id.clone())));
        all.push(("use", text("sig")));
        all.extend(private.iter().cloned());
        let mut json = object(&all);
        json.push(b'\n');
        json
    };
    Ok([with(&private), with(&Vec::new())])
}

/// Writes a secret.
pub(super) fn write_secret(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let members = vec![("kty", text("oct")), ("k", number(secret))];
    let mut json = object(&members);
    json.push(b'\n');
    json
}

/// The members that the thumbprint is made of, sorted, and the private ones.
fn members(pair: &MadeKeyPair) -> x509_cert::der::Result<(JwkMembers, JwkMembers)> {
    let inner = pair.inner()?;
    match pair.kind {
        KeyKind::Rsa => {
            let key = RsaPrivateKeyRef::from_der(inner)?;
            let of = |number: rsa::pkcs1::UintRef<'_>| self::number(number.as_bytes());
            let public = vec![
                ("e", of(key.public_exponent)),
                ("kty", text("RSA")),
                ("n", of(key.modulus)),
            ];
            let private = vec![
                ("d", of(key.private_exponent)),
                ("p", of(key.prime1)),
                ("q", of(key.prime2)),
                ("dp", of(key.exponent1)),
                ("dq", of(key.exponent2)),
                ("qi", of(key.coefficient)),
            ];
            Ok((public, private))
        }
        KeyKind::Ec(curve) => {
            // Behind the byte that says that both coordinates follow.
            let both = pair.point()?.get(1..).unwrap_or_default();
            let (x, y) = both.split_at_checked(curve.bytes()).unwrap_or_default();
            let public = vec![
                ("crv", text(curve_name(curve))),
                ("kty", text("EC")),
                ("x", number(x)),
                ("y", number(y)),
            ];
            Ok((public, vec![("d", number(scalar(inner)?))]))
        }
        _ => {
            let public = vec![
                ("crv", text("Ed25519")),
                ("kty", text("OKP")),
                ("x", number(pair.point()?)),
            ];
            Ok((public, vec![("d", number(pair.seed()?))]))
        }
    }
}

/// The number in an `ECPrivateKey` (RFC 5915), which has the length of a coordinate.
fn scalar(der: &[u8]) -> x509_cert::der::Result<&[u8]> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|inner: &mut SliceReader<'_>| -> x509_cert::der::Result<_> {
        u8::decode(inner)?;
        let number = <&OctetStringRef>::decode(inner)?;
        while !inner.is_finished() {
            inner.tlv_bytes()?;
        }
        Ok(number.as_bytes())
    })
}

fn curve_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        _ => "P-521",
    }
}

/// RFC 7638: the digest of the required members, sorted by name.
fn thumbprint(public: &JwkMembers) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(object(public)))
}

fn object(members: &JwkMembers) -> Zeroizing<Vec<u8>> {
    let room = members
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()));
    let room = room.fold(8_usize, |sum, member| {
        sum.saturating_add(member).saturating_add(6)
    });
    let mut json = Zeroizing::new(Vec::with_capacity(room));
    for (at, (name, value)) in members.iter().enumerate() {
        json.extend_from_slice(if at == 0 { b"{\"" } else { b",\"" });
        for part in [name.as_bytes(), b"\":\"", value.as_bytes(), b"\""] {
            json.extend_from_slice(part);
        }
    }
    json.push(b'}');
    json
}

fn text(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn number(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes))
}
