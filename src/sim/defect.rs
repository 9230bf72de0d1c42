//! Planted defects: mistakes that an integration might make, to prove that each invariant can fail.
//!
//! A [`Defect`] can be made in this room only: no configuration, feature or flag leads to one. Each acts between
//! the engine and what it talks to, on the way of a request, of a store operation or of the policy; the engine
//! itself has no hook. What they do to tax and discounts is in [`amounts`], to what the engine hears of and when in
//! [`arrival`], to what follows an order in [`money`], to payouts and shut months in [`settlement`].

mod amounts;
mod arrival;
mod money;
mod settlement;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::domain::sales_order::LineKey;
use crate::domain::{CauseCode, Duration, InternalId, ShopKey, Timestamp};
use crate::mocks::netsuite::{DocumentKind, NetsuiteTwin};
use crate::mocks::shopify::ShopifyTwin;
use crate::platforms::netsuite::operation::suiteql::prices::PriceRows;
use crate::platforms::netsuite::operation::suiteql::{Query, Rows};
use crate::platforms::netsuite::operation::{Answer, Request, Response};
use crate::platforms::netsuite::wire::{JsonDecimal, LineBody, Reference, Tag};
use crate::platforms::shopify::operation as shopify;
use crate::platforms::shopify::operation::{
    Answer as ShopifyAnswer, Request as ShopifyRequest, Response as ShopifyResponse,
};
use crate::platforms::shopify::wire::QuantityName;
use crate::platforms::shopify::wire::payment::{TermsCreateData, TermsCreatePayload};
use crate::policy::Policy;
use crate::ports::store::{Exception, ExceptionKey, ExceptionState, Hint, LinkKind, Outcome, Step};
use arrival::Heard;
use money::Believed;
use rust_decimal::Decimal;

/// A mistake of known kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sales order is answered as saved and was not.
    SwallowedWrite,
    /// The first line of a sales order is a minor unit too high.
    AlteredAmount,
    /// A customer is saved a second time under another external id.
    RenamedCustomer,
    /// The second line of a sales order is sent as more of the first.
    MergedLines,
    /// One storefront is routed to another storefront's books.
    WrongPolicy,
    /// One posting of a deposit is a minor unit off.
    MiscountedPosting,
    /// A gift card is debited to the first clearing account instead of its liability.
    MispostedTender,
    /// A deposit is saved a second time under another external id.
    DoubledDeposit,
    /// Some orders are acknowledged and nothing is recorded of them.
    ForgottenHint,
    /// The engine is told of twice the slots that the account has.
    GreedyGovernor,
    /// Every retry is put off by a week.
    EndlessBackoff,
    /// Exceptions are dropped on their way into the store.
    UnraisedException,
    /// An exception is raised for an order that needs nobody.
    FalseException,
    /// One audit entry is rewritten in the store.
    TamperedAudit,
    /// Tax is computed once for the document (failures.md A6).
    RecomputedTax,
    /// Tax is computed before the discount comes off (failures.md A7).
    DiscountAfterTax,
    /// A discount comes off the net with its tax still in it (failures.md A7).
    DiscountNotStripped,
    /// All discounts are booked under one name.
    PooledDiscounts,
    /// Tax that a marketplace remits is booked as the merchant's own.
    MarketplaceTaxKept,
    /// Whether an order is there is checked, and then it is made: twice, under two external ids (failures.md A4).
    CheckThenCreate,
    /// There is no sweep: what no webhook tells, nobody learns (failures.md A5).
    NoSweep,
    /// The sweep reads a fixed time back and starts late (failures.md B1).
    FixedLookBack,
    /// The sweep's cursor is a day of the account's zone (failures.md B1).
    DateOnlyCursor,
    /// What is said of an order before its creation is acknowledged and dropped (failures.md B12).
    EarlyPaymentDropped,
    /// What was refused for the limits waits for the next hourly run (failures.md B3).
    RefusedUntilNextRun,
    /// What changed in prices is only looked at by night.
    NightlyPriceJob,
    /// A price look-up that fails puts retail prices in place.
    RetailOnTimeout,
    /// Payment terms are answered as given and were not.
    TermsDropped,
    /// Changes of an address are answered and never made (failures.md A12).
    AddressKept,
    /// Shipments are matched with the first line of their item (failures.md B13).
    MatchedBySku,
    /// A customer refund is saved a second time under another external id (failures.md A9).
    DoubledRefund,
    /// Gift cards are sold as ordinary goods (failures.md A8).
    CardAsRevenue,
    /// Goods that came back are put on hand twice (failures.md A9).
    StockReturnedTwice,
    /// What is kept of a refund is not taken off the credit (failures.md A9).
    FeeIgnored,
    /// A credit memo is made to equal the money that went back (failures.md A10).
    PluggedExchange,
    /// What the buyer saw is booked as the shop's money (failures.md B5).
    PresentmentBooked,
    /// Deposits and invoices are dated by the order (failures.md B6).
    DatedByOrder,
    /// Money of a cancelled order goes back and its deposit stays (failures.md B11).
    DepositStays,
    /// The first levels that were ever set are set again after each later call, without comparing.
    StaleRetry,
    /// The engine is told of no kits, so that bundles are ordered as themselves.
    ParentRelieved,
    /// Answers that say 200 and name errors lose the errors.
    HiddenErrors,
    /// What is available is written as what is on hand.
    OnHandForAvailable,
    /// What Shopify has committed reads as nothing.
    UnseenForgotten,
    /// NetSuite's changes are looked at every fifteen minutes.
    SlowFeed,
    /// The engine takes each side's fields of a product for the other's.
    SwappedOwners,
    /// What was settled of a product is not remembered, so that NetSuite's word is set over whatever happened since.
    ForgetsWhatWasSettled,
    /// Prices of products are sent when everything else is done: never, on that day.
    PublishedBare,
    /// A row of a payout is left out and a variance line makes up for it (failures.md A1, B16).
    PluggedPayout,
    /// A charge is booked less its fee.
    NettedFee,
    /// A payout is posted a second time under another external id.
    PayoutAgain,
    /// What is refused because the month is shut is posted into it all the same.
    OverriddenPeriod,
    /// Exchange differences of payouts are answered as posted and were not.
    RatesIgnored,
    /// What a sister owes for a payout is booked as her own accruals.
    OneSidedDebt,
}

impl Defect {
    #[cfg(test)]
    pub(super) const fn plant(kind: Kind) -> Defect {
        Defect(kind)
    }

    /// As the invariants name it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::SwallowedWrite => "swallowed-write",
            Kind::AlteredAmount => "altered-amount",
            Kind::RenamedCustomer => "renamed-customer",
            Kind::MergedLines => "merged-lines",
            Kind::WrongPolicy => "wrong-policy",
            Kind::MiscountedPosting => "miscounted-posting",
            Kind::MispostedTender => "misposted-tender",
            Kind::DoubledDeposit => "doubled-deposit",
            Kind::ForgottenHint => "forgotten-hint",
            Kind::GreedyGovernor => "greedy-governor",
            Kind::EndlessBackoff => "endless-backoff",
            Kind::UnraisedException => "unraised-exception",
            Kind::FalseException => "false-exception",
            Kind::TamperedAudit => "tampered-audit",
            Kind::RecomputedTax => "recomputed-tax",
            Kind::DiscountAfterTax => "discount-after-tax",
            Kind::DiscountNotStripped => "discount-not-stripped",
            Kind::PooledDiscounts => "pooled-discounts",
            Kind::MarketplaceTaxKept => "marketplace-tax-kept",
            Kind::CheckThenCreate => "check-then-create",
            Kind::NoSweep => "no-sweep",
            Kind::FixedLookBack => "fixed-look-back",
            Kind::DateOnlyCursor => "date-only-cursor",
            Kind::EarlyPaymentDropped => "early-payment-dropped",
            Kind::RefusedUntilNextRun => "refused-until-next-run",
            Kind::NightlyPriceJob => "nightly-price-job",
            Kind::RetailOnTimeout => "retail-on-timeout",
            Kind::TermsDropped => "terms-dropped",
            Kind::AddressKept => "address-kept",
            Kind::MatchedBySku => "matched-by-sku",
            Kind::DoubledRefund => "doubled-refund",
            Kind::CardAsRevenue => "card-as-revenue",
            Kind::StockReturnedTwice => "stock-returned-twice",
            Kind::FeeIgnored => "fee-ignored",
            Kind::PluggedExchange => "plugged-exchange",
            Kind::PresentmentBooked => "presentment-booked",
            Kind::DatedByOrder => "dated-by-order",
            Kind::DepositStays => "deposit-stays",
            Kind::StaleRetry => "stale-retry",
            Kind::ParentRelieved => "parent-relieved",
            Kind::HiddenErrors => "hidden-errors",
            Kind::OnHandForAvailable => "on-hand-for-available",
            Kind::UnseenForgotten => "unseen-forgotten",
            Kind::SlowFeed => "slow-feed",
            Kind::SwappedOwners => "swapped-owners",
            Kind::ForgetsWhatWasSettled => "forgets-what-was-settled",
            Kind::PublishedBare => "published-bare",
            Kind::PluggedPayout => "plugged-payout",
            Kind::NettedFee => "netted-fee",
            Kind::PayoutAgain => "payout-again",
            Kind::OverriddenPeriod => "overridden-period",
            Kind::RatesIgnored => "rates-ignored",
            Kind::OneSidedDebt => "one-sided-debt",
        }
    }
}

/// The defect of one run, if any, and how often it acted.
#[derive(Debug, Clone, Default)]
pub struct Planted {
    defect: Option<Defect>,
    acted: Arc<AtomicU64>,
    heard: Arc<Heard>,
    believed: Arc<Believed>,
    /// The first call that set levels, to be repeated.
    first_levels: Arc<Mutex<Option<(ShopKey, ShopifyRequest)>>>,
}

impl Planted {
    pub fn new(defect: Option<Defect>) -> Planted {
        Planted {
            defect,
            acted: Arc::default(),
            heard: Arc::default(),
            believed: Arc::default(),
            first_levels: Arc::default(),
        }
    }

    /// Name and how often it acted.
    pub fn report(&self) -> Option<(&'static str, u64)> {
        self.defect.map(|defect| (defect.name(), self.acted.load(Ordering::Relaxed)))
    }

    fn is(&self, kind: Kind) -> bool {
        self.defect == Some(Defect(kind))
    }

    fn act(&self) {
        self.acted.fetch_add(1, Ordering::Relaxed);
    }

    /// The policy that the engine gets to see.
    pub fn policy(&self, policy: &Arc<Policy>) -> Arc<Policy> {
        let mut changed = Policy::clone(policy);
        if self.is(Kind::GreedyGovernor) {
            changed.netsuite.slots *= 2;
            self.act();
        } else if self.is(Kind::SlowFeed) {
            changed.stock.every = Duration::from_mins(15);
            self.act();
        } else if let Some(products) = &mut changed.products
            && self.is(Kind::SwappedOwners)
        {
            products.owners.values_mut().for_each(|owner| *owner = owner.other());
            self.act();
        } else if self.is(Kind::WrongPolicy) && changed.subsidiaries.len() > 1 {
            // The second storefront's orders go to the first one's books (failures.md B7).
            let home = changed.shops[0].subsidiary;
            let away = changed.shops.iter().position(|shop| shop.subsidiary != home);
            if let Some(at) = away {
                changed.shops[at].subsidiary = home;
                self.act();
            }
        } else if self.spoil_tax_codes(&mut changed) || self.spoil_cursor(&mut changed) {
            self.act();
        } else {
            return Arc::clone(policy);
        }
        Arc::new(changed)
    }

    /// A request on its way to NetSuite.
    pub fn alter(&self, request: &mut Request) {
        self.alter_amounts(request);
        self.alter_payout(request);
        match request {
            Request::UpsertSalesOrder { body, .. } => {
                let Some(lines) = body.item.as_mut().map(|sublist| &mut sublist.items) else { return };
                if self.is(Kind::AlteredAmount) {
                    if let Some(amount) = lines.first_mut().and_then(|line| line.amount.as_mut()) {
                        *amount = plus_one(*amount);
                        self.act();
                    }
                } else if self.is(Kind::MergedLines)
                    && let Some((gone, kept)) = merge(lines)
                {
                    let taxes = body.tax_details.iter_mut().flat_map(|sublist| &mut sublist.items);
                    for tax in taxes.filter(|tax| Some(&tax.tax_details_reference) == gone.as_ref()) {
                        tax.tax_details_reference =
                            kept.clone().unwrap_or_else(|| tax.tax_details_reference.clone());
                    }
                    self.act();
                }
            }
            Request::UpsertCustomerDeposit { body, .. } if self.is(Kind::MispostedTender) => {
                if let Some(Reference::Id(account)) = &mut body.account
                    && let Some(clearing) = clearing_of(*account)
                {
                    *account = clearing;
                    self.act();
                }
            }
            _ => {}
        }
    }

    /// A request on its way to Shopify.
    pub fn alter_shopify(&self, request: &mut ShopifyRequest) {
        if let ShopifyRequest::VariantsUpdate(variables) = request
            && self.is(Kind::PublishedBare)
        {
            for variant in &mut variables.variants {
                variant.price = None;
            }
            self.act();
        }
        if let ShopifyRequest::InventorySetQuantities(variables) = request
            && self.is(Kind::OnHandForAvailable)
        {
            variables.input.name = QuantityName::OnHand;
            for row in &mut variables.input.quantities {
                row.change_from_quantity = None;
            }
            self.act();
        }
    }

    /// An earlier write of levels that is repeated after this one.
    pub fn again(
        &self,
        shop: ShopKey,
        request: &ShopifyRequest,
        response: &ShopifyResponse,
    ) -> Option<ShopifyRequest> {
        let ShopifyRequest::InventorySetQuantities(variables) = request else { return None };
        let Some(ShopifyAnswer::InventorySetQuantities(data)) = &response.data else { return None };
        let is_set = data.inventory_set_quantities.as_ref()?.user_errors.is_empty();
        if !self.is(Kind::StaleRetry) || !is_set {
            return None;
        }
        let mut first = self.first_levels.lock().expect("nothing panics over a planted defect");
        let Some((known, ShopifyRequest::InventorySetQuantities(earlier))) = &*first else {
            *first = Some((shop, request.clone()));
            return None;
        };
        let mut again = earlier.clone();
        again.key = format!("{}-again", variables.key).into();
        for row in &mut again.input.quantities {
            row.change_from_quantity = None;
        }
        self.act();
        (*known == shop).then_some(ShopifyRequest::InventorySetQuantities(again))
    }

    /// An answer of Shopify's on its way back.
    pub fn misread_shopify(&self, response: &mut ShopifyResponse) {
        match &mut response.data {
            Some(ShopifyAnswer::InventorySetQuantities(data)) if self.is(Kind::HiddenErrors) => {
                let errors = data.inventory_set_quantities.as_mut().map(|payload| &mut payload.user_errors);
                if let Some(errors) = errors.filter(|errors| !errors.is_empty()) {
                    errors.clear();
                    self.act();
                }
            }
            Some(ShopifyAnswer::InventoryLevels(data)) if self.is(Kind::UnseenForgotten) => {
                let levels =
                    data.location.iter_mut().flat_map(|location| &mut location.inventory_levels.nodes);
                for quantity in levels.flat_map(|level| &mut level.quantities) {
                    if quantity.name == QuantityName::Committed && quantity.quantity != 0 {
                        quantity.quantity = 0;
                        self.act();
                    }
                }
            }
            _ => {}
        }
    }

    /// An answer of NetSuite's on its way back.
    pub fn misread_netsuite(&self, response: &mut Response) {
        if let Ok(Answer::Rows(Rows::Kits(rows))) = &mut response.answer
            && self.is(Kind::ParentRelieved)
            && !rows.is_empty()
        {
            rows.clear();
            self.act();
        }
    }

    /// The answer to a request that is not carried out.
    pub fn swallow(&self, request: &Request) -> Option<Response> {
        let swallowed = match request {
            Request::UpsertSalesOrder { eid, .. } => {
                self.is(Kind::SwallowedWrite) && eid.ends_with(['0', '5'])
            }
            Request::UpsertCustomerDeposit { body, .. } => self.is_of_unknown_order(body),
            Request::CreateJournalEntry { body } => self.ignores_rates(body),
            _ => self.swallows_what_follows(request),
        };
        if !swallowed {
            return None;
        }
        self.act();
        Some(Response { status: 204, answer: Ok(Answer::Saved { id: InternalId::new(u64::from(u32::MAX)) }) })
    }

    /// After a request was carried out.
    pub fn after_write(&self, twin: &mut NetsuiteTwin, request: &Request, now: Timestamp) {
        self.create_again(twin, request, now);
        self.save_twice(twin, request, now);
        self.post_again(twin, request, now);
        match request {
            Request::UpsertCustomer { eid, body } if self.is(Kind::RenamedCustomer) => {
                let again = Request::UpsertCustomer { eid: format!("{eid}-2").into(), body: body.clone() };
                if twin.execute(&again, now).answer.is_ok() {
                    self.act();
                }
            }
            Request::UpsertCustomerDeposit { eid, body } if self.is(Kind::DoubledDeposit) => {
                let again =
                    Request::UpsertCustomerDeposit { eid: format!("{eid}-2").into(), body: body.clone() };
                if twin.execute(&again, now).answer.is_ok() {
                    self.act();
                }
            }
            Request::UpsertCustomerDeposit { eid, .. } if self.is(Kind::MiscountedPosting) => {
                let id =
                    twin.document_by_key(DocumentKind::CustomerDeposit, eid).map(|found| found.internal_id());
                if id.is_some_and(|id| twin.miscount_posting(id, 1)) {
                    self.act();
                }
            }
            _ => {}
        }
    }

    /// The answer to a read on its way back: by day nothing seems to have changed (failures.md B8).
    pub fn blind(&self, response: &mut Response, now: Timestamp) {
        let hour = now.seconds().rem_euclid(86_400) / 3_600;
        if let Ok(Answer::Rows(Rows::Prices(PriceRows::Changed(rows)))) = &mut response.answer
            && self.is(Kind::NightlyPriceJob)
            && hour != 2
            && !rows.is_empty()
        {
            rows.clear();
            self.act();
        }
    }

    /// The answer to a request to Shopify that is not carried out.
    pub fn swallow_terms(&self, request: &shopify::Request) -> Option<shopify::Response> {
        let shopify::Request::PaymentTermsCreate(_) = request else { return None };
        if !self.is(Kind::TermsDropped) {
            return None;
        }
        self.act();
        let payload = TermsCreatePayload { payment_terms: None, user_errors: vec![] };
        let data = TermsCreateData { payment_terms_create: Some(payload) };
        let data = Some(shopify::Answer::PaymentTermsCreate(data));
        Some(shopify::Response { data, errors: vec![], extensions: shopify::Extensions::default() })
    }

    /// After a request that got no answer: whoever then falls back to the public price shows it to buyers with a
    /// contract (failures.md B8).
    pub fn fall_back(&self, twin: &mut ShopifyTwin, request: &Request) {
        if self.is(Kind::RetailOnTimeout) && matches!(request, Request::SuiteQl(Query::Prices(_))) {
            let shops: Vec<_> = twin.shop_keys().collect();
            for shop in shops {
                twin.clear_fixed_prices(shop);
            }
            self.act();
        }
    }

    /// Hints on their way into the store.
    pub fn hints(&self, hints: &[Hint]) -> Option<Vec<Hint>> {
        let forgotten = |hint: &&Hint| {
            self.is(Kind::ForgottenHint) && hint.entity.record.is_multiple_of(5) || self.is_unheard(hint)
        };
        if !hints.iter().any(|hint| forgotten(&hint)) {
            return None;
        }
        self.act();
        Some(hints.iter().filter(|hint| !forgotten(hint)).copied().collect())
    }

    /// A step on its way into the store.
    pub fn step(&self, step: &mut Step, now: Timestamp) {
        if self.is(Kind::EndlessBackoff)
            && let Outcome::Retry { at } = &mut step.outcome
        {
            *at = at.plus(Duration::from_hours(24 * 7));
            self.act();
        }
        let before = step.links.len();
        step.links
            .retain(|link| link.kind != LinkKind::ProductField || !self.is(Kind::ForgetsWhatWasSettled));
        if step.links.len() < before {
            self.act();
        }
        if self.is(Kind::UnraisedException) && !step.raise.is_empty() {
            step.raise.clear();
            self.act();
        }
        if self.is(Kind::FalseException) && step.outcome == Outcome::Done && step.raise.is_empty() {
            let key = ExceptionKey { entity: step.entity, code: CauseCode::DocumentRefused };
            step.raise.push(Exception {
                key,
                state: ExceptionState::Open,
                raised_at: now,
                owner: "nobody".into(),
                deadline: now.plus(Duration::from_hours(1)),
                at_risk: None,
                detail: "nothing is wrong".into(),
                next_step: "none".into(),
            });
            self.act();
        }
    }

    /// Whether one audit entry is to be rewritten before the chain is verified.
    pub fn tampers(&self) -> bool {
        if self.is(Kind::TamperedAudit) {
            self.act();
        }
        self.is(Kind::TamperedAudit)
    }
}

fn plus_one(amount: JsonDecimal) -> JsonDecimal {
    let amount = amount.to_decimal();
    sum(amount, Decimal::new(1, amount.scale()))
}

fn sum(left: Decimal, right: Decimal) -> JsonDecimal {
    JsonDecimal::of_decimal(left + right).expect("a small change of an amount that fits")
}

/// Sends the second line of goods as more of the first; `None` if there is no second. Returns the tax references of
/// the line that is gone and of the one that stays.
fn merge(lines: &mut Vec<LineBody>) -> Option<(Option<Tag>, Option<Tag>)> {
    let is_goods = |line: &LineBody| {
        line.plimsoll_key.as_ref().is_some_and(|key| matches!(key, Tag::Component(LineKey::Goods(_))))
    };
    let goods: Vec<usize> = (0..lines.len()).filter(|at| is_goods(&lines[*at])).collect();
    let [first, second, ..] = goods[..] else { return None };
    let gone = lines.remove(second);
    let kept = &mut lines[first];
    let merged = |kept: Option<JsonDecimal>, gone: Option<JsonDecimal>| {
        kept.zip(gone).map(|(kept, gone)| sum(kept.to_decimal(), gone.to_decimal()))
    };
    kept.amount = merged(kept.amount, gone.amount);
    kept.quantity = merged(kept.quantity, gone.quantity);
    Some((gone.tax_details_reference, kept.tax_details_reference.clone()))
}

/// In the charts of the shipped profiles, the card processor's clearing account of the same entity.
fn clearing_of(liability: InternalId) -> Option<InternalId> {
    (liability.get() % 10_000 == 2_300).then(|| InternalId::new(liability.get() - 2_300 + 1_110))
}

#[cfg(test)]
mod tests;
