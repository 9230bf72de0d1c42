//! What follows a sales order: invoices that meet deposits, credit memos, refunds, adjustments and journals.

use plimsoll::domain::billing::{AdjustedItem, InventoryAdjustment, JournalEntry, RefundSource};
use plimsoll::domain::ids::{RefundLineId, TransactionId};
use plimsoll::domain::sales_order::SalesOrderStatus;
use plimsoll::domain::{Currency, ExternalId, Sku};
use plimsoll::mocks::netsuite::{DocumentKind, RecordKind};
use plimsoll::ports::netsuite::Billing;
use plimsoll::ports::{NetSuite, PlatformError};

use super::books::assert_balanced;
use super::world::{
    FR, FR_CLEARING, FR_COGS, FR_DEPOSITS, FR_GIFT_CARDS, FR_INVENTORY, FR_LOCATION, FR_RECEIVABLE,
    FR_TAX_OWED, NOW, balance, call, credit, day, deposit, eur, goods, invoice, order, refund, run, ship,
    shop,
};
use super::{booked, in_each, write_all};

#[test]
fn what_shipped_is_billed_in_parts_and_the_deposit_meets_each() {
    in_each(|world| {
        let (_, id, deposit) = write_all(world);
        ship(world, id, &[(1, 1)]);
        // Half of line 1 with the tip, whole on the first invoice; the second takes the rest.
        let first = invoice(1, &[(1, 1, 2_500, 500), (4, 1, 600, 0)]);
        let invoice_id = run(world.client.bill(call(), id, &first)).unwrap();
        let seen = booked(world, 5001);
        assert_eq!(seen.sales_order.status, SalesOrderStatus::PartiallyFulfilled);
        assert_eq!((seen.deposits[0].internal_id, seen.deposits[0].unapplied), (deposit, eur(8_400)));
        let known = &seen.invoices[0];
        assert_eq!((known.internal_id, known.external_id.as_ref()), (invoice_id, Some(&first.external_id)));
        assert_eq!((known.total, known.open, known.date), (eur(3_600), eur(0), day("2026-11-27")));
        let lines: Vec<_> =
            known.lines.iter().map(|line| (line.key, line.quantity, line.amount, line.tax)).collect();
        let tip = order(5001).lines[3].key;
        assert_eq!(lines, [(Some(goods(11)), 1, eur(2_500), eur(500)), (Some(tip), 1, eur(600), eur(0))]);
        let application = world.twin().documents().last().unwrap().applies();
        assert_eq!(application, Some((deposit, invoice_id)));
        ship(world, id, &[(1, 1), (2, 1)]);
        assert_eq!(booked(world, 5001).sales_order.status, SalesOrderStatus::PendingBilling);
        let second = invoice(2, &[(1, 1, 2_500, 500), (2, 1, 5_000, 1_000), (3, 1, -500, -100)]);
        run(world.client.bill(call(), id, &second)).unwrap();
        let seen = booked(world, 5001);
        assert_eq!(seen.sales_order.status, SalesOrderStatus::Billed);
        assert_eq!((seen.deposits[0].unapplied, seen.invoices[1].open), (eur(0), eur(0)));
        assert_eq!((balance(world, FR_DEPOSITS), balance(world, FR_RECEIVABLE)), (0, 0));
        assert_eq!(balance(world, FR_TAX_OWED), -1_900);
        assert_balanced(&world.twin());
    });
}

#[test]
fn more_than_what_was_fulfilled_is_not_billed() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        let ask = |fulfillment, lines: &[(u32, u32, i64, i64)]| {
            run(world.client.bill(call(), id, &invoice(fulfillment, lines)))
        };
        let refused = ask(1, &[(1, 1, 2_500, 500)]).unwrap_err();
        assert!(matches!(refused, PlatformError::Refused { .. }), "{refused}");
        ship(world, id, &[(1, 1)]);
        assert!(ask(1, &[(1, 2, 5_000, 1_000)]).is_err());
        assert!(ask(1, &[(1, 1, 2_500, 500), (1, 1, 2_500, 500)]).is_err());
        assert!(ask(1, &[(4, 2, 600, 0)]).is_err());
        let id = ask(1, &[(1, 1, 2_500, 500), (4, 1, 600, 0)]).unwrap();
        assert!(ask(2, &[(1, 1, 2_500, 500)]).is_err());
        assert!(ask(2, &[(4, 1, 600, 0)]).is_err());
        // The same invoice once more is found, and nothing is doubled.
        let count = world.twin().documents_count();
        assert_eq!(ask(1, &[(1, 1, 2_500, 500), (4, 1, 600, 0)]).unwrap(), id);
        assert_eq!(world.twin().documents_count(), count);
        assert_balanced(&world.twin());
    });
}

#[test]
fn several_deposits_are_applied_up_to_the_invoice() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        let mut card = deposit(10, &order(5001), 1_000);
        card.account = FR_GIFT_CARDS;
        run(world.client.upsert_customer_deposit(call(), &card)).unwrap();
        ship(world, id, &[(1, 2), (2, 1)]);
        let all = [(1, 2, 5_000, 1_000), (2, 1, 5_000, 1_000), (3, 1, -500, -100), (4, 1, 600, 600)];
        run(world.client.bill(call(), id, &invoice(1, &all))).unwrap();
        let seen = booked(world, 5001);
        let left: Vec<_> = seen.deposits.iter().map(|deposit| deposit.unapplied).collect();
        assert_eq!((seen.invoices[0].open, left), (eur(0), vec![eur(0), eur(400)]));
        // A deposit that was used stands; the same one again changes nothing.
        run(world.client.upsert_customer_deposit(call(), &card)).unwrap();
        card.payment = eur(2_000);
        assert!(run(world.client.upsert_customer_deposit(call(), &card)).is_err());
        assert_balanced(&world.twin());
    });
}

#[test]
fn money_goes_back_out_of_memos_and_deposits_and_no_further() {
    in_each(|world| {
        let (_, id, deposit) = write_all(world);
        ship(world, id, &[(1, 2)]);
        run(world.client.bill(call(), id, &invoice(1, &[(1, 2, 5_000, 1_000)]))).unwrap();
        let memo = run(world.client.upsert_credit_memo(call(), &credit(1, &[3_000, -200]))).unwrap();
        assert_eq!(run(world.client.upsert_credit_memo(call(), &credit(1, &[3_000, -200]))).unwrap(), memo);
        let from_memo = RefundSource::CreditMemo(memo);
        let from_deposit = RefundSource::Deposit(deposit);
        let ask = |transaction, out_of: &[(RefundSource, i64)]| {
            run(world.client.upsert_customer_refund(call(), &refund(transaction, out_of)))
        };
        assert!(ask(1, &[(from_memo, 2_801)]).is_err());
        assert!(ask(1, &[(from_deposit, 6_001)]).is_err());
        assert!(ask(1, &[(from_memo, 1_000), (from_memo, 1_000)]).is_err());
        assert!(ask(1, &[]).is_err());
        let id = ask(1, &[(from_memo, 2_800), (from_deposit, 1_200)]).unwrap();
        assert_eq!(ask(1, &[(from_memo, 2_800), (from_deposit, 1_200)]).unwrap(), id);
        assert!(ask(2, &[(from_memo, 1)]).is_err());
        let seen = booked(world, 5001);
        assert_eq!((seen.credit_memos[0].total, seen.credit_memos[0].unapplied), (eur(2_800), eur(0)));
        assert_eq!((seen.refunds[0].internal_id, seen.refunds[0].amount), (id, eur(4_000)));
        assert_eq!(seen.refunds[0].account, Some(FR_CLEARING));
        assert_eq!(seen.deposits[0].unapplied, eur(4_800));
        assert_eq!((balance(world, FR_CLEARING), balance(world, FR_RECEIVABLE)), (8_000, 0));
        assert_eq!(balance(world, FR_DEPOSITS), -4_800);
        assert_balanced(&world.twin());
    });
}

#[test]
fn returned_units_come_back_at_the_cost_that_was_relieved() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        world.twin().set_stock("MUG-1", FR_LOCATION, 5, 400);
        ship(world, id, &[(1, 2)]);
        let mut back = InventoryAdjustment {
            external_id: ExternalId::for_restock(shop(), RefundLineId::new(3)),
            order: order(5001).external_id,
            subsidiary: FR,
            account: FR_COGS,
            location: FR_LOCATION,
            date: day("2026-11-28"),
            original_date: Some(day("2026-10-31")),
            lines: vec![AdjustedItem { item: Sku("MUG-1".into()), quantity: 1, unit_cost: eur(400) }],
        };
        let first = run(world.client.upsert_inventory_adjustment(call(), &back)).unwrap();
        assert_eq!(run(world.client.upsert_inventory_adjustment(call(), &back)).unwrap(), first);
        assert_eq!((balance(world, FR_COGS), balance(world, FR_INVENTORY)), (400, -400));
        assert_eq!(world.twin().stock_of("MUG-1", FR_LOCATION).unwrap().on_hand, 4);
        let seen = booked(world, 5001).adjustments;
        assert_eq!(seen[0].external_id.as_ref(), Some(&back.external_id));
        back.external_id = ExternalId::for_restock(shop(), RefundLineId::new(4));
        back.lines[0].item = Sku("SHIPPING".into());
        assert!(run(world.client.upsert_inventory_adjustment(call(), &back)).is_err());
    });
}

#[test]
fn a_journal_is_posted_once_and_never_to_what_documents_own() {
    in_each(|world| {
        let mut entry = JournalEntry {
            external_id: ExternalId::for_transaction_journal(shop(), TransactionId::new(5), "failed"),
            subsidiary: FR,
            currency: Currency::EUR,
            date: day("2026-11-28"),
            original_date: None,
            memo: "refund failed".into(),
            lines: vec![(FR_CLEARING, eur(700)), (FR_GIFT_CARDS, eur(-700))],
            memos: vec![],
        };
        let first = run(world.client.post_journal(call(), &entry)).unwrap();
        assert_eq!(run(world.client.post_journal(call(), &entry)).unwrap(), first);
        assert_eq!((balance(world, FR_CLEARING), balance(world, FR_GIFT_CARDS)), (700, -700));
        for (number, account) in (6..).zip([FR_RECEIVABLE, FR_DEPOSITS, FR_INVENTORY]) {
            entry.external_id = ExternalId::for_transaction_journal(shop(), TransactionId::new(number), "x");
            entry.lines[0].0 = account;
            let refused = run(world.client.post_journal(call(), &entry)).unwrap_err();
            assert!(matches!(refused, PlatformError::BadReference { .. }), "{refused}");
        }
    });
}

#[test]
fn a_shut_period_and_a_locked_record_refuse_the_whole_document() {
    in_each(|world| {
        let (_, id, deposit) = write_all(world);
        ship(world, id, &[(1, 1)]);
        let first = invoice(1, &[(1, 1, 2_500, 500)]);
        let count = world.twin().documents_count();
        world.twin().lock_period(day("2026-11-01"));
        let refused = run(world.client.bill(call(), id, &first)).unwrap_err();
        assert!(matches!(refused, PlatformError::PeriodClosed { .. }), "{refused}");
        let back = refund(1, &[(RefundSource::Deposit(deposit), 100)]);
        assert!(run(world.client.upsert_customer_refund(call(), &back)).is_err());
        world.twin().open_period(day("2026-11-01"));
        let key = order(5001).external_id;
        world.twin().lock_record(RecordKind::SalesOrder, key.as_str());
        let refused = run(world.client.bill(call(), id, &first)).unwrap_err();
        assert!(matches!(refused, PlatformError::RecordLocked { .. }), "{refused}");
        assert_eq!(world.twin().documents_count(), count);
        world.twin().unlock_record(RecordKind::SalesOrder, key.as_str());
        run(world.client.bill(call(), id, &first)).unwrap();
        assert_balanced(&world.twin());
    });
}

#[test]
fn documents_that_people_keyed_are_found_without_a_key() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        world.twin().set_stock("MUG-1", FR_LOCATION, 5, 400);
        ship(world, id, &[(1, 1), (2, 1)]);
        let invoice = world.twin().invoice_by_staff(id, &[(1, 1), (2, 1), (3, 1)], NOW).unwrap();
        assert!(world.twin().invoice_by_staff(id, &[(1, 1)], NOW).is_err());
        let seen = booked(world, 5001);
        assert_eq!((seen.invoices[0].internal_id, &seen.invoices[0].external_id), (invoice, &None));
        assert_eq!((seen.invoices[0].total, seen.invoices[0].open), (eur(8_400), eur(0)));
        assert_eq!(seen.invoices[0].lines[2].amount, eur(-500));
        let memo = world.twin().credit_by_staff(invoice, &[(1, 1)], NOW).unwrap();
        assert!(world.twin().credit_by_staff(invoice, &[(1, 2)], NOW).is_err());
        let seen = booked(world, 5001).credit_memos;
        assert_eq!((seen[0].internal_id, &seen[0].external_id), (memo, &None));
        assert_eq!((seen[0].total, seen[0].unapplied), (eur(3_000), eur(3_000)));
        // The unit is back on hand; its cost stays in the books.
        assert_eq!(world.twin().stock_of("MUG-1", FR_LOCATION).unwrap().on_hand, 4);
        assert_eq!(balance(world, FR_COGS), 800);
        assert_eq!(world.twin().document(memo).unwrap().kind(), DocumentKind::CreditMemo);
        assert_balanced(&world.twin());
    });
}
