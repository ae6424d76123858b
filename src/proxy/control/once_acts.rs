//! `countersign once`: what is remembered of a callback, and forgetting it.

use std::sync::Arc;
use std::time::Duration;

use log::info;

use super::control_call::ControlCall;
use crate::control::{ControlAnswer, ControlFault, ControlRefusal, KnownCallback, KnownState};
use crate::once::{Identity, Ledger, StoreError, StoredAnswer, StoredState};

/// The command's name in the audit log.
const FORGET: &str = "once forget";

/// A callback that a command names.
struct Named {
    identity: Identity,
    /// As it may be shown.
    shown: String,
}

/// What is remembered of a callback. That is no body, so it is not audited.
pub(super) async fn show(
    call: &ControlCall,
    callback: &str,
) -> Result<ControlAnswer, ControlRefusal> {
    let ledger = ledger(call)?;
    let Named { identity, shown } = named(call, callback)?;
    let known = ledger.look(&identity).await.map_err(unavailable)?;
    Ok(ControlAnswer::Once(KnownCallback {
        identity: shown,
        state: state(known),
    }))
}

/// Forgets a callback. A line of the audit log says so before, and another one what came of it.
pub(super) async fn forget(
    call: &ControlCall,
    callback: &str,
) -> Result<ControlAnswer, ControlRefusal> {
    let ledger = ledger(call)?;
    let Named { identity, shown } = named(call, callback)?;
    call.audit(FORGET, &shown, "asked").await?;
    let forgotten = ledger.forget(&identity).await;
    let result = match &forgotten {
        Ok(StoredState::Done { .. }) => "forgotten".to_owned(),
        Ok(StoredState::InFlight(_)) => "refused: in flight".to_owned(),
        Ok(StoredState::Nothing) => "not known".to_owned(),
        Err(error) => format!("failed: {error}"),
    };
    info!("control: once forget {shown}: {result}");
    // If this fails, the line before is there, and the error log has both.
    let _ = call.audit(FORGET, &shown, &result).await;
    match forgotten.map_err(unavailable)? {
        StoredState::Done { .. } => Ok(ControlAnswer::Forgotten { identity: shown }),
        StoredState::InFlight(left) => Err(ControlRefusal::new(
            ControlFault::InFlight,
            format!(
                "a copy of the callback is with a backend right now; try again once it is done, in {} \
                 at the latest if its proxy died",
                humantime::format_duration(Duration::from_secs(seconds(left)))
            ),
        )),
        StoredState::Nothing => Err(ControlRefusal::new(
            ControlFault::NotFound,
            "no such callback is remembered: the next copy goes to a backend anyway",
        )),
    }
}

fn ledger(call: &ControlCall) -> Result<Arc<Ledger>, ControlRefusal> {
    let claims = call.generation.once.as_ref();
    claims.map(|claims| Arc::clone(claims.ledger())).ok_or_else(|| {
        let why = "no route of the active configuration recognises repeats (`once`), so no callback is \
                   remembered";
        ControlRefusal::new(ControlFault::NotConfigured, why)
    })
}

/// The callback with this identity, or that the request with this id brought.
fn named(call: &ControlCall, callback: &str) -> Result<Named, ControlRefusal> {
    if let Some(identity) = Identity::named(callback) {
        return Ok(Named {
            identity,
            shown: identity.whole(),
        });
    }
    if callback.len() != 32 || !callback.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let why = "neither a request id (32 hexadecimal digits) nor an identity (64): the access log has \
                   both, as `id` and `identity`";
        return Err(ControlRefusal::new(ControlFault::Malformed, why));
    }
    let recent = call.controlled()?.recent.find(callback).ok_or_else(|| {
        let why = "this process does not know of a verified callback with this request id: it knows the \
                   last 65,536 since its start, on routes that recognise repeats; the access log may have \
                   the callback's `identity`";
        ControlRefusal::new(ControlFault::NotFound, why)
    })?;
    Ok(Named {
        identity: recent.identity,
        shown: match recent.is_shown {
            true => recent.identity.whole(),
            false => callback.to_owned(),
        },
    })
}

fn state(known: StoredState) -> KnownState {
    match known {
        StoredState::Nothing => KnownState::Unknown,
        StoredState::InFlight(left) => KnownState::InFlight {
            seconds: seconds(left),
        },
        StoredState::Done { answer, left } => {
            let answer = StoredAnswer::decode(&answer);
            KnownState::Done {
                status: answer.as_ref().map(|answer| answer.status),
                body: answer.and_then(|answer| answer.body).map(|body| body.len()),
                seconds: left.map(seconds),
            }
        }
    }
}

/// In whole seconds, rounded up.
fn seconds(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add((time.subsec_nanos() > 0).into())
}

fn unavailable(error: StoreError) -> ControlRefusal {
    let why = format!("the store of remembered callbacks: {error}");
    ControlRefusal::new(ControlFault::StoreUnavailable, why)
}
