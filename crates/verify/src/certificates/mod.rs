//! Certificates that come with a callback, and the roots under which they count.

mod certificate_chain;
mod certificate_demands;
mod certificate_text;
mod chain_algorithm;

pub(crate) use certificate_chain::{CertifiedKey, certified};
pub(crate) use certificate_demands::{CertificateDemands, attribute_names, find_attribute};
pub(crate) use certificate_text::decode;
