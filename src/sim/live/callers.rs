//! Who waits for an answer of the account's, and for which refusals the waiting themselves are to blame.
//!
//! A process that was killed waits for nothing, nor does a caller that hung up; the twins hear of it a moment later.
//! Whether a call was still waited for is known for certain when it ends. Not here: the blame itself
//! ([`crate::sim::refusals`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Weak;

use crate::sim::refusals::Refused;

/// A number of a call, for as long as it runs.
pub(super) type CallNumber = u64;

#[derive(Debug, Default)]
pub(super) struct Callers {
    calls: CallNumber,
    waiting: BTreeMap<CallNumber, Weak<()>>,
    open: Vec<OpenBlame>,
}

/// A refusal, while calls are under way that ran beside it.
#[derive(Debug)]
struct OpenBlame {
    refused: Refused,
    running: BTreeSet<CallNumber>,
    /// Calls beside it, itself among them, whose callers waited to their end.
    waited: u32,
}

impl Callers {
    /// A call begins.
    pub(super) fn begin(&mut self, caller: Weak<()>) -> CallNumber {
        self.calls += 1;
        self.waiting.insert(self.calls, caller);
        self.calls
    }

    /// A call was refused a slot while all these are waited for.
    pub(super) fn refused(&mut self, refused: Refused) {
        let is_there =
            |(number, caller): (&CallNumber, &Weak<()>)| (caller.strong_count() > 0).then_some(*number);
        let running = self.waiting.iter().filter_map(is_there).collect();
        self.open.push(OpenBlame { refused, running, waited: 0 });
    }

    /// A call ends. Returns refusals whose blame is settled with it, and how many calls were waited for then.
    pub(super) fn end(&mut self, call: CallNumber) -> Vec<(Refused, u32)> {
        let waited = self.waiting.remove(&call).is_some_and(|caller| caller.strong_count() > 0);
        for blame in &mut self.open {
            if blame.running.remove(&call) && waited {
                blame.waited += 1;
            }
        }
        let settled = self.open.extract_if(.., |blame| blame.running.is_empty());
        settled.map(|blame| (blame.refused, blame.waited)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn settled(callers: &mut Callers, call: CallNumber) -> Vec<u32> {
        callers.end(call).into_iter().map(|(_, waited)| waited).collect()
    }

    #[test]
    fn who_hung_up_did_not_wait_even_if_that_is_heard_of_late() {
        let mut callers = Callers::default();
        let [gone, hangs_up, waits, refused] = [(); 4].map(Arc::new);
        let calls = [&gone, &hangs_up, &waits, &refused].map(|caller| callers.begin(Arc::downgrade(caller)));
        drop(gone);
        callers.refused(Refused::injected());
        assert!(settled(&mut callers, calls[3]).is_empty());
        drop(hangs_up);
        let later = callers.begin(Arc::downgrade(&refused));
        assert!(settled(&mut callers, calls[1]).is_empty());
        assert_eq!(settled(&mut callers, calls[2]), [2]);
        assert!(settled(&mut callers, calls[0]).is_empty());
        assert!(settled(&mut callers, later).is_empty());
    }

    #[test]
    fn a_refusal_with_nobody_beside_it_is_settled_with_its_own_end() {
        let mut callers = Callers::default();
        let here = Arc::new(());
        let call = callers.begin(Arc::downgrade(&here));
        callers.refused(Refused::injected());
        assert_eq!(settled(&mut callers, call), [1]);
    }
}
