//! Performs what the plan says about one order's refunds, round by round.

use super::{Action, Observed, plan};
use crate::domain::billing::{
    KnownAdjustment, KnownCreditMemo, KnownCustomerRefund, KnownInvoice, RefundSource,
};
use crate::domain::money::Sum;
use crate::domain::{ExternalId, Flow, InternalId, Money, Order, SalesOrder, Timestamp};
use crate::engine::exception::Finding;
use crate::engine::order::units::Units;
use crate::engine::posting::{Document, post};
use crate::engine::step::{Draft, refusal, within_limits};
use crate::engine::{Engine, Ports};
use crate::policy::ShopPolicy;
use crate::ports::netsuite::{Billing, Booked};
use crate::ports::store::{Claim, Link, LinkKind};
use crate::ports::{Entity, PlatformError, Recovery, Store};

/// A refund's memo, its money, the rest that meets an invoice: no order needs as many rounds as this.
const ROUNDS_MAX: u32 = 64;

/// Writes what refunds call for. True if all that is due was done.
pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    shop: &ShopPolicy,
    order: &Order,
    wanted: &SalesOrder,
    booked: Booked,
    draft: &mut Draft,
) -> Result<bool, PlatformError> {
    let entity = Entity { flow: Flow::Refund, ..claim.entity };
    let units = Units::of(order);
    let mut booked = booked;
    let mut journals = journals(engine, entity).await;
    let mut reported: Vec<Finding> = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let seen = Observed { order, units: &units, shop, wanted, booked: &booked, journals: &journals };
        let actions = plan(&seen, &engine.policy);
        reported.clear();
        let mut wrote = false;
        let mut refused = false;
        for action in actions {
            match perform(engine, claim, entity, order, &action, draft).await? {
                Performed::Wrote(id) => {
                    wrote = true;
                    absorb(&mut booked, &mut journals, &action, id);
                }
                Performed::Refused => refused = true,
                Performed::Nothing => {
                    if let Action::Report(finding) = action {
                        reported.push(finding);
                    }
                }
            }
        }
        if refused || !wrote {
            let settled = !refused && reported.is_empty();
            draft.findings.extend(reported.into_iter().map(|finding| (entity, finding)));
            return Ok(settled);
        }
    }
    Ok(false)
}

enum Performed {
    Wrote(InternalId),
    /// A person must mend something first; there is a finding.
    Refused,
    Nothing,
}

async fn perform<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    entity: Entity,
    order: &Order,
    action: &Action,
    draft: &mut Draft,
) -> Result<Performed, PlatformError> {
    let answer = match action {
        Action::Report(_) => return Ok(Performed::Nothing),
        Action::Post { document, link, at_risk } => {
            let written = post(engine, claim, entity, document.clone(), *at_risk, draft).await?;
            let Some(id) = written else { return Ok(Performed::Refused) };
            let external_id = document.external_id().clone();
            draft.links.extend(link.map(|(kind, record)| linked(order, kind, record, external_id, id)));
            return Ok(Performed::Wrote(id));
        }
        Action::ApplyCredit { memo, invoice, amount } => {
            draft.did("apply", memo);
            within_limits(&engine.runtime, claim, |call| {
                engine.netsuite.apply_credit_memo(call, memo, *invoice, *amount)
            })
            .await
        }
        Action::ApplyDeposit { deposit, invoice, amount } => {
            draft.did("apply", deposit);
            within_limits(&engine.runtime, claim, |call| {
                engine.netsuite.apply_deposit(call, *deposit, *invoice, *amount)
            })
            .await
        }
    };
    match answer {
        Ok(()) => Ok(Performed::Wrote(InternalId::new(0))),
        Err(error) => match error.recovery() {
            Recovery::Retry | Recovery::LookUpThenRetry => Err(error),
            Recovery::HandToPerson | Recovery::FixConfiguration => {
                draft.findings.push((entity, refusal(&error)));
                Ok(Performed::Refused)
            }
        },
    }
}

fn linked(order: &Order, kind: LinkKind, record: u64, external_id: ExternalId, id: InternalId) -> Link {
    Link {
        kind,
        record,
        parent: order.id.get(),
        external_id,
        internal_id: id,
        version: Timestamp::ORIGIN,
        read_at: Timestamp::ORIGIN,
        digest: 0,
    }
}

/// Journals of this order that we know to be posted. One that is posted and not known is posted again, and NetSuite
/// finds it by its external id.
async fn journals<P: Ports>(engine: &Engine<P>, entity: Entity) -> Vec<ExternalId> {
    let under =
        engine.store.links_under(entity.merchant, entity.shop, LinkKind::JournalEntry, entity.record).await;
    under.unwrap_or_default().into_iter().map(|link| link.external_id).collect()
}

/// What NetSuite holds after a write, so that the next round needs no second read of it.
pub(super) fn absorb(
    booked: &mut Booked,
    journals: &mut Vec<ExternalId>,
    action: &Action,
    internal_id: InternalId,
) {
    match action {
        Action::Report(_) => {}
        Action::ApplyCredit { memo, invoice, amount } => {
            let known = booked.credit_memos.iter_mut().find(|known| known.external_id.as_ref() == Some(memo));
            if let Some(known) = known {
                known.unapplied = less(known.unapplied, *amount);
            }
            settle(booked, *invoice, *amount);
        }
        Action::ApplyDeposit { deposit, invoice, amount } => {
            let known = booked.deposits.iter_mut().find(|known| known.internal_id == *deposit);
            if let Some(known) = known {
                known.unapplied = less(known.unapplied, *amount);
            }
            settle(booked, *invoice, *amount);
        }
        Action::Post { document, .. } => {
            absorb_document(booked, journals, document, internal_id);
        }
    }
}

fn absorb_document(
    booked: &mut Booked,
    journals: &mut Vec<ExternalId>,
    document: &Document,
    internal_id: InternalId,
) {
    let external_id = Some(document.external_id().clone());
    match document {
        Document::CreditMemo(memo) => {
            let zero = Money::zero(memo.currency);
            let taxes = memo.lines.iter().flat_map(|line| &line.taxes).map(|tax| tax.amount);
            let amounts = memo.lines.iter().map(|line| line.amount).chain(taxes);
            let total = Sum::of(memo.currency, amounts).unwrap_or(zero);
            let applied = Sum::of(memo.currency, memo.apply.iter().map(|(_, part)| *part)).unwrap_or(zero);
            for (invoice, part) in &memo.apply {
                settle(booked, *invoice, *part);
            }
            let unapplied = less(total, applied);
            booked.credit_memos.push(KnownCreditMemo {
                internal_id,
                external_id,
                date: memo.date,
                total,
                unapplied,
            });
        }
        Document::CustomerRefund(refund) => {
            let zero = Money::zero(refund.currency);
            let amount =
                Sum::of(refund.currency, refund.out_of.iter().map(|(_, part)| *part)).unwrap_or(zero);
            for (source, part) in &refund.out_of {
                let left = match source {
                    RefundSource::CreditMemo(id) => booked
                        .credit_memos
                        .iter_mut()
                        .find(|known| known.internal_id == *id)
                        .map(|known| &mut known.unapplied),
                    RefundSource::Deposit(id) => booked
                        .deposits
                        .iter_mut()
                        .find(|known| known.internal_id == *id)
                        .map(|known| &mut known.unapplied),
                };
                if let Some(left) = left {
                    *left = less(*left, *part);
                }
            }
            let account = Some(refund.account);
            let date = refund.date;
            booked.refunds.push(KnownCustomerRefund { internal_id, external_id, date, amount, account });
        }
        Document::StandaloneInvoice(invoice) => booked.invoices.push(KnownInvoice {
            internal_id,
            external_id,
            date: invoice.date,
            total: invoice.amount,
            open: invoice.amount,
            lines: vec![],
        }),
        Document::InventoryAdjustment(_) => {
            booked.adjustments.push(KnownAdjustment { internal_id, external_id });
        }
        Document::Journal(_) => journals.extend(external_id),
        // None of them is a refund's.
        Document::Deposit(_) | Document::Invoice(..) | Document::Intercompany(_) => {}
    }
}

fn settle(booked: &mut Booked, invoice: InternalId, amount: Money) {
    if let Some(known) = booked.invoices.iter_mut().find(|known| known.internal_id == invoice) {
        known.open = less(known.open, amount);
    }
}

/// What is left; NetSuite refuses to go below zero.
fn less(amount: Money, part: Money) -> Money {
    Money::new((amount.minor() - part.minor()).max(0), amount.currency())
}
