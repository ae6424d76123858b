//! Notifications to systemd, if systemd started the process.

use std::process;
use std::time::Duration;

use log::warn;
use sd_notify::NotifyState;

/// The process serves.
pub fn ready() {
    let status = format!("serving, process {}", process::id());
    notify(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The process reloads its configuration; [`ready`] ends this state.
pub fn reloading() {
    // systemd uses the time to match the end of a reload with its start.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => warn!("cannot notify systemd of the reload: {error}"),
    }
}

/// A reload has ended; an error is shown by `systemctl status`.
pub fn reloaded(error: Option<&str>) {
    match error {
        None => ready(),
        Some(error) => {
            let status =
                format!("reload failed, still running with the old configuration: {error}");
            let status = status.replace('\n', " ");
            notify(&[NotifyState::Ready, NotifyState::Status(&status)]);
        }
    }
}

/// The process shuts down.
pub fn stopping() {
    notify(&[
        NotifyState::Stopping,
        NotifyState::Status("finishing requests in flight"),
    ]);
}

/// Another process is the service from now on.
pub fn handed_over(pid: u32) {
    let status = format!("serving, process {pid}");
    notify(&[NotifyState::MainPid(pid), NotifyState::Status(&status)]);
}

/// The process is alive.
pub fn alive() {
    notify(&[NotifyState::Watchdog]);
}

/// How often systemd expects [`alive`], if at all.
#[must_use]
pub fn alive_interval() -> Option<Duration> {
    // Half of the watchdog timeout, as systemd's manual recommends.
    sd_notify::watchdog_enabled().map(|limit| limit.mul_f64(0.5))
}

fn notify(states: &[NotifyState<'_>]) {
    // Without systemd, this does nothing and succeeds.
    if let Err(error) = sd_notify::notify(states) {
        warn!("cannot notify systemd: {error}");
    }
}
