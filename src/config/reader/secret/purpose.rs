//! What the value of a key is for, which decides whether it is shown.

use toml::de::DeValue;

use super::SHORT;
use crate::config::keys::{self, Holds, Section, Setting, ValueKind};
use crate::config::reader::unknown_key::Meant;

/// The longest word that a key's name is taken for.
const LONG_WORD: usize = 32;

/// What unknown keys are called that hold a secret.
const SECRETIVE: &[&str] = &[
    "auth", "bearer", "cred", "hmac", "pass", "private", "pwd", "salt", "secret", "token",
];

/// What is known of a value by its key.
#[derive(Clone, Copy)]
pub(super) struct ValuePurpose {
    pub(super) holds: Option<Holds>,
    /// The declaration of the key that was probably meant.
    setting: Option<&'static Setting>,
    /// The table that it is, if it has a name of the operator's.
    named: Option<&'static Section>,
}

impl ValuePurpose {
    /// That of a value which may be anything.
    pub(super) const UNKNOWN: Self = Self {
        holds: Some(Holds::Secret),
        setting: None,
        named: None,
    };

    /// That of a key in a table, even if it is misspelt or in the wrong table.
    pub(super) fn of(section: &Section, key: &str) -> Self {
        if let Some(setting) = section.find(key) {
            return Self::declared(setting);
        }
        if section.holds_keys() {
            return Self::UNKNOWN;
        }
        match Meant::of(key, section) {
            Meant::Misspelt(meant) => match section.find(meant) {
                Some(setting) if setting.holds.is_some() || !sounds_secret(key) => {
                    Self::declared(setting)
                }
                _ => Self::UNKNOWN,
            },
            Meant::Misplaced(tables) => {
                let settings: Vec<_> = tables.iter().filter_map(|table| table.find(key)).collect();
                let secret = settings.iter().find(|setting| may_be_secret(setting));
                let meant = secret.or(settings.first());
                meant.map_or(Self::UNKNOWN, |setting| Self::declared(setting))
            }
            Meant::Foreign(_) | Meant::Nothing => Self::UNKNOWN,
        }
    }

    /// That of a key in the table, or in one somewhere within it.
    pub(super) fn within(section: &Section, key: &str) -> Self {
        let inner = |other: &&&'static Section| {
            let rest = other.path.strip_prefix(section.path);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let inner = || keys::ALL.iter().filter(inner);
        let own = || section.find(key);
        let found = own().or_else(|| inner().find_map(|section| section.find(key)));
        found.map_or_else(|| Self::of(section, key), Self::declared)
    }

    const fn declared(setting: &'static Setting) -> Self {
        Self {
            holds: setting.holds,
            setting: Some(setting),
            named: None,
        }
    }

    /// The same in a scheme, anywhere in which there may be a secret by mistake.
    pub(super) fn in_section(self, section: &Section) -> Self {
        let is_of_scheme = section.path == "scheme" || section.path.starts_with("scheme.");
        let is_open = is_of_scheme && section.path != "scheme.case";
        Self {
            holds: self.holds.or(is_open.then_some(Holds::Expression)),
            ..self
        }
    }

    /// The table that the key opens.
    pub(super) fn section(&self) -> Option<&'static Section> {
        self.named.or_else(|| self.setting?.kind.section())
    }

    /// The purpose of the values of a table that the key opens, if their keys are the operator's.
    pub(super) fn member(&self) -> Option<Self> {
        let Some(setting) = self.setting else {
            return self.holds.is_none().then_some(*self);
        };
        let member = setting.kind.member()?;
        Some(Self {
            holds: self.holds,
            setting: None,
            named: member.section(),
        })
    }

    /// Whether a member is an expression without any value in it, under the name of a secret.
    pub(super) fn is_planted(&self, name: &str, value: &DeValue<'_>) -> bool {
        let is_secretive = || name.eq_ignore_ascii_case("key") || sounds_secret(name);
        let is_fixed = |text: &str| !text.is_empty() && !text.contains('{');
        self.holds == Some(Holds::Expression)
            && is_secretive()
            && value.as_str().is_some_and(is_fixed)
    }

    /// Whether a value that is no table stands in place of tables that hold keys.
    pub(super) fn replaces_keys(&self) -> bool {
        self.section().is_some_and(Section::holds_keys)
    }

    /// Whether the key takes a name, which is never a secret.
    pub(super) fn is_name(&self) -> bool {
        let name = |kind: &'static ValueKind| matches!(kind, ValueKind::Name).then_some(());
        self.setting
            .is_some_and(|setting| setting.kind.pick(&name).is_some())
    }
}

/// Whether a report shows the name of a key in this table, or in an unknown one. What is no word may
/// be a secret on a line of its own.
pub(in crate::config::reader) fn is_shown_name(section: Option<&Section>, name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || b"_-".contains(&byte);
    let is_word = name.len() <= LONG_WORD && name.bytes().all(is_letter);
    let is_known = |section: &Section| {
        section.find(name).is_some() || !matches!(Meant::of(name, section), Meant::Nothing)
    };
    let is_secretive = name.len() >= SHORT
        && name.bytes().any(|byte| byte.is_ascii_digit())
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_word
        || section.is_some_and(is_known)
        || section.is_some_and(|section| !section.holds_keys() && !is_secretive)
}

fn may_be_secret(setting: &Setting) -> bool {
    setting.holds.is_some_and(Holds::may_be_secret)
}

fn sounds_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRETIVE.iter().any(|word| key.contains(word))
}
