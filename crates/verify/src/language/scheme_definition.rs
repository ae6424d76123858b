//! A scheme as it is written: texts, not yet read.

use super::answer_definition::{AnswerDefinition, HandshakeDefinition};

/// A scheme as it is written. [`SchemeRules::compile`](super::SchemeRules::compile) reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SchemeDefinition {
    /// The algorithm: one of [`Algorithm`](crate::Algorithm)'s, or `jws-` and the `alg` of a JWS in
    /// lower case, or `rfc9421-` and the `alg` of an HTTP Message Signature.
    pub algorithm: Choice,
    /// How ECDSA signatures are written: `der` or `raw`.
    pub signature_form: Option<String>,
    /// Expressions for the signatures; those that are missing or malformed drop out. Of a JWS, one for the token;
    /// of an HTTP Message Signature, none.
    pub signature: Vec<String>,
    /// The key of an HMAC or the token, if it is not the secret's text.
    pub key: Option<String>,
    /// What names the key.
    pub key_id: Option<String>,
    /// The certificate of the key that signed, if the callback brings it. The keys are then the
    /// certificates under which it must be.
    pub certificate: Option<CertificateDefinition>,
    /// The timestamp.
    pub timestamp: Option<TimestampDefinition>,
    /// The nonce.
    pub nonce: Option<String>,
    /// Named steps, in order; each may use those before it.
    pub lets: Vec<(String, LetDefinition)>,
    /// The candidates for the content.
    pub content: Vec<String>,
    /// The payload of a JWS that does not contain it.
    pub payload: Option<String>,
    /// What an HTTP Message Signature must cover: `@method`, `content-digest` and the like.
    pub components: Vec<String>,
    /// The label of the HTTP Message Signature that counts; without it, any may.
    pub label: Option<String>,
    /// What the algorithm is applied to, if that is not the content.
    pub signed: Option<String>,
    /// Values that must be equal to one of others.
    pub check: Vec<(String, Vec<String>)>,
    /// Values that must match a regular expression, from their first character to their last.
    pub require: Vec<(String, String)>,
    /// Selections of fields; the one without a name is `fields`.
    pub selections: Vec<(Option<String>, SelectionDefinition)>,
    /// The format of bodies, if no expression reads a field of them: `json`, `form` or `xml`.
    pub body: Option<String>,
    /// The top-level field that names the event: `{field:NAME}`, `{form:NAME}` or `{xml:NAME}`.
    pub event: Option<String>,
    /// Content types besides those of the body's format.
    pub content_type: Vec<String>,
    /// The character set of a form: its label, or `{form:NAME|default:LABEL}`.
    pub charset: Option<String>,
    /// The items of a JSON body that are signed each: a JSON Pointer in which `*` is every element.
    pub each: Option<String>,
    /// Values on which backends rely, with names: the signature must cover them, unless
    /// `not_covered` has their names.
    pub matters: Vec<(String, String)>,
    /// What the provider is answered in place of a backend that took a callback.
    pub acknowledge: Option<AnswerDefinition>,
    /// The handshakes that need no backend.
    pub handshakes: Vec<HandshakeDefinition>,
    /// What the scheme states that its signature does not cover: [`StatedGap`](super::StatedGap)s,
    /// and names of `matters`. What is not true is refused.
    pub not_covered: Vec<String>,
}

/// One text, or a closed choice by a value of the callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Choice {
    /// Always this.
    Fixed(String),
    /// By the value of an expression.
    By {
        /// The expression.
        by: String,
        /// What each value chooses.
        of: Vec<(String, String)>,
    },
}

impl Default for Choice {
    fn default() -> Self {
        Self::Fixed(String::new())
    }
}

/// A certificate that comes with a callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CertificateDefinition {
    /// Its expression: PEM, DER or base64 of DER. A list, such as `{jose:x5c}`, begins with it; the
    /// others lead to the root.
    pub value: String,
    /// Attributes of its subject (`CN`, `O`, `OU`, ...), each once, that must match a regular expression
    /// from their first character to their last.
    pub subject: Vec<(String, String)>,
    /// Extensions that it must have, as object identifiers.
    pub extensions: Vec<String>,
    /// Extensions that the certificate must have that issued it.
    pub issuer_extensions: Vec<String>,
}

/// A timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TimestampDefinition {
    /// Its expression.
    pub value: String,
    /// Its unit: `s`, `ms`, `auto`, `rfc3339`, `http-date` or `format:PATTERN+HH:MM`.
    pub unit: String,
}

/// A named step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum LetDefinition {
    /// Its candidates.
    Candidates(Vec<String>),
    /// A closed table: by the value of an expression.
    Table {
        /// The expression.
        by: String,
        /// The step for each value.
        of: Vec<(String, String)>,
        /// The step for all other values; without it, they are refused.
        default: Option<String>,
    },
}

/// A selection of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SelectionDefinition {
    /// `json`, `json:/POINTER`, `form`, `query`, `xml` or `headers`.
    pub from: Option<String>,
    /// These fields, in this order.
    pub names: Option<Vec<String>>,
    /// The fields that the callback lists.
    pub listed_by: Option<String>,
    /// What the list must name.
    pub must_cover: Option<MustCoverDefinition>,
    /// Only fields with these names (`prefix*`).
    pub only: Vec<String>,
    /// No fields with these names (`prefix*`).
    pub leave_out: Vec<String>,
    /// `leaves`: the values at every depth, each with the name of the member that it or its list
    /// is. Nothing then says which object a value is in.
    pub depth: Option<String>,
    /// With how many decimals JSON numbers are written.
    pub numbers: Option<usize>,
    /// Fields of our own.
    pub add: Vec<(String, String)>,
    /// Only fields before the one with this name.
    pub until: Option<String>,
    /// `as-received`, `bytes`, `nocase`, `utf16`, `value`, `pair` or `pair-nocase`.
    pub order: Option<String>,
    /// How a field is written.
    pub pair: String,
    /// How fields with these names are written.
    pub pair_of: Vec<(String, String)>,
    /// What stands between two fields.
    pub between: String,
    /// `leave-out`, or nothing.
    pub empty: Option<String>,
    /// `refuse`, `leave-out`, `empty` or `null`.
    pub null: Option<String>,
    /// `refuse`, `leave-out` or `pair`.
    pub nested: Option<String>,
    /// `refuse`, `empty` or `leave-out`.
    pub missing: Option<String>,
    /// Whether names are compared without regard to case.
    pub nocase: bool,
    /// `dotted`, or nothing.
    pub paths: Option<String>,
    /// `distinct`, or nothing.
    pub repeated: Option<String>,
}

/// What a list of fields must name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum MustCoverDefinition {
    /// These names.
    Names(Vec<String>),
    /// The names in the value of an expression.
    Expression(String),
}
