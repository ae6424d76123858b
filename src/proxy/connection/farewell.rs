//! Closing a connection with no request in progress.

use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use crate::proxy::limits::Slot;

/// How long closing an idle connection may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long closing a connection may take if it makes room for another one.
pub(in crate::proxy) const BRIEF_FAREWELL: Duration = Duration::from_millis(100);

/// Closes a connection with no request in progress, and announces it if the protocol can.
pub(super) async fn end(mut stream: impl AsyncWrite + Unpin, slot: &Slot) {
    // This is a single write, on a socket with an empty buffer.
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
