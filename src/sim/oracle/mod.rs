//! The books as they must be, computed from what the world did and from the merchant's intent, and compared with
//! what NetSuite, the store and the limits came to.
//!
//! Shares nothing with the engine but domain nouns: the accounting rules of postings.md are written a second time in
//! [`books`], by a different road. It reads the shop profile, never the policy.

pub mod books;
pub mod contracts;
pub mod invariants;
mod order;
pub mod ownership;
mod payouts;
mod periods;
pub mod seen;
pub mod shares;
pub mod stock;
mod tax_drift;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, OrderId, PriceListId};
use crate::domain::product::Value;
use crate::domain::{
    CauseCode, Currency, FixedMap, FixedSet, InternalId, Money, Order, ShopKey, Sku, Timestamp,
};
use crate::scenario::wholesale::AgreementChange;
use crate::scenario::{AccountKind, Profile};

use books::payouts::Line;
use books::{Expected, Intent};
use contracts::Contracts;
use invariants::price_tethered::{self, Look};
use invariants::terms_kept;
use invariants::{Invariant, Invariants};
use ownership::{Clash, Ownership};
use payouts::Payouts;
use seen::after_purchase::AfterPurchase;
use seen::documents::SeenPosted;
use seen::settlement::Settlement;
use seen::{
    Causes, SeenChain, SeenCustomer, SeenDeposit, SeenException, SeenLevel, SeenProduct, SeenRefusals,
    SeenSalesOrder, SeenWork,
};
use stock::WorldStock;
use tax_drift::Drift;
pub use tax_drift::{DriftKind, TaxDrift};
pub use verdict::{Breach, Tally};

/// Watches one run, and audits it at rest.
#[derive(Clone)]
pub struct Oracle {
    intent: Intent,
    contracts: Contracts,
    pub invariants: Invariants,
    /// Captured so far by the account that the money must stand on, debits positive.
    captured: FixedMap<InternalId, i128>,
    expected: Expected,
    causes: Causes,
    /// What the exceptions of the engine must be at rest, by record and cause.
    due: BTreeSet<Due>,
    /// Exceptions that may be open at rest: what is read late, or landed between two readings.
    allowed: BTreeSet<Due>,
    /// Stock by the world's own record.
    pub stock: WorldStock,
    /// Products by the world's own record.
    pub ownership: Ownership,
    /// Differences of products that people must have been told of.
    clashes: BTreeMap<Due, (Sku, Vec<Clash>)>,
    /// The keys that buyers' records must carry.
    known_keys: FixedSet<Box<str>>,
    /// Customers without an external id.
    keyless: u64,
    drift: Drift,
    after: AfterPurchase,
    /// Redeemed, and in no deposit for a cause that the world gave.
    unposted_cards: BTreeMap<ShopKey, i128>,
    /// By bank transfer, by shop and order, in minor units.
    transferred: BTreeMap<(ShopKey, u64), i64>,
    settlement: Settlement,
    payouts: Payouts,
    /// Months that are shut, with a digest of what stood in each when it was.
    shut: BTreeMap<(i16, i8), String>,
}

/// An exception that must be open at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    shop: ShopKey,
    /// Shopify's number of the order, or of the lower of two likely duplicate customers.
    record: u64,
    code: CauseCode,
}

impl Oracle {
    pub fn new(profile: Arc<Profile>) -> Oracle {
        Oracle {
            contracts: Contracts::new(Arc::clone(&profile)),
            stock: WorldStock::new(Arc::clone(&profile)),
            ownership: Ownership::new(Arc::clone(&profile)),
            clashes: BTreeMap::new(),
            intent: Intent::new(profile),
            invariants: Invariants::new(),
            captured: FixedMap::default(),
            expected: Expected::default(),
            causes: Causes::default(),
            due: BTreeSet::new(),
            allowed: BTreeSet::new(),
            known_keys: FixedSet::default(),
            keyless: 0,
            drift: Drift::default(),
            after: AfterPurchase::default(),
            unposted_cards: BTreeMap::new(),
            transferred: BTreeMap::new(),
            settlement: Settlement::default(),
            payouts: Payouts::default(),
            shut: BTreeMap::new(),
        }
    }

    /// The day begins with these locations of the profile's companies.
    pub fn opened(&mut self, companies: &[CompanyLocationId], at: Timestamp) {
        self.contracts.opened(at);
        self.payouts_opened(at);
        for (company, location) in companies.iter().enumerate() {
            let shop = self.contracts.shop(company);
            self.known_keys.insert(format!("{shop}-company-{location}").into());
        }
    }

    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Staff changed what is agreed.
    pub fn agreed(&mut self, change: &AgreementChange, at: Timestamp) {
        self.contracts.changed(change, at);
    }

    /// People were told that nobody can vouch for a price list, or it was found right again.
    pub fn told_of_prices(&mut self, list: u64, open: bool) {
        self.contracts.told(PriceListId::new(list), open);
    }

    /// A company looks at a price, or buys at it.
    #[expect(clippy::too_many_arguments, reason = "who saw what, and when")]
    pub fn served(
        &mut self,
        company: usize,
        sku: &Sku,
        quantity: u32,
        minor: i64,
        stated: Option<Money>,
        lists: &[PriceListId],
        now: Timestamp,
    ) {
        let look = Look { company, sku, quantity, minor, currency: self.currency_of(company) };
        price_tethered::served(&mut self.invariants, &self.contracts, &look, stated, lists, now);
    }

    /// A company's basket came to that much, where the story says what it must.
    pub fn asked(&mut self, company: usize, order: &str, stated: Money, total: i64, now: Timestamp) {
        let buyer = self.contracts.name(company);
        price_tethered::asked(&mut self.invariants, buyer, order, stated, total, now);
    }

    /// At rest: what a company is served.
    pub fn served_at_rest(&mut self, company: usize, sku: &Sku, quantity: u32, minor: i64, now: Timestamp) {
        let look = Look { company, sku, quantity, minor, currency: self.currency_of(company) };
        price_tethered::at_rest(&mut self.invariants, &self.contracts, &look, now);
    }

    /// Staff keyed a bank transfer for an order.
    pub fn transferred(&mut self, shop: ShopKey, order: OrderId, minor: i64) {
        *self.transferred.entry((shop, order.get())).or_default() += minor;
    }

    /// At rest: an order of a company, with the days in which Shopify says that it is due.
    pub fn order_on_terms(&mut self, company: usize, order: &Order, found_days: Option<u32>, now: Timestamp) {
        let transferred = self.transferred.get(&(order.shop, order.id.get())).copied().unwrap_or_default();
        let agreed_days = self.contracts.days(company);
        let due = terms_kept::Due { order, agreed_days, found_days, transferred };
        terms_kept::order(&mut self.invariants, &due, now);
    }

    /// At rest: what a company owes for released orders, and for each that is held.
    pub fn credit(
        &mut self,
        company: usize,
        location: CompanyLocationId,
        released: i64,
        held: &[i64],
        now: Timestamp,
    ) {
        if !held.is_empty() {
            let (shop, record) = (self.contracts.shop(company), location.get());
            self.due.insert(Due { shop, record, code: CauseCode::CreditLimitExceeded });
        }
        if let Some(limit) = self.contracts.limit(company) {
            let name = self.contracts.name(company);
            terms_kept::limit(&mut self.invariants, name, limit, released, held, now);
        }
    }

    fn currency_of(&self, company: usize) -> Currency {
        let storefront = self.intent.storefront(self.contracts.shop(company));
        storefront.expect("companies buy in storefronts of the profile").currency
    }

    /// Money came in: from now on it may stand on its account.
    pub fn captured(&mut self, shop: ShopKey, gateway: &str, minor: i64) {
        if let Some(account) = self.intent.account(shop, gateway) {
            *self.captured.entry(account).or_default() += i128::from(minor);
        }
    }

    /// A document was posted. Checked at once: that it balances.
    pub fn posted(&mut self, at: Timestamp, document: &SeenPosted<'_>) {
        invariants::books_balance::posted(&mut self.invariants, at, document);
    }

    /// A posting brought an account to `balance`, debits positive. Checked at once: that no account of shoppers' money
    /// holds more than was captured into it, and that deposits owe nothing the wrong way round.
    pub fn moved(&mut self, at: Timestamp, document: &SeenPosted<'_>, account: InternalId, balance: i128) {
        let most = match self.intent.account_kind(account) {
            // In base currency it holds no money: what rates leave over is looked at with the payout.
            Some(AccountKind::Clearing) if !self.intent.is_in(account, document.currency) => return,
            Some(
                AccountKind::Clearing | AccountKind::GiftCardLiability | AccountKind::StoreCreditLiability,
            ) => self.captured.get(&account).copied().unwrap_or_default(),
            Some(AccountKind::CustomerDeposits) => 0,
            _ => return,
        };
        invariants::clearing_identity::posted(&mut self.invariants, at, document, account, balance, most);
    }

    /// A journal was posted. Checked at once: what it makes due to one sister is due from the other.
    pub fn owed(&mut self, at: Timestamp, document: &SeenPosted<'_>, lines: &[Line]) {
        let is_owed = |line: &&Line| {
            matches!(self.intent.account_kind(line.account), Some(AccountKind::DueFrom | AccountKind::DueTo))
        };
        let owed = lines.iter().filter(is_owed).map(|line| i128::from(line.minor));
        let (mut count, mut rest) = (0, 0);
        owed.for_each(|minor| (count, rest) = (count + 1, rest + minor));
        if count > 0 {
            invariants::clearing_identity::owed(&mut self.invariants, at, document, rest);
        }
    }

    /// What an account stood at before the first order, debits positive: cards and credit that people hold, and what
    /// was booked against them.
    pub fn opening(&mut self, account: InternalId, currency: Currency, minor: i64) {
        self.expected.add(account, currency, i128::from(minor));
    }

    /// What the world did that people must hear of.
    pub fn causes(&mut self) -> &mut Causes {
        &mut self.causes
    }

    /// What the world did to orders after they were placed.
    pub fn after_purchase(&mut self) -> &mut AfterPurchase {
        &mut self.after
    }

    /// What the processor and the banks did.
    pub fn settlement(&mut self) -> &mut Settlement {
        &mut self.settlement
    }

    /// A parcel of a released order leaves the warehouse; `shown` is the address that Shopify shows by now.
    pub fn parcel_left(&mut self, shop: ShopKey, order: OrderId, shown: Option<&Address>, at: Timestamp) {
        let parcel = self.after.parcel_left(shop, order, shown);
        invariants::address_honoured::left(&mut self.invariants, shop, order, parcel, at);
    }

    /// The engine raised an exception.
    pub fn raised(&mut self, shop: ShopKey, record: u64, code: CauseCode) {
        self.after.raised(shop, record, code);
        self.told_of_payout(shop, record);
    }

    /// An order that sells a kit without members cannot be booked.
    fn unresolved(&self, order: &Order) -> Option<CauseCode> {
        let mut sold =
            order.lines.iter().filter(|line| line.quantity > 0).filter_map(|line| line.sku.as_ref());
        let kept = self.stock.is_kept(order.shop);
        sold.any(|sku| kept && self.stock.members(sku).is_some_and(<[_]>::is_empty))
            .then_some(CauseCode::BundleUnresolved)
    }

    /// A level was written.
    pub fn level_written(&mut self, level: &SeenLevel, now: Timestamp) {
        invariants::stock_parity::written(&mut self.invariants, &self.stock, level, now);
    }

    /// At rest: one level.
    pub fn level(&mut self, level: &SeenLevel, now: Timestamp) {
        let (shop, record) = (level.shop, level.location);
        let sku = crate::domain::Sku(level.sku.clone());
        if !self.stock.is_immutable(&sku) {
            invariants::stock_parity::at_rest(&mut self.invariants, &self.stock, level, now);
        } else if self.stock.published(shop, record, &level.sku) != Some(level.available) {
            self.due.insert(Due { shop, record, code: CauseCode::StockRejected });
        }
        let unknown = self.stock.published(shop, record, &level.sku).is_none();
        match self.stock.members(&sku) {
            Some([]) => {
                self.due.insert(Due { shop, record, code: CauseCode::BundleUnresolved });
            }
            _ if unknown => {
                self.due.insert(Due { shop, record, code: CauseCode::ItemUnmapped });
            }
            _ => {}
        }
    }

    /// The engine showed a product to buyers, who see this price from now on.
    pub fn published(&mut self, shop: ShopKey, sku: &Sku, price: &Value, now: Timestamp) {
        invariants::field_owned::published(&mut self.invariants, &self.ownership, (shop, sku), price, now);
    }

    /// At rest: one product, as both sides have it.
    pub fn product(&mut self, seen: &SeenProduct, now: Timestamp) {
        invariants::field_owned::at_rest(&mut self.invariants, &self.ownership, seen, now);
        let clashes = self.ownership.clashes(seen.shop, &seen.sku);
        if !clashes.is_empty() {
            let due = Due { shop: seen.shop, record: seen.record, code: CauseCode::FieldOwnedElsewhere };
            self.due.insert(due);
            self.clashes.insert(due, (seen.sku.clone(), clashes));
        }
    }

    /// At rest: the locations of a shop.
    pub fn shelves(&mut self, shop: ShopKey) {
        for record in self.stock.oversold_locations(shop) {
            self.due.insert(Due { shop, record, code: CauseCode::OversoldUnits });
        }
    }

    /// At rest: a sales order for which no Shopify order stands.
    pub fn stray_sales_order(&mut self, sales_order: &SeenSalesOrder, now: Timestamp) {
        invariants::orders_complete::stray(&mut self.invariants, sales_order, now);
    }

    /// At rest: a deposit for which no capture stands.
    pub fn stray_deposit(&mut self, deposit: &SeenDeposit, now: Timestamp) {
        invariants::clearing_identity::stray(&mut self.invariants, deposit, now);
    }

    /// At rest: one NetSuite customer.
    pub fn customer(&mut self, customer: &SeenCustomer, now: Timestamp) {
        self.keyless += u64::from(customer.external_id.is_none());
        invariants::customers_unique::at_rest(&mut self.invariants, &self.known_keys, customer, now);
    }

    /// At rest: a card that a shop gave away (row 24).
    pub fn card_given_away(&mut self, shop: ShopKey, minor: i64) {
        let Some((storefront, seller)) = self.intent.storefront(shop).zip(self.intent.seller(shop)) else {
            return;
        };
        let currency = storefront.currency;
        self.expected.add(seller.accounts.promotions, currency, i128::from(minor));
        self.expected.add(seller.gift_card_liability, currency, -i128::from(minor));
    }

    /// At rest, after all orders: the balances by currency of the documents, debits positive, and by shop what its gift
    /// cards are worth; a shop that is not named has none.
    pub fn balances(
        &mut self,
        balances: &BTreeMap<(InternalId, Currency), i128>,
        cards: &[(ShopKey, i128)],
        now: Timestamp,
    ) {
        let (invariants, intent, expected) = (&mut self.invariants, &self.intent, &self.expected);
        invariants::trial_balance_expected::balances(invariants, intent, expected, balances, now);
        invariants::clearing_identity::balances(invariants, intent, expected, balances, now);
        invariants::books_balance::balances(invariants, balances, now);
        for seller in intent.sellers() {
            let account = seller.gift_card_liability;
            let of_seller = |shop: ShopKey| intent.seller(shop).is_some_and(|known| known.id == seller.id);
            let sum = |by_shop: &mut dyn Iterator<Item = (ShopKey, i128)>| -> i128 {
                by_shop.filter(|(shop, _)| of_seller(*shop)).map(|(_, minor)| minor).sum()
            };
            if !cards.iter().any(|(shop, _)| of_seller(*shop)) {
                continue;
            }
            let owed: i128 =
                balances.iter().filter(|((known, _), _)| *known == account).map(|(_, minor)| -minor).sum();
            let outstanding = sum(&mut cards.iter().copied());
            let unposted = sum(&mut self.unposted_cards.iter().map(|(shop, minor)| (*shop, *minor)));
            invariants::gift_card_liability::at_rest(invariants, seller, owed, outstanding, unposted, now);
        }
    }

    /// At rest, after all orders: what the engine says that people must act on.
    pub fn exceptions(&mut self, open: &[SeenException], now: Timestamp) {
        for (shop, low, high) in self.causes.likely_duplicates() {
            let made =
                |number: u64| number == 0 || self.known_keys.contains(&books::customer_text(shop, number));
            if made(low) && made(high) {
                let record = if low == 0 { high } else { low };
                self.due.insert(Due { shop, record, code: CauseCode::CustomerLikelyDuplicate });
            }
        }
        let raised: Vec<(Due, &SeenException)> = open
            .iter()
            .map(|exception| {
                let record = self.causes.pair_of(exception);
                (Due { shop: exception.shop, record, code: exception.code }, exception)
            })
            .collect();
        let keys: BTreeSet<Due> = raised.iter().map(|(due, _)| *due).collect();
        for (due, (sku, clashes)) in &self.clashes {
            let exception = raised.iter().find(|(known, _)| known == due).map(|(_, exception)| *exception);
            for clash in clashes {
                invariants::field_owned::told(&mut self.invariants, &sku.0, clash, exception, now);
            }
        }
        for due in &self.due {
            let said = format!("{} of {} {}", due.code.name(), due.shop, due.record);
            invariants::exceptions_complete::due(&mut self.invariants, &said, keys.contains(due), now);
        }
        for (due, exception) in raised {
            invariants::exceptions_true::raised(
                &mut self.invariants,
                exception,
                self.due.contains(&due) || self.allowed.contains(&due),
                now,
            );
        }
    }

    /// At rest: the store's account of its work, the audit chain, and the refusals of the run.
    pub fn at_rest(&mut self, work: &SeenWork, chain: &SeenChain, refusals: &SeenRefusals, now: Timestamp) {
        invariants::customers_unique::keyless(&mut self.invariants, &self.intent, self.keyless, now);
        invariants::nothing_silent::work(&mut self.invariants, work, now);
        invariants::converges::work(&mut self.invariants, work, now);
        invariants::audit_chain::chain(&mut self.invariants, chain, now);
        invariants::limits_respected::refusals(&mut self.invariants, refusals, now);
        invariants::exceptions_complete::closed(&mut self.invariants);
        invariants::exceptions_true::closed(&mut self.invariants);
    }

    /// As [`Oracle::at_rest`], of an integration whose store nobody reads; `reports` if it reports exceptions.
    pub fn at_rest_outside(&mut self, reports: bool, refusals: &SeenRefusals, now: Timestamp) {
        invariants::customers_unique::keyless(&mut self.invariants, &self.intent, self.keyless, now);
        invariants::limits_respected::refusals(&mut self.invariants, refusals, now);
        if reports {
            invariants::exceptions_complete::closed(&mut self.invariants);
            invariants::exceptions_true::closed(&mut self.invariants);
        }
    }

    /// What must be open at rest: shop, record and cause.
    pub fn all_due(&self) -> impl Iterator<Item = (ShopKey, u64, CauseCode)> + '_ {
        self.due.iter().map(|due| (due.shop, due.record, due.code))
    }

    /// Where tax of the shops is not what the schedule makes it, by shop and kind.
    pub fn tax_drift(&self) -> Vec<TaxDrift> {
        self.drift.report()
    }

    /// Whether the merchant does at all what the invariant speaks of.
    pub fn calls_for(&self, invariant: &Invariant) -> bool {
        let of_buyers = [price_tethered::INVARIANT, terms_kept::INVARIANT].contains(invariant);
        let of_products = *invariant == invariants::field_owned::INVARIANT;
        (!of_buyers || self.contracts.has_buyers()) && (!of_products || self.ownership.has_products())
    }

    /// All invariants with what was checked and what broke, in the order of the design.
    pub fn tallies(&self) -> impl Iterator<Item = (&'static Invariant, &Tally)> {
        self.invariants.iter()
    }
}

/// Amount of an order, for a message that names the money first.
fn worth(order: &Order) -> Option<Money> {
    Some(order.total)
}

#[cfg(test)]
mod tests;
