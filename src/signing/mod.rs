//! Private keys of one's own, for the commands that play a provider: `keygen`, `sign` and `send`. The proxy
//! reads none of them.

pub mod key_file;
pub mod key_form;
pub mod key_pair;
pub mod new_secret;
mod private_jwk;
pub mod read_signing_key;
pub mod signing_key;
