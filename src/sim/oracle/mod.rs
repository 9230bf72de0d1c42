//! The books as they must be, computed from what the world did and from the merchant's intent, and compared with
//! what NetSuite, the store and the limits came to.
//!
//! Shares nothing with the engine but domain nouns: the accounting rules of postings.md rows 1–3 are written a
//! second time in [`books`], by a different road. It reads the shop profile, never the policy.

pub mod books;
pub mod invariants;
pub mod seen;
pub mod stock;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{CauseCode, FixedMap, FixedSet, InternalId, Money, Order, ShopKey, Timestamp};
use crate::scenario::Profile;

use books::{Expected, Intent};
use invariants::{Invariant, Invariants};
use seen::{
    Causes, SeenChain, SeenCustomer, SeenDeposit, SeenException, SeenLevel, SeenRefusals, SeenSalesOrder,
    SeenWork,
};
use stock::WorldStock;
pub use verdict::{Breach, Tally};

/// Watches one run, and audits it at rest.
pub struct Oracle {
    intent: Intent,
    pub invariants: Invariants,
    /// Captured so far by the account that the money must stand on, debits positive.
    captured: FixedMap<InternalId, i128>,
    expected: Expected,
    causes: Causes,
    /// What the exceptions of the engine must be at rest, by record and cause.
    due: BTreeSet<Due>,
    /// Stock by the world's own record.
    pub stock: WorldStock,
    /// The keys that buyers' records must carry.
    known_keys: FixedSet<Box<str>>,
    /// Customers without an external id.
    keyless: u64,
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
            stock: WorldStock::new(Arc::clone(&profile)),
            intent: Intent::new(profile),
            invariants: Invariants::new(),
            captured: FixedMap::default(),
            expected: Expected::default(),
            causes: Causes::default(),
            due: BTreeSet::new(),
            known_keys: FixedSet::default(),
            keyless: 0,
        }
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
        let excuse = self.causes.excuse(order).or_else(|| self.unresolved(order));
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
            invariants::lines_keep_identity::order(
                &mut self.invariants,
                &self.stock,
                order,
                sales_order,
                now,
            );
            invariants::bundle_relief::order(&mut self.invariants, &self.stock, order, sales_order, now);
            invariants::subsidiary_right::order(&mut self.invariants, &self.intent, order, sales_order, now);
            invariants::customers_unique::buyer(&mut self.invariants, order, &key, sales_order, now);
        }
        for (at, deposit) in deposits {
            let transaction = &order.transactions[*at];
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
