//! Trying a future before anything is arranged for its wait: most are ready at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// What a future gives without a wait; `None` if it is to be waited for.
pub(super) async fn at_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let now = poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
    match now.await {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
