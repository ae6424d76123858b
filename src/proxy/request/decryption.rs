//! The decryption step: decrypts what the route's rule names in a verified callback.

use std::time::Instant;

use log::warn;

use super::aside;
use super::body::BufferedBody;
use super::trace::Trace;
use crate::decrypt::{Clear, DecryptFailure, Refused};
use crate::judge::{Fault, Refusal, Verdict};
use crate::proxy::process::Generation;
use crate::record::Decrypted;

/// Decrypts what the route's rule names in a verified callback; `None` without a rule.
pub(in crate::proxy) async fn clear(
    generation: &Generation,
    verdict: &Verdict<'_>,
    body: &mut BufferedBody,
    trace: &mut Trace,
) -> Result<Option<Clear>, Refusal> {
    let route = verdict.received().route();
    let started = Instant::now();
    let Some(task) = aside::work(body.bytes.len(), || verdict.decryption()) else {
        return Ok(None);
    };
    let memory = task.memory();
    body.hold_also(memory)?;
    let outcome = generation.decryption.run(task).await?;
    let edited = outcome.as_ref().ok().and_then(Clear::body);
    let kept = edited.map_or(0, |edited| edited.len());
    body.release(memory.saturating_sub(kept));
    let (values, failed) = match &outcome {
        Ok(clear) => (clear.decrypted().count(), clear.failed().count()),
        Err(refused) => (refused.decrypted, refused.failed),
    };
    let decrypted = Decrypted {
        values,
        failed,
        time: started.elapsed(),
    };
    trace.decrypt = Some(decrypted);
    generation.series.decrypted(route, decrypted);
    match outcome {
        Ok(clear) => {
            note(&clear, &route.name, &trace.request_id);
            Ok(Some(clear))
        }
        Err(refused) => {
            note_refused(&refused, &route.name, &trace.request_id);
            Err(match refused.at {
                Some(at) => Refusal::At(Fault::DecryptFailed, at),
                None => Fault::DecryptFailed.into(),
            })
        }
    }
}

/// Logs that values were left encrypted. The line reveals nothing about their content.
fn note(clear: &Clear, route: &str, request_id: &str) {
    if let Some(failure) = clear.first_failure() {
        let failed = clear.failed();
        let first = failed.known().first().map(String::as_str);
        tell(failed.count(), first, failure, route, request_id);
    }
}

/// The same for a callback that is refused for it.
fn note_refused(refused: &Refused, route: &str, request_id: &str) {
    let at = refused.at.as_deref();
    tell(refused.failed, at, refused.failure, route, request_id);
}

fn tell(count: usize, first: Option<&str>, failure: DecryptFailure, route: &str, request_id: &str) {
    let at = first.unwrap_or("an unknown place").escape_debug();
    warn!(
        "request {request_id}: route {route}: {count} not decrypted, the first at {at}: {failure}"
    );
}
