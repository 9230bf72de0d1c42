//! What becomes of orders after they were placed: drawn by share, or scripted to the penny.

use super::{Latency, ScriptedLine};
use crate::domain::customer::Address;
use crate::domain::refund::{RefundFeeKind, Restock};
use crate::domain::{BookDate, Duration, InternalId, Money, ShopKey, Sku};

/// Habits of buyers after the purchase. Shares are in parts per million: of orders, or of returns where it says so.
#[derive(Debug, Clone)]
pub struct AfterPurchase {
    pub cancelled_ppm: u32,
    /// Half of the cancellations come within ten minutes, the others within this.
    pub cancelled_within: Duration,
    pub readdressed_ppm: u32,
    pub readdressed: Latency,
    /// Of what is sold, by value.
    pub returned_ppm: u32,
    /// From shipment to refund, after `sooner`.
    pub return_lag: Latency,
    /// Returns within the hour, of returns.
    pub at_once_ppm: u32,
    /// Of returns: goods are sent in their stead.
    pub exchanged_ppm: u32,
    /// Of returns: paid as store credit.
    pub store_credit_ppm: u32,
    /// Of returns: some of the units only.
    pub partial_ppm: u32,
    /// Of returns: nothing comes back, the delivery is refunded.
    pub shipping_only_ppm: u32,
    /// Of returns: a fee is kept.
    pub fee_ppm: u32,
    /// Of what comes back, in parts per million.
    pub fee_share_ppm: u32,
    /// Of returns: more is given than came back is worth.
    pub goodwill_ppm: u32,
    /// Of returns: the goods are not put back on the shelf.
    pub not_restocked_ppm: u32,
    /// Of refunds: the processor reports a failure after it had reported success.
    pub refund_fails_ppm: u32,
    /// Orders that sell a gift card.
    pub gift_card_ppm: u32,
}

/// Something that happens to an order of the script later.
#[derive(Debug, Clone)]
pub enum Aftermath {
    /// The money of an authorised order is taken, at the rate of this moment.
    Capture {
        amount: Money,
        presentment: Option<Money>,
    },
    /// The warehouse prints its pick list.
    /// It shows so much later, as the warehouse usually has it unless stated.
    Release {
        lock_delay: Option<Duration>,
    },
    Ship(ScriptedShipment),
    Refund(Box<ScriptedRefund>),
    /// The processor's last word on the money of a refund, counted from 0 among the refunds of the order.
    SettleRefund {
        refund: usize,
        succeeds: bool,
    },
    Cancel {
        refund: bool,
        restock: bool,
    },
    Readdress(Address),
    Hold,
    Unhold,
    /// To the location of this number in Shopify.
    Move {
        location: u64,
    },
    /// Units by line that become a fulfillment order of their own.
    Split {
        lines: Vec<(usize, u32)>,
    },
    Staff(StaffAct),
}

/// A parcel, or several, leaves the warehouse: staff save an item fulfillment in NetSuite.
#[derive(Debug, Clone)]
pub struct ScriptedShipment {
    /// Units by line; none means all that is left.
    pub lines: Vec<(usize, u32)>,
    /// In NetSuite; the entity's own unless stated.
    pub location: Option<InternalId>,
    pub parcels: Vec<ScriptedParcel>,
}

#[derive(Debug, Clone)]
pub struct ScriptedParcel {
    pub carrier: Option<Box<str>>,
    pub number: Box<str>,
}

/// A refund with exactly these amounts: nothing of it is computed but what Shopify computes itself.
#[derive(Debug, Clone)]
pub struct ScriptedRefund {
    pub lines: Vec<ScriptedRefundLine>,
    pub shipping: Option<ShippingBack>,
    pub duties: Option<Money>,
    pub tip: Option<Money>,
    pub fees: Vec<(RefundFeeKind, Money)>,
    /// Paid beyond the parts, or less than these; Shopify states it as a discrepancy.
    pub goodwill: Option<Money>,
    /// Goods come back.
    pub is_return: bool,
    /// What goes out in their stead.
    pub exchange: Vec<ScriptedLine>,
    pub payments: Vec<ScriptedRefundPayment>,
}

#[derive(Debug, Clone, Copy)]
pub struct ScriptedRefundLine {
    pub line: usize,
    pub units: u32,
    /// `None`: back on the shelf if they had left, else never picked.
    pub restock: Option<Restock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippingBack {
    All,
    /// As the order's prices are: with tax inside where these have it.
    Part(Money),
}

#[derive(Debug, Clone)]
pub struct ScriptedRefundPayment {
    /// The tender to which it goes back; `store-credit` may be one that did not pay.
    pub gateway: Box<str>,
    pub amount: Money,
    pub presentment: Option<Money>,
    pub standing: RefundStanding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStanding {
    Succeeded,
    Pending,
    Failed,
}

/// What somebody does in NetSuite by hand, without an external id of ours.
#[derive(Debug, Clone)]
pub enum StaffAct {
    /// Bills what was shipped and is not billed.
    KeyInvoice,
    KeyCreditMemo {
        amount: Money,
    },
    /// Ships all that is left, without having released it.
    KeyShipment,
    CloseLine {
        line: usize,
    },
    /// The line's item becomes another one.
    Substitute {
        line: usize,
        sku: Sku,
    },
}

/// A gift card that no order sold.
#[derive(Debug, Clone)]
pub struct ScriptedCard {
    /// Named in the file, to refer to it in later events.
    pub name: Box<str>,
    pub shop: ShopKey,
    pub value: Money,
    pub expires: Option<BookDate>,
}
