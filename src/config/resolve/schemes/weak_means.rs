//! What proves less than a signature.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::verify::{Means, Scheme};

/// Warns of a scheme whose callbacks have a digest or the secret itself in place of a signature.
pub(super) fn warn(spots: &Spots<'_>, scheme: &Scheme) {
    let rules = scheme.rules();
    let (why, help) = match rules.coverage().means() {
        Means::Digest if rules.can_be_extended() => (
            "a digest of the secret and of what follows it can be continued without the secret: so \
             callbacks with control characters, or with bytes that are no text, are refused",
            "if the provider offers HMAC or a public key, use that",
        ),
        Means::Digest => (
            "a digest over the secret proves less than an HMAC with the same digest",
            "if the provider offers HMAC or a public key, use that",
        ),
        Means::Token => (
            "each callback has the secret itself, which covers nothing of it: whoever sees one \
             callback can send any other",
            "if the provider offers signatures, use them; otherwise take nothing from a callback but \
             that something happened, and ask the provider",
        ),
        _ => return,
    };
    let place = spots.place_of_fault("algorithm");
    spots
        .scheme()
        .problems()
        .report(Diagnostic::warning(WarningName::WeakMeans, place, why).help(help));
}
