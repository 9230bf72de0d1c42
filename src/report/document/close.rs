//! The close of a month as one document.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::reconcile::close::{AGES, Aged, Roll, TrialRow};
use crate::report::close::{Closing, month};
use crate::report::figures::plain_amount;

#[derive(Debug, Serialize)]
pub struct CloseDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    scenario: String,
    period: String,
    as_of: String,
    balances: bool,
    trial_balance: Vec<TrialEntry>,
    roll_forward: Vec<RollEntry>,
    open_items: Vec<AgedEntry>,
}

#[derive(Debug, Serialize)]
struct TrialEntry {
    subsidiary: String,
    account: u64,
    currency: &'static str,
    opening: String,
    debits: String,
    credits: String,
    closing: String,
    base_currency: &'static str,
    base: String,
}

#[derive(Debug, Serialize)]
struct RollEntry {
    role: &'static str,
    subsidiary: String,
    account: u64,
    currency: &'static str,
    opening: String,
    movements: BTreeMap<String, MovementEntry>,
    closing: String,
}

#[derive(Debug, Serialize)]
struct MovementEntry {
    additions: String,
    releases: String,
}

#[derive(Debug, Serialize)]
struct AgedEntry {
    cause: &'static str,
    owner: String,
    items: BTreeMap<&'static str, u64>,
    at_risk: BTreeMap<&'static str, String>,
}

impl CloseDocument {
    pub fn new(closing: &Closing<'_>) -> CloseDocument {
        let close = closing.close;
        CloseDocument {
            plimsoll: VERSION,
            document: "close",
            version: env!("CARGO_PKG_VERSION"),
            scenario: closing.title.to_owned(),
            period: month(closing),
            as_of: closing.as_of.to_string(),
            balances: close.balances(),
            trial_balance: close.trial.iter().map(|row| TrialEntry::new(closing, row)).collect(),
            roll_forward: close.rolls.iter().map(|roll| RollEntry::new(closing, roll)).collect(),
            open_items: closing
                .aged
                .iter()
                .map(|((cause, owner), aged)| AgedEntry::new(cause, owner, aged))
                .collect(),
        }
    }
}

impl TrialEntry {
    fn new(closing: &Closing<'_>, row: &TrialRow) -> TrialEntry {
        let plain = |minor| plain_amount(minor, row.currency);
        TrialEntry {
            subsidiary: closing.subsidiary(row.subsidiary),
            account: row.account.get(),
            currency: row.currency.code(),
            opening: plain(row.opening),
            debits: plain(row.debits),
            credits: plain(row.credits),
            closing: plain(row.closing),
            base_currency: row.base_currency.code(),
            base: plain_amount(row.base, row.base_currency),
        }
    }
}

impl RollEntry {
    fn new(closing: &Closing<'_>, roll: &Roll) -> RollEntry {
        let plain = |minor| plain_amount(minor, roll.currency);
        let movement =
            |(plus, minus): &(i128, i128)| MovementEntry { additions: plain(*plus), releases: plain(*minus) };
        RollEntry {
            role: roll.role.name(),
            subsidiary: closing.subsidiary(roll.subsidiary),
            account: roll.account.get(),
            currency: roll.currency.code(),
            opening: plain(roll.opening),
            movements: roll.movements.iter().map(|(cause, of)| (cause.to_string(), movement(of))).collect(),
            closing: plain(roll.closing),
        }
    }
}

impl AgedEntry {
    fn new(cause: &'static str, owner: &str, aged: &Aged) -> AgedEntry {
        AgedEntry {
            cause,
            owner: owner.to_owned(),
            items: AGES.iter().zip(aged.items).map(|((_, name), count)| (*name, count)).collect(),
            at_risk: aged.at_risk.iter().map(|(of, minor)| (of.code(), plain_amount(*minor, *of))).collect(),
        }
    }
}
