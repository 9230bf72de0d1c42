use super::super::application::Application;
use super::super::bill::{Bill, BillLine, BillTax};
use super::super::deposit::Deposit;
use super::super::fulfillment::{ItemFulfillment, Shipped};
use super::{Line, SalesOrder, Tax};

#[test]
fn a_million_orders_fit_in_memory() {
    // Six lines with tax on each, and a deposit; then a fulfilment of three lines, an invoice and its application:
    // what the budget of 3 KB an order leaves to this twin.
    assert!(size_of::<SalesOrder>() + 6 * size_of::<Line>() + 6 * size_of::<Tax>() <= 640);
    assert!(size_of::<Deposit>() <= 120);
    assert!(size_of::<ItemFulfillment>() + 3 * size_of::<Shipped>() <= 160);
    assert!(size_of::<Bill>() + 6 * size_of::<BillLine>() + 6 * size_of::<BillTax>() <= 400);
    assert!(size_of::<Application>() <= 88);
}
