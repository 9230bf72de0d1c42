//! Levels: Shopify's words and ours.

use crate::domain::Sku;
use crate::platforms::shopify::operation::{
    InventoryQuantityInput, InventorySetQuantitiesInput, InventorySetQuantitiesVariables,
};
use crate::platforms::shopify::wire::{self, Gid, InventoryUserError, QuantityName};
use crate::ports::stock::{InventoryLevel, LevelChange, LevelRefusal, LevelsSet, RefusedLevel};

pub fn inventory_level(level: wire::InventoryLevel) -> InventoryLevel {
    let quantity = |name| {
        let found = level.quantities.iter().find(|quantity| quantity.name == name);
        found.map_or(0, |quantity| quantity.quantity)
    };
    InventoryLevel {
        item: level.item.id.number(),
        available: quantity(QuantityName::Available),
        committed: quantity(QuantityName::Committed),
        is_tracked: level.item.tracked,
        sku: level.item.sku.filter(|sku| !sku.is_empty()).map(|sku| Sku((&*sku).into())),
    }
}

/// Shown to the merchant in the item's history, so it says who wrote and why.
const REFERENCE: &str = "gid://plimsoll/StockCompare/";

pub fn set_levels(location: u64, key: &str, changes: &[LevelChange]) -> InventorySetQuantitiesVariables {
    let row = |change: &LevelChange| InventoryQuantityInput {
        inventory_item_id: Gid::new(change.item),
        location_id: Gid::new(location),
        quantity: change.to,
        change_from_quantity: Some(change.from),
    };
    InventorySetQuantitiesVariables {
        input: InventorySetQuantitiesInput {
            // Never `on_hand`: Shopify would take off what it has committed a second time (failures.md B14).
            name: QuantityName::Available,
            reason: "correction".into(),
            reference_document_uri: format!("{REFERENCE}{key}").into(),
            quantities: changes.iter().map(row).collect(),
        },
        key: key.into(),
    }
}

/// # Errors
/// What Shopify refuses about the call as a whole, in its words.
pub fn levels_set(errors: Vec<InventoryUserError>) -> Result<LevelsSet, String> {
    if errors.is_empty() {
        return Ok(LevelsSet::All);
    }
    let row = |error: &InventoryUserError| -> Option<usize> {
        match error.field.as_deref()? {
            [input, quantities, row, ..] if **input == *"input" && **quantities == *"quantities" => {
                row.parse().ok()
            }
            _ => None,
        }
    };
    let said = |error: &InventoryUserError| {
        format!("{}: {}", error.code.as_deref().unwrap_or("without a code"), error.message)
    };
    errors
        .iter()
        .map(|error| {
            let row = row(error).ok_or_else(|| said(error))?;
            let why = match error.code.as_deref() {
                Some("CHANGE_FROM_QUANTITY_STALE") => LevelRefusal::Stale,
                _ => LevelRefusal::Refused(said(error)),
            };
            Ok(RefusedLevel { row, why })
        })
        .collect::<Result<_, String>>()
        .map(LevelsSet::None)
}
