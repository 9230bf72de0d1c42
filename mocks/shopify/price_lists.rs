//! What a shop sells, and what business buyers see of its prices: variants, price lists of catalogs for company
//! locations, fixed prices with quantity breaks.
//!
//! Source: shopify.md §n. Catalogs stand for their price lists: a list here is that of one active catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::{Executed, executed, malformed_cursor};
use super::cursor::Cursor;
use super::rows::AMOUNT_MAX;
use super::{Shop, ShopifyTwin, bill, ids};
use crate::domain::ids::{CompanyLocationId, PriceListId, VariantId};
use crate::domain::{Currency, FixedMap, Money, ShopKey};
use crate::platforms::shopify::operation::{
    Answer, ErrorExtensions, GraphQlError, PageVariables, PriceListVariables, QuantityPricingVariables,
};
use crate::platforms::shopify::wire::prices::{
    Catalog, CodedUserError, LocationId, PriceInput, PriceList, PriceListData, PriceListHead, PriceListPrice,
    PriceListsData, ProductVariant, ProductVariantsData, QuantityPriceBreak, QuantityPricingData,
    QuantityPricingInput, QuantityPricingPayload, VariantId as WireVariant,
};
use crate::platforms::shopify::wire::{Connection, DecimalText, Gid, MoneyV2, PageInfo};

/// `first` in the documents `priceLists`, `priceList` and `productVariants`, and of the connections below.
const LISTS_FIRST: usize = 50;
const PRICES_FIRST: usize = 100;
const VARIANTS_FIRST: usize = 250;
const LOCATIONS_FIRST: usize = 50;
const BREAKS_FIRST: usize = 10;

/// Entries of one kind in one call. Source: shopify.md §n.
const ENTRIES_MAX: usize = 250;

/// Goods and price lists of one shop.
#[derive(Default)]
pub(super) struct Selling {
    variants: Vec<VariantRow>,
    by_sku: FixedMap<Arc<str>, u32>,
    lists: Vec<ListRow>,
}

struct VariantRow {
    sku: Arc<str>,
    /// Retail, in minor units of the shop's currency.
    price: i64,
}

struct ListRow {
    currency: Currency,
    /// Positions of the company locations of its catalog.
    locations: Vec<usize>,
    /// By position of the variant.
    fixed: BTreeMap<u32, Fixed>,
}

#[derive(Clone, Default)]
struct Fixed {
    price: i64,
    /// By minimum quantity.
    breaks: BTreeMap<u32, i64>,
}

impl Fixed {
    fn at(&self, quantity: u32) -> i64 {
        self.breaks.range(..=quantity).next_back().map_or(self.price, |(_, price)| *price)
    }
}

impl Selling {
    pub(super) fn position(&self, sku: &str) -> Option<u32> {
        self.by_sku.get(sku).copied()
    }

    pub(super) fn count(&self) -> usize {
        self.variants.len()
    }

    pub(super) fn sku(&self, at: u32) -> &Arc<str> {
        &self.variants[at as usize].sku
    }

    /// Retail, in minor units of the shop's currency.
    pub(super) fn price(&self, at: u32) -> i64 {
        self.variants[at as usize].price
    }

    /// `None` for a variant that nobody gave one.
    pub(super) fn shown_sku(&self, at: u32) -> Option<&Arc<str>> {
        Some(self.sku(at)).filter(|sku| !sku.is_empty())
    }

    /// A variant without a SKU, free of charge.
    pub(super) fn add_unnamed(&mut self) -> u32 {
        let at = u32::try_from(self.variants.len()).expect("fewer than 2³² variants");
        self.variants.push(VariantRow { sku: "".into(), price: 0 });
        at
    }

    /// Gives a variant another SKU, which no other one has.
    pub(super) fn rename(&mut self, at: u32, sku: &str) {
        let before = Arc::clone(self.sku(at));
        self.by_sku.remove(&before);
        let sku: Arc<str> = sku.into();
        if !sku.is_empty() {
            self.by_sku.insert(Arc::clone(&sku), at);
        }
        self.variants[at as usize].sku = sku;
    }

    pub(super) fn set_price(&mut self, at: u32, price: i64) {
        self.variants[at as usize].price = price;
    }
}

impl ShopifyTwin {
    /// Puts a variant on sale, or sets its retail price.
    pub fn add_variant(&mut self, shop: ShopKey, sku: &str, price: i64) -> VariantId {
        let shop = self.shop_mut(shop);
        let selling = &mut shop.selling;
        let at = match selling.by_sku.get(sku) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(selling.variants.len()).expect("fewer than 2³² variants");
                let sku: Arc<str> = sku.into();
                selling.by_sku.insert(Arc::clone(&sku), at);
                selling.variants.push(VariantRow { sku, price });
                at
            }
        };
        selling.variants[at as usize].price = price;
        ids::variant(shop.ordinal, at as usize)
    }

    /// A catalog for these company locations with an empty price list.
    ///
    /// # Panics
    /// A location that does not exist: a fault of the set-up.
    pub fn add_price_list(
        &mut self,
        shop: ShopKey,
        currency: Currency,
        locations: &[CompanyLocationId],
    ) -> PriceListId {
        let shop = self.shop_mut(shop);
        let at = |id: &CompanyLocationId| {
            ids::company_location_position(shop.ordinal, *id).expect("catalogs are for locations that exist")
        };
        let locations = locations.iter().map(at).collect();
        shop.selling.lists.push(ListRow { currency, locations, fixed: BTreeMap::new() });
        ids::price_list(shop.ordinal, shop.selling.lists.len() - 1)
    }

    /// What one of so many units costs a company location at the till, in minor units of the shop's currency:
    /// `contextualPricing` of the variant. `None` if the shop has no such variant.
    ///
    /// Where several catalogs apply, the lowest price wins (unverified for all combinations, shopify.md §n).
    pub fn price_for(
        &self,
        shop: ShopKey,
        location: CompanyLocationId,
        sku: &str,
        quantity: u32,
    ) -> Option<i64> {
        let shop = self.shop(shop);
        let at = *shop.selling.by_sku.get(sku)?;
        let location = ids::company_location_position(shop.ordinal, location)?;
        let lists = shop.selling.lists.iter();
        let served = lists
            .filter(|list| list.currency == shop.settings.currency && list.locations.contains(&location))
            .filter_map(|list| list.fixed.get(&at))
            .map(|fixed| fixed.at(quantity))
            .min();
        Some(served.unwrap_or(shop.selling.variants[at as usize].price))
    }

    /// The price lists that a company location sees.
    pub fn price_lists_of(&self, shop: ShopKey, location: CompanyLocationId) -> Vec<PriceListId> {
        let shop = self.shop(shop);
        let Some(location) = ids::company_location_position(shop.ordinal, location) else { return vec![] };
        let lists = shop.selling.lists.iter().enumerate();
        lists
            .filter(|(_, list)| list.locations.contains(&location))
            .map(|(at, _)| ids::price_list(shop.ordinal, at))
            .collect()
    }

    /// Somebody takes all fixed prices of a shop away, so that buyers see retail.
    pub fn clear_fixed_prices(&mut self, shop: ShopKey) {
        for list in &mut self.shop_mut(shop).selling.lists {
            list.fixed.clear();
        }
    }

    pub(super) fn price_lists(&self, at: usize, variables: &PageVariables) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let from = start(variables.after.as_deref(), |id| {
            ids::price_list_position(shop.ordinal, PriceListId::new(id))
        })?;
        let lists = &shop.selling.lists;
        let rows = lists.iter().enumerate().skip(from).take(LISTS_FIRST);
        let nodes: Vec<PriceListHead> = rows.map(|(n, list)| shop.list_head(n, list)).collect();
        // A list, its catalog, and the locations of that.
        let below = nodes.iter().map(|head| 2 + locations_cost(head.catalog.as_ref())).sum();
        let actual = bill::connection(LISTS_FIRST as u32, LOCATIONS_COST_MAX + 2, nodes.len(), below);
        let end = nodes.last().map(|head| head.id.number());
        let page_info = page_info(from + nodes.len() < lists.len(), end);
        let data = PriceListsData { price_lists: Connection { nodes, page_info } };
        Ok(executed(Answer::PriceLists(data), actual))
    }

    pub(super) fn price_list(
        &self,
        at: usize,
        variables: &PriceListVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let id = PriceListId::new(variables.id.number());
        let position = ids::price_list_position(shop.ordinal, id);
        let found = position.and_then(|n| shop.selling.lists.get(n).map(|list| (n, list)));
        let Some((n, list)) = found else {
            return Ok(executed(Answer::PriceList(PriceListData { price_list: None }), 1));
        };
        let from =
            start(variables.after.as_deref(), |id| ids::variant_position(shop.ordinal, VariantId::new(id)))?;
        let mut rows = list.fixed.range(from as u32..);
        let nodes: Vec<PriceListPrice> = rows
            .by_ref()
            .take(PRICES_FIRST)
            .map(|(variant, fixed)| shop.price_row(list, *variant, fixed))
            .collect();
        let has_next_page = rows.next().is_some();
        let breaks = |price: &PriceListPrice| {
            let count = price.quantity_price_breaks.nodes.len();
            2 + bill::connection(BREAKS_FIRST as u32, 1, count, count as u32)
        };
        let below = nodes.iter().map(breaks).sum();
        let prices = bill::connection(PRICES_FIRST as u32, 8, nodes.len(), below);
        let PriceListHead { id, currency, catalog } = shop.list_head(n, list);
        let actual = 2 + locations_cost(catalog.as_ref()) + prices;
        let end = nodes.last().map(|price| price.variant.id.number());
        let prices = Connection { nodes, page_info: page_info(has_next_page, end) };
        let data = PriceListData { price_list: Some(PriceList { id, currency, catalog, prices }) };
        Ok(executed(Answer::PriceList(data), actual))
    }

    pub(super) fn product_variants(
        &self,
        at: usize,
        variables: &PageVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let from =
            start(variables.after.as_deref(), |id| ids::variant_position(shop.ordinal, VariantId::new(id)))?;
        let variants = &shop.selling.variants;
        let nodes: Vec<ProductVariant> = variants
            .iter()
            .enumerate()
            .skip(from)
            .take(VARIANTS_FIRST)
            .map(|(n, variant)| ProductVariant {
                id: Gid::new(ids::variant(shop.ordinal, n).get()),
                sku: Some(Arc::clone(&variant.sku)),
            })
            .collect();
        let actual = bill::connection(VARIANTS_FIRST as u32, 1, nodes.len(), nodes.len() as u32);
        let end = nodes.last().map(|variant| variant.id.number());
        let page_info = page_info(from + nodes.len() < variants.len(), end);
        let data = ProductVariantsData { product_variants: Connection { nodes, page_info } };
        Ok(executed(Answer::ProductVariants(data), actual))
    }

    pub(super) fn quantity_pricing_update(
        &mut self,
        at: usize,
        variables: &QuantityPricingVariables,
    ) -> Result<Executed, GraphQlError> {
        let input = &variables.input;
        for (name, count) in [
            ("pricesToAdd", input.prices_to_add.len()),
            ("quantityPriceBreaksToAdd", input.quantity_price_breaks_to_add.len()),
            ("pricesToDeleteByVariantId", input.prices_to_delete_by_variant_id.len()),
        ] {
            if count > ENTRIES_MAX {
                return Err(too_long(name, count));
            }
        }
        let shop = &mut self.shops[at];
        let payload = match shop.change_prices(PriceListId::new(variables.price_list_id.number()), input) {
            Ok(()) => {
                let variants = input.prices_to_add.iter().map(|price| WireVariant { id: price.variant_id });
                QuantityPricingPayload { product_variants: Some(variants.collect()), user_errors: Vec::new() }
            }
            Err(error) => QuantityPricingPayload { product_variants: None, user_errors: vec![error] },
        };
        let data = QuantityPricingData { quantity_pricing_by_variant_update: Some(payload) };
        Ok(executed(Answer::QuantityPricingUpdate(data), 10))
    }
}

impl Shop {
    pub(super) fn price_lists_count(&self) -> usize {
        self.selling.lists.len()
    }

    /// The list at a position, without its prices.
    pub(super) fn price_list_head(&self, n: usize) -> Option<PriceListHead> {
        self.selling.lists.get(n).map(|list| self.list_head(n, list))
    }

    /// Positions of the variants that a list fixes the price of.
    pub(super) fn priced_variants(&self, n: usize) -> Vec<u32> {
        self.selling.lists.get(n).map_or_else(Vec::new, |list| list.fixed.keys().copied().collect())
    }

    pub(super) fn priced_variant(&self, n: usize, variant: u32) -> Option<PriceListPrice> {
        let list = self.selling.lists.get(n)?;
        Some(self.price_row(list, variant, list.fixed.get(&variant)?))
    }

    fn list_head(&self, n: usize, list: &ListRow) -> PriceListHead {
        let shown = list.locations.iter().take(LOCATIONS_FIRST);
        let nodes: Vec<LocationId> = shown
            .map(|at| LocationId { id: Gid::new(ids::company_location(self.ordinal, *at).get()) })
            .collect();
        let end = nodes.last().map(|location| location.id.number());
        let page_info = page_info(list.locations.len() > LOCATIONS_FIRST, end);
        PriceListHead {
            id: Gid::new(ids::price_list(self.ordinal, n).get()),
            currency: list.currency,
            catalog: Some(Catalog { company_locations: Some(Connection { nodes, page_info }) }),
        }
    }

    fn price_row(&self, list: &ListRow, variant: u32, fixed: &Fixed) -> PriceListPrice {
        let money = |minor: i64| MoneyV2 {
            amount: DecimalText::from_money(Money::new(minor, list.currency)),
            currency_code: list.currency,
        };
        let shown = fixed.breaks.iter().take(BREAKS_FIRST);
        let nodes: Vec<QuantityPriceBreak> = shown
            .map(|(from, price)| QuantityPriceBreak { minimum_quantity: *from, price: money(*price) })
            .collect();
        let page_info = page_info(
            fixed.breaks.len() > BREAKS_FIRST,
            nodes.last().map(|at| u64::from(at.minimum_quantity)),
        );
        PriceListPrice {
            variant: WireVariant { id: Gid::new(ids::variant(self.ordinal, variant as usize).get()) },
            price: money(fixed.price),
            quantity_price_breaks: Connection { nodes, page_info },
        }
    }

    /// All or nothing; deletions run before additions.
    fn change_prices(&mut self, id: PriceListId, input: &QuantityPricingInput) -> Result<(), CodedUserError> {
        let no_list = || user_error(&["priceListId"], "Price list does not exist.", "PRICE_LIST_NOT_FOUND");
        let ordinal = self.ordinal;
        let count = self.selling.variants.len();
        let n = ids::price_list_position(ordinal, id).ok_or_else(no_list)?;
        let list = self.selling.lists.get_mut(n).ok_or_else(no_list)?;
        let variant = |gid: u64, field: &str, at: usize| {
            ids::variant_position(ordinal, VariantId::new(gid))
                .filter(|n| *n < count)
                .map(|n| n as u32)
                .ok_or_else(|| {
                    let place = at.to_string();
                    user_error(
                        &["input", field, &place, "variantId"],
                        "Product variant ID does not exist.",
                        "VARIANT_NOT_FOUND",
                    )
                })
        };
        let mut fixed = list.fixed.clone();
        for (at, gid) in input.prices_to_delete_by_variant_id.iter().enumerate() {
            let n = variant(gid.number(), "pricesToDeleteByVariantId", at)?;
            if fixed.remove(&n).is_none() {
                let place = at.to_string();
                let path = ["input", "pricesToDeleteByVariantId", &place];
                return Err(user_error(&path, "Only fixed prices can be deleted.", "PRICE_NOT_FIXED"));
            }
        }
        for (at, gid) in input.quantity_price_breaks_to_delete_by_variant_id.iter().enumerate() {
            let n = variant(gid.number(), "quantityPriceBreaksToDeleteByVariantId", at)?;
            if let Some(fixed) = fixed.get_mut(&n) {
                fixed.breaks.clear();
            }
        }
        let mut named = BTreeSet::new();
        for (at, PriceInput { variant_id, price }) in input.prices_to_add.iter().enumerate() {
            let n = variant(variant_id.number(), "pricesToAdd", at)?;
            let place = at.to_string();
            if !named.insert(n) {
                let path = ["input", "pricesToAdd", &place];
                let message = "Duplicate variant ID in input.";
                return Err(user_error(&path, message, "PRICE_ADD_DUPLICATE_INPUT_FOR_VARIANT"));
            }
            let minor = amount(price.amount, price.currency_code, list.currency)
                .ok_or_else(|| wrong_currency("pricesToAdd", &place))?;
            fixed.entry(n).or_default().price = minor;
        }
        for (at, entry) in input.quantity_price_breaks_to_add.iter().enumerate() {
            let n = variant(entry.variant_id.number(), "quantityPriceBreaksToAdd", at)?;
            let place = at.to_string();
            let minor = amount(entry.price.amount, entry.price.currency_code, list.currency)
                .ok_or_else(|| wrong_currency("quantityPriceBreaksToAdd", &place))?;
            let Some(fixed) = fixed.get_mut(&n) else {
                let path = ["input", "quantityPriceBreaksToAdd", &place];
                let message = "Quantity price breaks can only be added to fixed prices.";
                return Err(user_error(
                    &path,
                    message,
                    "QUANTITY_PRICE_BREAK_ADD_PRICE_LIST_PRICE_NOT_FOUND",
                ));
            };
            fixed.breaks.insert(entry.minimum_quantity, minor);
        }
        list.fixed = fixed;
        Ok(())
    }
}

/// Points of the locations below a list, as foreseen: a connection of fifty rows of one point.
const LOCATIONS_COST_MAX: u32 = 9;

fn locations_cost(catalog: Option<&Catalog>) -> u32 {
    let locations = catalog.and_then(|catalog| catalog.company_locations.as_ref());
    let count = locations.map_or(0, |locations| locations.nodes.len());
    bill::connection(LOCATIONS_FIRST as u32, 1, count, count as u32)
}

/// The position after a cursor; the first without one.
fn start(after: Option<&str>, position: impl Fn(u64) -> Option<usize>) -> Result<usize, GraphQlError> {
    let Some(text) = after else { return Ok(0) };
    let cursor = Cursor::decode(text).ok_or_else(malformed_cursor)?;
    position(cursor.last_id).map(|n| n + 1).ok_or_else(malformed_cursor)
}

fn page_info(has_next_page: bool, last: Option<u64>) -> PageInfo {
    let end_cursor = last.map(|id| Cursor { last_id: id, last_value: id as i64 }.encode());
    PageInfo { has_next_page, end_cursor }
}

/// In minor units; `None` for another currency or an amount that the currency does not have.
fn amount(amount: DecimalText, currency: Currency, wanted: Currency) -> Option<i64> {
    if currency != wanted {
        return None;
    }
    amount.minor(wanted.minor_digits()).filter(|minor| (0..=AMOUNT_MAX).contains(minor))
}

fn user_error(path: &[&str], message: &str, code: &str) -> CodedUserError {
    CodedUserError {
        field: Some(path.iter().copied().map(Box::from).collect()),
        message: message.into(),
        code: Some(code.into()),
    }
}

fn wrong_currency(list: &str, place: &str) -> CodedUserError {
    user_error(
        &["input", list, place, "price", "currencyCode"],
        "The specified currency does not match the price list's currency.",
        "PRICE_LIST_CURRENCY_MISMATCH",
    )
}

/// Source: shopify.md §b.3.
fn too_long(field: &str, count: usize) -> GraphQlError {
    let message = format!(
        "The input array size of {count} is greater than the maximum allowed of {ENTRIES_MAX} ({field})."
    );
    let extensions =
        ErrorExtensions { code: Some("MAX_INPUT_SIZE_EXCEEDED".into()), ..ErrorExtensions::default() };
    GraphQlError { message, extensions }
}
