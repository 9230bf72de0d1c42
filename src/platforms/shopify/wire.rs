//! Shopify's JSON as types: exactly the fields that our documents select, camel case on the wire.
//!
//! Lives here: answers ([`OrderData`] and so on), scalars ([`scalars`]), webhooks ([`webhook`]). Not here: what
//! they mean ([`super::convert`]), which request they answer ([`super::operation`]). Texts that repeat from
//! order to order are shared (`Arc`), so that the twin hands them out without copying.

pub mod bulk;
mod compliance;
mod fulfillment;
mod gift_card;
pub mod inventory;
pub mod payment;
pub mod payments;
pub mod prices;
pub mod products;
mod refund;
pub mod scalars;
pub mod webhook;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::Currency;

pub use compliance::{ComplianceCustomer, ComplianceTopic, ComplianceWebhook};
pub use fulfillment::{
    AssignedLocation, Fulfillment, FulfillmentCreateData, FulfillmentInput, FulfillmentLineItem,
    FulfillmentLines, FulfillmentLinesData, FulfillmentOrder, FulfillmentOrderLineItem,
    FulfillmentOrderLineItemInput, FulfillmentOrderLineItemsInput, FulfillmentOrderLines,
    FulfillmentOrderLinesData, FulfillmentOrderStatus, FulfillmentOrders, FulfillmentOrdersData,
    FulfillmentPayload, FulfillmentStatus, FulfillmentTrackingInfoUpdateData, FulfillmentTrackingInput,
    TrackingInfo,
};
pub use gift_card::{GiftCard, GiftCardsData};
pub use inventory::{
    InventoryAdjustmentGroup, InventoryItem, InventoryLevel, InventoryLevelsData, InventoryQuantity,
    InventorySetQuantitiesData, InventorySetQuantitiesPayload, InventoryUserError, QuantityName,
    StockedLocation,
};
pub use refund::{
    AdjustmentReason, Fee, OrderAdjustment, OrderRefunds, OrderRefundsData, Refund, RefundDuty,
    RefundLineItem, RefundShippingLine, RestockType, Sale, SaleLineType, SalesAgreement,
};
pub use scalars::{DateTime, DecimalText, Gid, Kind, Rate, Uuid, kind};
pub use webhook::{
    API_VERSION, ApiVersion, Delivery, FulfillmentWebhook, OffsetInstant, OrderEdit, OrderEditWebhook,
    OrderWebhook, RefundWebhook, WebhookPayload, WebhookTopic,
};

/// `data` of the document `order`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderData {
    pub order: Option<Order>,
}

/// Money in shop currency unless a field says otherwise; the currency is `currency_code`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: Gid<kind::Order>,
    pub name: Box<str>,
    pub created_at: DateTime,
    pub processed_at: DateTime,
    pub updated_at: DateTime,
    pub cancelled_at: Option<DateTime>,
    pub currency_code: Currency,
    pub presentment_currency_code: Currency,
    pub taxes_included: bool,
    pub email: Option<Arc<str>>,
    pub phone: Option<Arc<str>>,
    /// Null for some guest and point-of-sale orders. Source: shopify.md §d.2.
    pub customer: Option<Customer>,
    pub purchasing_entity: Option<PurchasingEntity>,
    pub shipping_address: Option<MailingAddress>,
    pub line_items: Connection<LineItem>,
    pub shipping_lines: Connection<ShippingLine>,
    pub current_total_duties_set: Option<ShopMoneyBag>,
    pub current_total_additional_fees_set: Option<ShopMoneyBag>,
    pub total_tip_received_set: ShopMoneyBag,
    pub current_total_tax_set: ShopMoneyBag,
    pub current_total_price_set: MoneyBag,
    pub transactions: Vec<OrderTransaction>,
    pub fulfillments: Vec<Fulfillment>,
    /// Only that there are some: the document `orderRefunds` reads them.
    pub refunds: Vec<Ref<kind::Refund>>,
}

/// A record of which only the number is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "K: Kind")]
pub struct Ref<K: Kind> {
    pub id: Gid<K>,
}

impl<K: Kind> Ref<K> {
    pub const fn new(number: u64) -> Ref<K> {
        Ref { id: Gid::new(number) }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub id: Gid<kind::Customer>,
    /// First and last name; e-mail or phone for a customer without a name.
    pub display_name: Arc<str>,
    pub default_email_address: Option<CustomerEmailAddress>,
    pub default_phone_number: Option<CustomerPhoneNumber>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerEmailAddress {
    pub email_address: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerPhoneNumber {
    pub phone_number: Arc<str>,
}

/// Who buys: a person or, in B2B, a company's location.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "__typename")]
pub enum PurchasingEntity {
    Customer,
    PurchasingCompany { company: Company, location: CompanyLocation },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Company {
    pub name: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompanyLocation {
    pub id: Gid<kind::CompanyLocation>,
    pub name: Arc<str>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailingAddress {
    pub name: Option<Box<str>>,
    pub address1: Option<Box<str>>,
    pub address2: Option<Box<str>>,
    pub city: Option<Box<str>>,
    pub province_code: Option<Box<str>>,
    pub zip: Option<Box<str>>,
    pub country_code_v2: Option<Box<str>>,
    pub phone: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection<T> {
    pub nodes: Vec<T>,
    pub page_info: PageInfo,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    pub has_next_page: bool,
    /// Null on an empty page. Source: shopify.md §b.3.
    pub end_cursor: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    pub id: Gid<kind::LineItem>,
    pub sku: Option<Arc<str>>,
    pub title: Arc<str>,
    /// Units ever ordered; allocations and tax lines cover these. Source: shopify.md §d.1.
    pub quantity: u32,
    pub current_quantity: u32,
    pub is_gift_card: bool,
    pub original_unit_price_set: ShopMoneyBag,
    pub discount_allocations: Vec<DiscountAllocation>,
    pub tax_lines: Vec<TaxLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingLine {
    pub id: Gid<kind::ShippingLine>,
    pub title: Arc<str>,
    pub original_price_set: ShopMoneyBag,
    pub discount_allocations: Vec<DiscountAllocation>,
    pub tax_lines: Vec<TaxLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountAllocation {
    pub allocated_amount_set: ShopMoneyBag,
    pub discount_application: DiscountApplication,
}

/// Where a discount came from. Source: shopify.md §k.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "__typename")]
pub enum DiscountApplication {
    #[serde(rename = "DiscountCodeApplication")]
    Code { code: Arc<str> },
    #[serde(rename = "AutomaticDiscountApplication")]
    Automatic { title: Arc<str> },
    #[serde(rename = "ManualDiscountApplication")]
    Manual { title: Arc<str> },
    #[serde(rename = "ScriptDiscountApplication")]
    Script { title: Arc<str> },
}

impl DiscountApplication {
    /// The code, or the title.
    pub fn label(&self) -> &Arc<str> {
        match self {
            DiscountApplication::Code { code } => code,
            DiscountApplication::Automatic { title }
            | DiscountApplication::Manual { title }
            | DiscountApplication::Script { title } => title,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxLine {
    pub title: Arc<str>,
    pub rate: Option<Rate>,
    /// A marketplace remits it. Null where Shopify does not know.
    pub channel_liable: Option<bool>,
    pub price_set: ShopMoneyBag,
}

/// A `MoneyBag` of which only the shop's side is selected; its currency is the order's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShopMoneyBag {
    pub shop_money: Amount,
}

impl ShopMoneyBag {
    pub const fn of(amount: DecimalText) -> ShopMoneyBag {
        ShopMoneyBag { shop_money: Amount { amount } }
    }

    pub const fn amount(self) -> DecimalText {
        self.shop_money.amount
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub amount: DecimalText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyBag {
    pub shop_money: Amount,
    pub presentment_money: MoneyV2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyV2 {
    pub amount: DecimalText,
    pub currency_code: Currency,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderTransaction {
    pub id: Gid<kind::OrderTransaction>,
    pub parent_transaction: Option<Ref<kind::OrderTransaction>>,
    pub kind: OrderTransactionKind,
    pub status: OrderTransactionStatus,
    pub gateway: Option<Arc<str>>,
    pub processed_at: Option<DateTime>,
    pub amount_set: MoneyBag,
    pub amount_rounding_set: Option<ShopMoneyBag>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderTransactionKind {
    Authorization,
    Capture,
    Change,
    EmvAuthorization,
    Refund,
    Sale,
    SuggestedRefund,
    Void,
    /// Enumerations may gain values inside a version. Source: shopify.md §a.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderTransactionStatus {
    AwaitingResponse,
    Error,
    Failure,
    Pending,
    Success,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderLinesData {
    pub order: Option<OrderLines>,
}

/// A further page of an order's lines, with the version of the order that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLines {
    pub id: Gid<kind::Order>,
    pub updated_at: DateTime,
    pub line_items: Connection<LineItem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrdersUpdatedData {
    pub orders: Connection<OrderStamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderStamp {
    pub id: Gid<kind::Order>,
    pub updated_at: DateTime,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSubscriptionsData {
    pub webhook_subscriptions: Connection<WebhookSubscription>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookSubscription {
    pub id: Gid<kind::WebhookSubscription>,
    pub topic: WebhookTopic,
    pub uri: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSubscriptionCreateData {
    pub webhook_subscription_create: Option<WebhookSubscriptionCreatePayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSubscriptionCreatePayload {
    pub webhook_subscription: Option<WebhookSubscription>,
    pub user_errors: Vec<UserError>,
}

/// The plain kind without a code: only its text tells what happened. Source: shopify.md §b.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserError {
    pub field: Option<Vec<Box<str>>>,
    pub message: Box<str>,
}
