//! What others call an algorithm.

use super::{jws_rule, message_rule};
use crate::algorithm::Algorithm;

/// Other names, in lower case and without punctuation. Of JOSE's, those are for a signature that is no
/// token: what a JWS has is `jws-` and its `alg`.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("rs256", "rsa-sha256"),
    ("rs384", "rsa-sha384"),
    ("rs512", "rsa-sha512"),
    ("ps256", "rsa-pss-sha256"),
    ("ps384", "rsa-pss-sha384"),
    ("ps512", "rsa-pss-sha512"),
    ("es256", "ecdsa-p256-sha256"),
    ("es384", "ecdsa-p384-sha384"),
    ("es512", "ecdsa-p521-sha512"),
    ("hs256", "hmac-sha256"),
    ("hs384", "hmac-sha384"),
    ("hs512", "hmac-sha512"),
    ("eddsa", "ed25519"),
    ("rsa", "rsa-sha256"),
    ("rsa2", "rsa-sha256"),
    ("hmac", "hmac-sha256"),
    ("ecdsa", "ecdsa-p256-sha256"),
    ("ecdsasha256", "ecdsa-p256-sha256"),
    ("sha256withrsa", "rsa-sha256"),
    ("sha384withrsa", "rsa-sha384"),
    ("sha512withrsa", "rsa-sha512"),
    ("sha1withrsa", "rsa-sha1"),
    ("md5withrsa", "rsa-md5"),
    ("sha256withecdsa", "ecdsa-p256-sha256"),
    ("sha256hmac", "hmac-sha256"),
    ("sha512hmac", "hmac-sha512"),
];

/// The algorithm that is meant by a name in another case or spelling.
pub(super) fn meant_algorithm(name: &str) -> Option<&'static str> {
    let wanted = plain(name);
    let own = Algorithm::ALL.iter().map(|algorithm| algorithm.name());
    let mut own = own.chain(jws_rule::names()).chain(message_rule::names());
    let other = || OTHER_NAMES.iter().find(|(other, _)| *other == wanted);
    own.find(|own| plain(own) == wanted)
        .or_else(|| other().map(|(_, meant)| *meant))
}

fn plain(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::SchemeDefinition;

    #[test]
    fn other_spellings_mean_algorithms_that_there_are() {
        for (written, meant) in [
            ("HMAC-SHA256", "hmac-sha256"),
            ("HmacSHA512", "hmac-sha512"),
            ("RS256", "rsa-sha256"),
            ("SHA-256", "sha256"),
            ("SHA256withRSA", "rsa-sha256"),
            ("Ed25519", "ed25519"),
            ("JWS_ES256", "jws-es256"),
        ] {
            assert_eq!(meant_algorithm(written), Some(meant), "{written}");
        }
        assert_eq!(meant_algorithm("hmac-sha257"), None);
        for (other, meant) in OTHER_NAMES {
            assert_eq!(*other, plain(other));
            assert!(SchemeDefinition::algorithms().contains(meant), "{meant}");
        }
    }
}
