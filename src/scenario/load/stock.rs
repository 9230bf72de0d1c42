//! From keys to what is on hand when the day begins, and to bundles.

use super::super::file::ScenarioFile;
use super::super::{Catalogue, Kit, KitMember, Stock, StockedItem};
use crate::domain::Sku;
use crate::policy::document::{Refused, Sources};
use crate::policy::load::at_least_one;

pub(super) fn stock(sources: &Sources, file: &ScenarioFile, catalogue: &Catalogue) -> Result<Stock, Refused> {
    let mut items: Vec<StockedItem> = Vec::new();
    if let Some(keys) = &file.catalogue.stock {
        let (on_hand, unit_cost) = (i64::from(keys.count), i64::from(keys.cost));
        items.extend(catalogue.skus().map(|sku| StockedItem { sku, on_hand, unit_cost, is_unmapped: false }));
    }
    for keys in &file.stocked {
        let sku = Sku(keys.sku.get().as_str().into());
        if items.iter().any(|known| known.sku == sku) {
            return Err(sources
                .error(keys.sku.span(), "duplicate-key", format!("stock of `{sku}` is stated already"))
                .remedy("state each item once"));
        }
        items.push(StockedItem {
            sku,
            on_hand: i64::from(keys.count),
            unit_cost: i64::from(keys.cost),
            is_unmapped: keys.unmapped,
        });
    }
    let mut kits = Vec::with_capacity(file.kit.len());
    for keys in &file.kit {
        let mut members = Vec::with_capacity(keys.members.len());
        for member in &keys.members {
            let at = sources.refer(&member.sku, "stocked item", items.iter().map(|item| &*item.sku.0))?;
            members.push(KitMember {
                sku: items[at].sku.clone(),
                quantity: at_least_one(sources, &member.quantity, "quantity")?,
                base_price: i64::from(member.price),
            });
        }
        let sku = Sku(keys.sku.get().as_str().into());
        kits.push(Kit { sku, members, is_immutable: keys.immutable });
    }
    Ok(Stock { items, kits })
}
