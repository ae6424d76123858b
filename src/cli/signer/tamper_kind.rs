//! The ways in which `send` changes signed callbacks.

use clap::ValueEnum;

/// A change that a receiver must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TamperKind {
    /// A character of the body is another, which the signature covers.
    Body,
    /// Something is behind the body.
    BodyLonger,
    /// The end of the body is missing.
    BodyShorter,
    /// One bit of the signature is another.
    Signature,
    /// The signature is missing.
    NoSignature,
    /// Another key of the same kind signed it.
    OtherKey,
    /// The time is a day later than the signed one.
    Time,
    /// The nonce is not the signed one.
    Nonce,
    /// It was signed longer ago than the scheme or the route accepts.
    Old,
    /// The query has another parameter, or another character, where the signature covers it.
    Query,
}

impl TamperKind {
    /// Its name on the command line.
    pub(in crate::cli) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
