//! The defaults of keys.

use std::fmt::Write as _;
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ALL, Absent, Section};

/// All defaults as one TOML table, each under its key with the tables that lead to it.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    for section in ALL {
        for setting in section.settings {
            if let Absent::Default(literal) = setting.absent {
                let _ = writeln!(text, "\"{}\" = {literal}", section.path_of(setting.name));
            }
        }
    }
    text
});

static TABLE: LazyLock<DeTable<'static>> =
    LazyLock::new(|| DeTable::parse_recoverable(&TEXT).0.into_inner());

/// The default of a key, as the reader would find it in a file.
pub(in crate::config) fn default_of(
    section: &Section,
    key: &str,
) -> Option<&'static Spanned<DeValue<'static>>> {
    TABLE.get(section.path_of(key).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_toml() {
        assert_eq!(DeTable::parse_recoverable(&TEXT).1.len(), 0, "{}", *TEXT);
        assert!(TABLE.len() > 80);
    }
}
