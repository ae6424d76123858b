//! Schemes as text, with the configuration's names: [`serde`] for [`Scheme`] and its parts. What has
//! names of the operator's, such as steps and selections, is a list of pairs, because its order
//! counts.
//!
//! Missing fields have the values that [`Scheme::compile`] sets. Unknown names are refused, and so
//! is a scheme that does not compile or is not [sound](Scheme::check).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;

/// A scheme as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenScheme {
    name: String,
    definition: SchemeDefinition,
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
    #[serde(default)]
    refuse: RefusalStatus,
}

fn content_alone() -> Vec<IdentityPart> {
    vec![IdentityPart::Content]
}

const fn keep() -> Duration {
    KEEP
}

impl Serialize for Scheme {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let written = WrittenScheme {
            name: self.name.clone(),
            definition: self.definition().clone(),
            ambiguous_join: self.ambiguous_join,
            max_age: self.max_age,
            identity: self.identity.clone(),
            keep: self.keep,
            failure: self.failure.clone(),
            refuse: self.refuse,
        };
        written.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Scheme {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = WrittenScheme::deserialize(from)?;
        let mut scheme = Self::compile(written.name, written.definition).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            D::Error::custom(errors.join("; "))
        })?;
        scheme.ambiguous_join = written.ambiguous_join;
        scheme.max_age = written.max_age;
        scheme.identity = written.identity;
        scheme.keep = written.keep;
        scheme.failure = written.failure;
        scheme.refuse = written.refuse;
        scheme.check().map_err(D::Error::custom)?;
        Ok(scheme)
    }
}

/// The path to a field.
pub(crate) mod path {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(path: &FieldPath, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(path)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FieldPath, D::Error> {
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
