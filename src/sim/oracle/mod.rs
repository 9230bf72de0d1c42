//! The books as they must be, computed from what the world did and from the merchant's intent, and compared with
//! what NetSuite, the store and the limits came to.
//!
//! Shares nothing with the engine but domain nouns: the accounting rules of postings.md rows 1–3 are written a
//! second time in [`books`], by a different road. It reads the shop profile, never the policy.

pub mod books;
pub mod contracts;
pub mod invariants;
pub mod seen;
mod shares;
mod tax_drift;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::ids::{CompanyLocationId, OrderId, PriceListId};
use crate::domain::{
    CauseCode, Currency, FixedMap, FixedSet, InternalId, Money, Order, ShopKey, Sku, Timestamp,
};
use crate::scenario::Profile;
use crate::scenario::wholesale::AgreementChange;

use books::{Expected, Intent};
use contracts::Contracts;
use invariants::price_tethered::{self, Look};
use invariants::terms_kept;
use invariants::{Invariant, Invariants};
use seen::{
    Causes, SeenChain, SeenCustomer, SeenDeposit, SeenException, SeenRefusals, SeenSalesOrder, SeenWork,
};
use tax_drift::Drift;
pub use tax_drift::{DriftKind, TaxDrift};
pub use verdict::{Breach, Tally};

/// Watches one run, and audits it at rest.
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
    /// The keys that buyers' records must carry.
    known_keys: FixedSet<Box<str>>,
    /// Customers without an external id.
    keyless: u64,
    /// By bank transfer, by shop and order, in minor units.
    transferred: BTreeMap<(ShopKey, u64), i64>,
    drift: Drift,
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
            intent: Intent::new(profile),
            invariants: Invariants::new(),
            captured: FixedMap::default(),
            expected: Expected::default(),
            causes: Causes::default(),
            due: BTreeSet::new(),
            known_keys: FixedSet::default(),
            keyless: 0,
            transferred: BTreeMap::new(),
            drift: Drift::default(),
        }
    }

    /// The day begins with these locations of the profile's companies.
    pub fn opened(&mut self, companies: &[CompanyLocationId], at: Timestamp) {
        self.contracts.opened(at);
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

    /// A document was saved. Checked at once: that it balances, and that no clearing account holds more than was
    /// captured into it.
    pub fn posted(&mut self, at: Timestamp, document: &SeenDeposit, balance: i128) {
        invariants::books_balance::posted(&mut self.invariants, at, document);
        let captured = self.captured.get(&document.debit_account).copied().unwrap_or_default();
        invariants::clearing_identity::posted(&mut self.invariants, at, document, balance, captured);
    }

    /// What the world did that people must hear of.
    pub fn causes(&mut self) -> &mut Causes {
        &mut self.causes
    }

    /// At rest: one Shopify order with what stands for it in NetSuite.
    pub fn order(
        &mut self,
        order: &Order,
        sales_order: Option<&SeenSalesOrder>,
        deposits: &[(usize, Option<SeenDeposit>)],
        now: Timestamp,
    ) {
        let is_exempt = self.causes.is_tax_exempt(order);
        self.drift.add(&self.intent, order, is_exempt);
        let excuse = self.causes.excuse(order);
        let found = sales_order.is_some();
        invariants::orders_complete::order(&mut self.invariants, order, found, excuse, now);
        if let Some(code) = excuse
            && !found
        {
            self.due.insert(Due { shop: order.shop, record: order.id.get(), code });
            return;
        }
        let key = self.intent.customer_key(order);
        self.known_keys.insert(key.clone());
        if let Some(sales_order) = sales_order {
            invariants::totals_tie::order(&mut self.invariants, order, sales_order, now);
            invariants::lines_keep_identity::order(&mut self.invariants, order, sales_order, now);
            invariants::subsidiary_right::order(&mut self.invariants, &self.intent, order, sales_order, now);
            invariants::customers_unique::buyer(&mut self.invariants, order, &key, sales_order, now);
            invariants::tax_by_schedule::order(
                &mut self.invariants,
                &self.intent,
                order,
                sales_order,
                is_exempt,
                now,
            );
            invariants::discounts_conserved::order(&mut self.invariants, order, sales_order, now);
        }
        for (at, deposit) in deposits {
            let transaction = &order.transactions[*at];
            // Row 12: money that went to the bank is booked by the payment on the invoice.
            if transaction.tender.gateway() == "manual" && self.contracts.has_buyers() {
                continue;
            }
            let Some(account) = self.intent.account(order.shop, transaction.tender.gateway()) else {
                self.due.insert(Due {
                    shop: order.shop,
                    record: order.id.get(),
                    code: CauseCode::GatewayUnmapped,
                });
                continue;
            };
            if deposit.is_none() && self.causes.period_shut(self.intent.book_date(order.shop, transaction)) {
                self.due.insert(Due {
                    shop: order.shop,
                    record: order.id.get(),
                    code: CauseCode::PeriodShut,
                });
                continue;
            }
            self.expected.deposit(&self.intent, order, transaction, account);
            invariants::trial_balance_expected::deposit(
                &mut self.invariants,
                &self.intent,
                &self.causes,
                order,
                transaction,
                account,
                deposit.as_ref(),
                now,
            );
        }
        if let Some(code) = self.causes.surplus(order) {
            self.due.insert(Due { shop: order.shop, record: order.id.get(), code });
        }
        invariants::nothing_silent::order(&mut self.invariants, order, found, now);
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

    /// At rest, after all orders: the balances, debits positive.
    pub fn balances(&mut self, balances: &BTreeMap<InternalId, i128>, now: Timestamp) {
        invariants::trial_balance_expected::balances(
            &mut self.invariants,
            &self.intent,
            &self.expected,
            balances,
            now,
        );
        invariants::clearing_identity::balances(
            &mut self.invariants,
            &self.intent,
            &self.expected,
            balances,
            now,
        );
        invariants::books_balance::balances(&mut self.invariants, &self.intent, balances, now);
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
        for due in &self.due {
            let said = format!("{} of {} {}", due.code.name(), due.shop, due.record);
            invariants::exceptions_complete::due(&mut self.invariants, &said, keys.contains(due), now);
        }
        for (due, exception) in raised {
            invariants::exceptions_true::raised(
                &mut self.invariants,
                exception,
                self.due.contains(&due),
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

    /// Whether the merchant does at all what the invariant speaks of.
    pub fn calls_for(&self, invariant: &Invariant) -> bool {
        let of_buyers = [price_tethered::INVARIANT, terms_kept::INVARIANT].contains(invariant);
        !of_buyers || self.contracts.has_buyers()
    }

    /// Where tax of the shops is not what the schedule makes it, by shop and kind.
    pub fn tax_drift(&self) -> Vec<TaxDrift> {
        self.drift.report()
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
