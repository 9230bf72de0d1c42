//! A call to Shopify and its answer, as closed enums so that a transport dispatches without generics.
//!
//! A [`Request`] is a document, its operation name and typed variables; an [`Answer`] holds exactly the
//! selected fields. A transport hands both across as they are, or as the JSON that [`Request::body`] and
//! [`Response::to_json`] write and [`Request::parse`] and [`Response::parse`] read. Not here: what an answer
//! means (`convert`), what errors allow (`client`).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cost;
// What the twin needs of the price list: it speaks to this module and `wire` only.
pub use super::cost::{PAGE_SIZE_MAX, SINGLE_QUERY_COST_MAX, multiplier};
use super::wire::{self, Gid, WebhookTopic, kind};

#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Order(OrderVariables),
    OrderLines(OrderLinesVariables),
    OrdersUpdated(OrdersUpdatedVariables),
    WebhookSubscriptions(WebhookSubscriptionsVariables),
    WebhookSubscriptionCreate(WebhookSubscriptionCreateVariables),
    PriceLists(PageVariables),
    PriceList(PriceListVariables),
    ProductVariants(PageVariables),
    QuantityPricingUpdate(Box<QuantityPricingVariables>),
    OrderRefunds(OrderRefundsVariables),
    FulfillmentOrders(FulfillmentOrdersVariables),
    FulfillmentCreate(FulfillmentCreateVariables),
    FulfillmentTrackingInfoUpdate(FulfillmentTrackingInfoUpdateVariables),
    GiftCards(GiftCardsVariables),
    OrderTerms(OrderTermsVariables),
    PaymentTermsTemplates(TemplatesVariables),
    PaymentTermsCreate(Box<TermsCreateVariables>),
    OrderMarkAsPaid(MarkAsPaidVariables),
    InventoryLevels(InventoryLevelsVariables),
    InventorySetQuantities(InventorySetQuantitiesVariables),
    FulfillmentOrderLines(FulfillmentOrderLinesVariables),
    FulfillmentLines(FulfillmentLinesVariables),
    ProductVariant(ProductVariantVariables),
    VariantsUpdate(Box<VariantsUpdateVariables>),
    ProductUpdate(Box<ProductUpdateVariables>),
    Payouts(SearchVariables),
    Payout(PayoutVariables),
    BalanceTransactions(SearchVariables),
    Disputes(SearchVariables),
    BulkRun(BulkRunVariables),
    BulkOperation(BulkOperationVariables),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderVariables {
    pub id: Gid<kind::Order>,
    /// Lines on the first page, 1 to 250.
    pub lines: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLinesVariables {
    pub id: Gid<kind::Order>,
    /// Lines on the page, 1 to 250.
    pub lines: u16,
    pub after: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersUpdatedVariables {
    /// In Shopify's search syntax: `updated_at:>='2026-11-27T05:00:00Z'`.
    pub query: Box<str>,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSubscriptionsVariables {
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSubscriptionCreateVariables {
    pub topic: WebhookTopic,
    pub uri: Box<str>,
}

/// Of a listing that takes a cursor and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageVariables {
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceListVariables {
    pub id: Gid<kind::PriceList>,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityPricingVariables {
    pub price_list_id: Gid<kind::PriceList>,
    pub input: wire::prices::QuantityPricingInput,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefundsVariables {
    pub id: Gid<kind::Order>,
    /// Lines of each refund, 1 to 250.
    pub lines: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentOrdersVariables {
    pub id: Gid<kind::Order>,
    /// Lines of each fulfillment order, 1 to 250.
    pub lines: u16,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentOrderLinesVariables {
    pub id: Gid<kind::FulfillmentOrder>,
    /// Lines on the page, 1 to 250.
    pub lines: u16,
    pub after: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentLinesVariables {
    pub id: Gid<kind::Fulfillment>,
    /// Lines on the page, 1 to 250.
    pub lines: u16,
    pub after: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentCreateVariables {
    pub fulfillment: wire::FulfillmentInput,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentTrackingInfoUpdateVariables {
    pub fulfillment_id: Gid<kind::Fulfillment>,
    pub tracking_info_input: wire::FulfillmentTrackingInput,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftCardsVariables {
    /// In Shopify's search syntax: `created_at:>='2026-11-27T05:00:00Z'`.
    pub query: Box<str>,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTermsVariables {
    pub id: Gid<kind::Order>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatesVariables {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsCreateVariables {
    pub reference_id: Gid<kind::Order>,
    pub payment_terms_attributes: wire::payment::TermsInput,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkAsPaidVariables {
    pub input: MarkAsPaidInput,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkAsPaidInput {
    pub id: Gid<kind::Order>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryLevelsVariables {
    pub location: Gid<kind::Location>,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventorySetQuantitiesVariables {
    pub input: InventorySetQuantitiesInput,
    /// Of the directive `@idempotent`.
    pub key: Box<str>,
}

/// Of a listing below the payments account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchVariables {
    /// In Shopify's search syntax: `issued_at:>='2026-11-27T05:00:00Z'`.
    pub query: Box<str>,
    pub after: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutVariables {
    pub id: Gid<kind::ShopifyPaymentsPayout>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRunVariables {
    /// A document of its own: [`orders_in_bulk`].
    pub query: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkOperationVariables {
    pub id: Gid<kind::BulkOperation>,
}

/// Around the search text of the document that lists what [`Operation::OrdersUpdated`] does, in bulk: each line of its
/// file is a [`wire::OrderStamp`].
const IN_BULK: (&str, &str) =
    ("{ orders(query: \"", "\", sortKey: UPDATED_AT) { edges { node { id updatedAt } } } }");

/// The document that lists in bulk what a search, which holds no quotation mark, finds among orders.
pub fn orders_in_bulk(search: &str) -> Box<str> {
    [IN_BULK.0, search, IN_BULK.1].concat().into()
}

/// The search of such a document; `None` for any other.
pub fn search_in_bulk(document: &str) -> Option<&str> {
    document.strip_prefix(IN_BULK.0)?.strip_suffix(IN_BULK.1)
}

/// Field order is part of what an idempotency key stands for (shopify.md §b2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventorySetQuantitiesInput {
    pub name: wire::QuantityName,
    pub reason: Box<str>,
    pub reference_document_uri: Box<str>,
    /// At most 250; all or none are set.
    pub quantities: Vec<InventoryQuantityInput>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryQuantityInput {
    pub inventory_item_id: Gid<kind::InventoryItem>,
    pub location_id: Gid<kind::Location>,
    pub quantity: i64,
    /// Must be present; null sets without comparing.
    pub change_from_quantity: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductVariantVariables {
    pub id: Gid<kind::ProductVariant>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantsUpdateVariables {
    pub product_id: Gid<kind::Product>,
    pub variants: Vec<wire::products::VariantInput>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductUpdateVariables {
    pub product: wire::products::ProductInput,
}

/// One operation: what is sent, and how its price is found. Discriminants index [`cost`]'s cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    Order,
    OrderLines,
    OrdersUpdated,
    WebhookSubscriptions,
    WebhookSubscriptionCreate,
    PriceLists,
    PriceList,
    ProductVariants,
    QuantityPricingUpdate,
    OrderRefunds,
    FulfillmentOrders,
    FulfillmentCreate,
    FulfillmentTrackingInfoUpdate,
    GiftCards,
    OrderTerms,
    PaymentTermsTemplates,
    PaymentTermsCreate,
    OrderMarkAsPaid,
    InventoryLevels,
    InventorySetQuantities,
    FulfillmentOrderLines,
    FulfillmentLines,
    ProductVariant,
    VariantsUpdate,
    ProductUpdate,
    Payouts,
    Payout,
    BalanceTransactions,
    Disputes,
    BulkRun,
    BulkOperation,
}

impl Operation {
    pub const ALL: [Operation; 31] = [
        Operation::Order,
        Operation::OrderLines,
        Operation::OrdersUpdated,
        Operation::WebhookSubscriptions,
        Operation::WebhookSubscriptionCreate,
        Operation::PriceLists,
        Operation::PriceList,
        Operation::ProductVariants,
        Operation::QuantityPricingUpdate,
        Operation::OrderRefunds,
        Operation::FulfillmentOrders,
        Operation::FulfillmentCreate,
        Operation::FulfillmentTrackingInfoUpdate,
        Operation::GiftCards,
        Operation::OrderTerms,
        Operation::PaymentTermsTemplates,
        Operation::PaymentTermsCreate,
        Operation::OrderMarkAsPaid,
        Operation::InventoryLevels,
        Operation::InventorySetQuantities,
        Operation::FulfillmentOrderLines,
        Operation::FulfillmentLines,
        Operation::ProductVariant,
        Operation::VariantsUpdate,
        Operation::ProductUpdate,
        Operation::Payouts,
        Operation::Payout,
        Operation::BalanceTransactions,
        Operation::Disputes,
        Operation::BulkRun,
        Operation::BulkOperation,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Operation::Order => "Order",
            Operation::OrderLines => "OrderLines",
            Operation::OrdersUpdated => "OrdersUpdated",
            Operation::WebhookSubscriptions => "WebhookSubscriptions",
            Operation::WebhookSubscriptionCreate => "WebhookSubscriptionCreate",
            Operation::PriceLists => "PriceLists",
            Operation::PriceList => "PriceList",
            Operation::ProductVariants => "ProductVariants",
            Operation::QuantityPricingUpdate => "QuantityPricingByVariantUpdate",
            Operation::OrderRefunds => "OrderRefunds",
            Operation::FulfillmentOrders => "FulfillmentOrders",
            Operation::FulfillmentCreate => "FulfillmentCreate",
            Operation::FulfillmentTrackingInfoUpdate => "FulfillmentTrackingInfoUpdate",
            Operation::GiftCards => "GiftCards",
            Operation::OrderTerms => "OrderTerms",
            Operation::PaymentTermsTemplates => "PaymentTermsTemplates",
            Operation::PaymentTermsCreate => "PaymentTermsCreate",
            Operation::OrderMarkAsPaid => "OrderMarkAsPaid",
            Operation::InventoryLevels => "InventoryLevels",
            Operation::InventorySetQuantities => "InventorySetQuantities",
            Operation::FulfillmentOrderLines => "FulfillmentOrderLines",
            Operation::FulfillmentLines => "FulfillmentLines",
            Operation::ProductVariant => "ProductVariant",
            Operation::VariantsUpdate => "ProductVariantsBulkUpdate",
            Operation::ProductUpdate => "ProductUpdate",
            Operation::Payouts => "Payouts",
            Operation::Payout => "Payout",
            Operation::BalanceTransactions => "BalanceTransactions",
            Operation::Disputes => "Disputes",
            Operation::BulkRun => "BulkOperationRunQuery",
            Operation::BulkOperation => "BulkOperation",
        }
    }

    pub const fn document(self) -> &'static str {
        match self {
            Operation::Order => include_str!("documents/order.graphql"),
            Operation::OrderLines => include_str!("documents/orderLines.graphql"),
            Operation::OrdersUpdated => include_str!("documents/ordersUpdated.graphql"),
            Operation::WebhookSubscriptions => include_str!("documents/webhookSubscriptions.graphql"),
            Operation::WebhookSubscriptionCreate => {
                include_str!("documents/webhookSubscriptionCreate.graphql")
            }
            Operation::PriceLists => include_str!("documents/priceLists.graphql"),
            Operation::PriceList => include_str!("documents/priceList.graphql"),
            Operation::ProductVariants => include_str!("documents/productVariants.graphql"),
            Operation::QuantityPricingUpdate => {
                include_str!("documents/quantityPricingByVariantUpdate.graphql")
            }
            Operation::OrderRefunds => include_str!("documents/orderRefunds.graphql"),
            Operation::FulfillmentOrders => include_str!("documents/fulfillmentOrders.graphql"),
            Operation::FulfillmentCreate => include_str!("documents/fulfillmentCreate.graphql"),
            Operation::FulfillmentTrackingInfoUpdate => {
                include_str!("documents/fulfillmentTrackingInfoUpdate.graphql")
            }
            Operation::GiftCards => include_str!("documents/giftCards.graphql"),
            Operation::OrderTerms => include_str!("documents/orderTerms.graphql"),
            Operation::PaymentTermsTemplates => include_str!("documents/paymentTermsTemplates.graphql"),
            Operation::PaymentTermsCreate => include_str!("documents/paymentTermsCreate.graphql"),
            Operation::OrderMarkAsPaid => include_str!("documents/orderMarkAsPaid.graphql"),
            Operation::InventoryLevels => include_str!("documents/inventoryLevels.graphql"),
            Operation::InventorySetQuantities => include_str!("documents/inventorySetQuantities.graphql"),
            Operation::FulfillmentOrderLines => include_str!("documents/fulfillmentOrderLines.graphql"),
            Operation::FulfillmentLines => include_str!("documents/fulfillmentLines.graphql"),
            Operation::ProductVariant => include_str!("documents/productVariant.graphql"),
            Operation::VariantsUpdate => include_str!("documents/productVariantsBulkUpdate.graphql"),
            Operation::ProductUpdate => include_str!("documents/productUpdate.graphql"),
            Operation::Payouts => include_str!("documents/payouts.graphql"),
            Operation::Payout => include_str!("documents/payout.graphql"),
            Operation::BalanceTransactions => include_str!("documents/balanceTransactions.graphql"),
            Operation::Disputes => include_str!("documents/disputes.graphql"),
            Operation::BulkRun => include_str!("documents/bulkOperationRunQuery.graphql"),
            Operation::BulkOperation => include_str!("documents/bulkOperation.graphql"),
        }
    }

    /// Whether a lost answer may have changed something.
    pub const fn is_mutation(self) -> bool {
        matches!(
            self,
            Operation::WebhookSubscriptionCreate
                | Operation::QuantityPricingUpdate
                | Operation::FulfillmentCreate
                | Operation::FulfillmentTrackingInfoUpdate
                | Operation::PaymentTermsCreate
                | Operation::OrderMarkAsPaid
                | Operation::InventorySetQuantities
                | Operation::VariantsUpdate
                | Operation::ProductUpdate
                | Operation::BulkRun
        )
    }
}

/// The JSON body of a POST. Clients in the field send nulls for what they leave out (shopify.md §q).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    query: String,
    #[serde(borrow, default)]
    variables: Option<&'a RawValue>,
    #[serde(default)]
    operation_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyOut<'a, V> {
    query: &'static str,
    variables: &'a V,
    operation_name: &'static str,
}

impl Request {
    pub const fn operation(&self) -> Operation {
        match self {
            Request::Order(_) => Operation::Order,
            Request::OrderLines(_) => Operation::OrderLines,
            Request::FulfillmentOrderLines(_) => Operation::FulfillmentOrderLines,
            Request::FulfillmentLines(_) => Operation::FulfillmentLines,
            Request::OrdersUpdated(_) => Operation::OrdersUpdated,
            Request::WebhookSubscriptions(_) => Operation::WebhookSubscriptions,
            Request::WebhookSubscriptionCreate(_) => Operation::WebhookSubscriptionCreate,
            Request::PriceLists(_) => Operation::PriceLists,
            Request::PriceList(_) => Operation::PriceList,
            Request::ProductVariants(_) => Operation::ProductVariants,
            Request::QuantityPricingUpdate(_) => Operation::QuantityPricingUpdate,
            Request::OrderRefunds(_) => Operation::OrderRefunds,
            Request::FulfillmentOrders(_) => Operation::FulfillmentOrders,
            Request::FulfillmentCreate(_) => Operation::FulfillmentCreate,
            Request::FulfillmentTrackingInfoUpdate(_) => Operation::FulfillmentTrackingInfoUpdate,
            Request::GiftCards(_) => Operation::GiftCards,
            Request::OrderTerms(_) => Operation::OrderTerms,
            Request::PaymentTermsTemplates(_) => Operation::PaymentTermsTemplates,
            Request::PaymentTermsCreate(_) => Operation::PaymentTermsCreate,
            Request::OrderMarkAsPaid(_) => Operation::OrderMarkAsPaid,
            Request::InventoryLevels(_) => Operation::InventoryLevels,
            Request::InventorySetQuantities(_) => Operation::InventorySetQuantities,
            Request::ProductVariant(_) => Operation::ProductVariant,
            Request::VariantsUpdate(_) => Operation::VariantsUpdate,
            Request::ProductUpdate(_) => Operation::ProductUpdate,
            Request::Payouts(_) => Operation::Payouts,
            Request::Payout(_) => Operation::Payout,
            Request::BalanceTransactions(_) => Operation::BalanceTransactions,
            Request::Disputes(_) => Operation::Disputes,
            Request::BulkRun(_) => Operation::BulkRun,
            Request::BulkOperation(_) => Operation::BulkOperation,
        }
    }

    pub const fn document(&self) -> &'static str {
        self.operation().document()
    }

    /// Points that Shopify will charge before it runs the query.
    pub fn requested_cost(&self) -> u32 {
        cost::of_operation(self.operation(), self.page_size())
    }

    /// The page size that the document takes as a variable; 0 where it has none.
    const fn page_size(&self) -> u16 {
        match self {
            Request::Order(variables) => variables.lines,
            Request::OrderLines(variables) => variables.lines,
            Request::OrderRefunds(variables) => variables.lines,
            Request::FulfillmentOrders(variables) => variables.lines,
            Request::FulfillmentOrderLines(variables) => variables.lines,
            Request::FulfillmentLines(variables) => variables.lines,
            _ => 0,
        }
    }

    pub fn variables_json(&self) -> String {
        match self {
            Request::Order(variables) => serde_json::to_string(variables),
            Request::OrderLines(variables) => serde_json::to_string(variables),
            Request::FulfillmentOrderLines(variables) => serde_json::to_string(variables),
            Request::FulfillmentLines(variables) => serde_json::to_string(variables),
            Request::OrdersUpdated(variables) => serde_json::to_string(variables),
            Request::WebhookSubscriptions(variables) => serde_json::to_string(variables),
            Request::WebhookSubscriptionCreate(variables) => serde_json::to_string(variables),
            Request::PriceLists(variables) => serde_json::to_string(variables),
            Request::PriceList(variables) => serde_json::to_string(variables),
            Request::ProductVariants(variables) => serde_json::to_string(variables),
            Request::QuantityPricingUpdate(variables) => serde_json::to_string(variables),
            Request::OrderRefunds(variables) => serde_json::to_string(variables),
            Request::FulfillmentOrders(variables) => serde_json::to_string(variables),
            Request::FulfillmentCreate(variables) => serde_json::to_string(variables),
            Request::FulfillmentTrackingInfoUpdate(variables) => serde_json::to_string(variables),
            Request::GiftCards(variables) => serde_json::to_string(variables),
            Request::OrderTerms(variables) => serde_json::to_string(variables),
            Request::PaymentTermsTemplates(variables) => serde_json::to_string(variables),
            Request::PaymentTermsCreate(variables) => serde_json::to_string(variables),
            Request::OrderMarkAsPaid(variables) => serde_json::to_string(variables),
            Request::InventoryLevels(variables) => serde_json::to_string(variables),
            Request::InventorySetQuantities(variables) => serde_json::to_string(variables),
            Request::ProductVariant(variables) => serde_json::to_string(variables),
            Request::VariantsUpdate(variables) => serde_json::to_string(variables),
            Request::ProductUpdate(variables) => serde_json::to_string(variables),
            Request::Payouts(variables) => serde_json::to_string(variables),
            Request::Payout(variables) => serde_json::to_string(variables),
            Request::BalanceTransactions(variables) => serde_json::to_string(variables),
            Request::Disputes(variables) => serde_json::to_string(variables),
            Request::BulkRun(variables) => serde_json::to_string(variables),
            Request::BulkOperation(variables) => serde_json::to_string(variables),
        }
        .expect("variables are structs of plain fields")
    }

    /// The JSON body to POST.
    pub fn body(&self) -> String {
        fn write<V: Serialize>(operation: Operation, variables: &V) -> String {
            let body = BodyOut { query: operation.document(), variables, operation_name: operation.name() };
            serde_json::to_string(&body).expect("a body is a struct of plain fields")
        }
        let operation = self.operation();
        match self {
            Request::Order(variables) => write(operation, variables),
            Request::OrderLines(variables) => write(operation, variables),
            Request::FulfillmentOrderLines(variables) => write(operation, variables),
            Request::FulfillmentLines(variables) => write(operation, variables),
            Request::OrdersUpdated(variables) => write(operation, variables),
            Request::WebhookSubscriptions(variables) => write(operation, variables),
            Request::WebhookSubscriptionCreate(variables) => write(operation, variables),
            Request::PriceLists(variables) => write(operation, variables),
            Request::PriceList(variables) => write(operation, variables),
            Request::ProductVariants(variables) => write(operation, variables),
            Request::QuantityPricingUpdate(variables) => write(operation, variables),
            Request::OrderRefunds(variables) => write(operation, variables),
            Request::FulfillmentOrders(variables) => write(operation, variables),
            Request::FulfillmentCreate(variables) => write(operation, variables),
            Request::FulfillmentTrackingInfoUpdate(variables) => write(operation, variables),
            Request::GiftCards(variables) => write(operation, variables),
            Request::OrderTerms(variables) => write(operation, variables),
            Request::PaymentTermsTemplates(variables) => write(operation, variables),
            Request::PaymentTermsCreate(variables) => write(operation, variables),
            Request::OrderMarkAsPaid(variables) => write(operation, variables),
            Request::InventoryLevels(variables) => write(operation, variables),
            Request::InventorySetQuantities(variables) => write(operation, variables),
            Request::ProductVariant(variables) => write(operation, variables),
            Request::VariantsUpdate(variables) => write(operation, variables),
            Request::ProductUpdate(variables) => write(operation, variables),
            Request::Payouts(variables) => write(operation, variables),
            Request::Payout(variables) => write(operation, variables),
            Request::BalanceTransactions(variables) => write(operation, variables),
            Request::Disputes(variables) => write(operation, variables),
            Request::BulkRun(variables) => write(operation, variables),
            Request::BulkOperation(variables) => write(operation, variables),
        }
    }

    /// Recognises one of our documents in the body of a POST.
    ///
    /// # Errors
    /// As Shopify would say it where it would refuse too; a document that is not ours is refused by name,
    /// because answering other fields than were asked for would be worse.
    pub fn parse(body: &str) -> Result<Request, GraphQlError> {
        let body: Body<'_> = serde_json::from_str(body)
            .map_err(|error| GraphQlError::coded(format!("unreadable body: {error}"), "BAD_REQUEST"))?;
        let known = |operation: &Operation| body.query.trim() == operation.document().trim();
        let Some(operation) = Operation::ALL.into_iter().find(known) else {
            let name = body.operation_name.unwrap_or_default();
            return Err(GraphQlError::coded(
                format!("document `{name}` is not one of those that this server knows"),
                "UNKNOWN_DOCUMENT",
            ));
        };
        if let Some(name) = body.operation_name.filter(|name| name != operation.name()) {
            return Err(GraphQlError::plain(format!("No operation named \"{name}\"")));
        }
        let variables = body.variables.map_or("{}", RawValue::get);
        fn read<'a, V: Deserialize<'a>>(
            text: &'a str,
            wrap: impl Fn(V) -> Request,
        ) -> Result<Request, GraphQlError> {
            serde_json::from_str(text)
                .map(wrap)
                .map_err(|error| GraphQlError::coded(error.to_string(), "INVALID_VARIABLE"))
        }
        match operation {
            Operation::Order => read(variables, Request::Order),
            Operation::OrderLines => read(variables, Request::OrderLines),
            Operation::FulfillmentOrderLines => read(variables, Request::FulfillmentOrderLines),
            Operation::FulfillmentLines => read(variables, Request::FulfillmentLines),
            Operation::OrdersUpdated => read(variables, Request::OrdersUpdated),
            Operation::WebhookSubscriptions => read(variables, Request::WebhookSubscriptions),
            Operation::WebhookSubscriptionCreate => read(variables, Request::WebhookSubscriptionCreate),
            Operation::PriceLists => read(variables, Request::PriceLists),
            Operation::PriceList => read(variables, Request::PriceList),
            Operation::ProductVariants => read(variables, Request::ProductVariants),
            Operation::QuantityPricingUpdate => read(variables, Request::QuantityPricingUpdate),
            Operation::OrderRefunds => read(variables, Request::OrderRefunds),
            Operation::FulfillmentOrders => read(variables, Request::FulfillmentOrders),
            Operation::FulfillmentCreate => read(variables, Request::FulfillmentCreate),
            Operation::FulfillmentTrackingInfoUpdate => {
                read(variables, Request::FulfillmentTrackingInfoUpdate)
            }
            Operation::GiftCards => read(variables, Request::GiftCards),
            Operation::OrderTerms => read(variables, Request::OrderTerms),
            Operation::PaymentTermsTemplates => read(variables, Request::PaymentTermsTemplates),
            Operation::PaymentTermsCreate => read(variables, Request::PaymentTermsCreate),
            Operation::OrderMarkAsPaid => read(variables, Request::OrderMarkAsPaid),
            Operation::InventoryLevels => read(variables, Request::InventoryLevels),
            Operation::InventorySetQuantities => read(variables, Request::InventorySetQuantities),
            Operation::ProductVariant => read(variables, Request::ProductVariant),
            Operation::VariantsUpdate => read(variables, |read| Request::VariantsUpdate(Box::new(read))),
            Operation::ProductUpdate => read(variables, |read| Request::ProductUpdate(Box::new(read))),
            Operation::Payouts => read(variables, Request::Payouts),
            Operation::Payout => read(variables, Request::Payout),
            Operation::BalanceTransactions => read(variables, Request::BalanceTransactions),
            Operation::Disputes => read(variables, Request::Disputes),
            Operation::BulkRun => read(variables, Request::BulkRun),
            Operation::BulkOperation => read(variables, Request::BulkOperation),
        }
    }
}

/// What stands below `data`, by operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Order(Box<wire::OrderData>),
    OrderLines(wire::OrderLinesData),
    FulfillmentOrderLines(wire::FulfillmentOrderLinesData),
    FulfillmentLines(wire::FulfillmentLinesData),
    OrdersUpdated(wire::OrdersUpdatedData),
    WebhookSubscriptions(wire::WebhookSubscriptionsData),
    WebhookSubscriptionCreate(wire::WebhookSubscriptionCreateData),
    PriceLists(wire::prices::PriceListsData),
    PriceList(wire::prices::PriceListData),
    ProductVariants(wire::prices::ProductVariantsData),
    QuantityPricingUpdate(wire::prices::QuantityPricingData),
    OrderRefunds(wire::OrderRefundsData),
    FulfillmentOrders(wire::FulfillmentOrdersData),
    FulfillmentCreate(wire::FulfillmentCreateData),
    FulfillmentTrackingInfoUpdate(wire::FulfillmentTrackingInfoUpdateData),
    GiftCards(wire::GiftCardsData),
    OrderTerms(wire::payment::OrderTermsData),
    PaymentTermsTemplates(wire::payment::TemplatesData),
    PaymentTermsCreate(wire::payment::TermsCreateData),
    OrderMarkAsPaid(wire::payment::MarkAsPaidData),
    InventoryLevels(wire::InventoryLevelsData),
    InventorySetQuantities(wire::InventorySetQuantitiesData),
    ProductVariant(Box<wire::products::ProductVariantData>),
    VariantsUpdate(wire::products::VariantsUpdateData),
    ProductUpdate(wire::products::ProductUpdateData),
    Payouts(wire::payments::AccountData<wire::payments::Payouts>),
    Payout(wire::payments::PayoutData),
    BalanceTransactions(wire::payments::AccountData<wire::payments::BalanceTransactions>),
    Disputes(wire::payments::AccountData<wire::payments::Disputes>),
    BulkRun(wire::bulk::BulkRunData),
    BulkOperation(wire::bulk::BulkOperationData),
}

/// A whole answer, HTTP 200.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Absent when the query did not run: throttled, too expensive, invalid.
    pub data: Option<Answer>,
    pub errors: Vec<GraphQlError>,
    pub extensions: Extensions,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Extensions {
    /// Absent when the document was refused before it was priced. Source: shopify.md §b.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Terms of a search that were dropped: every row matched instead. Source: shopify.md §d.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<SearchReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    pub requested_query_cost: u32,
    /// Null when the query did not run.
    pub actual_query_cost: Option<u32>,
    pub throttle_status: ThrottleStatus,
}

/// Numbers, never integers: Shopify writes `2000` and `2000.0`. Source: shopify.md §b.1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrottleStatus {
    pub maximum_available: f64,
    pub currently_available: f64,
    pub restore_rate: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchReport {
    pub path: Vec<Box<str>>,
    pub query: Box<str>,
    #[serde(default)]
    pub warnings: Vec<SearchWarning>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchWarning {
    pub field: Box<str>,
    pub message: Box<str>,
    #[serde(default)]
    pub code: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphQlError {
    pub message: String,
    #[serde(default, skip_serializing_if = "ErrorExtensions::is_empty")]
    pub extensions: ErrorExtensions,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorExtensions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Box<str>>,
}

impl ErrorExtensions {
    fn is_empty(&self) -> bool {
        *self == ErrorExtensions::default()
    }
}

impl GraphQlError {
    pub fn plain(message: String) -> GraphQlError {
        GraphQlError { message, extensions: ErrorExtensions::default() }
    }

    pub fn coded(message: String, code: &str) -> GraphQlError {
        let extensions = ErrorExtensions { code: Some(code.into()), ..ErrorExtensions::default() };
        GraphQlError { message, extensions }
    }

    pub fn code(&self) -> &str {
        self.extensions.code.as_deref().unwrap_or("")
    }
}

#[derive(Deserialize)]
struct EnvelopeIn<D> {
    #[serde(default = "nothing")]
    data: Option<D>,
    #[serde(default)]
    errors: Vec<GraphQlError>,
    #[serde(default)]
    extensions: Extensions,
}

fn nothing<D>() -> Option<D> {
    None
}

/// `data` stands first on success and behind `errors` on failure. Source: shopify.md §b.1.
#[derive(Serialize)]
struct EnvelopeOut<'a, D> {
    #[serde(skip_serializing_if = "<[GraphQlError]>::is_empty")]
    errors: &'a [GraphQlError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a D>,
    #[serde(skip_serializing_if = "no_extensions")]
    extensions: &'a Extensions,
}

fn no_extensions(extensions: &&Extensions) -> bool {
    extensions.cost.is_none() && extensions.search.is_empty()
}

impl Response {
    /// Only errors: the query did not run.
    pub fn refused(error: GraphQlError, cost: Option<Cost>) -> Response {
        Response { data: None, errors: vec![error], extensions: Extensions { cost, search: Vec::new() } }
    }

    /// Reads the body of an HTTP 200.
    ///
    /// # Errors
    /// A body without the documented shape; the message names the field and its place.
    pub fn parse(operation: Operation, body: &str) -> Result<Response, String> {
        fn read<'a, D: Deserialize<'a>>(
            body: &'a str,
            wrap: impl Fn(D) -> Answer,
        ) -> Result<Response, String> {
            let envelope: EnvelopeIn<D> = serde_json::from_str(body).map_err(|error| error.to_string())?;
            let EnvelopeIn { data, errors, extensions } = envelope;
            Ok(Response { data: data.map(wrap), errors, extensions })
        }
        match operation {
            Operation::Order => read(body, |data| Answer::Order(Box::new(data))),
            Operation::OrderLines => read(body, Answer::OrderLines),
            Operation::FulfillmentOrderLines => read(body, Answer::FulfillmentOrderLines),
            Operation::FulfillmentLines => read(body, Answer::FulfillmentLines),
            Operation::OrdersUpdated => read(body, Answer::OrdersUpdated),
            Operation::WebhookSubscriptions => read(body, Answer::WebhookSubscriptions),
            Operation::WebhookSubscriptionCreate => read(body, Answer::WebhookSubscriptionCreate),
            Operation::PriceLists => read(body, Answer::PriceLists),
            Operation::PriceList => read(body, Answer::PriceList),
            Operation::ProductVariants => read(body, Answer::ProductVariants),
            Operation::QuantityPricingUpdate => read(body, Answer::QuantityPricingUpdate),
            Operation::OrderRefunds => read(body, Answer::OrderRefunds),
            Operation::FulfillmentOrders => read(body, Answer::FulfillmentOrders),
            Operation::FulfillmentCreate => read(body, Answer::FulfillmentCreate),
            Operation::FulfillmentTrackingInfoUpdate => read(body, Answer::FulfillmentTrackingInfoUpdate),
            Operation::GiftCards => read(body, Answer::GiftCards),
            Operation::OrderTerms => read(body, Answer::OrderTerms),
            Operation::PaymentTermsTemplates => read(body, Answer::PaymentTermsTemplates),
            Operation::PaymentTermsCreate => read(body, Answer::PaymentTermsCreate),
            Operation::OrderMarkAsPaid => read(body, Answer::OrderMarkAsPaid),
            Operation::InventoryLevels => read(body, Answer::InventoryLevels),
            Operation::InventorySetQuantities => read(body, Answer::InventorySetQuantities),
            Operation::ProductVariant => read(body, |data| Answer::ProductVariant(Box::new(data))),
            Operation::VariantsUpdate => read(body, Answer::VariantsUpdate),
            Operation::ProductUpdate => read(body, Answer::ProductUpdate),
            Operation::Payouts => read(body, Answer::Payouts),
            Operation::Payout => read(body, Answer::Payout),
            Operation::BalanceTransactions => read(body, Answer::BalanceTransactions),
            Operation::Disputes => read(body, Answer::Disputes),
            Operation::BulkRun => read(body, Answer::BulkRun),
            Operation::BulkOperation => read(body, Answer::BulkOperation),
        }
    }

    /// The body of an HTTP 200.
    pub fn to_json(&self) -> String {
        fn write<D: Serialize>(response: &Response, data: Option<&D>) -> String {
            let envelope = EnvelopeOut { errors: &response.errors, data, extensions: &response.extensions };
            serde_json::to_string(&envelope).expect("an answer has no map with keys that are not text")
        }
        match &self.data {
            None => write::<()>(self, None),
            Some(Answer::Order(data)) => write(self, Some(data)),
            Some(Answer::OrderLines(data)) => write(self, Some(data)),
            Some(Answer::FulfillmentOrderLines(data)) => write(self, Some(data)),
            Some(Answer::FulfillmentLines(data)) => write(self, Some(data)),
            Some(Answer::OrdersUpdated(data)) => write(self, Some(data)),
            Some(Answer::WebhookSubscriptions(data)) => write(self, Some(data)),
            Some(Answer::WebhookSubscriptionCreate(data)) => write(self, Some(data)),
            Some(Answer::PriceLists(data)) => write(self, Some(data)),
            Some(Answer::PriceList(data)) => write(self, Some(data)),
            Some(Answer::ProductVariants(data)) => write(self, Some(data)),
            Some(Answer::QuantityPricingUpdate(data)) => write(self, Some(data)),
            Some(Answer::OrderRefunds(data)) => write(self, Some(data)),
            Some(Answer::FulfillmentOrders(data)) => write(self, Some(data)),
            Some(Answer::FulfillmentCreate(data)) => write(self, Some(data)),
            Some(Answer::FulfillmentTrackingInfoUpdate(data)) => write(self, Some(data)),
            Some(Answer::GiftCards(data)) => write(self, Some(data)),
            Some(Answer::OrderTerms(data)) => write(self, Some(data)),
            Some(Answer::PaymentTermsTemplates(data)) => write(self, Some(data)),
            Some(Answer::PaymentTermsCreate(data)) => write(self, Some(data)),
            Some(Answer::OrderMarkAsPaid(data)) => write(self, Some(data)),
            Some(Answer::InventoryLevels(data)) => write(self, Some(data)),
            Some(Answer::InventorySetQuantities(data)) => write(self, Some(data)),
            Some(Answer::ProductVariant(data)) => write(self, Some(data)),
            Some(Answer::VariantsUpdate(data)) => write(self, Some(data)),
            Some(Answer::ProductUpdate(data)) => write(self, Some(data)),
            Some(Answer::Payouts(data)) => write(self, Some(data)),
            Some(Answer::Payout(data)) => write(self, Some(data)),
            Some(Answer::BalanceTransactions(data)) => write(self, Some(data)),
            Some(Answer::Disputes(data)) => write(self, Some(data)),
            Some(Answer::BulkRun(data)) => write(self, Some(data)),
            Some(Answer::BulkOperation(data)) => write(self, Some(data)),
        }
    }
}
