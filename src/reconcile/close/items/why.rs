//! Why something stays on an account.

use crate::domain::CauseCode;
use crate::reconcile::settlement::Cause;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A person was told.
    Raised(CauseCode),
    /// No payout has it yet.
    NotPaidOut,
    /// Its payout is issued, and not in the books yet.
    PayoutNotPosted,
    /// Both sides are in the books and do not agree, or one is there that should not be.
    Matched(Cause),
    /// Money of a gateway whose payouts are not Shopify's.
    OtherGateway,
    InTransit,
    /// Longer in transit than any bank takes.
    NotAtBank,
    /// A payout that failed: a later one carries it.
    CameBack,
    DisputeOpen,
    HeldInReserve,
    /// Turned around on the next day.
    Accrued,
    KeyedByHand,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Why::Raised(code) => code.name(),
            Why::NotPaidOut => "not-paid-out-yet",
            Why::PayoutNotPosted => "payout-not-posted-yet",
            Why::Matched(cause) => cause.name(),
            Why::OtherGateway => "other-gateway",
            Why::InTransit => "in-transit",
            Why::NotAtBank => "not-at-the-bank",
            Why::CameBack => "came-back",
            Why::DisputeOpen => "dispute-open",
            Why::HeldInReserve => "held-in-reserve",
            Why::Accrued => "accrued",
            Why::KeyedByHand => "keyed-by-hand",
        }
    }
}
