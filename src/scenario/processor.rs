//! The processor that pays out what shoppers paid by card, and the bank that receives it, as a scenario describes
//! them; and scripted events of both.
//!
//! Not here: how a payout's day or a fee is computed ([`crate::sim`]), nor on which accounts any of it must stand
//! ([`super::SettlementAccounts`]).

use rust_decimal::Decimal;

use super::Latency;
use crate::domain::payout::BalanceKind;
use crate::domain::{BookDate, Duration, InternalId, Money, ShopKey};

/// Without one, nothing is ever paid out.
#[derive(Debug, Clone)]
pub struct Processor {
    /// One for each shop whose money the processor takes, in the order of the profile's shops.
    pub shops: Vec<PaymentsAccount>,
    /// Days beside weekends on which nothing is paid out and no bank books.
    pub holidays: Vec<BookDate>,
    /// From a payout to the bank's value date, in business days: least and most.
    ///
    /// Source: shopify.md §m.3, "bank needs another 1–3 days".
    pub bank_delay: (u32, u32),
    /// A line shows up on the statement this much later than its value date begins.
    pub statement_delay: Latency,
    /// Other gateways send the bank one sum a month, which no payout explains.
    pub other_gateways: bool,
    pub habits: ProcessorHabits,
}

/// One shop's account with the processor.
#[derive(Debug, Clone)]
pub struct PaymentsAccount {
    /// Position in [`super::Profile::shops`].
    pub shop: usize,
    pub fees: FeeRule,
    pub schedule: Schedule,
    /// Business days from a charge until it may be paid out.
    pub delay: u32,
    /// A smaller sum waits for the next payout; in minor units of the currency that is paid out.
    pub minimum: i64,
    /// A balance below zero is taken from the bank; otherwise it waits for later sales.
    pub withdraws: bool,
}

/// What a charge costs: a share of it and a fixed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeRule {
    /// 0.029 for 2.9 %.
    pub rate: Decimal,
    /// In the currency that is paid out.
    pub fixed: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    Daily,
    /// Days after Monday.
    Weekly(u8),
    /// Day of the month, 1 to 31; past the month's end its last day.
    Monthly(u8),
    /// Only when somebody asks for it.
    Manual,
}

/// What happens beside charges and refunds. Shares are in parts per million.
#[derive(Debug, Clone, Default)]
pub struct ProcessorHabits {
    /// Charges that are disputed.
    pub disputed_ppm: u32,
    /// Charges about which a bank only asks.
    pub inquired_ppm: u32,
    /// From the charge to either.
    pub dispute_lag: Latency,
    /// From a dispute to its end.
    pub decided_after: Latency,
    pub won_ppm: u32,
    /// Of the disputes, those of which a part comes back.
    pub partly_ppm: u32,
    /// For each dispute, in hundredths of the major unit.
    pub dispute_fee_hundredths: i64,
    /// Of the disputes won, those whose fee comes back.
    pub fee_back_ppm: u32,
    /// Payouts of which a part is held back, how much, and for how long.
    pub reserved_ppm: u32,
    pub reserve_share_ppm: u32,
    pub reserved_for: Duration,
    /// Payouts that the bank does not take.
    pub failed_ppm: u32,
    /// Payouts that are cancelled before they leave.
    pub canceled_ppm: u32,
    /// Payouts with a row that is neither charge, refund, dispute nor reserve: labels, adjustments, advances and
    /// every other published type in turn.
    pub others_ppm: u32,
}

/// Something that the processor, the bank or a finance clerk does at a stated moment.
#[derive(Debug, Clone)]
pub enum SettlementEvent {
    Row(ScriptedRow),
    /// Everything that may be paid out is, whatever the schedule says.
    Payout {
        shop: ShopKey,
    },
    Dispute {
        order: Box<str>,
        amount: Money,
        /// `None` for an inquiry, which moves no money.
        fee: Option<Money>,
    },
    DisputeEnds {
        order: Box<str>,
        outcome: DisputeOutcome,
        fee_back: Option<Money>,
    },
    /// Held back.
    Reserve {
        shop: ShopKey,
        amount: Money,
    },
    ReserveReleased {
        shop: ShopKey,
        amount: Money,
    },
    PayoutFails(WhichPayout),
    PayoutCanceled(WhichPayout),
    BankLine(ScriptedBankLine),
}

/// A row of the processor's account, as it stands there.
#[derive(Debug, Clone)]
pub struct ScriptedRow {
    pub shop: ShopKey,
    pub kind: BalanceKind,
    /// Above zero is the merchant's.
    pub amount: Money,
    pub fee: Money,
    /// The order whose charge it settles.
    pub order: Option<Box<str>>,
    pub reason: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeOutcome {
    Won,
    Lost,
    /// So much comes back.
    Partly(Money),
}

/// A payout of a shop: the one of this number, counted from 0, or the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhichPayout {
    pub shop: ShopKey,
    pub number: Option<usize>,
}

/// A line of the bank's statement that no payout of the processor brings about.
#[derive(Debug, Clone)]
pub struct ScriptedBankLine {
    /// The NetSuite account that stands for the bank account.
    pub account: InternalId,
    /// Above zero came in.
    pub amount: Money,
    pub reference: Option<BankReference>,
}

#[derive(Debug, Clone)]
pub enum BankReference {
    Text(Box<str>),
    /// The trace of a payout.
    Trace(WhichPayout),
}
