//! How many connections are open, in total and of each address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::config::Limits;
use super::metrics::Metrics;

#[derive(Clone)]
pub(super) struct Connections {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    metrics: Arc<Metrics>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// One open connection; it is counted until this is dropped.
pub(super) struct Slot {
    address: IpAddr,
    shared: Arc<Shared>,
}

impl Connections {
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Connections {
        Connections { shared: Arc::new(Shared { limits, metrics, open: Mutex::default() }) }
    }

    /// `None` when there are as many as may be: the connection is closed at once, so that those which are open
    /// are served.
    pub fn admit(&self, address: IpAddr) -> Option<Slot> {
        let limits = &self.shared.limits;
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        if open.total >= limits.connections_max || of_address >= limits.connections_per_address_max {
            self.shared.metrics.note_refused_connection();
            return None;
        }
        open.total += 1;
        open.by_address.insert(address, of_address + 1);
        self.shared.metrics.connections_now(open.total);
        Some(Slot { address, shared: Arc::clone(&self.shared) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
        self.shared.metrics.connections_now(open.total);
    }
}
