//! Filters for answers to handshakes alone. What a callback is verified by needs no keyed digest in an
//! expression, and could not tell where values end that are joined.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{Filter, FilterParameter, ParameterKind, Run, needs};

/// Makes the HMAC of bytes under a key.
macro_rules! hmac {
    ($digest:ty) => {
        Run::Mac(|bytes, key| {
            // A key of any length will do.
            let mac = Hmac::<$digest>::new_from_slice(key);
            mac.map_or_else(
                |_| Vec::new(),
                |mut mac| {
                    mac.update(bytes);
                    mac.finalize().into_bytes().to_vec()
                },
            )
        })
    };
}

const KEY: &[FilterParameter] = &[needs("KEY", ParameterKind::Key)];

const fn hmac(
    name: &'static str,
    run: Run,
    examples: &'static [(&'static str, &'static str, Option<&'static str>)],
) -> Filter {
    Filter {
        name,
        parameters: KEY,
        run,
        meaning: "In answers to handshakes: the HMAC under this key, a value such as `{secret}`.",
        examples,
    }
}

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "append",
        parameters: &[needs("X", ParameterKind::Text)],
        run: Run::Text(|text, given| Ok([text, given.first()].concat().into())),
        meaning: "In answers to handshakes: the text, and X behind it.",
        examples: &[("append:cd", "ab", Some("abcd"))],
    },
    hmac(
        "hmac-md5",
        hmac!(Md5),
        &[(
            "hmac-md5:{value:x}|hex",
            "key",
            Some("6a4401503d14953a5480345c7e916cd4"),
        )],
    ),
    hmac(
        "hmac-sha1",
        hmac!(Sha1),
        &[(
            "hmac-sha1:{value:x}|hex",
            "key",
            Some("6d68412c185ce04c0c15e623803939f895e80580"),
        )],
    ),
    hmac(
        "hmac-sha256",
        hmac!(Sha256),
        &[(
            "hmac-sha256:{value:x}|hex",
            "key",
            Some("b5498854e238943a22c1f8ccfd4d8523b72b6e8880520e2eb7e72dbc06a17887"),
        )],
    ),
    hmac(
        "hmac-sha384",
        hmac!(Sha384),
        &[(
            "hmac-sha384:{value:x}|base64",
            "key",
            Some("bjalCtd23ruSjuj0sTJ7btWbcSaGHFMJZT2ajtBeZ0mgmJ45lTDZRRiKMQNQEI35"),
        )],
    ),
    hmac(
        "hmac-sha512",
        hmac!(Sha512),
        &[(
            "hmac-sha512:{value:x}|base64",
            "key",
            Some(
                "YzkM3TZJXaA1aGB+xFQe5pHkqOqdn0aPdbAzF8MirjOQaegfPtkv5LNexJRNz5RA4dSD7KXyKA89oWFBpIZLvQ==",
            ),
        )],
    ),
];

/// Whether a filter stands in answers to handshakes alone.
pub(in crate::language) fn is_for_answers(filter: &Filter) -> bool {
    FILTERS.iter().any(|own| own.name == filter.name)
}
