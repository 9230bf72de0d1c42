//! How payouts are settled: how often they are asked for, how long a row may lack its counterpart, and the accounts that
//! their rows are booked to.
//!
//! Lives here: the values of `[settlement]`, and reading them. Which type of row goes to which account is the engine's.
//!
//! Source: postings.md rows 26–36 and *Switches*.

use super::accounting::built_choice;
use super::document::{Refused, Sources};
use super::file::{self, PolicyFile, Text};
use super::grammar;
use super::{ShopPolicy, SubsidiaryPolicy};
use crate::domain::{Currency, Duration, InternalId, ShopKey};

/// The gateway whose money is paid out by Shopify.
///
/// Source: shopify.md §m.3: no other gateway is in these payouts.
pub const GATEWAY: &str = "shopify_payments";

/// Statuses of old payouts change (shopify.md §m.3). Assumption: the source states no limit; two weeks are more than
/// any bank takes to send money back.
const OVERLAP: Duration = Duration::from_hours(24 * 14);

/// Assumption: an order that is not in NetSuite three days after its money was paid out waits for a person.
const SETTLING_WINDOW: Duration = Duration::from_hours(24 * 3);

/// The bank needs one to three business days (shopify.md §m.3): with a weekend and a holiday between, a week.
const BANK_WINDOW: Duration = Duration::from_hours(24 * 7);

/// How payouts are settled.
#[derive(Debug, Clone)]
pub struct SettlementPolicy {
    /// Between two looks at payouts, disputes and bank statements.
    pub every: Duration,
    /// Between two comparisons of all payouts within the overlap, whether or not anything said that they changed: nobody
    /// tells that a journal was edited.
    pub compare_every: Duration,
    /// How far each look reaches back behind the one before it; at least as long as either window.
    pub overlap: Duration,
    /// After a payout was issued: so long may a row lack its counterpart in NetSuite before a person is told.
    pub settling_window: Duration,
    /// After a payout was issued: so long may it be missing on the bank's statement before a person is told.
    pub bank_window: Duration,
    /// How the references of the processor's lines begin on the bank's statement; a line like that which is of no payout
    /// is told to a person. Without it such lines may be anyone's money.
    pub bank_trace: Option<Box<str>>,
    /// Shops whose money comes by [`GATEWAY`], in the order of the policy.
    pub shops: Vec<ShopSettlement>,
}

/// Where one shop's payouts are booked.
#[derive(Debug, Clone)]
pub struct ShopSettlement {
    pub shop: ShopKey,
    /// Position in [`super::Policy::subsidiaries`] of the one whose bank account is paid.
    pub owner: usize,
    /// In which it is paid out.
    pub currency: Currency,
    /// The gateway's clearing account, in the shop's currency.
    pub clearing: InternalId,
    /// Of the subsidiary that sells.
    pub accounts: SettlementAccounts,
    /// Of the one that is paid.
    pub owner_accounts: SettlementAccounts,
}

/// Accounts of one subsidiary (postings.md, account list).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementAccounts {
    /// PIT.
    pub in_transit: InternalId,
    /// RPO.
    pub returned: InternalId,
    /// FEE.
    pub fees: InternalId,
    /// FTX.
    pub fee_tax: InternalId,
    /// DFEE.
    pub dispute_fees: InternalId,
    /// DSP.
    pub disputes: InternalId,
    /// DLOSS.
    pub dispute_losses: InternalId,
    /// RSV.
    pub reserve: InternalId,
    /// FRT.
    pub freight: InternalId,
    /// DUTY.
    pub duties: InternalId,
    /// LOAN.
    pub loan: InternalId,
    pub advertising: InternalId,
    /// For credits and charges of the processor that are none of the above.
    pub adjustments: InternalId,
    /// ACC.
    pub accruals: InternalId,
    /// FXB.
    pub exchange_bridge: InternalId,
    /// FXR.
    pub exchange: InternalId,
    /// ICR.
    pub due_from: InternalId,
    /// ICP.
    pub due_to: InternalId,
}

impl SettlementPolicy {
    /// `None` for a shop without payouts.
    pub fn shop(&self, key: ShopKey) -> Option<&ShopSettlement> {
        self.shops.iter().find(|known| known.shop == key)
    }

    /// # Errors
    /// A switch that is not built, a window beyond the overlap, a subsidiary without accounts.
    pub(super) fn read(
        sources: &Sources,
        policy: &PolicyFile,
        subsidiaries: &[SubsidiaryPolicy],
        shops: &[ShopPolicy],
    ) -> Result<Option<SettlementPolicy>, Refused> {
        let Some(written) = &policy.settlement else { return Ok(None) };
        let keys = written.get();
        // Switches with one value that is built say nothing else than that the value is that one.
        for (switch, built, published) in [
            (&keys.posting, "journal", "deposit-record"),
            (&keys.unknown_type, "park", "holding-account"),
            (&keys.fee_tax, "expense", "recoverable"),
            (&keys.dispute_lost, "expense", "credit-memo"),
        ] {
            if let Some(value) = switch {
                built_choice(sources, value, &[built], &[published])?;
            }
        }
        let length = |text: &Option<Text>, default: Duration| match text {
            Some(text) => sources.read(text, grammar::positive_duration),
            None => Ok(default),
        };
        let settling_window = length(&keys.settling_window, SETTLING_WINDOW)?;
        let bank_window = length(&keys.bank_window, BANK_WINDOW)?;
        let longest = settling_window.max(bank_window);
        let overlap = length(&keys.overlap, OVERLAP.max(longest))?;
        if let Some(text) = keys.overlap.as_ref().filter(|_| overlap < longest) {
            return Err(sources
                .error(text.span(), "out-of-range", "`overlap` is shorter than a window")
                .remedy("a payout is looked at until both of its windows have ended: look back that far"));
        }
        let shops = policy
            .shop
            .0
            .iter()
            .zip(shops)
            .filter_map(|((_, text), known)| {
                shop(sources, policy, subsidiaries, text.get(), known).transpose()
            })
            .collect::<Result<Vec<_>, _>>()?;
        let every = length(&keys.every, Duration::from_hours(1))?;
        // Assumption: twice a day is soon enough to hear that somebody edited a journal.
        let compare_every = length(&keys.compare_every, Duration::from_hours(12))?;
        let bank_trace = keys.bank_trace.as_ref().map(|text| text.get().as_str().into());
        if let Some(text) = keys.bank_trace.as_ref().filter(|text| text.get().trim().is_empty()) {
            return Err(sources
                .error(text.span(), "missing-value", "`bank-trace` is empty, so every line begins like it")
                .remedy("write how the processor's references begin, or leave it out"));
        }
        Ok(Some(SettlementPolicy {
            every,
            compare_every,
            overlap,
            settling_window,
            bank_window,
            bank_trace,
            shops,
        }))
    }
}

fn shop(
    sources: &Sources,
    policy: &PolicyFile,
    subsidiaries: &[SubsidiaryPolicy],
    written: &file::Shop,
    known: &ShopPolicy,
) -> Result<Option<ShopSettlement>, Refused> {
    let at = known.clearing.iter().find(|(gateway, _)| &**gateway == GATEWAY);
    let Some(&(_, clearing)) = at else { return Ok(None) };
    let owner = match &written.payout_owner {
        Some(owner) => {
            let keys = subsidiaries.iter().map(|subsidiary| subsidiary.key.as_str());
            sources.refer(owner, "subsidiary", keys)?
        }
        None => known.subsidiary,
    };
    let currency = match &written.payout_currency {
        Some(currency) => sources.read(currency, grammar::currency)?,
        None => known.currency,
    };
    Ok(Some(ShopSettlement {
        shop: known.key,
        owner,
        currency,
        clearing,
        accounts: accounts(sources, policy, known.subsidiary)?,
        owner_accounts: accounts(sources, policy, owner)?,
    }))
}

fn accounts(sources: &Sources, policy: &PolicyFile, at: usize) -> Result<SettlementAccounts, Refused> {
    let (key, subsidiary) = &policy.subsidiary.0[at];
    let Some(written) = &subsidiary.get().settlement else {
        let cause = format!("subsidiary `{}` has no accounts for payouts", key.get());
        return Err(sources
            .error(subsidiary.span(), "missing-key", cause)
            .remedy("add `settlement = { in-transit = …, fees = …, … }`, or leave out `[settlement]`"));
    };
    let id = |written: &super::document::Placed<u64>| InternalId::new(*written.get());
    Ok(SettlementAccounts {
        in_transit: id(&written.in_transit),
        returned: id(&written.returned),
        fees: id(&written.fees),
        fee_tax: id(&written.fee_tax),
        dispute_fees: id(&written.dispute_fees),
        disputes: id(&written.disputes),
        dispute_losses: id(&written.dispute_losses),
        reserve: id(&written.reserve),
        freight: id(&written.freight),
        duties: id(&written.duties),
        loan: id(&written.loan),
        advertising: id(&written.advertising),
        adjustments: id(written.adjustments.as_ref().unwrap_or(&written.fees)),
        accruals: id(&written.accruals),
        exchange_bridge: id(&written.exchange_bridge),
        exchange: id(&written.exchange),
        due_from: id(&written.due_from),
        due_to: id(&written.due_to),
    })
}
