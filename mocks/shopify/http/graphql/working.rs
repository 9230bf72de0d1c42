//! What apps do with fulfillment orders and locations: split, move, hold, release, local pickup; and the customers that
//! they create.
//!
//! Source: shopify.md §e, §g and recorded exchanges.

use serde_json::{Map, Value, json};

use super::super::super::people::CustomerDetails;
use super::super::super::work::{AppHold, HoldReason, NotWorked};
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::ids::FulfillmentOrderId;

impl Session<'_> {
    /// `None` for another mutation.
    pub(super) fn working(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Option<Result<Value, Refusal>> {
        Some(match name {
            "customerCreate" => self.customer_create(arguments),
            "fulfillmentOrderHold" => self.hold(arguments),
            "fulfillmentOrderMove" => self.relocate(arguments),
            "fulfillmentOrderReleaseHold" => self.release(arguments),
            "fulfillmentOrderSplit" => self.split(arguments),
            "locationLocalPickupDisable" => self.disable_pickup(arguments),
            "locationLocalPickupEnable" => self.enable_pickup(arguments),
            _ => return None,
        })
    }

    /// All or nothing: the first split that cannot be made is said alone.
    fn split(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let mut asked = Vec::new();
        for split in arguments.get("fulfillmentOrderSplits").and_then(Value::as_array).into_iter().flatten() {
            let id = self.checked_id(text(&split["fulfillmentOrderId"]), "FulfillmentOrder")?;
            let number = number_of(id).unwrap_or_default();
            asked.push((FulfillmentOrderId::new(number), lines(&split["fulfillmentOrderLineItems"])));
        }
        Ok(match self.twin.borrow_mut().split_by_app(self.at, &asked, self.now) {
            Ok(made) => {
                let pair = |((from, _), made): (&(FulfillmentOrderId, _), &FulfillmentOrderId)| {
                    json!({
                        "fulfillmentOrder": order(*from),
                        "remainingFulfillmentOrder": order(*made),
                        "replacementFulfillmentOrder": null,
                    })
                };
                let made: Vec<Value> = asked.iter().zip(&made).map(pair).collect();
                json!({ "fulfillmentOrderSplits": made, "userErrors": [] })
            }
            Err(error) => json!({ "fulfillmentOrderSplits": null, "userErrors": [shown(error)] }),
        })
    }

    fn relocate(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = FulfillmentOrderId::new(
            number_of(self.id_of(arguments, "FulfillmentOrder")?).unwrap_or_default(),
        );
        let argument = |name: &str| arguments.get(name).unwrap_or(&Value::Null);
        let place =
            number_of(self.checked_id(text(argument("newLocationId")), "Location")?).unwrap_or_default();
        let lines = lines(argument("fulfillmentOrderLineItems"));
        Ok(match self.twin.borrow_mut().move_by_app(self.at, id, place, &lines, self.now) {
            Ok(moved) => json!({
                "movedFulfillmentOrder": order(moved),
                "originalFulfillmentOrder": order(id),
                "remainingFulfillmentOrder": (moved != id).then(|| order(id)),
                "userErrors": [],
            }),
            Err(error) => json!({
                "movedFulfillmentOrder": null,
                "originalFulfillmentOrder": null,
                "remainingFulfillmentOrder": null,
                "userErrors": [shown(error)],
            }),
        })
    }

    fn hold(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = FulfillmentOrderId::new(
            number_of(self.id_of(arguments, "FulfillmentOrder")?).unwrap_or_default(),
        );
        let asked = arguments.get("fulfillmentHold").unwrap_or(&Value::Null);
        if asked["fulfillmentOrderLineItems"].as_array().is_some_and(|lines| !lines.is_empty()) {
            return Err(Refusal::not_modelled("fulfillmentOrderHold of some lines"));
        }
        let reason = match text(&asked["reason"]) {
            "AWAITING_PAYMENT" => HoldReason::AwaitingPayment,
            "AWAITING_RETURN_ITEMS" => HoldReason::AwaitingReturnItems,
            "HIGH_RISK_OF_FRAUD" => HoldReason::HighRiskOfFraud,
            "INCORRECT_ADDRESS" => HoldReason::IncorrectAddress,
            "INVENTORY_OUT_OF_STOCK" => HoldReason::InventoryOutOfStock,
            "UNKNOWN_DELIVERY_DATE" => HoldReason::UnknownDeliveryDate,
            "OTHER" => HoldReason::Other,
            other => return Err(Refusal::not_modelled(&format!("a hold for {other}"))),
        };
        let boxed = |name: &str| asked[name].as_str().map(Box::from);
        let hold = AppHold { number: 0, reason, handle: boxed("handle"), notes: boxed("reasonNotes") };
        let held = self.twin.borrow_mut().hold_by_app(self.at, id, hold, self.now);
        let (hold, order, errors) = match held {
            Ok(number) => (self.hold_of(id, number), order(id), json!([])),
            Err(error) => (Value::Null, Value::Null, json!([shown(error)])),
        };
        Ok(json!({
            "fulfillmentHold": hold,
            "fulfillmentOrder": order,
            "remainingFulfillmentOrder": null,
            "userErrors": errors,
        }))
    }

    fn hold_of(&self, id: FulfillmentOrderId, number: u64) -> Value {
        let record = self.record(&gid("FulfillmentOrder", id.get())).map(|record| record.fields);
        let holds = record.unwrap_or_default()["fulfillmentHolds"].take();
        let wanted = gid("FulfillmentHold", number);
        let found = holds.as_array().into_iter().flatten().find(|hold| hold["id"] == *wanted);
        found.cloned().unwrap_or_default()
    }

    fn release(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = FulfillmentOrderId::new(
            number_of(self.id_of(arguments, "FulfillmentOrder")?).unwrap_or_default(),
        );
        let named = arguments.get("holdIds").and_then(Value::as_array);
        let numbers: Option<Vec<u64>> =
            named.map(|ids| ids.iter().filter_map(Value::as_str).filter_map(number_of).collect());
        let released = self.twin.borrow_mut().release_by_app(self.at, id, numbers.as_deref(), self.now);
        Ok(match released {
            Ok(()) => json!({ "fulfillmentOrder": order(id), "userErrors": [] }),
            Err(error) => json!({ "fulfillmentOrder": null, "userErrors": [shown(error)] }),
        })
    }

    fn enable_pickup(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let asked = arguments.get("localPickupSettings").unwrap_or(&Value::Null);
        let number = number_of(self.checked_id(text(&asked["locationId"]), "Location")?).unwrap_or_default();
        let refused = |message: String, code: &str| {
            let error = json!({ "field": ["localPickupSettings"], "message": message, "code": code });
            json!({ "localPickupSettings": null, "userErrors": [error] })
        };
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        if !shop.locations().contains(&number) {
            return Ok(refused(no_location(number), "ACTIVE_LOCATION_NOT_FOUND"));
        }
        let (time, instructions) = (text(&asked["pickupTime"]), text(&asked["instructions"]));
        if time == "CUSTOM" {
            let message = "Custom pickup time is not allowed for local pickup settings.".to_owned();
            return Ok(refused(message, "CUSTOM_PICKUP_TIME_NOT_ALLOWED"));
        }
        shop.places.entry(number).or_default().pickup = Some((time.into(), instructions.into()));
        let made = json!({ "pickupTime": time, "instructions": instructions });
        Ok(json!({ "localPickupSettings": made, "userErrors": [] }))
    }

    fn disable_pickup(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = arguments.get("locationId").map_or("", text);
        let number = number_of(self.checked_id(id, "Location")?).unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        if !shop.locations().contains(&number) {
            let code = "ACTIVE_LOCATION_NOT_FOUND";
            let error = json!({ "field": ["locationId"], "message": no_location(number), "code": code });
            return Ok(json!({ "locationId": null, "userErrors": [error] }));
        }
        shop.places.entry(number).or_default().pickup = None;
        Ok(json!({ "locationId": id, "userErrors": [] }))
    }

    fn customer_create(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let input = arguments.get("input").unwrap_or(&Value::Null);
        let shared =
            |name: &str| input[name].as_str().filter(|text| !text.is_empty()).map(std::sync::Arc::from);
        let names = [text(&input["firstName"]), text(&input["lastName"])];
        let name = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
        let details = CustomerDetails {
            name: (!name.is_empty()).then(|| name.into()),
            email: shared("email"),
            phone: shared("phone"),
        };
        let tags = input["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).map(Box::from);
        let note = input["note"].as_str().map(Box::from);
        let mut twin = self.twin.borrow_mut();
        Ok(match twin.create_customer(self.at, details, tags.collect(), note) {
            Ok(id) => json!({ "customer": { "id": gid("Customer", id.get()) }, "userErrors": [] }),
            Err(error) => json!({ "customer": null, "userErrors": [super::records::json(error)] }),
        })
    }
}

fn no_location(number: u64) -> String {
    format!("Unable to find an active location for location ID {number}")
}

fn order(id: FulfillmentOrderId) -> Value {
    json!({ "id": gid("FulfillmentOrder", id.get()) })
}

fn shown(error: NotWorked) -> Value {
    json!({ "field": error.field.map(|field| [field]), "message": error.message, "code": error.code })
}

/// Numbers of fulfillment order lines, and units.
fn lines(asked: &Value) -> Vec<(u64, u32)> {
    let line = |line: &Value| {
        let units = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or_default();
        (number_of(text(&line["id"])).unwrap_or_default(), units)
    };
    asked.as_array().into_iter().flatten().map(line).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
