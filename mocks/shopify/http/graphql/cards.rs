//! Gift cards over the API: made and written on.
//!
//! Source: recorded exchanges and refusals (`giftCardCreate`, `giftCardUpdate`). Who gets a card, and in which currency
//! another shop's buyer redeems it, the twin does not keep.

use serde_json::{Map, Value, json};

use super::super::super::cards::CardText;
use super::super::super::ids;
use super::super::super::rows::AMOUNT_MAX;
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::BookDate;
use crate::domain::ids::GiftCardId;
use crate::platforms::shopify::wire::DecimalText;

/// Marks the codes of cards among all that the twin numbers.
const CODES: u64 = 0;
/// Characters of a code. Source: the Admin schema, `GiftCardCreateInput.code`; the words of its refusals are an assumption.
const CODE_MIN: usize = 8;
const CODE_MAX: usize = 20;

impl Session<'_> {
    pub(super) fn card_create(&self, arguments: &Map<String, Value>) -> Value {
        let input = arguments.get("input").cloned().unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = &twin.shops[self.at];
        let refused = |field: &str, code: &str, message: &str| {
            let error = json!([{ "field": ["input", field], "code": code, "message": message }]);
            json!({ "giftCard": null, "giftCardCode": null, "userErrors": error })
        };
        let value = &input["initialValue"];
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = value.parse::<DecimalText>().ok().and_then(|value| value.minor(u32::from(shop.digits())));
        let Some(value) = value.filter(|value| *value > 0) else {
            return refused("initialValue", "GREATER_THAN", "must be greater than 0");
        };
        if value > AMOUNT_MAX {
            return refused("initialValue", "GIFT_CARD_LIMIT_EXCEEDED", "exceeds the limit");
        }
        let code = input["code"].as_str().map(|code| code.replace([' ', '-'], "").to_lowercase());
        match code.as_ref().map(|code| code.chars().count()) {
            Some(..CODE_MIN) => {
                return refused("code", "TOO_SHORT", "must be at least 8 characters long");
            }
            Some(length) if length > CODE_MAX => {
                return refused("code", "TOO_LONG", "must be at most 20 characters long");
            }
            _ => {}
        }
        let (key, ordinal) = (shop.settings.key, shop.ordinal);
        let id = twin.issue_gift_card(key, value, date(&input["expiresOn"]), self.now);
        let shop = &mut twin.shops[self.at];
        let at = shop.pots.cards.len() - 1;
        let text = CardText {
            note: input["note"].as_str().map(Box::from),
            template_suffix: input["templateSuffix"].as_str().map(Box::from),
            updated: self.now.seconds(),
        };
        shop.pots.said.insert(at, text);
        let made =
            || ids::uuid(CODES, ordinal << 32 | at as u64).to_string().replace('-', "")[..16].to_owned();
        let id = json!({ "id": gid("GiftCard", id.get()) });
        json!({ "giftCard": id, "giftCardCode": code.unwrap_or_else(made), "userErrors": [] })
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn card_update(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "GiftCard")?;
        let refused = |field: &[&str], message: &str| {
            Ok(json!({ "giftCard": null, "userErrors": [{ "field": field, "message": message }] }))
        };
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let number = number_of(id).unwrap_or_default();
        let at = ids::gift_card_position(shop.ordinal, GiftCardId::new(number));
        let Some((at, card)) = at.and_then(|at| Some((at, shop.pots.cards.get_mut(at)?))) else {
            return refused(&["id"], "The gift card could not be found.");
        };
        let nothing = Map::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&nothing);
        if input.is_empty() {
            return refused(&["input"], "At least one argument is required in the input.");
        }
        // An explicit null clears; what is left out stays.
        if let Some(expires) = input.get("expiresOn") {
            if !card.is_enabled {
                return refused(&["input", "expiresOn"], "The gift card is deactivated.");
            }
            card.expires = date(expires);
        }
        let text = shop.pots.said.entry(at).or_default();
        let change = |name: &str, place: &mut Option<Box<str>>| {
            if let Some(value) = input.get(name) {
                *place = value.as_str().map(Box::from);
            }
        };
        change("note", &mut text.note);
        change("templateSuffix", &mut text.template_suffix);
        text.updated = self.now.seconds();
        Ok(json!({ "giftCard": { "id": id }, "userErrors": [] }))
    }
}

/// A day, if it is one.
fn date(value: &Value) -> Option<BookDate> {
    value.as_str().and_then(|text| text.parse().ok())
}
