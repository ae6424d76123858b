//! How a provider signs, as data.
//!
//! One engine runs every [`Scheme`]; the built-in schemes are values of the same types that an
//! operator's configuration fills.

mod cheezeepay;
#[cfg(feature = "serde")]
pub(crate) mod serial;
mod sgate;
mod soundness;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use once_cell::sync::Lazy;

use super::algorithm::Algorithm;
use super::body::{BodyFormat, Field, FieldPath};
use super::language::{
    Choice, DefinitionError, SchemeDefinition, SchemeRules, SelectionDefinition,
    TimestampDefinition,
};

pub use super::identity_part::IdentityPart;
pub use super::refusal_status::RefusalStatus;
pub use super::signature_form::SignatureForm;
pub use super::unsigned_value::Unsigned;
pub use soundness::{Unsound, UnsoundIdentity};

/// How one provider signs its callbacks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scheme {
    /// Its name in configurations, logs and the verified headers.
    pub name: String,
    /// Whether the provider joins values that cannot be told apart again. Every callback is then
    /// marked, and its identity can only be [`IdentityPart::Content`].
    pub ambiguous_join: bool,
    /// How far the timestamp may be from now in either direction, unless the route says otherwise.
    /// `None`: no limit. Requires a timestamp.
    pub max_age: Option<Duration>,
    /// What copies of a callback have in common, unless the route says otherwise. At least one
    /// part.
    pub identity: Vec<IdentityPart>,
    /// How long an accepted callback is remembered, unless the route says otherwise.
    pub keep: Duration,
    /// Complete bodies by which a backend tells the provider that it did not accept a callback,
    /// whatever the status.
    pub failure: Vec<String>,
    /// The status with which callbacks are refused that are not verified.
    pub refuse: RefusalStatus,
    definition: Arc<SchemeDefinition>,
    rules: Arc<SchemeRules>,
}

/// Two schemes are equal if they are written alike.
impl PartialEq for Scheme {
    fn eq(&self, other: &Self) -> bool {
        let of = |scheme: &Self| (scheme.ambiguous_join, scheme.max_age, scheme.keep);
        self.name == other.name
            && of(self) == of(other)
            && self.identity == other.identity
            && self.failure == other.failure
            && self.refuse == other.refuse
            && self.definition == other.definition
    }
}

impl Eq for Scheme {}

static BUILT_IN: Lazy<Vec<Scheme>> = Lazy::new(|| {
    let schemes = [cheezeepay::scheme(), sgate::scheme()];
    // A test holds them to be sound.
    schemes.into_iter().filter_map(Result::ok).collect()
});

/// How long a callback is remembered by default.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

impl Scheme {
    /// Compiles a scheme. Two of its callbacks are the same if their signed bytes are, and are
    /// remembered for a day; their age is not limited. Set the fields if the provider does more.
    ///
    /// # Errors
    /// Everything that is wrong with the definition.
    pub fn compile(
        name: impl Into<String>,
        definition: SchemeDefinition,
    ) -> Result<Self, Vec<DefinitionError>> {
        let rules = SchemeRules::compile(&definition)?;
        Ok(Self {
            name: name.into(),
            ambiguous_join: false,
            max_age: None,
            identity: vec![IdentityPart::Content],
            keep: KEEP,
            failure: Vec::new(),
            refuse: RefusalStatus::default(),
            definition: Arc::new(definition),
            rules: Arc::new(rules),
        })
    }

    /// As it was written.
    #[must_use]
    pub fn definition(&self) -> &SchemeDefinition {
        &self.definition
    }

    /// The compiled rules.
    #[must_use]
    pub fn rules(&self) -> &SchemeRules {
        &self.rules
    }

    /// The algorithms that a callback can have: one, unless the callback chooses from a closed list.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.rules.algorithms()
    }

    /// The top-level body field that names the event, if there is one.
    #[must_use]
    pub fn event(&self) -> Option<FieldPath> {
        self.rules.event.as_ref()?.field()
    }

    /// The headers that it reads or signs.
    pub fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.rules.headers.iter()
    }

    /// The headers that contain the signature.
    #[must_use]
    pub fn signature_headers(&self) -> Vec<HeaderName> {
        self.rules.signature_headers()
    }

    /// The header whose value names the key, if it is the value of one header.
    #[must_use]
    pub fn key_id_header(&self) -> Option<&HeaderName> {
        self.rules.key_id.as_ref()?.header()
    }

    /// Whether its callbacks have a timestamp.
    #[must_use]
    pub fn has_timestamp(&self) -> bool {
        self.rules.timestamp.is_some()
    }

    /// Whether they have a time that an attacker cannot change when replaying one.
    #[must_use]
    pub fn signs_time(&self) -> bool {
        self.has_timestamp() && !self.unsigned().contains(&Unsigned::Timestamp)
    }

    /// Whether something in its callbacks names the key.
    #[must_use]
    pub fn has_key_id(&self) -> bool {
        self.rules.key_id.is_some()
    }

    /// The body field that contains the nonce, if it is the value of one.
    #[must_use]
    pub fn nonce_field(&self) -> Option<FieldPath> {
        self.rules.nonce.as_ref()?.checked_field()
    }

    /// Whether it uses any part of the request's target.
    #[must_use]
    pub fn reads_target(&self) -> bool {
        self.rules.reads_target()
    }

    /// Whether its callbacks have a nonce.
    #[must_use]
    pub fn has_nonce(&self) -> bool {
        self.rules.nonce.is_some()
    }

    /// The format of its bodies. A scheme that finds values in fields has bodies with fields,
    /// whatever it declares, and a backend must not read them in another format.
    #[must_use]
    pub fn body_format(&self) -> BodyFormat {
        let in_fields = self.identity.iter().any(|part| part.field().is_some());
        let format = self.rules.body_format();
        if in_fields {
            format.of_fields()
        } else {
            format
        }
    }

    /// The schemes that come with Countersign.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }

    /// The built-in scheme with this name.
    #[must_use]
    pub fn find_built_in(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|scheme| scheme.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_schemes_compile() {
        for (name, scheme) in [
            ("cheezeepay", cheezeepay::scheme()),
            ("sgate", sgate::scheme()),
        ] {
            let scheme = scheme.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            assert_eq!(Scheme::find_built_in(name), Some(&scheme));
        }
    }
}
