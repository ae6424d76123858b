//! The store, which outlives the configurations that name it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;
use crate::once::{Disk, Keeper, Memory, Observer, Redis, Store, StoreSettings};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the store of `[once]`: {0}")]
pub struct OpenError(String);

/// The store in use, by its settings.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Stores(Mutex<Option<Open>>);

/// A store, and what it was opened with.
#[derive(Clone, Debug)]
struct Open {
    settings: StoreSettings,
    store: Opened,
}

#[derive(Clone, Debug)]
enum Opened {
    Memory(Arc<Memory>),
    Disk(Arc<Disk>),
    Redis(Arc<Redis>),
}

impl Opened {
    fn new(settings: &StoreSettings) -> Result<Self, OpenError> {
        Ok(match settings {
            StoreSettings::Memory(limits) => Self::Memory(Arc::new(Memory::new(*limits))),
            StoreSettings::Disk(path) => {
                let disk = Disk::open(path)
                    .map_err(|error| OpenError(format!("`{}`: {error}", path.display())))?;
                Self::Disk(Arc::new(disk))
            }
            StoreSettings::Redis(settings) => {
                let redis = Redis::new(settings).map_err(|error| OpenError(error.to_string()))?;
                Self::Redis(Arc::new(redis))
            }
        })
    }

    fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(memory) => Arc::<Memory>::clone(memory),
            Self::Disk(disk) => Arc::<Disk>::clone(disk),
            Self::Redis(redis) => Arc::<Redis>::clone(redis),
        }
    }
}

impl Stores {
    /// The keeper that a configuration wants, over the store that there is already if it is the
    /// same one. Requests of an older configuration keep theirs to their end.
    ///
    /// # Errors
    /// If the store cannot be opened. Nothing has changed then.
    pub(in crate::proxy) fn keeper(
        &self,
        config: &Config,
        observer: Arc<dyn Observer>,
    ) -> Result<Option<Arc<Keeper>>, OpenError> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(settings) = &config.once else {
            *current = None;
            return Ok(None);
        };
        let store = match (&*current, &settings.store) {
            (Some(open), wanted) if open.settings == *wanted => open.store.clone(),
            // Other limits are no other store.
            (
                Some(Open {
                    store: Opened::Memory(memory),
                    ..
                }),
                StoreSettings::Memory(limits),
            ) => {
                memory.set_limits(*limits);
                Opened::Memory(Arc::clone(memory))
            }
            (_, wanted) => Opened::new(wanted)?,
        };
        let keeper = Keeper::new(
            store.store(),
            settings.on_failure,
            settings.waiters,
            observer,
        );
        *current = Some(Open {
            settings: settings.store.clone(),
            store,
        });
        Ok(Some(Arc::new(keeper)))
    }
}
