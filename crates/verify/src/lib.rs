//! Verifies the signatures of payment callbacks, and decrypts encrypted fields in them.
//!
//! Everything here is a pure function: no I/O, no clock (`now` is an argument), no async, no logging.
//!
//! # A callback's way to a verdict
//!
//! | step | with | when |
//! |---|---|---|
//! | 1. say how the provider signs | [`Scheme`]: built in, or your own | at start |
//! | 2. read the provider's public keys | [`Key::decode`], [`KeySet`] | at start |
//! | 3. say what else a callback must be | [`Policy`], [`Demands`] | at start |
//! | 4. hand over the request | [`Callback`] | for each |
//! | 5. check it | [`verify`] | for each |
//! | 6. act on the verdict | [`Verified`], or a [`Rejection`] with its [`Reason`] | for each |
//!
//! ```
//! use countersign_verify::http::HeaderMap;
//! use countersign_verify::{Callback, Key, Policy, Reason, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//!
//! // `KEY` and `BODY` are the public key and the notification that CheezeePay prints in its documents.
//! let scheme = Scheme::find_built_in("cheezeepay").ok_or("no such scheme")?.clone();
//! let key = Key::decode("platform", KEY.as_bytes())?;
//! let policy = Policy::new(scheme, key);
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
//! A scheme is data: where the signature is, how the signed text is built ([`scheme::Form`]), and the
//! [`Algorithm`]. Where the callback carries a signing time or a nonce, say where ([`scheme::TimestampRule`],
//! [`scheme::NonceRule`]). This is a provider that signs `{time}.{body}`:
//!
//! ```
//! use std::time::Duration;
//!
//! use countersign_verify::scheme::{
//!     Content, Form, Part, SignatureEncoding, SignatureRule, Source, TimeUnit, TimestampRule,
//! };
//! use countersign_verify::{Algorithm, Scheme};
//!
//! let mut shop = Scheme::new(
//!     "shop",
//!     Algorithm::RsaSha256,
//!     SignatureRule::new(Source::static_header("x-shop-signature"), SignatureEncoding::Base64),
//!     Content::new(Form::Concat(vec![Part::Timestamp, Part::Text(".".into()), Part::Body])),
//! );
//! shop.timestamp = Some(TimestampRule::new(Source::static_header("x-shop-time"), TimeUnit::Seconds));
//! shop.max_age = Some(Duration::from_secs(300));
//!
//! // Under one signature there must be one callback.
//! shop.check()?;
//! // Nothing that the scheme names is unsigned.
//! assert_eq!(shop.unsigned(), []);
//! # Ok::<(), countersign_verify::scheme::Unsound>(())
//! ```
//!
//! **Call [`Scheme::check`] on a scheme of your own.** A signature covers a text, not the values in it. If a nonce
//! stood in front of the body with only a dot in between, whoever has one callback could move bytes from the body
//! into the nonce under the same signature; `check` finds that.
//! [`Scheme::unsigned`] lists what the signature does not cover at all.
//!
//! CheezeePay's rule in the same types verifies the same notification:
//!
//! ```
//! # use countersign_verify::http::HeaderMap;
//! # use countersign_verify::{Algorithm, Callback, Key, Policy, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//! use countersign_verify::scheme::{
//!     Content, Form, NameOrder, SignatureEncoding, SignatureRule, SortedFields, Source,
//! };
//!
//! // `amountCurrency=INR&fee=88&...`: fields that are not empty, sorted, without the signature.
//! let mut fields = SortedFields::default();
//! fields.order = NameOrder::Utf16;
//! fields.omit_empty = true;
//! let scheme = Scheme::new(
//!     "my-cheezeepay",
//!     Algorithm::RsaSha256,
//!     SignatureRule::new(Source::field("sign"), SignatureEncoding::Base64),
//!     Content::new(Form::SortedFields(fields)),
//! );
//! scheme.check()?;
//!
//! let key = Key::decode("platform", KEY.as_bytes())?;
//! let policy = Policy::new(scheme, key);
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
//! If a genuine callback is refused as [`Reason::SignatureMismatch`], compare [`signed_text`] with the example in
//! the provider's documents. With the feature `serde`, schemes can stand in files; reading one checks it.
//!
//! # Keys
//!
//! During a rotation, [`KeySet::Any`] holds the old key and the new one. Where each merchant has a key of its own,
//! [`KeySet::ByHeader`] takes those that a header names. The header need not be signed: one of the keys that it
//! names must have made the signature.
//!
//! # The request
//!
//! A [`Callback`] is the request as the provider sent it: the target with its percent-encoding, all headers, and the
//! body's bytes before anybody parsed them. Read the whole body first, and bound its length. Do not rebuild the
//! body from parsed JSON: other bytes have another signature.
//!
//! # The verdict
//!
//! [`Verified`] says which key signed, when, and with which nonce. Take the fields from
//! [`Verified::body`], not from another parser: every parser reads those alike. Three things are left to you:
//!
//! - **Repeats.** A genuine callback may come twice: the provider tries again, or somebody replays it. Remember
//!   [`Verified::signed_content`], or what the scheme's [`identity`](Scheme::identity) names, for as long as
//!   [`keep`](Scheme::keep) says.
//! - **Ambiguity.** Some providers join fields so that one signature fits several bodies.
//!   [`Verified::ambiguous`] marks those; [`Demands`] refuses them, and bodies that lack fields or have them in
//!   other types.
//! - **Unsigned values.** What [`Scheme::unsigned`] lists can be changed by anybody.
//!
//! A [`Rejection`] has a [`Reason`] with a stable code, and the place in the request. It holds no values but a
//! key id and a time, so that it may be logged. Answer 400, and do not tell the client which reason it was.
//!
//! ```
//! # use countersign_verify::http::HeaderMap;
//! # use countersign_verify::{Callback, Key, Policy, Scheme, verify};
//! # mod published { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/published.rs")); }
//! # use published::*;
//! # let scheme = Scheme::find_built_in("cheezeepay").unwrap().clone();
//! # let key = Key::decode("platform", KEY.as_bytes())?;
//! # let headers = HeaderMap::new();
//! use countersign_verify::body::FieldPath;
//! use countersign_verify::{Demands, JsonType, OnAmbiguity, Required};
//!
//! let mut demands = Demands::default();
//! demands.ambiguous = OnAmbiguity::Refuse;
//! demands.require = vec![Required::new(FieldPath::parse("payAmount")?, vec![JsonType::String])];
//! let policy = Policy::new(scheme, key).with_demands(demands);
//!
//! let genuine = Callback::new("POST", b"/", &headers, BODY.as_bytes());
//! assert!(verify(&policy, genuine, 0).is_ok());
//!
//! // The same signed text, but a number: genuine to the signature, and not what the platform sends.
//! let retyped = BODY.replace(r#""payAmount":"800""#, r#""payAmount":800"#);
//! let retyped = Callback::new("POST", b"/", &headers, retyped.as_bytes());
//! let rejection = verify(&policy, retyped, 0).unwrap_err();
//! assert_eq!(rejection.to_string(), "field_type_wrong (field:payAmount)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Decryption
//!
//! Some providers encrypt fields to the merchant. The module `decrypt` takes a [`Verified`] and gives the callback
//! with clear text in it.
//!
//! # Features
//!
//! - `aws-lc-rs` (default): the fast engine for RSA, and the module `decrypt`. It builds C code; without it, pure
//!   Rust verifies the same signatures.
//! - `serde`: `Serialize` and `Deserialize` for [`Scheme`] and what it is made of.
//!
//! # Memory
//!
//! A small body can take many times its length once it is parsed. Where many are verified at once,
//! [`verify_within`] asks a [`Memory`] before it takes any.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod body;
#[cfg(feature = "aws-lc-rs")]
pub mod decrypt;
pub mod json;
pub mod keys;
pub mod scheme;

mod algorithm;
mod ambiguity;
mod callback;
mod content;
mod demands;
mod freshness;
mod header_text;
mod hex;
mod label;
mod memory;
mod presented;
mod reason;
mod scan;
mod spelling;
mod steps;
mod twins;
mod verified;

pub use algorithm::{Algorithm, KeyKind};
pub use callback::Callback;
pub use content::signed_text;
pub use demands::{Demands, JsonType, OnAmbiguity, OnUnsigned, Required};
pub use header_text::header_text;
pub use hex::decode_hex;
pub use keys::{Key, KeyError, KeySet};
pub use memory::{Memory, OutOfMemory, Plenty};
pub use reason::{At, Detail, Failure, Reason, Rejection};
pub use scheme::Scheme;
pub use spelling::{folded, is_same_header};
pub use steps::{Found, Steps};
pub use verified::{Ambiguous, Policy, Verified, verify, verify_watched, verify_within};

// In what is public here.
#[cfg(feature = "aws-lc-rs")]
pub use bytes;
pub use http;

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
