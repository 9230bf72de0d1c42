//! The close of a month as one document.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::domain::Currency;
use crate::reconcile::close::items::{Item, Itemised};
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
    sisters: Vec<SistersEntry>,
    items: Vec<ItemisedEntry>,
    open_exceptions: Vec<AgedEntry>,
}

#[derive(Debug, Serialize)]
struct SistersEntry {
    currency: &'static str,
    due_from: String,
    due_to: String,
    is_equal: bool,
}

/// All that the balance of one account is made of.
#[derive(Debug, Serialize)]
struct ItemisedEntry {
    role: &'static str,
    subsidiary: String,
    account: u64,
    currency: &'static str,
    balance: String,
    ties: bool,
    items: Vec<ItemEntry>,
}

#[derive(Debug, Serialize)]
struct ItemEntry {
    of: String,
    since: String,
    days: i32,
    cause: &'static str,
    owner: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    clears_by: Option<String>,
    amount: String,
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
            balances: close.balances() && closing.ties(),
            trial_balance: close.trial.iter().map(|row| TrialEntry::new(closing, row)).collect(),
            roll_forward: close.rolls.iter().map(|roll| RollEntry::new(closing, roll)).collect(),
            sisters: close.between_sisters().into_iter().map(SistersEntry::new).collect(),
            items: closing.itemised.iter().map(|list| ItemisedEntry::new(closing, list)).collect(),
            open_exceptions: closing
                .aged
                .iter()
                .map(|((cause, owner), aged)| AgedEntry::new(cause, owner, aged))
                .collect(),
        }
    }
}

impl SistersEntry {
    fn new((currency, (from, to)): (Currency, (i128, i128))) -> SistersEntry {
        SistersEntry {
            currency: currency.code(),
            due_from: plain_amount(from, currency),
            due_to: plain_amount(to, currency),
            is_equal: from == to,
        }
    }
}

impl ItemisedEntry {
    fn new(closing: &Closing<'_>, list: &Itemised) -> ItemisedEntry {
        let item = |item: &Item| ItemEntry {
            of: item.of.to_string(),
            since: item.since.to_string(),
            days: item.days(closing.as_of),
            cause: item.why.name(),
            owner: item.owner.to_string(),
            clears_by: item.clears.map(|day| day.to_string()),
            amount: plain_amount(item.minor, list.currency),
        };
        ItemisedEntry {
            role: list.role.name(),
            subsidiary: closing.subsidiary(list.subsidiary),
            account: list.account.get(),
            currency: list.currency.code(),
            balance: plain_amount(list.balance, list.currency),
            ties: list.ties(),
            items: list.items.iter().map(item).collect(),
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
