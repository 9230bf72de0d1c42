//! Writes documents that post, one way for all of them: if the period of their day is shut, policy says whether they
//! are dated in the next open one; what a person must mend for one does not keep the others from being written.

use super::exception::Finding;
use super::step::{Draft, refusal, within_limits};
use super::{Engine, Ports};
use crate::domain::billing::{
    CreditMemo, CustomerRefund, InventoryAdjustment, Invoice, JournalEntry, StandaloneInvoice,
};
use crate::domain::{BookDate, CauseCode, CustomerDeposit, ExternalId, InternalId, Money};
use crate::policy::Late;
use crate::ports::netsuite::Billing;
use crate::ports::settlement::IntercompanyEntry;
use crate::ports::store::Claim;
use crate::ports::{Call, Entity, NetSuite, PlatformError, Recovery, SettlementBooks};

/// How many months a late document is moved on in search of an open period.
const LATE_MONTHS_MAX: u32 = 12;

/// A document that posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    Deposit(CustomerDeposit),
    /// With the sales order that it bills.
    Invoice(InternalId, Invoice),
    StandaloneInvoice(StandaloneInvoice),
    CreditMemo(CreditMemo),
    CustomerRefund(CustomerRefund),
    InventoryAdjustment(InventoryAdjustment),
    Journal(JournalEntry),
    Intercompany(IntercompanyEntry),
}

impl Document {
    pub fn external_id(&self) -> &ExternalId {
        match self {
            Document::Deposit(it) => &it.external_id,
            Document::Invoice(_, it) => &it.external_id,
            Document::StandaloneInvoice(it) => &it.external_id,
            Document::CreditMemo(it) => &it.external_id,
            Document::CustomerRefund(it) => &it.external_id,
            Document::InventoryAdjustment(it) => &it.external_id,
            Document::Journal(it) => &it.external_id,
            Document::Intercompany(it) => &it.external_id,
        }
    }

    /// Its day, and the field for the day that it would have had in an open period.
    fn dates(&mut self) -> (&mut BookDate, &mut Option<BookDate>) {
        match self {
            Document::Deposit(it) => (&mut it.date, &mut it.original_date),
            Document::Invoice(_, it) => (&mut it.date, &mut it.original_date),
            Document::StandaloneInvoice(it) => (&mut it.date, &mut it.original_date),
            Document::CreditMemo(it) => (&mut it.date, &mut it.original_date),
            Document::CustomerRefund(it) => (&mut it.date, &mut it.original_date),
            Document::InventoryAdjustment(it) => (&mut it.date, &mut it.original_date),
            Document::Journal(it) => (&mut it.date, &mut it.original_date),
            Document::Intercompany(it) => (&mut it.date, &mut it.original_date),
        }
    }

    /// In the audit trail.
    fn verb(&self) -> &'static str {
        match self {
            Document::Deposit(_) => "deposit",
            Document::Invoice(..) | Document::StandaloneInvoice(_) => "bill",
            Document::CreditMemo(_) => "credit",
            Document::CustomerRefund(_) => "refund",
            Document::InventoryAdjustment(_) => "restock",
            Document::Journal(_) | Document::Intercompany(_) => "journal",
        }
    }

    async fn write<N: NetSuite + Billing + SettlementBooks>(
        &self,
        netsuite: &N,
        call: Call,
    ) -> Result<InternalId, PlatformError> {
        match self {
            Document::Deposit(it) => netsuite.upsert_customer_deposit(call, it).await,
            Document::Invoice(sales_order, it) => netsuite.bill(call, *sales_order, it).await,
            Document::StandaloneInvoice(it) => netsuite.upsert_invoice(call, it).await,
            Document::CreditMemo(it) => netsuite.upsert_credit_memo(call, it).await,
            Document::CustomerRefund(it) => netsuite.upsert_customer_refund(call, it).await,
            Document::InventoryAdjustment(it) => netsuite.upsert_inventory_adjustment(call, it).await,
            Document::Journal(it) => netsuite.post_journal(call, it).await,
            Document::Intercompany(it) => netsuite.post_intercompany(call, it).await,
        }
    }
}

/// Writes one document; its id, or nothing if a person must mend something first: then there is a finding of
/// `entity`, with what is at risk.
pub(super) async fn post<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    entity: Entity,
    document: Document,
    at_risk: Option<Money>,
    draft: &mut Draft,
) -> Result<Option<InternalId>, PlatformError> {
    let mut document = document;
    let wanted = *document.dates().0;
    for _ in 0..LATE_MONTHS_MAX {
        let answer =
            within_limits(&engine.runtime, claim, |call| document.write(&engine.netsuite, call)).await;
        let error = match answer {
            Ok(id) => {
                draft.did(document.verb(), document.external_id());
                return Ok(Some(id));
            }
            Err(error) => error,
        };
        if matches!(error, PlatformError::PeriodClosed { .. }) && engine.policy.late == Late::NextOpen {
            let (date, original) = document.dates();
            *date = date.first_of_next_month();
            *original = Some(wanted);
            continue;
        }
        match error.recovery() {
            Recovery::Retry | Recovery::LookUpThenRetry => return Err(error),
            Recovery::HandToPerson | Recovery::FixConfiguration => {
                let mut finding = refusal(&error);
                finding.at_risk = at_risk;
                finding.detail = format!("{}: {}", document.external_id(), finding.detail);
                draft.findings.push((entity, finding));
                return Ok(None);
            }
        }
    }
    let detail = format!("{}: no open period within {LATE_MONTHS_MAX} months", document.external_id());
    draft.findings.push((entity, Finding::new(CauseCode::PeriodShut, at_risk, detail)));
    Ok(None)
}
