//! The blueprint that the engine runs by: routing, accounts, zones, owners, deadlines.
//!
//! Lives here: the values and what may be asked of them. Reading and validating the file is [`load`].
//! The oracle never sees this: it knows the merchant's intent from the scenario's shop profile.

use rust_decimal::Decimal;

use self::accounting::Accounting;
use self::products::ProductPolicy;
use crate::domain::CauseCode;
use crate::domain::customer::GuestRecords;
use crate::domain::order::{Order, TaxLine, Tender, Transaction};
use crate::domain::{
    BookDate, Currency, CustomerKey, Duration, InternalId, Lane, MerchantKey, ShopKey, Sku, Timestamp, Zone,
};

pub mod accounting;
pub mod document;
pub(crate) mod file;
pub mod file_error;
pub mod grammar;
pub mod load;
pub mod products;
pub mod settlement;

/// One merchant's policy, as validated.
#[derive(Debug, Clone)]
pub struct Policy {
    pub merchant: MerchantKey,
    /// SHA-256 of the file as read: in every audit entry, report and certificate.
    pub hash: [u8; 32],
    pub netsuite: NetSuitePolicy,
    pub subsidiaries: Vec<SubsidiaryPolicy>,
    pub shops: Vec<ShopPolicy>,
    pub items: ServiceItems,
    /// Owner and time to act, for every cause code.
    pub exceptions: Vec<ExceptionPolicy>,
    pub late: Late,
    pub stock: StockPolicy,
    pub engine: EngineSettings,
    /// Without it, prices of business buyers are left to people.
    pub prices: Option<PricePolicy>,
    pub warehouse: WarehousePolicy,
    pub accounting: Accounting,
    /// Without it, companies buy like anybody else. With it, `prices` learns of payments.
    pub terms: Option<TermsPolicy>,
    /// Without it, products are left to people.
    pub products: Option<ProductPolicy>,
    /// Without it, payouts are left alone.
    pub settlement: Option<settlement::SettlementPolicy>,
}

#[derive(Debug, Clone)]
pub struct NetSuitePolicy {
    /// The account's own zone, in which `q=` dates and SuiteQL text are read.
    pub zone: Zone,
    /// Integration slots that we may hold at once, at least 1.
    pub slots: u32,
}

#[derive(Debug, Clone)]
pub struct SubsidiaryPolicy {
    pub key: ShopKey,
    pub id: InternalId,
    pub currency: Currency,
    /// Instants become book dates in this zone (postings.md N6).
    pub books_zone: Zone,
    /// Value dates of the bank are in this one.
    pub bank_zone: Zone,
    pub location: InternalId,
    pub gift_card_liability: InternalId,
    pub store_credit_liability: InternalId,
    pub accounts: PolicyAccounts,
    /// For tax to which no entry of the schedule fits.
    pub tax_code: InternalId,
    /// For tax that a marketplace remits.
    pub marketplace_tax_code: InternalId,
    /// The first entry that fits names the code.
    pub tax_schedule: Vec<TaxEntry>,
}

/// A tax code, and which lines of tax stand on it. What is `None` fits everything.
#[derive(Debug, Clone)]
pub struct TaxEntry {
    /// As the shop spells it.
    pub title: Option<Box<str>>,
    /// 0.2 for 20 %.
    pub rate: Option<Decimal>,
    /// To which the order is sent, ISO 3166 alpha-2.
    pub country: Option<Box<str>>,
    pub code: InternalId,
}

/// Accounts that journals and adjustments of the engine name, of one subsidiary (postings.md, account list).
#[derive(Debug, Clone)]
pub struct PolicyAccounts {
    pub bank: InternalId,
    /// GDW.
    pub goodwill: InternalId,
    /// COGS.
    pub cogs: InternalId,
    /// PROMO.
    pub promotions: InternalId,
    /// BRK.
    pub breakage: InternalId,
    /// RFP.
    pub refunds_due: InternalId,
    /// Tax on prepayments (row 38).
    pub prepaid_tax: InternalId,
    /// TAX of `tax_code`.
    pub tax: InternalId,
}

#[derive(Debug, Clone)]
pub struct ShopPolicy {
    pub key: ShopKey,
    /// `harbour-fr.myshopify.com`.
    pub domain: Box<str>,
    pub currency: Currency,
    pub zone: Zone,
    /// Points per second of the shop's plan: 100, 200, 1,000 or 2,000.
    pub restore_rate: u32,
    /// Position in [`Policy::subsidiaries`] of the one that sells.
    pub subsidiary: usize,
    pub guests: GuestRecords,
    /// Clearing account of each gateway, in the shop's currency. Sorted by gateway.
    pub clearing: Vec<(Box<str>, InternalId)>,
    /// Shopify's number of each location whose levels we write, and the NetSuite location that stands for it.
    pub locations: Vec<(u64, InternalId)>,
}

/// NetSuite items, by external id, that stand for what is not goods.
#[derive(Debug, Clone)]
pub struct ServiceItems {
    pub shipping: Sku,
    pub discount: Sku,
    pub duties: Sku,
    pub fees: Sku,
    pub tip: Sku,
    pub gift_card: Sku,
    /// For order lines without a SKU.
    pub custom: Sku,
    /// For credit memos, non-inventory: their income accounts are returns, goodwill, restocking and the realised
    /// exchange difference.
    pub returns: Sku,
    pub goodwill: Sku,
    pub restocking: Sku,
    pub exchange: Sku,
}

#[derive(Debug, Clone)]
pub struct ExceptionPolicy {
    pub code: CauseCode,
    pub owner: Box<str>,
    pub deadline: Duration,
}

/// What happens to a document whose posting period is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// Dated the first day of the next open period, original date in a custom field.
    NextOpen,
    Park,
}

/// How credit and terms of business buyers are kept.
#[derive(Debug, Clone)]
pub struct TermsPolicy {
    /// The gateway by which Shopify shows money that went to the bank instead.
    pub paid_elsewhere: Box<str>,
}

/// How prices of business buyers are kept.
#[derive(Debug, Clone)]
pub struct PricePolicy {
    /// Between two questions what NetSuite has changed.
    pub poll_every: Duration,
    /// How far a poll looks back behind its watermark: at least as long as the pause between polls, so that an
    /// autumn fold of NetSuite's clock hides nothing.
    pub poll_overlap: Duration,
    /// Between two comparisons of every price list, whatever NetSuite says has changed.
    pub compare_every: Duration,
    /// A list that could not be compared for so long becomes an exception.
    pub prove_within: Duration,
}

/// What is expected of the warehouse.
#[derive(Debug, Clone, Default)]
pub struct WarehousePolicy {
    /// An order that was released and of which nothing was shipped this long after is a silent one. `None`: no alarm.
    pub silent_after: Option<Duration>,
}

/// How stock is published.
#[derive(Debug, Clone)]
pub struct StockPolicy {
    /// Between two looks at NetSuite's changes.
    pub every: Duration,
    /// How far a look reaches behind the one before it: more than the longest save of an account.
    pub overlap: Duration,
    /// Between two readings of everything.
    pub whole_every: Duration,
    /// Units of each item that are never shown, not negative.
    pub buffer: i64,
    /// So many levels that somebody else has set are told to a person.
    pub drift_alert: u32,
}

#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Steps under way at once.
    pub steps_at_once: u32,
    pub lease: Duration,
    /// Between two sweeps of a shop's changed orders.
    pub sweep_every: Duration,
    /// How far a sweep looks back behind its watermark: more than the search index lags.
    pub sweep_overlap: Duration,
    /// A listing that goes on after so many pages of 250 is read in bulk.
    pub bulk_after_pages: u32,
    /// Between two readings of what moved in NetSuite.
    pub moved_every: Duration,
    /// How far such a reading looks back behind its watermark: more than the longest save takes to show.
    pub moved_overlap: Duration,
    /// Between two checks that our webhook subscriptions still exist.
    pub subscriptions_every: Duration,
    pub backoff_first: Duration,
    pub backoff_max: Duration,
    /// After this long without convergence, an exception is open beside the retries.
    pub patience: Duration,
    /// Share of the limits that a lane always keeps, in percent; the rest goes by urgency.
    pub lane_floor_percent: [u8; Lane::ALL.len()],
    /// From hint to done, by lane: what lag is judged by.
    pub lane_deadline: [Duration; Lane::ALL.len()],
}

impl SubsidiaryPolicy {
    /// The code on which a line of tax is booked, for an order sent to `country`.
    pub fn code_of(&self, tax: &TaxLine, country: Option<&str>) -> InternalId {
        if tax.channel_liable {
            return self.marketplace_tax_code;
        }
        let fits = |entry: &&TaxEntry| {
            entry.title.as_ref().is_none_or(|title| *title == tax.title)
                && entry.rate.is_none_or(|rate| rate == tax.rate)
                && entry.country.as_deref().is_none_or(|known| Some(known) == country)
        };
        self.tax_schedule.iter().find(fits).map_or(self.tax_code, |entry| entry.code)
    }
}

impl Policy {
    pub fn shop(&self, key: ShopKey) -> Option<&ShopPolicy> {
        self.shops.iter().find(|shop| shop.key == key)
    }

    pub fn seller(&self, shop: &ShopPolicy) -> &SubsidiaryPolicy {
        &self.subsidiaries[shop.subsidiary]
    }

    /// The account that a tender's money is debited to; `None` if policy does not know the gateway.
    pub fn tender_account(&self, shop: &ShopPolicy, tender: &Tender) -> Option<InternalId> {
        let seller = self.seller(shop);
        match tender {
            Tender::GiftCard => Some(seller.gift_card_liability),
            Tender::StoreCredit => Some(seller.store_credit_liability),
            Tender::Gateway(name) => {
                let at = shop.clearing.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok()?;
                Some(shop.clearing[at].1)
            }
        }
    }

    /// Whether this money of a company went to the bank by another way than Shopify.
    pub fn is_paid_elsewhere(&self, order: &Order, transaction: &Transaction) -> bool {
        let Some(terms) = &self.terms else { return false };
        matches!(order.buyer.key, CustomerKey::CompanyLocation(_))
            && matches!(&transaction.tender, Tender::Gateway(gateway) if *gateway == terms.paid_elsewhere)
    }

    /// The day of the seller's books on which an event of this shop is booked.
    pub fn book_date(&self, shop: &ShopPolicy, at: Timestamp) -> BookDate {
        self.seller(shop).books_zone.book_date(at)
    }

    /// Who must act on this cause, and by when.
    pub fn exception(&self, code: CauseCode) -> &ExceptionPolicy {
        self.exceptions
            .iter()
            .find(|known| known.code == code)
            .expect("a loaded policy names an owner for every code")
    }
}
