//! What refunds, returns and exchanges make of an order: postings.md rows 14 to 23, and 37 as far as a single order
//! goes (N5a).
//!
//! From Shopify's record of each refund: its parts say what is credited and on which account, its transactions say
//! which money moved. What parts and money must have to do with each other is decided here a second time.

use super::Intent;
use super::billing::{Billed, shipped};
use super::sheet::Sheet;
use super::units::{RefundedUnits, Units};
use crate::domain::ids::{LineItemId, RefundLineId};
use crate::domain::order::{TaxLine, Tender, Transaction, TransactionKind, TransactionStatus};
use crate::domain::refund::{Refund, Restock};
use crate::domain::sales_order::LineKey;
use crate::domain::{CauseCode, InternalId, Money, Order, Rounding, allocate};
use crate::scenario::Subsidiary;
use crate::sim::oracle::seen::SeenSalesOrder;
use crate::sim::oracle::seen::after_purchase::AfterPurchase;
use crate::sim::oracle::seen::documents::SeenDocuments;
use crate::sim::oracle::shares::share;

/// What one refund must have become.
#[derive(Debug, Clone, Default)]
pub struct RefundBooks {
    /// By cause, debits positive; without receivables.
    pub credit: Sheet,
    /// What the credit memo comes to, in shop currency.
    pub credited: i128,
    /// Position among the order's transactions, the account that is credited, how much.
    pub paid: Vec<(usize, InternalId, i128)>,
    /// Refund lines whose units are back on hand, with their cost in base currency.
    pub restocked: Vec<(RefundLineId, i128)>,
}

#[derive(Debug, Clone, Default)]
pub struct GivenBack {
    pub refunds: Vec<RefundBooks>,
    /// Credit memos altogether.
    pub credited: i128,
    /// Paid out of credit memos, and out of deposits.
    pub paid_from_memos: i128,
    pub paid_from_deposits: i128,
    /// Exchange difference: a loss is positive.
    pub exchange: i128,
    pub due: Vec<CauseCode>,
    /// A credited tax stands on several codes, and Shopify does not say how much of it on which.
    pub is_tax_split_free: bool,
}

/// One order with all that its refunds are judged by.
pub struct Giving<'a> {
    pub intent: &'a Intent,
    pub seller: &'a Subsidiary,
    pub order: &'a Order,
    pub units: &'a Units,
    pub sales_order: &'a SeenSalesOrder,
    pub documents: &'a SeenDocuments,
    pub after: &'a AfterPurchase,
    pub billed: &'a Billed,
    /// What was captured of the order, in shop currency.
    pub captured: i128,
}

impl Giving<'_> {
    /// Rows 14 to 23 and 37 onto the sheet.
    pub fn give_back(&self, sheet: &mut Sheet) -> GivenBack {
        let mut given = GivenBack::default();
        let mut left = self.captured;
        let mut unbilled_shipping = self.shipping_taken_off();
        for (at, refund) in self.order.refunds.iter().enumerate() {
            let books = self.refund(at, refund, &mut unbilled_shipping, &mut left, &mut given, sheet);
            given.credited += books.credited;
            for (account, currency, minor) in books.credit.iter() {
                sheet.add(account, currency, minor);
            }
            given.refunds.push(books);
        }
        given.exchange += self.exchange_of_captures();
        sheet.add(self.seller.accounts.exchange, self.order.currency, given.exchange);
        given
    }

    fn refund(
        &self,
        at: usize,
        refund: &Refund,
        unbilled_shipping: &mut i128,
        left: &mut i128,
        given: &mut GivenBack,
        sheet: &mut Sheet,
    ) -> RefundBooks {
        let mut books = RefundBooks::default();
        self.credit_lines(refund, &self.units.refunded[at], &mut books, given);
        self.credit_rest(refund, unbilled_shipping, &mut books, given);
        books.credited = books.credit.iter().map(|(.., minor)| minor).sum();
        let moves: Vec<(usize, &Transaction)> = self.transactions(refund).collect();
        let moved: i128 = moves.iter().map(|(_, entry)| i128::from(entry.amount.minor())).sum();
        let parts = refund.parts(self.order.taxes_included).map_or(0, |parts| i128::from(parts.minor()));
        let mut paid = 0;
        for (position, entry) in moves {
            let Some(account) = self.intent.account(self.order.shop, entry.tender.gateway()) else {
                given.due.push(CauseCode::GatewayUnmapped);
                continue;
            };
            let failed_later = self.after.failed_after_success(self.order.shop, entry.id);
            if entry.status == TransactionStatus::Pending
                || (entry.status != TransactionStatus::Success && !failed_later)
            {
                continue;
            }
            let amount = i128::from(entry.amount.minor());
            let covered = amount.min((*left).max(0));
            *left -= covered;
            let excess = amount - covered;
            if excess > 0 && entry.tender == Tender::StoreCredit {
                // Row 23. What the refund's own parts call goodwill is in its credit memo already.
                let unstated = excess.min((moved - parts).max(0));
                sheet.add(self.seller.accounts.goodwill, self.order.currency, unstated);
                sheet.add(account, self.order.currency, -amount);
                paid += amount - unstated;
                books.paid.push((position, account, amount - unstated));
            } else {
                if excess > 0 {
                    given.due.push(CauseCode::RefundExceedsCaptured);
                }
                sheet.add(account, self.order.currency, -covered);
                paid += covered;
                books.paid.push((position, account, covered));
            }
            if failed_later {
                sheet.add(account, self.order.currency, amount);
                sheet.add(self.seller.accounts.refunds_due, self.order.currency, -amount);
            }
        }
        if self.is_exchange_difference(refund, moved, parts) {
            given.exchange -= parts - moved;
        } else if self.disagrees(moved, parts) {
            given.due.push(CauseCode::RefundDisagrees);
        }
        let from_memo = paid.min(books.credited.max(0));
        given.paid_from_memos += from_memo;
        given.paid_from_deposits += paid - from_memo;
        self.restock(refund, &self.units.refunded[at], &mut books, given, sheet);
        books
    }

    /// Row 15: goods and cards that were billed.
    fn credit_lines(
        &self,
        refund: &Refund,
        refunded: &[RefundedUnits],
        books: &mut RefundBooks,
        given: &mut GivenBack,
    ) {
        for (line, units) in refund.lines.iter().zip(refunded) {
            let Some(sold) = self.order.lines.iter().find(|known| known.id == line.line) else { continue };
            if units.billed == 0 {
                continue;
            }
            let tax = share(i128::from(line.tax.minor()), units.billed, line.quantity);
            let subtotal = share(i128::from(line.subtotal.minor()), units.billed, line.quantity);
            let net = if self.order.taxes_included { subtotal - tax } else { subtotal };
            let account = match sold.is_gift_card {
                true => self.seller.gift_card_liability,
                false => self.seller.accounts.returns,
            };
            books.credit.add(account, self.order.currency, net);
            self.credit_tax(&sold.taxes, tax, books, given);
        }
    }

    /// Rows 16 to 18: delivery, duties, tip, fees kept, goodwill.
    fn credit_rest(
        &self,
        refund: &Refund,
        unbilled_shipping: &mut i128,
        books: &mut RefundBooks,
        given: &mut GivenBack,
    ) {
        let accounts = &self.seller.accounts;
        let currency = self.order.currency;
        let net = |amount: Money, tax: Money| {
            i128::from(amount.minor()) - if self.order.taxes_included { i128::from(tax.minor()) } else { 0 }
        };
        if self.billed.any {
            for shipping in &refund.shipping {
                let (net, tax) = (net(shipping.subtotal, shipping.tax), i128::from(shipping.tax.minor()));
                // What the sales order no longer holds was never billed: it came out of the deposits.
                let unbilled = (net + tax).min(*unbilled_shipping);
                *unbilled_shipping -= unbilled;
                if unbilled > 0 {
                    continue;
                }
                books.credit.add(accounts.shipping, currency, net);
                let charged = self.order.shipping.iter().find(|line| Some(line.id) == shipping.line);
                let charged = charged.or(self.order.shipping.first());
                self.credit_tax(charged.map_or(&[], |line| &line.taxes), tax, books, given);
            }
            books.credit.add(accounts.duties, currency, i128::from(refund.duties.minor()));
            books.credit.add(accounts.tips, currency, i128::from(refund.tip.minor()));
        }
        for fee in &refund.fees {
            books.credit.add(accounts.restocking, currency, -net(fee.amount, fee.tax));
            self.credit_tax(self.taxes_of(refund), -i128::from(fee.tax.minor()), books, given);
        }
        for adjustment in &refund.adjustments {
            let tax = i128::from(adjustment.tax.minor());
            books.credit.add(accounts.goodwill, currency, net(adjustment.amount, adjustment.tax));
            self.credit_tax(self.taxes_of(refund), tax, books, given);
        }
    }

    /// Tax goes back to the codes that it was charged on.
    fn credit_tax(&self, charged: &[TaxLine], tax: i128, books: &mut RefundBooks, given: &mut GivenBack) {
        if tax == 0 {
            return;
        }
        let mut accounts: Vec<(InternalId, u64)> = Vec::with_capacity(1);
        for line in charged {
            let code = self.intent.tax_code(self.order, line);
            let Some(account) = code.and_then(|code| self.intent.tax_account(self.seller, code)) else {
                continue;
            };
            let weight = line.amount.minor().unsigned_abs();
            match accounts.iter_mut().find(|(known, _)| *known == account) {
                Some((_, sum)) => *sum += weight,
                None => accounts.push((account, weight)),
            }
        }
        if accounts.is_empty() {
            accounts.extend(self.seller.accounts.tax.first().map(|account| (*account, 1)));
        }
        given.is_tax_split_free |= accounts.len() > 1;
        let weights: Vec<u64> = accounts.iter().map(|(_, weight)| *weight).collect();
        let whole = Money::new(i64::try_from(tax).unwrap_or(i64::MAX), self.order.currency);
        let Ok(parts) = allocate(whole, &weights, Rounding::FirstToLast) else { return };
        for ((account, _), part) in accounts.iter().zip(parts) {
            books.credit.add(*account, self.order.currency, i128::from(part.minor()));
        }
    }

    /// The taxes of what a refund is about: of its first line that was taxed, else of the order's first.
    fn taxes_of(&self, refund: &Refund) -> &[TaxLine] {
        let of_line = |id: LineItemId| self.order.lines.iter().find(|line| line.id == id);
        let named = refund.lines.iter().filter_map(|line| of_line(line.line));
        let taxed = named.chain(&self.order.lines).find(|line| !line.taxes.is_empty());
        taxed.map_or(&[], |line| &line.taxes)
    }

    /// Row 20: once per refund line, at the cost that the shipment relieved.
    fn restock(
        &self,
        refund: &Refund,
        refunded: &[RefundedUnits],
        books: &mut RefundBooks,
        given: &mut GivenBack,
        sheet: &mut Sheet,
    ) {
        for (line, units) in refund.lines.iter().zip(refunded) {
            if line.restock != Restock::Return {
                continue;
            }
            let Some(at) = self.order.lines.iter().position(|known| known.id == line.line) else { continue };
            let standing = self.units.standing(at);
            let left = shipped(&self.order.lines[at], standing, self.sales_order, self.documents);
            let back = units.billed.min(left);
            if back < line.quantity {
                given.due.push(CauseCode::StockReturnUnrelieved);
            }
            if back == 0 {
                continue;
            }
            let cost = self.cost_of(line.line, back, left);
            sheet.add(self.seller.accounts.inventory, self.seller.currency, cost);
            sheet.add(self.seller.accounts.cogs, self.seller.currency, -cost);
            books.restocked.push((line.id, cost));
        }
    }

    /// What the shipments relieved for some of the units of a line that left.
    fn cost_of(&self, line: LineItemId, units: u32, left: u32) -> i128 {
        let of_line = |key: Option<LineKey>| matches!(key, Some(LineKey::Goods(id) | LineKey::Component(id, _)) if id == line);
        let shipments = self.documents.shipments.iter().filter(|shipment| shipment.is_shipped);
        let lines = shipments.flat_map(|shipment| &shipment.lines).filter(|row| of_line(row.key));
        share(lines.map(|row| i128::from(row.cost_minor)).sum(), units, left)
    }

    /// Transactions that move, or were to move, the money of a refund.
    fn transactions<'a>(&'a self, refund: &'a Refund) -> impl Iterator<Item = (usize, &'a Transaction)> + 'a {
        let all = self.order.transactions.iter().enumerate();
        all.filter(|(_, entry)| {
            entry.kind == TransactionKind::Refund && refund.transactions.contains(&entry.id)
        })
        .filter(|(_, entry)| {
            matches!(entry.status, TransactionStatus::Success | TransactionStatus::Pending)
                || self.after.failed_after_success(self.order.shop, entry.id)
        })
    }

    /// What the sales order holds of delivery below what Shopify charged for it: refunded before it was billed.
    fn shipping_taken_off(&self) -> i128 {
        if self.order.refunds.iter().all(|refund| refund.shipping.is_empty()) {
            return 0;
        }
        let charged: i128 = self
            .order
            .shipping
            .iter()
            .map(|line| {
                let off: i128 = line.discounts.iter().map(|off| i128::from(off.amount.minor())).sum();
                let tax: i128 = line.taxes.iter().map(|tax| i128::from(tax.amount.minor())).sum();
                i128::from(line.price.minor()) - off + if self.order.taxes_included { 0 } else { tax }
            })
            .sum();
        let is_delivery =
            |key: Option<LineKey>| matches!(key, Some(LineKey::Shipping(_) | LineKey::ShippingDiscount(..)));
        let held = self.sales_order.lines.iter().filter(|line| is_delivery(line.key));
        charged - held.map(|line| i128::from(line.amount_minor) + i128::from(line.tax_minor)).sum::<i128>()
    }

    /// N5a: the buyer got exactly what the parts come to, in the currency that the buyer saw.
    fn is_exchange_difference(&self, refund: &Refund, moved: i128, parts: i128) -> bool {
        if self.order.presentment_currency == self.order.currency || moved == parts {
            return false;
        }
        let shown: i128 =
            self.transactions(refund).map(|(_, entry)| i128::from(entry.presentment.minor())).sum();
        shown == i128::from(refund.presentment.minor())
    }

    /// More was given back than the parts explain; or less, while the buyer is owed money.
    fn disagrees(&self, moved: i128, parts: i128) -> bool {
        if moved > parts {
            return moved - parts > self.store_credit_beyond_captured();
        }
        moved < parts && self.owed_to_buyer() > 0
    }

    /// What was granted as store credit beyond all that was captured.
    fn store_credit_beyond_captured(&self) -> i128 {
        let back = self.order.transactions.iter().filter(|entry| {
            entry.kind == TransactionKind::Refund && entry.status == TransactionStatus::Success
        });
        let beyond = back.clone().map(|entry| i128::from(entry.amount.minor())).sum::<i128>() - self.captured;
        let credit: i128 = back
            .filter(|entry| entry.tender == Tender::StoreCredit)
            .map(|entry| i128::from(entry.amount.minor()))
            .sum();
        beyond.clamp(0, credit)
    }

    /// Captured less given back, or on its way back, beyond what the order now comes to, in the buyer's currency.
    fn owed_to_buyer(&self) -> i128 {
        super::owed_to_buyer(self.order)
    }

    /// N5a: the order is paid in full in the buyer's currency and billed in full, and yet the shop's money differs. A
    /// loss is positive.
    fn exchange_of_captures(&self) -> i128 {
        if self.order.presentment_currency == self.order.currency || !self.billed.any {
            return 0;
        }
        let all_billed =
            self.units.lines.iter().zip(&self.billed.units).all(|(line, billed)| line.standing == *billed);
        let shown = super::captured_shown(self.order);
        let refunded = |of: fn(&Refund) -> i128| self.order.refunds.iter().map(of).sum::<i128>();
        let wanted = i128::from(self.order.total_presentment.minor())
            + refunded(|refund| i128::from(refund.presentment.minor()));
        if !all_billed || shown != wanted {
            return 0;
        }
        let parts: i128 = self
            .order
            .refunds
            .iter()
            .map(|refund| refund.parts(self.order.taxes_included).map_or(0, |it| i128::from(it.minor())))
            .sum();
        i128::from(self.order.total.minor()) + parts - self.captured
    }
}
