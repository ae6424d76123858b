//! The names that JOSE has for algorithms: the `alg` of a JWK and of a JWS.

use crate::algorithm::Algorithm;

/// What `alg` can be for signatures (RFC 7518, section 3.1; RFC 8037; RFC 9864).
pub(crate) const JOSE_ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::RsaSha256),
    ("RS384", Algorithm::RsaSha384),
    ("RS512", Algorithm::RsaSha512),
    ("PS256", Algorithm::RsaPssSha256),
    ("PS384", Algorithm::RsaPssSha384),
    ("PS512", Algorithm::RsaPssSha512),
    ("ES256", Algorithm::EcdsaP256Sha256),
    ("ES384", Algorithm::EcdsaP384Sha384),
    ("ES512", Algorithm::EcdsaP521Sha512),
    ("EdDSA", Algorithm::Ed25519),
    ("Ed25519", Algorithm::Ed25519),
    ("HS256", Algorithm::HmacSha256),
    ("HS384", Algorithm::HmacSha384),
    ("HS512", Algorithm::HmacSha512),
];
