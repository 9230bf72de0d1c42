//! Random histories of one order: whatever is refused, what stands is what the platform would let stand.
//!
//! Method: people and engine do anything in any order, most of it refused; after each deed the identities of
//! postings.md and the status machine of netsuite.md §13.3 are worked out anew from the documents.

use std::collections::BTreeMap;

use plimsoll::domain::InternalId;
use plimsoll::domain::billing::RefundSource;
use plimsoll::domain::fulfillment::ShipStatus;
use plimsoll::domain::sales_order::SalesOrderStatus;
use plimsoll::mocks::netsuite::{Document, DocumentKind, StaffEdit};
use plimsoll::ports::NetSuite;
use plimsoll::ports::netsuite::Billing;
use proptest::prelude::*;

use super::books::assert_balanced;
use super::exchange::difference;
use super::world::{
    FR_DEPOSITS, FR_INVENTORY, FR_LOCATION, FR_RECEIVABLE, Fidelity, NOW, World, balance, call, credit,
    deposit, eur, invoice, order, refund, run, try_to_ship, world,
};
use super::write_all;

#[derive(Debug, Clone)]
enum Deed {
    Ship { line: u32, units: u32, status: ShipStatus },
    MoveOn { shipment: usize, status: ShipStatus },
    Delete { shipment: usize },
    Bill { fulfillment: u64, line: u32, units: u32, minor: i64 },
    BillByHand { line: u32, units: u32 },
    Deposit { transaction: u64, minor: i64 },
    Credit { refund: u64, minor: i64, pays: Option<usize> },
    CreditByHand { invoice: usize, line: u32 },
    Apply { refund: u64, invoice: usize, minor: i64 },
    ApplyDeposit { deposit: usize, invoice: usize, minor: i64 },
    Refund { transaction: u64, memo: Option<usize>, deposit: Option<usize>, minor: i64 },
    Difference { of: u64, minor: i64 },
    Edit(StaffEdit),
    Save,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let status =
        || prop_oneof![Just(ShipStatus::Picked), Just(ShipStatus::Packed), Just(ShipStatus::Shipped)];
    let edit = prop_oneof![
        (1u32..5).prop_map(|line| StaffEdit::CloseLine { line }),
        (1u32..5, 0u32..4).prop_map(|(line, quantity)| StaffEdit::Quantity { line, quantity }),
        (1u32..5).prop_map(|line| StaffEdit::Substitute { line, item: "MUG-2".into() }),
        Just(StaffEdit::Status(SalesOrderStatus::Cancelled)),
    ];
    let (line, number, some) = (1u32..5, 1u64..4, 0usize..3);
    let maybe = || proptest::option::of(0usize..3);
    let deed = prop_oneof![
        4 => (line.clone(), 0u32..3, status()).prop_map(|(line, units, status)| Deed::Ship { line, units, status }),
        2 => (some.clone(), status()).prop_map(|(shipment, status)| Deed::MoveOn { shipment, status }),
        1 => some.clone().prop_map(|shipment| Deed::Delete { shipment }),
        4 => (number.clone(), line.clone(), 0u32..3, -99i64..4_000)
            .prop_map(|(fulfillment, line, units, minor)| Deed::Bill { fulfillment, line, units, minor }),
        1 => (line.clone(), 0u32..3).prop_map(|(line, units)| Deed::BillByHand { line, units }),
        2 => (number.clone(), -5i64..9_000).prop_map(|(transaction, minor)| Deed::Deposit { transaction, minor }),
        2 => (number.clone(), -5i64..4_000, maybe())
            .prop_map(|(refund, minor, pays)| Deed::Credit { refund, minor, pays }),
        1 => (some.clone(), line).prop_map(|(invoice, line)| Deed::CreditByHand { invoice, line }),
        3 => (number.clone(), some.clone(), 0i64..600)
            .prop_map(|(refund, invoice, minor)| Deed::Apply { refund, invoice, minor }),
        3 => (some.clone(), some, 0i64..600)
            .prop_map(|(deposit, invoice, minor)| Deed::ApplyDeposit { deposit, invoice, minor }),
        2 => (number, maybe(), maybe(), 0i64..4_000).prop_map(|(transaction, memo, deposit, minor)| Deed::Refund {
            transaction,
            memo,
            deposit,
            minor
        }),
        2 => (1u64..3, 1i64..900).prop_map(|(of, minor)| Deed::Difference { of, minor }),
        1 => edit.prop_map(Deed::Edit),
        1 => Just(Deed::Save),
    ];
    proptest::collection::vec(deed, 1..50)
}

fn nth(world: &World, kind: DocumentKind, at: usize) -> InternalId {
    let twin = world.twin();
    let found = twin.documents().filter(|document| document.kind() == kind).nth(at);
    found.map_or(InternalId::new(1), |document| document.internal_id())
}

/// Anything may be refused; nothing may be half done.
fn perform(world: &World, order_id: InternalId, deed: Deed) {
    let ignored = match deed {
        Deed::Ship { line, units, status } => try_to_ship(world, order_id, &[(line, units)], status).is_ok(),
        Deed::MoveOn { shipment, status } => {
            let id = nth(world, DocumentKind::ItemFulfillment, shipment);
            world.twin().set_ship_status(id, status, NOW).is_ok()
        }
        Deed::Delete { shipment } => {
            let id = nth(world, DocumentKind::ItemFulfillment, shipment);
            world.twin().cancel_shipment(id, NOW).is_ok()
        }
        Deed::Bill { fulfillment, line, units, minor } => {
            let invoice = invoice(fulfillment, &[(line, units, minor, minor / 5)]);
            run(world.client.bill(call(), order_id, &invoice)).is_ok()
        }
        Deed::BillByHand { line, units } => {
            world.twin().invoice_by_staff(order_id, &[(line, units)], NOW).is_ok()
        }
        Deed::Deposit { transaction, minor } => {
            let money = deposit(transaction, &order(5001), minor);
            run(world.client.upsert_customer_deposit(call(), &money)).is_ok()
        }
        Deed::Credit { refund, minor, pays } => {
            let mut memo = credit(refund, &[minor, -3]);
            memo.apply.extend(pays.map(|at| (nth(world, DocumentKind::Invoice, at), eur(minor / 2))));
            run(world.client.upsert_credit_memo(call(), &memo)).is_ok()
        }
        Deed::CreditByHand { invoice, line } => {
            let id = nth(world, DocumentKind::Invoice, invoice);
            world.twin().credit_by_staff(id, &[(line, 1)], NOW).is_ok()
        }
        Deed::Apply { refund, invoice, minor } => {
            let (memo, id) = (credit(refund, &[]).external_id, nth(world, DocumentKind::Invoice, invoice));
            run(world.client.apply_credit_memo(call(), &memo, id, eur(minor))).is_ok()
        }
        Deed::ApplyDeposit { deposit, invoice, minor } => {
            let deposit = nth(world, DocumentKind::CustomerDeposit, deposit);
            let id = nth(world, DocumentKind::Invoice, invoice);
            run(world.client.apply_deposit(call(), deposit, id, eur(minor))).is_ok()
        }
        Deed::Refund { transaction, memo, deposit, minor } => {
            let memo = memo.map(|at| RefundSource::CreditMemo(nth(world, DocumentKind::CreditMemo, at)));
            let deposit =
                deposit.map(|at| RefundSource::Deposit(nth(world, DocumentKind::CustomerDeposit, at)));
            let out_of: Vec<_> = memo.into_iter().chain(deposit).map(|source| (source, minor)).collect();
            run(world.client.upsert_customer_refund(call(), &refund(transaction, &out_of))).is_ok()
        }
        Deed::Difference { of, minor } => {
            difference(world, of, minor);
            true
        }
        Deed::Edit(edit) => world.twin().edit_by_staff(order(5001).external_id.as_str(), edit),
        Deed::Save => run(world.client.upsert_sales_order(call(), &order(5001))).is_ok(),
    };
    let _either = ignored;
}

fn minor(document: &Document<'_>, account: InternalId) -> i128 {
    let own = document.postings().filter(|posting| posting.account == account);
    own.map(|posting| i128::from(posting.amount.minor())).sum()
}

/// AR = invoices − applications − credits + refunds; DEP = taken − applied − refunded; INV is what is on hand less.
fn assert_identities(world: &World) {
    let (mut receivable, mut deposits, mut open, mut left, mut cost) = (0, 0, 0, 0, 0);
    for document in world.twin().documents() {
        let total = document.total().map_or(0, |total| i128::from(total.minor()));
        let rest = document.open().map_or(0, |open| i128::from(open.minor()));
        assert!(rest >= 0, "{:?} is used beyond its total", document.internal_id());
        match document.kind() {
            DocumentKind::Invoice => (receivable, open) = (receivable + total, open + rest),
            DocumentKind::CreditMemo => (receivable, open) = (receivable - total, open - rest),
            DocumentKind::DepositApplication => {
                (receivable, deposits) = (receivable - total, deposits + total)
            }
            DocumentKind::CustomerDeposit => {
                deposits -= i128::from(document.payment().unwrap().minor());
                left -= rest;
            }
            DocumentKind::CustomerRefund => {
                receivable += minor(&document, FR_RECEIVABLE);
                deposits += minor(&document, FR_DEPOSITS);
            }
            DocumentKind::ItemFulfillment => {
                cost -= document.lines().map(|line| i128::from(line.cost.minor())).sum::<i128>();
            }
            _ => {}
        }
    }
    assert_eq!((balance(world, FR_RECEIVABLE), receivable), (open, open));
    assert_eq!((balance(world, FR_DEPOSITS), deposits), (left, left));
    assert_eq!(balance(world, FR_INVENTORY), cost);
}

/// Quantities come from the documents, and the status from the quantities.
fn assert_status(world: &World, order: InternalId) {
    let twin = world.twin();
    let (mut shipped, mut billed) = (BTreeMap::<u32, u32>::new(), BTreeMap::<u32, u32>::new());
    for document in twin.documents() {
        let into = match (document.kind(), document.ship_status()) {
            (DocumentKind::ItemFulfillment, Some(ShipStatus::Shipped)) => &mut shipped,
            (DocumentKind::Invoice, _) => &mut billed,
            _ => continue,
        };
        for line in document.lines() {
            *into.entry(line.number).or_default() += line.quantity;
        }
    }
    let document = twin.document(order).unwrap();
    let (mut to_ship, mut to_bill, mut owed) = (0, 0, 0);
    for line in document.lines() {
        let is_goods = line.item.starts_with("MUG");
        let of = |known: &BTreeMap<u32, u32>| known.get(&line.number).copied().unwrap_or(0);
        assert_eq!((line.fulfilled, line.billed), (of(&shipped), of(&billed)), "line {}", line.number);
        if line.item == "DISCOUNT" {
            continue;
        }
        assert!(line.fulfilled <= line.quantity && line.billed <= line.quantity);
        assert!(!is_goods || line.billed <= line.fulfilled);
        let wanted = if line.is_closed { line.fulfilled } else { line.quantity };
        to_ship += if is_goods { wanted - line.fulfilled } else { 0 };
        to_bill += wanted.saturating_sub(line.billed);
        owed += if is_goods { line.fulfilled - line.billed } else { 0 };
    }
    let (any_shipped, any_billed) =
        (document.lines().any(|line| line.fulfilled > 0), document.lines().any(|line| line.billed > 0));
    let expected: &[SalesOrderStatus] = match document.status().unwrap() {
        SalesOrderStatus::Cancelled => {
            assert!(!any_shipped && !any_billed);
            return;
        }
        SalesOrderStatus::Closed => {
            assert!(document.lines().all(|line| line.is_closed));
            return;
        }
        _ if !any_shipped && !any_billed => &[SalesOrderStatus::PendingFulfillment],
        _ if to_ship == 0 && to_bill == 0 => &[SalesOrderStatus::Billed, SalesOrderStatus::PendingBilling],
        _ if to_ship == 0 => &[SalesOrderStatus::PendingBilling],
        _ if !any_shipped => &[SalesOrderStatus::PendingFulfillment],
        _ if owed > 0 => &[SalesOrderStatus::PendingBillingPartiallyFulfilled],
        _ => &[SalesOrderStatus::PartiallyFulfilled],
    };
    assert!(expected.contains(&document.status().unwrap()), "{:?} is not {expected:?}", document.status());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_history_of_an_order_keeps_the_books_and_its_status(deeds in deeds(), bytes in any::<bool>()) {
        let world = world(if bytes { Fidelity::Bytes } else { Fidelity::Typed });
        let (_, order_id, _) = write_all(&world);
        world.twin().set_stock("MUG-1", FR_LOCATION, 3, 400);
        world.twin().set_stock("MUG-2", FR_LOCATION, 2, 250);
        for deed in deeds {
            perform(&world, order_id, deed);
            assert_balanced(&world.twin());
            assert_identities(&world);
            assert_status(&world, order_id);
        }
    }
}
