//! Everybody outside, played into one stage: who acts when. What they do is below.
//!
//! Shoppers at the till are in [`checkout`], the script in [`script`], whose e-mails look alike in [`suspects`]; the
//! floor is [`warehouse`], what is given back [`customer_service`], what people key in NetSuite [`staff`]; the processor
//! pays out in [`payments`].

mod aftermath;
mod checkout;
mod customer_service;
mod payments;
mod script;
mod staff;
mod suspects;
mod warehouse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, CustomerId, OrderId};
use crate::domain::{FixedMap, ShopKey, Timestamp};
use crate::mocks::shopify::{ExactLine, Payment};
use crate::ports::Runtime;
use crate::sim::deliveries::{Door, dispatch};
use crate::sim::oracle::seen::after_purchase::LateChange;
use crate::sim::stage::{Scene, Stage, kind};
use crate::sim::world::{Capture, EditKind, Purchase, World};

/// Plays one world into one stage.
pub struct Traffic<R> {
    pub stage: Arc<Stage>,
    pub world: Arc<World>,
    pub runtime: R,
    pub door: Door,
    people: Mutex<People>,
}

/// Who has an account, and whose e-mails look alike.
#[derive(Default)]
pub(super) struct People {
    customers: FixedMap<(ShopKey, u64), CustomerId>,
    companies: FixedMap<(ShopKey, u64), CompanyLocationId>,
    scripted_companies: BTreeMap<(ShopKey, Box<str>), CompanyLocationId>,
    pub(super) scripted_orders: BTreeMap<Box<str>, (ShopKey, OrderId)>,
    /// E-mails that may be misspelt, and what they may be misspellings of, by shop and name before the `@`.
    suspects: BTreeMap<(ShopKey, Box<str>), BTreeSet<Box<str>>>,
    /// Orders that somebody holds in Shopify.
    held: BTreeSet<(ShopKey, OrderId)>,
    titles: Titles,
}

/// Texts that many orders share.
struct Titles {
    standard: Arc<str>,
    skus: FixedMap<u32, Arc<str>>,
    texts: BTreeMap<Box<str>, Arc<str>>,
}

impl Default for Titles {
    fn default() -> Titles {
        Titles { standard: "Standard".into(), skus: FixedMap::default(), texts: BTreeMap::new() }
    }
}

impl Titles {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(text.into(), Arc::clone(&shared));
        shared
    }

    fn sku(&mut self, world: &World, variant: u32) -> Arc<str> {
        Arc::clone(self.skus.entry(variant).or_insert_with(|| (&*world.sku(variant).0).into()))
    }
}

impl<R: Runtime> Traffic<R> {
    pub fn new(stage: Arc<Stage>, world: Arc<World>, runtime: R, door: Door) -> Arc<Traffic<R>> {
        Arc::new(Traffic { stage, world, runtime, door, people: Mutex::default() })
    }

    /// Spawns the shoppers, one task for those that are drawn and one for the script, and the warehouse.
    pub fn start(self: &Arc<Self>) {
        self.open_warehouse();
        let drawn = Arc::clone(self);
        self.runtime.spawn(async move {
            for number in 0..drawn.world.orders() {
                let Some(at) = drawn.world.arrival(number) else { break };
                drawn.runtime.sleep_until(at).await;
                let Some(purchase) = drawn.world.purchase(number) else { break };
                drawn.buy(&purchase, at);
            }
        });
        let scripted = Arc::clone(self);
        self.runtime.spawn(async move {
            let world = Arc::clone(&scripted.world);
            for (at, event) in world.scripted() {
                scripted.runtime.sleep_until(at).await;
                scripted.perform(event, at);
            }
        });
        self.open_warehouse();
        self.open_processor();
    }

    /// The shop's order that the script knows by this name, once it is placed.
    pub fn scripted_order(&self, name: &str) -> Option<(ShopKey, OrderId)> {
        self.people().scripted_orders.get(name).copied()
    }

    pub(super) fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().expect("nothing panics among the people")
    }

    fn buy(self: &Arc<Self>, purchase: &Purchase, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let storefront = &profile.shops[purchase.shop];
        let mut people = self.people();
        let mut scene = self.stage.scene();
        let checkout = self.checkout(&mut people, &mut scene, purchase, storefront, now);
        let wanted = checkout.lines.iter().map(|line| (line.sku.as_deref(), line.quantity));
        if turned_away(&mut scene, storefront.key, wanted) {
            return;
        }
        let order = scene.shopify.checkout(storefront.key, &checkout, now);
        self.placed(&mut scene, storefront.key, order, now);
        drop(scene);
        drop(people);
        let shop = storefront.key;
        if let Capture::At(at) = purchase.payment.capture {
            self.later(at, move |traffic, now| traffic.change(shop, order, now, Change::Capture));
        }
        let thoughts = self.world.second_thoughts(purchase.number, now);
        self.reconsider(purchase.number, shop, order, thoughts);
        if let Some(edit) = purchase.edit {
            self.later(edit.at, move |traffic, now| {
                let change = match edit.what {
                    EditKind::Quantity { line, quantity } => Change::Quantity { line, quantity },
                    EditKind::AddLine(line) => Change::AddLine(Box::new(traffic.added_line(shop, &line))),
                };
                traffic.change_unless_locked(shop, order, now, change, thoughts.insists);
            });
        }
    }

    fn later(self: &Arc<Self>, at: Timestamp, act: impl FnOnce(&Traffic<R>, Timestamp) + Send + 'static) {
        let traffic = Arc::clone(self);
        let due = self.runtime.sleep_until(at);
        self.runtime.spawn(async move {
            due.await;
            act(&traffic, traffic.runtime.now());
        });
    }

    /// Counts what was paid at the till and sends out what Shopify has to say of it.
    pub(super) fn placed(&self, scene: &mut Scene, shop: ShopKey, order: OrderId, now: Timestamp) {
        scene.orders += 1;
        scene.sold(shop, order, &[]);
        scene.trace.event(kind::ORDER_PLACED, now, order.get(), 0);
        self.announce(scene, shop, order, 0, now);
    }

    /// Tells the oracle of captures beyond the first `known` transactions, and lets webhooks go.
    fn announce(&self, scene: &mut Scene, shop: ShopKey, order: OrderId, known: usize, now: Timestamp) {
        let captures = scene.shopify.captures(shop, order);
        for (gateway, received) in captures.into_iter().skip(known) {
            scene.oracle.captured(shop, &gateway, received);
            if let Some(desk) = &mut scene.processor {
                desk.taken_elsewhere(shop, &gateway, received);
            }
        }
        let lag = scene.faults.search_lag(order.get(), now.seconds().unsigned_abs(), now);
        scene.shopify.set_search_lag(lag);
        dispatch(&self.stage, scene, &self.runtime, &self.door, now);
    }

    fn change(&self, shop: ShopKey, order: OrderId, now: Timestamp, change: Change) {
        let mut scene = self.stage.scene();
        let known = scene.shopify.captures(shop, order).len();
        let what = change.late();
        let before = scene.standing(shop, order);
        let changed = match &change {
            Change::Capture => scene.shopify.capture(shop, order, now),
            Change::Quantity { line, quantity } => {
                scene.shopify.edit_quantity(shop, order, *line, *quantity, now)
            }
            Change::AddLine(line) => scene.shopify.edit_add_line(shop, order, line, now),
            Change::Pay(payment) => scene.shopify.pay(shop, order, payment, now),
            Change::Touch => scene.shopify.touch(shop, order, now),
            Change::CaptureAs { amount, presentment } => {
                scene.shopify.capture_at_rate(shop, order, *amount, *presentment, now)
            }
            Change::Cancel => scene.shopify.cancel(shop, order, now),
            Change::Readdress(address) => scene.shopify.change_address(shop, order, address, now),
            Change::Hold(holds) => {
                match holds {
                    true => self.people().held.insert((shop, order)),
                    false => self.people().held.remove(&(shop, order)),
                };
                aftermath::hold(&mut scene, shop, order, *holds, now)
            }
            Change::Move { location } => aftermath::move_to(&mut scene, shop, order, *location, now),
            Change::Split { lines } => aftermath::split(&mut scene, shop, order, lines, now),
            Change::Replay => {
                // Nothing of the order changes, so no index has anything to show late.
                if scene.shopify.replay(shop, order, now) {
                    scene.trace.event(kind::ORDER_CHANGED, now, order.get(), change.number());
                    dispatch(&self.stage, &mut scene, &self.runtime, &self.door, now);
                }
                return;
            }
        };
        // What Shopify does not allow, such as a second removal of a line, changes nothing.
        if changed.is_ok() {
            if let Some(what) = what {
                scene.oracle.after_purchase().changed(shop, order, what, now);
            }
            scene.volumes.cancelled += u64::from(what == Some(LateChange::Cancelled));
            scene.volumes.readdressed += u64::from(what == Some(LateChange::Address));
            scene.trace.event(kind::ORDER_CHANGED, now, order.get(), change.number());
            scene.sold(shop, order, &before);
            self.announce(&mut scene, shop, order, known, now);
        }
    }
}

/// Whether Shopify refuses a checkout, because a line wants more than is shown as available.
fn turned_away<'a>(
    scene: &mut Scene,
    shop: ShopKey,
    mut wanted: impl Iterator<Item = (Option<&'a str>, u32)>,
) -> bool {
    let refused = scene.oracle.stock.is_kept(shop)
        && wanted.any(|(sku, units)| sku.is_some_and(|sku| !scene.shopify.can_sell(shop, sku, units)));
    scene.oracle.stock.turned_away += u64::from(refused);
    refused
}

/// What somebody does to an order that exists.
enum Change {
    Capture,
    Quantity {
        line: usize,
        quantity: u32,
    },
    AddLine(Box<ExactLine>),
    Pay(Payment),
    Touch,
    /// What was said when it was placed is said once more.
    Replay,
    /// At the rate of this moment, in minor units.
    CaptureAs {
        amount: i64,
        presentment: Option<i64>,
    },
    Cancel,
    Readdress(Box<Address>),
    /// True puts what is left on hold, false lets go of it.
    Hold(bool),
    Move {
        location: u64,
    },
    Split {
        lines: Vec<(usize, u32)>,
    },
}

impl Change {
    /// For the trace: never renumbered.
    fn number(&self) -> u64 {
        match self {
            Change::Capture => 1,
            Change::Quantity { .. } => 2,
            Change::AddLine(_) => 3,
            Change::Pay(_) => 4,
            Change::Touch => 5,
            Change::Replay => 6,
            Change::CaptureAs { .. } => 7,
            Change::Cancel => 8,
            Change::Readdress(_) => 9,
            Change::Hold(true) => 10,
            Change::Hold(false) => 11,
            Change::Move { .. } => 12,
            Change::Split { .. } => 13,
        }
    }

    /// What it is to the warehouse, which may have the order already.
    fn late(&self) -> Option<LateChange> {
        match self {
            Change::Quantity { .. } | Change::AddLine(_) => Some(LateChange::Lines),
            Change::Cancel => Some(LateChange::Cancelled),
            Change::Readdress(_) => Some(LateChange::Address),
            _ => None,
        }
    }
}
