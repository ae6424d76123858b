//! The signature algorithms.

use std::fmt;

use Construction::{Ecdsa, Ed25519, Hmac, Plain, RsaPkcs1, RsaPss, Token};

crate::closed_list! {
    /// What makes a signature, down to the digest.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Algorithm {
        /// What it is made of.
        construction: Construction
    }

    RsaSha256 = "rsa-sha256" [RsaPkcs1(Digest::Sha256)], "RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2): Java's `SHA256withRSA`.";
    RsaSha384 = "rsa-sha384" [RsaPkcs1(Digest::Sha384)], "The same with SHA-384.";
    RsaSha512 = "rsa-sha512" [RsaPkcs1(Digest::Sha512)], "The same with SHA-512.";
    RsaSha1 = "rsa-sha1" [RsaPkcs1(Digest::Sha1)], "The same with SHA-1. Broken against collisions: use it only if a provider leaves no choice.";
    RsaMd5 = "rsa-md5" [RsaPkcs1(Digest::Md5)], "The same with MD5. Broken against collisions: use it only if a provider leaves no choice.";
    RsaPssSha256 = "rsa-pss-sha256" [RsaPss(Digest::Sha256)], "RSASSA-PSS (RFC 8017, section 8.1) with MGF1 over the same digest, and a salt as long as the digest: `PS256` of RFC 7518, section 3.5.";
    RsaPssSha384 = "rsa-pss-sha384" [RsaPss(Digest::Sha384)], "The same with SHA-384: `PS384`.";
    RsaPssSha512 = "rsa-pss-sha512" [RsaPss(Digest::Sha512)], "The same with SHA-512: `PS512`, and `rsa-pss-sha512` of RFC 9421, section 3.3.1.";
    EcdsaP256Sha256 = "ecdsa-p256-sha256" [Ecdsa(Curve::P256, Digest::Sha256)], "ECDSA (FIPS 186-5) on P-256: `ES256`.";
    EcdsaP256Sha1 = "ecdsa-p256-sha1" [Ecdsa(Curve::P256, Digest::Sha1)], "The same with SHA-1. Broken against collisions: use it only if a provider leaves no choice.";
    EcdsaP384Sha384 = "ecdsa-p384-sha384" [Ecdsa(Curve::P384, Digest::Sha384)], "ECDSA on P-384: `ES384`.";
    EcdsaP521Sha512 = "ecdsa-p521-sha512" [Ecdsa(Curve::P521, Digest::Sha512)], "ECDSA on P-521: `ES512`.";
    Ed25519 = "ed25519" [Ed25519], "Ed25519 (RFC 8032).";
    HmacSha256 = "hmac-sha256" [Hmac(Digest::Sha256)], "HMAC (RFC 2104) under a shared secret: `HS256`.";
    HmacSha384 = "hmac-sha384" [Hmac(Digest::Sha384)], "The same with SHA-384: `HS384`.";
    HmacSha512 = "hmac-sha512" [Hmac(Digest::Sha512)], "The same with SHA-512: `HS512`.";
    HmacSha1 = "hmac-sha1" [Hmac(Digest::Sha1)], "The same with SHA-1, whose collisions do not help to forge an HMAC.";
    HmacMd5 = "hmac-md5" [Hmac(Digest::Md5)], "The same with MD5, whose collisions do not help to forge an HMAC.";
    Sha256 = "sha256" [Plain(Digest::Sha256)], "The digest of content that holds the secret.";
    Sha384 = "sha384" [Plain(Digest::Sha384)], "The same with SHA-384.";
    Sha512 = "sha512" [Plain(Digest::Sha512)], "The same with SHA-512.";
    Sha3_256 = "sha3-256" [Plain(Digest::Sha3_256)], "The same with SHA3-256.";
    Sha1 = "sha1" [Plain(Digest::Sha1)], "The same with SHA-1. Broken against collisions: use it only if a provider leaves no choice.";
    Md5 = "md5" [Plain(Digest::Md5)], "The same with MD5. Broken against collisions: use it only if a provider leaves no choice.";
    Token = "token" [Token], "The secret itself in place of a signature: it says who sent the callback, and covers nothing of it.";
}

/// What an algorithm is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Construction {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Digest),
    /// RSASSA-PSS, with the digest in MGF1, too, and a salt of the digest's length.
    RsaPss(Digest),
    /// ECDSA.
    Ecdsa(Curve, Digest),
    /// Ed25519.
    Ed25519,
    /// HMAC.
    Hmac(Digest),
    /// A digest of content that holds the secret.
    Plain(Digest),
    /// The secret itself.
    Token,
}

crate::closed_list! {
    /// What a signature that fits says of a callback.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Means

    Signature = "signature", "Whoever holds the private key signed the content.";
    Mac = "mac", "Whoever holds the secret, this side included, signed the content.";
    Digest = "digest", "Whoever knows the secret made a digest of it and the content.";
    Token = "token", "Whoever sent it knows the secret; no content is covered.";
}

/// The digest that an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
#[non_exhaustive]
pub enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
}

impl Digest {
    /// How many bytes it has.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Whether it is broken against collisions.
    const fn is_broken(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }
}

/// A curve of FIPS 186-5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say all")]
#[non_exhaustive]
pub enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// How many bits a coordinate has.
    #[must_use]
    pub const fn bits(self) -> usize {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// How many bytes a coordinate has, and each half of a raw signature.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.bits().div_ceil(8)
    }
}

/// The kind of key that an algorithm needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// An RSA public key.
    Rsa,
    /// A public key for ECDSA on this curve.
    Ec(Curve),
    /// An Ed25519 public key.
    Ed25519,
    /// A secret that both sides know.
    Secret,
}

impl KeyKind {
    /// Every kind of key.
    pub const ALL: &'static [Self] = &[
        Self::Rsa,
        Self::Ec(Curve::P256),
        Self::Ec(Curve::P384),
        Self::Ec(Curve::P521),
        Self::Ed25519,
        Self::Secret,
    ];

    /// The kinds of public keys, as a list for messages.
    #[must_use]
    pub fn public_names() -> String {
        let public = Self::ALL.iter().filter(|kind| **kind != Self::Secret);
        let names: Vec<String> = public.map(ToString::to_string).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::Ec(Curve::P256) => "P-256",
            Self::Ec(Curve::P384) => "P-384",
            Self::Ec(Curve::P521) => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::Secret => "secret",
        })
    }
}

impl Algorithm {
    /// The name in configurations and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.code()
    }

    /// The kind of key that checks its signatures.
    #[must_use]
    pub const fn key_kind(self) -> KeyKind {
        match self.construction() {
            RsaPkcs1(_) | RsaPss(_) => KeyKind::Rsa,
            Ecdsa(curve, _) => KeyKind::Ec(curve),
            Ed25519 => KeyKind::Ed25519,
            Hmac(_) | Plain(_) | Token => KeyKind::Secret,
        }
    }

    /// What a signature that fits says of a callback.
    #[must_use]
    pub const fn means(self) -> Means {
        match self.construction() {
            RsaPkcs1(_) | RsaPss(_) | Ecdsa(..) | Ed25519 => Means::Signature,
            Hmac(_) => Means::Mac,
            Plain(_) => Means::Digest,
            Token => Means::Token,
        }
    }

    /// The curve, for ECDSA.
    #[must_use]
    pub const fn curve(self) -> Option<Curve> {
        match self.construction() {
            Ecdsa(curve, _) => Some(curve),
            _ => None,
        }
    }

    /// The algorithm with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.name() == name)
    }

    /// Whether collisions of its digest help an attacker. An HMAC withstands them.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        match self.construction() {
            RsaPkcs1(digest) | RsaPss(digest) | Ecdsa(_, digest) | Plain(digest) => {
                digest.is_broken()
            }
            Ed25519 | Hmac(_) | Token => false,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
