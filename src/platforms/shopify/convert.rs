//! Wire ↔ domain, nowhere else. Amount text becomes money once, here; every failure names its field.

pub use inventory::{inventory_level, levels_set, set_levels};

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;

mod fulfillment;
mod gift_card;
mod payments;
mod refund;

use super::wire;
use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, CustomerId, LineItemId, OrderId, ShippingLineId, TransactionId};
use crate::domain::order::{
    Buyer, Discount, LineItem, ShippingLine, TaxLine, Tender, Transaction, TransactionKind, TransactionStatus,
};
use crate::domain::{Currency, CustomerKey, Money, Order, ShopKey, Sku, Timestamp};
use crate::ports::shopify::{OrderStamp, Subscription, Topic};

pub use fulfillment::{fulfillment_input, fulfillment_order, tracking_input};
pub use gift_card::gift_card;
pub use payments::{balance_transaction, dispute, payout};

/// A field of an answer that is no domain value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {reason}")]
pub struct Unreadable {
    /// Path from the record down, e.g. `lineItems.3.taxLines.0.priceSet`.
    pub field: String,
    pub reason: String,
}

/// Where in an answer we are; costs nothing until something is wrong there.
#[derive(Clone, Copy)]
struct At<'a> {
    parent: Option<&'a At<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'a> At<'a> {
    const fn root(name: &'static str) -> At<'static> {
        At { parent: None, name, index: None }
    }

    const fn field(&'a self, name: &'static str) -> At<'a> {
        At { parent: Some(self), name, index: None }
    }

    const fn item(&'a self, name: &'static str, index: usize) -> At<'a> {
        At { parent: Some(self), name, index: Some(index) }
    }

    fn unreadable(&self, reason: impl Into<String>) -> Unreadable {
        Unreadable { field: self.to_string(), reason: reason.into() }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)?;
        self.index.map_or(Ok(()), |index| write!(f, ".{index}"))
    }
}

/// The order with all its lines: `order` holds the first page, `further_lines` what the next ones brought,
/// `refunds` what the document `orderRefunds` did.
///
/// # Errors
/// An amount with more digits than its currency has, a line that stands for more units than were ordered, or
/// more entries of a list than the documents ask for.
pub fn order(
    shop: ShopKey,
    order: wire::Order,
    further_lines: Vec<wire::LineItem>,
    refunds: Vec<wire::Refund>,
) -> Result<Order, Unreadable> {
    let at = At::root("order");
    let currency = order.currency_code;
    let money = |bag: wire::ShopMoneyBag, name| money(bag, currency, &at.field(name));
    let optional = |bag: Option<wire::ShopMoneyBag>, name| match bag {
        Some(bag) => money(bag, name),
        // Null where the order never had any.
        None => Ok(Money::zero(currency)),
    };
    if order.shipping_lines.page_info.has_next_page {
        return Err(at.field("shippingLines").unreadable("has more entries than one page"));
    }
    let mut lines = Vec::with_capacity(order.line_items.nodes.len() + further_lines.len());
    for (index, line) in order.line_items.nodes.into_iter().chain(further_lines).enumerate() {
        lines.push(line_item(line, currency, &at.item("lineItems", index))?);
    }
    let mut shipping = Vec::with_capacity(order.shipping_lines.nodes.len());
    for (index, line) in order.shipping_lines.nodes.into_iter().enumerate() {
        shipping.push(shipping_line(line, currency, &at.item("shippingLines", index))?);
    }
    let mut transactions = Vec::with_capacity(order.transactions.len());
    for (index, entry) in order.transactions.into_iter().enumerate() {
        transactions.push(transaction(
            entry,
            currency,
            order.created_at.at(),
            &at.item("transactions", index),
        )?);
    }
    let mut fulfillments = Vec::with_capacity(order.fulfillments.len());
    for (index, entry) in order.fulfillments.into_iter().enumerate() {
        fulfillments.push(fulfillment::fulfillment(entry, &at.item("fulfillments", index))?);
    }
    let terms = refund::Terms {
        currency,
        presentment: order.presentment_currency_code,
        taxes_included: order.taxes_included,
        created_at: order.created_at.at(),
    };
    let refunds = refund::refunds(refunds, terms, &at)?;
    // What Shopify states shrinks with refunds of it; the order keeps what was charged.
    let mut duties = optional(order.current_total_duties_set, "currentTotalDutiesSet")?;
    for refund in &refunds {
        duties = duties
            .checked_add(refund.duties)
            .map_err(|error| at.field("duties").unreadable(error.to_string()))?;
    }
    let total_at = at.field("currentTotalPriceSet");
    let shown = order.current_total_price_set.presentment_money;
    Ok(Order {
        shop,
        id: OrderId::new(order.id.number()),
        name: order.name,
        created_at: order.created_at.at(),
        processed_at: order.processed_at.at(),
        updated_at: order.updated_at.at(),
        cancelled_at: order.cancelled_at.map(wire::DateTime::at),
        currency,
        presentment_currency: order.presentment_currency_code,
        taxes_included: order.taxes_included,
        buyer: buyer(
            order.customer,
            order.purchasing_entity,
            order.email,
            order.phone,
            order.shipping_address.as_ref(),
        ),
        ship_to: order.shipping_address.map(address),
        lines,
        shipping,
        duties,
        additional_fees: optional(order.current_total_additional_fees_set, "currentTotalAdditionalFeesSet")?,
        tip: money(order.total_tip_received_set, "totalTipReceivedSet")?,
        tax: money(order.current_total_tax_set, "currentTotalTaxSet")?,
        total: amount(order.current_total_price_set.shop_money.amount, currency, &total_at)?,
        total_presentment: amount(shown.amount, shown.currency_code, &total_at)?,
        transactions,
        fulfillments,
        refunds,
    })
}

fn money(bag: wire::ShopMoneyBag, currency: Currency, at: &At<'_>) -> Result<Money, Unreadable> {
    amount(bag.amount(), currency, at)
}

fn amount(text: wire::DecimalText, currency: Currency, at: &At<'_>) -> Result<Money, Unreadable> {
    match text.minor(currency.minor_digits()) {
        Some(minor) => Ok(Money::new(minor, currency)),
        None => Err(at.unreadable(format!("is {text}, which is no amount of {currency}"))),
    }
}

/// A guest's name is the one on the parcel: Shopify keeps no other.
fn buyer(
    customer: Option<wire::Customer>,
    entity: Option<wire::PurchasingEntity>,
    order_email: Option<Arc<str>>,
    order_phone: Option<Arc<str>>,
    ship_to: Option<&wire::MailingAddress>,
) -> Buyer {
    let (key, name, email, phone) = match customer {
        Some(customer) => (
            CustomerKey::Customer(CustomerId::new(customer.id.number())),
            Some(Box::from(&*customer.display_name)),
            customer.default_email_address.map(|it| it.email_address),
            customer.default_phone_number.map(|it| it.phone_number),
        ),
        None => (CustomerKey::Guest, ship_to.and_then(|address| address.name.clone()), None, None),
    };
    let (key, name) = match entity {
        Some(wire::PurchasingEntity::PurchasingCompany { company, location }) => {
            let key = CustomerKey::CompanyLocation(CompanyLocationId::new(location.id.number()));
            (key, Some(company_name(&company.name, &location.name)))
        }
        _ => (key, name),
    };
    let text = |own: Option<Arc<str>>, of_order: Option<Arc<str>>| own.or(of_order).map(|it| Box::from(&*it));
    Buyer { key, name, email: text(email, order_email), phone: text(phone, order_phone) }
}

/// A company with one location usually gives both the same name.
fn company_name(company: &str, location: &str) -> Box<str> {
    if company == location { company.into() } else { format!("{company}, {location}").into() }
}

fn address(address: wire::MailingAddress) -> Address {
    Address {
        name: address.name,
        line1: address.address1,
        line2: address.address2,
        city: address.city,
        province: address.province_code,
        zip: address.zip,
        country: address.country_code_v2,
        phone: address.phone,
    }
}

fn line_item(line: wire::LineItem, currency: Currency, at: &At<'_>) -> Result<LineItem, Unreadable> {
    if line.current_quantity > line.quantity {
        return Err(at.field("currentQuantity").unreadable("exceeds the quantity ordered"));
    }
    Ok(LineItem {
        id: LineItemId::new(line.id.number()),
        sku: line.sku.filter(|sku| !sku.is_empty()).map(|sku| Sku(Box::from(&*sku))),
        title: Box::from(&*line.title),
        quantity_ordered: line.quantity,
        quantity: line.current_quantity,
        unit_price: money(line.original_unit_price_set, currency, &at.field("originalUnitPriceSet"))?,
        discounts: discounts(line.discount_allocations, currency, at)?,
        taxes: tax_lines(line.tax_lines, currency, at)?,
        is_gift_card: line.is_gift_card,
    })
}

fn shipping_line(
    line: wire::ShippingLine,
    currency: Currency,
    at: &At<'_>,
) -> Result<ShippingLine, Unreadable> {
    Ok(ShippingLine {
        id: ShippingLineId::new(line.id.number()),
        title: Box::from(&*line.title),
        price: money(line.original_price_set, currency, &at.field("originalPriceSet"))?,
        discounts: discounts(line.discount_allocations, currency, at)?,
        taxes: tax_lines(line.tax_lines, currency, at)?,
    })
}

fn discounts(
    allocations: Vec<wire::DiscountAllocation>,
    currency: Currency,
    at: &At<'_>,
) -> Result<Vec<Discount>, Unreadable> {
    let mut discounts = Vec::with_capacity(allocations.len());
    for (index, allocation) in allocations.into_iter().enumerate() {
        let at = at.item("discountAllocations", index);
        let amount = money(allocation.allocated_amount_set, currency, &at.field("allocatedAmountSet"))?;
        if amount.minor() < 0 {
            return Err(at.unreadable("is negative"));
        }
        discounts.push(Discount { label: Box::from(&**allocation.discount_application.label()), amount });
    }
    Ok(discounts)
}

fn tax_lines(lines: Vec<wire::TaxLine>, currency: Currency, at: &At<'_>) -> Result<Vec<TaxLine>, Unreadable> {
    let mut taxes = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let at = at.item("taxLines", index);
        taxes.push(TaxLine {
            title: Box::from(&*line.title),
            rate: line.rate.map_or(Decimal::ZERO, |rate| rate.0),
            amount: money(line.price_set, currency, &at.field("priceSet"))?,
            channel_liable: line.channel_liable.unwrap_or(false),
        });
    }
    Ok(taxes)
}

fn transaction(
    entry: wire::OrderTransaction,
    currency: Currency,
    created_at: Timestamp,
    at: &At<'_>,
) -> Result<Transaction, Unreadable> {
    let amount_at = at.field("amountSet");
    let presentment = entry.amount_set.presentment_money;
    let rounding = match entry.amount_rounding_set {
        Some(bag) => money(bag, currency, &at.field("amountRoundingSet"))?,
        None => Money::zero(currency),
    };
    Ok(Transaction {
        id: TransactionId::new(entry.id.number()),
        kind: transaction_kind(entry.kind),
        status: transaction_status(entry.status),
        // A transaction without a gateway is left to policy, which maps no such name and says so.
        tender: Tender::from_gateway(entry.gateway.as_deref().unwrap_or("")),
        amount: amount(entry.amount_set.shop_money.amount, currency, &amount_at)?,
        presentment: amount(presentment.amount, presentment.currency_code, &amount_at)?,
        rounding,
        parent: entry.parent_transaction.map(|parent| TransactionId::new(parent.id.number())),
        processed_at: entry.processed_at.map_or(created_at, wire::DateTime::at),
    })
}

fn transaction_kind(kind: wire::OrderTransactionKind) -> TransactionKind {
    use wire::OrderTransactionKind as Wire;
    match kind {
        Wire::Authorization | Wire::EmvAuthorization => TransactionKind::Authorization,
        Wire::Capture => TransactionKind::Capture,
        Wire::Sale => TransactionKind::Sale,
        Wire::Refund => TransactionKind::Refund,
        Wire::Void => TransactionKind::Void,
        Wire::Change | Wire::SuggestedRefund | Wire::Unknown => TransactionKind::Other,
    }
}

fn transaction_status(status: wire::OrderTransactionStatus) -> TransactionStatus {
    use wire::OrderTransactionStatus as Wire;
    match status {
        Wire::Success => TransactionStatus::Success,
        Wire::Pending | Wire::AwaitingResponse => TransactionStatus::Pending,
        Wire::Failure | Wire::Error => TransactionStatus::Failure,
        Wire::Unknown => TransactionStatus::Other,
    }
}

pub fn order_stamp(stamp: wire::OrderStamp) -> OrderStamp {
    OrderStamp { id: OrderId::new(stamp.id.number()), updated_at: stamp.updated_at.at() }
}

/// `None` for a topic that the engine does not know.
pub fn subscription(subscription: &wire::WebhookSubscription) -> Option<Subscription> {
    let topic = topic(subscription.topic)?;
    Some(Subscription { topic, uri: subscription.uri.as_ref().to_owned() })
}

pub fn topic(topic: wire::WebhookTopic) -> Option<Topic> {
    match topic {
        wire::WebhookTopic::OrdersCreate => Some(Topic::OrdersCreate),
        wire::WebhookTopic::OrdersUpdated => Some(Topic::OrdersUpdated),
        wire::WebhookTopic::OrdersPaid => Some(Topic::OrdersPaid),
        wire::WebhookTopic::OrdersEdited => Some(Topic::OrdersEdited),
        wire::WebhookTopic::OrdersCancelled => Some(Topic::OrdersCancelled),
        wire::WebhookTopic::RefundsCreate => Some(Topic::RefundsCreate),
        wire::WebhookTopic::FulfillmentsCreate => Some(Topic::FulfillmentsCreate),
        wire::WebhookTopic::FulfillmentsUpdate => Some(Topic::FulfillmentsUpdate),
        wire::WebhookTopic::Other => None,
    }
}

pub fn wire_topic(topic: Topic) -> wire::WebhookTopic {
    match topic {
        Topic::OrdersCreate => wire::WebhookTopic::OrdersCreate,
        Topic::OrdersUpdated => wire::WebhookTopic::OrdersUpdated,
        Topic::OrdersPaid => wire::WebhookTopic::OrdersPaid,
        Topic::OrdersEdited => wire::WebhookTopic::OrdersEdited,
        Topic::OrdersCancelled => wire::WebhookTopic::OrdersCancelled,
        Topic::RefundsCreate => wire::WebhookTopic::RefundsCreate,
        Topic::FulfillmentsCreate => wire::WebhookTopic::FulfillmentsCreate,
        Topic::FulfillmentsUpdate => wire::WebhookTopic::FulfillmentsUpdate,
    }
}

mod inventory;
#[cfg(test)]
mod tests;
