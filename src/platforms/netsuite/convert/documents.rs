//! Rows of an order's documents → what the domain calls them.

use super::{NotConvertible, date, money};
use crate::domain::billing::{
    BilledLine, KnownAdjustment, KnownCreditMemo, KnownCustomerRefund, KnownInvoice,
};
use crate::domain::fulfillment::{KnownShipment, Parcel, ShipStatus, ShippedLine};
use crate::domain::sales_order::LineKey;
use crate::domain::{ExternalId, InternalId, KnownDeposit, KnownSalesOrder, Money, Sku};
use crate::platforms::netsuite::operation::suiteql::{DocumentRow, MovedRow, TransactionType};
use crate::platforms::netsuite::wire::{JsonDecimal, Tag};
use crate::ports::netsuite::{Booked, MovedOrder};

/// # Errors
/// A line before its document's main line, a column that is absent where the document has it, an amount with more
/// digits than its currency, a quantity that is no count.
pub fn booked(sales_order: KnownSalesOrder, rows: Vec<DocumentRow>) -> Result<Booked, NotConvertible> {
    let mut booked = Booked {
        sales_order,
        deposits: Vec::new(),
        shipments: Vec::new(),
        invoices: Vec::new(),
        credit_memos: Vec::new(),
        refunds: Vec::new(),
        adjustments: Vec::new(),
    };
    for row in rows {
        if row.mainline { document(&mut booked, row)? } else { line(&mut booked, row)? }
    }
    Ok(booked)
}

pub fn moved_order(row: MovedRow) -> MovedOrder {
    MovedOrder {
        external_id: row.externalid.map(ExternalId::from_netsuite),
        internal_id: row.id,
        modified_at: row.moved,
    }
}

fn document(booked: &mut Booked, row: DocumentRow) -> Result<(), NotConvertible> {
    let (internal_id, date) = (row.id, date(row.trandate)?);
    let total = |row: &DocumentRow| amount(row, "total", row.foreigntotal);
    let unpaid = |row: &DocumentRow| amount(row, "unpaid amount", row.foreignamountunpaid);
    let external_id = row.externalid.as_deref().map(ExternalId::from_netsuite);
    match row.kind {
        TransactionType::CustDep => booked.deposits.push(KnownDeposit {
            internal_id,
            external_id,
            payment: total(&row)?,
            unapplied: unpaid(&row)?,
            date,
            account: row.account,
        }),
        TransactionType::ItemShip => booked.shipments.push(KnownShipment {
            internal_id,
            external_id,
            status: ship_status(row.status)?,
            date,
            location: row.location.ok_or_else(|| absent("location"))?,
            lines: Vec::new(),
            parcels: parcels(&row),
        }),
        TransactionType::CustInvc => booked.invoices.push(KnownInvoice {
            internal_id,
            external_id,
            date,
            total: total(&row)?,
            open: unpaid(&row)?,
            lines: Vec::new(),
        }),
        TransactionType::CustCred => booked.credit_memos.push(KnownCreditMemo {
            internal_id,
            external_id,
            date,
            total: total(&row)?,
            unapplied: unpaid(&row)?,
        }),
        TransactionType::CustRfnd => booked.refunds.push(KnownCustomerRefund {
            internal_id,
            external_id,
            date,
            amount: total(&row)?,
            account: row.account,
        }),
        TransactionType::InvAdjst => booked.adjustments.push(KnownAdjustment { internal_id, external_id }),
        TransactionType::DepAppl | TransactionType::Journal => {}
    }
    Ok(())
}

fn line(booked: &mut Booked, row: DocumentRow) -> Result<(), NotConvertible> {
    let orphan = |known: Option<InternalId>| known != Some(row.id);
    let stray = || NotConvertible { what: "line", reason: format!("{} has no main line before it", row.id) };
    let quantity = row
        .quantity
        .map_or(Some(0), JsonDecimal::to_count)
        .ok_or_else(|| NotConvertible { what: "quantity", reason: "not a count".to_owned() })?;
    let key = key(row.custcol_plimsoll_key.as_ref());
    match row.kind {
        TransactionType::ItemShip => {
            if orphan(booked.shipments.last().map(|known| known.internal_id)) {
                return Err(stray());
            }
            let shipment = booked.shipments.last_mut().ok_or_else(stray)?;
            let order_line = row.previousline.ok_or_else(|| absent("line of the order"))?.get();
            shipment.lines.push(ShippedLine {
                order_line: u32::try_from(order_line).map_err(|_| absent("line of the order"))?,
                key,
                item: Sku(row.item.unwrap_or_default()),
                quantity,
                cost: money("cost", row.cost, row.basecurrency)?,
            });
        }
        TransactionType::CustInvc => {
            if orphan(booked.invoices.last().map(|known| known.internal_id)) {
                return Err(stray());
            }
            let invoice = booked.invoices.last_mut().ok_or_else(stray)?;
            invoice.lines.push(BilledLine {
                key,
                quantity,
                amount: amount(&row, "amount", row.foreignamount)?,
                tax: money("tax", row.taxamount.unwrap_or(JsonDecimal::whole(0)), row.currency)?,
            });
        }
        _ => {}
    }
    Ok(())
}

fn key(tag: Option<&Tag>) -> Option<LineKey> {
    match tag {
        Some(Tag::Component(key)) => Some(*key),
        _ => None,
    }
}

fn amount(
    row: &DocumentRow,
    what: &'static str,
    value: Option<JsonDecimal>,
) -> Result<Money, NotConvertible> {
    money(what, value.ok_or_else(|| absent(what))?, row.currency)
}

fn absent(what: &'static str) -> NotConvertible {
    NotConvertible { what, reason: "absent".to_owned() }
}

/// Source: netsuite.md §14.1.
fn ship_status(letter: Option<char>) -> Result<ShipStatus, NotConvertible> {
    match letter {
        Some('A') => Ok(ShipStatus::Picked),
        Some('B') => Ok(ShipStatus::Packed),
        Some('C') => Ok(ShipStatus::Shipped),
        other => Err(NotConvertible { what: "status of a fulfilment", reason: format!("{other:?}") }),
    }
}

/// The list's numbers, set apart by blanks or commas; HTML may stand for a blank (§14.1). The method of shipping
/// names the carrier; a link is not kept.
fn parcels(row: &DocumentRow) -> Vec<Parcel> {
    let Some(list) = &row.linkedtrackingnumberlist else { return Vec::new() };
    let list = list.replace("<BR>", " ").replace("<br>", " ").replace("&nbsp;", " ");
    list.split(|character: char| character.is_whitespace() || character == ',')
        .filter(|number| !number.is_empty())
        .map(|number| Parcel { carrier: row.shipmethod.clone(), number: number.into(), url: None })
        .collect()
}
