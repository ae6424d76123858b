//! Values from a fixed set of words, each with its meaning.

use log::LevelFilter;

use crate::config::access_format::Escape;
use crate::config::diagnostic::WarningName;
use crate::config::limits::RateKey;
use crate::config::listener_tls::{ClientAuth, TlsVersion};
use crate::config::model::{Balance, Confidence, Evidence, LogFormat};
use crate::decrypt::{Cipher, ContentKind, Encoding, OaepDigest, OnDecryptFailure};
use crate::once::{OnStoreFailure, Repeat};
use crate::verify::body::BodyFormat;
use crate::verify::scheme::SignatureForm;
use crate::verify::{JsonType, OnAmbiguity, OnUnsigned};

/// A type whose values are a fixed set of words.
pub(in crate::config) trait Word: Copy + 'static {
    /// Every word with its meaning, in the order of the reference.
    fn all() -> Vec<(&'static str, Self)>;
}

macro_rules! words {
    ($($type:ty { $($word:literal = $meaning:expr),+ $(,)? })+) => {
        $(impl Word for $type {
            fn all() -> Vec<(&'static str, Self)> {
                vec![$(($word, $meaning)),+]
            }
        })+
    };
}

/// A number that the program chooses.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Auto;

#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum OnOff {
    On,
    Off,
}

/// The kind of store for remembered callbacks.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum StoreName {
    Memory,
    Disk,
    Redis,
}

/// The kind of deployment of a Redis store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum RedisMode {
    Single,
    Sentinel,
    Cluster,
}

/// What to do with a copy while another one is with the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum InFlightRepeat {
    Refuse,
    Wait,
}

/// Where clear text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum OutputPlace {
    InPlace,
    Beside,
}

/// The encoding of cipher text.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct CipherTextEncoding(pub(in crate::config) Encoding);

/// Whose answer the provider gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum AnswerFrom {
    Backend,
    Scheme,
}

/// After which failure the next server gets a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum RetryAfter {
    Connect,
    Error,
    Timeout,
}

/// What a route does with a callback that fails verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum RouteMode {
    Enforce,
    Report,
}

words! {
    Auto { "auto" = Self }
    OnOff { "on" = Self::On, "off" = Self::Off }
    Escape { "default" = Self::Default, "json" = Self::Json }
    LogFormat { "text" = Self::Text, "json" = Self::Json }
    LevelFilter {
        "error" = Self::Error,
        "warn" = Self::Warn,
        "info" = Self::Info,
        "debug" = Self::Debug,
        "trace" = Self::Trace,
    }
    StoreName { "memory" = Self::Memory, "disk" = Self::Disk, "redis" = Self::Redis }
    OnStoreFailure { "fail_closed" = Self::Closed, "fail_open" = Self::Open }
    RedisMode { "single" = Self::Single, "sentinel" = Self::Sentinel, "cluster" = Self::Cluster }
    Repeat { "acknowledge" = Self::Acknowledge, "forward" = Self::Forward, "reject" = Self::Reject }
    InFlightRepeat { "refuse" = Self::Refuse, "wait" = Self::Wait }
    TlsVersion { "1.2" = Self::Tls12, "1.3" = Self::Tls13 }
    ClientAuth { "required" = Self::Required, "optional" = Self::Optional }
    Encoding { "text" = Self::Text, "base64" = Self::Base64, "hex" = Self::Hex }
    CipherTextEncoding { "base64" = Self(Encoding::Base64), "hex" = Self(Encoding::Hex) }
    Cipher {
        "rsa-pkcs1-v1_5" = Self::RsaPkcs1v15,
        "rsa-oaep-sha1" = oaep(OaepDigest::Sha1),
        "rsa-oaep-sha256" = oaep(OaepDigest::Sha256),
        "aes-128-gcm" = Self::AesGcm { bits: 128 },
        "aes-256-gcm" = Self::AesGcm { bits: 256 },
        "aes-128-cbc" = Self::AesCbc { bits: 128 },
        "aes-256-cbc" = Self::AesCbc { bits: 256 },
    }
    OaepDigest { "sha1" = Self::Sha1, "sha256" = Self::Sha256 }
    ContentKind { "text" = Self::Text, "binary" = Self::Binary }
    OutputPlace { "in_place" = Self::InPlace, "beside" = Self::Beside }
    OnDecryptFailure { "keep" = Self::Keep, "reject" = Self::Reject }
    Balance {
        "round_robin" = Self::RoundRobin,
        "least_conn" = Self::LeastConn,
        "ip_hash" = Self::IpHash,
    }
    AnswerFrom { "backend" = Self::Backend, "scheme" = Self::Scheme }
    RetryAfter { "connect" = Self::Connect, "error" = Self::Error, "timeout" = Self::Timeout }
    RouteMode { "enforce" = Self::Enforce, "report" = Self::Report }
    RateKey { "client" = Self::Client, "route" = Self::Route }
    OnAmbiguity { "flag" = Self::Flag, "refuse" = Self::Refuse }
    OnUnsigned { "pass" = Self::Pass, "refuse" = Self::Refuse }
    JsonType {
        "string" = Self::String,
        "number" = Self::Number,
        "integer" = Self::Integer,
        "boolean" = Self::Boolean,
        "array" = Self::Array,
        "object" = Self::Object,
        "null" = Self::Null,
    }
    SignatureForm { "der" = Self::Der, "raw" = Self::Raw }
}

/// OAEP with one digest for the label and the mask.
const fn oaep(digest: OaepDigest) -> Cipher {
    Cipher::RsaOaep {
        digest,
        mgf1: digest,
    }
}

impl Word for Confidence {
    fn all() -> Vec<(&'static str, Self)> {
        [Self::High, Self::Medium]
            .map(|word| (word.code(), word))
            .to_vec()
    }
}

impl Word for Evidence {
    fn all() -> Vec<(&'static str, Self)> {
        Self::ALL.map(|word| (word.code(), word)).to_vec()
    }
}

impl Word for BodyFormat {
    fn all() -> Vec<(&'static str, Self)> {
        Self::NAMED.to_vec()
    }
}

impl Word for WarningName {
    fn all() -> Vec<(&'static str, Self)> {
        let names = Self::ALL.iter().filter(|name| name.can_be_accepted());
        names.map(|name| (name.code(), *name)).collect()
    }
}
