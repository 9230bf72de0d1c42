//! Reads both sides of one location, asks `plan`, and writes levels by comparison.

use std::sync::Arc;

use super::feed::Remembered;
use super::kits::Kits;
use super::{Observed, is_stirred, oversold, plan};
use crate::domain::digest::digest_of;
use crate::domain::{CauseCode, InternalId, Timestamp};
use crate::engine::events::Event;
use crate::engine::exception::Finding;
use crate::engine::step::{Draft, within_limits};
use crate::engine::{Engine, Ports};
use crate::ports::stock::{
    InventoryLevel, LEVELS_AT_ONCE, LevelChange, LevelRefusal, LevelsSet, STOCK_ROWS_MAX,
};
use crate::ports::store::Claim;
use crate::ports::{Entity, InventoryLevels, Paging, Platform, PlatformError, Runtime, StockBooks};

/// How often one step reads again what was sold under its hands; the next look at the feed does the rest.
const ROUNDS_MAX: u32 = 4;

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let entity = claim.entity;
    let began = engine.runtime.now();
    let location = entity.record;
    let mapped = engine.policy.shop(entity.shop).and_then(|shop| {
        shop.locations.iter().find(|(known, _)| *known == location).map(|(_, netsuite)| *netsuite)
    });
    // A location that policy no longer names is no longer ours to write.
    let Some(books_location) = mapped else { return Ok(()) };
    let settings = &engine.policy.stock;
    let mut remembered = engine.feed.take(entity);
    let whole = remembered.whole_at.is_none_or(|at| began.since(at) >= settings.whole_every);
    // Nobody whom NetSuite knows touched anything since the last look: what differs now, somebody set in Shopify.
    let mut was_quiet = whole && remembered.whole_at.is_some() && !remembered.is_restless;
    if was_quiet {
        was_quiet = !read_books(engine, claim, books_location, &mut remembered).await?;
    }
    if whole {
        remembered = Remembered::default();
    }
    let kits = kits(engine, claim, whole).await?;
    let is_stirred = read_books(engine, claim, books_location, &mut remembered).await?;
    if is_stirred || remembered.is_restless || whole {
        let compared = compare(engine, claim, books_location, &kits, &mut remembered, draft).await?;
        let Some(compared) = compared else {
            let detail = format!("shopify knows no location {location} of {}", entity.shop);
            draft.findings.push((entity, Finding::new(CauseCode::LocationUnmapped, None, detail)));
            return Ok(());
        };
        (remembered.findings, remembered.is_restless) = (compared.findings, compared.is_restless);
        if was_quiet && compared.differed >= settings.drift_alert as usize {
            let detail =
                format!("{} levels differed though nothing had changed in NetSuite", compared.differed);
            draft.findings.push((entity, Finding::new(CauseCode::StockDrift, None, detail)));
        }
    }
    let findings = remembered.findings.iter().cloned().chain(oversold(&remembered.books));
    draft.findings.extend(findings.map(|finding| (entity, finding)));
    if let Some((item, why)) = remembered.refused.first() {
        let detail = format!("{} levels, first: item {item}: {why}", remembered.refused.len());
        draft.findings.push((entity, Finding::new(CauseCode::StockRejected, None, detail)));
    }
    if whole {
        remembered.whole_at = Some(began);
    }
    engine.feed.put(entity, remembered);
    engine.observer.observe(Event::StockCompared { at: began, shop: entity.shop, location });
    Ok(())
}

/// What a comparison of all levels came to.
struct Compared {
    findings: Vec<Finding>,
    /// To be compared again at the next look.
    is_restless: bool,
    /// Levels that differed at first.
    differed: usize,
}

/// Compares every level with the books and writes what differs; `None` if Shopify knows no such location.
async fn compare<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    books_location: InternalId,
    kits: &Kits,
    remembered: &mut Remembered,
    draft: &mut Draft,
) -> Result<Option<Compared>, PlatformError> {
    let (mut round, mut differed) = (0, 0);
    loop {
        // Levels before books: see `Observed`.
        let Some(levels) = levels(engine, claim).await? else { return Ok(None) };
        read_books(engine, claim, books_location, remembered).await?;
        let buffer = engine.policy.stock.buffer;
        let plan = plan(&Observed { levels: &levels, books: &remembered.books, kits, buffer });
        let mut changes = plan.changes;
        changes.retain(|change| !remembered.refused.iter().any(|(item, _)| *item == change.item));
        if round == 0 {
            differed = changes.len();
        }
        let is_stale = write(engine, claim, round, &changes, &mut remembered.refused, draft).await?;
        round += 1;
        if !is_stale || round == ROUNDS_MAX {
            let is_restless = is_stale || plan.is_provisional;
            return Ok(Some(Compared { findings: plan.findings, is_restless, differed }));
        }
    }
}

/// The kits, read anew if asked for or if nobody has read them yet.
pub(in crate::engine) async fn kits<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    anew: bool,
) -> Result<Arc<Kits>, PlatformError> {
    match engine.kits.get() {
        Some(kits) if !anew => Ok(kits),
        _ => {
            let rows = within_limits(&engine.runtime, claim, |call| engine.netsuite.kits(call)).await?;
            Ok(engine.kits.set(Kits::of_rows(rows)))
        }
    }
}

/// All levels of the location; `None` if there is no such location.
async fn levels<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
) -> Result<Option<Vec<InventoryLevel>>, PlatformError> {
    let Entity { shop, record: location, .. } = claim.entity;
    let mut levels = Vec::new();
    let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
    loop {
        let page = within_limits(&engine.runtime, claim, |call| {
            engine.shopify.levels(call, shop, location, after.clone())
        })
        .await?;
        let Some(page) = page else { return Ok(None) };
        levels.extend(page.levels);
        after = paging.follow(page.next)?;
        if after.is_none() {
            return Ok(Some(levels));
        }
    }
}

/// Reads what changed in NetSuite since the last reading, or everything. The overlap covers rows that show later
/// than they are stamped (netsuite.md §19). True if a level may have to be set.
async fn read_books<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    location: InternalId,
    remembered: &mut Remembered,
) -> Result<bool, PlatformError> {
    let began = engine.runtime.now();
    let since = remembered.read_from.map(|at| at.minus(engine.policy.stock.overlap));
    let mut after = InternalId::new(0);
    let mut stirred = false;
    loop {
        let rows = within_limits(&engine.runtime, claim, |call| {
            engine.netsuite.stock(call, claim.entity.shop, location, since, after)
        })
        .await?;
        let is_last = rows.len() < STOCK_ROWS_MAX;
        after = rows.last().map_or(after, |row| row.item);
        for row in rows {
            let Some(sku) = &row.sku else { continue };
            match remembered.books.get_mut(sku) {
                Some(known) if *known == row => {}
                Some(known) => {
                    stirred |= is_stirred(Some(known), &row);
                    *known = row;
                }
                None => {
                    stirred = true;
                    remembered.books.insert(sku.clone(), row);
                }
            }
        }
        if is_last {
            remembered.read_from = Some(began);
            return Ok(stirred);
        }
    }
}

/// A key that no other write has, by the fencing number, the round and the batch of it. A store that was restored from
/// a backup hands numbers out a second time, and Shopify would take the same change under the same key for one that it
/// has made (shopify.md §b2): so the key also says of which start of the engine it is.
pub(super) fn write_key(
    entity: Entity,
    started_at: Timestamp,
    number: (u64, u32, usize),
    rows: &[LevelChange],
) -> String {
    let digest = digest_of(&(entity, started_at, number, rows));
    format!("{}-stock-{}-{digest:016x}", entity.shop, entity.record)
}

/// Writes in batches. Rows that Shopify names are left out and the rest is sent under a new key: those refused are
/// kept for a person, stale ones are read again. True if any was stale.
///
/// Nothing is ever sent a second time: a quantity that was right an hour ago is a phantom now (failures.md B4).
async fn write<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    round: u32,
    changes: &[LevelChange],
    refused: &mut Vec<(u64, String)>,
    draft: &mut Draft,
) -> Result<bool, PlatformError> {
    let Entity { shop, record: location, .. } = claim.entity;
    let mut is_stale = false;
    for (batch, changes) in changes.chunks(LEVELS_AT_ONCE).enumerate() {
        let mut rows = changes.to_vec();
        while !rows.is_empty() {
            let key = write_key(claim.entity, engine.started_at, (claim.lease.fencing, round, batch), &rows);
            let answer = within_limits(&engine.runtime, claim, |call| {
                engine.shopify.set_levels(call, shop, location, &key, &rows)
            })
            .await?;
            let LevelsSet::None(named) = answer else {
                draft.did(&format!("set {} levels of", rows.len()), location);
                break;
            };
            let mut keep = vec![true; rows.len()];
            for row in named {
                let Some(change) = rows.get(row.row) else { continue };
                keep[row.row] = false;
                match row.why {
                    LevelRefusal::Stale => is_stale = true,
                    LevelRefusal::Refused(why) => {
                        if !refused.iter().any(|(item, _)| *item == change.item) {
                            refused.push((change.item, why));
                        }
                    }
                }
            }
            let before = rows.len();
            let mut kept = keep.into_iter();
            rows.retain(|_| kept.next().unwrap_or(true));
            if rows.len() == before {
                let reason = "shopify set nothing and named no row of ours".to_owned();
                return Err(PlatformError::Refused { platform: crate::ports::Platform::Shopify, reason });
            }
        }
    }
    Ok(is_stale)
}
