//! `refundCreate`: its input as what the twin's rules take, and its payload.
//!
//! Source: shopify.md §h.1 (messages, the gateway of the parent), §b2 (idempotency).

use serde_json::{Map, Value, json};

use super::super::super::changes::NotPossible;
use super::super::super::refunds::{MoneyBack, RefundEntry, RefundPayment, RefundUnits, ShippingRefund};
use super::super::super::{Shop, ids};
use super::amounts;
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::ids::{LineItemId, OrderId, TransactionId};
use crate::domain::refund::{AdjustmentReason, Restock};

/// A user error: field and text.
type NotRefunded = (Value, String);

impl Session<'_> {
    pub(super) fn refund_create(
        &self,
        arguments: &Map<String, Value>,
        key: Option<&str>,
    ) -> Result<Value, Refusal> {
        let input = arguments.get("input").unwrap_or(&Value::Null);
        let id = self.checked_id(input["orderId"].as_str().unwrap_or_default(), "Order")?;
        let order = OrderId::new(number_of(id).unwrap_or_default());
        let mut twin = self.twin.borrow_mut();
        let shop = &twin.shops[self.at];
        let refused = |order: Value, (field, message): NotRefunded| {
            let error = json!([{ "field": field, "message": message }]);
            json!({ "refund": null, "order": order, "userErrors": error })
        };
        let Some(n) = shop.order_at(order) else {
            return Ok(refused(Value::Null, (json!(["orderId"]), "Order does not exist".to_owned())));
        };
        let itself = json!({ "id": id });
        let made = |number: u64| json!({ "refund": { "id": gid("Refund", number) }, "order": itself, "userErrors": [] });
        let asked = input.to_string();
        if let Some(known) = key.and_then(|key| shop.refund_keys.get(key)) {
            let message = "The same idempotency key cannot be used with different operation parameters.";
            return Ok(match *known.0 == *asked {
                true => made(known.1),
                false => refused(itself, (Value::Null, message.to_owned())),
            });
        }
        let entry = match entry(shop, n, input)? {
            Ok(entry) => entry,
            Err(error) => return Ok(refused(itself, error)),
        };
        let name = shop.settings.key;
        Ok(match twin.refund(name, order, &entry, self.now) {
            Ok(id) => {
                let shop = &mut twin.shops[self.at];
                if let (Some(note), Some((_, at))) =
                    (input["note"].as_str(), ids::refund_position(shop.ordinal, id))
                {
                    shop.orders.get_mut(n).noted_mut().refunds.push((at, note.into()));
                }
                if let Some(key) = key {
                    shop.refund_keys.insert(key.into(), (asked.into(), id.get()));
                }
                made(id.get())
            }
            Err(why) => refused(itself, not_possible(&twin.shops[self.at], n, &entry, why)),
        })
    }
}

/// The refund that is asked for.
///
/// # Errors
/// What the twin does not model; within, what Shopify refuses.
fn entry(shop: &Shop, n: usize, input: &Value) -> Result<Result<RefundEntry, NotRefunded>, Refusal> {
    if input["processedAt"].as_str().is_some_and(|at| at.parse::<Timestamp>().is_ok()) {
        return Err(Refusal::not_modelled("refundCreate with processedAt"));
    }
    let minor = |amount: &Value| amounts::minor("refundCreate", amount, u32::from(shop.digits()));
    let mut entry = RefundEntry::default();
    for asked in input["refundLineItems"].as_array().into_iter().flatten() {
        let number = asked["lineItemId"].as_str().and_then(number_of).unwrap_or_default();
        let found = ids::line_item_position(shop.ordinal, LineItemId::new(number));
        let Some((_, line)) = found.filter(|(of, _)| *of == n) else {
            return Err(Refusal::not_modelled("refundCreate of a line that the order does not have"));
        };
        entry.lines.push(RefundUnits {
            line,
            units: asked["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or_default(),
            restock: match asked["restockType"].as_str() {
                Some("RETURN") => Some(Restock::Return),
                Some("CANCEL") => Some(Restock::Cancel),
                Some("NO_RESTOCK") => Some(Restock::NoRestock),
                _ => None,
            },
        });
    }
    let shipping = &input["shipping"];
    entry.shipping = match shipping["fullRefund"].as_bool() {
        Some(true) => Some(ShippingRefund::All),
        _ if shipping["amount"].is_null() => None,
        _ => Some(ShippingRefund::Part(minor(&shipping["amount"])?)),
    };
    entry.reason = match input["discrepancyReason"].as_str() {
        Some("RESTOCK") => Some(AdjustmentReason::Restock),
        Some("DAMAGE") => Some(AdjustmentReason::Damage),
        Some("CUSTOMER") => Some(AdjustmentReason::Customer),
        _ => None,
    };
    for asked in input["transactions"].as_array().into_iter().flatten() {
        let kind = asked["kind"].as_str().unwrap_or_default();
        if kind != "REFUND" {
            let message = format!("Kind {} is not a valid transaction", kind.to_lowercase());
            return Ok(Err((Value::Null, message)));
        }
        let number = asked["parentId"].as_str().and_then(number_of).unwrap_or_default();
        let parent = ids::transaction_position(shop.ordinal, TransactionId::new(number));
        let parent = parent.filter(|(of, at)| *of == n && *at < shop.orders.get(n).transactions.len());
        let Some((_, parent)) = parent else { return Ok(Err(wrong_parent())) };
        entry.payments.push(RefundPayment {
            parent: Some(parent),
            amount: minor(&asked["amount"])?,
            presentment: None,
            standing: MoneyBack::Succeeded,
        });
    }
    Ok(Ok(entry))
}

fn wrong_parent() -> NotRefunded {
    (json!(["transactions"]), "Transactions require a parent_id associated with the order".to_owned())
}

/// Why the twin's rules refused it, as Shopify says it.
fn not_possible(shop: &Shop, n: usize, entry: &RefundEntry, why: NotPossible) -> NotRefunded {
    match why {
        NotPossible::TooManyUnits => {
            let row = shop.orders.get(n);
            let stands = |asked: &RefundUnits| row.lines.get(asked.line).map_or(0, |line| line.quantity);
            let at = entry.lines.iter().position(|asked| asked.units > stands(asked)).unwrap_or_default();
            let message = "Quantity cannot refund more items than were purchased";
            (json!(["refundLineItems", at.to_string(), "quantity"]), message.to_owned())
        }
        NotPossible::WrongParent => wrong_parent(),
        NotPossible::RefundExceedsPayment => {
            let row = shop.orders.get(n);
            let digits = usize::from(shop.digits());
            let shown = |minor: i64| {
                let unit = 10i64.pow(digits as u32);
                match digits {
                    0 => format!("${minor}"),
                    width => format!("${}.{:0width$}", minor / unit, minor % unit),
                }
            };
            let asked: i64 = entry.payments.iter().map(|payment| payment.amount).sum();
            let (asked, left) = (shown(asked), shown(row.received()));
            (Value::Null, format!("Refund amount {asked} is greater than net payment received {left}"))
        }
        other => {
            let text = other.to_string();
            let mut letters = text.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            (Value::Null, format!("{first}{}", letters.as_str()))
        }
    }
}
