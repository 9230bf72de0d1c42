use proptest::prelude::*;

use super::*;
use crate::domain::Currency;
use crate::domain::billing::{KnownInvoice, RefundSource};
use crate::domain::ids::ShippingLineId;
use crate::domain::order::{ShippingLine, TransactionStatus};
use crate::domain::refund::{
    AdjustmentReason, RefundAdjustment, RefundFee, RefundFeeKind, RefundLine, RefundShipping, Restock,
};
use crate::domain::sales_order::SalesOrderStatus;
use crate::engine::fixtures::*;
use crate::engine::fulfillment;
use crate::engine::order::translate;
use crate::engine::stock::kits::Kits;

/// The plan in short.
fn told(actions: &[Action]) -> String {
    let word = |action: &Action| match action {
        Action::Post { document, .. } => match document {
            Document::CreditMemo(memo) => {
                let lines: Vec<_> = memo
                    .lines
                    .iter()
                    .map(|line| {
                        let tax: i64 = line.taxes.iter().map(|tax| tax.amount.minor()).sum();
                        format!("{} {}+{tax}", line.item, line.amount.minor())
                    })
                    .collect();
                format!("credit {}: {}", memo.external_id, lines.join(", "))
            }
            Document::CustomerRefund(refund) => {
                let sources: Vec<_> = refund
                    .out_of
                    .iter()
                    .map(|(source, part)| match source {
                        RefundSource::CreditMemo(_) => format!("memo {}", part.minor()),
                        RefundSource::Deposit(_) => format!("deposit {}", part.minor()),
                    })
                    .collect();
                format!("refund {} to {}: {}", refund.external_id, refund.account, sources.join(" + "))
            }
            Document::InventoryAdjustment(it) => {
                let items: Vec<_> = it
                    .lines
                    .iter()
                    .map(|line| format!("{}×{} at {}", line.item, line.quantity, line.unit_cost.minor()))
                    .collect();
                format!("restock {}: {}", it.external_id, items.join(", "))
            }
            Document::Journal(entry) => {
                let lines: Vec<_> = entry
                    .lines
                    .iter()
                    .map(|(account, amount)| format!("{account} {}", amount.minor()))
                    .collect();
                format!("journal {}: {}", entry.external_id, lines.join(", "))
            }
            Document::StandaloneInvoice(it) => format!("invoice {} {}", it.external_id, it.amount.minor()),
            Document::Deposit(_) | Document::Invoice(..) | Document::Intercompany(_) => {
                "another flow's".to_owned()
            }
        },
        Action::ApplyCredit { memo, amount, .. } => format!("apply {memo} {}", amount.minor()),
        Action::ApplyDeposit { amount, .. } => format!("apply deposit {}", amount.minor()),
        Action::Report(finding) => format!("report {}", finding.code.name()),
    };
    actions.iter().map(word).collect::<Vec<_>>().join("; ")
}

/// NetSuite and our journals while rounds of the plan are performed on them.
struct Books {
    booked: Booked,
    journals: Vec<ExternalId>,
}

impl Books {
    /// The order booked, what Shopify fulfilled of it shipped and billed, deposits applied as NetSuite does.
    fn of(order: &Order) -> Books {
        let policy = policy();
        let wanted = wanted(order);
        let mut booked = booked(&wanted, order);
        booked.sales_order.status = SalesOrderStatus::PendingBillingPartiallyFulfilled;
        for known in &order.fulfillments {
            let mut parcel = shipment(known.id.get(), &known.parcels[0].number, &[]);
            parcel.lines = known
                .lines
                .iter()
                .flat_map(|(id, units)| {
                    let at = wanted
                        .lines
                        .iter()
                        .position(|line| line.key == crate::domain::sales_order::LineKey::Goods(*id));
                    let line = &wanted.lines[at.expect("fulfilled lines are on the sales order")];
                    shipment(0, "", &[(at.unwrap() as u32 + 1, id.get(), &line.item.0, *units)]).lines
                })
                .collect();
            booked.shipments.push(parcel);
        }
        let mut books = Books { booked, journals: vec![] };
        books.bill(order, &policy);
        books
    }

    /// Bills what Shopify shows as fulfilled.
    fn bill(&mut self, order: &Order, policy: &Policy) {
        let (units, wanted) = (Units::of(order), wanted(order));
        let seen = fulfillment::Observed {
            order,
            units: &units,
            shop: &policy.shops[0],
            wanted: &wanted,
            booked: &self.booked,
        };
        for action in fulfillment::plan(&seen, policy, at(60)) {
            let fulfillment::Action::Bill { invoice, .. } = action else { panic!("{action:?}") };
            let amounts = invoice.lines.iter().map(|line| {
                line.amount.minor() + line.taxes.iter().map(|tax| tax.amount.minor()).sum::<i64>()
            });
            let total = eur(amounts.sum());
            let mut open = total.minor();
            for deposit in &mut self.booked.deposits {
                let part = open.min(deposit.unapplied.minor());
                deposit.unapplied = eur(deposit.unapplied.minor() - part);
                open -= part;
            }
            let lines = invoice.lines.iter().map(|line| crate::domain::billing::BilledLine {
                key: Some(line.key),
                quantity: line.quantity,
                amount: line.amount,
                tax: eur(line.taxes.iter().map(|tax| tax.amount.minor()).sum()),
            });
            self.booked.invoices.push(KnownInvoice {
                internal_id: InternalId::new(500 + self.booked.invoices.len() as u64),
                external_id: Some(invoice.external_id.clone()),
                date: invoice.date,
                total,
                open: eur(open),
                lines: lines.collect(),
            });
        }
    }

    /// Performs rounds until nothing is left to write; what was done, and what was found last.
    fn run(&mut self, order: &Order, policy: &Policy) -> (String, Vec<Action>) {
        let (units, wanted) = (Units::of(order), wanted(order));
        let mut done = Vec::new();
        for round in 0..64u64 {
            let seen = Observed {
                order,
                units: &units,
                shop: &policy.shops[0],
                wanted: &wanted,
                booked: &self.booked,
                journals: &self.journals,
            };
            let actions = plan(&seen, policy);
            if !actions.iter().any(Action::writes) {
                done.extend(actions);
                return (told(&done), done);
            }
            for (at, action) in actions.into_iter().filter(Action::writes).enumerate() {
                let id = InternalId::new(900 + round * 100 + at as u64);
                driver::absorb(&mut self.booked, &mut self.journals, &action, id);
                done.push(action);
            }
        }
        panic!("the plan never settles: {}", told(&done));
    }
}

fn wanted(order: &Order) -> SalesOrder {
    let policy = policy();
    translate::sales_order(order, &policy.shops[0], &policy, &Kits::default()).unwrap()
}

fn check(order: &Order, expected: &str) -> Books {
    let mut books = Books::of(order);
    let (done, _) = books.run(order, &policy());
    assert_eq!(done, expected);
    let (again, _) = books.run(order, &policy());
    assert!(!again.contains("refund ") && !again.contains("credit "), "settled: {again}");
    books
}

/// failures.md A9: goods 100.00 and delivery 5.00, with 20.00 and 1.00 of tax beside them, 126.00 captured by card 8.
fn coat() -> Order {
    let mut coat = line(1, "COAT", 1, 10_000);
    coat.taxes = vec![tax(2_000)];
    let mut order = order(vec![coat], vec![card(8, 12_600)]);
    order.taxes_included = false;
    order.shipping = vec![ShippingLine {
        id: ShippingLineId::new(1),
        title: "Standard".into(),
        price: eur(500),
        discounts: vec![],
        taxes: vec![tax(100)],
    }];
    settle(&mut order);
    order
}

fn tax(minor: i64) -> crate::domain::order::TaxLine {
    crate::domain::order::TaxLine {
        title: "VAT".into(),
        rate: rust_decimal::Decimal::new(2, 1),
        amount: eur(minor),
        channel_liable: false,
    }
}

fn shipped(order: Order) -> Order {
    let mut order = order;
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, 1)])];
    order
}

/// The order with this refund, the units of its lines taken off, and the totals that Shopify would then state.
fn refunded(order: Order, refund: Refund, money: Vec<Transaction>) -> Order {
    let mut order = order;
    let mut refund = refund;
    refund.transactions = money.iter().map(|it| it.id).collect();
    refund.presentment = refund.parts(order.taxes_included).unwrap();
    for part in &refund.lines {
        order.lines.iter_mut().find(|line| line.id == part.line).unwrap().quantity -= part.quantity;
    }
    order.transactions.extend(money);
    order.refunds.push(refund);
    settle(&mut order);
    order
}

fn coat_back(restock: Restock) -> Refund {
    let mut back = refund(40, 30);
    back.lines = vec![RefundLine { tax: eur(2_000), ..refund_line(1, 1, 10_000, restock) }];
    back
}

fn delivery_back() -> RefundShipping {
    RefundShipping { line: Some(ShippingLineId::new(1)), subtotal: eur(500), tax: eur(100) }
}

fn adjustment(minor: i64) -> RefundAdjustment {
    RefundAdjustment { reason: AdjustmentReason::RefundDiscrepancy, amount: eur(minor), tax: eur(0) }
}

#[test]
fn delivery_alone_is_given_back_with_its_tax() {
    let mut back = refund(40, 30);
    back.shipping = vec![delivery_back()];
    let order = refunded(shipped(coat()), back, vec![money_back(9, 8, 600)]);
    check(&order, "credit fr-credit-40: SHIPPING 500+100; refund fr-refund-9 to 1110: memo 600");
}

#[test]
fn a_restocking_fee_lowers_the_credit() {
    let mut back = coat_back(Restock::Return);
    back.fees = vec![RefundFee { kind: RefundFeeKind::Restocking, amount: eur(1_000), tax: eur(200) }];
    let order = refunded(shipped(coat()), back, vec![money_back(9, 8, 10_800)]);
    check(
        &order,
        "credit fr-credit-40: RETURNS 10000+2000, RESTOCKING -1000+-200; restock fr-restock-101: COAT×1 at 300; \
         refund fr-refund-9 to 1110: memo 10800",
    );
}

#[test]
fn goodwill_is_no_return() {
    let mut back = refund(40, 30);
    back.adjustments = vec![adjustment(750)];
    let order = refunded(shipped(coat()), back, vec![money_back(9, 8, 750)]);
    check(&order, "credit fr-credit-40: GOODWILL 750+0; refund fr-refund-9 to 1110: memo 750");
}

#[test]
fn before_the_invoice_money_leaves_the_deposit_without_memo_or_tax() {
    let mut back = coat_back(Restock::Cancel);
    back.shipping = vec![delivery_back()];
    let order = refunded(coat(), back, vec![money_back(9, 8, 12_600)]);
    assert!(wanted(&order).lines.is_empty(), "nothing of it is left to ship or bill");
    check(&order, "refund fr-refund-9 to 1110: deposit 12600");
}

#[test]
fn store_credit_beyond_what_was_captured_is_goodwill() {
    for stated in [0, 400] {
        let mut back = coat_back(Restock::NoRestock);
        back.shipping = vec![delivery_back()];
        back.adjustments = if stated == 0 { vec![] } else { vec![adjustment(stated)] };
        let mut credit = money_back(9, 8, 13_000);
        credit.tender = Tender::StoreCredit;
        let order = refunded(shipped(coat()), back, vec![credit]);
        check(
            &order,
            "credit fr-credit-40: RETURNS 10000+2000, SHIPPING 500+100; journal fr-refund-40-excess: 4400 400, 2220 -400; \
             refund fr-refund-9 to 2220: memo 12600",
        );
    }
}

#[test]
fn m2_money_beyond_what_was_captured_is_refused_and_the_rest_is_booked() {
    let mut back = coat_back(Restock::NoRestock);
    back.shipping = vec![delivery_back()];
    back.adjustments = vec![adjustment(400)];
    let order = refunded(shipped(coat()), back, vec![money_back(9, 8, 13_000)]);
    check(
        &order,
        "credit fr-credit-40: RETURNS 10000+2000, SHIPPING 500+100; refund fr-refund-9 to 1110: memo 12600; \
         report refund-exceeds-captured",
    );
}

#[test]
fn a_difference_that_nobody_states_is_a_finding() {
    let order = refunded(shipped(coat()), coat_back(Restock::NoRestock), vec![money_back(9, 8, 11_000)]);
    check(
        &order,
        "credit fr-credit-40: RETURNS 10000+2000; refund fr-refund-9 to 1110: memo 11000; report refund-disagrees",
    );
}

#[test]
fn pending_money_is_not_booked_and_money_that_failed_after_success_waits_to_be_issued_again() {
    let mut order = refunded(shipped(coat()), coat_back(Restock::NoRestock), vec![money_back(9, 8, 12_000)]);
    order.transactions[1].status = TransactionStatus::Pending;
    let mut books = check(&order, "credit fr-credit-40: RETURNS 10000+2000");
    order.transactions[1].status = TransactionStatus::Success;
    assert_eq!(books.run(&order, &policy()).0, "refund fr-refund-9 to 1110: memo 12000");
    order.transactions[1].status = TransactionStatus::Failure;
    assert_eq!(
        books.run(&order, &policy()).0,
        "journal fr-transaction-9-failed: 1110 12000, 2600 -12000; report refund-failed"
    );
    order.transactions.push(money_back(10, 8, 12_000));
    order.refunds[0].transactions.push(TransactionId::new(10));
    assert_eq!(books.run(&order, &policy()).0, "journal fr-transaction-10-reissue: 2600 12000, 1110 -12000");
    assert_eq!(books.run(&order, &policy()).0, "");
}

/// failures.md A10: 1,893.00 comes back, 365.00 goes out, 1,528.00 is paid back.
#[test]
fn an_exchange_credits_all_that_came_back_and_its_rest_pays_what_went_out() {
    let mut old = order(vec![line(1, "SOFA", 1, 189_300)], vec![card(8, 189_300)]);
    settle(&mut old);
    let mut back = refund(40, 30);
    back.is_return = true;
    back.lines = vec![refund_line(1, 1, 189_300, Restock::Return)];
    let order = refunded(shipped(old), back, vec![money_back(9, 8, 152_800)]);
    let mut books = check(
        &order,
        "credit fr-credit-40: RETURNS 189300+0; restock fr-restock-101: SOFA×1 at 300; \
         refund fr-refund-9 to 1110: memo 152800",
    );
    let mut after = order.clone();
    after.lines.push(line(2, "CHAIR", 1, 36_500));
    settle(&mut after);
    after.fulfillments.push(fulfillment(71, 90, "P2", &[(2, 1)]));
    let known = known(2, &wanted(&after).lines[1]);
    books.booked.sales_order.lines.push(known);
    books.booked.shipments.push(shipment(71, "P2", &[(2, 2, "CHAIR", 1)]));
    books.bill(&after, &policy());
    assert_eq!(books.run(&after, &policy()).0, "apply fr-credit-40 36500");
    assert!(books.booked.invoices.iter().all(|invoice| invoice.open.is_zero()));
    assert!(books.booked.credit_memos.iter().all(|memo| memo.unapplied.is_zero()));
}

/// Shop money 13.50 for 9.00 USD.
fn converted(captured: i64) -> Order {
    let usd = |minor| Money::new(minor, Currency::USD);
    let mut capture = card(8, captured);
    capture.presentment = usd(900);
    let mut order = order(vec![line(1, "MUG", 1, 1_350)], vec![capture]);
    order.presentment_currency = Currency::USD;
    settle(&mut order);
    order.total_presentment = usd(900);
    shipped(order)
}

/// postings.md N5a.
#[test]
fn what_rates_leave_open_or_over_is_an_exchange_difference() {
    let books = check(&converted(1_277), "credit fr-fx-order-5001: EXCHANGE 73+0");
    assert!(books.booked.invoices.iter().all(|invoice| invoice.open.is_zero()));
    let books = check(&converted(1_400), "invoice fr-fx-order-5001 50; apply deposit 50");
    assert!(books.booked.deposits.iter().all(|deposit| deposit.unapplied.is_zero()));
}

/// What comes back and what goes out are as much to the buyer and a penny apart to the shop: the rest of the credit is
/// the rate's, and no credit stays open.
#[test]
fn a_penny_that_rates_leave_in_a_memo_is_an_exchange_gain() {
    let usd = |minor| Money::new(minor, Currency::USD);
    let mut back = refund(40, 30);
    back.is_return = true;
    back.lines = vec![refund_line(1, 1, 1_350, Restock::NoRestock)];
    let order = refunded(converted(1_350), back, vec![]);
    let mut books = check(&order, "credit fr-credit-40: RETURNS 1350+0");
    let mut after = order.clone();
    after.lines.push(line(2, "CHAIR", 1, 1_349));
    settle(&mut after);
    after.total_presentment = usd(900);
    after.fulfillments.push(fulfillment(71, 90, "P2", &[(2, 1)]));
    let known = known(2, &wanted(&after).lines[1]);
    books.booked.sales_order.lines.push(known);
    books.booked.shipments.push(shipment(71, "P2", &[(2, 2, "CHAIR", 1)]));
    books.bill(&after, &policy());
    assert_eq!(
        books.run(&after, &policy()).0,
        "apply fr-credit-40 1349; invoice fr-fx-order-5001 1; apply fr-credit-40 1"
    );
    assert!(books.booked.invoices.iter().all(|invoice| invoice.open.is_zero()));
    assert!(books.booked.credit_memos.iter().all(|memo| memo.unapplied.is_zero()));
}

#[test]
fn a_refund_at_another_rate_pays_what_the_buyer_got() {
    let usd = |minor| Money::new(minor, Currency::USD);
    for (paid, expected) in [
        (
            710,
            "credit fr-credit-40: GOODWILL 750+0; refund fr-refund-9 to 1110: memo 710; \
             invoice fr-fx-refund-40 40; apply fr-credit-40 40",
        ),
        (780, "credit fr-credit-40: GOODWILL 750+0, EXCHANGE 30+0; refund fr-refund-9 to 1110: memo 780"),
    ] {
        let mut back = refund(40, 30);
        back.adjustments = vec![adjustment(750)];
        let mut money = money_back(9, 8, paid);
        money.presentment = usd(500);
        let mut order = refunded(converted(1_350), back, vec![money]);
        order.refunds[0].presentment = usd(500);
        order.total_presentment = usd(400);
        let books = check(&order, expected);
        assert!(books.booked.invoices.iter().all(|invoice| invoice.open.is_zero()), "{paid}");
        assert!(books.booked.credit_memos.iter().all(|memo| memo.unapplied.is_zero()), "{paid}");
    }
}

#[test]
fn what_came_back_without_having_left_netsuite_is_not_put_back() {
    let order = refunded(shipped(coat()), coat_back(Restock::Return), vec![money_back(9, 8, 12_000)]);
    let mut books = Books::of(&order);
    books.booked.shipments.clear();
    let (done, _) = books.run(&order, &policy());
    assert!(done.contains("report stock-return-unrelieved") && !done.contains("restock "), "{done}");
}

#[test]
fn a_memo_that_a_person_keyed_is_not_doubled() {
    let order = refunded(shipped(coat()), coat_back(Restock::NoRestock), vec![money_back(9, 8, 12_000)]);
    let mut books = Books::of(&order);
    books.booked.credit_memos.push(crate::domain::billing::KnownCreditMemo {
        internal_id: InternalId::new(77),
        external_id: None,
        date: "2026-11-30".parse().unwrap(),
        total: eur(11_000),
        unapplied: eur(11_000),
    });
    assert_eq!(books.run(&order, &policy()).0, "report keyed-by-hand");
}

/// failures.md B13: units that were taken back before they left are no return of those that did.
#[test]
fn units_are_billed_or_not_by_what_had_left_when_they_were_given_back() {
    let mut mugs = order(vec![line(1, "MUG", 3, 900)], vec![card(8, 2_700)]);
    settle(&mut mugs);
    let mut early = refund(40, 1);
    early.lines = vec![refund_line(1, 1, 900, Restock::NoRestock)];
    let mut order = refunded(mugs, early, vec![money_back(9, 8, 900)]);
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, 2)])];
    let mut late = refund(41, 30);
    late.lines = vec![RefundLine {
        id: crate::domain::ids::RefundLineId::new(5),
        ..refund_line(1, 1, 900, Restock::Return)
    }];
    let order = refunded(order, late, vec![money_back(10, 8, 900)]);
    assert_eq!(Units::of(&order).wanted, [2]);
    check(
        &order,
        "refund fr-refund-9 to 1110: deposit 900; credit fr-credit-41: RETURNS 900+0; restock fr-restock-5: MUG×1 at 300; \
         refund fr-refund-10 to 1110: memo 900",
    );
}

proptest! {
    /// For any history of refunds: the money of each transaction is booked once and whole, its sources come to it, no
    /// memo or deposit is drawn below zero, and nothing more is given back than was captured.
    #[test]
    fn m2_any_history_of_refunds_is_booked_once_and_never_beyond_the_captures(
        quantity in 1u32..6,
        price in 100i64..20_000,
        shipped_units in 0u32..6,
        second_capture: bool,
        steps in prop::collection::vec((0u32..3, 0i64..900, 0u8..4), 0..5),
    ) {
        let total = price * i64::from(quantity);
        let captures = if second_capture {
            vec![card(8, total / 3), card(7, total - total / 3)]
        } else {
            vec![card(8, total)]
        };
        let mut order = order(vec![line(1, "MUG", quantity, price)], captures);
        settle(&mut order);
        let shipped_units = shipped_units.min(quantity);
        if shipped_units > 0 {
            order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, shipped_units)])];
        }
        let mut left = (shipped_units, quantity - shipped_units);
        for (number, (units, goodwill, kind)) in steps.into_iter().enumerate() {
            let mut back = refund(40 + number as u64, 30 + number as u64);
            let units = if kind % 2 == 0 {
                let units = units.min(left.0);
                left.0 -= units;
                back.lines = vec![RefundLine { id: crate::domain::ids::RefundLineId::new(number as u64), ..refund_line(1, units, price * i64::from(units), Restock::Return) }];
                units
            } else {
                let units = units.min(left.1);
                left.1 -= units;
                back.lines = vec![refund_line(1, units, price * i64::from(units), Restock::Cancel)];
                units
            };
            back.lines.retain(|part| part.quantity > 0);
            if goodwill > 0 && shipped_units > 0 && kind > 1 {
                back.adjustments = vec![adjustment(goodwill)];
            }
            let amount = back.parts(true).unwrap().minor();
            let money = if amount > 0 { vec![money_back(100 + number as u64, 8, amount)] } else { vec![] };
            let _ = units;
            order = refunded(order, back, money);
        }
        let policy = policy();
        let mut books = Books::of(&order);
        let (_, done) = books.run(&order, &policy);
        let captured: i64 = order.captures().map(|it| it.amount.minor()).sum();
        let mut paid_back = 0;
        for action in &done {
            let Action::Post { document: Document::CustomerRefund(known), .. } = action else { continue };
            let amount: i64 = known.out_of.iter().map(|(_, part)| part.minor()).sum();
            paid_back += amount;
            prop_assert!(known.out_of.iter().all(|(_, part)| part.minor() > 0));
        }
        let moved: i64 = order.transactions.iter().filter(|it| super::super::order::is_refunded(it)).map(|it| it.amount.minor()).sum();
        prop_assert!(paid_back <= captured);
        prop_assert_eq!(paid_back, moved.min(captured), "{}", told(&done));
        let (again, _) = books.run(&order, &policy);
        prop_assert!(!again.contains("credit ") && !again.contains("refund fr"), "{again}");
        prop_assert!(books.booked.deposits.iter().all(|it| it.unapplied.minor() >= 0));
    }
}
