//! One order at rest: everything that the oracle says of it, from what Shopify shows, what NetSuite holds and what the
//! world reported.

use super::books::as_booked::as_booked;
use super::books::billing::{Ratio, is_shipped_goods, shipped};
use super::books::order_books::OrderBooks;
use super::books::units::Units;
use super::invariants::shipped_once::Shipping;
use super::seen::after_purchase::LateChange;
use super::seen::documents::SeenDocuments;
use super::seen::{SeenDeposit, SeenSalesOrder};
use super::{Due, Oracle, invariants};
use crate::domain::order::Tender;
use crate::domain::{BookDate, CauseCode, InternalId, Order, Timestamp};

impl Oracle {
    /// At rest: one Shopify order with what stands for it in NetSuite. `deposits` are its captures by position, each
    /// with the deposit that carries its key.
    pub fn order(
        &mut self,
        order: &Order,
        sales_order: Option<&SeenSalesOrder>,
        deposits: &[(usize, Option<SeenDeposit>)],
        documents: &SeenDocuments,
        now: Timestamp,
    ) {
        let is_exempt = self.causes.is_tax_exempt(order);
        self.drift.add(&self.intent, order, is_exempt);
        let excuse = self.causes.excuse(order).or_else(|| self.unresolved(order));
        let found = sales_order.is_some();
        invariants::orders_complete::order(&mut self.invariants, order, found, excuse, now);
        if let Some(code) = excuse
            && !found
        {
            self.due(order, code);
            return;
        }
        let key = self.intent.customer_key(order);
        self.known_keys.insert(key.clone());
        let units = Units::of(order);
        if let Some(sales_order) = sales_order {
            self.follows(order, &units, sales_order, is_exempt, now);
            invariants::subsidiary_right::order(&mut self.invariants, &self.intent, order, sales_order, now);
            invariants::customers_unique::buyer(&mut self.invariants, order, &key, sales_order, now);
        }
        let captures = self.captures(order, deposits, now);
        if let Some(code) = self.causes.surplus(order) {
            self.due(order, code);
        }
        match (sales_order, captures) {
            (Some(sales_order), Some(captures)) => {
                self.money(order, &units, sales_order, documents, &captures, now);
            }
            // Where a capture waits for a person, so does what follows it.
            _ => self.expected.order(&documents.sheet),
        }
        self.reported(order, now);
        invariants::nothing_silent::order(&mut self.invariants, order, found, now);
    }

    fn due(&mut self, order: &Order, code: CauseCode) {
        self.due.insert(Due { shop: order.shop, record: order.id.get(), code });
    }

    /// The sales order says what Shopify says; or it could not follow, because the warehouse had it, and an exception
    /// must say so.
    fn follows(
        &mut self,
        order: &Order,
        units: &Units,
        sales_order: &SeenSalesOrder,
        is_exempt: bool,
        now: Timestamp,
    ) {
        let booked = as_booked(order, units, sales_order);
        let late = |what| self.after.came_late(order.shop, order.id, what);
        let what = if order.cancelled_at.is_some() { LateChange::Cancelled } else { LateChange::Lines };
        let differs = match what {
            LateChange::Cancelled => !sales_order.lines.is_empty(),
            _ => invariants::totals_tie::differs(&booked, sales_order),
        };
        let too_late = (late(what) && differs).then_some(what);
        if late(what) && !differs {
            // It landed after the release, before the release could be read: the pick list says otherwise until the
            // parcel is closed.
            let due = Due { shop: order.shop, record: order.id.get(), code: what.code() };
            self.allowed.insert(due);
        }
        if late(LateChange::Address) {
            let due = Due { shop: order.shop, record: order.id.get(), code: LateChange::Address.code() };
            // A write that was under way when the label was printed may have been in time: nobody can read that.
            // That the order was called off says enough: no parcel is to go anywhere.
            let differs = self.after.label_differs(order.shop, order.id, order.ship_to.as_ref());
            match differs && !late(LateChange::Cancelled) {
                true => self.due.insert(due),
                false => self.allowed.insert(due),
            };
        }
        if let Some(what) = too_late {
            self.due(order, what.code());
            return;
        }
        let (invariants, intent) = (&mut self.invariants, &self.intent);
        invariants::totals_tie::order(invariants, &booked, sales_order, now);
        invariants::lines_keep_identity::order(invariants, &self.stock, &booked, sales_order, now);
        invariants::bundle_relief::order(invariants, &self.stock, &booked, sales_order, now);
        invariants::tax_by_schedule::order(invariants, intent, &booked, sales_order, is_exempt, now);
        invariants::discounts_conserved::order(invariants, &booked, sales_order, now);
    }

    /// The accounts on which the order's money came in. `None` if some of it waits for a person.
    fn captures(
        &mut self,
        order: &Order,
        deposits: &[(usize, Option<SeenDeposit>)],
        now: Timestamp,
    ) -> Option<Vec<(InternalId, i128)>> {
        let mut captures = Vec::with_capacity(deposits.len());
        let mut waits = false;
        for (at, deposit) in deposits {
            let transaction = &order.transactions[*at];
            // Row 12: money that went to the bank is booked by the payment on the invoice.
            if transaction.tender.gateway() == "manual" && self.contracts.has_buyers() {
                continue;
            }
            let received = i128::from(transaction.amount.minor()) + i128::from(transaction.rounding.minor());
            let account = self.intent.account(order.shop, transaction.tender.gateway());
            let shut = self.causes.period_shut(self.intent.book_date(order.shop, transaction));
            let code = match account {
                None => Some(CauseCode::GatewayUnmapped),
                Some(_) if deposit.is_none() && shut => Some(CauseCode::PeriodShut),
                Some(_) => None,
            };
            if let Some(code) = code {
                self.due(order, code);
                waits = true;
                if transaction.tender == Tender::GiftCard {
                    *self.unposted_cards.entry(order.shop).or_default() += received;
                }
                continue;
            }
            let account = account.expect("a capture without an account waits for a person");
            captures.push((account, received));
            invariants::trial_balance_expected::deposit(
                &mut self.invariants,
                &self.intent,
                &self.causes,
                order,
                transaction,
                account,
                deposit.as_ref(),
                now,
            );
        }
        (!waits).then_some(captures)
    }

    /// Everything that posts for the order, account by account.
    fn money(
        &mut self,
        order: &Order,
        units: &Units,
        sales_order: &SeenSalesOrder,
        documents: &SeenDocuments,
        captures: &[(InternalId, i128)],
        now: Timestamp,
    ) {
        let Some(seller) = self.intent.seller(order.shop) else { return };
        let (intent, after) = (&self.intent, &self.after);
        let books_by = |ratio| {
            OrderBooks::of(intent, seller, order, units, sales_order, documents, after, captures, ratio)
        };
        let differ = |books: &OrderBooks| {
            books.accepted(seller, order, &documents.sheet).difference(&documents.sheet).is_some()
        };
        let mut books = books_by(Ratio::Now);
        if books.billed.is_ratio_free && differ(&books) {
            books = books_by(Ratio::AtRelease);
        }
        let accepted = if self.after.stands(order.shop, order.id, CauseCode::KeyedByHand) {
            // What a person keyed stands until that person, or another, takes it back.
            documents.sheet.clone()
        } else {
            let accepted = books.accepted(seller, order, &documents.sheet);
            let invariants = &mut self.invariants;
            invariants::trial_balance_expected::order(
                invariants,
                &self.intent,
                order,
                &accepted,
                &documents.sheet,
                now,
            );
            invariants::refunded_once::order(invariants, seller, order, &books, documents, now);
            accepted
        };
        self.expected.order(&accepted);
        let no_match = [
            CauseCode::ShipmentUnmatched,
            CauseCode::FulfillmentHeld,
            CauseCode::FulfilledInShopify,
            CauseCode::KeyedByHand,
        ];
        let late = |what| self.after.came_late(order.shop, order.id, what);
        let was_reduced_late = late(LateChange::Lines) || late(LateChange::Cancelled);
        if was_reduced_late && outran(order, units, sales_order, documents) {
            // What left although it was taken off can be told to no buyer.
            self.due(order, CauseCode::ShipmentUnmatched);
        } else if !no_match.into_iter().any(|code| self.after.stands(order.shop, order.id, code)) {
            let shipping = Shipping { order, units, sales_order, documents, billed: &books.billed };
            invariants::shipped_once::order(&mut self.invariants, &shipping, now);
        }
        for code in books.given_back.due {
            self.due(order, code);
        }
        self.days(order, documents, now);
    }

    /// The day of each document that follows the order: that of what happened (postings.md N6, failures.md B6).
    fn days(&mut self, order: &Order, documents: &SeenDocuments, now: Timestamp) {
        let shop = order.shop;
        let mut dated = |kind: &str, name: Option<&str>, wanted: BookDate, found: BookDate| {
            let (invariants, causes) = (&mut self.invariants, &self.causes);
            invariants::trial_balance_expected::dated(
                invariants, causes, order, kind, name, wanted, found, now,
            );
        };
        for made in order.fulfillments.iter().filter(|made| !made.is_cancelled) {
            if documents.invoices.is_empty() {
                break;
            }
            let key = format!("{shop}-invoice-{}", made.id);
            let keyed =
                |found: &&super::seen::documents::SeenInvoice| found.external_id.as_deref() == Some(&*key);
            let Some(invoice) = documents.invoices.iter().find(keyed) else { continue };
            let inside = |number: &str| made.parcels.iter().any(|parcel| *parcel.number == *number);
            let shipped = documents.shipments.iter().filter(|shipment| shipment.is_shipped);
            let named = shipped
                .clone()
                .find(|shipment| shipment.parcels.iter().any(|parcel| inside(&parcel.number)))
                .or_else(|| shipped.clone().find(|shipment| shipment.date == invoice.date));
            // Cards and services are handed over by Shopify, on its own day.
            let wanted =
                named.map_or_else(|| self.intent.day(shop, made.created_at), |shipment| shipment.date);
            dated("invoice", Some(&key), wanted, invoice.date);
        }
        for refund in &order.refunds {
            let day = self.intent.day(shop, refund.created_at);
            let key = format!("{shop}-credit-{}", refund.id);
            for memo in
                documents.credit_memos.iter().filter(|memo| memo.external_id.as_deref() == Some(&*key))
            {
                dated("credit memo", Some(&key), day, memo.date);
            }
            for line in &refund.lines {
                let key = format!("{shop}-restock-{}", line.id);
                let keyed =
                    documents.adjustments.iter().filter(|it| it.external_id.as_deref() == Some(&*key));
                for adjustment in keyed {
                    dated("inventory adjustment", Some(&key), day, adjustment.date);
                }
            }
        }
        if documents.refunds.is_empty() {
            return;
        }
        for entry in &order.transactions {
            let key = format!("{shop}-refund-{}", entry.id);
            let keyed =
                documents.refunds.iter().filter(|refund| refund.external_id.as_deref() == Some(&*key));
            for refund in keyed {
                dated("customer refund", Some(&key), self.intent.day(shop, entry.processed_at), refund.date);
            }
        }
    }

    /// What the world reported of the order, and still stands.
    fn reported(&mut self, order: &Order, now: Timestamp) {
        let standing: Vec<CauseCode> = self.after.standing(order.shop, order.id).collect();
        for code in standing {
            self.due(order, code);
        }
        if self.after.is_silent(order.shop, order.id, now) {
            self.due(order, CauseCode::SilentOrder);
        }
    }
}

/// Whether more of a line left than stands of it.
fn outran(order: &Order, units: &Units, sales_order: &SeenSalesOrder, documents: &SeenDocuments) -> bool {
    order.lines.iter().zip(&units.lines).any(|(line, of)| {
        is_shipped_goods(line) && shipped(line, of.standing, sales_order, documents) > of.standing
    })
}
