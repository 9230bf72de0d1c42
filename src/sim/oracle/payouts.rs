//! What NetSuite holds of payouts, followed journal by journal as it is posted, against what the world did.
//!
//! Here: the state of each payout, and what is checked as it changes. What is said at rest is in [`at_rest`]; what a
//! payout must come to is [`super::books::payouts`].

mod at_rest;

use std::collections::{BTreeMap, BTreeSet};

use super::Oracle;
use super::books::exchange::InBase;
use super::books::payouts::{CLEARS_WITHIN, Journal, Lacks, Line, Parties, Records, lacks};
use super::books::sheet::Sheet;
use super::invariants::payouts_matched;
use super::seen::settlement::{SeenJournal, SeenPayout, SeenTouch};
use crate::domain::ids::{DisputeId, PayoutId};
use crate::domain::payout::PayoutStatus;
use crate::domain::{Duration, InternalId, Money, ShopKey, Timestamp};

/// From the moment at which a row's time is over until somebody must have been told: sweeps run by the hour, and an
/// outage of a platform lasts half a day at the longest.
const TOLD_WITHIN: Duration = Duration::from_hours(12);

/// Journals of payouts, disputes and months so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Payouts {
    posted: BTreeMap<PayoutId, Posted>,
    disputes: BTreeMap<DisputeId, Sheet>,
    /// By shop, year, month and whether it is what turns the accrual around.
    months: BTreeMap<(ShopKey, i16, i8, bool), Sheet>,
    /// Payouts of which people were told something.
    told: BTreeSet<(ShopKey, u64)>,
    /// Payouts whose time to be posted was looked at, in the order of their issue.
    looked_at: usize,
    opened: Option<Timestamp>,
}

/// What a journal of a payout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Issued,
    AtBank,
    BackFromBank,
    Returned,
    /// What rates of exchange left over.
    Exchange,
}

/// What NetSuite holds of one payout.
#[derive(Debug, Clone, Default)]
struct Posted {
    /// By [`Unit`].
    units: [Sheet; 5],
    /// By account, of the other units.
    in_base: BTreeMap<InternalId, InBase>,
    wanted: Journal,
    /// Lines of the rows that no line of a journal stands for, and how often.
    open: BTreeMap<Line, u32>,
    left: usize,
    closing: Sheet,
    /// What staff made of it by hand.
    edited: Sheet,
    is_edited: bool,
    is_touched: bool,
}

impl Posted {
    fn of(wanted: Journal) -> Posted {
        let mut posted = Posted { left: wanted.lines.len(), ..Posted::default() };
        for line in &wanted.lines {
            *posted.open.entry(*line).or_default() += 1;
        }
        posted.wanted = wanted;
        posted
    }

    /// Takes a line for one of the payout's own; false if none is left that it could be.
    fn take(&mut self, line: Line) -> bool {
        let is_open = self.open.get_mut(&line).is_some_and(|count| {
            let is_open = *count > 0;
            *count = count.saturating_sub(1);
            is_open
        });
        self.left -= usize::from(is_open);
        is_open
    }

    /// The line that this one turns around is open again; false if it was open all along.
    fn give_back(&mut self, turned: Line) -> bool {
        let line = Line { minor: -turned.minor, ..turned };
        let all = self.wanted.lines.iter().filter(|known| **known == line).count();
        match self.open.get_mut(&line) {
            Some(count) if (*count as usize) < all => {
                *count += 1;
                self.left += 1;
                true
            }
            _ => false,
        }
    }

    /// Every row has its line.
    fn is_whole(&self) -> bool {
        self.left == 0
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = self.edited.clone();
        self.units.iter().for_each(|unit| sheet.add_all(unit));
        sheet
    }
}

impl Oracle {
    /// A journal was posted. Those that are no payout's, no dispute's and no month's are passed over.
    pub fn journal(&mut self, journal: &SeenJournal<'_>, records: Records<'_>, at: Timestamp) {
        if let Some((_, rest)) = journal.key.split_once("-payout-") {
            if let Some((number, name)) = rest.split_once('-')
                && let (Ok(number), Some((name, _))) = (number.parse(), name.rsplit_once('-'))
            {
                self.journal_of_payout(PayoutId::new(number), name, journal, records, at);
            }
        } else if let Some((_, rest)) = journal.key.split_once("-dispute-") {
            if let Some(Ok(number)) = rest.split_once('-').map(|(number, _)| number.parse()) {
                let sheet = self.payouts.disputes.entry(DisputeId::new(number)).or_default();
                journal.lines.iter().for_each(|line| sheet.add_line(line));
            }
        } else if let Some((shop, rest)) = journal.key.split_once("-accrual-") {
            let mut words = rest.split('-');
            let (year, month) = (words.next().and_then(|it| it.parse().ok()), words.next());
            let month = month.and_then(|it| it.parse().ok());
            let (Some(year), Some(month), Some(name)) = (year, month, words.next()) else { return };
            let Some(shop) = self.intent.shop_named(shop) else { return };
            let sheet = self.payouts.months.entry((shop, year, month, name == "released")).or_default();
            journal.lines.iter().for_each(|line| sheet.add_line(line));
        }
    }

    fn journal_of_payout(
        &mut self,
        id: PayoutId,
        name: &str,
        journal: &SeenJournal<'_>,
        records: Records<'_>,
        at: Timestamp,
    ) {
        let Oracle { invariants, intent, causes, settlement, payouts, .. } = self;
        let mut breach = |holds: bool, money: Option<Money>, said: &dyn Fn() -> String| {
            payouts_matched::check(invariants, holds, at, money, journal.key, said);
        };
        let known = settlement.payout_of(id).and_then(|payout| Some((payout, intent.parties(payout.shop)?)));
        let Some((payout, parties)) = known else {
            breach(false, None, &|| "stands for no payout".to_owned());
            return;
        };
        let is_turned = name.contains("-reversed");
        let unit = match name {
            name if name.starts_with("issued") => Unit::Issued,
            name if name.starts_with("at-bank") => Unit::AtBank,
            name if name.starts_with("back-from-bank") => Unit::BackFromBank,
            name if name.starts_with("exchange") => Unit::Exchange,
            _ => Unit::Returned,
        };
        let posted = payouts.posted.entry(id).or_insert_with(|| {
            let rows = settlement.rows_of(id);
            Posted::of(parties.journal(rows, payout.net, records).unwrap_or_default())
        });
        for line in &journal.lines {
            posted.units[unit as usize].add_line(line);
        }
        if unit != Unit::Exchange && parties.meets_rates() {
            for (line, base) in journal.lines.iter().zip(&journal.bases) {
                let known = posted.in_base.entry(line.account).or_default();
                known.minor += i128::from(line.minor);
                known.base += i128::from(*base);
            }
        }
        let wanted_on = match unit {
            Unit::Issued => Some(intent.day(payout.shop, payout.issued_at)),
            // The day on which it came back is nowhere in Shopify; the bank's own days are those of its lines.
            _ => None,
        };
        if let Some(wanted) = wanted_on {
            let holds =
                journal.date == wanted || (journal.date > wanted && causes.period_was_ever_shut(wanted));
            let date = journal.date;
            breach(holds, Some(payout.net), &|| format!("belongs to {wanted}, is booked on {date}"));
        }
        match unit {
            Unit::Issued => {
                if !is_turned {
                    let missing = lacks(settlement.rows_of(id), records);
                    let money = missing.first().and_then(|lack| match lack {
                        Lacks::Counterpart(amount) | Lacks::SameAmount(amount) => Some(*amount),
                        Lacks::Type => None,
                    });
                    breach(missing.is_empty(), money, &|| {
                        format!("is posted while {} of its rows have no counterpart", missing.len())
                    });
                    let has_left = payout.status() != PayoutStatus::Scheduled;
                    breach(has_left, Some(payout.net), &|| "is posted before its rows are final".to_owned());
                }
                rows_posted(posted, parties, journal, is_turned, &mut breach);
            }
            Unit::Exchange => {
                for line in &journal.lines {
                    let money = Money::new(line.minor, line.currency);
                    breach(parties.realises(line.account), Some(money), &|| {
                        format!("has a line on account {} that no rate of exchange touches", line.account)
                    });
                }
            }
            _ => bank_posted(
                posted,
                parties,
                payout,
                unit,
                settlement.amounts_at_bank(payout, at),
                &mut breach,
            ),
        }
    }

    /// Staff laid hands on a journal of a payout.
    pub fn journal_touched(&mut self, touch: SeenTouch) {
        if let Some(posted) = self.payouts.posted.get_mut(&touch.payout) {
            for line in &touch.lines {
                let turned = Line { minor: -line.minor, ..*line };
                posted.edited.add_line(&turned);
                if touch.is_reversed && !posted.give_back(turned) {
                    posted.closing.add_line(&turned);
                }
            }
            touch.became.iter().for_each(|line| posted.edited.add_line(line));
            posted.is_edited |= !touch.is_reversed;
            posted.is_touched = true;
        }
        self.settlement.touched(touch);
    }

    /// Time passes: a payout whose rows had their time must be posted, or somebody must know.
    pub fn payouts_looked_at(&mut self, now: Timestamp) {
        let long_ago = now.minus(CLEARS_WITHIN).minus(TOLD_WITHIN);
        while let Some(payout) = self.settlement.payouts().get(self.payouts.looked_at)
            && payout.issued_at <= long_ago
        {
            self.payouts.looked_at += 1;
            let is_posted = self.payouts.posted.get(&payout.id).is_some_and(Posted::is_whole);
            let is_nothing = payout.net.is_zero() && self.settlement.rows_of(payout.id).next().is_none();
            let holds = is_posted
                || is_nothing
                || payout.status() == PayoutStatus::Scheduled
                || self.payouts.told.contains(&(payout.shop, payout.id.get()));
            payouts_matched::overdue(&mut self.invariants, payout, holds, now);
        }
    }
}

/// Is told whether something holds, what money it is about, and how a breach is put into words.
type Judge<'a> = dyn FnMut(bool, Option<Money>, &dyn Fn() -> String) + 'a;

/// Lines of the rows, and what closes them.
fn rows_posted(
    posted: &mut Posted,
    parties: Parties<'_>,
    journal: &SeenJournal<'_>,
    is_turned: bool,
    breach: &mut Judge<'_>,
) {
    for line in &journal.lines {
        if parties.closes(line) {
            posted.closing.add_line(line);
            continue;
        }
        let holds = if is_turned { posted.give_back(*line) } else { posted.take(*line) };
        let money = Money::new(line.minor, line.currency);
        breach(holds, Some(money), &|| match is_turned {
            true => format!("turns around what is not posted on account {}", line.account),
            false => {
                format!("has a line on account {} that no row stands for, or not once more", line.account)
            }
        });
    }
    let closing = if posted.is_whole() {
        posted.wanted.closing.difference(&posted.closing)
    } else if posted.left == posted.wanted.lines.len() {
        Sheet::default().difference(&posted.closing)
    } else {
        // The other parts of it follow.
        None
    };
    let money = closing.map(|(_, currency, wanted, found)| {
        Money::new(i64::try_from(found - wanted).unwrap_or(i64::MAX), currency)
    });
    breach(closing.is_none(), money, &|| "does not come to the payout's net".to_owned());
}

/// Rows 33 and 34.
fn bank_posted(
    posted: &Posted,
    parties: Parties<'_>,
    payout: &SeenPayout,
    unit: Unit,
    amounts: impl Iterator<Item = Money>,
    breach: &mut Judge<'_>,
) {
    let back = Money::new(-payout.net.minor(), payout.net.currency());
    let mut amounts = amounts;
    let (wanted, is_caused) = match unit {
        Unit::AtBank => (parties.at_bank(payout.net), amounts.any(|amount| amount == payout.net)),
        Unit::BackFromBank => (parties.at_bank(back), amounts.any(|amount| amount == back)),
        _ => {
            let failed = matches!(payout.status(), PayoutStatus::Failed | PayoutStatus::Canceled);
            (parties.returned(payout.net), failed)
        }
    };
    let sheet = &posted.units[unit as usize];
    if Sheet::default().difference(sheet).is_none() {
        // Turned around.
        return;
    }
    let off = wanted.difference(sheet);
    breach(off.is_none() && is_caused, Some(payout.net), &|| match is_caused {
        true => "is not what the bank and the processor say of it, once".to_owned(),
        false => "neither the bank nor the processor says so".to_owned(),
    });
    breach(posted.is_whole(), Some(payout.net), &|| {
        "is at the bank in the books while its rows are not posted".to_owned()
    });
}

impl Oracle {
    /// People were told of a payout.
    pub(super) fn told_of_payout(&mut self, shop: ShopKey, record: u64) {
        self.payouts.told.insert((shop, record));
    }

    /// Until now nothing was paid out.
    pub(super) fn payouts_opened(&mut self, at: Timestamp) {
        self.payouts.opened = Some(at);
    }
}
