//! Names of fields that look like paths.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::verify::Scheme;

/// Warns of fields with dots in their names, where a JSON Pointer was probably meant.
pub(super) fn warn(spots: &Spots<'_>, scheme: &Scheme) {
    let mut told: Vec<&str> = Vec::new();
    for value in scheme.rules().dotted_fields() {
        if told.contains(&value) {
            continue;
        }
        told.push(value);
        let name = value.split_once(':').map_or(value, |(_, rest)| rest);
        let name = name.split(['|', '}']).next().unwrap_or_default();
        let pointer = name.trim_matches('\'').replace('.', "/");
        spots.scheme().problems().report(
            Diagnostic::warning(
                WarningName::DottedField,
                spots.place_of_value(value),
                "this is one top-level field, whose name has dots in it",
            )
            .help(format!(
                "to read a field inside another one, write `{{field:/{pointer}}}`"
            )),
        );
    }
}
