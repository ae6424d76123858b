//! The store, which outlives the configurations that name it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use log::{error, warn};

use super::recent_callbacks::RecentCallbacks;
use crate::config::Config;
use crate::once::{
    Claims, DiskStore, Ledger, MemoryStore, Observer, RedisSettings, RedisStore, Store,
    StoreSettings,
};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the store of `[once]`: {0}")]
pub struct OpenError(String);

/// The store in use, by its settings, and those that were in use before it.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Stores {
    state: Mutex<StoresState>,
    recent: Arc<RecentCallbacks>,
}

#[derive(Debug, Default)]
struct StoresState {
    current: Option<OpenStore>,
    /// They live while requests use them, or while outcomes still have to be recorded in them.
    former: Vec<Weak<Ledger>>,
}

impl StoresState {
    /// Switches to another store, or none.
    fn replace(&mut self, next: Option<OpenStore>) {
        self.former.retain(|ledger| ledger.strong_count() > 0);
        if let Some(before) = &self.current
            && !(next.as_ref()).is_some_and(|next| Arc::ptr_eq(&next.ledger, &before.ledger))
        {
            self.former.push(Arc::downgrade(&before.ledger));
        }
        self.current = next;
    }

    /// How many successes still have to be recorded in these stores.
    fn untold_successes(&self) -> usize {
        let current = self.current.as_ref().map(|open| Arc::clone(&open.ledger));
        let former = self.former.iter().filter_map(Weak::upgrade);
        let ledgers = former.chain(current);
        ledgers.map(|ledger| ledger.untold_successes()).sum()
    }
}

/// A store, and the settings that it was opened with.
#[derive(Clone, Debug)]
struct OpenStore {
    settings: StoreSettings,
    store: Opened,
    ledger: Arc<Ledger>,
}

#[derive(Clone, Debug)]
enum Opened {
    Memory(Arc<MemoryStore>),
    Disk(Arc<DiskStore>),
    Redis(Arc<RedisStore>),
}

impl Opened {
    fn new(settings: &StoreSettings) -> Result<Self, OpenError> {
        Ok(match settings {
            StoreSettings::Memory(limits) => Self::Memory(Arc::new(MemoryStore::new(*limits))),
            StoreSettings::Disk(path) => {
                let disk = DiskStore::open(path)
                    .map_err(|error| OpenError(format!("`{}`: {error}", path.display())))?;
                Self::Disk(Arc::new(disk))
            }
            StoreSettings::Redis(settings) => Self::Redis(Arc::new(redis(settings)?)),
        })
    }

    fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(memory) => Arc::<MemoryStore>::clone(memory),
            Self::Disk(disk) => Arc::<DiskStore>::clone(disk),
            Self::Redis(redis) => Arc::<RedisStore>::clone(redis),
        }
    }
}

/// Checks that a configuration's store can be opened, as far as that can be known without leaving a
/// trace: Redis is not connected to, and no file is created.
///
/// # Errors
/// If it cannot.
pub fn check_store(config: &Config) -> Result<(), OpenError> {
    match config.once.as_ref().map(|once| &once.store) {
        Some(StoreSettings::Redis(settings)) => redis(settings).map(drop),
        Some(StoreSettings::Memory(_) | StoreSettings::Disk(_)) | None => Ok(()),
    }
}

/// Does not connect yet.
fn redis(settings: &RedisSettings) -> Result<RedisStore, OpenError> {
    RedisStore::new(settings).map_err(|error| OpenError(format!("Redis: {error}")))
}

impl Stores {
    /// The claims of a configuration. They use the existing store if the settings name the same
    /// one. Requests of an older configuration keep theirs until they end.
    ///
    /// # Errors
    /// If the store cannot be opened. Then nothing has changed.
    pub(in crate::proxy) fn claims(
        &self,
        config: &Config,
        observer: Arc<dyn Observer>,
    ) -> Result<Option<Arc<Claims>>, OpenError> {
        let mut state = self.lock();
        let Some(settings) = &config.once else {
            if let Some(open) = &state.current {
                open.warn_of_parting();
            }
            state.replace(None);
            return Ok(None);
        };
        let open = match (&state.current, &settings.store) {
            (Some(open), wanted) if open.settings == *wanted => open.clone(),
            // Different limits do not make a different store.
            (
                Some(
                    open @ OpenStore {
                        store: Opened::Memory(memory),
                        ..
                    },
                ),
                StoreSettings::Memory(limits),
            ) => {
                memory.set_limits(*limits);
                open.clone()
            }
            (before, wanted) => {
                let store = Opened::new(wanted)?;
                if let Some(before) = before.as_ref().filter(|open| !open.knows_as_much(wanted)) {
                    before.warn_of_parting();
                }
                let ledger = Arc::new(Ledger::new(store.store(), observer));
                OpenStore {
                    settings: wanted.clone(),
                    store,
                    ledger,
                }
            }
        };
        let ledger = Arc::clone(&open.ledger);
        state.replace(Some(OpenStore {
            settings: settings.store.clone(),
            ..open
        }));
        let claims = Claims::new(ledger, settings.on_failure, settings.waiters);
        Ok(Some(Arc::new(claims)))
    }

    /// Which requests brought which callbacks of late.
    pub(in crate::proxy) fn recent(&self) -> Arc<RecentCallbacks> {
        Arc::clone(&self.recent)
    }

    /// Logs what is lost when the process ends.
    pub(in crate::proxy) fn warn_of_end(&self) {
        let state = self.lock();
        let in_use = state.current.as_ref().map(|open| open.ledger.store());
        let forgotten = in_use.map_or(0, |store| store.forgotten_with_process());
        if forgotten > 0 {
            warn!(
                "once: {}, kept in memory only, will be lost with this process: repeats will \
                 reach the backend (`store = \"disk\"` keeps them)",
                remembered(forgotten)
            );
        }
        let untold = state.untold_successes();
        if untold > 0 {
            error!(
                "once: this process exits before all successes were recorded ({untold} left): \
                 repeats of them will reach the backend"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, StoresState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenStore {
    /// Whether a store with these settings has the same content as this one.
    fn knows_as_much(&self, other: &StoreSettings) -> bool {
        let of = |redis: &RedisSettings| {
            let RedisSettings {
                mode,
                servers,
                prefix,
                ..
            } = redis;
            (mode.clone(), servers.clone(), prefix.clone())
        };
        match (&self.settings, other) {
            (StoreSettings::Redis(one), StoreSettings::Redis(other)) => of(one) == of(other),
            (one, other) => one == other,
        }
    }

    /// Logs that this store's content is no longer used.
    fn warn_of_parting(&self) {
        const COST: &str = "repeats will reach the backend";
        match &self.store {
            Opened::Memory(memory) => {
                let count = memory.forgotten_with_process();
                if count > 0 {
                    warn!(
                        "once: {} will be lost with the memory store that the new configuration \
                         does not use: {COST}",
                        remembered(count)
                    );
                }
            }
            Opened::Disk(disk) => {
                let count = disk.usage().entries.unwrap_or(0);
                warn!(
                    "once: {} will stay in a file that the new configuration does not use: {COST}",
                    remembered(count)
                );
            }
            Opened::Redis(_) => warn!(
                "once: remembered callbacks stay in a Redis that the new configuration does not \
                 use: {COST}"
            ),
        }
    }
}

fn remembered(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} remembered callback{plural}")
}
