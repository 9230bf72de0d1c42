//! Lines of a bank's statement that are the processor's by their looks and of no payout.
//!
//! A payout shows its trace only once it went to the bank, so a line has days to find its payout; after that a person
//! must say whose money it is (failures.md C-1). Nothing is posted for it: what nobody explains is in no account.

use crate::domain::payout::BankLine;
use crate::domain::{BookDate, CauseCode, Duration};
use crate::engine::exception::Finding;
use crate::policy::settlement::SettlementPolicy;

/// What a person must know of a line without a payout; nothing before it had its time.
pub fn told(line: &BankLine, today: BookDate, policy: &SettlementPolicy) -> Option<Finding> {
    let days = policy.settling_window.nanos() / Duration::from_hours(24).nanos();
    let clears = BookDate::from_epoch_days(line.value_date.epoch_days().saturating_add(days as i32));
    (today >= clears).then(|| {
        let trace = line.reference.as_deref().unwrap_or_default();
        let detail = format!(
            "line {} of {}, {trace}, is of no payout; it was to have one by {clears}",
            line.id, line.amount
        );
        Finding::new(CauseCode::BankDiffers, Some(line.amount), detail)
    })
}

#[cfg(test)]
mod tests;
