//! The account's request slots: one pool for all integrations, held from acceptance to completion, and a
//! request above the limit is refused at once.
//!
//! Source: netsuite.md §10.1.

/// A slot that is held. Give it back with `end`.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a slot that is never given back is lost to the account"]
pub struct Slot(());

#[derive(Debug)]
pub(super) struct Slots {
    limit: u32,
    ours: u32,
    others: u32,
}

impl Slots {
    pub fn new(limit: u32) -> Slots {
        Slots { limit, ours: 0, others: 0 }
    }

    pub fn begin(&mut self) -> Option<Slot> {
        let free = self.ours.saturating_add(self.others) < self.limit;
        free.then(|| {
            self.ours += 1;
            Slot(())
        })
    }

    pub fn end(&mut self, Slot(()): Slot) {
        self.ours = self.ours.checked_sub(1).expect("a slot is only made by begin");
    }

    /// Requests under way are completed, whatever the limit becomes.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit;
    }

    pub fn set_others(&mut self, others: u32) {
        self.others = others;
    }

    pub fn limit(&self) -> u32 {
        self.limit
    }

    pub fn in_use(&self) -> u32 {
        self.ours.saturating_add(self.others)
    }
}
