//! A provider of one's own: what `sign` and `send` make signed callbacks with.

mod callback_url;
mod draft_body;
pub(in crate::cli) mod moment_arg;
mod signer_error;
mod signer_files;
mod signer_setup;
mod signing_args;
mod signing_rules;
mod tamper_kind;
mod tampered_callback;

pub(super) use callback_url::CallbackUrl;
pub(super) use signer_error::SignerError;
pub(super) use signer_setup::Signer;
pub(super) use signing_args::SigningArgs;
pub(super) use tamper_kind::TamperKind;
