//! The scheme language: expressions that say where the values of a callback are and which bytes
//! were signed.
//!
//! An expression is fixed text with values in it: `{timestamp}.{body}`. A value comes from a source
//! (`body`, `header:NAME`, `field:NAME`, ...) and may pass through filters, from left to right:
//! `{header:Signature|prefix:sha256=|unhex}`. A part in `[ ]` is left out if a value in it is
//! missing. `{{`, `}}`, `[[` and `]]` stand for the characters themselves. There are no loops, and
//! no code of the user's.
//!
//! - What is absent or null is *missing*, and the callback is refused, unless the value stands in
//!   `[ ]` or `default:` follows. Empty text is a value; `nonempty` makes it missing.
//! - What occurs twice, or does not have the form that a filter needs, is refused, and nothing
//!   catches that.
//! - Types are checked when a scheme is compiled: text, bytes, JSON, pairs and lists. A JSON string,
//!   number or boolean is text as it is written; text is bytes in UTF-8 or the form's character
//!   set. A filter over a list works on each item.
//!
//! An algorithm `jws-ALG` (`jws-es256`, `jws-hs256`, ...) takes a JWS (RFC 7515) in its compact form:
//! `signature` says where the token is, and the token what is signed, its header and payload. If it
//! is detached (appendix F), `payload` says what the payload is. The header must have the scheme's
//! `alg`; `crit` and `b64` are refused, and so is base64url that could be written in another way.
//! `jose:NAME` and `claim:NAME` are values of header and payload. A token covers nothing else of the
//! callback: compare what it says of the body with `check`, as in
//! `"{claim:body_sha256|unhex}" = "{body|sha256}"`.
//!
//! An algorithm `rfc9421-ALG` (`rfc9421-ed25519`, `rfc9421-hmac-sha256`, ...) takes an HTTP Message
//! Signature (RFC 9421) out of `Signature` and `Signature-Input`. The signer lists what it covers, so
//! the scheme says in `components` what the list must have: headers, `@method`, `@target-uri`,
//! `@authority`, `@scheme`, `@request-target`, `@path`, `@query` and `@query-param;name="NAME"`.
//! `@target-uri` and `@scheme` are those of the route's public URL, and so is `@authority` where the
//! route has one. A header may be `;bs`; `;sf`, `;key`, `;tr` and `;req` are refused, and so are
//! components and parameters that are not known, those that stand twice, and a header that occurs
//! twice. Where `content-digest` is covered, the body must have its SHA-256 and SHA-512; without it
//! the body is not covered. `param:NAME` is a parameter of the signature. `label` says which signature
//! counts; without it each is tried, with its own key, time and content.
//!
//! `certificate` says where a callback brings the certificate of the key that signed it, as PEM, DER or
//! base64 of DER: UnionPay's `{form:signPubKeyCert}`, a JWS's `{jose:x5c}`. The keys given to [`verify`]
//! are then certificates, too: the roots, one of which must have issued it, over at most three others
//! behind it in the list. Its subject or its extensions say whose it is; all of them must be valid at
//! the callback's `timestamp`, nothing may be signed with SHA-1 or RSA of less than 2048 bits, and a key
//! usage must be for signatures. Whether one was revoked is not asked, and none is fetched: of a
//! provider that sends the URL of its certificate (AWS SNS), keep the certificate as a key. `key_id` also
//! fits the serial number of a key's certificate, in hexadecimal.
//!
//! ```
//! use std::sync::Arc;
//!
//! use countersign_verify::http::{HeaderMap, HeaderValue};
//! use countersign_verify::keys::Secret;
//! use countersign_verify::language::{
//!     Choice, RouteValues, SchemeDefinition, SchemeRules, verify,
//! };
//! use countersign_verify::{Callback, Key, Plenty};
//!
//! // GitHub signs the body; the signature is `sha256=` and hexadecimal digits.
//! let mut github = SchemeDefinition::default();
//! github.algorithm = Choice::Fixed("hmac-sha256".into());
//! github.signature = vec!["{header:X-Hub-Signature-256|prefix:sha256=|unhex}".into()];
//! github.content = vec!["{body}".into()];
//! let github = SchemeRules::compile(&github).map_err(|errors| errors[0].clone())?;
//!
//! // The example in GitHub's documentation.
//! let secret = Secret::new(b"It's a Secret to Everybody".to_vec().into())?;
//! let keys = [Arc::new(Key::of_secret("shop", secret))];
//! let mut headers = HeaderMap::new();
//! let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
//! headers.insert("x-hub-signature-256", HeaderValue::from_static(signature));
//! let callback = Callback::new("POST", b"/", &headers, b"Hello, World!");
//! let route = RouteValues::default();
//! let genuine = verify(&github, &route, &keys, callback, &mut Plenty, &mut ())?;
//! assert_eq!(genuine.key.id(), "shop");
//!
//! let callback = Callback::new("POST", b"/", &headers, b"Hello, world!");
//! assert!(verify(&github, &route, &keys, callback, &mut Plenty, &mut ()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources and filters
//!
#![doc = include_str!("../../doc/language.md")]

// `expression_syntax` and `expression_parser` read an expression, `compiled_expression` resolves its
// names and checks its types once, and `evaluate` runs it over each callback. `source_table` and
// `filters` are the closed lists of what there is. `scheme_definition` is a scheme as it is written,
// `scheme_rules` the same compiled, `coverage` what its signature covers, `selection` the fields that
// it selects, and `genuine` the verification, and what is answered
// by a scheme. `compact_jws` and `message_signature` take signatures of
// their standards apart.

mod ambiguity;
mod answer_definition;
#[cfg(test)]
mod bound_tests;
mod compact_jws;
mod compiled_expression;
mod coverage;
mod evaluate;
mod expression_error;
mod expression_parser;
mod expression_syntax;
mod expression_value;
mod filters;
mod genuine;
#[cfg(test)]
mod jws_tests;
mod language_reference;
mod measured_bytes;
mod message_signature;
#[cfg(test)]
mod message_tests;
#[cfg(feature = "sign")]
mod place_value;
mod planted_secret;
mod scheme_definition;
mod scheme_rules;
mod selection;
#[cfg(feature = "sign")]
mod sign_request;
#[cfg(feature = "sign")]
mod signing_input;
#[cfg(test)]
mod soundness_tests;
mod source_table;
#[cfg(test)]
mod tests;
mod timestamp_unit;
#[cfg(test)]
mod typed_scalar_tests;
#[cfg(test)]
mod unusable_tests;
mod value_fault;
mod value_type;

pub use answer_definition::{AnswerDefinition, HandshakeDefinition};
pub use coverage::{Coverage, CoveredPart, OpenBorder, PartlySigned};
pub use evaluate::RouteValues;
pub use expression_error::ExpressionError;
pub use genuine::{Genuine, SecretPrints, verify};
pub(crate) use genuine::{
    VerificationRules, acknowledgement, answer_handshake, answering_secrets, find_genuine,
    looks_like, verifying_secrets,
};
pub use language_reference::reference;
#[cfg(feature = "sign")]
pub use place_value::PlaceError;
pub use planted_secret::{planted_parts, without_planted};
pub use scheme_definition::{
    CertificateDefinition, Choice, LetDefinition, MustCoverDefinition, SchemeDefinition,
    SelectionDefinition, TimestampDefinition,
};
pub use scheme_rules::{
    AnswerType, BrokenDigest, DefinitionError, SchemeRules, SecretParts, StatedGap,
};
#[cfg(feature = "sign")]
pub use sign_request::{sign, tamper};
#[cfg(feature = "sign")]
pub use signing_input::{ContentSigner, SigningError, SigningInput, Tampering};
