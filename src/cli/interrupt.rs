//! Ctrl-C: the first ends the seed at hand and lets the report be written, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit;

/// Whether a person asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to listen. Where the system gives no thread or no signals, Ctrl-C keeps its usual effect.
    pub fn listen() -> Interrupt {
        let interrupt = Interrupt::default();
        let asked = Arc::clone(&interrupt.asked);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            // Without the thread nobody hears the signal, which then ends the process as ever.
            let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
                runtime.block_on(async {
                    while tokio::signal::ctrl_c().await.is_ok() {
                        if asked.swap(true, Ordering::Relaxed) {
                            std::process::exit(i32::from(exit::INTERRUPTED));
                        }
                    }
                });
            });
        }
        interrupt
    }

    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}
