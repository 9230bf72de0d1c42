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
use crate::domain::InternalId;
use crate::reconcile::close::{OpenItem, Period, Role, aged, close};
use crate::report::close::{Closing, month, page, tables};
use crate::report::document::{self, close::CloseDocument};
use crate::report::folder::Folder;
use crate::scenario::{AccountKind, Profile};
use crate::sim::result::{Verdict, verdict};

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
    let ((result, books), _) = watching(&scenario, &request, interrupt, console, |progress| {
        simulator.run_with_books(&scenario, &request, progress)
    })?;
    let period = Period::of(asked.period);
    let zone = &scenario.profile.account_zone;
    let rested = zone.book_date(scenario.starts.plus(result.virtual_time));
    let as_of = period.last().min(rested);
    let items: Vec<OpenItem> = result
        .exceptions
        .iter()
        .map(|open| OpenItem {
            cause: open.code,
            owner: open.owner.clone(),
            since: zone.book_date(open.raised_at),
            at_risk: open.at_risk,
        })
        .collect();
    let close = close(&books, &roles(&scenario.profile), period);
    let subsidiaries = scenario.profile.subsidiaries.iter().map(|of| (of.id, of.name.clone())).collect();
    let aged = aged(&items, as_of);
    let closing =
        Closing { title: &scenario.name, subsidiaries: &subsidiaries, close: &close, as_of, aged: &aged };
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
    Ok(if close.balances() && !is_broken { Exit::Held } else { Exit::Broken })
}

/// What each account of the merchant's chart is for.
fn roles(profile: &Profile) -> BTreeMap<InternalId, Role> {
    let role = |kind: AccountKind| match kind {
        AccountKind::Clearing => Some(Role::Clearing),
        AccountKind::CustomerDeposits => Some(Role::CustomerDeposits),
        AccountKind::GiftCardLiability => Some(Role::GiftCards),
        AccountKind::Disputes => Some(Role::Disputes),
        _ => None,
    };
    profile.accounts.iter().filter_map(|account| Some((account.id, role(account.kind)?))).collect()
}
