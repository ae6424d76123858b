//! How far a search is, for people who wait for it.

use std::io::{self, Write as _};

/// Tells of a search on a terminal, in one line.
pub(super) struct SearchProgress {
    is_terminal: bool,
    told: bool,
}

impl SearchProgress {
    pub(super) const fn new(is_terminal: bool) -> Self {
        Self {
            is_terminal,
            told: false,
        }
    }

    pub(super) fn tell(&mut self, tried: usize) {
        if self.is_terminal {
            self.told = true;
            // Whoever closed stderr does not want to know.
            let _ = write!(io::stderr(), "\rsearching: {tried} variations tried");
        }
    }

    /// Clears the line.
    pub(super) fn finish(&self, err: &mut impl io::Write) -> io::Result<()> {
        match self.told {
            true => write!(err, "\r\x1b[K"),
            false => Ok(()),
        }
    }
}
