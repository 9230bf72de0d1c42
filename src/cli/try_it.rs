//! `plimsoll try`: a naive connector meets a bad Friday, then ours does, with the same shoppers, faults and luck.

use super::args::{Fidelity, TryArguments};
use super::campaign;
use super::console::Console;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::machine::Stopwatch;
use super::progress::{Live, Phase};
use super::simulator::{RunRequest, Simulator};
use super::trouble::Trouble;
use crate::report::document::{self, TryDocument};
use crate::report::figures::{self, grouped};
use crate::report::finding::Findings;
use crate::report::ink::Ink;
use crate::report::{Subject, failure, mark};
use crate::sim::result::{InvariantResult, RunResult, Verdict, never_exercised, verdict};

/// Lost and doubled orders told by name.
const NAMED: usize = 3;

/// The invariant that knows what is lost and what is doubled.
const ORDERS_COMPLETE: &str = "orders-complete";

/// # Errors
/// A simulation that could not go on, or output that cannot be written.
pub fn try_it(
    simulator: &dyn Simulator,
    asked: &TryArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let scenario = simulator.bad_friday();
    let subject = Subject::new(&scenario, "a bad Friday".into(), None, Fidelity::Typed.name(), None);
    let seed = asked.seed.unwrap_or_else(|| campaign::seeds(&scenario.seeds, Some(0))[0]);
    let orders = campaign::orders(&scenario);
    let phase = Phase { seeds: 2, work: orders * 2, ..Phase::default() };
    let mut live = Live::new(console, interrupt.clone(), phase);
    let failed = |what: &str| {
        let what = what.to_owned();
        move |cause| Trouble::Simulation { what, cause }
    };
    live.begin("naive connector", orders);
    let stopwatch = Stopwatch::start();
    let naive = simulator
        .run_naive(&scenario, seed, &mut |progress| live.tick(progress))
        .map_err(failed("the run of the naive connector"))?;
    let naive_effort = stopwatch.effort();
    live.end();
    live.begin("plimsoll", orders);
    let stopwatch = Stopwatch::start();
    let request = RunRequest { seed, fidelity: Fidelity::Typed, profile: false };
    let ours = simulator
        .run(&scenario, &request, &mut |progress| live.tick(progress))
        .map_err(failed("the run of the engine"))?;
    let effort = stopwatch.effort();
    live.finish();
    if console.json {
        let document = TryDocument::new((&naive, &naive_effort), (&ours, &effort), Fidelity::Typed.name());
        console.data(&document::text(&document))?;
    } else {
        console.data(&text(&subject, &naive, &ours, console.ink))?;
    }
    Ok(match verdict(std::slice::from_ref(&ours)) {
        Verdict::Held => Exit::Held,
        Verdict::Broken => Exit::Broken,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

fn text(subject: &Subject, naive: &RunResult, ours: &RunResult, ink: Ink) -> String {
    let mut text = format!(
        "{}\nseed {} · {} · the same shoppers, faults and luck for both\n\n",
        ink.bold(&subject.title),
        ours.seed,
        figures::counted(ours.orders, "order")
    );
    for weather in &ours.weather {
        text.push_str(&format!("  {}: took effect {} times\n", weather.what, grouped(weather.took_effect)));
    }
    text.push_str(&format!("\n{}\n", ink.bold("A naive connector")));
    harm(naive, ink, &mut text);
    text.push_str(&format!("\n{}\n", ink.bold("plimsoll")));
    result(subject, ours, ink, &mut text);
    text.push_str(
        "\nNext\n  plimsoll certify                                  every scenario, promise and invariant\n  \
         plimsoll import orders.csv --out scenarios/ours   a day of your own becomes a scenario\n",
    );
    text
}

/// What the naive connector lost or doubled, by currency and by name.
fn harm(naive: &RunResult, ink: Ink, text: &mut String) {
    let broken: Vec<&InvariantResult> =
        naive.invariants.iter().filter(|invariant| invariant.broken > 0).collect();
    if broken.is_empty() {
        text.push_str("  ? lost and doubled nothing with this seed; another one may show it: --seed S\n");
        return;
    }
    if let Some(orders) = broken.iter().find(|invariant| invariant.name == ORDERS_COMPLETE) {
        let at_risk = figures::totals(orders.breaches.iter().filter_map(|breach| breach.money));
        let at_least = if orders.broken > orders.breaches.len() as u64 { "at least " } else { "" };
        let money = if at_risk.is_empty() {
            String::new()
        } else {
            format!(": {at_least}{}", figures::listed(&at_risk))
        };
        let lost = format!("✗ lost or doubled {}{money}", figures::counted(orders.broken, "order"));
        text.push_str(&format!("  {}\n", ink.red(&lost)));
        // Lost orders are found first, doubled ones last: some of both.
        let last = orders.breaches.len().saturating_sub(NAMED).max(NAMED);
        let named = orders.breaches.iter().take(NAMED).chain(orders.breaches.iter().skip(last));
        for breach in named.clone() {
            text.push_str(&format!("    {breach}\n"));
        }
        let more = orders.broken.saturating_sub(named.count() as u64);
        if more > 0 {
            text.push_str(&format!("    and {} more\n", grouped(more)));
        }
    }
    for invariant in broken.iter().filter(|invariant| invariant.name != ORDERS_COMPLETE) {
        let count =
            format!("{} of {}", grouped(invariant.broken), figures::counted(invariant.checked, "check"));
        text.push_str(&format!("  ✗ {}: {count} broke\n", invariant.name));
        if let Some(breach) = invariant.breaches.first() {
            text.push_str(&format!("    {breach}\n"));
        }
    }
}

fn result(subject: &Subject, ours: &RunResult, ink: Ink, text: &mut String) {
    let found = verdict(std::slice::from_ref(ours));
    let (shape, _) = mark(found);
    let checks: u64 = ours.invariants.iter().map(|invariant| invariant.checked).sum();
    match found {
        Verdict::Held | Verdict::Inconclusive => {
            let ties = format!(
                "{shape} ties out: {}, none lost, none doubled",
                figures::counted(ours.orders, "order")
            );
            text.push_str(&format!("  {}\n", ink.verdict(found, &ties)));
            text.push_str(&format!(
                "    {} checked {} times, none broke; {} open, each with an owner\n",
                figures::counted(ours.invariants.len() as u64, "invariant"),
                grouped(checks),
                figures::counted(ours.exceptions.len() as u64, "exception"),
            ));
            for never in never_exercised(std::slice::from_ref(ours)) {
                text.push_str(&format!("    ? {never}\n"));
            }
        }
        Verdict::Broken => {
            let mut findings = Findings::default();
            findings.add(0, subject, ours, &campaign::line_of);
            for finding in findings.all() {
                let replay = format!("plimsoll try --seed {}", ours.seed);
                text.push_str(&failure::block(finding, subject, 1, &replay, ink));
            }
        }
    }
}

#[cfg(test)]
mod tests;
