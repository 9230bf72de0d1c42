use super::*;
use crate::domain::customer::Address;
use crate::domain::ids::LineItemId;
use crate::domain::order::LineItem;
use crate::domain::sales_order::SalesOrderStatus::*;
use crate::engine::fixtures::*;
use crate::engine::order::translate;
use crate::engine::stock::kits::Kits;

fn street(line1: &str) -> Address {
    Address {
        name: Some("Joe Bloggs".into()),
        line1: Some(line1.into()),
        line2: None,
        city: Some("Lyon".into()),
        province: None,
        zip: Some("69001".into()),
        country: None,
        phone: None,
    }
}

/// The plan in short.
fn told(actions: &[Action]) -> String {
    let word = |action: &Action| match action {
        Action::Amend { changes, .. } => format!("amend ×{}", changes.len()),
        Action::Readdress { .. } => "readdress".to_owned(),
        Action::Report(finding) => format!("report {}", finding.code.name()),
        Action::BookSalesOrder(_) | Action::BookDeposit { .. } => "book".to_owned(),
    };
    actions.iter().map(word).collect::<Vec<_>>().join("; ")
}

struct Case {
    before: Order,
    booked: Booked,
}

/// Two lines, booked, two units and one.
fn case() -> Case {
    let mut before = order(vec![line(1, "MUG", 2, 900), line(2, "CUP", 1, 1_800)], vec![card(8, 3_600)]);
    before.ship_to = Some(street("1 Rue A"));
    let policy = policy();
    let wanted = translate::sales_order(&before, &policy.shops[0], &policy, &Kits::default()).unwrap();
    let booked = booked(&wanted, &before);
    Case { before, booked }
}

fn check(case: &Case, after: &Order, written: Written, expected: &str) {
    let policy = policy();
    let wanted = translate::sales_order(after, &policy.shops[0], &policy, &Kits::default()).unwrap();
    let status = case.booked.sales_order.status;
    assert_eq!(told(&plan(after, &wanted, &case.booked, written)), expected, "{status:?}");
}

fn without_cup(order: &Order) -> Order {
    let mut after = order.clone();
    after.lines[1].quantity = 0;
    settle(&mut after);
    after
}

/// failures.md A11.
#[test]
fn a_removed_line_is_followed_until_the_release_is_visible_and_reported_after() {
    let mut case = case();
    let after = without_cup(&case.before);
    let nothing = Written::default();
    for status in [PendingApproval, PendingFulfillment] {
        case.booked.sales_order.status = status;
        check(&case, &after, nothing, "amend ×1");
    }
    case.booked.sales_order.released_at = Some(at(0));
    for status in [
        PendingApproval,
        PendingFulfillment,
        PartiallyFulfilled,
        PendingBillingPartiallyFulfilled,
        PendingBilling,
        Billed,
        Closed,
        Cancelled,
    ] {
        case.booked.sales_order.status = status;
        check(&case, &after, nothing, "report changed-after-release");
    }
}

#[test]
fn a_cancellation_after_the_release_has_its_own_cause() {
    let mut case = case();
    let mut after = case.before.clone();
    for line in &mut after.lines {
        line.quantity = 0;
    }
    after.cancelled_at = Some(at(5));
    settle(&mut after);
    check(&case, &after, Written::default(), "amend ×2");
    case.booked.sales_order.released_at = Some(at(0));
    check(&case, &after, Written::default(), "report cancelled-after-release");
}

#[test]
fn what_left_although_it_was_taken_off_is_told() {
    let mut case = case();
    case.booked.sales_order.released_at = Some(at(0));
    case.booked.sales_order.status = PendingBillingPartiallyFulfilled;
    case.booked.shipments = vec![shipment(50, "P1", &[(2, 2, "CUP", 1)])];
    let after = without_cup(&case.before);
    check(&case, &after, Written::default(), "report changed-after-release");
}

/// An exchange sends out what the sales order never had (postings.md row 21).
#[test]
fn a_line_that_was_added_after_shipping_is_added_to_the_sales_order() {
    let mut case = case();
    let mut after = case.before.clone();
    after.lines.push(LineItem { id: LineItemId::new(3), ..line(3, "VASE", 1, 5_000) });
    settle(&mut after);
    case.booked.sales_order.released_at = Some(at(0));
    check(&case, &after, Written::default(), "report changed-after-release");
    case.booked.shipments = vec![shipment(50, "P1", &[(1, 1, "MUG", 2), (2, 2, "CUP", 1)])];
    for status in [PendingBilling, Billed] {
        case.booked.sales_order.status = status;
        check(&case, &after, Written::default(), "amend ×1");
    }
    case.booked.sales_order.status = Closed;
    check(&case, &after, Written::default(), "report changed-after-release");
}

/// failures.md A12: released at 10:00, visible at 10:04, readdressed at 10:02.
#[test]
fn a_new_address_is_followed_until_the_release_and_found_when_it_landed_in_between() {
    let mut case = case();
    let mut after = case.before.clone();
    after.ship_to = Some(street("2 Rue B"));
    check(&case, &after, Written::default(), "readdress");
    case.booked.sales_order.released_at = Some(at(0));
    check(&case, &after, Written::default(), "report address-changed-after-release");
    case.booked.sales_order.ship_to = after.ship_to.clone();
    let written = Written { lines: None, address: Some(at(2)) };
    check(&case, &after, written, "report address-changed-after-release");
    case.booked.sales_order.released_at = Some(at(3));
    check(&case, &after, written, "");
}

#[test]
fn lines_that_were_amended_between_a_release_and_its_showing_are_reported_until_all_has_left() {
    let mut case = case();
    let after = case.before.clone();
    case.booked.sales_order.released_at = Some(at(0));
    let written = Written { lines: Some(at(2)), address: None };
    check(&case, &after, written, "report changed-after-release");
    case.booked.sales_order.status = PendingBilling;
    case.booked.shipments = vec![shipment(50, "P1", &[(1, 1, "MUG", 2), (2, 2, "CUP", 1)])];
    check(&case, &after, written, "");
}
