//! The two engines that verify signatures.

/// What verifies signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// Pure Rust (`rsa`, `p256` and its siblings, `ed25519-dalek`, `hmac`): every algorithm and key.
    Reference,
    /// `aws-lc-rs`: several times as fast. Public keys only; no RSA with MD5 or less than 2048 bits,
    /// and no ECDSA with SHA-1.
    Fast,
}

impl Engine {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "pure-rust",
            Self::Fast => "aws-lc-rs",
        }
    }
}
