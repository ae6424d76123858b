//! What a claim came to, for logs and metrics.

use crate::record::Code;

/// Declares [`ClaimOutcome`] once: variant and word.
macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What a claim came to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ClaimOutcome {
            $($(#[$doc])* $variant,)+
        }

        impl ClaimOutcome {
            /// Every outcome.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in logs and metrics.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

impl From<ClaimOutcome> for Code {
    fn from(outcome: ClaimOutcome) -> Self {
        Self {
            index: outcome as usize,
            name: outcome.name(),
        }
    }
}

outcomes! {
    /// Nobody has seen the callback: it goes to the backend.
    Fresh = "fresh",
    /// A backend took it before.
    Repeat = "repeat",
    /// Another copy is in flight.
    InFlight = "in_flight",
    /// The store is away, and the callback is refused.
    Unavailable = "unavailable",
    /// The store is away, and the callback goes to the backend all the same.
    Unchecked = "unchecked",
}
