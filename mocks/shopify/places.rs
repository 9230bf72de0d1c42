//! What a location is beside its number: its name, what it does, and whether buyers collect there.
//!
//! Source: shopify.md §f, §g. A location that nothing was said of is the one that a shop opens with.

use std::collections::BTreeMap;

use super::ShopifyTwin;
use crate::domain::ShopKey;

/// A location as the merchant set it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: Box<str>,
    pub fulfills_online_orders: bool,
    pub is_fulfillment_service: bool,
    /// A name of the enumeration `DeliveryLocalPickupTime`, and the instructions for the buyer.
    pub pickup: Option<(Box<str>, Box<str>)>,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            name: "Shop location".into(),
            fulfills_online_orders: true,
            is_fulfillment_service: false,
            pickup: None,
        }
    }
}

/// By published number.
pub(super) type Places = BTreeMap<u64, Place>;

impl ShopifyTwin {
    /// Published numbers of the shop's locations; orders go to the first that ships.
    pub fn locations_of(&self, shop: ShopKey) -> Vec<u64> {
        self.shop(shop).locations()
    }

    /// Says what the location of that number is.
    pub fn set_place(&mut self, shop: ShopKey, number: u64, place: Place) {
        self.shop_mut(shop).places.insert(number, place);
    }
}
