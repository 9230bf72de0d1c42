//! The accounting rules, a second time: which entity sells, where money must stand, under which day.
//!
//! Written from postings.md and the shop profile; the engine's own rules are in its flows. Here: the merchant's intent,
//! and what all orders together come to. What one order comes to is [`order_books`], from [`units`], [`billing`] and
//! [`giving_back`].

pub mod as_booked;
pub mod billing;
pub mod exchange;
pub mod giving_back;
pub mod order_books;
pub mod payouts;
pub mod processor;
pub mod sheet;
pub mod units;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::customer::{CustomerKey, GuestRecords, normalise_email};
use crate::domain::order::{TaxLine, Transaction, TransactionKind, TransactionStatus};
use crate::domain::{BookDate, Currency, ExternalId, FixedMap, InternalId, Order, ShopKey, Timestamp};
use crate::scenario::{AccountKind, ChartAccount, Profile, Storefront, Subsidiary, TaxRate};

use sheet::Sheet;

/// The merchant's intent, ready to be asked.
#[derive(Clone)]
pub struct Intent {
    profile: Arc<Profile>,
    /// Position in the profile's chart, for look-ups at each posting.
    accounts: FixedMap<InternalId, usize>,
}

impl Intent {
    pub fn new(profile: Arc<Profile>) -> Intent {
        let accounts = profile.accounts.iter().enumerate().map(|(at, account)| (account.id, at)).collect();
        Intent { profile, accounts }
    }

    pub fn storefront(&self, shop: ShopKey) -> Option<&Storefront> {
        self.profile.shops.iter().find(|storefront| storefront.key == shop)
    }

    pub fn shop_named(&self, key: &str) -> Option<ShopKey> {
        self.profile.shops.iter().map(|storefront| storefront.key).find(|known| known.as_str() == key)
    }

    pub fn seller(&self, shop: ShopKey) -> Option<&Subsidiary> {
        self.storefront(shop).map(|storefront| &self.profile.subsidiaries[storefront.seller])
    }

    pub fn sellers(&self) -> &[Subsidiary] {
        &self.profile.subsidiaries
    }

    /// The account whose balance grows when money comes in by this gateway: rows 2 and 3.
    pub fn account(&self, shop: ShopKey, gateway: &str) -> Option<InternalId> {
        let storefront = self.storefront(shop)?;
        let seller = &self.profile.subsidiaries[storefront.seller];
        match gateway {
            "gift_card" => Some(seller.gift_card_liability),
            "shopify_store_credit" => Some(seller.store_credit_liability),
            _ => storefront.clearing.iter().find(|(name, _)| **name == *gateway).map(|(_, account)| *account),
        }
    }

    /// Rates at which a shop taxes what it sends to that country; `None` for a country is the shop's own.
    pub fn tax_rates(&self, shop: ShopKey, country: Option<&str>) -> &[TaxRate] {
        let Some(storefront) = self.storefront(shop) else { return &[] };
        let abroad = country.and_then(|to| storefront.nexus.iter().find(|(country, _)| **country == *to));
        abroad.map_or(&storefront.taxes, |(_, taxes)| taxes)
    }

    /// The code on which a line of tax must be booked: the marketplace's for what it remits, else the one that the
    /// schedule names for this tax, else the seller's first.
    pub fn tax_code(&self, order: &Order, tax: &TaxLine) -> Option<InternalId> {
        let seller = self.seller(order.shop)?;
        if tax.channel_liable {
            return seller.tax_codes.get(1).copied();
        }
        let country = order.ship_to.as_ref().and_then(|address| address.country.as_deref());
        let rates = self.tax_rates(order.shop, country);
        let named = rates.iter().find(|rate| rate.title == tax.title).and_then(|rate| rate.code);
        named.or(seller.tax_codes.first().copied())
    }

    /// The day on which the seller books what was received at that moment.
    pub fn book_date(&self, shop: ShopKey, transaction: &Transaction) -> BookDate {
        let seller = self.seller(shop).expect("the world only sells through storefronts of the profile");
        seller.books_zone.book_date(transaction.processed_at)
    }

    /// The external id that the buyer's one record must carry.
    pub fn customer_key(&self, order: &Order) -> Box<str> {
        let shop = order.shop;
        match order.buyer.key {
            CustomerKey::Customer(id) => customer_text(shop, id.get()),
            CustomerKey::CompanyLocation(id) => format!("{shop}-company-{id}").into(),
            CustomerKey::Guest => {
                let per_email = self
                    .storefront(shop)
                    .is_some_and(|storefront| storefront.guests == GuestRecords::PerEmail);
                match order.buyer.email.as_deref().filter(|email| !normalise_email(email).is_empty()) {
                    Some(email) if per_email => ExternalId::for_guest_email(shop, email).as_str().into(),
                    _ => format!("{shop}-guest").into(),
                }
            }
        }
    }

    /// The account on which the tax of a code stands.
    pub fn tax_account(&self, seller: &Subsidiary, code: InternalId) -> Option<InternalId> {
        let at = seller.tax_codes.iter().position(|known| *known == code)?;
        seller.accounts.tax.get(at).copied()
    }

    /// The day of the seller's books on which something happened.
    pub fn day(&self, shop: ShopKey, at: Timestamp) -> BookDate {
        let seller = self.seller(shop).expect("the world only sells through storefronts of the profile");
        seller.books_zone.book_date(at)
    }

    fn known(&self, account: InternalId) -> Option<&ChartAccount> {
        self.accounts.get(&account).map(|at| &self.profile.accounts[*at])
    }

    pub fn account_kind(&self, account: InternalId) -> Option<AccountKind> {
        self.known(account).map(|known| known.kind)
    }

    /// Whether the account is kept in that currency.
    pub fn is_in(&self, account: InternalId, currency: Currency) -> bool {
        self.known(account).is_some_and(|known| known.currency == currency)
    }

    /// Name and currency of an account, for messages.
    pub fn account_name(&self, account: InternalId) -> String {
        match self.known(account) {
            Some(known) => format!("account {account} {} ({})", known.name, known.currency),
            None => format!("account {account}, which the profile does not know"),
        }
    }

    pub fn chart(&self) -> impl Iterator<Item = &ChartAccount> + '_ {
        self.profile.accounts.iter()
    }

    /// Customers that NetSuite holds without a key of ours.
    pub fn contacts(&self) -> u64 {
        self.profile.known_customers.len() as u64
    }
}

pub fn customer_text(shop: ShopKey, number: u64) -> Box<str> {
    format!("{shop}-customer-{number}").into()
}

/// What the buyer is still owed: captured, less what went back, beyond what the order now comes to and what was kept of
/// it. Negative where the buyer owes.
///
/// An order in another currency is judged in both: money that is over in one of them alone is the doing of rates and
/// of the pennies that conversion leaves.
pub fn owed_to_buyer(order: &Order) -> i128 {
    let kept: i128 = order.refunds.iter().map(|refund| kept(order, refund)).sum();
    let held = held(order, |entry| entry.amount.minor());
    let in_shop = held - i128::from(order.total.minor()) - kept;
    if !is_seen_in_another(order) { in_shop } else { in_shop.min(owed_as_seen(order)) }
}

/// Whether the buyer is square in the currency that the buyer saw, what refunds kept counted at the rate of the
/// payment.
pub fn is_square_as_seen(order: &Order) -> bool {
    let kept: i128 = order.refunds.iter().map(|refund| kept(order, refund)).sum();
    let paid: i128 = order.captures().map(|entry| i128::from(entry.amount.minor())).sum();
    let shown: i128 = order.captures().map(|entry| i128::from(entry.presentment.minor())).sum();
    let kept_as_seen = if paid == 0 { 0 } else { to_nearest(kept * shown, paid) };
    owed_as_seen(order) == kept_as_seen
}

/// Half away from zero.
fn to_nearest(amount: i128, by: i128) -> i128 {
    let (size, by) = (amount.abs(), by.abs());
    (size * 2 + by) / (by * 2) * amount.signum()
}

/// What the buyer is owed in the currency that the buyer saw; zero for an order that is paid exactly.
pub fn owed_as_seen(order: &Order) -> i128 {
    held(order, |entry| entry.presentment.minor()) - i128::from(order.total_presentment.minor())
}

/// Captured less what went back.
fn held(order: &Order, amount: impl Fn(&Transaction) -> i64) -> i128 {
    let back = order
        .transactions
        .iter()
        .filter(|entry| entry.kind == TransactionKind::Refund && entry.status == TransactionStatus::Success);
    let sum = |entries: &mut dyn Iterator<Item = &Transaction>| -> i128 {
        entries.map(|entry| i128::from(amount(entry))).sum()
    };
    sum(&mut order.captures()) - sum(&mut back.into_iter())
}

fn is_seen_in_another(order: &Order) -> bool {
    order.presentment_currency != order.currency
}

/// Fees of a refund, and what Shopify states as given back less.
fn kept(order: &Order, refund: &crate::domain::refund::Refund) -> i128 {
    let gross = |amount: crate::domain::Money, tax: crate::domain::Money| {
        i128::from(amount.minor()) + if order.taxes_included { 0 } else { i128::from(tax.minor()) }
    };
    let fees: i128 = refund.fees.iter().map(|fee| gross(fee.amount, fee.tax)).sum();
    let less = refund.adjustments.iter().map(|it| gross(it.amount, it.tax).min(0)).sum::<i128>();
    fees - less
}

/// Captured in the currency that the buyer saw.
pub fn captured_shown(order: &Order) -> i128 {
    order.captures().map(|entry| i128::from(entry.presentment.minor())).sum()
}

/// What every account must come to, by currency of the documents, debits positive.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    balances: BTreeMap<(InternalId, Currency), i128>,
}

impl Expected {
    pub fn add(&mut self, account: InternalId, currency: Currency, minor: i128) {
        *self.balances.entry((account, currency)).or_default() += minor;
    }

    /// What one order comes to.
    pub fn order(&mut self, sheet: &Sheet) {
        for (account, currency, minor) in sheet.iter() {
            self.add(account, currency, minor);
        }
    }

    pub fn balance(&self, account: InternalId, currency: Currency) -> i128 {
        self.balances.get(&(account, currency)).copied().unwrap_or_default()
    }

    pub fn accounts(&self) -> impl Iterator<Item = (InternalId, Currency)> + '_ {
        self.balances.keys().copied()
    }
}

#[cfg(test)]
mod tests;
