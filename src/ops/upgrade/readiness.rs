//! Saying to the process that started this one how the start went.

use std::io::Write as _;
use std::os::unix::net::UnixStream;

/// What a process says that serves.
pub(super) const READY: &str = "ready\n";

/// Says once how the start went, if anybody waits to hear it.
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

    /// This process cannot serve, and why. `false` if nobody waits to hear it.
    pub fn failed(&mut self, why: &str) -> bool {
        self.say(why)
    }

    fn say(&mut self, text: &str) -> bool {
        let channel = self.0.take();
        // One that does not listen any more has made up its mind.
        channel.is_some_and(|mut channel| channel.write_all(text.as_bytes()).is_ok())
    }
}
