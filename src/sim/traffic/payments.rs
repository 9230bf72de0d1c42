//! The processor at work: when it looks at what came in, and what a script makes it do.

use std::sync::Arc;

use super::Traffic;
use crate::domain::ids::OrderId;
use crate::domain::{Duration, InternalId, Money, ShopKey, Timestamp};
use crate::mocks::netsuite::DocumentKind;
use crate::ports::Runtime;
use crate::scenario::processor::{
    BankReference, DisputeOutcome, ScriptedBankLine, ScriptedRow, SettlementEvent, WhichPayout,
};
use crate::sim::oracle::books::payouts::Line;
use crate::sim::oracle::seen::settlement::SeenTouch;
use crate::sim::processor::disputes::Ending;
use crate::sim::processor::payouts::bank_line;
use crate::sim::processor::{Desk, EVERY, NewRow, Room};
use crate::sim::stage::{Scene, kind, lines};

impl<R: Runtime> Traffic<R> {
    /// Spawns the processor, if the scenario has one. It looks at every full hour until the day ends.
    pub(super) fn open_processor(self: &Arc<Self>) {
        if self.stage.scene().processor.is_none() {
            return;
        }
        let traffic = Arc::clone(self);
        self.runtime.spawn(async move {
            loop {
                let next = next_look(traffic.runtime.now());
                if next >= traffic.world.ends() {
                    break;
                }
                traffic.runtime.sleep_until(next).await;
                let mut scene = traffic.stage.scene();
                at_the_processor(&mut scene, |desk, room| desk.look(room, next));
                scene.oracle.payouts_looked_at(next);
            }
        });
    }

    /// An event of the script. One about a payout that was never made comes to nothing, and is told so.
    pub(super) fn settle(&self, event: &SettlementEvent, now: Timestamp) {
        let order_of = |name: &str| self.people().scripted_orders.get(name).copied();
        let mut scene = self.stage.scene();
        let done = match event {
            SettlementEvent::Row(row) => {
                let order = row.order.as_deref().map(order_of);
                match order {
                    // A shopper was turned away.
                    Some(None) => false,
                    order => scripted_row(&mut scene, row, order.flatten(), now),
                }
            }
            SettlementEvent::Payout { shop } => at_account(&mut scene, *shop, |desk, account, room| {
                desk.take_in(account, room, now);
                desk.pay_out(account, None, room, now);
            }),
            SettlementEvent::Dispute { order, amount, fee } => match order_of(order) {
                Some((shop, order)) => at_account(&mut scene, shop, |desk, account, room| {
                    desk.dispute(account, order, amount.minor(), fee.map(Money::minor), room, now);
                }),
                None => false,
            },
            SettlementEvent::DisputeEnds { order, outcome, fee_back } => match order_of(order) {
                Some((shop, order)) => at_account(&mut scene, shop, |desk, account, room| {
                    let fee_back = Some(fee_back.map_or(0, Money::minor));
                    let ending = match outcome {
                        DisputeOutcome::Won => Ending { is_won: true, part: None, fee_back },
                        DisputeOutcome::Partly(part) => {
                            Ending { is_won: true, part: Some(part.minor()), fee_back }
                        }
                        DisputeOutcome::Lost => Ending { is_won: false, part: None, fee_back },
                    };
                    desk.end_dispute(account, order, ending, room, now);
                }),
                None => false,
            },
            SettlementEvent::Reserve { shop, amount } => {
                at_account(&mut scene, *shop, |desk, account, room| {
                    desk.reserve(account, amount.minor(), room, now);
                })
            }
            SettlementEvent::ReserveReleased { shop, amount } => {
                at_account(&mut scene, *shop, |desk, account, room| {
                    desk.release(account, amount.minor(), room, now);
                })
            }
            SettlementEvent::PayoutFails(which) => {
                at_payout(&mut scene, *which, |desk, account, payout, room| {
                    desk.fail(account, payout, room, now);
                })
            }
            SettlementEvent::PayoutCanceled(which) => {
                at_payout(&mut scene, *which, |desk, account, payout, room| {
                    desk.cancel(account, payout, room, now);
                })
            }
            SettlementEvent::BankLine(line) => self.scripted_line(&mut scene, line, now),
            SettlementEvent::ChangeJournal { payout, from, to } => {
                touch_journal(&mut scene, *payout, Some((*from, *to)), now)
            }
            SettlementEvent::ReverseJournal(payout) => touch_journal(&mut scene, *payout, None, now),
        };
        if !done {
            scene.tell(now, || format!("the processor could not play {event:?}"));
        }
    }

    fn scripted_line(&self, scene: &mut Scene, line: &ScriptedBankLine, now: Timestamp) -> bool {
        let profile = self.world.profile();
        let entity = profile.subsidiaries.iter().find(|entity| entity.accounts.bank == line.account);
        let value_date = entity.expect("the loader names an entity's bank").bank_zone.book_date(now);
        let add = |room: &mut Room<'_>, reference| {
            bank_line(room, line.account, value_date, line.amount, reference, None, now);
        };
        match &line.reference {
            Some(BankReference::Trace(which)) => at_payout(scene, *which, |desk, account, payout, room| {
                let trace = desk.trace_of(account, payout, room);
                add(room, trace);
            }),
            Some(BankReference::Text(text)) => {
                at_the_processor(scene, |_, room| add(room, Some(text.clone())));
                true
            }
            None => {
                at_the_processor(scene, |_, room| add(room, None));
                true
            }
        }
    }
}

/// The next full hour.
fn next_look(now: Timestamp) -> Timestamp {
    let gone = now.since(Timestamp::ORIGIN).nanos() % EVERY.nanos();
    now.plus(Duration::from_nanos(EVERY.nanos() - gone))
}

/// Lends the desk what it works on; nothing happens without a processor.
pub(super) fn at_the_processor(scene: &mut Scene, act: impl FnOnce(&mut Desk, &mut Room<'_>)) {
    let Some(desk) = &mut scene.processor else { return };
    let mut room = Room {
        shopify: &mut scene.shopify,
        banks: &mut scene.banks,
        seen: scene.oracle.settlement(),
        trace: &mut scene.trace,
    };
    act(desk, &mut room);
}

/// Whether the shop has an account, and so it was done.
fn at_account(scene: &mut Scene, shop: ShopKey, act: impl FnOnce(&mut Desk, usize, &mut Room<'_>)) -> bool {
    let mut done = false;
    at_the_processor(scene, |desk, room| {
        if let Some(account) = desk.account_of(shop) {
            act(desk, account, room);
            done = true;
        }
    });
    done
}

/// Whether there is such a payout, and so it was done.
fn at_payout(
    scene: &mut Scene,
    which: WhichPayout,
    act: impl FnOnce(&mut Desk, usize, usize, &mut Room<'_>),
) -> bool {
    let mut done = false;
    at_account(scene, which.shop, |desk, account, room| {
        if let Some(payout) = desk.payout_at(account, which.number) {
            act(desk, account, payout, room);
            done = true;
        }
    });
    done
}

fn scripted_row(
    scene: &mut Scene,
    row: &ScriptedRow,
    order: Option<(ShopKey, OrderId)>,
    now: Timestamp,
) -> bool {
    at_account(scene, row.shop, |desk, account, room| {
        let entry = NewRow {
            fee: row.fee.minor(),
            order: order.map(|(_, order)| order),
            order_transaction: order.and_then(|(shop, order)| charge_of(room, shop, order)),
            reason: row.reason.as_deref().map(Arc::from),
            ..NewRow::own(row.kind.clone(), row.amount.minor(), now)
        };
        desk.book(account, entry, room, now);
    })
}

/// A clerk edits the journal of a payout, or turns it around on its own day. Whether there was one.
fn touch_journal(
    scene: &mut Scene,
    which: WhichPayout,
    change: Option<(InternalId, InternalId)>,
    now: Timestamp,
) -> bool {
    let mut payout = None;
    at_payout(scene, which, |desk, account, number, _| payout = Some(desk.payout_id(account, number)));
    let Some(payout) = payout else { return false };
    let stem = format!("{}-payout-{payout}-issued", which.shop);
    let documents = (0..).map_while(|at| scene.netsuite.document_at(at));
    let journals = documents.filter(|document| {
        let key = document.external_id();
        document.kind() == DocumentKind::JournalEntry
            && key.is_some_and(|key| key.as_str().starts_with(&stem))
    });
    let Some(journal) = journals.last() else { return false };
    let id = journal.internal_id();
    let date = journal.date();
    let were = lines(&journal);
    let mut became = Vec::new();
    let done = match change {
        Some((from, to)) => {
            let account = |account| if account == from { to } else { account };
            became = were.iter().map(|line| Line { account: account(line.account), ..*line }).collect();
            let lines: Vec<(InternalId, i64)> = journal
                .postings()
                .map(|posting| (account(posting.account), posting.amount.minor()))
                .collect();
            scene.netsuite.change_journal_by_staff(id, &lines).is_ok()
        }
        None => scene.netsuite.reverse_journal_by_staff(id, date).is_ok(),
    };
    if done {
        scene.trace.event(kind::KEYED, now, payout.get(), 1);
        scene.oracle.journal_touched(SeenTouch {
            lines: were,
            became,
            shop: which.shop,
            payout,
            is_reversed: change.is_none(),
            at: now,
        });
        scene.show_postings(now);
    }
    done
}

/// The transaction by which the processor took the order's money.
fn charge_of(room: &Room<'_>, shop: ShopKey, order: OrderId) -> Option<crate::domain::ids::TransactionId> {
    use crate::domain::order::{TransactionKind, TransactionStatus};
    let order = room.shopify.order_truth(shop, order)?;
    let charge = order.transactions.iter().find(|transaction| {
        transaction.status == TransactionStatus::Success
            && matches!(transaction.kind, TransactionKind::Sale | TransactionKind::Capture)
            && transaction.tender.gateway() == crate::mocks::shopify::payments::GATEWAY
    });
    charge.map(|transaction| transaction.id)
}
