//! Reads what the processor, NetSuite and the bank say of one payout, one dispute or one month's end, asks `plan`, and
//! performs what it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::journals::{Own, Part, digest_of_parts};
use super::rules::{Account, Rule, rule};
use super::sweep::DISPUTE_LASTS;
use super::{
    Action, LONG_UNITS, Observed, Subject, UNITS, accrual, dispute, exchange, matching, plan, stray,
};
use crate::domain::ids::{DisputeId, PayoutId};
use crate::domain::money::MoneyError;
use crate::domain::payout::{BalanceTransaction, BankLine, Payout, PayoutStatus};
use crate::domain::{BookDate, CauseCode, Duration, ExternalId, InternalId, Timestamp};
use crate::engine::exception::Finding;
use crate::engine::posting::{Document, post};
use crate::engine::step::{Draft, within_limits};
use crate::engine::{Engine, Ports};
use crate::policy::ShopPolicy;
use crate::policy::settlement::{SettlementPolicy, ShopSettlement};
use crate::ports::settlement::{ClearingRecord, KnownJournal, Page};
use crate::ports::store::{Claim, Link, LinkKind};
use crate::ports::{Bank, Call, Paging, Payments, Platform, PlatformError, Runtime, SettlementBooks};

/// Reversal and new edition, nothing more: no payout needs as many rounds as this.
const ROUNDS_MAX: u32 = 8;

/// Keys in one question for documents, and for journals with their lines ([`SettlementBooks`]).
const RECORDS_ASKED: usize = 500;
const JOURNALS_ASKED: usize = 100;

/// Parts of the main unit that the first question names. A payout of five thousand rows has that many.
const PARTS_ASKED: usize = 12;

/// Longest of months.
const MONTH: Duration = Duration::from_hours(24 * 31);

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let policy = &engine.policy;
    let known = policy.settlement.as_ref().and_then(|known| Some((known, known.shop(claim.entity.shop)?)));
    let (Some((settlement, of_shop)), Some(shop)) = (known, policy.shop(claim.entity.shop)) else {
        return Ok(());
    };
    let desk = Desk { engine, claim, settlement, of_shop, shop, read_at: engine.runtime.now() };
    match Subject::of(claim.entity.record) {
        Subject::Payout(id) => desk.payout(id, draft).await,
        Subject::Dispute(id) => desk.dispute(id, draft).await,
        Subject::Line(number) => desk.stray_line(number, draft).await,
        Subject::Month { year, month } => desk.month(year, month, draft).await,
    }
}

/// One step and all that it works with.
struct Desk<'a, P: Ports> {
    engine: &'a Engine<P>,
    claim: &'a Claim,
    settlement: &'a SettlementPolicy,
    of_shop: &'a ShopSettlement,
    shop: &'a ShopPolicy,
    read_at: Timestamp,
}

impl<P: Ports> Desk<'_, P> {
    async fn payout(&self, id: PayoutId, draft: &mut Draft) -> Result<(), PlatformError> {
        let (engine, key) = (self.engine, self.shop.key);
        self.look_again(None);
        let read = within_limits(&engine.runtime, self.claim, |call| engine.shopify.payout(call, key, id));
        let Some(payout) = read.await? else { return Ok(()) };
        draft.read_version = payout.issued_at;
        // Its rows may still come and go; the sweep sees when that is over.
        if payout.status == PayoutStatus::Scheduled {
            return Ok(());
        }
        let rows =
            self.all(|call, after| engine.shopify.balance_transactions(call, key, payout.id, after)).await?;
        let records = self.records(&rows).await?;
        let bank = self.bank_lines(&payout).await?;
        let carried_by = self.carried_by(&payout).await?;
        let key_of = |part: &str, edition| ExternalId::for_payout(key, id, part, edition);
        let own = self.own(&UNITS, &LONG_UNITS, key_of).await?;
        let observed = |own: &Own| {
            let (payout, rows, records) = (&payout, rows.as_slice(), records.as_slice());
            let seen =
                Observed { shop: self.shop, payout, rows, records, own, bank: bank.as_deref(), carried_by };
            Ok(plan(&seen, &engine.policy, self.read_at))
        };
        let mut own = self.converge(own, observed, draft).await?;
        // What rates made of a journal is NetSuite's to say: what was just written is read back for it.
        if exchange::is_awaited(self.shop, &payout, self.of_shop, &engine.policy, &own) {
            let read = self.own(&UNITS, &LONG_UNITS, key_of).await?;
            own = self.converge(read, observed, draft).await?;
        }
        let seen = Observed {
            shop: self.shop,
            payout: &payout,
            rows: &rows,
            records: &records,
            own: &own,
            bank: bank.as_deref(),
            carried_by,
        };
        if let Some((edition, parts)) = super::standing(&seen, &engine.policy, self.read_at) {
            self.keep_link(key_of(super::ISSUED, edition), &parts, &own, payout.issued_at, draft);
        }
        Ok(())
    }

    async fn dispute(&self, id: DisputeId, draft: &mut Draft) -> Result<(), PlatformError> {
        let (engine, key) = (self.engine, self.shop.key);
        self.look_again(None);
        let since = self.read_at.minus(DISPUTE_LASTS);
        let disputes = self.all(|call, after| engine.shopify.disputes(call, key, since, after)).await?;
        let Some(dispute) = disputes.into_iter().find(|dispute| dispute.id == id) else { return Ok(()) };
        draft.read_version = dispute.initiated_at;
        let Some(finalized) = dispute.finalized_on.filter(|_| !dispute.is_inquiry) else { return Ok(()) };
        let since = dispute.initiated_at;
        let rows = self
            .all(|call, after| engine.shopify.balance_transactions_since(call, key, since, after))
            .await?;
        let key_of = |part: &str, edition: u32| match edition {
            1 => ExternalId::for_dispute(key, id, part),
            _ => ExternalId::for_dispute(key, id, &format!("{part}-{edition}")),
        };
        let own = self.own(&[dispute::LOST], &[dispute::LOST], key_of).await?;
        let policy = &engine.policy;
        let own = self
            .converge(
                own,
                |own| {
                    let seen = dispute::Observed { shop: self.shop, dispute: &dispute, rows: &rows, own };
                    dispute::plan(&seen, policy)
                },
                draft,
            )
            .await?;
        let seen = dispute::Observed { shop: self.shop, dispute: &dispute, rows: &rows, own: &own };
        let parts = dispute::parts(&seen, policy).unwrap_or_default();
        if dispute::is_awaited(&seen) && self.read_at < finalized.plus(DISPUTE_LASTS) {
            self.look_again(Some(self.read_at.plus(self.settlement.every)));
        }
        let edition = dispute::with_unit(&seen, |unit| unit.edition(&own));
        self.keep_link(key_of(dispute::LOST, edition), &parts, &own, finalized, draft);
        Ok(())
    }

    /// A line that is the processor's by its looks: it has a payout in time, or a person must know whose money it is.
    async fn stray_line(&self, number: u64, draft: &mut Draft) -> Result<(), PlatformError> {
        let (bank, shopify, key) = (&self.engine.bank, &self.engine.shopify, self.shop.key);
        self.look_again(None);
        let owner = &self.engine.policy.subsidiaries[self.of_shop.owner];
        let since = self.read_at.minus(DISPUTE_LASTS);
        let first = owner.bank_zone.book_date(since);
        let lines = self.all(|call, after| bank.statement(call, owner.accounts.bank, first, after)).await?;
        let Some(line) = lines.into_iter().find(|line| BankLine::number(&line.id) == number) else {
            return Ok(());
        };
        let shops = self.settlement.shops.iter().filter(|shop| shop.owner == self.of_shop.owner);
        for shop in shops.map(|shop| shop.shop) {
            let payouts = self.all(|call, after| shopify.payouts(call, shop, since, after)).await?;
            if payouts.iter().any(|payout| payout.trace == line.reference) {
                return Ok(());
            }
        }
        let today = owner.bank_zone.book_date(self.read_at);
        draft.findings.extend(stray::told(&line, today, self.settlement).map(|it| (self.claim.entity, it)));
        let soon = self.read_at.plus(self.settlement.compare_every);
        draft.awaits = format!("waits for a payout with the trace of line {} of {key}'s bank", line.id);
        self.look_again(Some(soon));
        Ok(())
    }

    async fn month(&self, year: i16, month: i8, draft: &mut Draft) -> Result<(), PlatformError> {
        let (engine, key) = (self.engine, self.shop.key);
        let Some(ends) = last_day(year, month) else { return Ok(()) };
        let since = self.read_at.minus(self.settlement.overlap).minus(MONTH);
        let rows = self
            .all(|call, after| engine.shopify.balance_transactions_since(call, key, since, after))
            .await?;
        let payouts = self.all(|call, after| engine.shopify.payouts(call, key, since, after)).await?;
        let issued_at: BTreeMap<PayoutId, Timestamp> =
            payouts.iter().map(|payout| (payout.id, payout.issued_at)).collect();
        let key_of = |part: &str, edition| ExternalId::for_accrual(key, year, month, part, edition);
        let own = self.own(&accrual::UNITS, &accrual::UNITS[..1], key_of).await?;
        let (shop, policy) = (self.shop, &engine.policy);
        let own = self
            .converge(
                own,
                |own| {
                    let seen = accrual::Observed { shop, ends, rows: &rows, issued_at: &issued_at, own };
                    accrual::plan(&seen, policy)
                },
                draft,
            )
            .await?;
        let seen = accrual::Observed { shop, ends, rows: &rows, issued_at: &issued_at, own: &own };
        let parts = accrual::accrued(&seen, policy).unwrap_or_default();
        let edition = accrual::with_unit(&seen, accrual::ACCRUED, |unit| unit.edition(&own));
        self.keep_link(key_of(accrual::ACCRUED, edition), &parts, &own, self.read_at, draft);
        Ok(())
    }

    /// Performs what the plan says until it says nothing more.
    async fn converge(
        &self,
        mut own: Own,
        plan: impl Fn(&Own) -> Result<Vec<Action>, MoneyError>,
        draft: &mut Draft,
    ) -> Result<Own, PlatformError> {
        let entity = self.claim.entity;
        for _ in 0..ROUNDS_MAX {
            let actions = match plan(&own) {
                Ok(actions) => actions,
                Err(error) => {
                    let code = CauseCode::PayoutNotBalanced;
                    draft.findings.push((entity, Finding::new(code, None, error.to_string())));
                    return Ok(own);
                }
            };
            let writes = actions.iter().any(Action::writes);
            for action in actions {
                match action {
                    Action::Post { document, at_risk } => {
                        let written =
                            post(self.engine, self.claim, entity, document.clone(), at_risk, draft).await?;
                        // What was refused keeps what comes after it from being posted without it.
                        let Some(id) = written else { return Ok(own) };
                        absorb(&mut own, &document, id);
                    }
                    Action::Wait { .. } | Action::Report(_) if writes => {}
                    Action::Wait { until, items } => {
                        let soon = self.read_at.plus(self.settlement.every);
                        self.look_again(Some(if items.is_empty() { until } else { until.min(soon) }));
                        draft.awaits = match items.first() {
                            Some(first) => {
                                let count = items.len();
                                format!("waits for {count} of its documents until {until}: {}", first.awaits)
                            }
                            None => format!("waits for the bank until {until}"),
                        };
                    }
                    Action::Report(finding) => draft.findings.push((entity, finding)),
                }
            }
            if !writes {
                break;
            }
        }
        Ok(own)
    }

    /// Documents that stand for the order transactions of these rows.
    async fn records(&self, rows: &[BalanceTransaction]) -> Result<Vec<ClearingRecord>, PlatformError> {
        let netsuite = &self.engine.netsuite;
        let keys = rows.iter().flat_map(|row| matching::keys(self.shop.key, row));
        let (journals, mut documents): (Vec<ExternalId>, Vec<ExternalId>) =
            keys.partition(matching::is_journal);
        documents.sort_unstable();
        documents.dedup();
        let mut records = Vec::with_capacity(documents.len());
        for keys in documents.chunks(RECORDS_ASKED) {
            let found =
                within_limits(&self.engine.runtime, self.claim, |call| netsuite.clearing_records(call, keys));
            records.extend(found.await?);
        }
        // Most refunds have their customer refund; only of the others may a journal stand in for it.
        let has = |key: &ExternalId| {
            let refund = matching::refund_of_reissue(self.shop.key, key);
            refund.is_some_and(|refund| records.iter().any(|record| record.external_id == refund))
        };
        let mut journals: Vec<ExternalId> = journals.into_iter().filter(|key| !has(key)).collect();
        journals.sort_unstable();
        journals.dedup();
        for keys in journals.chunks(JOURNALS_ASKED) {
            for journal in self.journals(keys).await? {
                let is_clearing = |account| self.shop.clearing.iter().any(|(_, known)| *known == account);
                records.extend(matching::as_record(journal, is_clearing));
            }
        }
        Ok(records)
    }

    async fn journals(&self, keys: &[ExternalId]) -> Result<Vec<KnownJournal>, PlatformError> {
        let netsuite = &self.engine.netsuite;
        within_limits(&self.engine.runtime, self.claim, |call| netsuite.journals(call, keys)).await
    }

    /// The entity's journals of every edition. An answer that was lost has left its journal behind: it is found here.
    /// Those of `long` may have many parts.
    async fn own(
        &self,
        names: &[&str],
        long: &[&str],
        key: impl Fn(&str, u32) -> ExternalId,
    ) -> Result<Own, PlatformError> {
        let written = self.claim.link.as_ref().map(|link| (link.external_id.clone(), link.digest));
        let mut own = Own { journals: BTreeMap::new(), written };
        for edition in 1.. {
            let mut keys = Vec::new();
            let part = |name: &str, number: usize, keys: &mut Vec<ExternalId>| {
                let part = if number == 0 { name.to_owned() } else { format!("{name}-{}", number + 1) };
                keys.push(key(&part, edition));
                keys.push(key(&format!("{part}-reversed"), edition));
            };
            names.iter().for_each(|name| part(name, 0, &mut keys));
            for name in long {
                (1..PARTS_ASKED).for_each(|number| part(name, number, &mut keys));
            }
            let mut is_over = true;
            for keys in keys.chunks(JOURNALS_ASKED) {
                let found = self.journals(keys).await?;
                is_over &= found.is_empty();
                own.keep(found);
            }
            for name in long {
                let mut next = PARTS_ASKED;
                while own.journals.contains_key(&key(&format!("{name}-{next}"), edition)) {
                    keys.clear();
                    let more = next + JOURNALS_ASKED / 2;
                    (next..more).for_each(|number| part(name, number, &mut keys));
                    next = more;
                    own.keep(self.journals(&keys).await?);
                }
            }
            if is_over {
                break;
            }
        }
        Ok(own)
    }

    /// Lines of the statement that carry the payout's trace; `None` without statements.
    async fn bank_lines(&self, payout: &Payout) -> Result<Option<Vec<BankLine>>, PlatformError> {
        let bank = &self.engine.bank;
        if !bank.is_connected() {
            return Ok(None);
        }
        let Some(trace) = &payout.trace else { return Ok(Some(vec![])) };
        let owner = &self.engine.policy.subsidiaries[self.of_shop.owner];
        // Nothing arrives before it was sent; zones are less than a day apart from each other.
        let issued = owner.bank_zone.book_date(payout.issued_at);
        let since = BookDate::from_epoch_days(issued.epoch_days().saturating_sub(1));
        let mut lines =
            self.all(|call, after| bank.statement(call, owner.accounts.bank, since, after)).await?;
        lines.retain(|line| line.reference.as_ref() == Some(trace));
        Ok(Some(lines))
    }

    /// The later payout whose row brings back the money of a failed one.
    async fn carried_by(&self, payout: &Payout) -> Result<Option<PayoutId>, PlatformError> {
        if payout.status == PayoutStatus::Paid {
            return Ok(None);
        }
        let (shopify, key, since) = (&self.engine.shopify, self.shop.key, payout.issued_at);
        let rows =
            self.all(|call, after| shopify.balance_transactions_since(call, key, since, after)).await?;
        let carries = |row: &&BalanceTransaction| {
            rule(&row.kind) == Some(Rule::To(Account::Returned)) && row.net == payout.net
        };
        Ok(rows.iter().filter(carries).find_map(|row| row.payout.filter(|other| *other != payout.id)))
    }

    /// All pages of a listing.
    async fn all<T, F: Future<Output = Result<Page<T>, PlatformError>>>(
        &self,
        read: impl Fn(Call, Option<String>) -> F,
    ) -> Result<Vec<T>, PlatformError> {
        let mut items = Vec::new();
        let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
        loop {
            let page =
                within_limits(&self.engine.runtime, self.claim, |call| read(call, after.clone())).await?;
            items.extend(page.items);
            after = paging.follow(page.next)?;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    fn look_again(&self, at: Option<Timestamp>) {
        self.engine.watch_unsettled(self.claim.entity, at);
    }

    /// Keeps what was posted, so that a later step can tell somebody's change from news of the processor.
    fn keep_link(
        &self,
        external_id: ExternalId,
        parts: &[Part],
        own: &Own,
        version: Timestamp,
        draft: &mut Draft,
    ) {
        let Some(known) = own.journals.get(&external_id).filter(|_| !parts.is_empty()) else { return };
        let (record, digest) = (self.claim.entity.record, digest_of_parts(parts));
        draft.links.push(Link {
            kind: LinkKind::Payout,
            record,
            parent: record,
            external_id,
            internal_id: known.internal_id,
            version,
            read_at: self.read_at,
            digest,
        });
    }
}

/// What NetSuite holds after a write, so that the next round needs no second read of it.
pub(super) fn absorb(own: &mut Own, document: &Document, internal_id: InternalId) {
    let known = match document {
        Document::Journal(entry) => KnownJournal {
            internal_id,
            external_id: Some(entry.external_id.clone()),
            subsidiary: entry.subsidiary,
            currency: entry.currency,
            date: entry.date,
            lines: entry.lines.clone(),
            bases: vec![],
            reversed_on: None,
        },
        Document::Intercompany(entry) => KnownJournal {
            internal_id,
            external_id: Some(entry.external_id.clone()),
            subsidiary: entry.sides[0].0,
            currency: entry.currency,
            date: entry.date,
            lines: entry.sides.iter().flat_map(|(_, lines)| lines).copied().collect(),
            bases: vec![],
            reversed_on: None,
        },
        // None of them is a payout's.
        _ => return,
    };
    own.journals.insert(document.external_id().clone(), known);
}

/// The last day of a month.
fn last_day(year: i16, month: i8) -> Option<BookDate> {
    let first: BookDate = format!("{year:04}-{month:02}-01").parse().ok()?;
    Some(first.last_of_month(0))
}
