//! What a policy file may say: the structs that it is read into, key by key.
//!
//! Lives here: names, defaults and documentation of keys. What they mean together is in [`super::load`].

use serde::Deserialize;

use super::document::{Keyed, Placed};

/// A short string with a grammar of its own.
pub type Text = Placed<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PolicyFile {
    /// Version of the format: 1.
    #[serde(rename = "plimsoll-policy")]
    pub _version: u32,
    pub merchant: Merchant,
    pub netsuite: NetSuite,
    /// Legal entities, by key.
    pub subsidiary: Keyed<Placed<Subsidiary>>,
    /// Storefronts, by key. The key is part of every external id: it never changes.
    pub shop: Keyed<Placed<Shop>>,
    #[serde(default)]
    pub items: Items,
    /// Who acts on which cause, by when; `default` for the causes that are not named.
    pub owners: Placed<Keyed<Owner>>,
    #[serde(default)]
    pub late: Late,
    /// How stock is published, for shops that name locations.
    #[serde(default)]
    pub stock: Stock,
    #[serde(default)]
    pub engine: Engine,
    /// Prices of business buyers; without this table they are left alone.
    #[serde(default)]
    pub prices: Option<Prices>,
    #[serde(default)]
    pub warehouse: Warehouse,
    #[serde(default)]
    pub accounting: Accounting,
    /// Credit limits and payment terms of companies; without this table they are left alone.
    #[serde(default)]
    pub terms: Option<Placed<Terms>>,
    /// Fields of products by their owners; without this table products are left alone.
    #[serde(default)]
    pub products: Option<Placed<Products>>,
    /// Payouts of the processor; without this table they are left alone.
    #[serde(default)]
    pub settlement: Option<Placed<Settlement>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Merchant {
    pub key: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NetSuite {
    /// The account's own zone.
    pub zone: Text,
    /// Integration slots that we may hold at once.
    pub slots: Placed<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Subsidiary {
    pub id: Placed<u64>,
    pub currency: Text,
    pub books_zone: Text,
    pub bank_zone: Text,
    pub location: Placed<u64>,
    pub gift_card_liability: Placed<u64>,
    pub store_credit_liability: Placed<u64>,
    /// Accounts that journals and adjustments name; all others follow from NetSuite's items and set-up.
    pub accounts: Accounts,
    /// Of tax for which the schedule has no entry.
    pub tax_code: Placed<u64>,
    pub marketplace_tax_code: Placed<u64>,
    /// Tax codes by title, rate and country; the first entry that fits is taken.
    #[serde(default)]
    pub tax_schedule: Vec<Placed<TaxEntry>>,
    /// Accounts of payouts; needed with `[settlement]` if it sells or is paid.
    #[serde(default)]
    pub settlement: Option<SettlementAccounts>,
}

/// At least one of `title`, `rate` and `country`; all that are given must fit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TaxEntry {
    /// As the shop spells it.
    pub title: Option<Box<str>>,
    /// `20%`.
    pub rate: Option<Text>,
    /// To which it is sent, ISO 3166 alpha-2.
    pub country: Option<Text>,
    pub code: Placed<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Accounts {
    pub bank: Placed<u64>,
    pub goodwill: Placed<u64>,
    pub cogs: Placed<u64>,
    pub promotions: Placed<u64>,
    pub breakage: Placed<u64>,
    pub refunds_due: Placed<u64>,
    pub prepaid_tax: Placed<u64>,
    /// Tax payable, for the reversal of tax on prepayments.
    pub tax: Placed<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Shop {
    pub domain: Text,
    pub currency: Text,
    pub zone: Text,
    /// `standard`, `advanced`, `plus` or `enterprise`.
    pub plan: Text,
    /// Key of the one that sells.
    pub subsidiary: Text,
    /// `per-shop` or `per-email`.
    pub guests: Text,
    /// Clearing account of each gateway.
    pub clearing: Keyed<Placed<u64>>,
    /// Shopify's number of each location whose levels are written, and the NetSuite location that stands for it.
    #[serde(default)]
    pub locations: Keyed<Placed<u64>>,
    /// Key of the subsidiary whose bank account is paid, if not the one that sells.
    pub payout_owner: Option<Text>,
    /// In which it is paid out, if not the shop's.
    pub payout_currency: Option<Text>,
}

/// External ids of the items that stand for what is not goods.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Items {
    pub shipping: Box<str>,
    pub discount: Box<str>,
    pub duties: Box<str>,
    pub fees: Box<str>,
    pub tip: Box<str>,
    pub gift_card: Box<str>,
    pub custom: Box<str>,
    pub returns: Box<str>,
    pub goodwill: Box<str>,
    pub restocking: Box<str>,
    pub exchange: Box<str>,
}

impl Default for Items {
    fn default() -> Items {
        Items {
            shipping: "SHIPPING".into(),
            discount: "DISCOUNT".into(),
            duties: "DUTIES".into(),
            fees: "FEES".into(),
            tip: "TIP".into(),
            gift_card: "GIFT-CARD".into(),
            custom: "CUSTOM".into(),
            returns: "RETURNS".into(),
            goodwill: "GOODWILL".into(),
            restocking: "RESTOCKING".into(),
            exchange: "EXCHANGE".into(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Owner {
    pub owner: Text,
    pub deadline: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Terms {
    /// The gateway by which Shopify shows money that it did not take: `manual`.
    pub paid_elsewhere: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Prices {
    /// Between two questions what NetSuite has changed: `5m`.
    pub poll_every: Option<Text>,
    /// How far each looks back; at least as long as `poll-every`.
    pub poll_overlap: Option<Text>,
    /// Between two comparisons of everything: `6h`.
    pub compare_every: Option<Text>,
    /// How long a price list may stay uncompared: `30m`.
    pub prove_within: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Late {
    /// `next-open`: dated the first day of the next open period. `park`: wait for a person.
    pub shut_period: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Stock {
    /// Between two looks at NetSuite's changes.
    pub every: Option<Text>,
    /// How far a look reaches behind the one before it.
    pub overlap: Option<Text>,
    /// Between two readings of everything.
    pub whole_every: Option<Text>,
    /// Units of each item that are never shown.
    pub buffer: Option<u32>,
    /// So many levels that somebody else has set are told to a person.
    pub drift_alert: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Engine {
    pub steps_at_once: Option<Placed<u32>>,
    pub lease: Option<Text>,
    pub sweep_every: Option<Text>,
    pub sweep_overlap: Option<Text>,
    pub bulk_after_pages: Option<Placed<u32>>,
    pub subscriptions_every: Option<Text>,
    pub moved_every: Option<Text>,
    pub moved_overlap: Option<Text>,
    pub backoff_first: Option<Text>,
    pub backoff_max: Option<Text>,
    pub patience: Option<Text>,
    /// By lane.
    pub lanes: Keyed<LaneShare>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Warehouse {
    /// How long after its release an order may stay unshipped before somebody is told.
    pub silent_after: Option<Text>,
}

/// Where the blueprint leaves a choice; the values are in [`super::accounting`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Accounting {
    pub card_tender: Option<Text>,
    pub stock_return: Option<Text>,
    pub shipping_billing: Option<Text>,
    pub tips: Option<Text>,
    pub duties: Option<Text>,
    pub free_cards: Option<Text>,
    pub breakage: Option<Text>,
    pub vat_point: Option<Text>,
    pub billing: Option<Text>,
}

/// How payouts are settled; the values of switches are in [`super::settlement`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Settlement {
    /// Between two looks at payouts, disputes and bank statements: `1h`.
    pub every: Option<Text>,
    /// Between two comparisons of all payouts within the overlap: `12h`.
    pub compare_every: Option<Text>,
    /// How far each look reaches back: `14d`.
    pub overlap: Option<Text>,
    /// How long a row may lack its counterpart in NetSuite: `3d`.
    pub settling_window: Option<Text>,
    /// How long a payout may be missing on the bank's statement: `7d`.
    pub bank_window: Option<Text>,
    /// How the references of the processor's lines begin on the bank's statement: `0910`.
    pub bank_trace: Option<Text>,
    /// `journal`.
    pub posting: Option<Text>,
    /// `park`.
    pub unknown_type: Option<Text>,
    /// `expense`.
    pub fee_tax: Option<Text>,
    /// `expense`.
    pub dispute_lost: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SettlementAccounts {
    pub in_transit: Placed<u64>,
    pub returned: Placed<u64>,
    pub fees: Placed<u64>,
    pub fee_tax: Placed<u64>,
    pub dispute_fees: Placed<u64>,
    pub disputes: Placed<u64>,
    pub dispute_losses: Placed<u64>,
    pub reserve: Placed<u64>,
    pub freight: Placed<u64>,
    pub duties: Placed<u64>,
    pub loan: Placed<u64>,
    pub advertising: Placed<u64>,
    /// For all other credits and charges of the processor; `fees` if it is left out.
    pub adjustments: Option<Placed<u64>>,
    pub accruals: Placed<u64>,
    pub exchange_bridge: Placed<u64>,
    pub exchange: Placed<u64>,
    pub due_from: Placed<u64>,
    pub due_to: Placed<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct LaneShare {
    /// Share of the limits that this lane always keeps, in whole percent.
    pub floor: Option<Text>,
    pub deadline: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Products {
    /// `netsuite` or `shopify`, by `title`, `price`, `barcode`, `weight` and `status`. A field that is not named is
    /// left alone.
    pub owns: Option<Placed<Keyed<Text>>>,
    /// Between two questions which items NetSuite has changed: `5m`.
    pub poll_every: Option<Text>,
    /// How far each looks back; at least as long as `poll-every`.
    pub poll_overlap: Option<Text>,
    /// Between two comparisons of every variant: `1h`.
    pub compare_every: Option<Text>,
}
