//! Reports to the parent process how the start went.

use std::io::Write as _;
use std::os::unix::net::UnixStream;

/// The message of a process that serves.
pub(super) const READY: &str = "ready\n";

/// Reports once how the start went, if a parent is waiting for it.
#[derive(Debug, Default)]
pub struct Readiness(Option<UnixStream>);

impl Readiness {
    pub(super) const fn new(channel: Option<UnixStream>) -> Self {
        Self(channel)
    }

    /// This process serves from now on.
    pub fn ready(&mut self) {
        self.say(READY);
    }

    /// This process cannot serve, and why. Returns `false` if nobody is waiting for the message.
    pub fn failed(&mut self, why: &str) -> bool {
        self.say(why)
    }

    fn say(&mut self, text: &str) -> bool {
        let channel = self.0.take();
        // A parent that no longer listens has already decided.
        channel.is_some_and(|mut channel| channel.write_all(text.as_bytes()).is_ok())
    }
}
