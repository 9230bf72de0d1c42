//! What a payout, a dispute and the end of a month must come to, account by account: postings.md rows 26 to 36.
//!
//! The engine matches row by row and writes journals in parts. Here a payout is lines that follow from its rows, and what
//! closes them; whether they are posted line by line is [`super::super::payouts`].

use super::Intent;
use super::processor::{Role, account, fee_role, role};
use super::sheet::Sheet;
use crate::domain::payout::BalanceKind;
use crate::domain::{Currency, Duration, InternalId, Money, ShopKey};
use crate::scenario::{SettlementAccounts, Storefront, Subsidiary};
use crate::sim::oracle::seen::settlement::{SeenDispute, SeenPayout, SeenRecord, SeenRow};

/// A row that lacks its counterpart this long after the payout was issued waits for a person. The merchants of the
/// profiles agreed on three days.
pub const CLEARS_WITHIN: Duration = Duration::from_hours(72);

/// A payout that is not at the bank this long after it was issued waits for a person. As above: a week.
pub const AT_BANK_WITHIN: Duration = Duration::from_hours(24 * 7);

/// How the processor's bank begins the traces of its payouts (the twin's, as a US bank's).
pub const TRACE: &str = "0910";

/// A line of the bank that is the processor's by its looks and of no payout waits for a person from this day on.
pub const LINE_CLEARS_WITHIN_DAYS: i32 = 3;

/// The gateway whose money the processor pays out (shopify.md §m.3).
const GATEWAY: &str = "shopify_payments";

/// The document that NetSuite holds under an external id.
pub type Records<'a> = &'a dyn Fn(&str) -> Option<SeenRecord>;

/// Who sells and who is paid, with their accounts.
#[derive(Clone, Copy)]
pub struct Parties<'a> {
    pub storefront: &'a Storefront,
    pub seller: &'a Subsidiary,
    pub owner: &'a Subsidiary,
    pub accounts: &'a SettlementAccounts,
    pub owner_accounts: &'a SettlementAccounts,
}

/// A line of the journal of a payout, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    pub account: InternalId,
    pub currency: Currency,
    pub minor: i64,
}

/// The journal of a payout: what its rows say, and what closes it.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    pub lines: Vec<Line>,
    pub closing: Sheet,
}

impl Journal {
    fn line(&mut self, account: InternalId, currency: Currency, minor: i64) {
        if minor != 0 {
            self.lines.push(Line { account, currency, minor });
        }
    }

    fn fee(&mut self, account: InternalId, row: &SeenRow) {
        self.line(account, row.currency, row.fee);
    }
}

impl Intent {
    /// The first shop whose payouts go to that bank account, and the entity that is paid.
    pub fn paid_into(&self, bank: InternalId) -> Option<(ShopKey, &Subsidiary)> {
        let mut shops = self.profile.shops.iter().map(|shop| (shop.key, shop.payout_owner));
        let owner = |at: usize| &self.profile.subsidiaries[at];
        let (shop, at) =
            shops.find(|(shop, at)| owner(*at).accounts.bank == bank && self.parties(*shop).is_some())?;
        Some((shop, owner(at)))
    }

    /// `None` for a shop whose money the processor does not take.
    pub fn parties(&self, shop: ShopKey) -> Option<Parties<'_>> {
        let storefront = self.storefront(shop)?;
        let seller = self.seller(shop)?;
        let owner = &self.profile.subsidiaries[storefront.payout_owner];
        let (accounts, owner_accounts) = (seller.settlement.as_ref()?, owner.settlement.as_ref()?);
        Some(Parties { storefront, seller, owner, accounts, owner_accounts })
    }
}

impl Parties<'_> {
    pub fn is_sister(&self) -> bool {
        self.seller.id != self.owner.id
    }

    pub(super) fn clearing(&self) -> Option<InternalId> {
        let known = self.storefront.clearing.iter().find(|(gateway, _)| **gateway == *GATEWAY);
        known.map(|(_, account)| *account)
    }

    /// Whether a line closes a payout's journal rather than standing for a row.
    pub fn closes(&self, line: &Line) -> bool {
        let bridged = self.accounts.exchange_bridge == line.account
            && self.storefront.payout_currency != self.storefront.currency
            && line.currency == self.storefront.currency;
        let owed = self.is_sister()
            && (line.account == self.accounts.due_from || line.account == self.owner_accounts.due_to);
        line.account == self.owner_accounts.in_transit || owed || bridged
    }

    /// Rows 26 to 31, and 36. `None` if a row is of a type that nobody published.
    pub fn journal<'r>(
        &self,
        rows: impl Iterator<Item = &'r SeenRow>,
        net: Money,
        records: Records<'_>,
    ) -> Option<Journal> {
        let mut journal = Journal::default();
        let (mut of_owner, mut bridged) = (0i128, 0i128);
        let currency = net.currency();
        for row in rows {
            let kind_role = role(&row.kind)?;
            let account = match (kind_role, row.order_transaction) {
                (Role::Clearing, _) => self.clearing()?,
                (Role::ClearingOrAdvertising, Some(_)) => {
                    found(row, records).map_or(self.accounts.advertising, |known| known.account)
                }
                (Role::InTransit, _) => {
                    // It stands where the payout does, and cannot be told from it.
                    of_owner += i128::from(row.amount);
                    let minor = -i128::from(row.amount);
                    journal.closing.add(self.owner_accounts.in_transit, currency, minor);
                    journal.fee(self.account_of_fee(row)?, row);
                    continue;
                }
                (Role::Returned, _) => {
                    of_owner += i128::from(row.amount);
                    account(kind_role, &self.owner.accounts, self.owner_accounts)?
                }
                _ => account(kind_role, &self.seller.accounts, self.accounts)?,
            };
            journal.fee(self.account_of_fee(row)?, row);
            match row.shop_amount.filter(|_| kind_role == Role::Clearing) {
                // N5c: the two sides of the bridge are in two currencies.
                Some(taken) => {
                    journal.line(self.accounts.exchange_bridge, currency, -row.amount);
                    journal.line(account, taken.currency(), -taken.minor());
                    bridged += i128::from(taken.minor());
                }
                None => journal.line(account, currency, -row.amount),
            }
        }
        let minor = i128::from(net.minor());
        journal.closing.add(self.owner_accounts.in_transit, currency, minor);
        if self.is_sister() {
            journal.closing.add(self.accounts.due_from, currency, minor - of_owner);
            journal.closing.add(self.owner_accounts.due_to, currency, of_owner - minor);
        }
        journal.closing.add(self.accounts.exchange_bridge, self.storefront.currency, bridged);
        Some(journal)
    }

    fn account_of_fee(&self, row: &SeenRow) -> Option<InternalId> {
        account(fee_role(&row.kind), &self.seller.accounts, self.accounts)
    }

    /// Row 33: what a line of the statement does.
    pub fn at_bank(&self, amount: Money) -> Sheet {
        let mut sheet = Sheet::default();
        let minor = i128::from(amount.minor());
        sheet.add(self.owner.accounts.bank, amount.currency(), minor);
        sheet.add(self.owner_accounts.in_transit, amount.currency(), -minor);
        sheet
    }

    /// Row 34.
    pub fn returned(&self, net: Money) -> Sheet {
        let mut sheet = Sheet::default();
        let minor = i128::from(net.minor());
        sheet.add(self.owner_accounts.returned, net.currency(), minor);
        sheet.add(self.owner_accounts.in_transit, net.currency(), -minor);
        sheet
    }

    /// Row 32: what did not come back of a dispute that is over. An inquiry moved nothing.
    pub fn lost(&self, dispute: &SeenDispute) -> Sheet {
        let mut sheet = Sheet::default();
        if dispute.is_inquiry || dispute.ended.is_none() {
            return sheet;
        }
        let minor = i128::from(dispute.amount.minor() - dispute.came_back);
        sheet.add(self.accounts.dispute_losses, dispute.amount.currency(), minor);
        sheet.add(self.accounts.disputes, dispute.amount.currency(), -minor);
        sheet
    }

    /// Row 35: of rows that the month holds and no payout of it has, what is neither clearing nor cost of its own.
    pub fn accrued<'r>(&self, rows: impl Iterator<Item = &'r SeenRow>) -> Sheet {
        let mut sheet = Sheet::default();
        let mut add = |role: Role, currency: Currency, minor: i64| {
            let Some(account) = account(role, &self.seller.accounts, self.accounts) else { return };
            sheet.add(account, currency, i128::from(minor));
            sheet.add(self.accounts.accruals, currency, -i128::from(minor));
        };
        for row in rows {
            add(fee_role(&row.kind), row.currency, row.fee);
            if let Some(role @ (Role::Fees | Role::DisputeFees | Role::Disputes | Role::Reserve)) =
                role(&row.kind)
            {
                add(role, row.currency, -row.amount);
            }
        }
        sheet
    }
}

/// Why the journal of a payout may not be posted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    /// A row has no document: that row's amount.
    Counterpart(Money),
    /// The document states another amount.
    SameAmount(Money),
    Type,
}

/// What keeps a payout from being posted.
pub fn lacks<'r>(rows: impl Iterator<Item = &'r SeenRow>, records: Records<'_>) -> Vec<Lacks> {
    let of_row = |row: &SeenRow| {
        let amount = Money::new(row.amount, row.currency);
        match role(&row.kind) {
            None => Some(Lacks::Type),
            Some(Role::Clearing) => of_document(row, amount, records),
            Some(Role::ClearingOrAdvertising) if row.order_transaction.is_some() => {
                of_document(row, amount, records)
            }
            Some(_) => None,
        }
    };
    rows.filter_map(of_row).collect()
}

fn of_document(row: &SeenRow, amount: Money, records: Records<'_>) -> Option<Lacks> {
    let Some(SeenRecord { amount: known, .. }) = found(row, records) else {
        return Some(Lacks::Counterpart(amount));
    };
    // In another currency than it was taken in, the two cannot be equal.
    let taken = row.shop_amount.unwrap_or(amount);
    let is_same = known.currency() != taken.currency() || known.minor().abs() == taken.minor().abs();
    (!is_same).then_some(Lacks::SameAmount(amount))
}

/// The document that stands for a row's order transaction (postings.md N8).
pub(super) fn found(row: &SeenRow, records: Records<'_>) -> Option<SeenRecord> {
    let (shop, transaction) = (row.shop, row.order_transaction?);
    match &row.kind {
        BalanceKind::RefundFailure => records(&format!("{shop}-transaction-{transaction}-failed")),
        kind if kind.name().contains("REFUND") => records(&format!("{shop}-refund-{transaction}"))
            .or_else(|| records(&format!("{shop}-transaction-{transaction}-reissue"))),
        _ => records(&format!("{shop}-deposit-{transaction}")),
    }
}

/// What the bank's statement says of a payout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AtBank {
    pub arrived: bool,
    pub came_back: bool,
    /// There are lines that are neither.
    pub others: bool,
}

impl AtBank {
    /// `amounts` are those of the lines that carry the payout's trace and can be read.
    pub fn of(payout: &SeenPayout, amounts: impl Iterator<Item = Money>) -> AtBank {
        let mut seen = AtBank::default();
        let (mut forth, mut back, mut others) = (0, 0, 0);
        for amount in amounts {
            match amount.minor() {
                minor if minor == payout.net.minor() => forth += 1,
                minor if minor == -payout.net.minor() => back += 1,
                _ => others += 1,
            }
        }
        seen.arrived = forth > 0;
        seen.came_back = forth > 0 && back > 0;
        seen.others = others > 0 || forth > 1 || back > forth;
        seen
    }
}

#[cfg(test)]
mod tests;
