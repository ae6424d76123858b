//! Digests that are broken against collisions.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::verify::scheme::Scheme;

/// Warns of a scheme that signs with SHA-1 or MD5, or signs such a digest of the callback.
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
        return;
    }
    for broken in scheme.rules().broken_digests() {
        problems.report(
            Diagnostic::warning(
                WarningName::LegacyDigest,
                spots.place_of_value(&broken.value),
                broken.to_string(),
            )
            .help("use it only if the provider offers nothing else"),
        );
    }
}
