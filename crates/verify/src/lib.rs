//! Verifies the signatures of payment callbacks, and decrypts encrypted fields in them.
//!
//! Everything here is a pure function: no I/O, clock (`now` is an argument), async or logging.
//!
//! # From a callback to a verdict
//!
//! | step | with | when |
//! |---|---|---|
//! | 1. say how the provider signs | [`Scheme`]: built in, or your own | at start |
//! | 2. read the provider's keys | [`Key::decode`], [`Key::of_secret`], [`KeySet`] | at start |
//! | 3. say what else you require of a callback | [`VerifyPolicy`], [`Requirements`] | at start |
//! | 4. pass in the request | [`Callback`] | for each |
//! | 5. check it | [`verify`] | for each |
//! | 6. act on the verdict | [`Verified`], or a [`Rejection`] with its [`Reason`] | for each |
//!
//! ```
//! use countersign_verify::http::HeaderMap;
//! use countersign_verify::{Callback, Key, VerifyPolicy, Reason, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//!
//! // `KEY` and `BODY` are the public key and the notification that CheezeePay prints in its documentation.
//! let scheme = Scheme::find_built_in("cheezeepay").ok_or("no such scheme")?.clone();
//! let key = Key::decode("platform", KEY.as_bytes())?;
//! let policy = VerifyPolicy::new(scheme, key);
//!
//! let headers = HeaderMap::new();
//! let now = 1_705_128_180;
//! let genuine = Callback::new("POST", b"/callback", &headers, BODY.as_bytes());
//! let verified = verify(&policy, genuine, now)?;
//! assert_eq!(verified.key().id(), "platform");
//!
//! let body = BODY.replace("INR", "USD");
//! let tampered = Callback::new("POST", b"/callback", &headers, body.as_bytes());
//! let rejection = verify(&policy, tampered, now).unwrap_err();
//! assert_eq!(rejection.reason, Reason::SignatureMismatch);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A scheme of your own
//!
//! A scheme is data: where the signature is, what was signed, and by which [`Algorithm`]. All of it is written in the
//! [`language`] of expressions. This provider signs `{time}.{body}`:
//!
//! ```
//! use std::time::Duration;
//!
//! use countersign_verify::Scheme;
//! use countersign_verify::language::{Choice, SchemeDefinition, TimestampDefinition};
//!
//! let definition = SchemeDefinition {
//!     algorithm: Choice::Fixed("rsa-sha256".into()),
//!     signature: vec!["{header:X-Shop-Signature|unbase64}".into()],
//!     timestamp: Some(TimestampDefinition {
//!         value: "{header:X-Shop-Time}".into(),
//!         unit: "s".into(),
//!     }),
//!     content: vec!["{timestamp}.{body}".into()],
//!     ..SchemeDefinition::default()
//! };
//! let mut shop = Scheme::compile("shop", definition).map_err(|errors| errors[0].clone())?;
//! shop.max_age = Some(Duration::from_secs(300));
//!
//! // One signature must be good for one callback only.
//! shop.check()?;
//! // The signature covers everything that the scheme names.
//! assert_eq!(shop.unsigned(), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Call [`Scheme::check`] on your own schemes.** A signature covers a text, not the values in it. If a nonce were
//! followed by a dot and the body, an attacker with one callback could move bytes from the body into the nonce under
//! the same signature; `check` detects that. [`Scheme::unsigned`] lists what the signature does not cover at all.
//!
//! CheezeePay's rule, for fields without fractions, verifies the same notification:
//!
//! ```
//! # use countersign_verify::http::HeaderMap;
//! # use countersign_verify::{Callback, Key, VerifyPolicy, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//! use countersign_verify::language::{Choice, SchemeDefinition, SelectionDefinition};
//!
//! // `amountCurrency=INR&fee=88&...`: the non-empty fields, sorted, without the signature.
//! let fields = SelectionDefinition {
//!     from: Some("json".into()),
//!     leave_out: vec!["sign".into()],
//!     empty: Some("leave-out".into()),
//!     null: Some("leave-out".into()),
//!     order: Some("utf16".into()),
//!     pair: "{name}={value}".into(),
//!     between: "&".into(),
//!     ..SelectionDefinition::default()
//! };
//! let definition = SchemeDefinition {
//!     algorithm: Choice::Fixed("rsa-sha256".into()),
//!     signature: vec!["{field:sign|unbase64}".into()],
//!     content: vec!["{fields}".into()],
//!     selections: vec![(None, fields)],
//!     ..SchemeDefinition::default()
//! };
//! let scheme = Scheme::compile("my-cheezeepay", definition).map_err(|errors| errors[0].clone())?;
//! scheme.check()?;
//!
//! let key = Key::decode("platform", KEY.as_bytes())?;
//! let policy = VerifyPolicy::new(scheme, key);
//! let headers = HeaderMap::new();
//! let callback = Callback::new("POST", b"/", &headers, BODY.as_bytes());
//! let verified = verify(&policy, callback, 0)?;
//! assert!(verified.signed_content().starts_with(b"amountCurrency=INR&fee=88&"));
//!
//! let tampered = BODY.replace(r#""fee":"88""#, r#""fee":"0""#);
//! let callback = Callback::new("POST", b"/", &headers, tampered.as_bytes());
//! assert!(verify(&policy, callback, 0).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If a genuine callback is refused with [`Reason::SignatureMismatch`], compare [`signed_text()`] with the example in
//! the provider's documentation. With the feature `serde`, schemes can be read from files; reading one checks it.
//!
//! # Keys
//!
//! A public key is RSA, P-256, P-384, P-521 or Ed25519, in any format that providers publish, JWKs included. A
//! [`Secret`] is for HMACs. [`Algorithm`] says which kind each takes; ECDSA also needs
//! [`SchemeDefinition::signature_form`](language::SchemeDefinition::signature_form).
//!
//! During a rotation, [`KeySet::Any`] holds the old and the new key. If each merchant has its own key,
//! [`KeySet::ByHeader`] selects the keys by a header. The header need not be signed: one of the keys that it selects
//! must have made the signature.
//!
//! # The request
//!
//! A [`Callback`] is the request as the provider sent it: the target with its percent-encoding, all headers, and the
//! body's bytes before any parsing. Read the complete body first, and limit its length. Do not re-encode the body
//! from parsed JSON: other bytes have another signature.
//!
//! # The verdict
//!
//! [`Verified`] says which key signed, when, and with which nonce. Take the fields from [`Verified::body`], not from
//! another parser: all parsers agree on those. Three things are left to you:
//!
//! - **Repeats.** A genuine callback may arrive twice: the provider retries, or an attacker replays it. Remember
//!   [`Verified::signed_content`], or what the scheme's [`identity`](Scheme::identity) names, for as long as
//!   [`keep`](Scheme::keep) says.
//! - **Ambiguity.** Some providers join fields in such a way that one signature fits several bodies.
//!   [`Verified::ambiguous`] marks those; [`Requirements`] refuses them, and bodies that lack fields or have them in
//!   other types.
//! - **Unsigned values.** Anybody can change what [`Scheme::unsigned`] lists.
//!
//! A [`Rejection`] has a [`Reason`] with a stable code, and the place in the request. It contains no values except a
//! key id and a time difference, so it may be logged. Answer 400, and do not reveal the reason to the client.
//!
//! ```
//! # use countersign_verify::http::HeaderMap;
//! # use countersign_verify::{Callback, Key, VerifyPolicy, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//! # let scheme = Scheme::find_built_in("cheezeepay").unwrap().clone();
//! # let key = Key::decode("platform", KEY.as_bytes())?;
//! # let headers = HeaderMap::new();
//! use countersign_verify::body::FieldPath;
//! use countersign_verify::{Requirements, JsonType, OnAmbiguity, Required};
//!
//! let mut requirements = Requirements::default();
//! requirements.ambiguous = OnAmbiguity::Refuse;
//! requirements.require = vec![Required::new(FieldPath::parse("payAmount")?, vec![JsonType::String])];
//! let policy = VerifyPolicy::new(scheme, key).with_requirements(requirements);
//!
//! let genuine = Callback::new("POST", b"/", &headers, BODY.as_bytes());
//! assert!(verify(&policy, genuine, 0).is_ok());
//!
//! // The same signed text, but a number: the signature is valid, but the platform does not send this.
//! let retyped = BODY.replace(r#""payAmount":"800""#, r#""payAmount":800"#);
//! let retyped = Callback::new("POST", b"/", &headers, retyped.as_bytes());
//! let rejection = verify(&policy, retyped, 0).unwrap_err();
//! assert_eq!(rejection.to_string(), "field_type_wrong (field:payAmount)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Decryption
//!
//! Some providers encrypt fields to the merchant. The module `decrypt` takes a [`Verified`] and returns the callback
//! with clear text in it.
//!
//! # Features
//!
//! - `aws-lc-rs` (default): the fast engine for public keys, and the module `decrypt`. It compiles C code; without it,
//!   pure Rust verifies the same signatures.
//! - `sign`: the module `sign` makes signed callbacks, to test with: the inverse of the verification.
//! - `serde`: `Serialize` and `Deserialize` for [`Scheme`] and its parts.
//!
//! # Memory
//!
//! A small body can take many times its length once it is parsed. If you verify many at once,
//! [`verify_within`] asks a [`MemoryBudget`] before it allocates any.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod body;
#[cfg(feature = "aws-lc-rs")]
pub mod decrypt;
pub mod json;
pub mod keys;
pub mod language;
pub mod scheme;
#[cfg(feature = "sign")]
pub mod sign;

mod algorithm;
mod callback;
mod case_folding;
mod certificates;
mod closed_list;
mod content;
mod content_type;
#[cfg(feature = "sign")]
mod draft_request;
mod found_handshake;
mod freshness;
mod header_text;
mod hex;
mod identity_part;
mod jose_algorithms;
mod memory;
mod policy;
mod reason;
mod refusal_status;
mod refused_twins;
mod requirements;
mod scan;
mod scheme_answer;
mod signature_form;
mod signed_text;
mod spelling;
mod twins;
mod unsigned_value;
mod verified;
mod verify_steps;
mod whole_number;

pub use algorithm::{Algorithm, Construction, Curve, Digest, KeyKind, Means};
pub use callback::Callback;
pub use content_type::is_content_coding;
pub use found_handshake::{FoundHandshake, Handshake, find_handshake};
pub use header_text::header_text;
pub use hex::decode_hex;
pub use keys::{Key, KeyError, KeySet, Secret, is_public_key};
pub use memory::{MemoryBudget, OutOfMemory, Plenty};
pub use policy::VerifyPolicy;
pub use reason::{At, Detail, Reason, Rejection, VerifyError};
pub use refusal_status::RefusalStatus;
pub use requirements::{JsonType, OnAmbiguity, OnUnsigned, Required, Requirements};
pub use scheme::Scheme;
pub use scheme_answer::SchemeAnswer;
pub use signed_text::signed_text;
pub use spelling::{folded, is_same_header};
pub use verified::{Ambiguous, Verified, verify, verify_watched, verify_within};
pub use verify_steps::{CallbackValue, VerifySteps};

// In what is public here.
#[cfg(feature = "aws-lc-rs")]
pub use bytes;
pub use http;

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
