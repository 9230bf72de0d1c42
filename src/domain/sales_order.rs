//! A sales order: what the engine writes to NetSuite for an order, and what NetSuite says of one.
//! A sales order posts nothing (postings.md row 1).

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::currency::Currency;
use super::customer::Address;
use super::ids::{ExternalId, InternalId, LineItemId, ShippingLineId, Sku};
use super::money::{Money, MoneyError, Sum};
use super::time::{BookDate, Timestamp};

/// A sales order as the engine writes it. Amounts in `currency`; tax is an override, never computed by NetSuite.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SalesOrder {
    pub external_id: ExternalId,
    pub customer: ExternalId,
    pub subsidiary: InternalId,
    pub location: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    /// The order's name in the shop, for people who search.
    pub other_ref: Box<str>,
    pub ship_to: Option<Address>,
    /// Saved as waiting for approval: nothing of it reaches the warehouse before its buyer's credit was looked at.
    pub is_held: bool,
    pub lines: Vec<SalesOrderLine>,
}

/// One component of the order: goods, a discount on them, delivery, duty, fee or tip.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SalesOrderLine {
    pub key: LineKey,
    /// The NetSuite item by its external id: the SKU for goods, a service item of policy for all else.
    pub item: Sku,
    pub quantity: u32,
    /// Net of tax; negative for a discount.
    pub amount: Money,
    pub taxes: Vec<LineTax>,
    /// The discount's label, for promotional margin by code.
    pub memo: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LineTax {
    pub code: InternalId,
    pub rate: Decimal,
    pub amount: Money,
}

/// Which component of the Shopify order a sales-order line stands for. Kept on the line in a custom column, so
/// that identity never rests on the SKU (failures.md B13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKey {
    Goods(LineItemId),
    /// The n-th discount allocation of a line.
    GoodsDiscount(LineItemId, u16),
    /// The n-th component of a bundle that was sold as one line.
    Component(LineItemId, u16),
    Shipping(ShippingLineId),
    ShippingDiscount(ShippingLineId, u16),
    Duties,
    Fees,
    Tip,
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineKey::Goods(id) => write!(f, "l{id}"),
            LineKey::GoodsDiscount(id, at) => write!(f, "l{id}-d{at}"),
            LineKey::Component(id, at) => write!(f, "l{id}-c{at}"),
            LineKey::Shipping(id) => write!(f, "s{id}"),
            LineKey::ShippingDiscount(id, at) => write!(f, "s{id}-d{at}"),
            LineKey::Duties => f.write_str("duties"),
            LineKey::Fees => f.write_str("fees"),
            LineKey::Tip => f.write_str("tip"),
        }
    }
}

/// The text in the custom column is not one that the engine writes: a person added the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the key of an order's component")]
pub struct NotALineKey(pub String);

impl FromStr for LineKey {
    type Err = NotALineKey;

    fn from_str(text: &str) -> Result<LineKey, NotALineKey> {
        let parse = || -> Option<LineKey> {
            match text {
                "duties" => return Some(LineKey::Duties),
                "fees" => return Some(LineKey::Fees),
                "tip" => return Some(LineKey::Tip),
                _ => {}
            }
            if let Some((head, at)) = text.split_once("-c") {
                let line = head.strip_prefix('l')?.parse().ok()?;
                return Some(LineKey::Component(LineItemId::new(line), at.parse().ok()?));
            }
            let (head, discount) = match text.split_once("-d") {
                Some((head, at)) => (head, Some(at.parse::<u16>().ok()?)),
                None => (text, None),
            };
            let number = head.get(1..)?.parse::<u64>().ok()?;
            match (head.as_bytes()[0], discount) {
                (b'l', None) => Some(LineKey::Goods(LineItemId::new(number))),
                (b'l', Some(at)) => Some(LineKey::GoodsDiscount(LineItemId::new(number), at)),
                (b's', None) => Some(LineKey::Shipping(ShippingLineId::new(number))),
                (b's', Some(at)) => Some(LineKey::ShippingDiscount(ShippingLineId::new(number), at)),
                _ => None,
            }
        };
        if text.is_empty() { None } else { parse() }.ok_or_else(|| NotALineKey(text.to_owned()))
    }
}

impl SalesOrder {
    /// Lines and their tax.
    ///
    /// # Errors
    /// A line in another currency, or a total out of range.
    pub fn total(&self) -> Result<Money, MoneyError> {
        let mut total = Sum::new(self.currency);
        for line in &self.lines {
            total.add(line.amount)?;
            for tax in &line.taxes {
                total.add(tax.amount)?;
            }
        }
        total.total()
    }
}

/// A sales order as NetSuite reports it, with the deposits that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSalesOrder {
    pub internal_id: InternalId,
    pub customer: InternalId,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub status: SalesOrderStatus,
    pub lines: Vec<KnownLine>,
    pub total: Money,
    pub ship_to: Option<Address>,
    /// When the warehouse took the order for a pick wave, as far as NetSuite knows by now: a fact that may arrive
    /// late (failures.md A12).
    pub released_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLine {
    /// NetSuite's number of the line: not consecutive, the key of a sublist update.
    pub line: u32,
    /// `None` when a person added the line.
    pub key: Option<LineKey>,
    pub item: Sku,
    pub quantity: u32,
    pub amount: Money,
    pub taxes: Vec<LineTax>,
    pub is_closed: bool,
}

/// Source: netsuite.md §13.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SalesOrderStatus {
    PendingApproval,
    PendingFulfillment,
    Cancelled,
    PartiallyFulfilled,
    PendingBillingPartiallyFulfilled,
    PendingBilling,
    Billed,
    Closed,
}

/// One change of a sales order that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineChange {
    Add(SalesOrderLine),
    /// Bring the line with this number to what the component now is.
    Set {
        line: u32,
        to: SalesOrderLine,
    },
    /// The component is gone: close the line, release its commitment, leave its trace.
    Close {
        line: u32,
    },
}
