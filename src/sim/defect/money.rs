//! Defects of what follows an order: what naive connectors make of parcels, invoices, refunds and gift cards on their
//! way between the engine and the platforms.

use rust_decimal::Decimal;

use super::{Kind, Planted};
use crate::domain::ids::{OrderId, RefundId};
use crate::domain::refund::Refund;
use crate::domain::sales_order::LineKey;
use crate::domain::{InternalId, Order, ShopKey, Timestamp};
use crate::mocks::netsuite::{Document, DocumentKind, NetsuiteTwin};
use crate::mocks::shopify::ShopifyTwin;
use crate::platforms::netsuite::operation::suiteql::{Query, Rows, TransactionType};
use crate::platforms::netsuite::operation::{Answer, Request, Response};
use crate::platforms::netsuite::wire::{BillBody, JsonDecimal, Reference, Tag};

/// The item of gift cards and that of lines without one, as profiles name them unless they say otherwise.
const CARD: &str = "GIFT-CARD";
const CUSTOM: &str = "CUSTOM";

impl Planted {
    /// A request on its way to NetSuite, spoilt by what a connector would have to know of either platform.
    pub fn alter_knowing(&self, shopify: &ShopifyTwin, netsuite: &NetsuiteTwin, request: &mut Request) {
        let acted = match request {
            Request::UpsertSalesOrder { body, .. } if self.is(Kind::CardAsRevenue) => {
                let lines = body.item.iter_mut().flat_map(|sublist| &mut sublist.items);
                let cards = lines
                    .filter_map(|line| line.item.as_mut())
                    .filter(|item| matches!(item, Reference::ExternalId(id) if **id == *CARD));
                cards.map(|item| *item = Reference::ExternalId(CUSTOM.into())).count() > 0
            }
            Request::CreateCreditMemo { body } if self.is(Kind::FeeIgnored) => drop_fees(body),
            Request::CreateCreditMemo { body } if self.is(Kind::PluggedExchange) => {
                refund_of(shopify, body).is_some_and(|(order, refund)| plug(&order, &refund, body))
            }
            Request::CreateCreditMemo { body } if self.is(Kind::PresentmentBooked) => {
                refund_of(shopify, body).is_some_and(|(_, refund)| book_as_shown(&refund, body))
            }
            Request::UpsertCustomerDeposit { body, .. } if self.is(Kind::DatedByOrder) => {
                let order = body.sales_order.as_ref().and_then(|order| sales_order(netsuite, order));
                order.is_some_and(|order| {
                    let was = body.tran_date.replace(order.date());
                    was != body.tran_date
                })
            }
            Request::TransformInvoice { sales_order, body } if self.is(Kind::DatedByOrder) => {
                netsuite.document(*sales_order).is_some_and(|order| {
                    let was = body.tran_date.replace(order.date());
                    was != body.tran_date
                })
            }
            _ => false,
        };
        if acted {
            self.act();
        }
    }

    /// Requests of what follows an order that are answered and never carried out.
    pub(super) fn swallows_what_follows(&self, request: &Request) -> bool {
        match request {
            Request::AmendSalesOrder { body, .. } => {
                (self.is(Kind::AddressKept) && body.shipping_address.is_some() && body.item.is_none())
                    || (self.is(Kind::EditRejected) && body.item.is_some())
            }
            Request::CreateCustomerRefund { body } => self.is(Kind::DepositStays) && body.deposit.is_some(),
            _ => false,
        }
    }

    /// After a request was carried out.
    pub(super) fn save_twice(&self, twin: &mut NetsuiteTwin, request: &Request, now: Timestamp) {
        let renamed = |eid: &Option<Box<str>>| eid.as_ref().map(|eid| format!("{eid}-2").into_boxed_str());
        let again = match request {
            Request::CreateCustomerRefund { body } if self.is(Kind::DoubledRefund) => {
                let mut body = body.clone();
                body.external_id = renamed(&body.external_id);
                Request::CreateCustomerRefund { body }
            }
            Request::CreateInventoryAdjustment { body } if self.is(Kind::StockReturnedTwice) => {
                let mut body = body.clone();
                body.external_id = renamed(&body.external_id);
                Request::CreateInventoryAdjustment { body }
            }
            _ => return,
        };
        if twin.execute(&again, now).answer.is_ok() {
            self.act();
        }
    }

    /// NetSuite's answer on its way to the engine: the lines of shipments are taken for the first line of the order
    /// that has their item (failures.md B13).
    pub fn alter_answer(&self, twin: &NetsuiteTwin, request: &Request, response: &mut Response) {
        let (
            Request::SuiteQl(Query::DocumentsOf { sales_order, .. }),
            Ok(Answer::Rows(Rows::Documents(rows))),
        ) = (request, &mut response.answer)
        else {
            return;
        };
        if !self.is(Kind::MatchedBySku) {
            return;
        }
        let Some(order) = twin.document(*sales_order) else { return };
        let mut acted = false;
        for row in rows.iter_mut().filter(|row| row.kind == TransactionType::ItemShip) {
            let Some(item) = &row.item else { continue };
            let first = order.lines().find(|line| *line.item == **item);
            let Some(first) = first.filter(|line| matches!(line.key, Some(LineKey::Goods(_)))) else {
                continue;
            };
            let key = first.key.map(Tag::Component);
            if row.custcol_plimsoll_key != key {
                row.custcol_plimsoll_key = key;
                row.previousline = Some(InternalId::new(u64::from(first.number)));
                acted = true;
            }
        }
        if acted {
            self.act();
        }
    }
}

fn sales_order<'a>(netsuite: &'a NetsuiteTwin, order: &Reference) -> Option<Document<'a>> {
    match order {
        Reference::Id(id) => netsuite.document(*id),
        Reference::ExternalId(eid) => netsuite.document_by_key(DocumentKind::SalesOrder, eid),
    }
}

/// The refund that a credit memo stands for, with its order.
fn refund_of(shopify: &ShopifyTwin, memo: &BillBody) -> Option<(Order, Refund)> {
    let (shop, order) = memo.plimsoll_order.as_deref()?.split_once("-order-")?;
    let (_, refund) = memo.external_id.as_deref()?.split_once("-credit-")?;
    let (shop, order): (ShopKey, u64) = (shop.parse().ok()?, order.parse().ok()?);
    let refund = RefundId::new(refund.parse().ok()?);
    let order = shopify.order_truth(shop, OrderId::new(order))?;
    let refund = order.refunds.iter().find(|known| known.id == refund).cloned()?;
    Some((order, refund))
}

/// Lines that lower a credit are left out (failures.md A9).
fn drop_fees(memo: &mut BillBody) -> bool {
    let Some(lines) = memo.item.as_mut().map(|sublist| &mut sublist.items) else { return false };
    let before = lines.len();
    let is_fee = |amount: Option<JsonDecimal>| amount.is_some_and(|it| it.to_decimal() < Decimal::ZERO);
    let gone: Vec<Tag> = lines
        .iter()
        .filter(|line| is_fee(line.amount))
        .filter_map(|line| line.tax_details_reference.clone())
        .collect();
    lines.retain(|line| !is_fee(line.amount));
    if let Some(taxes) = &mut memo.tax_details {
        taxes.items.retain(|tax| !gone.contains(&tax.tax_details_reference));
    }
    lines.len() < before
}

/// The credit is made to equal the money that went back, whatever came back for it (failures.md A10).
fn plug(order: &Order, refund: &Refund, memo: &mut BillBody) -> bool {
    let paid: Decimal = order
        .transactions
        .iter()
        .filter(|entry| refund.transactions.contains(&entry.id))
        .map(|entry| entry.amount.to_decimal())
        .sum();
    let Ok(parts) = refund.parts(order.taxes_included) else { return false };
    let gap = parts.to_decimal() - paid;
    let first =
        memo.item.iter_mut().flat_map(|sublist| &mut sublist.items).find_map(|line| line.amount.as_mut());
    let Some(amount) = first.filter(|_| !gap.is_zero()) else { return false };
    let Some(plugged) = JsonDecimal::of_decimal(amount.to_decimal() - gap) else { return false };
    *amount = plugged;
    true
}

/// What the buyer saw is booked as if it were the shop's money (failures.md B5).
fn book_as_shown(refund: &Refund, memo: &mut BillBody) -> bool {
    if refund.presentment.currency() == refund.duties.currency() {
        return false;
    }
    let Some(lines) = memo.item.as_mut().map(|sublist| &mut sublist.items) else { return false };
    let Some(shown) = JsonDecimal::of_decimal(refund.presentment.to_decimal()) else { return false };
    let [line] = &mut lines[..] else { return false };
    line.amount = Some(shown);
    true
}
