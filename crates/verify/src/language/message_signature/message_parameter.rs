//! The parameters of a signature (RFC 9421, section 2.3).

use sfv::{BareItem, Parameters};

use crate::language::value_fault::ValueFault;

/// A parameter of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageParameter {
    /// When it was made, in Unix seconds.
    Created,
    /// When it ends, in Unix seconds.
    Expires,
    Nonce,
    Alg,
    KeyId,
    Tag,
}

const NAMED: &[(&str, MessageParameter)] = &[
    ("created", MessageParameter::Created),
    ("expires", MessageParameter::Expires),
    ("nonce", MessageParameter::Nonce),
    ("alg", MessageParameter::Alg),
    ("keyid", MessageParameter::KeyId),
    ("tag", MessageParameter::Tag),
];

impl MessageParameter {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let mut named = NAMED.iter();
        let found = named.find(|(known, _)| *known == name);
        found.map(|(_, parameter)| *parameter)
    }

    /// The names of all.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// Its name.
    #[cfg(feature = "sign")]
    pub(crate) fn name(self) -> &'static str {
        let mut named = NAMED.iter();
        let found = named.find(|(_, parameter)| *parameter == self);
        found.map_or("", |(name, _)| *name)
    }

    /// Whether its value is a time.
    pub(crate) const fn is_time(self) -> bool {
        matches!(self, Self::Created | Self::Expires)
    }

    /// The parameters as text. One that is not known could change what the signature means.
    pub(super) fn read(parameters: &Parameters) -> Result<Vec<(Self, String)>, ValueFault> {
        let read = |(name, value): (&sfv::Key, &BareItem)| {
            let parameter = Self::from_name(name.as_str()).ok_or(ValueFault::Malformed)?;
            let text = match value {
                BareItem::Integer(time) if parameter.is_time() => {
                    let time = u64::try_from(i64::from(*time));
                    time.map_err(|_| ValueFault::Malformed)?.to_string()
                }
                BareItem::String(text) if !parameter.is_time() => text.as_str().to_owned(),
                _ => return Err(ValueFault::Malformed),
            };
            Ok((parameter, text))
        };
        parameters.iter().map(read).collect()
    }
}
