//! The background tasks of a generation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::shared_later::SharedLater;
use super::{health_checks, resolve};
use crate::config::Upstream;
use crate::proxy::upstreams::group::Group;
use crate::proxy::upstreams::known::ServerMemory;

/// Tasks that end with their generation.
#[derive(Default)]
pub(in crate::proxy) struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    /// Starts what an upstream needs: closing idle connections, health checks, resolving names.
    /// `all` are those of the generation.
    pub(in crate::proxy) fn watch(
        &mut self,
        group: &Arc<Group>,
        all: &Arc<[Arc<Group>]>,
        memory: &Arc<ServerMemory>,
    ) {
        self.spawn(sweep(Arc::clone(group)));
        let Upstream {
            health_check,
            resolve,
            ..
        } = &*group.upstream;
        if let Some(check) = health_check {
            self.spawn(health_checks::watch(Arc::clone(group), check.clone()));
        }
        if !resolve.is_zero() && resolve::has_names(&group.configured) {
            let memory = Arc::clone(memory);
            let shared = SharedLater::new(group, all);
            self.spawn(resolve::watch(Arc::clone(group), memory, shared, *resolve));
        }
    }

    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let tasks = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.spawn(task);
    }

    pub(in crate::proxy) fn stop(&self) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
    }
}

/// How often idle connections are checked.
const SWEEP: Duration = Duration::from_secs(1);

/// Closes idle connections in time, even if no request comes along to find them.
async fn sweep(group: Arc<Group>) {
    loop {
        sleep(SWEEP).await;
        group
            .servers()
            .all()
            .for_each(|(server, _)| server.sweep(&group.name));
    }
}
