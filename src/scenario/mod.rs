//! A rehearsal as data: who the merchant is, what the day looks like, what goes wrong, what must hold.
//!
//! Lives here: the model that the simulation reads. The file format is [`load`], a real day's orders [`import`],
//! what the program carries with it [`built_in`].

pub mod after_purchase;
pub mod built_in;
mod file;
pub mod import;
pub mod load;
pub mod processor;
pub mod products;
pub mod recording;
pub mod warehouse;
pub mod wholesale;

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::customer::GuestRecords;
use crate::domain::{
    BookDate, CauseCode, Currency, Duration, InternalId, Lane, MerchantKey, Money, ShopKey, Sku, Timestamp,
    Zone,
};
use crate::policy::Policy;
pub use after_purchase::{
    AfterPurchase, Aftermath, RefundStanding, ScriptedCard, ScriptedParcel, ScriptedRefund,
    ScriptedRefundLine, ScriptedRefundPayment, ScriptedShipment, ShippingBack, StaffAct,
};
use processor::{Processor, SettlementEvent};
use products::{ProductEvent, Products};
pub use warehouse::{Warehouse, Waves};
use wholesale::{Wholesale, WholesaleEvent};

#[derive(Debug, Clone)]
pub struct Scenario {
    /// The claim: the file's path below `scenarios/` without its ending, e.g. `lost/answers`.
    pub name: Box<str>,
    pub title: Box<str>,
    pub owner: Option<Box<str>>,
    pub why: Option<Box<str>>,
    pub tags: Vec<Box<str>>,
    pub starts: Timestamp,
    pub lasts: Duration,
    /// After `lasts`: no new traffic and no new faults; the backlog must drain.
    pub settle: Duration,
    pub seeds: Seeds,
    pub profile: Arc<Profile>,
    /// The file that the engine runs by, exactly as production would read it.
    pub policy: Arc<Policy>,
    pub drawn: Option<DrawnTraffic>,
    /// What drawn buyers do after the purchase.
    pub after_purchase: Option<AfterPurchase>,
    pub warehouse: Option<Warehouse>,
    pub scripted: Vec<ScriptedEvent>,
    /// A recorded day beside the file.
    pub recorded: Option<RecordedTraffic>,
    pub limits: Limits,
    pub faults: FaultRates,
    /// Every fault kind is switched off or made extreme by the seed instead of taken as it stands.
    pub swarm: bool,
    pub weather: Vec<Weather>,
    pub promises: Vec<Promise>,
    pub expectations: Vec<ExpectedBalance>,
    pub expected_orders: Vec<ExpectedOrder>,
    pub expected_counts: Vec<ExpectedCount>,
    pub not_covered: Vec<(Box<str>, Box<str>)>,
}

#[derive(Debug, Clone, Default)]
pub struct Seeds {
    pub pinned: Vec<u64>,
    /// Further seeds beside the pinned ones, counted from 1.
    pub sweep: u32,
}

/// The merchant's intent: what the books must come to, whatever the engine's policy says. Read by the world
/// (which builds both twins from it) and by the oracle; never by the engine.
#[derive(Debug, Clone)]
pub struct Profile {
    pub merchant: MerchantKey,
    pub account_zone: Zone,
    pub subsidiaries: Vec<Subsidiary>,
    pub shops: Vec<Storefront>,
    pub accounts: Vec<ChartAccount>,
    /// Rates by currency pair from a day on: one unit of `from` in `to`.
    pub rates: Vec<Rate>,
    pub service_items: ServiceItemNames,
    pub catalogue: Catalogue,
    /// Customers that NetSuite holds before the day begins, with terms at stake.
    pub known_customers: Vec<KnownContact>,
    pub wholesale: Wholesale,
    pub stock: Stock,
    pub products: Products,
    pub processor: Option<Processor>,
}

#[derive(Debug, Clone)]
pub struct Subsidiary {
    pub key: ShopKey,
    pub id: InternalId,
    pub name: Box<str>,
    pub country: Box<str>,
    pub currency: Currency,
    pub books_zone: Zone,
    pub bank_zone: Zone,
    pub location: InternalId,
    pub deposits: InternalId,
    pub gift_card_liability: InternalId,
    pub store_credit_liability: InternalId,
    pub accounts: EntityAccounts,
    /// There when the processor settles for the entity, or into its bank.
    pub settlement: Option<SettlementAccounts>,
    /// Of tax that no storefront names a code for; of tax that a marketplace remits; then all others.
    pub tax_codes: Vec<InternalId>,
}

/// The accounts on which one entity's postings must stand (postings.md, account list).
#[derive(Debug, Clone)]
pub struct EntityAccounts {
    pub bank: InternalId,
    /// Sales.
    pub income: InternalId,
    pub receivable: InternalId,
    pub inventory: InternalId,
    pub discounts: InternalId,
    pub returns: InternalId,
    pub shipping: InternalId,
    pub goodwill: InternalId,
    pub restocking: InternalId,
    pub breakage: InternalId,
    pub duties: InternalId,
    pub tips: InternalId,
    pub rounding: InternalId,
    pub cogs: InternalId,
    pub promotions: InternalId,
    pub exchange: InternalId,
    pub refunds_due: InternalId,
    pub prepaid_tax: InternalId,
    /// By position in [`Subsidiary::tax_codes`].
    pub tax: Vec<InternalId>,
}

/// The accounts on which what the processor does must stand (postings.md, account list).
#[derive(Debug, Clone)]
pub struct SettlementAccounts {
    /// Payouts on their way to the bank.
    pub in_transit: InternalId,
    /// Payouts that came back.
    pub returned: InternalId,
    pub fees: InternalId,
    pub fee_tax: InternalId,
    pub dispute_fees: InternalId,
    /// Disputes receivable.
    pub disputes: InternalId,
    pub dispute_losses: InternalId,
    /// Reserve receivable.
    pub reserve: InternalId,
    /// Freight out: what labels cost.
    pub freight: InternalId,
    pub loan: InternalId,
    pub advertising: InternalId,
    pub accruals: InternalId,
    pub exchange_bridge: InternalId,
    /// Due from a sister subsidiary, and due to one.
    pub due_from: InternalId,
    pub due_to: InternalId,
}

#[derive(Debug, Clone)]
pub struct Storefront {
    pub key: ShopKey,
    pub domain: Box<str>,
    pub currency: Currency,
    pub zone: Zone,
    /// Position in [`Profile::subsidiaries`] of the entity that sells, by law and contract.
    pub seller: usize,
    pub guests: GuestRecords,
    /// Share of drawn orders, as a weight.
    pub weight: u32,
    pub taxes_included: bool,
    /// Rates of a standard basket; several lines for several jurisdictions.
    pub taxes: Vec<TaxRate>,
    /// Rates of what is sent to other countries.
    pub nexus: Vec<(Box<str>, Vec<TaxRate>)>,
    /// Gateways and the clearing account on which their money must stand.
    pub clearing: Vec<(Box<str>, InternalId)>,
    /// Currencies that shoppers may see, beside the shop's own, with their share of orders in percent.
    pub presentment: Vec<(Currency, Decimal)>,
    /// Shopify's number of each location, and the NetSuite location whose stock it shows. Online orders take from the
    /// first. Empty: stock is not kept for this shop.
    pub locations: Vec<(u64, InternalId)>,
    /// Units of each item that shoppers must never see.
    pub buffer: i64,
    /// Shoppers may buy what is not there.
    pub oversells: bool,
    /// Levels are right when the day begins; otherwise they are all zero.
    pub is_published: bool,
    /// What staff do in NetSuite must show in Shopify this soon.
    pub stock_lag: Duration,
    /// Position in [`Profile::subsidiaries`] of the entity into whose bank the processor pays.
    pub payout_owner: usize,
    pub payout_currency: Currency,
}

#[derive(Debug, Clone)]
pub struct TaxRate {
    pub title: Box<str>,
    /// 0.2 for 20 %.
    pub rate: Decimal,
    /// The seller's code on which it must be booked, if not its first.
    pub code: Option<InternalId>,
}

#[derive(Debug, Clone)]
pub struct ChartAccount {
    pub id: InternalId,
    pub name: Box<str>,
    pub kind: AccountKind,
    /// Position in [`Profile::subsidiaries`].
    pub subsidiary: usize,
    pub currency: Currency,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// Clearing, per store, gateway and currency.
    Clearing,
    CustomerDeposits,
    GiftCardLiability,
    StoreCreditLiability,
    Bank,
    /// Sales.
    Income,
    Expense,
    Receivable,
    Inventory,
    Discounts,
    Returns,
    Shipping,
    Goodwill,
    Restocking,
    Breakage,
    Duties,
    Tips,
    Rounding,
    CostOfGoods,
    Promotions,
    Exchange,
    RefundsDue,
    PrepaidTax,
    /// Payable, per tax code.
    Tax,
    PayoutsInTransit,
    PayoutsReturned,
    ProcessorFees,
    /// Input tax on the processor's fees.
    FeeTax,
    DisputeFees,
    Disputes,
    DisputeLosses,
    Reserve,
    Freight,
    Loan,
    Advertising,
    Accruals,
    ExchangeBridge,
    DueFrom,
    DueTo,
}

#[derive(Debug, Clone)]
pub struct Rate {
    pub from: Currency,
    pub to: Currency,
    pub since: BookDate,
    pub rate: Decimal,
}

#[derive(Debug, Clone)]
pub struct ServiceItemNames {
    pub shipping: Sku,
    pub discount: Sku,
    pub duties: Sku,
    pub fees: Sku,
    pub tip: Sku,
    pub gift_card: Sku,
    pub custom: Sku,
    pub returns: Sku,
    pub goodwill: Sku,
    pub restocking: Sku,
    pub exchange: Sku,
}

/// Goods for drawn traffic: `count` variants named `{prefix}-0001` …, prices between the bounds, sold by a
/// Zipf law; beside them the named ones of scripts.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub prefix: Box<str>,
    pub count: u32,
    /// Lowest and highest price in minor units of the shop's currency.
    pub price_minor: (i64, i64),
    pub named: Vec<Sku>,
}

/// What is on hand when the day begins, at each location that a shop names.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pub items: Vec<StockedItem>,
    pub kits: Vec<Kit>,
}

#[derive(Debug, Clone)]
pub struct StockedItem {
    pub sku: Sku,
    pub on_hand: i64,
    /// Of one unit, in minor units of the entity's currency.
    pub unit_cost: i64,
    /// Somebody forgot to stock it in NetSuite; Shopify tracks it all the same.
    pub is_unmapped: bool,
}

/// A bundle: NetSuite knows it as a kit, Shopify as a variant of its own.
#[derive(Debug, Clone)]
pub struct Kit {
    pub sku: Sku,
    /// None: nobody gave it any.
    pub members: Vec<KitMember>,
    /// A bundle of Shopify's own, too: Shopify lets nobody write its level.
    pub is_immutable: bool,
}

#[derive(Debug, Clone)]
pub struct KitMember {
    pub sku: Sku,
    pub quantity: u32,
    /// Of one unit sold alone, in minor units.
    pub base_price: i64,
}

#[derive(Debug, Clone)]
pub struct KnownContact {
    pub name: Box<str>,
    pub email: Box<str>,
    /// Position in [`Profile::subsidiaries`].
    pub subsidiary: usize,
    pub terms: Option<Box<str>>,
    pub price_level: Option<Box<str>>,
}

/// Shoppers drawn from a load curve. Shares are in parts per million of orders.
#[derive(Debug, Clone)]
pub struct DrawnTraffic {
    pub total: u64,
    /// Orders per local hour of the first shop's zone, any scale: 24 weights.
    pub curve: [u32; 24],
    /// Part of the day's orders that arrive in one burst.
    pub spikes: Vec<Spike>,
    /// Gateways by weight; `gift-card` and `store-credit` are tenders like any other.
    pub tenders: Vec<(Box<str>, u32)>,
    pub lines_typical: u32,
    pub lines_heaviest: u32,
    pub units_typical: u32,
    pub discounted_ppm: u32,
    pub stacked_ppm: u32,
    pub split_tender_ppm: u32,
    pub guest_ppm: u32,
    /// Orders by buyers who have bought before.
    pub returning_ppm: u32,
    /// Orders by companies.
    pub b2b_ppm: u32,
    /// New buyers who are an existing one with a typing error in the e-mail.
    pub typo_ppm: u32,
    /// Orders that repeat a SKU on two lines.
    pub repeated_sku_ppm: u32,
    /// Captured later than placed; the rest at once.
    pub late_capture_ppm: u32,
    pub capture_delay_median: Duration,
    pub edit_ppm: u32,
    pub edit_within: Duration,
}

#[derive(Debug, Clone)]
pub struct Spike {
    /// After the start.
    pub at: Duration,
    pub lasts: Duration,
    pub share_ppm: u32,
}

#[derive(Debug, Clone)]
pub struct ScriptedEvent {
    /// After the start.
    pub at: Duration,
    pub what: Scripted,
}

#[derive(Debug, Clone)]
pub enum Scripted {
    Order(ScriptedOrder),
    /// The money of an authorised order is taken.
    Capture {
        order: Box<str>,
    },
    /// Units of one line change; zero removes it.
    EditQuantity {
        order: Box<str>,
        line: usize,
        quantity: u32,
    },
    EditAddLine {
        order: Box<str>,
        line: ScriptedLine,
    },
    /// A further payment, e.g. of what an edit added.
    Pay {
        order: Box<str>,
        gateway: Box<str>,
        amount: Money,
    },
    /// Shopify's `updated_at` moves without a visible change.
    Touch {
        order: Box<str>,
    },
    /// What was said when the order was placed is said once more.
    Replay {
        order: Box<str>,
    },
    /// Something that follows an order.
    After {
        order: Box<str>,
        what: Aftermath,
    },
    /// A gift card is given away.
    IssueCard(ScriptedCard),
    ExpireCard {
        card: Box<str>,
    },
    Wholesale(WholesaleEvent),
    /// Staff adjust what is on hand in NetSuite.
    Adjust {
        sku: Sku,
        location: InternalId,
        by: i64,
    },
    /// Staff key an order in NetSuite that shops know nothing of.
    KeyedOrder {
        /// Position in [`Profile::known_customers`].
        contact: usize,
        sku: Sku,
        location: InternalId,
        quantity: u32,
        /// Net, of all units.
        amount: Money,
    },
    Merchandise(ProductEvent),
    /// The processor, the bank, or somebody in finance.
    Settlement(SettlementEvent),
}

/// An order with exactly these amounts: nothing of it is computed.
#[derive(Debug, Clone)]
pub struct ScriptedOrder {
    /// Named in the file, to refer to it in later events and in messages.
    pub name: Box<str>,
    pub shop: ShopKey,
    pub buyer: ScriptedBuyer,
    /// The buyer pays no tax, by law or certificate.
    pub tax_exempt: bool,
    pub lines: Vec<ScriptedLine>,
    pub shipping: Option<ScriptedShipping>,
    pub duties: Option<Money>,
    pub tip: Option<Money>,
    pub payments: Vec<ScriptedPayment>,
    pub taxes_included: bool,
    pub presentment: Option<Currency>,
    pub ship_to_country: Option<Box<str>>,
}

#[derive(Debug, Clone)]
pub enum ScriptedBuyer {
    Customer { name: Box<str>, email: Option<Box<str>> },
    Company { name: Box<str>, email: Option<Box<str>> },
    Guest { email: Option<Box<str>> },
}

#[derive(Debug, Clone)]
pub struct ScriptedLine {
    pub sku: Option<Sku>,
    pub title: Box<str>,
    pub quantity: u32,
    pub price: Money,
    /// Label and amount for the whole line.
    pub discounts: Vec<(Box<str>, Money)>,
    pub taxes: Vec<ScriptedTax>,
    pub is_gift_card: bool,
}

#[derive(Debug, Clone)]
pub struct ScriptedTax {
    pub title: Box<str>,
    pub rate: Decimal,
    pub amount: Money,
    /// A marketplace collects and remits it.
    pub channel_liable: bool,
}

#[derive(Debug, Clone)]
pub struct ScriptedShipping {
    pub title: Box<str>,
    pub price: Money,
    pub discounts: Vec<(Box<str>, Money)>,
    pub taxes: Vec<ScriptedTax>,
}

#[derive(Debug, Clone)]
pub struct ScriptedPayment {
    pub gateway: Box<str>,
    pub amount: Money,
    pub presentment: Option<Money>,
    /// Authorised only; a `Capture` event takes it.
    pub authorized: bool,
    pub succeeds: bool,
}

/// Orders of a recorded day, replayed at their own times.
#[derive(Debug, Clone)]
pub struct RecordedTraffic {
    pub orders: Arc<Vec<ScriptedEvent>>,
    /// What the file holds that is not played, by kind: count and sum.
    pub not_played: Vec<(Box<str>, u64, Money)>,
}

#[derive(Debug, Clone)]
pub struct Limits {
    /// Points per second of each shop.
    pub shopify_restore_rate: u32,
    pub shopify_bucket: u32,
    /// Slots of the NetSuite account.
    pub netsuite_slots: u32,
    /// Slots that other integrations may hold at the most.
    pub netsuite_others: u32,
}

/// Chances in parts per million and latencies, of one profile or drawn by swarm.
///
/// Source: traits.md §4, profiles calm, busy and storm.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultRates {
    pub webhook_lost_ppm: u32,
    pub webhook_duplicated_ppm: u32,
    pub webhook_reordered_ppm: u32,
    pub webhook_delay: Latency,
    pub shopify_throttled_ppm: u32,
    pub shopify_latency: Latency,
    pub shopify_failed_ppm: u32,
    pub netsuite_throttled_ppm: u32,
    pub netsuite_read: Latency,
    pub netsuite_write: Latency,
    /// The write happened, the caller saw an error.
    pub answer_lost_after_ppm: u32,
    /// The request never arrived.
    pub answer_lost_before_ppm: u32,
    pub record_changed_ppm: u32,
    pub record_locked_ppm: u32,
    pub search_lag: Latency,
}

/// A log-normal latency given by its median and its 99th percentile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latency {
    pub median: Duration,
    pub p99: Duration,
}

/// Scheduled fault: it must take effect at least once over the seeds of a run, or the run is inconclusive.
#[derive(Debug, Clone)]
pub struct Weather {
    /// Position in the file, for messages.
    pub index: usize,
    /// After the start.
    pub at: Duration,
    /// Zero for an instant.
    pub lasts: Duration,
    pub what: WeatherKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WeatherKind {
    /// `webhooks misbehave`: overrides the profile's chances while it lasts. `lose_first` drops that many for sure.
    Webhooks { lost_ppm: u32, duplicated_ppm: u32, reordered_ppm: u32, late_up_to: Duration, lose_first: u32 },
    /// `webhook subscription is deleted`.
    SubscriptionDeleted { shop: Option<ShopKey> },
    /// `webhook receiver is down`: deliveries fail and are retried by Shopify.
    ReceiverDown,
    /// `netsuite slows down`: latency times the factor (×100 for two decimals), slots cut to `slots`.
    NetSuiteSlow { latency_percent: u32, slots: Option<u32> },
    /// `netsuite is down`: maintenance, every call refused.
    NetSuiteDown,
    /// `answers are lost`: NetSuite saves and the answer does not arrive.
    AnswersLost { after_ppm: u32, before_ppm: u32 },
    /// `shopify restores slowly`: restore rate cut to this share in percent.
    ShopifySlow { restore_percent: u32 },
    /// `other integrations are busy`: they hold this many slots.
    OthersBusy { slots: u32 },
    /// `records are locked`: this share of sales orders by a workflow, until the weather passes.
    RecordsLocked { ppm: u32 },
    /// `period is locked`: the posting period of this date cannot be posted to.
    PeriodLocked { month: BookDate },
    /// `item is inactive`.
    ItemInactive { sku: Sku },
    /// `search index lags`.
    SearchLags { by: Duration },
    /// `engine is killed`: this often, this far apart.
    EngineKilled { times: u32, every: Duration },
    /// `lock is late`: that the warehouse has an order shows so much later.
    LockLate { by: Duration },
}

impl WeatherKind {
    /// As scenario files spell it.
    pub fn words(&self) -> &'static str {
        match self {
            WeatherKind::Webhooks { .. } => "webhooks misbehave",
            WeatherKind::SubscriptionDeleted { .. } => "webhook subscription is deleted",
            WeatherKind::ReceiverDown => "webhook receiver is down",
            WeatherKind::NetSuiteSlow { .. } => "netsuite slows down",
            WeatherKind::NetSuiteDown => "netsuite is down",
            WeatherKind::AnswersLost { .. } => "answers are lost",
            WeatherKind::ShopifySlow { .. } => "shopify restores slowly",
            WeatherKind::OthersBusy { .. } => "other integrations are busy",
            WeatherKind::RecordsLocked { .. } => "records are locked",
            WeatherKind::PeriodLocked { .. } => "period is locked",
            WeatherKind::ItemInactive { .. } => "item is inactive",
            WeatherKind::SearchLags { .. } => "search index lags",
            WeatherKind::EngineKilled { .. } => "engine is killed",
            WeatherKind::LockLate { .. } => "lock is late",
        }
    }
}

/// A limit that the scenario states; a broken one ends the run with exit code 3.
#[derive(Debug, Clone)]
pub struct Promise {
    pub name: Box<str>,
    pub kind: PromiseKind,
    /// For the caret in failure output.
    pub file: Arc<str>,
    pub line: usize,
    /// The limit as written, e.g. `<= 15m`.
    pub text: Box<str>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PromiseKind {
    /// 99th percentile from hint to done of a lane.
    LagP99 {
        lane: Lane,
        at_most: Duration,
    },
    LagMax {
        lane: Lane,
        at_most: Duration,
    },
    ExceptionsOpen {
        at_most: u64,
    },
    /// The backlog is empty this long after the last arrival.
    DrainedWithin {
        at_most: Duration,
    },
    /// Refusals by Shopify that the engine could not foresee, as a share of its calls in ppm.
    ShopifyThrottled {
        at_most_ppm: u32,
    },
    NetSuiteThrottled {
        at_most_ppm: u32,
    },
    /// Units that are sold at rest and are not there.
    OversoldUnits {
        at_most: u64,
    },
    /// Orders that shoppers could not place, because nothing was shown as available.
    TurnedAway {
        at_most: u64,
    },
}

/// `[[expect]]`: the balance of one account at rest, debits positive.
#[derive(Debug, Clone)]
pub struct ExpectedBalance {
    pub account: InternalId,
    pub balance: Money,
    /// What all documents come to in base currency, rather than what those in that currency come to.
    pub is_in_base: bool,
    pub file: Arc<str>,
    pub line: usize,
}

/// `[[expect]]`: what the sales order of a scripted order comes to at rest.
#[derive(Debug, Clone)]
pub struct ExpectedOrder {
    /// As the script names it.
    pub order: Box<str>,
    pub what: ExpectedAmount,
    pub amount: Money,
    pub file: Arc<str>,
    pub line: usize,
}

/// One amount of a sales order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedAmount {
    /// Tax in.
    Total,
    Tax,
    /// Net of tax, positive.
    Discount,
}

impl ExpectedAmount {
    /// As scenario files spell it.
    pub fn name(self) -> &'static str {
        match self {
            ExpectedAmount::Total => "total",
            ExpectedAmount::Tax => "tax",
            ExpectedAmount::Discount => "discount",
        }
    }
}

/// `[[expect]]`: how many of something are found at rest.
#[derive(Debug, Clone)]
pub struct ExpectedCount {
    pub what: Counted,
    /// Of this order of the script, or of all.
    pub order: Option<Box<str>>,
    pub count: u64,
    /// Of exceptions: their money at risk, together.
    pub at_risk: Option<Money>,
    pub file: Arc<str>,
    pub line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Exceptions(CauseCode),
    /// In Shopify, not cancelled.
    Fulfillments,
    Invoices,
    CreditMemos,
    CustomerRefunds,
}

impl Counted {
    pub fn name(self) -> &'static str {
        match self {
            Counted::Exceptions(code) => code.name(),
            Counted::Fulfillments => "fulfillments",
            Counted::Invoices => "invoices",
            Counted::CreditMemos => "credit memos",
            Counted::CustomerRefunds => "customer refunds",
        }
    }
}

impl ServiceItemNames {
    pub fn names(&self) -> [&Sku; 11] {
        [
            &self.shipping,
            &self.discount,
            &self.duties,
            &self.fees,
            &self.tip,
            &self.gift_card,
            &self.custom,
            &self.returns,
            &self.goodwill,
            &self.restocking,
            &self.exchange,
        ]
    }
}

impl Catalogue {
    /// The goods that are drawn, by variant.
    pub fn skus(&self) -> impl Iterator<Item = Sku> + '_ {
        (1..=u64::from(self.count)).map(|number| Sku(format!("{}-{number:04}", self.prefix).into_boxed_str()))
    }
}

impl Profile {
    /// One unit of `from` in `to` on that day: the latest rate in force, as stated or turned round.
    pub fn rate(&self, from: Currency, to: Currency, on: BookDate) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        let latest = |from: Currency, to: Currency| {
            let stated =
                self.rates.iter().filter(|rate| rate.from == from && rate.to == to && rate.since <= on);
            stated.max_by_key(|rate| rate.since).map(|rate| rate.rate)
        };
        latest(from, to).or_else(|| Decimal::ONE.checked_div(latest(to, from)?))
    }
}
