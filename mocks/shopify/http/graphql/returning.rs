//! Mutations of returns, and returns with all their fields.
//!
//! Source: shopify.md §h.3 and recorded exchanges. What the twin does not have of them (fees, exchanges, reverse
//! fulfillment orders) is not in the schema.

use serde_json::{Map, Value, json};

use super::super::super::returns::{self, AskedLine, NotReturned, ReturnRow, ReturnStatus, Step};
use super::super::super::{Shop, ids, render};
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use super::shipped;
use crate::domain::ids::OrderId;

impl Session<'_> {
    /// `None` for another mutation.
    pub(super) fn returning(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Option<Result<Value, Refusal>> {
        let input = arguments.get("input").or_else(|| arguments.get("returnInput")).unwrap_or(&Value::Null);
        let argument = |name: &str| arguments.get(name).unwrap_or(&Value::Null);
        let text = |value: &Value| value.as_str().map(Box::from);
        Some(match name {
            "returnRequest" => self.ask(input, false, "input"),
            "returnCreate" => self.ask(input, true, "returnInput"),
            "returnApproveRequest" => self.step(&input["id"], Step::Approve, &["input", "id"]),
            "returnDeclineRequest" => {
                let reason = text(&input["declineReason"]).unwrap_or_default();
                let step = Step::Decline(reason, text(&input["declineNote"]));
                self.step(&input["id"], step, &["input", "id"])
            }
            "returnCancel" => self.step(argument("id"), Step::Cancel, &["id"]),
            "returnClose" => self.step(argument("id"), Step::Close, &["id"]),
            "returnReopen" => self.step(argument("id"), Step::Reopen, &["id"]),
            "returnProcess" => {
                let lines = numbered(&input["returnLineItems"], "id");
                self.step(&input["returnId"], Step::Process(lines), &["input", "returnId"])
            }
            "removeFromReturn" => {
                let lines = numbered(argument("returnLineItems"), "returnLineItemId");
                self.step(argument("returnId"), Step::Remove(lines), &["returnId"])
            }
            _ => return None,
        })
    }

    fn ask(&self, input: &Value, is_open: bool, root: &str) -> Result<Value, Refusal> {
        let id = self.checked_id(input["orderId"].as_str().unwrap_or_default(), "Order")?;
        let order = OrderId::new(number_of(id).unwrap_or_default());
        let asked = |line: &Value| AskedLine {
            fulfillment_line: line["fulfillmentLineItemId"].as_str().and_then(number_of).unwrap_or_default(),
            units: units(line),
            reason: line["returnReason"].as_str().unwrap_or("UNKNOWN").into(),
            reason_note: line["returnReasonNote"].as_str().unwrap_or_default().into(),
            customer_note: line["customerNote"].as_str().map(Box::from),
        };
        let lines = input["returnLineItems"].as_array().into_iter().flatten().map(asked).collect();
        let made = self.twin.borrow_mut().ask_return(self.at, order, lines, is_open, self.now);
        Ok(match made {
            Ok(number) => json!({ "return": { "id": gid("Return", number) }, "userErrors": [] }),
            Err(error) => refused(&[root], error),
        })
    }

    fn step(&self, id: &Value, step: Step, at: &[&str]) -> Result<Value, Refusal> {
        let id = self.checked_id(id.as_str().unwrap_or_default(), "Return")?;
        let number = number_of(id).unwrap_or_default();
        Ok(match self.twin.borrow_mut().step_return(self.at, number, step, self.now) {
            Ok(()) => json!({ "return": { "id": id }, "userErrors": [] }),
            // A line is named from where the lines are, the return by its own argument.
            Err(error) if error.path.is_empty() => refused(at, error),
            Err(error) => refused(&at[..at.len() - 1], error),
        })
    }
}

fn refused(root: &[&str], error: NotReturned) -> Value {
    let field: Vec<&str> = root.iter().copied().chain(error.path.iter().map(|part| &**part)).collect();
    let shown = json!({ "field": field, "message": error.message, "code": error.code });
    json!({ "return": null, "userErrors": [shown] })
}

fn numbered(lines: &Value, name: &str) -> Vec<(u64, u32)> {
    let entries = lines.as_array().into_iter().flatten();
    entries.map(|line| (line[name].as_str().and_then(number_of).unwrap_or_default(), units(line))).collect()
}

fn units(line: &Value) -> u32 {
    line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or_default()
}

/// Every return of an order: those of refunds, whose goods came back with them, then those that apps carry through.
pub(super) fn returns(shop: &Shop, n: usize) -> Vec<Value> {
    let mut all = of_refunds(shop, n);
    let row = shop.orders.get(n);
    let count = all.len();
    let asked = row.noted().map_or(&[][..], |noted| &noted.returns);
    all.extend(asked.iter().enumerate().map(|(at, it)| of_app(shop, n, at, count + at + 1, it)));
    all
}

fn of_app(shop: &Shop, n: usize, at: usize, count: usize, row: &ReturnRow) -> Value {
    let left = |shipment: usize, line: usize| {
        let work = shop.orders.get(n).work.as_ref()?;
        let before: usize = work.shipments[..shipment].iter().map(|it| it.lines.len()).sum();
        shipped::lines(shop, n, &work.shipments[shipment], before).into_iter().nth(line)
    };
    let nodes = row.lines.iter().map(|line| {
        json!({
            "__typename": "ReturnLineItem",
            "id": gid("ReturnLineItem", returns::line_number(shop.ordinal, n, line.number)),
            "quantity": line.units,
            "processedQuantity": line.processed,
            "unprocessedQuantity": line.units - line.processed,
            "returnReason": line.reason,
            "returnReasonNote": line.reason_note,
            "customerNote": line.customer_note,
            "fulfillmentLineItem": left(line.shipment, line.line),
        })
    });
    json!({
        "id": gid("Return", returns::number(shop.ordinal, n, at)),
        "name": format!("{}-R{count}", render::name(shop, n)),
        "order": { "id": gid("Order", ids::order(shop.ordinal, n).get()) },
        "status": match row.status {
            ReturnStatus::Requested => "REQUESTED",
            ReturnStatus::Open => "OPEN",
            ReturnStatus::Closed => "CLOSED",
            ReturnStatus::Declined => "DECLINED",
            ReturnStatus::Cancelled => "CANCELED",
        },
        "closedAt": row.closed.map(render::date_time),
        "decline": row.decline.as_ref().map(|(reason, note)| json!({ "reason": reason, "note": note })),
        "totalQuantity": row.lines.iter().map(|line| line.units).sum::<u32>(),
        "returnLineItems": { "nodes": nodes.collect::<Vec<Value>>() },
    })
}

fn of_refunds(shop: &Shop, n: usize) -> Vec<Value> {
    let row = shop.orders.get(n);
    let shipments = row.work.as_ref().map_or(&[][..], |work| &work.shipments);
    // Where the first unit of a line left.
    let left_by = |line: u16| {
        let mut number = 0;
        for shipment in shipments {
            if let Some(at) = shipment.lines.iter().position(|(known, _)| *known == line) {
                return shipped::lines(shop, n, shipment, number).into_iter().nth(at);
            }
            number += shipment.lines.len();
        }
        None
    };
    let mut number = 0;
    let returned = row.refunds().iter().enumerate().filter(|(_, refund)| refund.is_return);
    let mut all = Vec::new();
    for (count, (at, refund)) in returned.enumerate() {
        let mut nodes = Vec::with_capacity(refund.lines.len());
        for line in &refund.lines {
            nodes.push(json!({
                "__typename": "ReturnLineItem",
                "id": gid("ReturnLineItem", ids::return_line(shop.ordinal, n, number)),
                "quantity": line.units,
                "processedQuantity": line.units,
                "unprocessedQuantity": 0,
                "returnReason": "UNKNOWN",
                "returnReasonNote": "",
                "customerNote": null,
                "fulfillmentLineItem": left_by(line.line),
            }));
            number += 1;
        }
        all.push(json!({
            "id": gid("Return", ids::return_of(shop.ordinal, n, at)),
            "name": format!("{}-R{}", render::name(shop, n), count + 1),
            "order": { "id": gid("Order", ids::order(shop.ordinal, n).get()) },
            "status": "CLOSED",
            "closedAt": render::date_time(refund.at),
            "decline": null,
            "totalQuantity": refund.lines.iter().map(|line| line.units).sum::<u32>(),
            "returnLineItems": { "nodes": nodes },
        }));
    }
    all
}
