//! A table of the configuration.

use super::setting::Setting;

/// A table of the configuration and its keys.
#[derive(Debug)]
pub(in crate::config) struct Section {
    /// The keys that lead to it, joined by dots; empty for the top level.
    pub(in crate::config) path: &'static str,
    /// Its header in a file.
    pub(in crate::config) header: &'static str,
    /// Its keys. If the table may occur several times, the first key identifies each.
    pub(in crate::config) settings: &'static [Setting],
    /// Keys of which exactly one must be set; empty if there are none.
    pub(in crate::config) one_of: &'static [&'static str],
}

impl Section {
    /// Whether a file may contain several of it, like `[[route]]`.
    pub(in crate::config) fn is_array(&self) -> bool {
        self.header.starts_with("[[")
    }

    /// Whether it holds a key or a secret, so that whatever stands in it by mistake may be one.
    pub(in crate::config) fn holds_keys(&self) -> bool {
        matches!(
            self.path,
            "key" | "key.secrets.NAME" | "decryption_key" | "scheme.case.keys.NAME"
        )
    }

    /// The declaration of a key.
    pub(in crate::config) fn find(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.name == key)
    }

    /// The names of its keys.
    pub(in crate::config) fn names(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.settings.iter().map(|setting| setting.name)
    }

    /// One of its keys with the tables that lead to it: `route.once.keep`.
    pub(in crate::config) fn path_of(&self, key: &str) -> String {
        match self.path {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    /// Its name in messages.
    pub(in crate::config) fn name(&self) -> String {
        // A header with a space describes what a file does not write.
        if self.header.contains(' ') {
            self.header.to_owned()
        } else {
            format!("`{}`", self.header)
        }
    }
}
