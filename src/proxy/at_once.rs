//! Polls a future once before setting up its wait: most are ready at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// The result of a future if it is ready; `None` if it must be awaited.
pub(super) async fn at_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let now = poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
    match now.await {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
