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
        Finding { code, at_risk, detail: detail.into() }
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
        CauseCode::PriceUnproven => {
            "see whether NetSuite is up; tell the named buyers, or take their catalog offline until it is"
        }
        CauseCode::CreditLimitExceeded => {
            "collect, raise the limit, or approve the named sales orders in NetSuite"
        }
        CauseCode::PriceRejected => "read the reason; give buyers with other prices a catalog of their own",
        CauseCode::CompanyUnmapped => "give the NetSuite customer the named external id",
        CauseCode::PaidElsewhereUnmatched => "find the payment; key it in NetSuite, or void it in Shopify",
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

    pub fn of(&self, entity: Entity) -> Vec<CauseCode> {
        let open = self.0.lock().expect("no code panics while it holds the open exceptions");
        open.get(&entity).map(|codes| codes.iter().copied().collect()).unwrap_or_default()
    }

    /// After a step was committed.
    pub fn note(&self, raised: &[ExceptionKey], entity: Entity, converged: &[CauseCode]) {
        if raised.is_empty() && converged.is_empty() {
            return;
        }
        let mut open = self.0.lock().expect("no code panics while it holds the open exceptions");
        for key in raised {
            open.entry(key.entity).or_default().insert(key.code);
        }
        if let Some(codes) = open.get_mut(&entity) {
            for code in converged {
                codes.remove(code);
            }
            if codes.is_empty() {
                open.remove(&entity);
            }
        }
    }
}
