//! The declaration of one key.

use super::value_kind::ValueKind;

/// One key of a table.
#[derive(Debug)]
pub(in crate::config) struct Setting {
    pub(in crate::config) name: &'static str,
    pub(in crate::config) kind: ValueKind,
    /// What applies if the key is not set.
    pub(in crate::config) absent: Absent,
    /// How the value contains a path or a secret, if it does.
    pub(in crate::config) holds: Option<Holds>,
    /// Another key of the table that must be set for this one to have an effect, and what that one's value
    /// starts with.
    pub(in crate::config) only_with: Option<(&'static str, &'static str)>,
    /// Its meaning, as Markdown. Line breaks and indentation are ignored.
    meaning: &'static str,
    /// The reference's description of the values, if the kind says too little.
    written: Option<&'static str>,
    /// The reference's description of the default, if its value says too little.
    described: Option<&'static str>,
}

/// What applies if a key is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Absent {
    /// Nothing.
    Nothing,
    /// The file is invalid.
    Refused,
    /// This value, written as TOML.
    Default(&'static str),
    /// What this text says, because it depends on something else.
    Depends(&'static str),
}

/// How a value holds a path or may hold a secret. Only values of such keys can be read as a path, and a
/// dump makes the path absolute. What may be a secret is masked wherever it would be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Holds {
    /// It is a path.
    Path,
    /// A path after `unix:`; otherwise an address.
    Socket,
    /// The destination of a log: a file, or the socket of a syslog server.
    Destination,
    /// It is a secret.
    Secret,
    /// It is a public key or, by mistake, a private one. A dump shows it, reports never do.
    PublicKey,
    /// The path of a file with a public key or, by mistake, a key or a secret.
    PublicKeyFile,
    /// The path of a file with a secret or, by mistake, the secret.
    SecretFile,
    /// The name of an environment variable with a secret or, by mistake, the secret.
    SecretVariable,
    /// The name of a systemd credential with a secret or, by mistake, the secret.
    Credential,
    /// One of a few words or, by mistake, a secret: a key of a table that holds keys.
    Word,
    /// The values of headers, of which one may be a password. A dump shows them, reports never do.
    HeaderValues,
    /// The address or URL of a server, which should not contain a password.
    Server,
    /// An expression of the scheme language, in which a secret may stand by mistake.
    Expression,
}

impl Holds {
    /// Whether the whole value may be a secret.
    pub(in crate::config) const fn may_be_secret(self) -> bool {
        !matches!(
            self,
            Self::Path | Self::Socket | Self::Destination | Self::Server | Self::Expression
        )
    }
}

/// Declares an optional key without a default.
pub(super) const fn setting(name: &'static str, kind: ValueKind, meaning: &'static str) -> Setting {
    Setting {
        name,
        kind,
        absent: Absent::Nothing,
        holds: None,
        only_with: None,
        meaning,
        written: None,
        described: None,
    }
}

impl Setting {
    /// Makes the key required.
    pub(super) const fn required(mut self) -> Self {
        self.absent = Absent::Refused;
        self
    }

    /// Sets the default, as TOML.
    pub(super) const fn default(mut self, literal: &'static str) -> Self {
        self.absent = Absent::Default(literal);
        self
    }

    /// Describes what applies if the key is not set.
    pub(super) const fn otherwise(mut self, text: &'static str) -> Self {
        self.absent = Absent::Depends(text);
        self
    }

    /// How the reference describes the default.
    pub(super) const fn described(mut self, text: &'static str) -> Self {
        self.described = Some(text);
        self
    }

    /// How the reference describes the values.
    pub(super) const fn written(mut self, text: &'static str) -> Self {
        self.written = Some(text);
        self
    }

    pub(super) const fn holds(mut self, holds: Holds) -> Self {
        self.holds = Some(holds);
        self
    }

    /// The key has an effect only together with another one, whose value starts with `begins`.
    pub(super) const fn only_with(mut self, key: &'static str, begins: &'static str) -> Self {
        self.only_with = Some((key, begins));
        self
    }

    /// Its meaning, on one line.
    pub(in crate::config) fn meaning(&self) -> String {
        self.meaning
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What its values are, for the reference.
    pub(super) fn values(&self) -> String {
        self.written
            .map_or_else(|| self.kind.to_string(), str::to_owned)
    }

    /// What applies if it is not set, for the reference.
    pub(super) fn without(&self) -> String {
        match (self.described, self.absent) {
            (Some(text), _) | (None, Absent::Depends(text)) => text.to_owned(),
            (None, Absent::Nothing) => "none".to_owned(),
            (None, Absent::Refused) => "required".to_owned(),
            (None, Absent::Default(literal)) => format!("`{literal}`"),
        }
    }
}
