//! One payout's rows against the documents that NetSuite holds of their order transactions, by the matcher that the
//! month's comparison uses too.

use std::collections::BTreeMap;

use super::rules::{self, Account, Rule};
use crate::domain::ids::TransactionId;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::payout::{BalanceKind, BalanceTransaction};
use crate::domain::{BookDate, CauseCode, ExternalId, InternalId, Money, ShopKey};
use crate::engine::exception::Finding;
use crate::policy::settlement::ShopSettlement;
use crate::ports::settlement::{ClearingRecord, KnownJournal};
use crate::reconcile::settlement::{Cause, Kind, Line, Terms, settle};

/// Rows that an exception names one by one; of more, it says how many.
const NAMED_MAX: usize = 10;

/// What a journal does to a clearing account; `None` if it does not touch one.
pub fn as_record(journal: KnownJournal, is_clearing: impl Fn(InternalId) -> bool) -> Option<ClearingRecord> {
    let at = journal.lines.iter().position(|(account, _)| is_clearing(*account))?;
    let (account, amount) = journal.lines[at];
    let base = journal.bases.get(at).copied()?;
    Some(ClearingRecord {
        internal_id: journal.internal_id,
        external_id: journal.external_id?,
        account: Some(account),
        amount,
        base,
        // A journal names no rate that its lines could not tell.
        exchange_rate: base.to_decimal().checked_div(amount.to_decimal())?,
        date: journal.date,
    })
}

/// A row and what it is booked against.
#[derive(Debug, Clone, Copy)]
pub struct Booked<'a> {
    pub row: &'a BalanceTransaction,
    pub against: Against<'a>,
    /// What its documents posted in base currency; of several rows that share documents, the first has all of it.
    /// `None` without documents.
    pub base: Option<Money>,
}

#[derive(Debug, Clone, Copy)]
pub enum Against<'a> {
    /// The document that stands for its order transaction.
    Record(&'a ClearingRecord),
    Account(Account),
}

/// Every row of a payout.
#[derive(Debug, Default)]
pub struct Matched<'a> {
    pub booked: Vec<Booked<'a>>,
    /// Rows whose document may still follow.
    pub waiting: Vec<&'a BalanceTransaction>,
    /// What only a person can settle.
    pub findings: Vec<Finding>,
}

/// External ids under which NetSuite may hold the document of a row; none if the row needs none.
pub fn keys(shop: ShopKey, row: &BalanceTransaction) -> Vec<ExternalId> {
    let Some(transaction) = row.order_transaction else { return vec![] };
    match row.kind {
        BalanceKind::Charge | BalanceKind::ShopCashCredit | BalanceKind::ShopCashCreditReversal => {
            vec![ExternalId::for_deposit(shop, transaction)]
        }
        BalanceKind::Refund | BalanceKind::ShopCashRefundDebit | BalanceKind::ShopCashRefundDebitReversal => {
            vec![ExternalId::for_customer_refund(shop, transaction), reissue(shop, transaction)]
        }
        BalanceKind::RefundFailure => {
            vec![ExternalId::for_transaction_journal(shop, transaction, "failed")]
        }
        _ => vec![],
    }
}

/// A refund that was issued again after it had failed has a journal instead of a customer refund (row 22).
fn reissue(shop: ShopKey, transaction: TransactionId) -> ExternalId {
    ExternalId::for_transaction_journal(shop, transaction, "reissue")
}

/// The customer refund that the journal of a reissue stands in for.
pub fn refund_of_reissue(shop: ShopKey, key: &ExternalId) -> Option<ExternalId> {
    let rest = key.as_str().strip_prefix(shop.as_str())?.strip_prefix("-transaction-")?;
    let transaction = rest.strip_suffix("-reissue")?.parse().ok()?;
    Some(ExternalId::for_customer_refund(shop, TransactionId::new(transaction)))
}

/// Whether the key is a journal's rather than a deposit's or a refund's.
pub fn is_journal(key: &ExternalId) -> bool {
    key.as_str().contains("-transaction-")
}

/// Matches rows and records. `overdue`: the time in which a document may follow has ended.
///
/// # Errors
/// Documents of one transaction in several subsidiaries' currencies, or amounts out of range.
pub fn of<'a>(
    shop: &ShopSettlement,
    rows: &'a [BalanceTransaction],
    records: &'a [ClearingRecord],
    today: BookDate,
    overdue: bool,
) -> Result<Matched<'a>, MoneyError> {
    let mut matched = Matched::default();
    let mut unknown = Named::default();
    let mut left: Vec<Line> = Vec::new();
    let mut needs: Vec<&BalanceTransaction> = Vec::new();
    for row in rows {
        match rules::rule(&row.kind) {
            None => unknown.add(row.kind.name(), row),
            Some(Rule::To(account)) => {
                matched.booked.push(Booked { row, against: Against::Account(account), base: None });
            }
            Some(Rule::ClearingOr(account)) if row.order_transaction.is_none() => {
                matched.booked.push(Booked { row, against: Against::Account(account), base: None });
            }
            Some(rule @ (Rule::Clearing | Rule::ClearingOr(_))) => {
                // Shop Cash is a gateway with a clearing account of its own.
                let account = (rule == Rule::Clearing).then_some(shop.clearing);
                left.push(Line::of_row(row, account, today));
                needs.push(row);
            }
        }
    }
    let (right, standing) = right(shop.shop, &needs, &left, records);
    let terms = Terms { as_of: today, booked_within: 0, paid_out_within: 0 };
    let settled = settle(&left, &right, &terms);
    let pairs = settled.pairs.iter().copied();
    let pair = |row, record: &'a ClearingRecord| Booked {
        row,
        against: Against::Record(record),
        base: Some(record.base),
    };
    matched.booked.extend(pairs.map(|(left, right)| pair(needs[left as usize], standing[right as usize])));
    let mut named: BTreeMap<CauseCode, Named> = BTreeMap::new();
    for difference in &settled.differences {
        let (lefts, rights) = (settled.left_of(difference), settled.right_of(difference));
        let row = |at: &u32| needs[*at as usize];
        // Paid out in another currency than it was taken in: the amounts cannot be equal (postings.md N5c).
        if let (Cause::Exchange, [row_at], [record_at]) = (difference.cause, lefts, rights) {
            let record = standing[*record_at as usize];
            matched.booked.push(pair(row(row_at), record));
            continue;
        }
        let code = match (difference.cause, lefts, rights) {
            (Cause::Duplicate, ..) => CauseCode::DuplicateClearingRecord,
            (_, [_], []) if !overdue => {
                matched.waiting.extend(lefts.iter().map(row));
                continue;
            }
            (Cause::Mapping, ..) => CauseCode::ClearingUnmatched,
            (_, _, []) => CauseCode::PayoutLineUnmatched,
            (_, [], _) => CauseCode::ClearingUnmatched,
            _ => CauseCode::PayoutAmountDiffers,
        };
        let entry = named.entry(code).or_default();
        let said = if rights.is_empty() && code == CauseCode::PayoutLineUnmatched {
            Cause::Missing.name()
        } else {
            difference.cause.name()
        };
        lefts.iter().map(row).for_each(|row| entry.add(said, row));
        rights.iter().for_each(|at| entry.add_record(said, standing[*at as usize]));
    }
    // Two rows of one transaction and its documents in sum: each row stands on the account of the first of them.
    for group in &settled.groups {
        let rights = settled.right_of_group(group);
        let record = standing[rights[0] as usize];
        let bases = rights.iter().map(|at| standing[*at as usize].base);
        let mut base = Sum::of(record.base.currency(), bases)?;
        for at in settled.left_of_group(group) {
            let all = std::mem::replace(&mut base, Money::zero(record.base.currency()));
            let row = needs[*at as usize];
            matched.booked.push(Booked { row, against: Against::Record(record), base: Some(all) });
        }
    }
    if !unknown.is_empty() {
        named.insert(CauseCode::PayoutTypeUnknown, unknown);
    }
    matched.findings.extend(named.into_iter().map(|(code, named)| named.finding(code)));
    // As the processor lists them, whatever they were matched by.
    matched.booked.sort_by_key(|booked| booked.row.id);
    Ok(matched)
}

/// The records as lines, each with the identity of the row that asked for it, and the records themselves.
fn right<'a>(
    shop: ShopKey,
    needs: &[&BalanceTransaction],
    left: &[Line],
    records: &'a [ClearingRecord],
) -> (Vec<Line>, Vec<&'a ClearingRecord>) {
    let mut by_key: BTreeMap<&ExternalId, Vec<&ClearingRecord>> = BTreeMap::new();
    for record in records {
        by_key.entry(&record.external_id).or_default().push(record);
    }
    let mut lines = Vec::new();
    let mut standing = Vec::new();
    for (row, line) in needs.iter().zip(left) {
        for key in keys(shop, row) {
            // Taken out, so that a second row of the same transaction does not find it a second time.
            for record in by_key.remove(&key).into_iter().flatten() {
                let found = match (line.kind, row.order_transaction) {
                    (kind @ (Kind::Charge | Kind::Refund), Some(transaction)) => {
                        Line::of_record(record, kind, transaction)
                    }
                    (kind, _) => Line::of_row_record(record, kind, row.id),
                };
                lines.push(found);
                standing.push(record);
            }
        }
    }
    (lines, standing)
}

/// What an exception says of several rows.
#[derive(Debug, Default)]
struct Named {
    said: Vec<String>,
    count: usize,
    at_risk: Option<Money>,
}

impl Named {
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, what: &str, row: &BalanceTransaction) {
        let transaction = row.order_transaction.map(|id| format!(" of transaction {id}")).unwrap_or_default();
        self.say(row.amount, || {
            format!("{what}: balance transaction {}{transaction}, {}", row.id, row.amount)
        });
    }

    fn add_record(&mut self, what: &str, record: &ClearingRecord) {
        self.say(Money::zero(record.amount.currency()), || {
            format!("{what}: {} ({}), {}", record.external_id, record.internal_id, record.amount)
        });
    }

    fn say(&mut self, amount: Money, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.said.len() < NAMED_MAX {
            self.said.push(text());
        }
        let magnitude = Money::new(amount.minor().saturating_abs(), amount.currency());
        self.at_risk = match self.at_risk {
            None => Some(magnitude),
            Some(so_far) => Some(so_far.checked_add(magnitude).unwrap_or(so_far)),
        };
    }

    fn finding(self, code: CauseCode) -> Finding {
        let mut detail = self.said.join("; ");
        if self.count > self.said.len() {
            detail.push_str(&format!("; and {} more", self.count - self.said.len()));
        }
        Finding::new(code, self.at_risk, detail)
    }
}
