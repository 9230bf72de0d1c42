//! What a person must know: findings become exceptions with owner, deadline and next step from policy, and
//! close when their invariant holds again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::domain::{CauseCode, MerchantKey, Money, Timestamp};
use crate::policy::Policy;
use crate::ports::store::{Exception, ExceptionKey, ExceptionState, StoreError};
use crate::ports::{Entity, Store};

/// Something that a flow cannot settle by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: CauseCode,
    pub at_risk: Option<Money>,
    /// With ids and external ids, never names or addresses.
    pub detail: String,
}

impl Finding {
    pub fn new(code: CauseCode, at_risk: Option<Money>, detail: impl Into<String>) -> Finding {
        Finding { code, at_risk, detail: shown(&detail.into()) }
    }

    pub fn raise(self, entity: Entity, state: ExceptionState, policy: &Policy, now: Timestamp) -> Exception {
        let rule = policy.exception(self.code);
        Exception {
            key: ExceptionKey { entity, code: self.code },
            state,
            raised_at: now,
            owner: rule.owner.clone(),
            deadline: now.plus(rule.deadline),
            at_risk: self.at_risk,
            detail: self.detail.into_boxed_str(),
            next_step: next_step(self.code).into(),
        }
    }
}

/// As a person may be shown it. Titles, SKUs and the platforms' own sentences carry strangers' text: what would move
/// the cursor, hide letters or turn their order is spelled out. Joiners stay, because letters and emoji need them.
fn shown(text: &str) -> String {
    let misleads = |character: char| {
        character.is_control()
            || matches!(
                character,
                '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            )
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
    };
    if !text.contains(misleads) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match misleads(character) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// What the owner does first.
fn next_step(code: CauseCode) -> &'static str {
    match code {
        CauseCode::CustomerLikelyDuplicate => {
            "compare both records; merge them in NetSuite or confirm that they differ"
        }
        CauseCode::ReferenceRejected => {
            "create, activate or share the named record in NetSuite; it is retried by itself"
        }
        CauseCode::RouteMissing => "add the shop or its currency to the policy",
        CauseCode::GatewayUnmapped => "name the gateway's clearing account in the policy",
        CauseCode::AmountsDisagree => {
            "compare the order with Shopify; if Shopify is right, report the difference"
        }
        CauseCode::DocumentRefused => {
            "read NetSuite's reason; mend the record or the policy; it is retried by itself"
        }
        CauseCode::PeriodShut => "open the period, or let policy date the document in the next open one",
        CauseCode::RecordLocked => "release the lock in NetSuite; it is retried by itself",
        CauseCode::Unanswered => "see whether the platform is up; it is retried by itself",
        CauseCode::CapturedExceedsOrder => "refund the surplus, or add to the order what it pays for",
        CauseCode::ChangedAfterRelease => "tell the warehouse before the pick wave",
        CauseCode::Unauthorized => "renew the credentials or the role's permissions",
        CauseCode::OrderVanished => "find out who deleted the order in Shopify",
        CauseCode::AddressChangedAfterRelease => "stop the parcel or relabel it before the pick wave",
        CauseCode::CancelledAfterRelease => "take the order out of the pick wave, or stop the parcel",
        CauseCode::ShipmentUnmatched => "compare the parcel with the order; correct the item fulfillment",
        CauseCode::FulfillmentHeld => "release the hold in Shopify, or recall the parcel",
        CauseCode::SilentOrder => {
            "ask the warehouse for the order; close its lines if it will not be shipped"
        }
        CauseCode::RefundDisagrees => {
            "compare the refund's parts with the money; post the difference by its cause"
        }
        CauseCode::RefundExceedsCaptured => "find out who gave more back than came in; recover it",
        CauseCode::RefundFailed => "issue the refund again by another way",
        CauseCode::KeyedByHand => {
            "compare the document with the order; give it the key that is named, or reverse it"
        }
        CauseCode::StockReturnUnrelieved => "count the item; correct the stock by hand",
        CauseCode::GiftCardDrift => {
            "compare the cards with the liability account, from the day that is named"
        }
        CauseCode::FulfilledInShopify => {
            "find the parcel's item fulfillment, or cancel the fulfillment in Shopify"
        }
        CauseCode::PriceUnproven => {
            "see whether NetSuite is up; tell the named buyers, or take their catalog offline until it is"
        }
        CauseCode::CreditLimitExceeded => {
            "collect, raise the limit, or approve the named sales orders in NetSuite"
        }
        CauseCode::PriceRejected => "read the reason; give buyers with other prices a catalog of their own",
        CauseCode::CompanyUnmapped => "give the NetSuite customer the named external id",
        CauseCode::PaidElsewhereUnmatched => "find the payment; key it in NetSuite, or void it in Shopify",
        CauseCode::ItemUnmapped => {
            "stock the item at the location in NetSuite, or stop tracking it in Shopify"
        }
        CauseCode::LocationUnmapped => "correct the location's number in the policy",
        CauseCode::StockRejected => "read Shopify's reason; mend the item or stop tracking it",
        CauseCode::StockDrift => "find out who else writes levels in Shopify",
        CauseCode::OversoldUnits => "buy in, or refund the latest orders",
        CauseCode::BundleUnresolved => "give the kit its members in NetSuite; it is retried by itself",
        CauseCode::FieldOwnedElsewhere => {
            "change the field where it is owned, or take the other side's change back"
        }
        CauseCode::PayoutLineUnmatched => {
            "bring the named transaction's document into NetSuite; the payout is then posted by itself"
        }
        CauseCode::PayoutAmountDiffers => {
            "compare the document with the named row; post the difference by its cause"
        }
        CauseCode::PayoutTypeUnknown => "find out what the row is; the payout waits for a rule",
        CauseCode::BankDiffers => "ask the bank and the processor for the named payout",
        CauseCode::PayoutFailed => "mend the bank account in Shopify; the money comes with a later payout",
        CauseCode::ClearingUnmatched => "move the named document to the gateway's clearing account",
        CauseCode::PayoutNotBalanced => "compare the payout with its rows in Shopify; report the difference",
        CauseCode::JournalChanged => "undo the change, or reverse the journal: then it is posted anew",
        CauseCode::DuplicateClearingRecord => "reverse the documents that are one too many",
        CauseCode::DeliveryContradicts => "compare both bodies; find out who else knows the signing secret",
        CauseCode::DataRequested => "send the customer's data to the merchant within 30 days",
        CauseCode::ErasureRequested => "erase the customer's data in NetSuite as far as the law lets you",
    }
}

/// Which exceptions are open, kept beside the store so that a step that closes none costs no look-up.
#[derive(Default)]
pub struct OpenExceptions(Mutex<BTreeMap<Entity, BTreeSet<CauseCode>>>);

impl OpenExceptions {
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: &impl Store, merchant: MerchantKey) -> Result<OpenExceptions, StoreError> {
        let mut open: BTreeMap<Entity, BTreeSet<CauseCode>> = BTreeMap::new();
        for exception in store.open_exceptions(merchant).await? {
            open.entry(exception.key.entity).or_default().insert(exception.key.code);
        }
        Ok(OpenExceptions(Mutex::new(open)))
    }

    /// Open ones of several entities.
    pub fn of(&self, entities: impl IntoIterator<Item = Entity>) -> Vec<ExceptionKey> {
        let open = self.0.lock().expect("no code panics while it holds the open exceptions");
        if open.is_empty() {
            return vec![];
        }
        let codes = |entity| open.get(&entity).into_iter().flatten().map(move |code| (entity, *code));
        entities.into_iter().flat_map(codes).map(|(entity, code)| ExceptionKey { entity, code }).collect()
    }

    /// After a step was committed.
    pub fn note(&self, raised: &[ExceptionKey], converged: &[ExceptionKey]) {
        if raised.is_empty() && converged.is_empty() {
            return;
        }
        let mut open = self.0.lock().expect("no code panics while it holds the open exceptions");
        for key in raised {
            open.entry(key.entity).or_default().insert(key.code);
        }
        for key in converged {
            if let Some(codes) = open.get_mut(&key.entity) {
                codes.remove(&key.code);
                if codes.is_empty() {
                    open.remove(&key.entity);
                }
            }
        }
    }
}
