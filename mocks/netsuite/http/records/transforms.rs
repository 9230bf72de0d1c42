//! Records made from others.
//!
//! Source: netsuite.md §6.4.

use super::writes::{ship_status, typed};
use super::{Refusal, Service, missing, not_permitted};
use crate::domain::InternalId;
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::mocks::http::Told;
use crate::mocks::netsuite::http::json::Json;
use crate::mocks::netsuite::http::shape::{self, Checked, RecordType};
use crate::mocks::netsuite::{ShipmentEntry, answers};
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::wire::{BillBody, JsonDecimal, Sublist};

impl Service<'_> {
    pub(super) fn transform(
        &mut self,
        record: &'static RecordType,
        id: &str,
        target: &str,
    ) -> Result<Told, Refusal> {
        let unknown = || missing(&format!("transform {} to {target}", record.name), not_permitted());
        let into = shape::find(target).ok_or_else(unknown)?;
        let found = self.find(record, id)?;
        let source = InternalId::new(self.id(found));
        let checked = self.checked(into)?;
        let id = match (record.name, into.name) {
            ("salesOrder", "invoice") => {
                let body = self.sourced_invoice(source, typed(&checked.body)?)?;
                self.execute(Request::TransformInvoice { sales_order: source, body: Box::new(body) })?
            }
            ("salesOrder", "itemFulfillment") => {
                let entry = self.shipment(source, &checked)?;
                self.twin.ship(source, &entry, self.now)?
            }
            ("customerDeposit", "depositApplication") => {
                let body = Box::new(typed(&checked.body)?);
                self.execute(Request::TransformDepositApplication { deposit: source, body })?
            }
            _ => return Err(unknown()),
        };
        Ok(self.saved(into, id, checked))
    }

    /// Lines that may be billed, in proportion, overridden by the body's lines; only the body's where it replaces them.
    fn sourced_invoice(&self, order: InternalId, body: BillBody) -> Result<BillBody, Refusal> {
        if self.replaced()? {
            return Ok(body);
        }
        let given = body.item.as_ref().map_or(&[][..], |items| &items.items);
        let mut units = self.twin.billable_units(order)?;
        for (place, line) in given.iter().enumerate() {
            let known = units.iter_mut().find(|(number, _)| Some(*number) == line.order_line);
            let path = format!("item.items[{place}].orderLine");
            let number = line.order_line.map_or_else(String::new, |number| number.to_string());
            let known = known.ok_or_else(|| answers::invalid_value(&number, "orderline", &path))?;
            if let Some(quantity) = line.quantity {
                let count = quantity.to_count();
                known.1 =
                    count.ok_or_else(|| answers::invalid_value(&quantity.to_string(), "quantity", &path))?;
            }
        }
        let sourced = self.twin.invoice_in_proportion(order, &units)?;
        let mut items = sourced.item.map_or_else(Vec::new, |items| items.items);
        for line in &mut items {
            let own = given.iter().find(|given| given.order_line == line.order_line);
            if let Some(amount) = own.and_then(|given| given.amount) {
                line.amount = Some(amount);
            }
        }
        let (tax_details, tax_details_override) = match body.tax_details {
            Some(own) => (Some(own), body.tax_details_override),
            None => (sourced.tax_details, sourced.tax_details_override),
        };
        Ok(BillBody { item: Some(Sublist { items }), tax_details, tax_details_override, ..body })
    }

    /// Source: netsuite.md §6.4: lines that the body does not name are shipped whole; `itemReceive` false leaves one out.
    fn shipment(&self, order: InternalId, checked: &Checked) -> Result<ShipmentEntry, Refusal> {
        let part = |name: &str| checked.body.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let items = |name: &str| match part(name).and_then(|list| list.get("items")) {
            Some(Json::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        let mut lines = self.twin.shippable_units(order)?;
        let own = self.twin.document(order).map(|order| order.subsidiary());
        let own = own.and_then(|id| self.twin.chart.subsidiary_position(id));
        let mut location = own.map(|at| self.twin.chart.subsidiary(at).location);
        for (place, line) in items("item").iter().enumerate() {
            let path = format!("item.items[{place}].orderLine");
            let number = whole(line.get("orderLine"));
            let text = number.map_or_else(String::new, |number| number.to_string());
            let known = lines.iter_mut().find(|(known, _)| Some(*known) == number);
            let known = known.ok_or_else(|| answers::invalid_value(&text, "orderline", &path))?;
            if let Some(quantity) = line.get("quantity") {
                known.1 = whole(Some(quantity))
                    .ok_or_else(|| answers::invalid_value(&quantity.to_string(), "quantity", &path))?;
            }
            if line.get("itemReceive") == Some(&Json::Bool(false)) {
                known.1 = 0;
            }
            location = referred(line.get("location")).or(location);
        }
        let packages = items("package");
        let parcels = packages.iter().map(|package| Parcel {
            carrier: words(package.get("packageDescr")),
            number: words(package.get("packageTrackingNumber")).unwrap_or_default(),
            url: None,
        });
        Ok(ShipmentEntry {
            lines,
            location: location.ok_or_else(|| answers::missing_value("Location"))?,
            // Without a status it is shipped: the account has no Pick, Pack and Ship (netsuite.md §14.1).
            status: part("shipStatus").map_or(Ok(ShipStatus::Shipped), |value| ship_status(Some(value)))?,
            parcels: parcels.collect(),
        })
    }
}

fn words(value: Option<&Json>) -> Option<Box<str>> {
    match value {
        Some(Json::Text(text)) if !text.is_empty() => Some(text.as_str().into()),
        _ => None,
    }
}

fn whole(value: Option<&Json>) -> Option<u32> {
    match value {
        Some(Json::Number(number)) => number.parse::<JsonDecimal>().ok()?.to_count(),
        _ => None,
    }
}

fn referred(value: Option<&Json>) -> Option<InternalId> {
    match value?.get("id") {
        Some(Json::Text(id)) => id.parse().ok().map(InternalId::new),
        _ => None,
    }
}
