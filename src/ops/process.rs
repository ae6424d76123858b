//! This process, as the processes around it see it.

use crate::ops::upgrade::{Inherited, Origin, Program, Purpose, Readiness};

/// What this process has from the one that started it, and what others are told about it.
#[derive(Debug)]
pub struct Process {
    /// The program, to start it anew.
    pub program: Program,
    /// Listening sockets that were open before.
    pub inherited: Inherited,
    purpose: Option<Purpose>,
    readiness: Readiness,
}

impl Process {
    /// To be called once, before there are other threads.
    #[must_use]
    pub fn new() -> Self {
        let Origin {
            purpose,
            inherited,
            readiness,
        } = Origin::take();
        Self {
            program: Program::of_this_process(),
            inherited,
            purpose,
            readiness,
        }
    }

    /// Whether it was started to take over from another process.
    #[must_use]
    pub fn is_successor(&self) -> bool {
        self.purpose == Some(Purpose::Upgrade)
    }

    /// It serves from now on.
    pub fn ready(&mut self) {
        self.readiness.ready();
    }

    /// A new process is about to be started.
    pub fn prepare_upgrade(&mut self) {}

    /// No new process came about.
    pub fn upgrade_failed(&mut self) {}

    /// That process serves from now on, and this one is about to end.
    pub fn handed_over(&mut self, _pid: u32) {}

    /// It cannot serve. `false` if no process waits to hear that, so that it must be told otherwise.
    pub fn failed(&mut self, why: &str) -> bool {
        self.readiness.failed(why)
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}
