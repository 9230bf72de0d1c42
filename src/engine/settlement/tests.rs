//! Method: a payout is made up row by row, NetSuite is a map from external ids to journals that keeps the first of each
//! key, and what was posted is said in the words of postings.md.

mod after;
mod bank;
mod editions;
mod properties;
mod rows;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::driver::absorb;
use super::*;
use crate::domain::ids::{OrderId, TransactionId};
use crate::domain::payout::BalanceKind;
use crate::domain::{Currency, Duration};
use crate::engine::fixtures::{self, at, eur};
use crate::policy::settlement::SettlementAccounts;

/// Accounts by the names of postings.md: the seller's begin with 70, the other subsidiary's with 80.
const NAMES: [(&str, u64); 18] = [
    ("PIT", 1),
    ("RPO", 2),
    ("FEE", 3),
    ("FTX", 4),
    ("DFEE", 5),
    ("DSP", 6),
    ("DLOSS", 7),
    ("RSV", 8),
    ("FRT", 9),
    ("DUTY", 10),
    ("LOAN", 11),
    ("ADV", 12),
    ("ADJ", 13),
    ("ACC", 14),
    ("FXB", 15),
    ("FXR", 16),
    ("ICR", 17),
    ("ICP", 18),
];

const CLR: u64 = 1110;

fn accounts(base: u64) -> SettlementAccounts {
    let id = |name: &str| {
        let (_, number) = NAMES.iter().find(|(known, _)| *known == name).unwrap();
        InternalId::new(base + number)
    };
    SettlementAccounts {
        in_transit: id("PIT"),
        returned: id("RPO"),
        fees: id("FEE"),
        fee_tax: id("FTX"),
        dispute_fees: id("DFEE"),
        disputes: id("DSP"),
        dispute_losses: id("DLOSS"),
        reserve: id("RSV"),
        freight: id("FRT"),
        duties: id("DUTY"),
        loan: id("LOAN"),
        advertising: id("ADV"),
        adjustments: id("ADJ"),
        accruals: id("ACC"),
        exchange_bridge: id("FXB"),
        exchange: id("FXR"),
        due_from: id("ICR"),
        due_to: id("ICP"),
    }
}

fn name_of(account: InternalId) -> String {
    let number = account.get();
    let named = |base: u64| {
        NAMES.iter().find(|(_, known)| base + known == number).map(|(name, _)| (*name).to_owned())
    };
    match number {
        CLR => "CLR".to_owned(),
        1000 => "BANK".to_owned(),
        8000 => "bank".to_owned(),
        _ => named(7000)
            .or_else(|| named(8000).map(|name| name.to_lowercase()))
            .unwrap_or_else(|| number.to_string()),
    }
}

/// Everything around one payout.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) policy: Policy,
    pub(super) payout: Payout,
    pub(super) rows: Vec<BalanceTransaction>,
    pub(super) records: Vec<ClearingRecord>,
    pub(super) own: Own,
    pub(super) bank: Option<Vec<BankLine>>,
    pub(super) carried_by: Option<PayoutId>,
}

fn policy() -> Policy {
    let mut policy = fixtures::policy();
    let mut other = policy.subsidiaries[0].clone();
    other.key = "uk".parse().unwrap();
    other.id = InternalId::new(3);
    other.accounts.bank = InternalId::new(8000);
    policy.subsidiaries.push(other);
    policy.settlement = Some(SettlementPolicy {
        every: Duration::from_hours(1),
        compare_every: Duration::from_hours(12),
        overlap: Duration::from_hours(24 * 14),
        settling_window: Duration::from_hours(24 * 3),
        bank_window: Duration::from_hours(24 * 7),
        bank_trace: None,
        shops: vec![ShopSettlement {
            shop: "fr".parse().unwrap(),
            owner: 0,
            currency: Currency::EUR,
            clearing: InternalId::new(CLR),
            accounts: accounts(7000),
            owner_accounts: accounts(7000),
        }],
    });
    policy
}

/// Another subsidiary is paid.
fn paid_to_another(policy: &mut Policy) {
    let shop = &mut policy.settlement.as_mut().unwrap().shops[0];
    shop.owner = 1;
    shop.owner_accounts = accounts(8000);
}

fn row(id: u64, kind: BalanceKind, amount: i64, fee: i64) -> BalanceTransaction {
    BalanceTransaction {
        id: BalanceTransactionId::new(id),
        kind,
        amount: eur(amount),
        fee: eur(fee),
        net: eur(amount - fee),
        order_transaction: None,
        dispute: None,
        order: None,
        payout: Some(PayoutId::new(900)),
        processed_at: at(0),
        reason: None,
    }
}

/// A row of an order transaction with the number of the row plus 1,000.
pub(super) fn of_order(id: u64, kind: BalanceKind, amount: i64, fee: i64) -> BalanceTransaction {
    let mut row = row(id, kind, amount, fee);
    row.order_transaction = Some(TransactionId::new(1_000 + id));
    row.order = Some(OrderId::new(5_000 + id));
    row
}

/// The document that stands for the row's order transaction.
fn record(row: &BalanceTransaction) -> ClearingRecord {
    ClearingRecord {
        internal_id: InternalId::new(row.id.get() + 70_000),
        external_id: matching::keys("fr".parse().unwrap(), row).remove(0),
        account: Some(InternalId::new(CLR)),
        amount: row.amount,
        base: row.amount,
        exchange_rate: Decimal::ONE,
        date: "2026-11-28".parse().unwrap(),
    }
}

/// A payout of these rows, paid, with a document for each row that needs one, and no statement.
pub(super) fn payout(rows: Vec<BalanceTransaction>) -> Case {
    let net = rows.iter().map(|row| row.net.minor()).sum();
    let records = rows.iter().filter(|row| !matching::keys("fr".parse().unwrap(), row).is_empty());
    Case {
        policy: policy(),
        payout: Payout {
            id: PayoutId::new(900),
            // 23:30 on the 28th in Paris, where the books are kept.
            issued_at: "2026-11-28T22:30:00Z".parse().unwrap(),
            net: eur(net),
            status: PayoutStatus::Paid,
            trace: Some("TRACE-900".into()),
        },
        records: records.map(record).collect(),
        rows,
        own: Own::default(),
        bank: None,
        carried_by: None,
    }
}

pub(super) fn gbp(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

/// Days after the payout was issued.
pub(super) fn days(count: u64) -> Timestamp {
    "2026-11-28T22:30:00Z".parse::<Timestamp>().unwrap().plus(Duration::from_hours(24 * count))
}

pub(super) fn bank_line(id: &str, day: &str, minor: i64) -> BankLine {
    BankLine {
        id: id.into(),
        value_date: day.parse().unwrap(),
        amount: eur(minor),
        reference: Some("TRACE-900".into()),
    }
}

impl Case {
    fn plan(&self, now: Timestamp) -> Vec<Action> {
        plan(&self.observed(), &self.policy, now)
    }

    fn observed(&self) -> Observed<'_> {
        Observed {
            shop: &self.policy.shops[0],
            payout: &self.payout,
            rows: &self.rows,
            records: &self.records,
            own: &self.own,
            bank: self.bank.as_deref(),
            carried_by: self.carried_by,
        }
    }

    /// Posts what the plan says, and what it says then, until it says nothing more to be posted. All of it in words.
    pub(super) fn settle(&mut self, now: Timestamp) -> Vec<String> {
        let mut said = Vec::new();
        for _ in 0..9 {
            let actions = self.plan(now);
            let writes = actions.iter().any(Action::writes);
            for action in actions {
                if action.writes() || !writes {
                    said.push(in_words(&action));
                }
                post(&mut self.own, &action);
            }
            if !writes {
                // As the driver keeps it at the end of a step.
                if let Some((edition, parts)) = standing(&self.observed(), &self.policy, now) {
                    let shop = self.policy.shops[0].key;
                    let key = ExternalId::for_payout(shop, self.payout.id, ISSUED, edition);
                    self.own.written = Some((key, journals::digest_of_parts(&parts)));
                }
                return said;
            }
        }
        panic!("the plan never comes to an end: {said:#?}");
    }

    /// What all journals come to, by account.
    fn balances(&self) -> BTreeMap<String, i64> {
        let mut balances: BTreeMap<String, i64> = BTreeMap::new();
        for (account, amount) in self.own.journals.values().flat_map(|known| &known.lines) {
            *balances.entry(name_of(*account)).or_default() += amount.minor();
        }
        balances.retain(|_, balance| *balance != 0);
        balances
    }
}

/// NetSuite keeps the first journal of an external id.
fn post(own: &mut Own, action: &Action) {
    if let Action::Post { document, .. } = action
        && !own.journals.contains_key(document.external_id())
    {
        let id = InternalId::new(90_000 + own.journals.len() as u64);
        absorb(own, document, id);
    }
}

fn legs(lines: &[(InternalId, Money)]) -> String {
    let leg = |(account, amount): &(InternalId, Money)| {
        let mut text = name_of(*account) + " ";
        amount.write_plain(&mut text).unwrap();
        text
    };
    lines.iter().map(leg).collect::<Vec<_>>().join(", ")
}

/// `fr-payout-900-issued-1 2026-11-28: PIT 245.50, CLR -120.00, …`.
fn in_words(action: &Action) -> String {
    match action {
        Action::Post { document: Document::Journal(it), .. } => {
            assert_eq!(it.lines.iter().map(|(_, amount)| amount.minor()).sum::<i64>(), 0, "{it:?}");
            assert!(it.memos.is_empty() || it.memos.len() == it.lines.len());
            assert!(it.lines.len() <= journals::LINES_MAX);
            format!("{} {}: {}", it.external_id, it.date, legs(&it.lines))
        }
        Action::Post { document: Document::Intercompany(it), .. } => {
            for (_, lines) in &it.sides {
                assert_eq!(lines.iter().map(|(_, amount)| amount.minor()).sum::<i64>(), 0, "{it:?}");
            }
            let sides = it.sides.iter().map(|(_, lines)| legs(lines)).collect::<Vec<_>>();
            format!("{} {}: {}", it.external_id, it.date, sides.join(" | "))
        }
        Action::Post { document, .. } => panic!("no document of a payout: {document:?}"),
        Action::Wait { until, items } => {
            let items: Vec<String> = items.iter().map(|item| item.awaits.to_string()).collect();
            format!("waits until {until}: {}", items.join(", "))
        }
        Action::Report(finding) => format!("{}: {}", finding.code.name(), finding.detail),
    }
}
