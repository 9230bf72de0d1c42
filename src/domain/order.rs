//! An order as Shopify states it, every amount in shop currency unless said otherwise.
//!
//! What a checkout computes is Shopify's; nothing here recomputes it. [`Order::check`] only adds up.

use rust_decimal::Decimal;

use super::currency::Currency;
use super::customer::{Address, CustomerKey};
use super::fulfillment::Fulfillment;
use super::ids::{LineItemId, OrderId, ShippingLineId, ShopKey, Sku, TransactionId};
use super::money::{Money, MoneyError, Sum};
use super::refund::Refund;
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub shop: ShopKey,
    pub id: OrderId,
    /// `#1001`; neither unique nor stable.
    pub name: Box<str>,
    pub created_at: Timestamp,
    /// When the sale happened; a merchant may set it on import.
    pub processed_at: Timestamp,
    /// Whole seconds. Any change of the order moves it; it can also move without a visible change.
    pub updated_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
    pub currency: Currency,
    pub presentment_currency: Currency,
    pub taxes_included: bool,
    pub buyer: Buyer,
    pub ship_to: Option<Address>,
    pub lines: Vec<LineItem>,
    pub shipping: Vec<ShippingLine>,
    /// Duties, fees and tip as they were charged, before refunds of them; as are the shipping lines.
    pub duties: Money,
    pub additional_fees: Money,
    pub tip: Money,
    /// Tax as Shopify totals it now: `currentTotalTaxSet`.
    pub tax: Money,
    /// What the buyer owes or has paid for what stands now: `currentTotalPriceSet`.
    pub total: Money,
    /// The same in the currency that the buyer saw: whether an order is paid is judged in it (postings.md N5a).
    pub total_presentment: Money,
    pub transactions: Vec<Transaction>,
    /// What was shipped, as the buyer was told; cancelled ones included.
    pub fulfillments: Vec<Fulfillment>,
    /// In the order in which they were made.
    pub refunds: Vec<Refund>,
}

/// Who bought, with what is needed to find or make the NetSuite customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    pub key: CustomerKey,
    pub name: Option<Box<str>>,
    pub email: Option<Box<str>>,
    pub phone: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    pub id: LineItemId,
    /// `None` for a custom item without a SKU.
    pub sku: Option<Sku>,
    pub title: Box<str>,
    /// Units at checkout or when an edit added the line. Amounts of the line cover these.
    pub quantity_ordered: u32,
    /// Units that still stand after edits and refunds.
    pub quantity: u32,
    pub unit_price: Money,
    pub discounts: Vec<Discount>,
    pub taxes: Vec<TaxLine>,
    pub is_gift_card: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingLine {
    pub id: ShippingLineId,
    pub title: Box<str>,
    /// Before its discounts.
    pub price: Money,
    pub discounts: Vec<Discount>,
    pub taxes: Vec<TaxLine>,
}

/// The part of one discount that falls to one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// The code, or the title of an automatic or manual discount.
    pub label: Box<str>,
    /// Not negative.
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxLine {
    pub title: Box<str>,
    /// 0.2 for 20 %.
    pub rate: Decimal,
    pub amount: Money,
    /// A marketplace remits it: not our liability.
    pub channel_liable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub id: TransactionId,
    pub kind: TransactionKind,
    pub status: TransactionStatus,
    pub tender: Tender,
    pub amount: Money,
    pub presentment: Money,
    /// Cash rounding beside the amount: received = amount + rounding.
    pub rounding: Money,
    pub processed_at: Timestamp,
    /// The payment that a refund gives back, or the authorisation that a capture takes.
    pub parent: Option<TransactionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionKind {
    Authorization,
    Capture,
    Sale,
    Refund,
    Void,
    /// Change given, or a kind that came after this program: moves no money that we book.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    Success,
    Pending,
    Failure,
    Other,
}

/// One means of payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tender {
    GiftCard,
    StoreCredit,
    /// A card processor, wallet, instalment provider or manual method, by Shopify's gateway name.
    Gateway(Box<str>),
}

impl Tender {
    /// Source: shopify.md §i; the string of store credit is unverified there.
    pub fn from_gateway(gateway: &str) -> Tender {
        match gateway {
            "gift_card" => Tender::GiftCard,
            "shopify_store_credit" => Tender::StoreCredit,
            other => Tender::Gateway(other.into()),
        }
    }

    pub fn gateway(&self) -> &str {
        match self {
            Tender::GiftCard => "gift_card",
            Tender::StoreCredit => "shopify_store_credit",
            Tender::Gateway(name) => name,
        }
    }
}

impl Transaction {
    /// A capture or sale that succeeded: money of the shopper is now ours.
    pub fn captured(&self) -> bool {
        self.status == TransactionStatus::Success
            && matches!(self.kind, TransactionKind::Capture | TransactionKind::Sale)
    }

    /// # Errors
    /// Amount and rounding of different currencies, or out of range.
    pub fn received(&self) -> Result<Money, MoneyError> {
        self.amount.checked_add(self.rounding)
    }
}

impl LineItem {
    /// Scales an amount that covers the ordered units to those that still stand, half away from zero.
    ///
    /// Source: shopify.md §k: allocations and tax lines keep describing the original quantity after an edit.
    pub fn standing(&self, amount: Money) -> Result<Money, MoneyError> {
        if self.quantity == self.quantity_ordered {
            return Ok(amount);
        }
        amount.share(i64::from(self.quantity), i64::from(self.quantity_ordered.max(1)))
    }

    /// Unit price times the units that stand.
    ///
    /// # Errors
    /// Out of range.
    pub fn gross(&self) -> Result<Money, MoneyError> {
        self.unit_price.checked_mul(i64::from(self.quantity))
    }
}

/// The parts of an order do not add up to what Shopify states.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountsDisagree {
    #[error("the order's parts come to {parts}, its total is {total}")]
    Total { parts: Money, total: Money },
    #[error("the order's tax lines come to {lines}, its tax is {tax}")]
    Tax { lines: Money, tax: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Order {
    /// Adds up goods, shipping, discounts, tax, duties, fees and tip, less what was refunded of them, and compares
    /// with the stated totals. Adjustments of refunds move money, not the total (shopify.md §d.1).
    ///
    /// # Errors
    /// A component in a foreign currency, or sums that differ from `total` or `tax`.
    pub fn check(&self) -> Result<(), AmountsDisagree> {
        let (tax, total) = self.sums()?;
        if tax != self.tax {
            return Err(AmountsDisagree::Tax { lines: tax, tax: self.tax });
        }
        if total != self.total {
            return Err(AmountsDisagree::Total { parts: total, total: self.total });
        }
        Ok(())
    }

    /// The order as it would stand if nothing of it had been called off or given back.
    ///
    /// # Errors
    /// Amounts of different currencies, or out of range.
    pub fn as_placed(&self) -> Result<Order, MoneyError> {
        let mut placed = Order { refunds: vec![], cancelled_at: None, ..self.clone() };
        for line in &mut placed.lines {
            line.quantity = line.quantity_ordered;
        }
        (placed.tax, placed.total) = placed.sums()?;
        Ok(placed)
    }

    /// Tax and total, summed from the parts.
    fn sums(&self) -> Result<(Money, Money), MoneyError> {
        let mut parts = Sum::new(self.currency);
        let mut tax = Sum::new(self.currency);
        for line in &self.lines {
            parts.add(line.gross()?)?;
            for discount in &line.discounts {
                parts.add(line.standing(discount.amount)?.checked_neg()?)?;
            }
            for tax_line in &line.taxes {
                tax.add(line.standing(tax_line.amount)?)?;
            }
        }
        for shipping in &self.shipping {
            parts.add(shipping.price)?;
            for discount in &shipping.discounts {
                parts.add(discount.amount.checked_neg()?)?;
            }
            for tax_line in &shipping.taxes {
                tax.add(tax_line.amount)?;
            }
        }
        for extra in [self.duties, self.additional_fees, self.tip] {
            parts.add(extra)?;
        }
        for refund in &self.refunds {
            for shipping in &refund.shipping {
                parts.add(shipping.subtotal.checked_neg()?)?;
                tax.add(shipping.tax.checked_neg()?)?;
            }
            parts.add(refund.duties.checked_neg()?)?;
            parts.add(refund.tip.checked_neg()?)?;
        }
        let tax = tax.total()?;
        if !self.taxes_included {
            parts.add(tax)?;
        }
        Ok((tax, parts.total()?))
    }

    /// Transactions that brought money in, in the order Shopify lists them.
    pub fn captures(&self) -> impl Iterator<Item = &Transaction> {
        self.transactions.iter().filter(|transaction| transaction.captured())
    }
}
