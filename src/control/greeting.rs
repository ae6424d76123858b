//! What the process says first.

use serde::{Deserialize, Serialize};

/// The version of this protocol. It changes when a command of one version and a process of the other would
/// misunderstand each other; a new command or field does not change it.
pub const GREETING_PROTOCOL: u32 = 1;

/// What the process says first. Its fields stay readable in every version of the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The version of the program.
    pub countersign: String,
    /// The version of the protocol.
    pub protocol: u32,
}

impl Greeting {
    /// That of this program.
    #[must_use]
    pub fn own() -> Self {
        Self {
            countersign: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: GREETING_PROTOCOL,
        }
    }

    /// Why this command and that process do not understand each other; `None` if they do.
    #[must_use]
    pub fn misfit(&self) -> Option<String> {
        let own = env!("CARGO_PKG_VERSION");
        let theirs = &self.countersign;
        match self.protocol {
            GREETING_PROTOCOL => None,
            newer if newer > GREETING_PROTOCOL => Some(format!(
                "the process runs a newer version of the program ({theirs}) than this command ({own}): \
                 use the command of that version"
            )),
            _ => Some(format!(
                "the process runs an older version of the program ({theirs}) than this command ({own}): \
                 replace it with `countersign -s upgrade`"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_protocol_says_which_of_the_two_is_older() {
        assert_eq!(Greeting::own().misfit(), None);
        let of = |protocol| Greeting {
            countersign: "9.8".to_owned(),
            protocol,
        };
        let newer = of(GREETING_PROTOCOL + 1).misfit().unwrap();
        assert!(
            newer.contains("newer version of the program (9.8)"),
            "{newer}"
        );
        let older = of(0).misfit().unwrap();
        assert!(
            older.contains("older version of the program (9.8)"),
            "{older}"
        );
    }
}
