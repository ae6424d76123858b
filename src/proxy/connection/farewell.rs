//! Closing a connection on which nothing is under way.

use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use crate::proxy::limits::Slot;

/// How long the end of an idle connection may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long the end of a connection may take that makes room for another one.
pub(in crate::proxy) const BRIEF_FAREWELL: Duration = Duration::from_millis(100);

/// Ends a connection on which nothing is under way, and says so where the protocol can.
pub(super) async fn end(mut stream: impl AsyncWrite + Unpin, slot: &Slot) {
    // It takes one write, on a socket that had nothing to write.
    let farewell = timeout(FAREWELL, stream.shutdown());
    let brief = async {
        slot.must_leave().await;
        sleep(BRIEF_FAREWELL).await;
    };
    tokio::select! {
        _ = farewell => {}
        () = brief => {}
    }
}
