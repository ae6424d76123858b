//! The runtime state of one configuration. A reload creates another; requests finish on the one
//! they started with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::judge::Site;
use crate::once::Claims;
use crate::ops::access_log::AccessLog;
use crate::ops::audit_log::AuditLog;
use crate::ops::error_log::ErrorLog;
use crate::ops::watch::Watch;
use crate::proxy::control::{Captures, Controlled};
use crate::proxy::limits::RequestLimits;
use crate::proxy::metrics::{Metrics, Series};
use crate::proxy::once::{OpenError, Stores};
use crate::proxy::request::{Aside, DecryptionTurns};
use crate::proxy::upstreams::{ServerMemory, UpstreamGroups};

/// What the proxy runs with: a checked configuration and its logs.
pub struct Setup {
    /// The main configuration file.
    pub file: PathBuf,
    /// The keys that the command line overrides.
    pub overridden: Vec<String>,
    /// The configuration.
    pub config: Config,
    /// The access log; `None` if it is off.
    pub access_log: Option<AccessLog>,
    /// Becomes the program's error log once the configuration is active; `None`: no change.
    pub error_log: Option<ErrorLog>,
    /// The audit log, if there is a control socket.
    pub audit: Option<Arc<AuditLog>>,
    /// The configuration's files, if a change of them triggers a reload.
    pub watch: Watch,
}

/// The runtime state of one configuration, ready for requests.
pub(in crate::proxy) struct Generation {
    pub(in crate::proxy) site: Site,
    pub(in crate::proxy) limits: RequestLimits,
    pub(in crate::proxy) aside: Aside,
    pub(in crate::proxy) decryption: DecryptionTurns,
    pub(in crate::proxy) upstreams: UpstreamGroups,
    pub(in crate::proxy) access_log: Option<AccessLog>,
    pub(in crate::proxy) series: Series,
    /// Remembers callbacks, if any route needs that.
    pub(in crate::proxy) once: Option<Arc<Claims>>,
    /// Keeps rejected requests, if any route captures them.
    pub(in crate::proxy) captures: Option<Arc<Captures>>,
    /// What the control socket is asked for: there only if there is one.
    pub(in crate::proxy) controlled: Option<Controlled>,
}

impl Generation {
    /// Prepares a configuration for requests. `memory`, the knowledge about servers, `stores` and
    /// `captures` outlive every generation; counts continue from the previous one.
    ///
    /// # Errors
    /// If the store of remembered callbacks cannot be opened.
    pub(in crate::proxy) fn new(
        setup: Setup,
        (memory, stores, captures): (&Arc<ServerMemory>, &Stores, &Arc<Captures>),
        metrics: &Metrics,
        previous: Option<&Self>,
    ) -> Result<Self, OpenError> {
        let Setup {
            config,
            access_log,
            error_log,
            audit,
            ..
        } = setup;
        // Whatever can fail comes first, so that a failure changes nothing.
        let once = stores.claims(&config, metrics.once())?;
        if let Some(log) = error_log {
            log.install();
        }
        captures.configure(config.capture.as_ref());
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
            captures: config.capture.is_some().then(|| Arc::clone(captures)),
            controlled: audit.map(|audit| Controlled {
                audit,
                recent: stores.recent(),
            }),
            site: Site::new(config),
        })
    }

    pub(in crate::proxy) fn config(&self) -> &Config {
        self.site.config()
    }
}
