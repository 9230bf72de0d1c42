//! Fulfillments: what the buyer is told has left, made by the API or by staff. There is no idempotency: the same
//! request twice ships twice, or is refused because nothing is left.
//!
//! Source: shopify.md §g, with its messages.

use super::changes::NotPossible;
use super::rows::NO_TEXT;
use super::texts::{TextId, Texts};
use super::work::Work;
use super::{Shop, ShopifyTwin, ids};
use crate::domain::fulfillment::{Fulfillment, FulfillmentOrderStatus, Parcel};
use crate::domain::ids::{FulfillmentId, FulfillmentOrderId, OrderId};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::wire::{FulfillmentInput, FulfillmentTrackingInput, UserError, WebhookTopic};

pub(super) struct Shipment {
    pub at: i64,
    /// When it last changed.
    pub updated: i64,
    /// Position among the order's lines, and units; a line may come twice.
    pub lines: Box<[(u16, u32)]>,
    pub parcels: Box<[ParcelRow]>,
    pub is_cancelled: bool,
}

pub(super) struct ParcelRow {
    pub number: Box<str>,
    pub url: Option<Box<str>>,
    /// `NO_TEXT` without a carrier.
    pub carrier: TextId,
}

impl Shipment {
    pub(super) fn units_of(&self, line: usize) -> u32 {
        if self.is_cancelled {
            return 0;
        }
        self.lines.iter().filter(|(at, _)| usize::from(*at) == line).map(|(_, units)| *units).sum()
    }
}

/// Units to take from one line of one fulfillment order, by positions.
struct Take {
    order: usize,
    line: usize,
    units: u32,
}

/// Where a carrier that Shopify knows shows a parcel.
///
/// Source: shopify.md §g: known names make Shopify build the link. Which and how is unpublished; these are examples.
const KNOWN_CARRIERS: [(&str, &str); 3] = [
    ("UPS", "https://www.ups.com/track?tracknum="),
    ("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
    ("FedEx", "https://www.fedex.com/fedextrack/?trknbr="),
];

impl ParcelRow {
    pub(super) fn to_domain(&self, texts: &Texts) -> Parcel {
        let carrier = (self.carrier != NO_TEXT).then(|| texts.get(self.carrier));
        let known = carrier.and_then(|name| KNOWN_CARRIERS.iter().find(|(known, _)| *known == &**name));
        let built = || known.map(|(_, link)| format!("{link}{}", self.number).into_boxed_str());
        Parcel {
            carrier: carrier.map(|name| Box::from(&**name)),
            number: self.number.clone(),
            url: self.url.clone().or_else(built),
        }
    }
}

impl Shop {
    /// What has left, as domain values.
    pub(super) fn fulfillments(&self, texts: &Texts, n: usize) -> Vec<Fulfillment> {
        let Some(work) = &self.orders.get(n).work else { return vec![] };
        let shipments = work.shipments.iter().enumerate();
        shipments
            .map(|(at, shipment)| {
                let mut lines = Vec::with_capacity(shipment.lines.len());
                for (line, units) in &shipment.lines {
                    let id = ids::line_item(self.ordinal, n, usize::from(*line));
                    match lines.iter_mut().find(|(known, _)| *known == id) {
                        Some((_, known)) => *known += units,
                        None => lines.push((id, *units)),
                    }
                }
                Fulfillment {
                    id: ids::fulfillment(self.ordinal, n, at),
                    created_at: Timestamp::from_seconds(shipment.at),
                    is_cancelled: shipment.is_cancelled,
                    lines,
                    parcels: shipment.parcels.iter().map(|parcel| parcel.to_domain(texts)).collect(),
                }
            })
            .collect()
    }
}

impl Shop {
    /// Whether a fulfillment was ever made, cancelled or not.
    pub(super) fn has_fulfillment(&self, number: u64) -> bool {
        let found = ids::fulfillment_position(self.ordinal, FulfillmentId::new(number));
        let work =
            found.filter(|(n, _)| *n < self.orders.len()).map(|(n, at)| (&self.orders.get(n).work, at));
        work.is_some_and(|(work, at)| work.as_ref().is_some_and(|work| at < work.shipments.len()))
    }
}

impl ShopifyTwin {
    /// Staff ship units of lines (by the order's positions) in Shopify's admin, from whichever fulfillment orders
    /// hold them.
    ///
    /// # Errors
    /// The order does not exist, was cancelled, or has not that many units that may ship.
    pub fn fulfill_by_hand(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        lines: &[(usize, u32)],
        parcels: &[Parcel],
        now: Timestamp,
    ) -> Result<FulfillmentId, NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let work = self.shops[at].orders.get_mut(n).work_mut();
        // A fulfillment leaves one location: the first that can ship all of it.
        let places = work.orders.iter().map(|order| order.location);
        let takes = places.into_iter().find_map(|place| takes_at(work, place, lines));
        let takes = takes.filter(|takes| !takes.is_empty()).ok_or(NotPossible::NothingToFulfill)?;
        let parcels = parcels.iter().map(|parcel| self.keep_parcel(parcel)).collect();
        Ok(self.ship(at, n, &takes, parcels, now))
    }

    /// Ships every gift card of the order that is left to ship, as Shopify does by default once it is paid.
    ///
    /// Source: shopify.md §i: fulfilling the line issues the card, automatically by default.
    pub(super) fn ship_gift_cards(&mut self, at: usize, n: usize, now: Timestamp) {
        let row = self.shops[at].orders.get(n);
        if !row.is_paid || row.lines.iter().all(|line| !line.is_gift_card || line.quantity == 0) {
            return;
        }
        let is_card: Vec<bool> = row.lines.iter().map(|line| line.is_gift_card).collect();
        let mut takes = Vec::new();
        for (order, held) in self.shops[at].orders.get_mut(n).work_mut().orders.iter().enumerate() {
            if !held.status().is_fulfillable() {
                continue;
            }
            let cards = held.lines.iter().enumerate().filter(|(_, entry)| is_card[usize::from(entry.line)]);
            let left = cards.filter(|(_, entry)| entry.remaining > 0);
            takes.extend(left.map(|(line, entry)| Take { order, line, units: entry.remaining }));
        }
        if !takes.is_empty() {
            self.ship(at, n, &takes, Vec::new(), now);
        }
    }

    /// Takes back a fulfillment: its units are to ship again, under a new number.
    ///
    /// # Errors
    /// It does not exist, or was cancelled before.
    pub fn cancel_fulfillment(
        &mut self,
        shop: ShopKey,
        id: FulfillmentId,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let at = self.position(shop);
        let shop = &mut self.shops[at];
        let found = ids::fulfillment_position(shop.ordinal, id).filter(|(n, _)| *n < shop.orders.len());
        let (n, position) = found.ok_or(NotPossible::NoSuchFulfillment)?;
        let row = shop.orders.get_mut(n);
        let work = row.work_mut();
        let shipment = work.shipments.get_mut(position).filter(|it| !it.is_cancelled);
        let shipment = shipment.ok_or(NotPossible::NoSuchFulfillment)?;
        shipment.is_cancelled = true;
        shipment.updated = now.seconds();
        let again: Vec<(usize, u32)> =
            shipment.lines.iter().map(|(line, units)| (usize::from(*line), *units)).collect();
        work.add(&again, 0, None, now.seconds());
        for (line, units) in again {
            shop.inventory.fulfilled(row.stock_of(line), -i64::from(units));
        }
        let topics = [WebhookTopic::FulfillmentsUpdate, WebhookTopic::OrdersUpdated];
        self.changed_by(at, n, now, &topics, id.get());
        Ok(())
    }

    /// The mutation `fulfillmentCreate`.
    pub(super) fn create_fulfillment(
        &mut self,
        at: usize,
        input: &FulfillmentInput,
        now: Timestamp,
    ) -> Result<FulfillmentId, UserError> {
        let (n, takes) = self.shops[at].takes_of(input, now)?;
        let parcels = match &input.tracking_info {
            Some(info) => self.parcels_of(info),
            None => Vec::new(),
        };
        Ok(self.ship(at, n, &takes, parcels, now))
    }

    /// The mutation `fulfillmentTrackingInfoUpdate`.
    pub(super) fn update_tracking(
        &mut self,
        at: usize,
        id: FulfillmentId,
        info: &FulfillmentTrackingInput,
        now: Timestamp,
    ) -> Result<(), UserError> {
        let parcels = self.parcels_of(info);
        let shop = &mut self.shops[at];
        let found = ids::fulfillment_position(shop.ordinal, id).filter(|(n, _)| *n < shop.orders.len());
        let work = found.and_then(|(n, _)| shop.orders.get_mut(n).work.as_mut());
        let shipment = found.zip(work).and_then(|((_, position), work)| work.shipments.get_mut(position));
        let (Some((n, _)), Some(shipment)) = (found, shipment) else {
            return Err(error(&["fulfillmentId"], "Fulfillment does not exist."));
        };
        shipment.parcels = parcels.into_boxed_slice();
        shipment.updated = now.seconds();
        let topics = [WebhookTopic::FulfillmentsUpdate, WebhookTopic::OrdersUpdated];
        self.changed_by(at, n, now, &topics, id.get());
        Ok(())
    }

    fn ship(
        &mut self,
        at: usize,
        n: usize,
        takes: &[Take],
        parcels: Vec<ParcelRow>,
        now: Timestamp,
    ) -> FulfillmentId {
        let shop = &mut self.shops[at];
        let row = shop.orders.get_mut(n);
        let work = row.work_mut();
        let mut lines = Vec::with_capacity(takes.len());
        for take in takes {
            let order = &mut work.orders[take.order];
            lines.push((order.lines[take.line].line, take.units));
            order.fulfill(take.line, take.units, now.seconds());
        }
        let position = work.shipments.len();
        let units = lines.clone();
        work.shipments.reserve_exact(1);
        work.shipments.push(Shipment {
            at: now.seconds(),
            updated: now.seconds(),
            lines: lines.into_boxed_slice(),
            parcels: parcels.into_boxed_slice(),
            is_cancelled: false,
        });
        for (line, units) in units {
            let sold = row.lines[usize::from(line)];
            shop.inventory.fulfilled(row.stock_of(usize::from(line)), i64::from(units));
            if sold.is_gift_card {
                shop.pots.sell(n, line, units, sold.unit_price, now);
            }
        }
        let id = ids::fulfillment(shop.ordinal, n, position);
        let topics = [WebhookTopic::FulfillmentsCreate, WebhookTopic::OrdersUpdated];
        self.changed_by(at, n, now, &topics, id.get());
        id
    }

    fn keep_parcel(&mut self, parcel: &Parcel) -> ParcelRow {
        let carrier = parcel.carrier.as_ref().map_or(NO_TEXT, |name| self.texts.keep(&(&**name).into()));
        ParcelRow { number: parcel.number.clone(), url: parcel.url.clone(), carrier }
    }

    /// One carrier for all numbers; links belong to numbers by position.
    fn parcels_of(&mut self, info: &FulfillmentTrackingInput) -> Vec<ParcelRow> {
        let carrier = info.company.as_ref().map_or(NO_TEXT, |name| self.texts.keep(&(&**name).into()));
        let urls = info.urls.iter().map(|url| Some(url.clone())).chain(std::iter::repeat(None));
        let rows = info.numbers.iter().zip(urls);
        rows.map(|(number, url)| ParcelRow { number: number.clone(), url, carrier }).collect()
    }
}

/// Where in a location's fulfillment orders those units are; `None` if it has not that many that may ship.
fn takes_at(work: &Work, place: u16, lines: &[(usize, u32)]) -> Option<Vec<Take>> {
    let mut takes: Vec<Take> = Vec::new();
    for (line, units) in lines {
        let mut left = *units;
        let here = work.orders.iter().enumerate().filter(|(_, order)| order.location == place);
        for (order, held) in here.filter(|(_, order)| order.status().is_fulfillable()) {
            for (at, entry) in held.lines.iter().enumerate().filter(|(_, it)| usize::from(it.line) == *line) {
                let same = takes.iter().filter(|take| (take.order, take.line) == (order, at));
                let free = entry.remaining - same.map(|take| take.units).sum::<u32>();
                let units = free.min(left);
                if units > 0 {
                    left -= units;
                    takes.push(Take { order, line: at, units });
                }
            }
        }
        if left > 0 {
            return None;
        }
    }
    Some(takes)
}

/// As messages spell it.
fn status_name(status: FulfillmentOrderStatus) -> &'static str {
    match status {
        FulfillmentOrderStatus::Open => "open",
        FulfillmentOrderStatus::InProgress => "in_progress",
        FulfillmentOrderStatus::Scheduled => "scheduled",
        FulfillmentOrderStatus::OnHold => "on_hold",
        FulfillmentOrderStatus::Incomplete => "incomplete",
        FulfillmentOrderStatus::Closed => "closed",
        FulfillmentOrderStatus::Cancelled => "cancelled",
    }
}

impl Shop {
    /// Which units a request takes, or why Shopify refuses it.
    fn takes_of(&self, input: &FulfillmentInput, now: Timestamp) -> Result<(usize, Vec<Take>), UserError> {
        let refused = |message: String| error(&["fulfillment"], &message);
        let groups = &input.line_items_by_fulfillment_order;
        for (g, group) in groups.iter().enumerate() {
            let lines = &group.fulfillment_order_line_items;
            if let Some(l) = lines.iter().position(|line| line.quantity == 0) {
                let (g, l) = (g.to_string(), l.to_string());
                let path =
                    ["fulfillment", "lineItemsByFulfillmentOrder", &g, "fulfillmentOrderLineItems", &l];
                return Err(error(&[&path[..], &["quantity"]].concat(), "Quantity must be greater than 0"));
            }
        }
        let missing = || refused("Fulfillment order does not exist.".to_owned());
        let mut places = Vec::with_capacity(groups.len());
        for group in groups {
            let id = FulfillmentOrderId::new(group.fulfillment_order_id.number());
            let place = ids::fulfillment_order_position(self.ordinal, id);
            places.push(place.filter(|(n, _)| *n < self.orders.len()).ok_or_else(missing)?);
        }
        let n = places.first().ok_or_else(missing)?.0;
        if places.iter().any(|(other, _)| *other != n) {
            let numbers: Vec<u64> = places.iter().map(|(n, _)| ids::order(self.ordinal, *n).get()).collect();
            return Err(refused(format!(
                "All fulfillment orders must belong to the same order. Multiple orders with ids {numbers:?} were \
                 found."
            )));
        }
        let orders = self.fulfillment_orders(n, now);
        if places.iter().any(|(_, at)| *at >= orders.len()) {
            return Err(missing());
        }
        let first = orders[places[0].1].location;
        if places.iter().any(|(_, at)| orders[*at].location != first) {
            let numbers: Vec<u64> = places.iter().filter_map(|(_, at)| orders[*at].location).collect();
            return Err(refused(format!(
                "All fulfillment orders must be assigned to a single location. Multiple locations with ids \
                 {numbers:?} were found."
            )));
        }
        let mut takes: Vec<Take> = Vec::new();
        for (group, (_, at)) in groups.iter().zip(&places) {
            let order = &orders[*at];
            if !order.status.is_fulfillable() {
                let (id, status) = (order.id, status_name(order.status));
                return Err(refused(format!(
                    "Fulfillment order {id} has an unfulfillable status= {status}."
                )));
            }
            let lines = &group.fulfillment_order_line_items;
            if lines.is_empty() {
                let left = order.lines.iter().enumerate().filter(|(_, line)| line.remaining > 0);
                takes.extend(left.map(|(line, it)| Take { order: *at, line, units: it.remaining }));
            }
            for wanted in lines {
                let line = order.lines.iter().position(|line| line.id.get() == wanted.id.number());
                let line =
                    line.ok_or_else(|| refused("Fulfillment order line item does not exist.".to_owned()))?;
                let before: u32 = takes
                    .iter()
                    .filter(|take| (take.order, take.line) == (*at, line))
                    .map(|take| take.units)
                    .sum();
                if before.saturating_add(wanted.quantity) > order.lines[line].remaining {
                    return Err(refused(
                        "Invalid fulfillment order line item quantity requested.".to_owned(),
                    ));
                }
                takes.push(Take { order: *at, line, units: wanted.quantity });
            }
        }
        Ok((n, takes))
    }
}

fn error(field: &[&str], message: &str) -> UserError {
    UserError { field: Some(field.iter().map(|name| Box::from(*name)).collect()), message: message.into() }
}
