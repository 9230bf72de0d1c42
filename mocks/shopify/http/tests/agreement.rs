//! Our own documents, asked over HTTP, are answered as the typed path answers them: data and points.

use serde_json::Value;

use super::{Bench, bench};
use crate::domain::ids::OrderId;
use crate::domain::payout::BalanceKind;
use crate::domain::refund::Restock;
use crate::domain::{Currency, Duration};
use crate::mocks::shopify::payments::{BalanceRow, PayoutRows};
use crate::mocks::shopify::tests::{at, basket, line, off, tax, us};
use crate::mocks::shopify::{
    CheckoutBuyer, CheckoutShipping, CompanyDetails, CustomerDetails, DiscountTarget, DiscountValue,
    MoneyBack, RefundEntry, RefundPayment, RefundUnits, Tracking,
};
use crate::platforms::shopify::operation::*;
use crate::platforms::shopify::wire::prices::{MoneyInput, PriceInput, QuantityPricingInput};
use crate::platforms::shopify::wire::products::{ProductInput, VariantInput};
use crate::platforms::shopify::wire::{
    FulfillmentInput, FulfillmentOrderLineItemsInput, FulfillmentTrackingInput, Gid, QuantityName,
    WebhookTopic,
};

const LOCATION: u64 = 77_000_000_001;

struct Sold {
    order: OrderId,
    list: u64,
    variant: u64,
}

/// A shop in which every document finds something.
fn trading(bench: &mut Bench) -> Sold {
    let twin = &mut bench.twin;
    twin.ship_from(us(), &[LOCATION]);
    twin.add_location(us(), LOCATION);
    let variant = twin.add_variant(us(), "A", 1_000);
    twin.add_variant(us(), "B", 3_000);
    for sku in ["A", "B"] {
        twin.track(us(), sku, Tracking { oversells: true, is_bundle_parent: false });
        twin.set_available(us(), sku, LOCATION, 50);
    }
    let person =
        |email: &str| CustomerDetails { name: Some("Ada".into()), email: Some(email.into()), phone: None };
    let buyer = twin.add_customer(us(), person("ada@example.com")).unwrap();
    let details = CompanyDetails {
        company: "Works".into(),
        location: "Mill".into(),
        contact: person("mill@example.com"),
    };
    let company = twin.add_company_location(us(), details).unwrap();
    let list = twin.add_price_list(us(), Currency::USD, &[company]);
    let mut checkout = basket(vec![line("A", 2, 1_000), line("B", 1, 3_000)]);
    checkout.buyer = CheckoutBuyer::Customer(buyer);
    checkout.discounts = vec![off(DiscountValue::Percent("10".parse().unwrap()), DiscountTarget::AllLines)];
    checkout.taxes = vec![tax("0.2")];
    checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 500, taxable: true });
    let order = twin.checkout(us(), &checkout, at(0));
    twin.fulfill_by_hand(us(), order, &[(0, 2)], &[], at(60)).unwrap();
    let back =
        RefundPayment { parent: Some(0), amount: 500, presentment: None, standing: MoneyBack::Succeeded };
    let entry = RefundEntry {
        lines: vec![RefundUnits { line: 0, units: 1, restock: Some(Restock::Return) }],
        is_return: true,
        payments: vec![back],
        ..RefundEntry::default()
    };
    twin.refund(us(), order, &entry, at(120)).unwrap();
    twin.checkout(us(), &basket(vec![line("B", 3, 3_000)]), at(130));
    twin.issue_gift_card(us(), 2_500, None, at(140));
    twin.open_payments(us(), Currency::USD);
    let row = BalanceRow {
        kind: BalanceKind::Charge,
        amount: 5_000,
        fee: 150,
        order_transaction: None,
        dispute: None,
        order: Some(order),
        processed_at: at(150),
        reason: None,
    };
    twin.add_balance_row(us(), row, at(150)).unwrap();
    twin.schedule_payout(us(), PayoutRows::Before(at(200)), at(200), at(200)).unwrap();
    bench.now = at(300);
    Sold { order, list: list.get(), variant: variant.get() }
}

fn requests(sold: &Sold) -> Vec<Request> {
    let id = Gid::new(sold.order.get());
    let since = |field: &str| -> Box<str> { format!("{field}:>='2026-01-01T00:00:00Z'").into() };
    let search = |field: &str| SearchVariables { query: since(field), after: None };
    let page = PageVariables { after: None };
    let add = PriceInput {
        variant_id: Gid::new(sold.variant),
        price: MoneyInput { amount: "8.50".parse().unwrap(), currency_code: Currency::USD },
    };
    vec![
        Request::Order(OrderVariables { id, lines: 50 }),
        Request::Order(OrderVariables { id: Gid::new(404), lines: 50 }),
        Request::OrdersUpdated(OrdersUpdatedVariables { query: since("updated_at"), after: None }),
        Request::OrdersUpdated(OrdersUpdatedVariables { query: "colour:red".into(), after: None }),
        Request::OrderRefunds(OrderRefundsVariables { id, lines: 50 }),
        Request::FulfillmentOrders(FulfillmentOrdersVariables { id, lines: 50, after: None }),
        Request::GiftCards(GiftCardsVariables { query: since("created_at"), after: None }),
        Request::OrderTerms(OrderTermsVariables { id }),
        Request::PaymentTermsTemplates(TemplatesVariables {}),
        Request::InventoryLevels(InventoryLevelsVariables { location: Gid::new(LOCATION), after: None }),
        Request::ProductVariant(ProductVariantVariables { id: Gid::new(sold.variant) }),
        Request::ProductVariants(page.clone()),
        Request::Payouts(search("issued_at")),
        Request::BalanceTransactions(search("processed_at")),
        Request::Disputes(search("initiated_at")),
        Request::WebhookSubscriptionCreate(WebhookSubscriptionCreateVariables {
            topic: WebhookTopic::OrdersCreate,
            uri: "https://hooks.example.com/a".into(),
        }),
        Request::WebhookSubscriptionCreate(WebhookSubscriptionCreateVariables {
            topic: WebhookTopic::OrdersCreate,
            uri: "http://hooks.example.com/a".into(),
        }),
        Request::WebhookSubscriptions(WebhookSubscriptionsVariables { after: None }),
        Request::QuantityPricingUpdate(Box::new(QuantityPricingVariables {
            price_list_id: Gid::new(sold.list),
            input: QuantityPricingInput { prices_to_add: vec![add], ..QuantityPricingInput::default() },
        })),
        Request::PriceLists(page),
        Request::PriceList(PriceListVariables { id: Gid::new(sold.list), after: None }),
        Request::VariantsUpdate(Box::new(VariantsUpdateVariables {
            product_id: Gid::new(404),
            variants: vec![VariantInput {
                id: Gid::new(sold.variant),
                price: None,
                barcode: None,
                inventory_item: None,
            }],
        })),
        Request::ProductUpdate(Box::new(ProductUpdateVariables {
            product: ProductInput { id: Gid::new(404), title: Some("New".into()), status: None },
        })),
        Request::OrderMarkAsPaid(MarkAsPaidVariables { input: MarkAsPaidInput { id } }),
        Request::InventorySetQuantities(InventorySetQuantitiesVariables {
            input: InventorySetQuantitiesInput {
                name: QuantityName::Available,
                reason: "correction".into(),
                reference_document_uri: "gid://plimsoll/Test/1".into(),
                quantities: vec![InventoryQuantityInput {
                    inventory_item_id: Gid::new(404),
                    location_id: Gid::new(LOCATION),
                    quantity: 3,
                    change_from_quantity: None,
                }],
            },
            key: "key-1".into(),
        }),
        Request::Payout(PayoutVariables { id: Gid::new(404) }),
        Request::BulkRun(BulkRunVariables { query: orders_in_bulk(&since("updated_at")) }),
        Request::BulkOperation(BulkOperationVariables { id: Gid::new(404) }),
        Request::FulfillmentTrackingInfoUpdate(FulfillmentTrackingInfoUpdateVariables {
            fulfillment_id: Gid::new(404),
            tracking_info_input: FulfillmentTrackingInput {
                company: None,
                numbers: vec!["1Z".into()],
                urls: vec![],
            },
        }),
        Request::FulfillmentCreate(FulfillmentCreateVariables {
            fulfillment: FulfillmentInput {
                line_items_by_fulfillment_order: vec![FulfillmentOrderLineItemsInput {
                    fulfillment_order_id: Gid::new(404),
                    fulfillment_order_line_items: vec![],
                }],
                tracking_info: Some(FulfillmentTrackingInput {
                    company: None,
                    numbers: vec!["1Z".into()],
                    urls: vec![],
                }),
                notify_customer: false,
            },
        }),
    ]
}

/// Cursors of connections that the typed path renders whole are left out: it knows no other page of them.
fn without_cursors(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("endCursor");
            fields.values_mut().for_each(without_cursors);
        }
        Value::Array(entries) => entries.iter_mut().for_each(without_cursors),
        _ => {}
    }
}

#[test]
fn every_document_of_ours_is_answered_and_billed_as_by_the_typed_path() {
    let (mut typed, mut face) = (bench(), bench());
    let sold = trading(&mut typed);
    trading(&mut face);
    let mut asked = std::collections::BTreeSet::new();
    let mut differences = Vec::new();
    for request in requests(&sold) {
        asked.insert(request.operation() as u8);
        typed.now = typed.now.plus(Duration::from_secs(60));
        face.now = typed.now;
        let expected = typed.twin.answer(us(), &request, typed.now).to_json();
        let mut expected: Value = serde_json::from_str(&expected).unwrap();
        let told = face.graphql("shpat_lasting", &request.body());
        let mut told: Value = serde_json::from_slice(&told.body).unwrap();
        without_cursors(&mut expected);
        without_cursors(&mut told);
        let name = request.operation().name();
        for part in ["data", "extensions"] {
            if told[part] != expected[part] {
                differences.push(format!("{part} of {name}: {} instead of {}", told[part], expected[part]));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(asked.len() >= 26, "only {} operations were asked for", asked.len());
}

#[test]
fn requested_points_are_those_that_our_clients_plan_with() {
    let sold = Sold { order: OrderId::new(1), list: 1, variant: 1 };
    for request in requests(&sold) {
        let mut bench = bench();
        let told = bench.graphql("shpat_lasting", &request.body());
        let told: Value = serde_json::from_slice(&told.body).unwrap();
        let requested = &told["extensions"]["cost"]["requestedQueryCost"];
        assert_eq!(*requested, request.requested_cost(), "{}", request.operation().name());
    }
}
