//! `plimsoll close`: a scenario is played, and its month is closed from NetSuite's ledger and the open exceptions.

use std::collections::BTreeMap;

use super::args::CloseArguments;
use super::campaign;
use super::console::Console;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::run_once::watching;
use super::simulator::{RunRequest, Simulator};
use super::trouble::Trouble;
use crate::domain::ids::PayoutId;
use crate::domain::{Duration, InternalId, ShopKey, Zone};
use crate::reconcile::close::items::{Around, Complaint, Windows, items};
use crate::reconcile::close::{OpenItem, Period, Role, aged, close};
use crate::report::close::{Closing, month, page, tables};
use crate::report::document::{self, close::CloseDocument};
use crate::report::folder::Folder;
use crate::scenario::processor::Schedule;
use crate::scenario::{AccountKind, Profile, Scenario};
use crate::sim::result::{RunResult, Verdict, verdict};

/// # Errors
/// A file or folder that cannot be used, or a simulation that could not go on.
pub fn closing(
    simulator: &dyn Simulator,
    asked: &CloseArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let scenario =
        simulator.load(&asked.scenario, asked.orders).map_err(|error| Trouble::Files(vec![*error]))?;
    let folder = asked.out.as_deref().map(Folder::prepare).transpose().map_err(Trouble::Folder)?;
    let seed = asked.seed.unwrap_or_else(|| campaign::seeds(&scenario.seeds, Some(0))[0]);
    let request = RunRequest { seed, fidelity: asked.fidelity, profile: false };
    let ((result, books, statements), _) = watching(&scenario, &request, interrupt, console, |progress| {
        simulator.run_to_close(&scenario, &request, progress)
    })?;
    let period = Period::of(asked.period);
    let zone = &scenario.profile.account_zone;
    let rested = zone.book_date(scenario.starts.plus(result.virtual_time));
    let as_of = period.last().min(rested);
    let open: Vec<OpenItem> = result
        .exceptions
        .iter()
        .map(|open| OpenItem {
            cause: open.code,
            owner: open.owner.clone(),
            since: zone.book_date(open.raised_at),
            at_risk: open.at_risk,
        })
        .collect();
    let roles = roles(&scenario.profile);
    let close = close(&books, &roles, period);
    let complaints = complaints(&result);
    let windows = windows(&scenario);
    let around = Around { as_of, statements: &statements, complaints: &complaints, windows };
    let itemised = items(&books, &roles, &around);
    let subsidiaries = scenario.profile.subsidiaries.iter().map(|of| (of.id, of.name.clone())).collect();
    let aged = aged(&open, as_of);
    let closing = Closing {
        title: &scenario.name,
        subsidiaries: &subsidiaries,
        close: &close,
        as_of,
        aged: &aged,
        itemised: &itemised,
    };
    let document = document::text(&CloseDocument::new(&closing));
    if let Some(folder) = folder {
        for (name, text) in tables(&closing).iter().chain(&[("close.json", document.clone())]) {
            folder.put(name, text).map_err(Trouble::Report)?;
        }
        console.talk(&format!("wrote {} and its tables\n", folder.path().join("close.json").display()));
    }
    match console.json {
        true => console.data(&document)?,
        false => console.data(&page(&closing, console.ink))?,
    }
    if close.trial.is_empty() {
        console.talk(&format!("nothing was booked by the end of {}\n", month(&closing)));
    }
    // A run that broke an invariant has no month that could be closed.
    let is_broken = verdict(std::slice::from_ref(&result)) == Verdict::Broken;
    if is_broken {
        console.complain("the run broke a promise or an invariant; `plimsoll run` tells which\n");
    }
    Ok(if close.balances() && closing.ties() && !is_broken { Exit::Held } else { Exit::Broken })
}

/// What each account of the merchant's chart is for.
pub fn roles(profile: &Profile) -> BTreeMap<InternalId, Role> {
    let role = |kind: AccountKind| match kind {
        AccountKind::Clearing => Some(Role::Clearing),
        AccountKind::CustomerDeposits => Some(Role::CustomerDeposits),
        AccountKind::GiftCardLiability => Some(Role::GiftCards),
        AccountKind::Disputes => Some(Role::Disputes),
        AccountKind::PayoutsInTransit => Some(Role::InTransit),
        AccountKind::PayoutsReturned => Some(Role::Returned),
        AccountKind::Reserve => Some(Role::Reserve),
        AccountKind::Accruals => Some(Role::Accruals),
        AccountKind::ExchangeBridge => Some(Role::ExchangeBridge),
        AccountKind::DueFrom => Some(Role::DueFrom),
        AccountKind::DueTo => Some(Role::DueTo),
        _ => None,
    };
    profile.accounts.iter().filter_map(|account| Some((account.id, role(account.kind)?))).collect()
}

/// Exceptions that are open for payouts.
pub fn complaints(result: &RunResult) -> BTreeMap<(ShopKey, PayoutId), Complaint> {
    let of_payouts = result.exceptions.iter().filter(|open| open.flow == "settlement");
    let complaints = of_payouts.map(|open| {
        // Days of people are nobody's books: the account's own would do as well.
        let deadline = Zone::utc().book_date(open.deadline);
        let complaint = Complaint { cause: open.code, owner: open.owner.clone(), deadline };
        ((open.shop, PayoutId::new(open.record)), complaint)
    });
    complaints.collect()
}

/// From a dispute to its end.
///
/// Source: shopify.md §m.3: review up to about 75 days.
const DISPUTE_DAYS: u16 = 75;

/// A weekend and a holiday.
const BANK_CLOSED_DAYS: u32 = 4;

/// Days by which something is due, by the policy that the engine runs by and the schedule of payouts.
pub fn windows(scenario: &Scenario) -> Windows {
    const DAY: Duration = Duration::from_hours(24);
    let days = |length: Duration| u16::try_from(length.nanos().div_ceil(DAY.nanos())).unwrap_or(u16::MAX);
    let settlement = scenario.policy.settlement.as_ref();
    let settling = settlement.map_or(3, |policy| days(policy.settling_window));
    let bank = settlement.map_or(7, |policy| days(policy.bank_window));
    let accounts = scenario.profile.processor.iter().flat_map(|processor| &processor.shops);
    let longest = accounts.map(|account| {
        let between = match account.schedule {
            Schedule::Daily => 1,
            Schedule::Weekly(_) | Schedule::Manual => 7,
            Schedule::Monthly(_) => 31,
        };
        account.delay + between + BANK_CLOSED_DAYS
    });
    let paid_out = longest.max().and_then(|days| u16::try_from(days).ok()).unwrap_or(7);
    Windows { paid_out, settling, bank, dispute: DISPUTE_DAYS }
}

#[cfg(test)]
mod tests;
