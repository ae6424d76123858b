//! Schemes as text, with the configuration's names: [`serde`] for [`Scheme`] and its parts.
//!
//! Missing fields have the values that [`Scheme::new`] sets. Unknown names are refused, and so is a
//! scheme that is not [sound](Scheme::check).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;

/// [`Scheme`]'s fields; the compiler keeps the two in step.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Scheme", deny_unknown_fields)]
struct SchemeFields {
    name: String,
    algorithm: Algorithm,
    signature: SignatureRule,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature_form: Option<SignatureForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<TimestampRule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<NonceRule>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_header"
    )]
    key_id: Option<HeaderName>,
    #[serde(default)]
    body: BodyFormat,
    #[serde(default)]
    charset: Charset,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    content: Content,
    #[serde(default)]
    ambiguous_join: bool,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_seconds"
    )]
    max_age: Option<Duration>,
    #[serde(default = "content_alone")]
    identity: Vec<IdentityPart>,
    #[serde(default = "keep", with = "seconds")]
    keep: Duration,
    #[serde(default)]
    failure: Vec<String>,
}

fn content_alone() -> Vec<IdentityPart> {
    vec![IdentityPart::Content]
}

const fn keep() -> Duration {
    KEEP
}

impl Serialize for Scheme {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        SchemeFields::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Scheme {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let scheme = SchemeFields::deserialize(from)?;
        scheme.check().map_err(D::Error::custom)?;
        Ok(scheme)
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::from_name(&name)
            .ok_or_else(|| D::Error::custom(format!("unknown algorithm `{name}`")))
    }
}

/// The name of a header, in any case, stored in lower case.
pub(super) mod header {
    use super::*;

    pub(in crate::scheme) fn serialize<S: Serializer>(
        name: &HeaderName,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(name.as_str())
    }

    pub(in crate::scheme) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<HeaderName, D::Error> {
        let name = String::deserialize(from)?;
        HeaderName::from_bytes(name.as_bytes()).map_err(D::Error::custom)
    }
}

/// The same, optional.
mod optional_header {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        name: &Option<HeaderName>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        name.as_ref().map(HeaderName::as_str).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<HeaderName>, D::Error> {
        header::deserialize(from).map(Some)
    }
}

/// The path to a field.
pub(super) mod path {
    use super::*;

    pub(in crate::scheme) fn serialize<S: Serializer>(
        path: &FieldPath,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(path)
    }

    pub(in crate::scheme) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<FieldPath, D::Error> {
        FieldPath::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Whole seconds.
mod seconds {
    use serde::ser::Error as _;

    use super::*;

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        if duration.subsec_nanos() != 0 {
            return Err(S::Error::custom("a scheme counts in whole seconds"));
        }
        to.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

/// The same, optional.
mod optional_seconds {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => seconds::serialize(duration, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<u64>::deserialize(from)?;
        Ok(seconds.map(Duration::from_secs))
    }
}
