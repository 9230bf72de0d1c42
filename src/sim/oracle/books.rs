//! The accounting rules, a second time: which entity sells, where money must stand, under which day.
//!
//! Written from postings.md rows 1–3 and the shop profile; the engine's own rules are in its flows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::customer::{CustomerKey, GuestRecords, normalise_email};
use crate::domain::order::{TaxLine, Transaction};
use crate::domain::{BookDate, ExternalId, InternalId, Order, ShopKey};
use crate::scenario::{AccountKind, Profile, Storefront, Subsidiary, TaxRate};

/// The merchant's intent, ready to be asked.
pub struct Intent {
    profile: Arc<Profile>,
}

impl Intent {
    pub fn new(profile: Arc<Profile>) -> Intent {
        Intent { profile }
    }

    pub fn storefront(&self, shop: ShopKey) -> Option<&Storefront> {
        self.profile.shops.iter().find(|storefront| storefront.key == shop)
    }

    pub fn seller(&self, shop: ShopKey) -> Option<&Subsidiary> {
        self.storefront(shop).map(|storefront| &self.profile.subsidiaries[storefront.seller])
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

    pub fn account_kind(&self, account: InternalId) -> Option<AccountKind> {
        self.profile.accounts.iter().find(|known| known.id == account).map(|known| known.kind)
    }

    /// Name and currency of an account, for messages.
    pub fn account_name(&self, account: InternalId) -> String {
        match self.profile.accounts.iter().find(|known| known.id == account) {
            Some(known) => format!("account {account} {} ({})", known.name, known.currency),
            None => format!("account {account}, which the profile does not know"),
        }
    }

    pub fn account_currency(&self, account: InternalId) -> Option<crate::domain::Currency> {
        self.profile.accounts.iter().find(|known| known.id == account).map(|known| known.currency)
    }

    pub fn accounts(&self) -> impl Iterator<Item = InternalId> + '_ {
        self.profile.accounts.iter().map(|account| account.id)
    }

    /// Customers that NetSuite holds without a key of ours.
    pub fn contacts(&self) -> u64 {
        self.profile.known_customers.len() as u64
    }
}

pub fn customer_text(shop: ShopKey, number: u64) -> Box<str> {
    format!("{shop}-customer-{number}").into()
}

/// What every account must come to, in its own currency, debits positive.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    balances: BTreeMap<InternalId, i128>,
}

impl Expected {
    /// Row 2 or 3: debit where the tender's money stands, credit the seller's customer deposits.
    pub fn deposit(
        &mut self,
        intent: &Intent,
        order: &Order,
        transaction: &Transaction,
        account: InternalId,
    ) {
        let Some(seller) = intent.seller(order.shop) else { return };
        let received = i128::from(transaction.amount.minor()) + i128::from(transaction.rounding.minor());
        *self.balances.entry(account).or_default() += received;
        *self.balances.entry(seller.deposits).or_default() -= received;
    }

    pub fn balance(&self, account: InternalId) -> i128 {
        self.balances.get(&account).copied().unwrap_or_default()
    }
}
