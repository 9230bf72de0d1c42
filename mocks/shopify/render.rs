//! Rows as wire types, built when they are read.

pub(super) mod refunds;
pub(super) mod work;

use std::sync::Arc;

use super::arithmetic::present;
use super::changes::shown;
use super::cursor::Cursor;
use super::rows::{
    BuyerRow, Charge, ChargeKind, LineRow, NO_TEXT, OrderRow, Target, TransactionKind, TransactionRow,
    TransactionStatus,
};
use super::texts::Texts;
use super::{Shop, ids};
use crate::domain::Timestamp;
use crate::domain::customer::Address;
use crate::platforms::shopify::wire::{
    self, Connection, DateTime, DecimalText, Gid, MoneyBag, MoneyV2, PageInfo, Rate, Ref, ShopMoneyBag,
};

pub(super) fn order(shop: &Shop, texts: &Texts, n: usize, first: usize) -> wire::Order {
    let row = shop.orders.get(n);
    let digits = shop.digits();
    let money = |minor: i64| ShopMoneyBag::of(DecimalText::from_minor(minor, digits));
    let totals = row.totals();
    let (duties, fees, _) = row.extras_left();
    let (.., tip) = row.extras();
    let (customer, purchasing_entity) = buyer(shop, row);
    let (email, phone) = match row.buyer {
        _ if row.noted().is_some_and(|noted| noted.is_by_api) => stated_contact(shop, row),
        BuyerRow::Guest(at) => {
            let guest = &shop.people.guests[at as usize];
            (guest.email.clone(), guest.phone.clone())
        }
        BuyerRow::Nobody => (None, None),
        BuyerRow::Customer(_) | BuyerRow::Company(_) => {
            let record = contact(shop, row.buyer);
            (record.and_then(|it| it.email.clone()), record.and_then(|it| it.phone.clone()))
        }
    };
    let own = shop.currency_of(row);
    wire::Order {
        id: Gid::new(ids::order(shop.ordinal, n).get()),
        name: name(shop, n),
        created_at: date_time(row.created),
        processed_at: date_time(row.processed),
        updated_at: date_time(row.updated),
        cancelled_at: row.cancelled().map(date_time),
        currency_code: own,
        presentment_currency_code: row.presentment().map_or(own, |(currency, _)| currency),
        taxes_included: row.taxes_included,
        email,
        phone,
        customer,
        purchasing_entity,
        shipping_address: row.ship_to.as_deref().map(address),
        line_items: line_items(shop, texts, n, 0, first),
        shipping_lines: shipping_lines(shop, texts, n),
        current_total_duties_set: (duties != 0).then(|| money(duties)),
        current_total_additional_fees_set: (fees != 0).then(|| money(fees)),
        total_tip_received_set: money(tip),
        current_total_tax_set: money(totals.tax),
        current_total_price_set: both(shop, row, totals.total),
        transactions: row
            .transactions
            .iter()
            .enumerate()
            .map(|(at, entry)| transaction(shop, texts, n, at, entry))
            .collect(),
        fulfillments: work::fulfillments(shop, texts, n, first),
        refunds: (0..row.refunds().len())
            .map(|at| Ref::new(ids::refund(shop.ordinal, n, at).get()))
            .collect(),
    }
}

/// E-mail and phone of an order whose client stated them; the customer's e-mail where it stated none.
fn stated_contact(shop: &Shop, row: &OrderRow) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let stated = |text: &Option<Box<str>>| text.as_deref().map(Arc::from);
    let noted = row.noted();
    let email = noted.and_then(|noted| stated(&noted.email));
    let of_record = || contact(shop, row.buyer).and_then(|record| record.email.clone());
    (email.or_else(of_record), noted.and_then(|noted| stated(&noted.phone)))
}

/// An amount as the shop and as the shopper sees it, at the order's rate.
pub(super) fn both(shop: &Shop, row: &OrderRow, minor: i64) -> MoneyBag {
    let own = shop.currency_of(row);
    let seen = row.presentment().map_or(own, |(currency, _)| currency);
    let shown = present(minor, own, shown(row));
    MoneyBag {
        shop_money: wire::Amount { amount: DecimalText::from_minor(minor, shop.digits()) },
        presentment_money: MoneyV2 {
            amount: DecimalText::from_minor(shown, seen.minor_digits() as u8),
            currency_code: seen,
        },
    }
}

/// The page that begins at `from`, and where the next one would.
pub(super) fn page<T>(all: Vec<T>, from: usize, first: usize, id: impl Fn(&T) -> u64) -> Connection<T> {
    let count = all.len();
    let nodes: Vec<T> = all.into_iter().skip(from).take(first).collect();
    let end_cursor = nodes.last().map(&id).map(|id| Cursor { last_id: id, last_value: id as i64 }.encode());
    let page_info = PageInfo { has_next_page: from + nodes.len() < count, end_cursor };
    Connection { nodes, page_info }
}

/// `#1001`, counted up from the shop's first number.
pub(super) fn name(shop: &Shop, n: usize) -> Box<str> {
    format!("#{}", u64::from(shop.settings.order_number_start) + n as u64).into_boxed_str()
}

pub(super) fn date_time(seconds: i64) -> DateTime {
    DateTime::of(Timestamp::from_seconds(seconds))
}

/// The customer record behind the buyer.
pub(super) fn contact(shop: &Shop, buyer: BuyerRow) -> Option<&super::CustomerDetails> {
    let at = match buyer {
        BuyerRow::Customer(at) => at,
        BuyerRow::Company(at) => shop.people.companies[at as usize].contact,
        BuyerRow::Guest(_) | BuyerRow::Nobody => return None,
    };
    Some(&shop.people.customers[at as usize])
}

fn buyer(shop: &Shop, row: &OrderRow) -> (Option<wire::Customer>, Option<wire::PurchasingEntity>) {
    let customer = |at: u32| customer(shop, at);
    match row.buyer {
        BuyerRow::Customer(at) => (Some(customer(at)), Some(wire::PurchasingEntity::Customer)),
        BuyerRow::Company(at) => {
            let company = &shop.people.companies[at as usize];
            let entity = wire::PurchasingEntity::PurchasingCompany {
                company: wire::Company { name: Arc::clone(&company.company) },
                location: wire::CompanyLocation {
                    id: Gid::new(ids::company_location(shop.ordinal, at as usize).get()),
                    name: Arc::clone(&company.location),
                },
            };
            (Some(customer(company.contact)), Some(entity))
        }
        BuyerRow::Guest(_) | BuyerRow::Nobody => (None, None),
    }
}

/// The customer record at a position.
pub(super) fn customer(shop: &Shop, at: u32) -> wire::Customer {
    let details = &shop.people.customers[at as usize];
    let email = |email: &Arc<str>| wire::CustomerEmailAddress { email_address: Arc::clone(email) };
    let phone = |phone: &Arc<str>| wire::CustomerPhoneNumber { phone_number: Arc::clone(phone) };
    wire::Customer {
        id: Gid::new(ids::customer(shop.ordinal, at as usize).get()),
        display_name: details.display_name(),
        default_email_address: details.email.as_ref().map(email),
        default_phone_number: details.phone.as_ref().map(phone),
    }
}

pub(super) fn address(address: &Address) -> wire::MailingAddress {
    let address = address.clone();
    wire::MailingAddress {
        name: address.name,
        address1: address.line1,
        address2: address.line2,
        city: address.city,
        province_code: address.province,
        zip: address.zip,
        country_code_v2: address.country,
        phone: address.phone,
    }
}

/// Lines from position `from` on, at most `first`.
pub(super) fn line_items(
    shop: &Shop,
    texts: &Texts,
    n: usize,
    from: usize,
    first: usize,
) -> Connection<wire::LineItem> {
    let row = shop.orders.get(n);
    let until = row.lines.len().min(from.saturating_add(first));
    let nodes: Vec<wire::LineItem> =
        (from..until).map(|at| line_item(shop, texts, row, n, at, &row.lines[at])).collect();
    let last = nodes.last().map(|line| line.id.number());
    let cursor = |id: u64| Cursor { last_id: id, last_value: id as i64 }.encode();
    let page_info = PageInfo { has_next_page: until < row.lines.len(), end_cursor: last.map(cursor) };
    Connection { nodes, page_info }
}

fn line_item(
    shop: &Shop,
    texts: &Texts,
    row: &OrderRow,
    n: usize,
    at: usize,
    line: &LineRow,
) -> wire::LineItem {
    let digits = shop.digits();
    let charges = row.charges_on(Target::line(at));
    wire::LineItem {
        id: Gid::new(ids::line_item(shop.ordinal, n, at).get()),
        sku: (line.sku != NO_TEXT).then(|| Arc::clone(texts.get(line.sku))),
        title: Arc::clone(texts.get(line.title)),
        quantity: line.ordered,
        current_quantity: line.quantity,
        is_gift_card: line.is_gift_card,
        original_unit_price_set: ShopMoneyBag::of(DecimalText::from_minor(line.unit_price, digits)),
        discount_allocations: allocations(charges, texts, digits),
        tax_lines: tax_lines(charges, texts, digits),
    }
}

pub(super) fn shipping_lines(shop: &Shop, texts: &Texts, n: usize) -> Connection<wire::ShippingLine> {
    let row = shop.orders.get(n);
    let digits = shop.digits();
    let node = |(at, line): (usize, &super::rows::ShippingRow)| {
        let charges = row.charges_on(Target::shipping(at));
        wire::ShippingLine {
            id: Gid::new(ids::shipping_line(shop.ordinal, n, at).get()),
            title: Arc::clone(texts.get(line.title)),
            original_price_set: ShopMoneyBag::of(DecimalText::from_minor(line.price, digits)),
            discount_allocations: allocations(charges, texts, digits),
            tax_lines: tax_lines(charges, texts, digits),
        }
    };
    let nodes: Vec<wire::ShippingLine> = row.shipping.iter().enumerate().map(node).collect();
    let last = nodes.last().map(|line| line.id.number());
    let cursor = |id: u64| Cursor { last_id: id, last_value: id as i64 }.encode();
    Connection { nodes, page_info: PageInfo { has_next_page: false, end_cursor: last.map(cursor) } }
}

fn allocations(charges: &[Charge], texts: &Texts, digits: u8) -> Vec<wire::DiscountAllocation> {
    let discounts = charges.iter().filter(|charge| charge.kind == ChargeKind::Discount);
    let allocation = |charge: &Charge| wire::DiscountAllocation {
        allocated_amount_set: ShopMoneyBag::of(DecimalText::from_minor(charge.amount, digits)),
        discount_application: texts.discount(charge.label).clone(),
    };
    discounts.map(allocation).collect()
}

fn tax_lines(charges: &[Charge], texts: &Texts, digits: u8) -> Vec<wire::TaxLine> {
    let taxes = charges.iter().filter(|charge| charge.kind == ChargeKind::Tax);
    let tax_line = |charge: &Charge| {
        let kind = texts.tax(charge.label);
        wire::TaxLine {
            title: Arc::clone(&kind.title),
            rate: Some(Rate(kind.rate)),
            channel_liable: Some(kind.channel_liable),
            price_set: ShopMoneyBag::of(DecimalText::from_minor(charge.amount, digits)),
        }
    };
    taxes.map(tax_line).collect()
}

pub(super) fn transaction(
    shop: &Shop,
    texts: &Texts,
    n: usize,
    at: usize,
    entry: &TransactionRow,
) -> wire::OrderTransaction {
    let own = shop.currency_of(shop.orders.get(n));
    let digits = shop.digits();
    let shown = shop.orders.get(n).presentment().map_or(own, |(currency, _)| currency);
    let rounding = ShopMoneyBag::of(DecimalText::from_minor(i64::from(entry.rounding), digits));
    wire::OrderTransaction {
        id: Gid::new(ids::transaction(shop.ordinal, n, at).get()),
        parent_transaction: entry.parent().map(|at| Ref::new(ids::transaction(shop.ordinal, n, at).get())),
        kind: match entry.kind {
            TransactionKind::Authorization => wire::OrderTransactionKind::Authorization,
            TransactionKind::Capture => wire::OrderTransactionKind::Capture,
            TransactionKind::Sale => wire::OrderTransactionKind::Sale,
            TransactionKind::Refund => wire::OrderTransactionKind::Refund,
            TransactionKind::Void => wire::OrderTransactionKind::Void,
        },
        status: match entry.status {
            TransactionStatus::Success => wire::OrderTransactionStatus::Success,
            TransactionStatus::Pending => wire::OrderTransactionStatus::Pending,
            TransactionStatus::Failure => wire::OrderTransactionStatus::Failure,
        },
        gateway: Some(Arc::clone(texts.get(entry.gateway))),
        processed_at: Some(date_time(entry.at)),
        amount_set: MoneyBag {
            shop_money: wire::Amount { amount: DecimalText::from_minor(entry.amount, digits) },
            presentment_money: MoneyV2 {
                amount: DecimalText::from_minor(entry.presentment, shown.minor_digits() as u8),
                currency_code: shown,
            },
        },
        amount_rounding_set: (entry.rounding != 0).then_some(rounding),
    }
}
