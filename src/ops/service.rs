//! Telling systemd, if it started the process, what it is about.

use std::process;
use std::time::Duration;

use log::warn;
use sd_notify::NotifyState;

/// It serves.
pub fn ready() {
    let status = format!("serving, process {}", process::id());
    notify(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// It reads its configuration anew; [`ready`] ends that.
pub fn reloading() {
    // systemd tells by the time which of several reloads has ended.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => warn!("cannot tell systemd of the reload: {error}"),
    }
}

/// A reload has ended; what went wrong shows in `systemctl status`.
pub fn reloaded(error: Option<&str>) {
    match error {
        None => ready(),
        Some(error) => {
            let status = format!("reload failed, the old configuration stays: {error}");
            let status = status.replace('\n', " ");
            notify(&[NotifyState::Ready, NotifyState::Status(&status)]);
        }
    }
}

/// It ends.
pub fn stopping() {
    notify(&[
        NotifyState::Stopping,
        NotifyState::Status("answering what is in flight"),
    ]);
}

/// Another process is the service from now on.
pub fn handed_over(pid: u32) {
    let status = format!("serving, process {pid}");
    notify(&[NotifyState::MainPid(pid), NotifyState::Status(&status)]);
}

/// It is alive.
pub fn alive() {
    notify(&[NotifyState::Watchdog]);
}

/// How often systemd wants to hear [`alive`], if it does.
#[must_use]
pub fn alive_interval() -> Option<Duration> {
    // Half the time after which it would act, as systemd's manual recommends.
    sd_notify::watchdog_enabled().map(|limit| limit.mul_f64(0.5))
}

fn notify(states: &[NotifyState<'_>]) {
    // Without systemd, nobody is told and nothing fails.
    if let Err(error) = sd_notify::notify(states) {
        warn!("cannot tell systemd: {error}");
    }
}
