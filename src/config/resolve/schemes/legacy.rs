//! Digests that are broken against collisions.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::verify::scheme::Scheme;

/// Warns of a scheme that signs with SHA-1 or MD5, or signs an MD5 digest.
pub(super) fn warn(spots: &Spots<'_>, scheme: &Scheme) {
    let algorithms = scheme.algorithms();
    let problems = spots.scheme().problems();
    let mut legacy = algorithms.iter().filter(|algorithm| algorithm.is_legacy());
    if let Some(algorithm) = legacy.next() {
        problems.report(
            Diagnostic::warning(
                WarningName::LegacyAlgorithm,
                spots.place_of_fault("algorithm"),
                format!("the digest of {algorithm} is broken against collisions"),
            )
            .help("use it only if the provider offers nothing else"),
        );
    } else if let Some(place) = spots.place_in("signed", "|md5") {
        problems.report(
            Diagnostic::warning(
                WarningName::LegacyDigest,
                place,
                "MD5 is broken against collisions, whatever signs the digest",
            )
            .help("use it only if the provider offers nothing else"),
        );
    }
}
