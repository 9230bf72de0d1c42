//! [`PriceLists`] over a [`Transport`].

use std::collections::BTreeMap;

use super::{Client, Transport, mismatched, next_page, unreadable};
use crate::domain::ids::{CompanyLocationId, PriceListId, VariantId};
use crate::domain::price::{PriceChange, PriceListHead, PriceSchedule, ServedPrices, Variant};
use crate::domain::{Currency, Money, ShopKey, Sku};
use crate::platforms::shopify::operation::{
    Answer, PageVariables, PriceListVariables, QuantityPricingVariables, Request,
};
use crate::platforms::shopify::wire::prices as wire;
use crate::platforms::shopify::wire::{DecimalText, Gid, MoneyV2};
use crate::ports::{Admission, Call, Paging, Platform, PlatformError, PriceLists};

impl<T: Transport, A: Admission> PriceLists for Client<T, A> {
    async fn price_lists(&self, call: Call, shop: ShopKey) -> Result<Vec<PriceListHead>, PlatformError> {
        let mut lists = Vec::new();
        let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
        loop {
            let request = Request::PriceLists(PageVariables { after });
            let Answer::PriceLists(data) = self.call(call, shop, request).await? else {
                return Err(mismatched());
            };
            for list in data.price_lists.nodes {
                let locations = locations(list.catalog)?;
                if !locations.is_empty() {
                    let id = PriceListId::new(list.id.number());
                    lists.push(PriceListHead { id, currency: list.currency, locations });
                }
            }
            match paging.follow(next_page(data.price_lists.page_info)?)? {
                Some(cursor) => after = Some(cursor),
                None => return Ok(lists),
            }
        }
    }

    async fn served_prices(
        &self,
        call: Call,
        shop: ShopKey,
        id: PriceListId,
    ) -> Result<Option<ServedPrices>, PlatformError> {
        let mut fixed = BTreeMap::new();
        let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
        loop {
            let request = Request::PriceList(PriceListVariables { id: Gid::new(id.get()), after });
            let Answer::PriceList(data) = self.call(call, shop, request).await? else {
                return Err(mismatched());
            };
            let Some(list) = data.price_list else { return Ok(None) };
            if list.id.number() != id.get() {
                return Err(unreadable(format!(
                    "price list {id} was asked for, and {} came",
                    list.id.number()
                )));
            }
            for row in list.prices.nodes {
                fixed.insert(VariantId::new(row.variant.id.number()), schedule(row, list.currency)?);
            }
            match paging.follow(next_page(list.prices.page_info)?)? {
                Some(cursor) => after = Some(cursor),
                None => {
                    let locations = locations(list.catalog)?;
                    let head = PriceListHead { id, currency: list.currency, locations };
                    return Ok(Some(ServedPrices { head, fixed }));
                }
            }
        }
    }

    async fn variants(&self, call: Call, shop: ShopKey) -> Result<Vec<Variant>, PlatformError> {
        let mut variants = Vec::new();
        let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
        loop {
            let request = Request::ProductVariants(PageVariables { after });
            let Answer::ProductVariants(data) = self.call(call, shop, request).await? else {
                return Err(mismatched());
            };
            variants.extend(data.product_variants.nodes.into_iter().filter_map(|variant| {
                let sku = variant.sku.filter(|sku| !sku.is_empty())?;
                Some(Variant { id: VariantId::new(variant.id.number()), sku: Sku((&*sku).into()) })
            }));
            match paging.follow(next_page(data.product_variants.page_info)?)? {
                Some(cursor) => after = Some(cursor),
                None => return Ok(variants),
            }
        }
    }

    async fn change_prices(
        &self,
        call: Call,
        shop: ShopKey,
        id: PriceListId,
        currency: Currency,
        changes: &[PriceChange],
    ) -> Result<(), PlatformError> {
        let variables =
            QuantityPricingVariables { price_list_id: Gid::new(id.get()), input: input(currency, changes) };
        let request = Request::QuantityPricingUpdate(Box::new(variables));
        let Answer::QuantityPricingUpdate(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let payload = data.quantity_pricing_by_variant_update.ok_or_else(|| unreadable("no payload"))?;
        match payload.user_errors.first() {
            None => Ok(()),
            Some(error) => Err(PlatformError::Refused {
                platform: Platform::Shopify,
                reason: format!(
                    "{} ({}) at {}",
                    error.message,
                    error.code.as_deref().unwrap_or("no code"),
                    error.field.as_ref().map(|field| field.join(".")).unwrap_or_default()
                ),
            }),
        }
    }
}

/// Each changed variant gets its price, and all of its breaks anew: deletions run before additions.
fn input(currency: Currency, changes: &[PriceChange]) -> wire::QuantityPricingInput {
    let money =
        |amount: Money| wire::MoneyInput { amount: DecimalText::from_money(amount), currency_code: currency };
    let mut input = wire::QuantityPricingInput::default();
    for change in changes {
        let variant_id = Gid::new(change.variant.get());
        input.quantity_price_breaks_to_delete_by_variant_id.push(variant_id);
        match &change.to {
            None => input.prices_to_delete_by_variant_id.push(variant_id),
            Some(schedule) => {
                input.prices_to_add.push(wire::PriceInput { variant_id, price: money(schedule.first()) });
                let breaks = schedule.further().map(|(minimum_quantity, price)| wire::PriceBreakInput {
                    variant_id,
                    minimum_quantity,
                    price: money(price),
                });
                input.quantity_price_breaks_to_add.extend(breaks);
            }
        }
    }
    input
}

fn locations(catalog: Option<wire::Catalog>) -> Result<Vec<CompanyLocationId>, PlatformError> {
    let Some(locations) = catalog.and_then(|catalog| catalog.company_locations) else {
        return Ok(Vec::new());
    };
    if locations.page_info.has_next_page {
        // Whoever is left out would be served prices that nobody has compared.
        return Err(unreadable("a catalog has more than 50 company locations"));
    }
    Ok(locations.nodes.iter().map(|location| CompanyLocationId::new(location.id.number())).collect())
}

fn schedule(row: wire::PriceListPrice, currency: Currency) -> Result<PriceSchedule, PlatformError> {
    let breaks = row.quantity_price_breaks;
    if breaks.page_info.has_next_page {
        return Err(unreadable("a price has more than ten breaks"));
    }
    let minor = |price: MoneyV2| {
        price
            .amount
            .minor(currency.minor_digits())
            .filter(|_| price.currency_code == currency)
            .ok_or_else(|| unreadable(format!("a price of a list in {currency} is {price:?}")))
    };
    let mut of_quantity = vec![(1, minor(row.price)?)];
    for at in breaks.nodes {
        of_quantity.push((at.minimum_quantity, minor(at.price)?));
    }
    PriceSchedule::new(currency, of_quantity).ok_or_else(|| unreadable("a price for no unit"))
}
