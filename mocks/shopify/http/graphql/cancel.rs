//! `orderCancel`: its arguments as what the twin's rules take, and its payload.
//!
//! Source: shopify.md §d.4 and recorded exchanges.

use serde_json::{Map, Value, json};

use super::super::super::created::CancelRequest;
use super::object::Session;
use super::page::number_of;
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::ids::OrderId;

impl Session<'_> {
    pub(super) fn order_cancel(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = arguments.get("orderId").and_then(Value::as_str).unwrap_or_default();
        let id = self.checked_id(id, "Order")?;
        let number = number_of(id).unwrap_or_default();
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let flag = |name: &str| arguments.get(name).and_then(Value::as_bool);
        let method = arguments.get("refundMethod").filter(|method| !method.is_null());
        if method.is_some() && flag("refund").is_some() {
            let message = "Only one of the arguments `refund` or `refund_method` is allowed.";
            return Ok(not_cancelled("refund", message, Some("INVALID")));
        }
        let by_method = method.and_then(|method| method["originalPaymentMethodsRefund"].as_bool());
        let request = CancelRequest {
            reason: text("reason").unwrap_or_default().into(),
            refund: flag("refund").or(by_method).unwrap_or_default(),
            restock: flag("restock").unwrap_or_default(),
            staff_note: text("staffNote").map(Box::from),
        };
        let mut twin = self.twin.borrow_mut();
        Ok(match twin.begin_cancel(self.at, OrderId::new(number), request, self.now) {
            Ok(()) => json!({
                "job": { "id": format!("gid://shopify/Job/{}", job(number, self.now)), "done": false },
                "orderCancelUserErrors": [],
                "userErrors": [],
            }),
            Err(error) => not_cancelled(error.field, error.message, error.code),
        })
    }
}

fn not_cancelled(field: &str, message: &str, code: Option<&str>) -> Value {
    json!({
        "job": null,
        "orderCancelUserErrors": [{ "field": [field], "message": message, "code": code }],
        "userErrors": [{ "field": [field], "message": message }],
    })
}

/// The job's own id: of the form of a random one, from what it is for and when it began.
fn job(order: u64, now: Timestamp) -> String {
    let high = order.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let low = (now.seconds() as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F) ^ high;
    let (a, b, c) = (high >> 32, high >> 16 & 0xFFFF, high & 0x0FFF);
    format!("{a:08x}-{b:04x}-4{c:03x}-8{:03x}-{:012x}", low >> 52, low & 0xFFFF_FFFF_FFFF)
}
