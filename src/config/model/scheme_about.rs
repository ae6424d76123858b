//! What is told of a scheme besides its rules. Nothing of it changes a verdict.

use std::sync::Arc;

use crate::config::catalogue::ShippedFile;
use crate::verify::Scheme;
use crate::verify::language::Choice;

/// A scheme of the catalogue.
#[derive(Debug)]
pub struct ShippedScheme {
    /// The file that it is in.
    pub file: &'static ShippedFile,
    /// The scheme.
    pub scheme: Arc<Scheme>,
    /// What is told of it.
    pub about: SchemeAbout,
}

impl ShippedScheme {
    /// What can make its signatures, as the file names it.
    #[must_use]
    pub fn algorithms(&self) -> Vec<&str> {
        match &self.scheme.definition().algorithm {
            Choice::Fixed(name) => vec![name],
            Choice::By { of, .. } => of.iter().map(|(_, name)| name.as_str()).collect(),
        }
    }
}

/// `[scheme.about]`: the provider, and what its documentation says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeAbout {
    /// The texts that are there, by the names of their keys.
    pub(in crate::config) texts: Vec<(&'static str, String)>,
    /// How certain the rules are.
    pub confidence: Option<Confidence>,
    /// Who signed the requests on which the rules were tried.
    pub evidence: Option<Evidence>,
}

impl SchemeAbout {
    /// The text of a key, such as `provider`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        let mut texts = self.texts.iter();
        let (_, text) = texts.find(|(name, _)| *name == key)?;
        Some(text)
    }
}

/// How certain the rules of a scheme are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// The provider says so, or a published signature fits.
    High,
    /// Others say so.
    Medium,
}

impl Confidence {
    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
        }
    }
}

/// Who signed the requests on which the rules of a scheme were tried: the best of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The provider.
    Official,
    /// The provider; the values stand in somebody else's public repository.
    OfficialViaCopy,
    /// The tests of an SDK.
    SdkTest,
    /// The provider's own library, which can also have accepted what was signed by the rules.
    SdkSigned,
    /// Another project that follows the same rules.
    ThirdParty,
    /// This project, by the rules as they are documented: that shows nothing about the provider.
    Derived,
    /// There is no signed request.
    None,
}

impl Evidence {
    /// All of them, the best first.
    pub const ALL: [Self; 7] = [
        Self::Official,
        Self::OfficialViaCopy,
        Self::SdkTest,
        Self::SdkSigned,
        Self::ThirdParty,
        Self::Derived,
        Self::None,
    ];

    /// The word for it, as in the files of signed requests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::OfficialViaCopy => "official-via-copy",
            Self::SdkTest => "sdk-test",
            Self::SdkSigned => "sdk-signed",
            Self::ThirdParty => "third-party",
            Self::Derived => "derived",
            Self::None => "none",
        }
    }
}
