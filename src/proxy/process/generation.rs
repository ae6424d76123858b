//! What one configuration makes. A reload makes another; requests end on the one they began with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::judge::Site;
use crate::once::Claims;
use crate::ops::access_log::AccessLog;
use crate::ops::error_log::ErrorLog;
use crate::ops::watch::Watch;
use crate::proxy::limits::RequestLimits;
use crate::proxy::metrics::{Metrics, Series};
use crate::proxy::once::{OpenError, Stores};
use crate::proxy::request::{Aside, DecryptionTurns};
use crate::proxy::upstreams::{ServerMemory, UpstreamGroups};

/// What the proxy runs with: a checked configuration, and the logs that it asks for.
pub struct Setup {
    /// The file that the configuration was read from.
    pub file: PathBuf,
    /// The keys that the command line has set over it.
    pub overridden: Vec<String>,
    /// The configuration.
    pub config: Config,
    /// Where lines about requests go; `None`: nowhere.
    pub access_log: Option<AccessLog>,
    /// What becomes the program's error log once the configuration is in force; `None`: it stays.
    pub error_log: Option<ErrorLog>,
    /// The files that it was read from, if a change of them asks for a reload.
    pub watch: Watch,
}

/// What one configuration makes, ready for requests.
pub(in crate::proxy) struct Generation {
    pub(in crate::proxy) site: Site,
    pub(in crate::proxy) limits: RequestLimits,
    pub(in crate::proxy) aside: Aside,
    pub(in crate::proxy) decryption: DecryptionTurns,
    pub(in crate::proxy) upstreams: UpstreamGroups,
    pub(in crate::proxy) access_log: Option<AccessLog>,
    pub(in crate::proxy) series: Series,
    /// Who remembers callbacks, if any route wants it.
    pub(in crate::proxy) once: Option<Arc<Claims>>,
}

impl Generation {
    /// Arranges a configuration for requests. What is known of servers comes from `memory`,
    /// which outlives every generation, as `stores` does; counts go on from the previous one.
    ///
    /// # Errors
    /// If the store of callbacks cannot be opened.
    pub(in crate::proxy) fn new(
        setup: Setup,
        memory: &Arc<ServerMemory>,
        stores: &Stores,
        metrics: &Metrics,
        previous: Option<&Self>,
    ) -> Result<Self, OpenError> {
        let Setup {
            config,
            access_log,
            error_log,
            ..
        } = setup;
        // What can fail comes first, so that nothing has changed then.
        let once = stores.claims(&config, metrics.once())?;
        if let Some(log) = error_log {
            log.install();
        }
        Ok(Self {
            limits: RequestLimits::new(&config, previous.map(|previous| &previous.limits)),
            aside: Aside::new(&config, previous.map(|previous| &previous.aside)),
            decryption: DecryptionTurns::new(
                &config,
                previous.map(|previous| &previous.decryption),
            ),
            upstreams: UpstreamGroups::new(&config, memory),
            access_log,
            series: metrics.series(&config),
            once,
            site: Site::new(config),
        })
    }

    pub(in crate::proxy) fn config(&self) -> &Config {
        self.site.config()
    }
}
