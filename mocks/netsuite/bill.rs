//! Invoices and credit memos: entered, posted, and brought together with what pays them.
//!
//! Both have one shape with opposite signs: an invoice debits receivables and credits income and tax, a credit memo
//! does the reverse.
//!
//! Source: netsuite.md §6.4 (transform), §14.2–14.3 (fields), §16 (tax details), §17 (periods, currencies), §18
//! (impact).

use rust_decimal::Decimal;

use super::answers::{self, Refused};
use super::application::check_more;
use super::chart::{PeriodPart, invalid};
use super::document::DocumentKind;
use super::heading::Heading;
use super::names::Name;
use super::{NONE, NetsuiteTwin, RecordKind, Transaction};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{BillBody, JsonDecimal, Reference, TaxDetail};

#[derive(Debug)]
pub(super) struct Bill {
    pub key: Option<Name>,
    pub lines: Box<[BillLine]>,
    pub taxes: Box<[BillTax]>,
    /// Minor units of the currency, tax inside; never negative.
    pub total: i64,
    /// Minor units of the base currency.
    pub base: i64,
    /// What applications, credits and refunds have used of it.
    pub used: i64,
    pub exchange_rate: JsonDecimal,
    pub heading: Heading,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct BillLine {
    pub amount: i64,
    pub item: u32,
    pub quantity: u32,
    /// The order's line; 0 if it was made from none.
    pub line: u16,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct BillTax {
    pub amount: i64,
    pub kind: u32,
    /// Position of the line in the document.
    pub place: u16,
}

impl Bill {
    pub fn open(&self) -> i64 {
        self.total - self.used
    }
}

/// Whose document it is and when: what a body does not say is sourced.
pub(super) struct Source {
    customer: u32,
    subsidiary: u8,
    currency: Currency,
    order: u32,
}

impl Source {
    /// As another document has it.
    pub fn of(heading: Heading) -> Source {
        let Heading { customer, subsidiary, currency, order, .. } = heading;
        Source { customer, subsidiary, currency, order }
    }

    fn heading(&self, date: BookDate) -> Heading {
        Heading {
            transaction: NONE,
            customer: self.customer,
            order: self.order,
            date,
            subsidiary: self.subsidiary,
            currency: self.currency,
        }
    }
}

impl NetsuiteTwin {
    /// `POST salesOrder/{id}/!transform/invoice`: lines keyed by the order's line, amounts and tax as the body says.
    pub(super) fn transform_invoice(
        &mut self,
        sales_order: InternalId,
        body: &BillBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let order = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        self.check_lock(RecordKind::SalesOrder, order)?;
        let record = &self.orders[order as usize];
        if matches!(record.status, SalesOrderStatus::PendingApproval | SalesOrderStatus::Cancelled) {
            return Err(answers::refused(
                "Invalid reference: the order is not open for fulfillment or billing.",
            ));
        }
        let source = Source {
            customer: record.customer,
            subsidiary: record.subsidiary,
            currency: record.currency,
            order,
        };
        let bodies = body.item.as_ref().map_or(&[][..], |items| &items.items);
        let mut lines: Vec<BillLine> = Vec::with_capacity(bodies.len());
        for (place, body) in bodies.iter().enumerate() {
            let path = || format!("item.items[{place}].orderLine");
            let number = body.order_line.ok_or_else(|| answers::missing_value("Order Line"))?;
            let line = record.lines.iter().find(|line| u32::from(line.number) == number);
            let line =
                line.ok_or_else(|| answers::invalid_value(&number.to_string(), "orderline", &path()))?;
            let quantity = body.quantity.map_or(Some(0), JsonDecimal::to_count);
            let quantity = quantity.ok_or_else(|| answers::invalid_value("quantity", "quantity", &path()))?;
            let billed: u32 =
                lines.iter().filter(|known| known.line == line.number).map(|known| known.quantity).sum();
            if billed.saturating_add(quantity) > line.billable(self.chart.item_kind(line.item)) {
                return Err(answers::refused(
                    "The quantity to bill is greater than what was fulfilled and not yet billed.",
                ));
            }
            let amount = body.amount.ok_or_else(|| answers::missing_value("Amount"))?;
            let amount =
                amount.to_money(source.currency).map(Money::minor).ok_or_else(answers::unbalanced)?;
            lines.push(BillLine { amount, item: line.item, quantity, line: line.number });
        }
        self.check_deposits_period(order, body.tran_date.unwrap_or_else(|| self.today(now)))?;
        let at = self.insert_bill(DocumentKind::Invoice, body, source, lines, now)?;
        self.count_billed(at);
        if body.external_id.is_none() {
            self.touch(order, now);
        }
        self.apply_deposits_of(at);
        Ok(Transaction::id(self.invoices[at as usize].heading.transaction))
    }

    /// `POST invoice` without a sales order.
    pub(super) fn create_invoice(&mut self, body: &BillBody, now: Timestamp) -> Result<InternalId, Refused> {
        let source = self.bill_source(body)?;
        let lines = self.bill_lines(body, source.currency)?;
        let at = self.insert_bill(DocumentKind::Invoice, body, source, lines, now)?;
        Ok(Transaction::id(self.invoices[at as usize].heading.transaction))
    }

    /// `POST creditMemo`, with the invoices that it pays.
    pub(super) fn create_credit_memo(
        &mut self,
        body: &BillBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let source = self.bill_source(body)?;
        let lines = self.bill_lines(body, source.currency)?;
        let heading = source.heading(body.tran_date.unwrap_or_else(|| self.today(now)));
        let payments = self.credits(None, heading, body)?;
        let paid: i64 = payments.iter().map(|(_, amount)| *amount).sum();
        let tax = body.tax_details.as_ref().map_or(&[][..], |rows| &rows.items);
        let tax = tax.iter().filter_map(|row| row.tax_amount.to_money(source.currency)).map(Money::minor);
        check_more(paid, lines.iter().map(|line| line.amount).chain(tax).sum())?;
        let at = self.insert_bill(DocumentKind::CreditMemo, body, source, lines, now)?;
        self.restock_credited(at);
        self.pay(at, &payments, heading.date);
        Ok(Transaction::id(self.credit_memos[at as usize].heading.transaction))
    }

    fn bill_source(&self, body: &BillBody) -> Result<Source, Refused> {
        let subsidiary =
            body.subsidiary.as_ref().map(|known| self.chart.find_subsidiary(known)).transpose()?;
        let entity = body.entity.as_ref().ok_or_else(|| answers::missing_value("Customer"))?;
        let customer = self.find_customer(entity, subsidiary, "entity")?;
        let record = &self.customers[customer as usize];
        let subsidiary = subsidiary.unwrap_or(record.subsidiary);
        if let Some(location) = &body.location {
            self.chart.check_location(location, subsidiary)?;
        }
        let base = self.chart.subsidiary(subsidiary).currency;
        let currency = body.currency.map(|currency| currency.0).or(record.currency).unwrap_or(base);
        if record.currency.is_some_and(|own| own != currency) {
            return Err(answers::invalid_value(currency.code(), "currency", "currency"));
        }
        // A custom field takes any text; only one that names an order links the document to it.
        let order = body.plimsoll_order.as_deref().and_then(|eid| self.find_order(eid)).unwrap_or(NONE);
        Ok(Source { customer, subsidiary, currency, order })
    }

    fn bill_lines(&self, body: &BillBody, currency: Currency) -> Result<Vec<BillLine>, Refused> {
        let bodies = body.item.as_ref().map_or(&[][..], |items| &items.items);
        let lines = bodies.iter().enumerate().map(|(place, body)| {
            let item = body.item.as_ref().ok_or_else(|| answers::missing_value("Item"))?;
            let quantity = body.quantity.map_or(Some(1), JsonDecimal::to_count);
            let amount = body.amount.ok_or_else(|| answers::missing_value("Amount"))?;
            Ok(BillLine {
                amount: amount.to_money(currency).map(Money::minor).ok_or_else(answers::unbalanced)?,
                item: self.chart.find_item(item, place)?,
                quantity: quantity.ok_or_else(|| answers::invalid_value("quantity", "quantity", "item"))?,
                line: 0,
            })
        });
        lines.collect()
    }

    fn insert_bill(
        &mut self,
        kind: DocumentKind,
        body: &BillBody,
        source: Source,
        lines: Vec<BillLine>,
        now: Timestamp,
    ) -> Result<u32, Refused> {
        let key = self.new_key(kind, body.external_id.as_deref())?;
        let taxes = self.bill_taxes(body, &source)?;
        let date = body.tran_date.unwrap_or_else(|| self.today(now));
        self.enter_bill(kind, key, source, lines, taxes, date)
    }

    pub(super) fn enter_bill(
        &mut self,
        kind: DocumentKind,
        key: Option<Name>,
        source: Source,
        lines: Vec<BillLine>,
        taxes: Vec<BillTax>,
        date: BookDate,
    ) -> Result<u32, Refused> {
        if lines.is_empty() {
            return Err(answers::missing_value("Items"));
        }
        let parts = lines.iter().map(|line| line.amount).chain(taxes.iter().map(|tax| tax.amount));
        let total = i64::try_from(parts.map(i128::from).sum::<i128>()).map_err(|_| answers::unbalanced())?;
        if total < 0 {
            return Err(answers::refused("The total of the transaction cannot be negative."));
        }
        let rate = self.chart.rate(source.currency, source.subsidiary, date)?;
        let base = self.chart.in_base(Money::new(total, source.currency), source.subsidiary, rate)?;
        self.chart.check_period(date, source.subsidiary, PeriodPart::Receivables)?;
        let mut heading = source.heading(date);
        let bills = if kind == DocumentKind::Invoice { &self.invoices } else { &self.credit_memos };
        let at = u32::try_from(bills.len()).expect("fewer than 2³² invoices and credit memos");
        let document = match kind {
            DocumentKind::Invoice => Transaction::Invoice(at),
            _ => Transaction::CreditMemo(at),
        };
        let exchange_rate = JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?;
        self.enter(document, &mut heading);
        self.keep_key(kind, key, heading.transaction);
        let bills = if kind == DocumentKind::Invoice { &mut self.invoices } else { &mut self.credit_memos };
        bills.push(Bill {
            key,
            lines: lines.into_boxed_slice(),
            taxes: taxes.into_boxed_slice(),
            total,
            base,
            used: 0,
            exchange_rate,
            heading,
        });
        self.post(document, 1);
        Ok(at)
    }

    /// Tax is an override, joined to the lines by reference. Source: netsuite.md §16.
    fn bill_taxes(&mut self, body: &BillBody, source: &Source) -> Result<Vec<BillTax>, Refused> {
        let rows: &[TaxDetail] = body.tax_details.as_ref().map_or(&[], |rows| &rows.items);
        if !rows.is_empty() && body.tax_details_override != Some(true) {
            return Err(answers::refused("Tax details can only be set with taxDetailsOverride."));
        }
        let bodies = body.item.as_ref().map_or(&[][..], |items| &items.items);
        let mut taxes = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let path = format!("taxDetails.items[{place}]");
            let reference = Some(&row.tax_details_reference);
            let line = bodies.iter().position(|line| line.tax_details_reference.as_ref() == reference);
            let line = line.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| {
                answers::invalid_value(&row.tax_details_reference.to_string(), "taxdetailsreference", &path)
            })?;
            let kind = self.chart.find_tax_kind(&row.tax_code, row.tax_rate, source.subsidiary, &path)?;
            let amount = row.tax_amount.to_money(source.currency).ok_or_else(answers::unbalanced)?;
            taxes.push(BillTax { amount: amount.minor(), kind, place: line });
        }
        Ok(taxes)
    }

    fn count_billed(&mut self, invoice: u32) {
        let Bill { lines, heading, .. } = &self.invoices[invoice as usize];
        let order = &mut self.orders[heading.order as usize];
        for billed in lines {
            for line in order.lines.iter_mut().filter(|line| line.number == billed.line) {
                line.billed += billed.quantity;
            }
        }
        let order = heading.order;
        self.restate(order);
    }

    /// A stocked item on a credit memo goes back on hand without its cost leaving the books' expense: why the engine
    /// credits by items that have no stock. Source: netsuite.md §18.
    pub(super) fn restock_credited(&mut self, memo: u32) {
        let Bill { lines, heading, .. } = &self.credit_memos[memo as usize];
        let location = self.chart.subsidiary(heading.subsidiary).location;
        let back: Vec<(u32, u32)> = lines.iter().map(|line| (line.item, line.quantity)).collect();
        for (item, quantity) in back {
            if self.is_fulfillable(item) {
                self.restore(item, location, i64::from(quantity));
            }
        }
    }

    /// An external id that no document of the kind carries.
    pub(super) fn new_key(&mut self, kind: DocumentKind, eid: Option<&str>) -> Result<Option<Name>, Refused> {
        let key = eid.map(|eid| self.names.keep(eid));
        if key.is_some_and(|key| self.documents_by_key.contains_key(&(kind, key))) {
            return Err(answers::refused("This record already exists"));
        }
        Ok(key)
    }

    pub(super) fn keep_key(&mut self, kind: DocumentKind, key: Option<Name>, transaction: u32) {
        self.documents_by_key.extend(key.map(|key| ((kind, key), transaction)));
    }

    pub(super) fn find_bill(&self, reference: &Reference, kind: DocumentKind) -> Result<u32, Refused> {
        let position = match reference {
            Reference::Id(id) => Transaction::position(*id),
            Reference::ExternalId(eid) => {
                let key = self.names.find(eid);
                key.and_then(|key| self.documents_by_key.get(&(kind, key))).map(|at| *at as usize)
            }
        };
        match (position.and_then(|at| self.transactions.get(at)), kind) {
            (Some(Transaction::Invoice(at)), DocumentKind::Invoice)
            | (Some(Transaction::CreditMemo(at)), DocumentKind::CreditMemo) => Ok(*at),
            _ => Err(invalid(reference, "doc", "apply")),
        }
    }
}

/// The part of a base amount that falls to what was used from `from` up to `to` of `total`: parts of one total sum to
/// its base amount, whatever the steps.
pub(super) fn share(base: i64, total: i64, from: i64, to: i64) -> i64 {
    if base == total || total == 0 {
        return to - from;
    }
    let up_to = |used: i64| {
        let exact = Decimal::from(base) * Decimal::from(used) / Decimal::from(total);
        exact.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    };
    i64::try_from(up_to(to) - up_to(from)).expect("a share is not greater than the whole")
}
