//! Secrets in expressions.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, WarningName};

/// Warns of what looks like a secret where `{secret}` belongs.
pub(super) fn warn(spots: &Spots<'_>) {
    let texts = spots.texts_by_key();
    let planted = texts.iter().filter_map(|(_, text)| text.planted_secret());
    for place in planted {
        spots.scheme().problems().report(
            Diagnostic::warning(
                WarningName::SecretInConfiguration,
                place,
                "this looks like a secret: whoever can read this file could forge callbacks",
            )
            .help("write `{secret}` here, and put the secret into a file: `secret_file` of a `[[key]]`"),
        );
    }
}
