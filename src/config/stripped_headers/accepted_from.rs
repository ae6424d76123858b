//! From whom a header is accepted.

/// From whom such a header is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedFrom {
    /// No proxy in front has a reason to send it, and one that does not know it passes on what its client
    /// sent.
    Nobody,
    /// A trusted proxy sets or clears it.
    TrustedProxies,
}
