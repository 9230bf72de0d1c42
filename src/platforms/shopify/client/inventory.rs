//! [`InventoryLevels`] over a transport.

use super::{Answer, Client, Gid, Request, Transport, convert, mismatched, next_page, unreadable};
use crate::domain::ShopKey;
use crate::platforms::shopify::operation::InventoryLevelsVariables;
use crate::ports::stock::{LevelChange, LevelPage, LevelsSet};
use crate::ports::{Admission, Call, InventoryLevels, Platform, PlatformError};

impl<T: Transport, A: Admission> InventoryLevels for Client<T, A> {
    async fn levels(
        &self,
        call: Call,
        shop: ShopKey,
        location: u64,
        after: Option<String>,
    ) -> Result<Option<LevelPage>, PlatformError> {
        let variables = InventoryLevelsVariables {
            location: Gid::new(location),
            after: after.map(String::into_boxed_str),
        };
        let Answer::InventoryLevels(data) =
            self.call(call, shop, Request::InventoryLevels(variables)).await?
        else {
            return Err(mismatched());
        };
        let Some(location) = data.location else { return Ok(None) };
        let page = location.inventory_levels;
        Ok(Some(LevelPage {
            levels: page.nodes.into_iter().map(convert::inventory_level).collect(),
            next: next_page(page.page_info)?.map(String::from),
        }))
    }

    async fn set_levels(
        &self,
        call: Call,
        shop: ShopKey,
        location: u64,
        key: &str,
        changes: &[LevelChange],
    ) -> Result<LevelsSet, PlatformError> {
        let variables = convert::set_levels(location, key, changes);
        let request = Request::InventorySetQuantities(variables);
        let Answer::InventorySetQuantities(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let payload = data.inventory_set_quantities.ok_or_else(|| unreadable("no payload"))?;
        // HTTP 200 says nothing: a batch with one bad row sets none of its rows (failures.md B2).
        convert::levels_set(payload.user_errors)
            .map_err(|reason| PlatformError::Refused { platform: Platform::Shopify, reason })
    }
}
