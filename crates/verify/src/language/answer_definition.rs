//! What a scheme answers, and the handshakes that it answers, as they are written: texts, not yet read.

/// What the provider is answered in place of a backend's answer, or without a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct AnswerDefinition {
    /// The status: 200, unless it says another.
    pub status: Option<u16>,
    /// The Content-Type, one of [`AnswerType`](super::AnswerType)'s: `text/plain`, unless it says another.
    pub content_type: Option<String>,
    /// Further headers, each with an expression.
    pub headers: Vec<(String, String)>,
    /// An expression in which `[` and `]` are plain characters.
    pub body: String,
}

/// A request by which a provider finds out whether somebody is there who expects its callbacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct HandshakeDefinition {
    /// Its methods.
    pub methods: Vec<String>,
    /// What it looks like: values that match a regular expression, from their first character to their
    /// last. What does not is no such handshake.
    pub when: Vec<(String, String)>,
    /// Values that must be equal to one of others: secrets, too.
    pub check: Vec<(String, Vec<String>)>,
    /// `signature`: it must be signed as a callback.
    pub after: Option<String>,
    /// The value that the answer is made of.
    pub value: Option<String>,
    /// The regular expression of what that value may be: of a few harmless characters, and short.
    pub allowed: Option<String>,
    /// The answer; without it, such a handshake cannot be answered.
    pub answer: Option<AnswerDefinition>,
}
