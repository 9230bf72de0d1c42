//! Waiting for the first of two things, with a fixed preference: the one place where the engine chooses
//! between futures.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Resolves when either future does. If both are ready, the first one's part is kept and the second is dropped.
pub async fn first_of(preferred: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let mut preferred = pin!(preferred);
    let mut other = pin!(other);
    std::future::poll_fn(|context| {
        if preferred.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}
