//! The status of a sales order, computed from the quantities of its lines.
//!
//! Source: netsuite.md §13.3. Edge cases are read from names and quantities: an order of services alone stays B
//! until something of it is billed, and one of which the rest was closed after billing is Billed.

use super::{Line, SalesOrder};
use crate::domain::sales_order::SalesOrderStatus;
use crate::mocks::netsuite::chart::{Chart, ItemKind};

impl Line {
    /// Units that may still be fulfilled, what is picked included.
    pub fn to_ship(self, kind: ItemKind) -> u32 {
        if kind != ItemKind::Goods || self.is_closed {
            0
        } else {
            self.quantity.saturating_sub(self.fulfilled)
        }
    }

    /// Units that will be billed if nothing changes: of a closed line what was fulfilled of it.
    fn to_bill(self, kind: ItemKind) -> u32 {
        match kind {
            ItemKind::Discount => 0,
            _ if self.is_closed => self.fulfilled.saturating_sub(self.billed),
            ItemKind::Goods | ItemKind::Service => self.quantity.saturating_sub(self.billed),
        }
    }

    /// Units that may be billed now. Assumption: the preference to invoice in advance of fulfilment is off.
    pub fn billable(self, kind: ItemKind) -> u32 {
        match kind {
            ItemKind::Goods => self.fulfilled.saturating_sub(self.billed),
            ItemKind::Service => self.to_bill(kind),
            ItemKind::Discount => u32::MAX,
        }
    }
}

impl SalesOrder {
    /// Something of it was fulfilled or billed: customer, currency and subsidiary stand, and it cannot be cancelled.
    pub fn has_children(&self) -> bool {
        self.lines.iter().any(|line| line.fulfilled > 0 || line.billed > 0)
    }
}

/// What the quantities make of an order that is approved.
pub fn computed(lines: &[Line], chart: &Chart) -> SalesOrderStatus {
    let kind = |line: &Line| chart.item_kind(line.item);
    if lines.iter().all(|line| line.is_closed) {
        return SalesOrderStatus::Closed;
    }
    let was_shipped = lines.iter().any(|line| line.fulfilled > 0);
    let was_billed = lines.iter().any(|line| line.billed > 0);
    let to_ship = lines.iter().any(|line| line.to_ship(kind(line)) > 0);
    let to_bill = lines.iter().any(|line| line.to_bill(kind(line)) > 0);
    let shipped_unbilled =
        lines.iter().any(|line| kind(line) == ItemKind::Goods && line.fulfilled > line.billed);
    match (was_shipped, was_billed) {
        (false, false) => SalesOrderStatus::PendingFulfillment,
        (_, true) if !to_ship && !to_bill => SalesOrderStatus::Billed,
        (true, _) if to_ship && shipped_unbilled => SalesOrderStatus::PendingBillingPartiallyFulfilled,
        (true, _) if to_ship => SalesOrderStatus::PartiallyFulfilled,
        (true, _) => SalesOrderStatus::PendingBilling,
        (false, true) if to_ship => SalesOrderStatus::PendingFulfillment,
        (false, true) => SalesOrderStatus::PendingBilling,
    }
}

/// The status after quantities changed: Pending Approval and Cancelled are not computed.
pub fn after(stands: SalesOrderStatus, lines: &[Line], chart: &Chart) -> SalesOrderStatus {
    match stands {
        SalesOrderStatus::Cancelled => stands,
        SalesOrderStatus::PendingApproval if !lines.iter().all(|line| line.is_closed) => stands,
        _ => computed(lines, chart),
    }
}
