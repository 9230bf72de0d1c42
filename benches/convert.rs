//! What a read of one typical order costs beside the engine: a day of a million orders has some 60 µs for each.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll::domain::{Currency, ShopKey, Timestamp, Zone};
use plimsoll::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, CustomerDetails,
    DiscountKind, DiscountTarget, DiscountValue, Payment, PaymentStanding, ShopSettings, ShopifyTwin,
};
use plimsoll::platforms::shopify::convert;
use plimsoll::platforms::shopify::operation::{Answer, OrderVariables, Request, Response};
use plimsoll::platforms::shopify::wire::Gid;

fn shop() -> ShopKey {
    "us".parse().expect("a key")
}

/// Three lines, a code, tax, shipping, one payment.
fn typical(twin: &mut ShopifyTwin) -> Checkout {
    let details = CustomerDetails {
        name: Some("Ada Lovelace".into()),
        email: Some("ada@example.com".into()),
        phone: None,
    };
    let customer = twin.add_customer(shop(), details).expect("nobody else has the address");
    let line = |sku: &str, unit_price| CheckoutLine {
        sku: Some(sku.into()),
        title: sku.into(),
        quantity: 1,
        unit_price,
        taxable: true,
        is_gift_card: false,
    };
    Checkout {
        buyer: CheckoutBuyer::Customer(customer),
        lines: vec![line("A-0001", 1999), line("A-0002", 4900), line("A-0003", 350)],
        discounts: vec![CheckoutDiscount {
            label: "BLACK".into(),
            kind: DiscountKind::Code,
            value: DiscountValue::Percent(20.into()),
            target: DiscountTarget::AllLines,
        }],
        taxes: vec![CheckoutTax {
            title: "State tax".into(),
            rate: "0.08875".parse().expect("a rate"),
            channel_liable: false,
        }],
        taxes_included: false,
        shipping: Some(CheckoutShipping { title: "Ground".into(), price: 690, taxable: false }),
        duties: 0,
        fees: 0,
        tip: 0,
        presentment: None,
        payments: vec![Payment {
            gateway: "shopify_payments".into(),
            amount: None,
            presentment: None,
            rounding: 0,
            standing: PaymentStanding::Captured,
        }],
        ship_to: None,
    }
}

fn read_an_order(criterion: &mut Criterion) {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: shop(),
        domain: "us.myshopify.com".into(),
        currency: Currency::USD,
        zone: Zone::utc(),
        restore_rate: 1_000,
        bucket: 20_000,
        order_number_start: 1001,
    });
    let checkout = typical(&mut twin);
    let now = Timestamp::from_seconds(1_795_755_600);
    let id = twin.checkout(shop(), &checkout, now);
    let request = Request::Order(OrderVariables { id: Gid::new(id.get()), lines: 10 });
    let response = twin.answer(shop(), &request, now);
    let json = response.to_json();
    let order_of = |response: Response| match response.data {
        Some(Answer::Order(data)) => data.order.expect("the order was just placed"),
        _ => panic!("an order answers an order"),
    };

    criterion.bench_function("checkout in the twin", |bench| {
        bench.iter(|| black_box(twin.checkout(shop(), black_box(&checkout), now)));
    });
    criterion.bench_function("wire to domain", |bench| {
        bench.iter_batched(
            || order_of(response.clone()),
            |order| convert::order(shop(), order, Vec::new(), None),
            criterion::BatchSize::SmallInput,
        );
    });
    let mut seconds = 0;
    criterion.bench_function("twin to wire to domain", |bench| {
        bench.iter(|| {
            seconds += 1;
            let later = Timestamp::from_seconds(1_795_755_600 + seconds);
            convert::order(
                shop(),
                order_of(twin.answer(shop(), black_box(&request), later)),
                Vec::new(),
                None,
            )
        });
    });
    criterion.bench_function("json to wire to domain", |bench| {
        bench.iter(|| {
            let response = Response::parse(request.operation(), black_box(&json)).expect("our own text");
            convert::order(shop(), order_of(response), Vec::new(), None)
        });
    });
    criterion.bench_function("wire to json", |bench| bench.iter(|| black_box(&response).to_json()));
}

criterion_group!(benches, read_an_order);
criterion_main!(benches);
