//! What a run takes place on: both twins, the oracle, the luck, the trace, and what is counted.
//!
//! One lock holds all of it, never across an await. Set-up from the profile is here; what happens is in
//! [`super::transports`], [`super::deliveries`], [`super::traffic`] and [`super::climate`].

mod shelves;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::domain::ids::CompanyLocationId;
use crate::domain::{CauseCode, Currency, FixedMap, Flow, InternalId, Lane, ShopKey, Timestamp};
use crate::engine::events::{Event, Observer};
use crate::mocks::netsuite::{
    self, Account, AccountSettings, DocumentKind, ExistingCustomer, NetsuiteTwin, Subsidiary,
};
use crate::mocks::shopify::{ShopSettings, ShopifyTwin};
use crate::ports::store::Outcome;
use crate::scenario::{AccountKind, Profile, Scenario};
use crate::sim::bank::Banks;
use crate::sim::defect::Planted;
use crate::sim::faults::Faults;
use crate::sim::lag::LagHistogram;
use crate::sim::meter::{self, Room};
use crate::sim::oracle::Oracle;
use crate::sim::oracle::books::payouts::Line;
use crate::sim::oracle::seen::documents::SeenPosted;
use crate::sim::oracle::seen::settlement::{SeenJournal, SeenRecord};
use crate::sim::oracle::seen::{SeenDeposit, SeenRefusals};
use crate::sim::processor::Desk;
use crate::sim::result::{Calls, Refusals};
use crate::sim::trace::TraceHash;
use crate::sim::volumes::Volumes;
use crate::sim::{products, wholesale};
use std::sync::Arc;

/// Points of a bucket per point of restore rate. Source: shopify.md §b.1.
const BUCKET_PER_RATE: u32 = 20;

/// The shared state of one run.
pub struct Stage {
    scene: Mutex<Scene>,
    pub planted: Planted,
}

pub struct Scene {
    pub shopify: ShopifyTwin,
    pub netsuite: NetsuiteTwin,
    pub oracle: Oracle,
    pub faults: Faults,
    pub trace: TraceHash,
    /// Who pays out what shoppers paid; none unless the scenario has one.
    pub processor: Option<Desk>,
    pub banks: Banks,
    pub calls: Calls,
    pub refusals: Refusals,
    /// NetSuite calls whose answers the engine waits for.
    pub awaited: u32,
    pub contract_slots: u32,
    pub lag: [LagHistogram; Lane::ALL.len()],
    pub steps: u64,
    pub steps_done: u64,
    /// When the last piece of work was done.
    pub drained_at: Timestamp,
    /// When each shop's feed was last swept to its end.
    pub swept_at: BTreeMap<ShopKey, Timestamp>,
    /// When the latest comparison of each location's levels began that came to its end.
    pub compared_at: BTreeMap<(ShopKey, u64), Timestamp>,
    /// The customers that NetSuite knew when the day began, in the profile's order.
    pub contacts: Vec<InternalId>,
    pub orders: u64,
    pub volumes: Volumes,
    /// Deliveries that have not ended, retries included.
    pub deliveries_open: u64,
    pub acknowledged: u64,
    /// Locations of the profile's companies, in its order.
    pub companies: Vec<CompanyLocationId>,
    /// Running balance by account, debits positive.
    balances: FixedMap<(InternalId, Currency), i128>,
    documents_seen: usize,
    /// What people would want to read of the run, kept short.
    pub timeline: Vec<(Timestamp, String)>,
}

/// What is kept of the timeline: enough to tell a story, little enough to read.
const TIMELINE_MAX: usize = 64;

/// Kinds of events in the trace. Part of every published trace hash: never renumbered.
pub mod kind {
    pub const ORDER_PLACED: u16 = 1;
    pub const ORDER_CHANGED: u16 = 2;
    pub const SHOPIFY_CALL: u16 = 3;
    pub const NETSUITE_CALL: u16 = 4;
    pub const DELIVERY: u16 = 5;
    pub const STEP: u16 = 6;
    pub const RAISED: u16 = 7;
    pub const SWEPT: u16 = 8;
    pub const SUBSCRIBED: u16 = 9;
    pub const WEATHER: u16 = 10;
    pub const KILLED: u16 = 11;
    pub const RELEASED: u16 = 30;
    pub const SHIPPED: u16 = 31;
    pub const REFUNDED: u16 = 32;
    pub const KEYED: u16 = 33;
    pub const CARD: u16 = 34;
    pub const COMPARED: u16 = 20;
    pub const STAFF: u16 = 21;
    pub const MERCHANDISED: u16 = 40;
    pub const BALANCE_ROW: u16 = 40;
    pub const PAYOUT: u16 = 41;
    pub const DISPUTED: u16 = 42;
    pub const BANK_CALL: u16 = 43;
}

impl Stage {
    pub fn new(scenario: &Scenario, seed: u64, skus: &[crate::domain::Sku], planted: Planted) -> Arc<Stage> {
        let profile = &scenario.profile;
        let (mut shopify, mut netsuite) = (shopify(scenario), netsuite(scenario, profile, skus));
        let contacts = add_contacts(&mut netsuite, profile);
        shelves::stock(&mut shopify, &mut netsuite, profile, scenario.starts);
        let companies = wholesale::open(profile, &mut shopify, &mut netsuite, scenario.starts);
        products::open(profile, &mut shopify, &mut netsuite, scenario.starts);
        let processor = Desk::open(seed, profile, &mut shopify, scenario.starts);
        let mut oracle = Oracle::new(Arc::clone(profile));
        oracle.opened(&companies, scenario.starts);
        let scene = Scene {
            shopify,
            netsuite,
            oracle,
            companies,
            contacts,
            compared_at: BTreeMap::new(),
            faults: Faults::of(scenario, seed),
            trace: TraceHash::new(),
            processor,
            banks: Banks::default(),
            calls: Calls::default(),
            refusals: Refusals::default(),
            awaited: 0,
            contract_slots: scenario.limits.netsuite_slots,
            lag: std::array::from_fn(|_| LagHistogram::default()),
            steps: 0,
            steps_done: 0,
            drained_at: scenario.starts,
            swept_at: BTreeMap::new(),
            orders: 0,
            volumes: Volumes::default(),
            deliveries_open: 0,
            acknowledged: 0,
            balances: FixedMap::default(),
            documents_seen: 0,
            timeline: Vec::new(),
        };
        Arc::new(Stage { scene: Mutex::new(scene), planted })
    }

    pub fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().expect("a panic on the stage ends the run")
    }
}

impl Scene {
    pub fn tell(&mut self, at: Timestamp, what: impl FnOnce() -> String) {
        if self.timeline.len() < TIMELINE_MAX {
            self.timeline.push((at, what()));
        }
    }

    /// Shows the oracle every document that was posted since it last looked.
    pub fn show_postings(&mut self, at: Timestamp) {
        let _entered = meter::enter(Room::Oracle);
        while let Some(document) = self.netsuite.document_at(self.documents_seen) {
            self.documents_seen += 1;
            let kind = match document.kind() {
                DocumentKind::SalesOrder => continue,
                DocumentKind::CustomerDeposit => "deposit",
                DocumentKind::JournalEntry => "journal",
                DocumentKind::ItemFulfillment => "item fulfillment",
                DocumentKind::Invoice => "invoice",
                DocumentKind::CreditMemo => "credit memo",
                DocumentKind::CustomerRefund => "customer refund",
                DocumentKind::DepositApplication => "deposit application",
                DocumentKind::InventoryAdjustment => "inventory adjustment",
                DocumentKind::FxReval => "exchange difference",
            };
            let mut imbalance = (0, 0);
            for posting in document.postings() {
                imbalance.0 += i128::from(posting.amount.minor());
                imbalance.1 += i128::from(posting.base.minor());
            }
            let name = || match document.external_id() {
                Some(key) => key.to_string(),
                None => format!("with internal id {}", document.internal_id()),
            };
            let posted = SeenPosted { kind, currency: document.currency(), imbalance, name: &name };
            self.oracle.posted(at, &posted);
            self.oracle.saved(kind, &name, document.date(), at);
            for posting in document.postings().filter(|posting| !posting.amount.is_zero()) {
                let account = (posting.account, posting.amount.currency());
                let balance = self.balances.entry(account).or_default();
                *balance += i128::from(posting.amount.minor());
                self.oracle.moved(at, &posted, posting.account, *balance);
            }
            if self.processor.is_none() || document.kind() != DocumentKind::JournalEntry {
                continue;
            }
            let lines = lines(&document);
            self.oracle.owed(at, &posted, &lines);
            if let Some(key) = document.external_id() {
                let date = document.date();
                let postings = document.postings().filter(|posting| !posting.amount.is_zero());
                let bases = postings.map(|posting| posting.base.minor()).collect();
                let netsuite = &self.netsuite;
                let journal = SeenJournal { key: key.as_str(), date, lines, bases };
                self.oracle.journal(&journal, &|key| record_of(netsuite, key), at);
            }
        }
    }

    pub fn seen_refusals(&self) -> SeenRefusals {
        SeenRefusals {
            calls: self.calls.shopify + self.calls.netsuite,
            shopify_foreseeable: self.refusals.shopify_foreseeable,
            netsuite_foreseeable: self.refusals.netsuite_foreseeable,
        }
    }
}

/// What a journal posts.
pub fn lines(document: &netsuite::Document<'_>) -> Vec<Line> {
    let postings = document.postings().filter(|posting| !posting.amount.is_zero());
    let line = |posting: netsuite::Posting| Line {
        account: posting.account,
        currency: posting.amount.currency(),
        minor: posting.amount.minor(),
    };
    postings.map(line).collect()
}

/// The document that stands for an order transaction, by the key that it must carry: the account on which the money
/// came in or went out, how much it was, and on which day it is booked.
pub fn record_of(netsuite: &NetsuiteTwin, key: &str) -> Option<SeenRecord> {
    let is = |part: &str| key.contains(part);
    let (kind, is_debit) = match key {
        _ if is("-deposit-") => (DocumentKind::CustomerDeposit, true),
        _ if is("-refund-") => (DocumentKind::CustomerRefund, false),
        _ => (DocumentKind::JournalEntry, true),
    };
    let document = netsuite.document_by_key(kind, key)?;
    let moved = document.postings().find(|posting| (posting.amount.minor() > 0) == is_debit)?;
    Some(SeenRecord { account: moved.account, amount: moved.amount, date: document.date() })
}

/// A deposit as the oracle sees it.
pub fn seen_deposit(document: &netsuite::Document<'_>) -> Option<SeenDeposit> {
    let (mut debit, mut credit) = (None, None);
    for posting in document.postings() {
        if posting.amount.minor() >= 0 && debit.is_none() {
            debit = Some(posting.account);
        } else {
            credit = Some(posting.account);
        }
    }
    Some(SeenDeposit {
        external_id: document.external_id()?.as_str().into(),
        subsidiary: document.subsidiary(),
        currency: document.currency(),
        date: document.date(),
        payment: document.payment()?,
        debit_account: debit?,
        credit_account: credit?,
    })
}

impl Observer for Stage {
    fn observe(&self, event: Event) {
        let mut scene = self.scene();
        let (kind, at, a, b) = match event {
            Event::StepEnded { entity, outcome, attempt, lane, at, lag } => {
                scene.steps += 1;
                let code = match outcome {
                    Outcome::Done => 0,
                    Outcome::Retry { .. } => 1,
                    Outcome::Parked => 2,
                };
                if outcome == Outcome::Done {
                    scene.steps_done += 1;
                    if entity.flow == Flow::Price {
                        scene.oracle.told_of_prices(entity.record, false);
                    }
                    // The feed of stock is looked at for ever.
                    if entity.flow != Flow::Stock {
                        scene.drained_at = at;
                    }
                }
                if let Some(lag) = lag {
                    scene.lag[lane.index()].add(lag);
                }
                (kind::STEP, at, entity.record, u64::from(attempt) << 8 | code)
            }
            Event::Raised { key, at } => {
                scene.oracle.raised(key.entity.shop, key.entity.record, key.code);
                if key.code == CauseCode::PriceUnproven {
                    scene.oracle.told_of_prices(key.entity.record, true);
                }
                (kind::RAISED, at, key.entity.record, key.code as u64)
            }
            Event::Swept { shop, found, in_bulk, at } => {
                scene.swept_at.insert(shop, at);
                if in_bulk {
                    scene
                        .tell(at, || format!("a sweep of {shop} found {found} orders, most of them in bulk"));
                }
                (kind::SWEPT, at, u64::from(found), u64::from(in_bulk))
            }
            Event::Subscribed { shop, topic, at } => {
                scene.tell(at, || format!("subscribed to {} of {shop}", topic.name()));
                (kind::SUBSCRIBED, at, topic as u64, 0)
            }
            Event::StockCompared { shop, location, at } => {
                scene.compared_at.insert((shop, location), at);
                (kind::COMPARED, at, location, 0)
            }
        };
        scene.trace.event(kind, at, a, b);
    }
}

fn shopify(scenario: &Scenario) -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    for shop in &scenario.profile.shops {
        twin.add_shop(ShopSettings {
            key: shop.key,
            domain: (&*shop.domain).into(),
            currency: shop.currency,
            zone: shop.zone.clone(),
            restore_rate: scenario.limits.shopify_restore_rate,
            bucket: scenario
                .limits
                .shopify_bucket
                .max(scenario.limits.shopify_restore_rate * BUCKET_PER_RATE),
            order_number_start: 1001,
        });
    }
    twin
}

fn netsuite(scenario: &Scenario, profile: &Profile, skus: &[crate::domain::Sku]) -> NetsuiteTwin {
    let mut twin = NetsuiteTwin::new(AccountSettings {
        zone: profile.account_zone.clone(),
        slots: scenario.limits.netsuite_slots,
        expanded_account_lists: true,
    });
    twin.set_others(scenario.limits.netsuite_others);
    for subsidiary in &profile.subsidiaries {
        twin.add_subsidiary(Subsidiary {
            id: subsidiary.id,
            currency: subsidiary.currency,
            location: subsidiary.location,
            deposits_account: subsidiary.deposits,
            receivable: subsidiary.accounts.receivable,
            inventory: subsidiary.accounts.inventory,
            cogs: subsidiary.accounts.cogs,
            exchange: subsidiary.accounts.exchange,
            income: subsidiary.accounts.income,
        });
        for (code, account) in subsidiary.tax_codes.iter().zip(&subsidiary.accounts.tax) {
            twin.add_tax_code(*code, subsidiary.id, *account);
        }
    }
    for account in &profile.accounts {
        twin.add_account(Account {
            id: account.id,
            kind: account_kind(account.kind),
            subsidiary: profile.subsidiaries[account.subsidiary].id,
            currency: account.currency,
        });
    }
    for rate in &profile.rates {
        twin.add_rate(rate.from, rate.to, rate.since, rate.rate);
    }
    let names = &profile.service_items;
    let services = [
        &names.shipping,
        &names.discount,
        &names.duties,
        &names.fees,
        &names.tip,
        &names.gift_card,
        &names.custom,
        &names.returns,
        &names.goodwill,
        &names.restocking,
        &names.exchange,
    ];
    twin.add_items(services.into_iter().map(|sku| &*sku.0));
    for service in services {
        twin.set_item_kind(&service.0, netsuite::ItemKind::Service);
    }
    twin.set_item_kind(&names.discount.0, netsuite::ItemKind::Discount);
    for subsidiary in &profile.subsidiaries {
        let accounts = &subsidiary.accounts;
        for (item, account) in [
            (&names.shipping, accounts.shipping),
            (&names.discount, accounts.discounts),
            (&names.duties, accounts.duties),
            (&names.fees, accounts.duties),
            (&names.tip, accounts.tips),
            (&names.gift_card, subsidiary.gift_card_liability),
            (&names.returns, accounts.returns),
            (&names.goodwill, accounts.goodwill),
            (&names.restocking, accounts.restocking),
            (&names.exchange, accounts.exchange),
        ] {
            twin.set_income_account(&item.0, subsidiary.id, account);
        }
    }
    twin.add_items(skus.iter().chain(&profile.catalogue.named).map(|sku| &*sku.0));
    twin
}

/// Customers that people keep.
fn add_contacts(twin: &mut NetsuiteTwin, profile: &Profile) -> Vec<InternalId> {
    let contacts = profile.known_customers.iter().map(|contact| {
        twin.add_customer(ExistingCustomer {
            external_id: None,
            name: contact.name.clone(),
            email: Some(contact.email.clone()),
            subsidiary: profile.subsidiaries[contact.subsidiary].id,
            currency: None,
            terms: contact.terms.clone(),
            price_level: contact.price_level.clone(),
        })
    });
    contacts.collect()
}

fn account_kind(kind: AccountKind) -> netsuite::AccountKind {
    match kind {
        AccountKind::Clearing => netsuite::AccountKind::OtherCurrentAsset,
        AccountKind::CustomerDeposits
        | AccountKind::GiftCardLiability
        | AccountKind::StoreCreditLiability => netsuite::AccountKind::OtherCurrentLiability,
        AccountKind::Bank => netsuite::AccountKind::Bank,
        AccountKind::Income
        | AccountKind::Discounts
        | AccountKind::Returns
        | AccountKind::Shipping
        | AccountKind::Goodwill
        | AccountKind::Restocking
        | AccountKind::Breakage
        | AccountKind::Rounding
        | AccountKind::Exchange => netsuite::AccountKind::Income,
        AccountKind::Expense | AccountKind::Promotions => netsuite::AccountKind::Expense,
        AccountKind::CostOfGoods => netsuite::AccountKind::CostOfGoodsSold,
        AccountKind::Receivable => netsuite::AccountKind::Receivable,
        AccountKind::Inventory | AccountKind::PrepaidTax => netsuite::AccountKind::OtherCurrentAsset,
        AccountKind::Tax | AccountKind::Duties | AccountKind::Tips | AccountKind::RefundsDue => {
            netsuite::AccountKind::OtherCurrentLiability
        }
        AccountKind::PayoutsInTransit
        | AccountKind::PayoutsReturned
        | AccountKind::Disputes
        | AccountKind::Reserve
        | AccountKind::FeeTax
        | AccountKind::ExchangeBridge
        | AccountKind::DueFrom => netsuite::AccountKind::OtherCurrentAsset,
        AccountKind::ProcessorFees
        | AccountKind::DisputeFees
        | AccountKind::DisputeLosses
        | AccountKind::Freight
        | AccountKind::Advertising => netsuite::AccountKind::Expense,
        AccountKind::Loan | AccountKind::Accruals | AccountKind::DueTo => {
            netsuite::AccountKind::OtherCurrentLiability
        }
    }
}
