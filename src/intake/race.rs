//! Waiting for the first of two things, with a fixed preference.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

pub(super) enum First<A, B> {
    Preferred(A),
    Other(B),
}

/// If both are ready, the preferred one counts and the other is dropped.
pub(super) async fn first<A, B>(
    preferred: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> First<A, B> {
    let mut preferred = pin!(preferred);
    let mut other = pin!(other);
    std::future::poll_fn(|context| {
        if let Poll::Ready(value) = preferred.as_mut().poll(context) {
            return Poll::Ready(First::Preferred(value));
        }
        other.as_mut().poll(context).map(First::Other)
    })
    .await
}
