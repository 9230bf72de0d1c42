//! The invariants of this program: one file each, with its claim, how it is checked, what that costs, and the
//! planted defect that proves it can fail.

pub mod address_honoured;
pub mod audit_chain;
pub mod books_balance;
pub mod bundle_relief;
pub mod clearing_identity;
pub mod converges;
pub mod customers_unique;
pub mod discounts_conserved;
pub mod exceptions_complete;
pub mod exceptions_true;
pub mod field_owned;
pub mod gift_card_liability;
pub mod limits_respected;
pub mod lines_keep_identity;
pub mod nothing_silent;
pub mod orders_complete;
pub mod payouts_matched;
pub mod period_respected;
pub mod price_tethered;
pub mod refunded_once;
pub mod shipped_once;
pub mod stock_parity;
pub mod subsidiary_right;
pub mod tax_by_schedule;
pub mod terms_kept;
pub mod totals_tie;
pub mod trial_balance_expected;

use super::Tally;

/// What an invariant says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Invariant {
    /// As in scenario files and output.
    pub name: &'static str,
    /// In a sentence that a finance lead can read.
    pub claim: &'static str,
    pub checked: &'static str,
    pub cost: &'static str,
    /// The planted defects that break it, with commas between.
    pub defect: &'static str,
}

/// Position in [`ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    OrdersComplete,
    TotalsTie,
    CustomersUnique,
    LinesKeepIdentity,
    SubsidiaryRight,
    BooksBalance,
    TrialBalanceExpected,
    ClearingIdentity,
    NothingSilent,
    LimitsRespected,
    Converges,
    ExceptionsComplete,
    ExceptionsTrue,
    AuditChain,
    TaxBySchedule,
    DiscountsConserved,
    PriceTethered,
    AddressHonoured,
    ShippedOnce,
    RefundedOnce,
    GiftCardLiability,
    TermsKept,
    StockParity,
    BundleRelief,
    FieldOwned,
    PayoutsMatched,
    PeriodRespected,
}

pub const ALL: [&Invariant; 27] = [
    &orders_complete::INVARIANT,
    &totals_tie::INVARIANT,
    &customers_unique::INVARIANT,
    &lines_keep_identity::INVARIANT,
    &subsidiary_right::INVARIANT,
    &books_balance::INVARIANT,
    &trial_balance_expected::INVARIANT,
    &clearing_identity::INVARIANT,
    &nothing_silent::INVARIANT,
    &limits_respected::INVARIANT,
    &converges::INVARIANT,
    &exceptions_complete::INVARIANT,
    &exceptions_true::INVARIANT,
    &audit_chain::INVARIANT,
    &tax_by_schedule::INVARIANT,
    &discounts_conserved::INVARIANT,
    &price_tethered::INVARIANT,
    &address_honoured::INVARIANT,
    &shipped_once::INVARIANT,
    &refunded_once::INVARIANT,
    &gift_card_liability::INVARIANT,
    &terms_kept::INVARIANT,
    &stock_parity::INVARIANT,
    &bundle_relief::INVARIANT,
    &field_owned::INVARIANT,
    &payouts_matched::INVARIANT,
    &period_respected::INVARIANT,
];

#[derive(Debug, Clone, Default)]
pub struct Invariants {
    tallies: [Tally; ALL.len()],
}

impl Invariants {
    pub fn new() -> Invariants {
        Invariants::default()
    }

    pub fn tally(&mut self, name: Name) -> &mut Tally {
        &mut self.tallies[name as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static Invariant, &Tally)> {
        ALL.into_iter().zip(&self.tallies)
    }

    /// Breaches so far, of all invariants.
    pub fn broken(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.broken).sum()
    }
}
