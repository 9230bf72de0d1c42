use super::*;

/// Further types that recorded documents select and ours do not. In the tests only.
const RECORDED_SLICE: &str = "
    extend type QueryRoot {
        customer: Customer draftOrder: DraftOrder fulfillmentOrder: FulfillmentOrder inventoryItem: Leaf
        ordersCount: Count
    }
    extend type Mutation { orderCreate: OrderPayload orderDelete: OrderPayload }
    type OrderPayload { order: Order deletedId: ID userErrors: [UserError] }
    type DraftOrder { id: ID name: String order: Order }
    type Count { count: Int precision: String }
    type Leaf { id: ID }
    extend type Order {
        displayFinancialStatus: String note: String tags: [String] customAttributes: [Attribute]
        billingAddress: MailingAddress displayFulfillmentStatus: String totalPriceSet: MoneyBag
        totalTaxSet: MoneyBag totalDiscountsSet: MoneyBag subtotalPriceSet: MoneyBag discountCodes: [String]
        fulfillmentOrders: FulfillmentOrderConnection
    }
    type Attribute { key: String value: String }
    extend type MailingAddress { firstName: String lastName: String }
    extend type LineItem {
        name: String variantTitle: String requiresShipping: Boolean taxable: Boolean vendor: String
        customAttributes: [Attribute] product: Leaf variant: Variant originalTotalSet: MoneyBag
    }
    type Variant { id: ID title: String sku: String }
    type FulfillmentOrder { id: ID status: String assignedLocation: AssignedLocation }
    type FulfillmentOrderConnection { nodes: [FulfillmentOrder] }
    type AssignedLocation { name: String location: Location }
    type Location { id: ID name: String }
    extend type Customer { canDelete: Boolean }
";

fn price(document: &str, size: u32) -> u32 {
    let text = format!("{}{RECORDED_SLICE}", include_str!("../documents/schema.graphql"));
    requested(&Schema::parse(&text).unwrap(), document, &|_| Some(size)).unwrap()
}

#[test]
fn multipliers_are_those_of_the_published_table() {
    for (size, factor) in
        [(1, 1), (2, 1), (3, 2), (5, 3), (7, 3), (10, 4), (25, 6), (50, 7), (100, 9), (250, 11)]
    {
        assert_eq!(multiplier(size), factor, "page size {size}");
    }
}

#[test]
fn a_leaf_object_costs_what_was_seen_at_each_page_size() {
    for (size, cost) in [(10, 6), (100, 11), (250, 13), (0, 2)] {
        assert_eq!(
            price("query($n: Int) { orders(first: $n) { nodes { id } } }", size),
            cost,
            "first {size}"
        );
    }
}

#[test]
fn recorded_documents_cost_what_shopify_charged() {
    for (document, size, charged) in [
        ("query($id: ID!) { order(id: $id) { id name displayFinancialStatus } }", 0, 1),
        ("query($id: ID!) { draftOrder(id: $id) { id name order { id name } } }", 0, 2),
        (
            "query($id: ID!) { customer(id: $id) { id email displayName canDelete orders(first: 5) { nodes { id
             customer { id email displayName } } pageInfo { hasNextPage endCursor } } } }",
            0,
            9,
        ),
        (
            "query($id: ID!) { order(id: $id) { id subtotalPriceSet { shopMoney { amount } }
             lineItems(first: 5) { nodes { id title quantity sku customAttributes { key value } taxable vendor
             product { id } originalUnitPriceSet { shopMoney { amount currencyCode } }
             discountAllocations { allocatedAmountSet { shopMoney { amount } } } } } } }",
            0,
            15,
        ),
        (
            "query($id: ID!) { order(id: $id) { id name tags customAttributes { key value }
             customer { id email displayName } billingAddress { firstName zip } shippingAddress { firstName zip }
             currentTotalPriceSet { shopMoney { amount } } discountCodes lineItems(first: 10) { nodes { id title
             customAttributes { key value } originalTotalSet { shopMoney { amount } } variant { id title sku }
             taxLines { title rate priceSet { shopMoney { amount } } } } } } }",
            0,
            23,
        ),
        (
            "query($id: ID!, $q: String!, $first: Int!) { existing: order(id: $id) { email note }
             visible: orders(first: $first, query: $q) { nodes { email note } pageInfo { hasNextPage } }
             total: ordersCount(query: $q) { count precision } }",
            5,
            16,
        ),
        ("mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { field message } } }", 0, 10),
        (
            "fragment F on FulfillmentOrder { id status assignedLocation { name location { id name } } }
             mutation($o: In!) { orderCreate(order: $o) { order { id name fulfillmentOrders(first: 5) {
             nodes { ...F } } } userErrors { field message } } }",
            0,
            21,
        ),
        (
            "fragment F on FulfillmentOrder { id status assignedLocation { name location { id name } } }
             query($id: ID!) { order(id: $id) { id name fulfillmentOrders(first: 5) { nodes { ...F } } } }",
            0,
            12,
        ),
    ] {
        assert_eq!(price(document, size), charged, "{document}");
    }
}

#[test]
fn edges_and_nodes_are_both_counted_and_pages_are_free() {
    let both = "{ orders(first: 2) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } } }";
    assert_eq!(price(both, 0), 4);
}

#[test]
fn every_document_of_ours_has_its_price() {
    let prices: Vec<(&str, u32)> =
        Operation::ALL.iter().map(|operation| (operation.name(), of_operation(*operation, 10))).collect();
    assert_eq!(
        prices,
        [
            ("Order", 55),
            ("OrderLines", 19),
            ("OrdersUpdated", 13),
            ("WebhookSubscriptions", 11),
            ("WebhookSubscriptionCreate", 10),
            ("PriceLists", 79),
            ("PriceList", 85),
            ("ProductVariants", 13),
            ("QuantityPricingByVariantUpdate", 10),
            ("OrderRefunds", 114),
            ("FulfillmentOrders", 55),
            ("FulfillmentCreate", 10),
            ("FulfillmentTrackingInfoUpdate", 10),
            ("GiftCards", 24),
            ("OrderTerms", 2),
            ("PaymentTermsTemplates", 1),
            ("PaymentTermsCreate", 10),
            ("OrderMarkAsPaid", 10),
            ("InventoryLevels", 36),
            ("InventorySetQuantities", 10),
            ("FulfillmentOrderLines", 11),
            ("FulfillmentLines", 11),
            ("ProductVariant", 5),
            ("ProductVariantsBulkUpdate", 10),
            ("ProductUpdate", 10),
            ("Payouts", 14),
            ("Payout", 1),
            ("BalanceTransactions", 36),
            ("Disputes", 25),
            ("BulkOperationRunQuery", 10),
            ("BulkOperation", 1),
        ]
    );
    assert!(Operation::ALL.iter().all(|operation| of_operation(*operation, 250) <= SINGLE_QUERY_COST_MAX));
}

#[test]
fn what_the_schema_lacks_has_no_price() {
    let schema = Schema::parse(include_str!("../documents/schema.graphql")).unwrap();
    let unknown = requested(&schema, "{ order { nonsense { id } } }", &|_| None);
    assert!(matches!(unknown, Err(CostError::UnknownField { .. })), "{unknown:?}");
    assert!(matches!(requested(&schema, "{ order(", &|_| None), Err(CostError::Syntax(_))));
}
