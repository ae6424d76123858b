//! HTTP Message Signatures (RFC 9421): a signature over parts of a request that it lists itself.

mod content_digest;
mod message_component;
mod message_parameter;
mod presented_message;
mod structured_dictionary;

pub(crate) use content_digest::check as check_content_digest;
pub(crate) use message_component::{MessageComponent, is_encoded_as, write_encoded};
pub(crate) use message_parameter::MessageParameter;
pub(crate) use presented_message::{PresentedMessage, labels};

use http::HeaderName;

/// The lists of components and parameters, by label.
pub(crate) const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// The signatures, by label.
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// Digests of the body (RFC 9530).
pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
