//! What a shopper's checkout, or an API client with amounts of its own, puts in. Plain values; the arithmetic
//! is Shopify's and lives beside this file.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, CustomerId};
use crate::domain::{Currency, Timestamp};

/// A basket at the till. Amounts in minor units of the shop's currency; Shopify computes the rest.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub buyer: CheckoutBuyer,
    pub lines: Vec<CheckoutLine>,
    /// Applied in this order, each to what the earlier ones left.
    pub discounts: Vec<CheckoutDiscount>,
    /// Each is a tax line of every taxable line.
    pub taxes: Vec<CheckoutTax>,
    pub taxes_included: bool,
    pub shipping: Option<CheckoutShipping>,
    pub duties: i64,
    pub fees: i64,
    pub tip: i64,
    /// The currency that the shopper sees; `None` for the shop's own.
    pub presentment: Option<Presentment>,
    pub payments: Vec<Payment>,
    pub ship_to: Option<Arc<Address>>,
}

#[derive(Debug, Clone)]
pub enum CheckoutBuyer {
    Customer(CustomerId),
    /// The location's contact buys for the company.
    Company(CompanyLocationId),
    Guest {
        email: Option<Arc<str>>,
        phone: Option<Arc<str>>,
    },
}

#[derive(Debug, Clone)]
pub struct CheckoutLine {
    pub sku: Option<Arc<str>>,
    pub title: Arc<str>,
    /// At least 1.
    pub quantity: u32,
    pub unit_price: i64,
    pub taxable: bool,
    /// Never discounted. Source: shopify.md §k.
    pub is_gift_card: bool,
}

#[derive(Debug, Clone)]
pub struct CheckoutDiscount {
    pub label: Arc<str>,
    pub kind: DiscountKind,
    pub value: DiscountValue,
    pub target: DiscountTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiscountKind {
    Code,
    Automatic,
    Manual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountValue {
    /// Off the whole target, at most down to zero.
    Fixed(i64),
    /// 15 for 15 %, 0 to 100.
    Percent(Decimal),
    /// Off each item of the target, at most down to zero. Source: shopify.md §k, allocation method EACH.
    Each(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscountTarget {
    /// Spread over all lines but gift cards.
    AllLines,
    /// Spread over the lines at these positions.
    Lines(Vec<usize>),
    Shipping,
}

#[derive(Debug, Clone)]
pub struct CheckoutTax {
    pub title: Arc<str>,
    /// 0.2 for 20 %.
    pub rate: Decimal,
    pub channel_liable: bool,
}

#[derive(Debug, Clone)]
pub struct CheckoutShipping {
    pub title: Arc<str>,
    pub price: i64,
    pub taxable: bool,
}

/// One unit of the shop's currency is `rate` of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presentment {
    pub currency: Currency,
    pub rate: Decimal,
}

#[derive(Debug, Clone)]
pub struct Payment {
    pub gateway: Arc<str>,
    /// `None` for what the payments before it leave.
    pub amount: Option<i64>,
    /// What the shopper's statement shows, in minor units of the presentment currency; `None` to convert.
    pub presentment: Option<i64>,
    /// Cash rounding beside the amount.
    pub rounding: i32,
    pub standing: PaymentStanding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStanding {
    /// Money taken in one step: a `SALE`.
    Captured,
    /// Held for a later capture.
    Authorized,
    /// Started, not settled yet.
    Pending,
    Failed,
}

/// An order whose every amount is given, as API clients supply them. Stored as given (shopify.md §l).
#[derive(Debug, Clone)]
pub struct ExactOrder {
    pub buyer: CheckoutBuyer,
    pub lines: Vec<ExactLine>,
    pub shipping: Vec<ExactShipping>,
    pub duties: i64,
    pub fees: i64,
    pub tip: i64,
    pub taxes_included: bool,
    pub presentment: Option<Presentment>,
    pub payments: Vec<Payment>,
    pub ship_to: Option<Arc<Address>>,
    /// When the sale happened, if it was imported later.
    pub processed_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct ExactLine {
    pub sku: Option<Arc<str>>,
    pub title: Arc<str>,
    /// At least 1.
    pub quantity: u32,
    pub unit_price: i64,
    /// Code and amount off the whole line.
    pub discounts: Vec<(Arc<str>, i64)>,
    pub taxes: Vec<ExactTax>,
    pub is_gift_card: bool,
}

#[derive(Debug, Clone)]
pub struct ExactShipping {
    pub title: Arc<str>,
    pub price: i64,
    pub discounts: Vec<(Arc<str>, i64)>,
    pub taxes: Vec<ExactTax>,
}

#[derive(Debug, Clone)]
pub struct ExactTax {
    pub title: Arc<str>,
    pub rate: Decimal,
    pub amount: i64,
    pub channel_liable: bool,
}
