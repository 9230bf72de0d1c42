//! The wish to stop, as a service manager or a person at the keyboard utters it.

use std::future::Future;
use std::io;

/// Resolves at the first SIGTERM or Ctrl-C after this call. From the call on neither ends the process by itself.
///
/// # Errors
/// The system takes no handler for them.
#[cfg(unix)]
pub fn stop_asked() -> io::Result<impl Future<Output = ()>> {
    use std::task::Poll;

    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(std::future::poll_fn(move |context| {
        match terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }))
}

/// Resolves at the first Ctrl-C that is seen after the first poll.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub fn stop_asked() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler Ctrl-C ends the process by itself, which the store outlives.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
