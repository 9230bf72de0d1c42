//! Domain → the documents that follow a sales order.

use super::{NotConvertible, address_body, tax_detail};
use crate::domain::billing::{
    CreditMemo, CustomerRefund, InventoryAdjustment, Invoice, JournalEntry, RefundSource, StandaloneInvoice,
};
use crate::domain::customer::Address;
use crate::domain::sales_order::LineKey;
use crate::domain::{BookDate, ExternalId, InternalId, Money};
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::wire::{
    AdjustedLineBody, ApplyBody, BillBody, BillLineBody, CurrencyReference, CustomerRefundBody,
    DepositApplicationBody, InventoryAdjustmentBody, JournalEntryBody, JournalLineBody, JsonDecimal,
    PriceLevel, Reference, SalesOrderBody, Sublist, Tag,
};

pub fn readdress_request(key: &ExternalId, ship_to: &Address) -> Request {
    let shipping_address = Some(Box::new(address_body(ship_to)));
    let body = SalesOrderBody { shipping_address, ..SalesOrderBody::default() };
    Request::AmendSalesOrder { eid: key.as_str().into(), body: Box::new(body) }
}

/// # Errors
/// A tax rate with more digits than fit.
pub fn invoice_request(sales_order: InternalId, invoice: &Invoice) -> Result<Request, NotConvertible> {
    let mut taxes = Vec::with_capacity(invoice.lines.len());
    let mut items = Vec::with_capacity(invoice.lines.len());
    for line in &invoice.lines {
        let reference = Tag::Component(line.key);
        for tax in &line.taxes {
            taxes.push(tax_detail(reference.clone(), line.amount, tax)?);
        }
        items.push(BillLineBody {
            order_line: Some(line.order_line),
            quantity: Some(JsonDecimal::whole(i64::from(line.quantity))),
            amount: Some(JsonDecimal::of_money(line.amount)),
            tax_details_reference: Some(reference),
            ..BillLineBody::default()
        });
    }
    let body = BillBody {
        external_id: Some(invoice.external_id.as_str().into()),
        tran_date: Some(invoice.date),
        original_date: invoice.original_date,
        memo: late("shipment", invoice.original_date),
        item: Some(Sublist { items }),
        tax_details_override: Some(true),
        tax_details: Some(Sublist { items: taxes }),
        ..BillBody::default()
    };
    Ok(Request::TransformInvoice { sales_order, body: Box::new(body) })
}

pub fn standalone_invoice_request(invoice: &StandaloneInvoice) -> Request {
    let line = BillLineBody {
        item: Some(Reference::ExternalId(invoice.item.0.clone())),
        quantity: Some(JsonDecimal::whole(1)),
        amount: Some(JsonDecimal::of_money(invoice.amount)),
        price: Some(PriceLevel::CUSTOM),
        ..BillLineBody::default()
    };
    let body = BillBody {
        external_id: Some(invoice.external_id.as_str().into()),
        entity: Some(Reference::external(invoice.customer.as_str())),
        subsidiary: Some(Reference::Id(invoice.subsidiary)),
        location: Some(Reference::Id(invoice.location)),
        currency: Some(CurrencyReference(invoice.currency)),
        tran_date: Some(invoice.date),
        plimsoll_order: Some(invoice.order.as_str().into()),
        original_date: invoice.original_date,
        memo: late("difference", invoice.original_date),
        item: Some(Sublist { items: vec![line] }),
        ..BillBody::default()
    };
    Request::CreateInvoice { body: Box::new(body) }
}

/// # Errors
/// A tax rate with more digits than fit.
pub fn credit_memo_request(memo: &CreditMemo) -> Result<Request, NotConvertible> {
    let mut taxes = Vec::new();
    let mut items = Vec::with_capacity(memo.lines.len());
    for (number, line) in (1u64..).zip(&memo.lines) {
        // Several lines may credit one line of the order, so a number joins a line to its tax.
        let reference = Tag::Number(number);
        for tax in &line.taxes {
            taxes.push(tax_detail(reference.clone(), line.amount, tax)?);
        }
        items.push(BillLineBody {
            order_line: None,
            item: Some(Reference::ExternalId(line.item.0.clone())),
            quantity: Some(JsonDecimal::whole(i64::from(line.quantity))),
            amount: Some(JsonDecimal::of_money(line.amount)),
            price: Some(PriceLevel::CUSTOM),
            tax_details_reference: Some(reference),
            plimsoll_key: line.line.map(|line| Tag::Component(LineKey::Goods(line))),
            plimsoll_sku: line.sku.as_ref().map(|sku| sku.0.clone()),
        });
    }
    let apply: Vec<ApplyBody> = memo.apply.iter().map(|(doc, amount)| apply_body(*doc, *amount)).collect();
    let body = BillBody {
        external_id: Some(memo.external_id.as_str().into()),
        entity: Some(Reference::external(memo.customer.as_str())),
        subsidiary: Some(Reference::Id(memo.subsidiary)),
        location: Some(Reference::Id(memo.location)),
        currency: Some(CurrencyReference(memo.currency)),
        tran_date: Some(memo.date),
        plimsoll_order: Some(memo.order.as_str().into()),
        original_date: memo.original_date,
        memo: late("refund", memo.original_date),
        item: Some(Sublist { items }),
        tax_details_override: Some(true),
        tax_details: Some(Sublist { items: taxes }),
        apply: sublist(apply),
    };
    Ok(Request::CreateCreditMemo { body: Box::new(body) })
}

pub fn apply_credit_memo_request(memo: &ExternalId, invoice: InternalId, amount: Money) -> Request {
    let body = BillBody { apply: sublist(vec![apply_body(invoice, amount)]), ..BillBody::default() };
    Request::ApplyCreditMemo { eid: memo.as_str().into(), body: Box::new(body) }
}

/// The application gets an external id of its own, a pure function of what it joins, so a repetition is noticed.
pub fn apply_deposit_request(deposit: InternalId, invoice: InternalId, amount: Money) -> Request {
    let body = DepositApplicationBody {
        external_id: Some(format!("application-{deposit}-{invoice}").into()),
        tran_date: None,
        apply: sublist(vec![apply_body(invoice, amount)]),
    };
    Request::TransformDepositApplication { deposit, body: Box::new(body) }
}

pub fn customer_refund_request(refund: &CustomerRefund) -> Request {
    let (mut apply, mut deposit) = (Vec::new(), Vec::new());
    for (source, amount) in &refund.out_of {
        match source {
            RefundSource::CreditMemo(memo) => apply.push(apply_body(*memo, *amount)),
            RefundSource::Deposit(of) => deposit.push(apply_body(*of, *amount)),
        }
    }
    let body = CustomerRefundBody {
        external_id: Some(refund.external_id.as_str().into()),
        customer: Some(Reference::external(refund.customer.as_str())),
        subsidiary: Some(Reference::Id(refund.subsidiary)),
        currency: Some(CurrencyReference(refund.currency)),
        tran_date: Some(refund.date),
        account: Some(Reference::Id(refund.account)),
        plimsoll_order: Some(refund.order.as_str().into()),
        original_date: refund.original_date,
        memo: late("money given back", refund.original_date),
        apply: sublist(apply),
        deposit: sublist(deposit),
    };
    Request::CreateCustomerRefund { body: Box::new(body) }
}

pub fn inventory_adjustment_request(adjustment: &InventoryAdjustment) -> Request {
    let location = Reference::Id(adjustment.location);
    let items = adjustment
        .lines
        .iter()
        .map(|line| AdjustedLineBody {
            item: Reference::ExternalId(line.item.0.clone()),
            location: location.clone(),
            adjust_qty_by: JsonDecimal::whole(line.quantity),
            unit_cost: JsonDecimal::of_money(line.unit_cost),
        })
        .collect();
    let body = InventoryAdjustmentBody {
        external_id: Some(adjustment.external_id.as_str().into()),
        subsidiary: Some(Reference::Id(adjustment.subsidiary)),
        account: Some(Reference::Id(adjustment.account)),
        adj_location: Some(location),
        tran_date: Some(adjustment.date),
        plimsoll_order: Some(adjustment.order.as_str().into()),
        original_date: adjustment.original_date,
        memo: late("return", adjustment.original_date),
        inventory: Some(Sublist { items }),
    };
    Request::CreateInventoryAdjustment { body: Box::new(body) }
}

/// # Errors
/// An amount that has no opposite.
pub fn journal_request(entry: &JournalEntry) -> Result<Request, NotConvertible> {
    let mut items = Vec::with_capacity(entry.lines.len());
    for (at, (account, amount)) in entry.lines.iter().enumerate() {
        let is_debit = amount.minor() >= 0;
        let magnitude = if is_debit { Ok(*amount) } else { amount.checked_neg() };
        let magnitude =
            magnitude.map_err(|error| NotConvertible { what: "amount", reason: error.to_string() })?;
        let side = Some(JsonDecimal::of_money(magnitude));
        items.push(JournalLineBody {
            account: Reference::Id(*account),
            debit: side.filter(|_| is_debit),
            credit: side.filter(|_| !is_debit),
            memo: entry.memos.get(at).cloned(),
        });
    }
    let body = JournalEntryBody {
        external_id: Some(entry.external_id.as_str().into()),
        subsidiary: Some(Reference::Id(entry.subsidiary)),
        currency: Some(CurrencyReference(entry.currency)),
        tran_date: Some(entry.date),
        memo: Some(entry.memo.clone()),
        original_date: entry.original_date,
        line: Some(Sublist { items }),
    };
    Ok(Request::CreateJournalEntry { body: Box::new(body) })
}

fn apply_body(doc: InternalId, amount: Money) -> ApplyBody {
    ApplyBody { doc: Reference::Id(doc), apply: true, amount: JsonDecimal::of_money(amount) }
}

fn sublist<T>(items: Vec<T>) -> Option<Sublist<T>> {
    (!items.is_empty()).then_some(Sublist { items })
}

/// What a document says that is dated later than what it is of: its cause and its own day.
pub(super) fn late(what: &str, original: Option<BookDate>) -> Option<Box<str>> {
    original.map(|date| format!("{what} of {date} in a period that was shut").into())
}
