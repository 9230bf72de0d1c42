//! Payouts, disputes and months at rest: what each must have come to, and what people must have been told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::books::payouts::{
    AT_BANK_WITHIN, AtBank, CLEARS_WITHIN, LINE_CLEARS_WITHIN_DAYS, Lacks, Records, TRACE, lacks,
};
use super::super::books::sheet::Sheet;
use super::super::invariants::trial_balance_expected;
use super::super::seen::settlement::SeenPayout;
use super::super::{Due, Oracle};
use super::{Posted, Unit};
use crate::domain::ids::PayoutId;
use crate::domain::payout::{BankLine, PayoutStatus};
use crate::domain::{BookDate, CauseCode, Duration, Money, ShopKey, Timestamp};

/// What happened so lately need not have been read yet: sweeps run by the hour, and some of them in vain.
const LATELY: Duration = Duration::from_hours(3);

impl Oracle {
    /// At rest, before all balances: what the processor and the banks did.
    pub fn settled(&mut self, records: Records<'_>, now: Timestamp) {
        let count = self.settlement.payouts().len();
        for at in 0..count {
            let payout = self.settlement.payouts()[at].clone();
            self.payout_at_rest(&payout, records, now);
        }
        self.strays_at_rest(now);
        self.disputes_at_rest(now);
        self.months_at_rest(now);
    }

    /// Lines of the bank that are of no payout, though they look like it.
    fn strays_at_rest(&mut self, now: Timestamp) {
        let traces: BTreeSet<&str> =
            self.settlement.payouts().iter().filter_map(|payout| payout.trace.as_deref()).collect();
        for line in self.settlement.bank_lines().iter().filter(|line| line.visible_at <= now) {
            let Some(trace) = line.reference.as_deref().filter(|trace| trace.starts_with(TRACE)) else {
                continue;
            };
            let Some((shop, owner)) = self.intent.paid_into(line.account) else { continue };
            let waited = owner.bank_zone.book_date(now).epoch_days() - line.value_date.epoch_days();
            if traces.contains(trace) || waited < LINE_CLEARS_WITHIN_DAYS {
                continue;
            }
            let record = 1 << 60 | BankLine::number(&line.id);
            let due = Due { shop, record, code: CauseCode::BankDiffers };
            // Lines are looked at twice a day.
            let lately = waited == LINE_CLEARS_WITHIN_DAYS || line.visible_at.plus(LATELY) > now;
            if lately {
                self.allowed.insert(due)
            } else {
                self.due.insert(due)
            };
        }
    }

    fn payout_at_rest(&mut self, payout: &SeenPayout, records: Records<'_>, now: Timestamp) {
        let Some(parties) = self.intent.parties(payout.shop) else { return };
        let found = self.payouts.posted.get(&payout.id).map(Posted::sheet).unwrap_or_default();
        let status = payout.status();
        if status == PayoutStatus::Scheduled {
            self.sheet_at_rest(|| format!("payout {}", payout.id), &Sheet::default(), &found, false, now);
            return;
        }
        let rows = || self.settlement.rows_of(payout.id);
        let missing = lacks(rows(), records);
        let bank = AtBank::of(payout, self.settlement.amounts_at_bank(payout, now));
        let failed = matches!(status, PayoutStatus::Failed | PayoutStatus::Canceled);
        let mut wanted = Sheet::default();
        if missing.is_empty()
            && let Some(journal) = parties.journal(rows(), payout.net, records)
        {
            journal.lines.iter().for_each(|line| wanted.add_line(line));
            wanted.add_all(&journal.closing);
            if bank.arrived {
                wanted.add_all(&parties.at_bank(payout.net));
            }
            if bank.came_back {
                wanted.add_all(&parties.at_bank(Money::new(-payout.net.minor(), payout.net.currency())));
            }
            if failed && (!bank.arrived || bank.came_back) {
                wanted.add_all(&parties.returned(payout.net));
            }
            if let Some(posted) = self.payouts.posted.get(&payout.id).filter(|_| parties.meets_rates()) {
                // What a person did to a journal by hand has no rate that could be told.
                match posted.is_touched {
                    true => wanted.add_all(&posted.units[Unit::Exchange as usize]),
                    false => {
                        wanted.add_all(&parties.realised(&self.intent, rows(), records, &posted.in_base));
                    }
                }
            }
        }
        if let Some(posted) = self.payouts.posted.get(&payout.id).filter(|posted| posted.is_edited) {
            // What a person made of it stands until a person takes it back.
            wanted.add_all(&posted.edited);
        }
        let left = payout.statuses.last().map(|(at, _)| *at);
        let last = self.settlement.last_line_seen(payout, now).into_iter().chain(left).max();
        let is_late = |happened: Timestamp| happened.plus(LATELY) > now;
        let lately = last.is_some_and(is_late);
        let is_carried = self.is_carried(payout);
        self.sheet_at_rest(|| format!("payout {}", payout.id), &wanted, &found, lately, now);
        for (code, since) in self.told_at_rest(payout, &missing, bank, is_carried) {
            if since > now {
                continue;
            }
            let due = Due { shop: payout.shop, record: payout.id.get(), code };
            if lately || is_late(since) {
                self.allowed.insert(due);
            } else {
                self.due.insert(due);
            }
        }
    }

    /// Whether a payout that came back is on its way again.
    fn is_carried(&self, payout: &SeenPayout) -> bool {
        payout
            .came_back_in
            .and_then(|row| self.settlement.row_of(row))
            .is_some_and(|row| row.payout.is_some())
    }

    /// What people must know of a payout, each from when on.
    fn told_at_rest(
        &self,
        payout: &SeenPayout,
        missing: &[Lacks],
        bank: AtBank,
        is_carried: bool,
    ) -> Vec<(CauseCode, Timestamp)> {
        let issued = payout.issued_at;
        let mut told = Vec::new();
        for lack in missing {
            told.push(match lack {
                Lacks::Type => (CauseCode::PayoutTypeUnknown, issued),
                Lacks::SameAmount(_) => (CauseCode::PayoutAmountDiffers, issued),
                Lacks::Counterpart(_) => (CauseCode::PayoutLineUnmatched, issued.plus(CLEARS_WITHIN)),
            });
        }
        let stays = bank.arrived && !bank.came_back;
        let is_paid = payout.status() == PayoutStatus::Paid;
        if bank.others || (is_paid && bank.came_back) || (!is_paid && stays) {
            told.push((CauseCode::BankDiffers, issued));
        } else if is_paid && !bank.arrived && !payout.net.is_zero() {
            told.push((CauseCode::BankDiffers, issued.plus(AT_BANK_WITHIN)));
        }
        if !is_paid && !is_carried && !payout.net.is_zero() {
            told.push((CauseCode::PayoutFailed, issued));
        }
        if self.settlement.touches().iter().any(|touch| touch.payout == payout.id && !touch.is_reversed) {
            told.push((CauseCode::JournalChanged, issued));
        }
        told
    }

    fn disputes_at_rest(&mut self, now: Timestamp) {
        let disputes: Vec<_> = self.settlement.disputes().to_vec();
        for dispute in disputes {
            let Some(parties) = self.intent.parties(dispute.shop) else { continue };
            let wanted = parties.lost(&dispute);
            let found = self.payouts.disputes.get(&dispute.id).cloned().unwrap_or_default();
            let lately = dispute.ended.is_some_and(|(ended, _)| ended.plus(LATELY) > now);
            self.sheet_at_rest(|| format!("dispute {}", dispute.id), &wanted, &found, lately, now);
        }
    }

    /// Row 35, for each month that ended.
    fn months_at_rest(&mut self, now: Timestamp) {
        let Some(opened) = self.payouts.opened else { return };
        let shops: Vec<ShopKey> = self.settlement.shops().collect();
        for shop in shops {
            let today = self.intent.day(shop, now);
            let mut ends = self.intent.day(shop, opened).last_of_month(0);
            while ends < today {
                self.month_at_rest(shop, ends, now);
                ends = ends.tomorrow().last_of_month(0);
            }
        }
    }

    fn month_at_rest(&mut self, shop: ShopKey, ends: BookDate, now: Timestamp) {
        let Some(parties) = self.intent.parties(shop) else { return };
        let by_then = |at: Timestamp| self.intent.day(shop, at) <= ends;
        let issued: BTreeMap<PayoutId, bool> = self
            .settlement
            .payouts()
            .iter()
            .filter(|payout| payout.shop == shop)
            .map(|payout| (payout.id, by_then(payout.issued_at)))
            .collect();
        let held = self.settlement.rows().iter().filter(|row| {
            let is_paid = row.payout.is_some_and(|payout| issued.get(&payout) == Some(&true));
            row.shop == shop && by_then(row.processed_at) && !is_paid
        });
        let wanted = parties.accrued(held);
        let mut turned = Sheet::default();
        wanted.iter().for_each(|(account, currency, minor)| turned.add(account, currency, -minor));
        let (year, month, _) = ends.year_month_day();
        let of = |is_turned: bool| self.payouts.months.get(&(shop, year, month, is_turned)).cloned();
        let (found, found_turned) = (of(false).unwrap_or_default(), of(true).unwrap_or_default());
        let lately = self.intent.day(shop, now.minus(LATELY)) <= ends;
        let name = || format!("end of {year}-{month:02} of {shop}");
        self.sheet_at_rest(name, &wanted, &found, lately, now);
        self.sheet_at_rest(name, &turned, &found_turned, lately, now);
    }

    /// Compares, and lets the balances be judged by what must be. What happened lately may or may not be booked.
    fn sheet_at_rest(
        &mut self,
        what: impl Fn() -> String,
        wanted: &Sheet,
        found: &Sheet,
        lately: bool,
        now: Timestamp,
    ) {
        if lately {
            self.expected.order(found);
            return;
        }
        trial_balance_expected::settled(&mut self.invariants, &self.intent, &what, wanted, found, now);
        self.expected.order(wanted);
    }
}
