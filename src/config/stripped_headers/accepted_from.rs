//! From whom a header is accepted.

/// From whom such a header is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedFrom {
    /// From nobody: no proxy in front has a reason to send it, and a proxy that does not know it
    /// forwards what its client sent.
    Nobody,
    /// From a trusted proxy, which sets or clears it.
    TrustedProxies,
}
