//! [`Items`] over a [`Transport`].

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Answer, Client, Query, Request, Rows, Transport, is_behind, unexpected};
use crate::domain::product::{CatalogueItem, Field, Fields, Value, Weight, WeightUnit};
use crate::domain::{Currency, InternalId, Money, Sku, Timestamp, Zone};
use crate::platforms::netsuite::operation::suiteql::prices::{ChangedRow, ROWS_MAX};
use crate::platforms::netsuite::operation::suiteql::{ItemQuery, ItemRow, SavedItemsQuery};
use crate::platforms::netsuite::wire::LocalTime;
use crate::ports::{Admission, Call, Items, Platform, PlatformError};

impl<T: Transport, A: Admission> Items for Client<T, A> {
    async fn item(
        &self,
        call: Call,
        sku: &Sku,
        currency: Currency,
        zone: &Zone,
    ) -> Result<Option<CatalogueItem>, PlatformError> {
        let query = Query::Item(ItemQuery { item: sku.0.clone(), currency });
        let Answer::Rows(Rows::Items(rows)) = self.send(call, Request::SuiteQl(query)).await? else {
            return Err(unexpected("a query was not answered with its rows"));
        };
        // Which of several is meant is nobody's to guess, nor whether one under a similar name is.
        let mut rows = rows.into_iter();
        match (rows.next(), rows.len()) {
            (None, _) => Ok(None),
            (Some(row), 0) if *row.item == *sku.0 => catalogue_item(row, currency, zone).map(Some),
            (Some(row), others) => Err(PlatformError::BadReference {
                platform: Platform::NetSuite,
                field: "item".to_owned(),
                reason: format!("{sku} is asked for, and {} and {others} more answer to it", row.item),
            }),
        }
    }

    async fn items_saved(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> Result<Vec<(Sku, Timestamp)>, PlatformError> {
        let since = LocalTime::of(since, zone);
        let (mut saved, mut after) = (Vec::new(), InternalId::new(0));
        loop {
            let query = Query::SavedItems(SavedItemsQuery { since, after });
            let Answer::Rows(Rows::SavedItems(rows)) = self.send(call, Request::SuiteQl(query)).await? else {
                return Err(unexpected("a query was not answered with its rows"));
            };
            is_behind(rows.iter().map(|row| row.id), after)?;
            let is_full = rows.len() >= ROWS_MAX;
            after = rows.last().map_or(after, |row| row.id);
            let row = |row: ChangedRow| Some((Sku(row.externalid?), row.changed.latest(zone)));
            saved.extend(rows.into_iter().filter_map(row));
            if !is_full {
                return Ok(saved);
            }
        }
    }
}

fn catalogue_item(row: ItemRow, currency: Currency, zone: &Zone) -> Result<CatalogueItem, PlatformError> {
    let mut fields = Fields::from([
        (Field::Barcode, Value::Text(row.upccode.unwrap_or_default())),
        (Field::Status, Value::Published(row.isonline)),
    ]);
    // A product cannot be without a title, so an item without a display name says nothing of it.
    if let Some(title) = row.displayname.filter(|title| !title.is_empty()) {
        fields.insert(Field::Title, Value::Text(title));
    }
    if let Some(price) = row.price {
        let price = Money::round_half_up(price.to_decimal(), currency)
            .map_err(|error| unexpected(&format!("item {} costs {price}: {error}", row.item)))?;
        fields.insert(Field::Price, Value::Price(price));
    }
    if let Some((weight, unit)) = row.weight.zip(row.weightunit) {
        let weight = milligrams(weight.to_decimal(), unit)
            .ok_or_else(|| unexpected(&format!("item {} weighs {weight} of unit {unit}", row.item)))?;
        fields.insert(Field::Weight, Value::Weight(Weight::from_milligrams(weight)));
    }
    Ok(CatalogueItem { sku: Sku(row.item), fields, saved_at: row.changed.latest(zone) })
}

fn milligrams(weight: Decimal, unit: InternalId) -> Option<i64> {
    let unit = match unit.get() {
        1 => WeightUnit::Pound,
        2 => WeightUnit::Ounce,
        3 => WeightUnit::Kilogram,
        4 => WeightUnit::Gram,
        _ => return None,
    };
    let exact = weight.checked_mul(Decimal::new(unit.nanograms(), 6))?;
    let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(rounded).ok()
}
