//! What pays what beside the deposit of its own order: credit memos that pay invoices, deposits applied by the
//! engine, and documents at different rates.

use plimsoll::domain::billing::{RefundSource, StandaloneInvoice};
use plimsoll::domain::ids::{ExchangeOf, OrderId};
use plimsoll::domain::{Currency, ExternalId, InternalId, Money, Sku};
use plimsoll::mocks::netsuite::DocumentKind;
use plimsoll::ports::NetSuite;
use plimsoll::ports::netsuite::Billing;

use super::books::assert_balanced;
use super::world::{
    FR, FR_DEPOSITS, FR_EXCHANGE, FR_LOCATION, FR_RECEIVABLE, Fidelity, World, balance, buyer, call, credit,
    day, deposit, eur, order, refund, run, ship, shop, world,
};
use super::{booked, in_each, write_all};

/// An invoice that bills no sales order (postings.md N5a).
pub fn difference(world: &World, of: u64, minor: i64) -> InternalId {
    let order = order(5001);
    let invoice = StandaloneInvoice {
        external_id: ExternalId::for_exchange_difference(shop(), ExchangeOf::Order(OrderId::new(of))),
        order: order.external_id.clone(),
        customer: order.customer.clone(),
        subsidiary: FR,
        location: FR_LOCATION,
        currency: Currency::EUR,
        date: day("2026-11-28"),
        original_date: None,
        item: Sku("MUG-RETURN".into()),
        amount: eur(minor),
    };
    let id = run(world.client.upsert_invoice(call(), &invoice)).unwrap();
    assert_eq!(run(world.client.upsert_invoice(call(), &invoice)).unwrap(), id);
    id
}

#[test]
fn a_memo_pays_an_invoice_as_far_as_both_are_open() {
    in_each(|world| {
        write_all(world);
        let (first, second) = (difference(world, 1, 300), difference(world, 2, 500));
        // No deposit meets an invoice that was not made from its order.
        assert_eq!(booked(world, 5001).invoices[0].open, eur(300));
        let mut memo = credit(1, &[750]);
        memo.apply = vec![(first, eur(301))];
        assert!(run(world.client.upsert_credit_memo(call(), &memo)).is_err());
        memo.apply = vec![(first, eur(300)), (second, eur(451))];
        assert!(run(world.client.upsert_credit_memo(call(), &memo)).is_err());
        assert!(booked(world, 5001).credit_memos.is_empty());
        memo.apply = vec![(first, eur(300))];
        let id = run(world.client.upsert_credit_memo(call(), &memo)).unwrap();
        let apply =
            |minor| run(world.client.apply_credit_memo(call(), &memo.external_id, second, eur(minor)));
        assert!(apply(501).is_err());
        // An amount is what the memo pays of that invoice in all: once more changes nothing.
        for _ in 0..2 {
            apply(400).unwrap();
        }
        let seen = booked(world, 5001);
        assert_eq!(seen.credit_memos[0].unapplied, eur(50));
        assert_eq!(seen.invoices.iter().map(|invoice| invoice.open).collect::<Vec<_>>(), [eur(0), eur(100)]);
        let back = refund(1, &[(RefundSource::CreditMemo(id), 50)]);
        run(world.client.upsert_customer_refund(call(), &back)).unwrap();
        assert!(apply(401).is_err());
        assert_eq!(balance(world, FR_RECEIVABLE), 100);
        assert_balanced(&world.twin());
    });
}

#[test]
fn the_rest_of_a_deposit_is_applied_once() {
    in_each(|world| {
        let (_, _, deposit) = write_all(world);
        let invoice = difference(world, 1, 300);
        let apply = |minor| run(world.client.apply_deposit(call(), deposit, invoice, eur(minor)));
        assert!(apply(301).is_err());
        for _ in 0..2 {
            apply(200).unwrap();
        }
        let seen = booked(world, 5001);
        assert_eq!((seen.invoices[0].open, seen.deposits[0].unapplied), (eur(100), eur(11_800)));
        assert_eq!((balance(world, FR_DEPOSITS), balance(world, FR_RECEIVABLE)), (-11_800, 100));
        assert_balanced(&world.twin());
    });
}

/// 100.00 USD taken at 0.92, billed at 0.95: 3.00 EUR are lost; the refund at 0.90 of a credit at 0.95 gains.
#[test]
fn a_difference_of_rates_is_posted_apart_in_base_currency() {
    for fidelity in [Fidelity::Typed, Fidelity::Bytes, Fidelity::Http] {
        let world = world(fidelity);
        for (since, rate) in [("2026-11-28", "0.95"), ("2026-11-30", "0.90")] {
            world.twin().add_rate(Currency::USD, Currency::EUR, day(since), rate.parse().unwrap());
        }
        let usd = |minor| Money::new(minor, Currency::USD);
        run(world.client.upsert_customer(
            call(),
            &plimsoll::domain::CustomerRecord { currency: Currency::USD, ..buyer() },
        ))
        .unwrap();
        let mut order = order(5001);
        order.currency = Currency::USD;
        order.lines.truncate(1);
        order.lines[0].amount = usd(10_000);
        order.lines[0].taxes.clear();
        let id = run(world.client.upsert_sales_order(call(), &order)).unwrap();
        let money = deposit(9, &order, 10_000);
        run(world.client.upsert_customer_deposit(call(), &money)).unwrap();
        ship(&world, id, &[(1, 2)]);
        let mut invoice = super::world::invoice(1, &[(1, 2, 10_000, 0)]);
        invoice.date = day("2026-11-28");
        invoice.currency = Currency::USD;
        invoice.lines[0].amount = usd(10_000);
        invoice.lines[0].taxes.clear();
        run(world.client.bill(call(), id, &invoice)).unwrap();
        let in_base = |account| {
            let twin = world.twin();
            twin.balances()
                .filter(|known| known.account == account)
                .map(|known| known.base_minor)
                .sum::<i128>()
        };
        assert_eq!((in_base(FR_DEPOSITS), in_base(FR_RECEIVABLE), in_base(FR_EXCHANGE)), (0, 0, 300));
        let mut memo = credit(1, &[]);
        memo.currency = Currency::USD;
        memo.lines = credit(1, &[1]).lines;
        memo.lines[0].amount = usd(3_333);
        let memo = run(world.client.upsert_credit_memo(call(), &memo)).unwrap();
        for (transaction, minor) in [(1, 1_111), (2, 2_222)] {
            let mut back = refund(transaction, &[(RefundSource::CreditMemo(memo), 1)]);
            back.currency = Currency::USD;
            back.date = day("2026-11-30");
            back.out_of[0].1 = usd(minor);
            run(world.client.upsert_customer_refund(call(), &back)).unwrap();
        }
        // 33.33 × 0.95 = 31.66, given back for 10.00 and 20.00.
        assert_eq!((in_base(FR_RECEIVABLE), in_base(FR_EXCHANGE)), (0, 300 - 166));
        let reserves = world.twin().documents().filter(|known| known.kind() == DocumentKind::FxReval).count();
        assert_eq!(reserves, 3);
        assert_balanced(&world.twin());
    }
}
