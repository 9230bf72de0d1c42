use super::super::deposit::Deposit;
use super::{Line, SalesOrder, Tax};

#[test]
fn a_million_orders_fit_in_memory() {
    // Six lines with tax on each, and a deposit: what the budget of 3 KB an order leaves to this twin.
    assert!(size_of::<SalesOrder>() + 6 * size_of::<Line>() + 6 * size_of::<Tax>() <= 660);
    assert!(size_of::<Deposit>() <= 120);
}
