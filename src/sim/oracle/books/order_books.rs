//! All that one order must come to in the books at rest: postings.md rows 2 to 23 as totals, account by account.

use super::Intent;
use super::billing::{self, Billed, LateEdit, Ratio};
use super::giving_back::{GivenBack, Giving};
use super::sheet::Sheet;
use super::units::Units;
use crate::domain::order::{TransactionKind, TransactionStatus};
use crate::domain::{InternalId, Order};
use crate::scenario::Subsidiary;
use crate::sim::oracle::seen::SeenSalesOrder;
use crate::sim::oracle::seen::after_purchase::AfterPurchase;
use crate::sim::oracle::seen::documents::SeenDocuments;

pub struct OrderBooks {
    pub sheet: Sheet,
    pub billed: Billed,
    pub given_back: GivenBack,
    /// Both a deposit and a credit memo have something left: which of them met the invoice is nobody's rule.
    is_split_free: bool,
}

impl OrderBooks {
    /// `captures` are the accounts on which money came in, with what was received. `when_unclear` says by which amounts
    /// a line was billed that was edited about when it left.
    #[expect(clippy::too_many_arguments, reason = "both sides of one order")]
    pub fn of(
        intent: &Intent,
        seller: &Subsidiary,
        order: &Order,
        units: &Units,
        sales_order: &SeenSalesOrder,
        documents: &SeenDocuments,
        after: &AfterPurchase,
        captures: &[(InternalId, i128)],
        when_unclear: Ratio,
    ) -> OrderBooks {
        let edit = LateEdit { at: after.edited_late(order.shop, order.id), when_unclear };
        let mut sheet = Sheet::default();
        let currency = order.currency;
        let captured: i128 = captures.iter().map(|(_, minor)| minor).sum();
        for (account, minor) in captures {
            sheet.add(*account, currency, *minor);
        }
        let billed = billing::bill(intent, seller, order, units, sales_order, documents, edit, &mut sheet);
        let mut given_back = if order.refunds.is_empty() {
            GivenBack::default()
        } else {
            let giving = Giving {
                intent,
                seller,
                order,
                units,
                sales_order,
                documents,
                after,
                billed: &billed,
                captured,
            };
            giving.give_back(&mut sheet)
        };
        if is_settled(order, units, &billed) {
            // N5a: the buyer is square in the currency that the buyer saw; what shop money is left is the rate's.
            given_back.exchange = billed.total - captured - given_back.credited
                + given_back.paid_from_memos
                + given_back.paid_from_deposits;
        }
        sheet.add(seller.accounts.exchange, currency, given_back.exchange);
        // An exchange loss is a credit memo, a gain an invoice of its own.
        let (loss, gain) = (given_back.exchange.max(0), (-given_back.exchange).max(0));
        let invoiced = billed.total + gain;
        let held = captured - given_back.paid_from_deposits;
        let met = invoiced.min(held.max(0));
        let deposits = met - held;
        let receivables = invoiced - met - given_back.credited - loss + given_back.paid_from_memos;
        sheet.add(seller.deposits, currency, deposits);
        sheet.add(seller.accounts.receivable, currency, receivables);
        let is_split_free = receivables < 0 && invoiced > 0 && held > 0;
        OrderBooks { sheet, billed, given_back, is_split_free }
    }

    /// What the order's documents may have come to instead, as far as the rules leave it open: `found`, where it
    /// differs from the sheet only by that; the sheet otherwise.
    pub fn accepted(&self, seller: &Subsidiary, order: &Order, found: &Sheet) -> Sheet {
        let mut accepted = self.sheet.clone();
        let move_between = |accounts: &[InternalId], accepted: &mut Sheet| {
            let sum = |sheet: &Sheet| -> i128 {
                accounts.iter().map(|account| sheet.of(*account, order.currency)).sum()
            };
            if sum(accepted) != sum(found) {
                return;
            }
            for account in accounts {
                let off = found.of(*account, order.currency) - accepted.of(*account, order.currency);
                accepted.add(*account, order.currency, off);
            }
        };
        if self.is_split_free {
            let pair = [seller.deposits, seller.accounts.receivable];
            // Neither may owe in the other's stead.
            if pair.iter().all(|account| found.of(*account, order.currency) <= 0) {
                move_between(&pair, &mut accepted);
            }
        }
        if self.given_back.is_tax_split_free {
            move_between(&seller.accounts.tax, &mut accepted);
        }
        if self.billed.is_edited_between {
            self.take_roundings(order, found, &mut accepted);
        }
        accepted
    }

    /// A part that was billed before an edit keeps the ratio of its time: each amount of it may be one unit off.
    fn take_roundings(&self, order: &Order, found: &Sheet, accepted: &mut Sheet) {
        let amounts = i128::try_from(order.lines.len() * 4).unwrap_or(i128::MAX);
        let off: Vec<_> = found
            .iter()
            .filter(|(_, currency, _)| *currency == order.currency)
            .map(|(account, currency, minor)| (account, minor - accepted.of(account, currency)))
            .filter(|(_, off)| *off != 0)
            .collect();
        let sum: i128 = off.iter().map(|(_, off)| off).sum();
        if sum == 0 && off.iter().all(|(_, off)| off.abs() <= amounts) {
            for (account, off) in off {
                accepted.add(account, order.currency, off);
            }
        }
    }
}

/// An order in another currency that is billed in full, paid in full and owes nothing.
fn is_settled(order: &Order, units: &Units, billed: &Billed) -> bool {
    let is_billed = || units.lines.iter().zip(&billed.units).all(|(line, billed)| line.standing == *billed);
    let is_moving = || {
        order
            .transactions
            .iter()
            .any(|entry| entry.kind == TransactionKind::Refund && entry.status == TransactionStatus::Pending)
    };
    order.presentment_currency != order.currency
        && super::is_square_as_seen(order)
        && is_billed()
        && !is_moving()
}
