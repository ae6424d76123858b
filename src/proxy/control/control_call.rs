//! One request over the control socket: from whom, and its lines in the audit log.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::asker::Asker;
use super::controlled::Controlled;
use crate::control::{ControlFault, ControlRefusal};
use crate::ops::audit_log::AuditEntry;
use crate::proxy::process::Generation;

/// The configuration that a request is answered from, and who asks.
pub(super) struct ControlCall {
    pub(super) generation: Arc<Generation>,
    asker: Asker,
}

impl ControlCall {
    pub(super) fn new(generation: Arc<Generation>, asker: Asker) -> Self {
        Self { generation, asker }
    }

    /// What the configuration keeps for the control socket.
    pub(super) fn controlled(&self) -> Result<&Controlled, ControlRefusal> {
        // The socket may outlive it for a moment, during a reload.
        self.generation.controlled.as_ref().ok_or_else(|| {
            let why = "the active configuration has no control socket";
            ControlRefusal::new(ControlFault::NotConfigured, why)
        })
    }

    /// Writes a line of the audit log. Without it, nothing may be read or done.
    pub(super) async fn audit(
        &self,
        command: &'static str,
        object: &str,
        result: &str,
    ) -> Result<(), ControlRefusal> {
        let log = Arc::clone(&self.controlled()?.audit);
        let (asker, object, result) = (self.asker, object.to_owned(), result.to_owned());
        let written = spawn_blocking(move || {
            log.write(&AuditEntry {
                user: asker.name().as_deref(),
                uid: asker.uid(),
                command,
                object: &object,
                result: &result,
            })
        });
        let why = match written.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        log::error!("control: {command} refused: {why}");
        let why = format!("refused, because it must be logged: {why}");
        Err(ControlRefusal::new(ControlFault::NotAudited, why))
    }
}
