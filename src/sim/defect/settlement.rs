//! Defects of payouts: what naive connectors make of their journals, and of months that are shut.

use rust_decimal::Decimal;

use super::{Kind, Planted, sum};
use crate::domain::{InternalId, Timestamp};
use crate::mocks::netsuite::NetsuiteTwin;
use crate::platforms::netsuite::operation::{Request, Response};
use crate::platforms::netsuite::wire::{JournalEntryBody, JournalLineBody, JsonDecimal, Reference};

/// Clearing of the card processor, its fees, exchange differences, debts to sisters and accruals, in the charts of the shipped profiles.
const CLEARING: u64 = 1_110;
const FEES: u64 = 6_000;
const VARIANCE: u64 = 6_300;
const DUE_TO: u64 = 2_900;
const ACCRUALS: u64 = 2_650;
const ENTITY: u64 = 10_000;

impl Planted {
    pub(super) fn ignores_rates(&self, body: &JournalEntryBody) -> bool {
        let key = body.external_id.as_deref();
        self.is(Kind::RatesIgnored) && key.is_some_and(|key| key.contains("-exchange-"))
    }

    /// The journal of a payout on its way to NetSuite.
    pub(super) fn alter_payout(&self, request: &mut Request) {
        if let Request::CreateIntercompanyJournal { body } = request
            && self.is(Kind::OneSidedDebt)
        {
            let lines = body.line.iter_mut().flat_map(|lines| &mut lines.items);
            for line in lines {
                if let Reference::Id(account) = &mut line.account
                    && account.get() % ENTITY == DUE_TO
                {
                    *account = InternalId::new(account.get() - DUE_TO + ACCRUALS);
                    self.act();
                }
            }
            return;
        }
        let Request::CreateJournalEntry { body } = request else { return };
        let acted = match &body.external_id {
            Some(key) if !is_rows_of_payout(key) => false,
            _ if self.is(Kind::PluggedPayout) => plug(body),
            _ if self.is(Kind::NettedFee) => net_fee(body),
            _ => false,
        };
        if acted {
            self.act();
        }
    }

    /// After a request was carried out: its answer was taken for lost, and another key was made up.
    pub(super) fn post_again(&self, twin: &mut NetsuiteTwin, request: &Request, now: Timestamp) {
        let Request::CreateJournalEntry { body } = request else { return };
        let Some(key) = body.external_id.as_ref().filter(|key| is_rows_of_payout(key)) else { return };
        if !self.is(Kind::PayoutAgain) {
            return;
        }
        let mut body = body.clone();
        body.external_id = Some(format!("{key}-2").into());
        if twin.execute(&Request::CreateJournalEntry { body }, now).answer.is_ok() {
            self.act();
        }
    }

    /// What was refused because the month is shut is carried out all the same: the role may override periods.
    pub fn override_period(
        &self,
        twin: &mut NetsuiteTwin,
        request: &Request,
        response: &mut Response,
        now: Timestamp,
    ) {
        let day = match request {
            Request::UpsertCustomerDeposit { body, .. } => body.tran_date,
            Request::CreateJournalEntry { body } => body.tran_date,
            _ => None,
        };
        let Err(refused) = &response.answer else { return };
        let is_shut = refused.details.iter().any(|detail| detail.detail.contains("closed period"));
        let Some(day) = day.filter(|_| is_shut && self.is(Kind::OverriddenPeriod)) else { return };
        twin.open_period(day);
        *response = twin.execute(request, now);
        twin.lock_period(day);
        self.act();
    }
}

fn is_rows_of_payout(key: &str) -> bool {
    key.contains("-payout-") && key.contains("-issued-") && !key.contains("reversed")
}

fn is(line: &JournalLineBody, number: u64) -> bool {
    matches!(line.account, Reference::Id(account) if account.get() % ENTITY == number)
}

/// Where a charge and its fee stand next to each other: the positions of the second charge, or of the only one.
fn charges(body: &JournalEntryBody) -> Vec<usize> {
    let lines = body.line.as_ref().map_or(&[][..], |lines| &lines.items);
    let pairs = lines.windows(2).enumerate();
    let charged = pairs.filter(|(_, pair)| {
        is(&pair[0], CLEARING) && pair[0].credit.is_some() && is(&pair[1], FEES) && pair[1].debit.is_some()
    });
    charged.map(|(at, _)| at).collect()
}

/// The second charge is taken for one that NetSuite does not know yet: neither it nor its fee is booked, and a line
/// makes up for both (failures.md A1).
fn plug(body: &mut JournalEntryBody) -> bool {
    let Some(at) = charges(body).get(1).copied() else { return false };
    let Some(lines) = body.line.as_mut().map(|lines| &mut lines.items) else { return false };
    let Some(rest) = net(&lines[at], &lines[at + 1]) else { return false };
    let Reference::Id(clearing) = lines[at].account else { return false };
    lines.remove(at + 1);
    lines[at].account = Reference::Id(InternalId::new(clearing.get() - CLEARING + VARIANCE));
    lines[at].credit = Some(rest);
    true
}

/// A charge is booked as what was paid out of it.
fn net_fee(body: &mut JournalEntryBody) -> bool {
    let Some(at) = charges(body).first().copied() else { return false };
    let Some(lines) = body.line.as_mut().map(|lines| &mut lines.items) else { return false };
    let Some(rest) = net(&lines[at], &lines[at + 1]) else { return false };
    lines.remove(at + 1);
    lines[at].credit = Some(rest);
    true
}

fn net(charge: &JournalLineBody, fee: &JournalLineBody) -> Option<JsonDecimal> {
    let (gross, fee): (Decimal, Decimal) = (charge.credit?.to_decimal(), fee.debit?.to_decimal());
    Some(sum(gross, -fee))
}
