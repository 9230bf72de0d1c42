//! What refunds, returns and exchanges make of an order: postings.md rows 14 to 23, and 37 as far as a single order
//! goes (N5a).
//!
//! From Shopify's record of each refund: its parts say what is credited and on which account, its transactions say
//! which money moved. What parts and money must have to do with each other is decided here a second time.

use std::collections::BTreeMap;

use super::Intent;
use super::billing::{Billed, shipped};
use super::sheet::Sheet;
use super::units::{RefundedUnits, Units};
use crate::domain::ids::{LineItemId, RefundLineId, TransactionId};
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
    /// Exchange differences of refunds that stand in a document of their own: a loss is positive.
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
    /// Rows 14 to 23 onto the sheet, row 37 as a figure.
    pub fn give_back(&self, sheet: &mut Sheet) -> GivenBack {
        let mut given = GivenBack::default();
        let beyond = self.beyond_captured();
        let mut unbilled_shipping = self.shipping_taken_off();
        for (at, refund) in self.order.refunds.iter().enumerate() {
            let books = self.refund(at, refund, &beyond, &mut unbilled_shipping, &mut given, sheet);
            given.credited += books.credited;
            for (account, currency, minor) in books.credit.iter() {
                sheet.add(account, currency, minor);
            }
            given.refunds.push(books);
        }
        given
    }

    fn refund(
        &self,
        at: usize,
        refund: &Refund,
        beyond: &BTreeMap<TransactionId, i128>,
        unbilled_shipping: &mut i128,
        given: &mut GivenBack,
        sheet: &mut Sheet,
    ) -> RefundBooks {
        let (order, currency) = (self.order, self.order.currency);
        let mut books = RefundBooks::default();
        let moves = self.moves(refund);
        let over_of = |entry: &Transaction| beyond.get(&entry.id).copied().unwrap_or_default();
        let over: i128 = moves.succeeded.iter().map(|(_, entry)| over_of(entry)).sum();
        let mut stated = refund.parts(order.taxes_included).map_or(0, |parts| i128::from(parts.minor()));
        self.credit_lines(refund, &self.units.refunded[at], &mut books, given);
        self.credit_rest(refund, unbilled_shipping, &mut books, given);
        if over > 0 && stated == moves.shop {
            // What is beyond the captures has a row of its own, or none: no memo owes it too.
            let goodwill = self.seller.accounts.goodwill;
            let given_beside = books.credit.of(goodwill, currency).clamp(0, over);
            books.credit.add(goodwill, currency, -given_beside);
            stated -= over;
        }
        let difference = moves.shop - over - stated;
        let by_rate = order.presentment_currency != currency
            && moves.shown == i128::from(refund.presentment.minor())
            && !moves.is_empty();
        let total = |books: &RefundBooks| books.credit.iter().map(|(.., minor)| minor).sum::<i128>();
        if by_rate && difference > 0 && total(&books) > 0 {
            books.credit.add(self.seller.accounts.exchange, currency, difference);
        } else if by_rate && difference < 0 && total(&books) > 0 {
            given.exchange += difference;
        }
        books.credited = total(&books);
        if books.credited <= 0 {
            // Nobody is owed anything that was billed: there is no memo of nothing, or of less.
            (books.credited, books.credit) = (0, Sheet::default());
        }
        let mut memo_left = books.credited;
        let mut is_short = false;
        for (position, entry) in &moves.succeeded {
            let over = over_of(entry);
            let amount = i128::from(entry.amount.minor()) - over;
            let Some(account) = self.intent.account(order.shop, entry.tender.gateway()) else {
                given.due.push(CauseCode::GatewayUnmapped);
                continue;
            };
            if over > 0 && entry.tender == Tender::StoreCredit {
                // Row 23.
                sheet.add(self.seller.accounts.goodwill, currency, over);
                sheet.add(account, currency, -over);
            } else if over > 0 {
                given.due.push(CauseCode::RefundExceedsCaptured);
            }
            let deposits_left = (self.captured - given.paid_from_deposits - self.billed.total).max(0);
            let paid = if by_rate { amount } else { amount.min(memo_left + deposits_left) };
            is_short |= paid < amount;
            let from_memo = paid.min(memo_left);
            memo_left -= from_memo;
            given.paid_from_memos += from_memo;
            given.paid_from_deposits += paid - from_memo;
            sheet.add(account, currency, -paid);
            books.paid.push((*position, account, paid));
        }
        self.failures(&moves, sheet, given);
        let is_return_of_less = refund.is_return && difference < 0;
        let is_posted = difference > 0 && books.credited > 0 && !is_short;
        if difference != 0
            && !by_rate
            && !moves.is_empty()
            && moves.never == 0
            && !is_return_of_less
            && !is_posted
        {
            given.due.push(CauseCode::RefundDisagrees);
        }
        self.restock(refund, &self.units.refunded[at], &mut books, given, sheet);
        books
    }

    /// Row 22: what failed after it had been booked is to be issued again, or was.
    fn failures(&self, moves: &Moves<'_>, sheet: &mut Sheet, given: &mut GivenBack) {
        let currency = self.order.currency;
        for ((_, failed), again) in &moves.failed {
            let amount = i128::from(failed.amount.minor());
            let account = |entry: &Transaction| self.intent.account(self.order.shop, entry.tender.gateway());
            if let Some(account) = account(failed) {
                sheet.add(account, currency, amount);
                sheet.add(self.seller.accounts.refunds_due, currency, -amount);
            }
            match again {
                None => given.due.push(CauseCode::RefundFailed),
                Some((_, again)) => {
                    if let Some(account) = account(again) {
                        sheet.add(account, currency, -amount);
                        sheet.add(self.seller.accounts.refunds_due, currency, amount);
                    }
                }
            }
        }
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
            if back < units.billed {
                given.due.push(CauseCode::StockReturnUnrelieved);
            }
            if back == 0 {
                continue;
            }
            let cost = self.cost_of(line.line, back, left);
            if cost == 0 {
                // What has no cost is not kept in stock.
                continue;
            }
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

    /// The transactions of a refund. One that failed counts as booked where its customer refund stands: only then had
    /// anybody believed it.
    fn moves<'a>(&'a self, refund: &Refund) -> Moves<'a> {
        let mut moves = Moves::default();
        let all = self.order.transactions.iter().enumerate();
        for (at, entry) in all.filter(|(_, entry)| {
            entry.kind == TransactionKind::Refund && refund.transactions.contains(&entry.id)
        }) {
            match entry.status {
                TransactionStatus::Success => moves.succeeded.push((at, entry)),
                TransactionStatus::Pending => moves.pending += 1,
                _ if self.was_booked(entry) => moves.failed.push(((at, entry), None)),
                _ => moves.never += 1,
            }
            if moves.counts(entry) {
                moves.shop += i128::from(entry.amount.minor());
                moves.shown += i128::from(entry.presentment.minor());
            }
        }
        for ((at, failed), again) in &mut moves.failed {
            let later = |(_, it): &(usize, &Transaction)| it.id > failed.id && it.amount == failed.amount;
            if let Some(found) = moves.succeeded.iter().position(later) {
                let found = moves.succeeded.remove(found);
                moves.shop -= i128::from(found.1.amount.minor());
                moves.shown -= i128::from(found.1.presentment.minor());
                *again = Some(found);
            }
            // The money left once by the customer refund that stands.
            moves.booked.push((*at, *failed));
        }
        let booked = std::mem::take(&mut moves.booked);
        moves.succeeded.extend(booked);
        moves.succeeded.sort_by_key(|(at, _)| *at);
        moves
    }

    fn was_booked(&self, entry: &Transaction) -> bool {
        if !self.after.failed_after_success(self.order.shop, entry.id) {
            return false;
        }
        let key = format!("{}-refund-{}", self.order.shop, entry.id);
        self.documents.refunds.iter().any(|refund| refund.external_id.as_deref() == Some(&*key))
    }

    /// What of each refund is beyond all that was captured, counted from the first on: the less of what it is in the
    /// buyer's currency and in the shop's, because rates and rounded pennies move one of them alone.
    fn beyond_captured(&self) -> BTreeMap<TransactionId, i128> {
        let mut left = super::captured_shown(self.order).max(0);
        let mut held =
            self.order.captures().map(|entry| i128::from(entry.amount.minor())).sum::<i128>().max(0);
        let mut refunds: Vec<&Transaction> = self
            .order
            .transactions
            .iter()
            .filter(|it| it.kind == TransactionKind::Refund && it.status == TransactionStatus::Success)
            .collect();
        refunds.sort_by_key(|entry| (entry.processed_at, entry.id));
        let mut beyond = BTreeMap::new();
        for refund in refunds {
            let shown = i128::from(refund.presentment.minor()).max(0);
            let over = shown - shown.min(left);
            left -= shown.min(left);
            let paid = i128::from(refund.amount.minor()).max(0);
            let over_paid = paid - paid.min(held);
            held -= paid.min(held);
            if over > 0 && over_paid > 0 {
                let converted = (paid * over * 2 + shown) / (shown * 2);
                beyond.insert(refund.id, converted.min(over_paid));
            }
        }
        beyond
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
}

/// The transactions of one refund.
#[derive(Debug, Default)]
struct Moves<'a> {
    /// With those that failed later and stand booked.
    succeeded: Vec<(usize, &'a Transaction)>,
    /// Failed after they were booked, with what issued them again.
    failed: Vec<Failed<'a>>,
    booked: Vec<(usize, &'a Transaction)>,
    pending: usize,
    /// Failed at once: no money moved.
    never: usize,
    /// What left or is to leave, as the shop counts it and as the buyer does.
    shop: i128,
    shown: i128,
}

/// A transaction by position, and the one that issued it again.
type Failed<'a> = ((usize, &'a Transaction), Option<(usize, &'a Transaction)>);

impl Moves<'_> {
    fn is_empty(&self) -> bool {
        self.succeeded.is_empty() && self.pending == 0 && self.never == 0
    }

    fn counts(&self, entry: &Transaction) -> bool {
        matches!(entry.status, TransactionStatus::Success | TransactionStatus::Pending)
            || self.failed.last().is_some_and(|((_, failed), _)| failed.id == entry.id)
    }
}
