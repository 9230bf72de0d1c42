//! Method: prices drawn over a small shop, so that every way of agreeing on a price meets every other. What wins is
//! compared with a walk over all prices that could apply; and a plan is carried out and asked again.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::Money;
use crate::domain::ids::{CompanyLocationId, PriceListId, VariantId};
use crate::domain::price::{ItemPrice, PriceListHead};

const GROUP: InternalId = InternalId::new(71);

fn gbp() -> Currency {
    "GBP".parse().unwrap()
}

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn location(n: u64) -> CompanyLocationId {
    CompanyLocationId::new(2_100 + n)
}

fn buyer(n: u64) -> KnownBuyer {
    KnownBuyer {
        internal_id: InternalId::new(100 + n),
        external_id: ExternalId::for_company_location(shop(), location(n)),
        price_level: None,
        terms: None,
        credit_limit: None,
        item_prices: vec![],
        group_levels: vec![],
    }
}

fn level() -> impl Strategy<Value = InternalId> {
    (1u64..5).prop_map(InternalId::new)
}

fn schedule() -> impl Strategy<Value = PriceSchedule> {
    (1i64..2_000, prop::collection::vec((2u32..600, 1i64..2_000), 0..3)).prop_map(|(first, further)| {
        PriceSchedule::new(gbp(), std::iter::once((1, first)).chain(further)).unwrap()
    })
}

fn item(sku: &'static str) -> impl Strategy<Value = PricedItem> {
    (prop::bool::ANY, prop::collection::btree_map(level(), schedule(), 0..4)).prop_map(
        move |(in_group, levels)| PricedItem {
            sku: Sku(sku.into()),
            group: in_group.then_some(GROUP),
            levels,
        },
    )
}

fn agreed_with() -> impl Strategy<Value = KnownBuyer> {
    let own = prop_oneof![level().prop_map(AgreedPrice::Level), (1i64..2_000).prop_map(AgreedPrice::Custom),];
    (prop::option::of(level()), prop::option::of(own), prop::option::of(level())).prop_map(
        |(price_level, own, group)| KnownBuyer {
            price_level,
            item_prices: own
                .map(|price| ItemPrice { item: Sku("MUG".into()), currency: gbp(), price })
                .into_iter()
                .collect(),
            group_levels: group.map(|level| (GROUP, level)).into_iter().collect(),
            ..buyer(1)
        },
    )
}

/// Every price of one unit that could apply, with its rank; the lowest rank wins.
fn brute_force(buyer: &KnownBuyer, item: &PricedItem, quantity: u32) -> Option<Money> {
    let mut candidates: Vec<(u8, Money)> = Vec::new();
    for (level, schedule) in &item.levels {
        let price = schedule.at(quantity);
        if *level == BASE_LEVEL {
            candidates.push((4, price));
        }
        if buyer.price_level == Some(*level) {
            candidates.push((3, price));
        }
        for (group, of_group) in &buyer.group_levels {
            if item.group == Some(*group) && of_group == level {
                candidates.push((2, price));
            }
        }
        for own in buyer.item_prices.iter().filter(|own| own.item == item.sku) {
            if own.price == AgreedPrice::Level(*level) {
                candidates.push((1, price));
            }
        }
    }
    for own in buyer.item_prices.iter().filter(|own| own.item == item.sku) {
        if let AgreedPrice::Custom(minor) = own.price {
            candidates.push((1, Money::new(minor, gbp())));
        }
    }
    candidates.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, price)| price)
}

fn served(locations: u64, fixed: BTreeMap<VariantId, PriceSchedule>) -> ServedPrices {
    let head = PriceListHead {
        id: PriceListId::new(9),
        currency: gbp(),
        locations: (1..=locations).map(location).collect(),
    };
    ServedPrices { head, fixed }
}

fn variants() -> Vec<Variant> {
    ["MUG", "KETTLE", "PAN"]
        .iter()
        .zip(1..)
        .map(|(sku, id)| Variant { id: VariantId::new(id), sku: Sku((*sku).into()) })
        .collect()
}

fn carry_out(served: &ServedPrices, actions: &[Action]) -> ServedPrices {
    let mut after = served.clone();
    for action in actions {
        let Action::Change(changes) = action else { continue };
        for change in changes {
            match &change.to {
                Some(schedule) => after.fixed.insert(change.variant, schedule.clone()),
                None => after.fixed.remove(&change.variant),
            };
        }
    }
    after
}

proptest! {
    /// The price that wins is that of the lowest rank among all that could apply, at any quantity.
    #[test]
    fn the_agreed_price_is_that_of_a_walk_over_all_prices(
        buyer in agreed_with(), item in item("MUG"), quantity in 1u32..700
    ) {
        let found = agreed(&buyer, &item, gbp()).map(|schedule| schedule.at(quantity));
        prop_assert_eq!(found, brute_force(&buyer, &item, quantity));
    }

    #[test]
    fn a_price_list_is_settled_by_its_own_actions(
        buyer in agreed_with(),
        items in (item("MUG"), item("KETTLE")),
        fixed in prop::collection::btree_map((1u64..4).prop_map(VariantId::new), schedule(), 0..3),
    ) {
        let (items, buyers) = ([items.0, items.1], [buyer]);
        let (variants, before) = (variants(), served(1, fixed));
        let observed = |served: &ServedPrices| {
            plan(&Observed { shop: shop(), served, variants: &variants, buyers: &buyers, items: &items })
        };
        let actions = observed(&before);
        let after = carry_out(&before, &actions);
        prop_assert_eq!(observed(&after), vec![]);
        for (variant, item) in variants.iter().zip(&items) {
            let agreed = agreed(&buyers[0], item, gbp());
            prop_assert_eq!(after.fixed.get(&variant.id), agreed.as_ref());
        }
    }

    /// No call has more entries than the platform takes, and nothing is lost between calls.
    #[test]
    fn batches_keep_to_the_limit_and_lose_nothing(schedules in prop::collection::vec(schedule(), 0..700)) {
        let changes: Vec<PriceChange> = (1..)
            .zip(schedules)
            .map(|(id, schedule)| PriceChange { variant: VariantId::new(id), to: Some(schedule) })
            .collect();
        let cut = batches(changes.clone());
        for batch in &cut {
            let entries: usize =
                batch.iter().map(|change| 1 + change.to.as_ref().unwrap().further().count()).sum();
            prop_assert!((1..=ENTRIES_MAX).contains(&entries));
        }
        prop_assert_eq!(cut.concat(), changes);
    }
}

fn mug(level: u64, minor: i64) -> PricedItem {
    let schedule = PriceSchedule::flat(Money::new(minor, gbp()));
    PricedItem {
        sku: Sku("MUG".into()),
        group: None,
        levels: BTreeMap::from([(InternalId::new(level), schedule)]),
    }
}

#[test]
fn buyers_who_share_a_list_and_not_a_price_are_reported_and_nothing_is_written() {
    let mut key_account = buyer(2);
    key_account.item_prices =
        vec![ItemPrice { item: Sku("MUG".into()), currency: gbp(), price: AgreedPrice::Custom(700) }];
    let actions = plan(&Observed {
        shop: shop(),
        served: &served(2, BTreeMap::new()),
        variants: &variants(),
        buyers: &[buyer(1), key_account],
        items: &[mug(1, 1_200)],
    });
    let [Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(finding.code, CauseCode::PriceRejected);
    assert_eq!(
        finding.detail,
        "uk-company-2101 and uk-company-2102 share price list 9 and have different prices for MUG"
    );
}

#[test]
fn a_location_that_netsuite_does_not_know_is_reported_and_keeps_what_it_sees() {
    let fixed = BTreeMap::from([(VariantId::new(1), PriceSchedule::flat(Money::new(800, gbp())))]);
    let actions = plan(&Observed {
        shop: shop(),
        served: &served(1, fixed),
        variants: &variants(),
        buyers: &[],
        items: &[mug(1, 1_200)],
    });
    let [Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(finding.code, CauseCode::CompanyUnmapped);
}

#[test]
fn a_price_that_ended_in_netsuite_is_taken_away() {
    let fixed = BTreeMap::from([(VariantId::new(1), PriceSchedule::flat(Money::new(800, gbp())))]);
    let actions = plan(&Observed {
        shop: shop(),
        served: &served(1, fixed),
        variants: &variants(),
        buyers: &[buyer(1)],
        items: &[mug(5, 900)],
    });
    assert_eq!(actions, [Action::Change(vec![PriceChange { variant: VariantId::new(1), to: None }])]);
}
