//! Public keys: how they are read, which of them a callback may have been signed with, and the
//! two engines that check a signature.

mod decode;
mod engine;
#[cfg_attr(not(feature = "aws-lc-rs"), path = "no_fast.rs")]
mod fast;
mod public_key;
mod ring;

pub use decode::KeyError;
pub use engine::Engine;
pub use public_key::PublicKey;
pub use ring::KeyRing;
