//! What one run came to, as a page of text.

use super::figures::{self, grouped};
use super::ink::Ink;
use super::{Effort, Subject};
use crate::sim::meter::{Room, Spent};
use crate::sim::result::{InvariantResult, RunResult};
use crate::sim::volumes::Volumes;

/// Exceptions listed by name; the others are counted.
const EXCEPTIONS_SHOWN: usize = 5;

/// The page, ended by a line break. Failures have blocks of their own.
pub fn page(subject: &Subject, run: &RunResult, effort: &Effort, ink: Ink) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let calls = run.calls;
    rows.push((
        "run",
        format!(
            "seed {} · {} · {} calls ({} Shopify, {} NetSuite) · {} deliveries",
            run.seed,
            figures::counted(run.orders, "order"),
            grouped(calls.shopify + calls.netsuite),
            grouped(calls.shopify),
            grouped(calls.netsuite),
            grouped(calls.deliveries),
        ),
    ));
    rows.push(("time", time(run, effort)));
    rows.extend(run.spent.map(|spent| ("spent", self::spent(&spent, run))));
    rows.push(("invariants", invariants(&run.invariants)));
    for promise in &run.promises {
        let mark = match promise.held {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        rows.push((
            "promise",
            format!("{mark} {} {}, found {}", promise.name, promise.limit, promise.observed),
        ));
    }
    for expected in &run.expectations {
        let mark = if expected.stated == expected.found { "✓" } else { "✗" };
        let name = subject.accounts.get(&expected.account).map_or("", |name| name);
        rows.push((
            "balance",
            format!("{mark} {} {name}: {}, found {}", expected.account, expected.stated, expected.found),
        ));
    }
    for expected in &run.expected_orders {
        let mark = if expected.stated == expected.found { "✓" } else { "✗" };
        let (order, what) = (&expected.order, expected.what.name());
        rows.push(("order", format!("{mark} {order} {what}: {}, found {}", expected.stated, expected.found)));
    }
    for expected in &run.expected_counts {
        let mark = if expected.stated == expected.found { "✓" } else { "✗" };
        rows.push((
            "count",
            format!("{mark} {}: {}, found {}", expected.what, expected.stated, expected.found),
        ));
    }
    volumes(&run.volumes, run, &mut rows);
    for weather in &run.weather {
        let mark = if weather.took_effect == 0 { "?" } else { "✓" };
        rows.push((
            "weather",
            format!("{mark} {}: took effect {} times", weather.what, grouped(weather.took_effect)),
        ));
    }
    let faults: Vec<String> =
        run.faults.iter().map(|(kind, count)| format!("{kind} {}", grouped(*count))).collect();
    if !faults.is_empty() {
        rows.push(("faults", faults.join(", ")));
    }
    for lag in run.lag.iter().filter(|lag| lag.count > 0) {
        rows.push((
            "lag",
            format!("{}: p50 {}, p99 {}, longest {}", lag.lane.name(), lag.p50, lag.p99, lag.max),
        ));
    }
    exceptions(subject, run, &mut rows);
    let refusals = run.refusals;
    let foreseeable = refusals.shopify_foreseeable + refusals.netsuite_foreseeable;
    let others = refusals.injected + refusals.by_cut + refusals.by_neighbours;
    if foreseeable + others > 0 {
        rows.push(("refusals", format!("{} foreseeable, {} not", grouped(foreseeable), grouped(others))));
    }
    for drift in &run.tax_drift {
        let orders = figures::counted(drift.orders, "order");
        let kind = drift.kind.name();
        rows.push(("tax drift", format!("{}, {kind}: {} in {orders}", drift.shop, drift.sum)));
    }
    for (kind, count, sum) in &run.not_played {
        rows.push(("not played", format!("{} of {kind}, {sum}", figures::counted(*count, "line"))));
    }
    for (what, why) in &run.not_covered {
        rows.push(("not covered", format!("{what}: {why}")));
    }
    if let Some((name, acted)) = run.defect {
        rows.push(("defect", format!("{name}, planted, acted {} times", grouped(acted))));
    }
    rows.push(("trace", run.trace_hash.clone()));
    rows.push(("ledger", run.ledger_hash.clone()));
    let mut text = format!("{}  {}\n", ink.bold(&run.scenario), run.title);
    let mut last = "";
    for (name, value) in rows {
        let label = if name == last { "" } else { name };
        last = name;
        let padded = format!("{label:<12}");
        text.push_str(format!("  {}{value}", ink.dim(&padded)).trim_end());
        text.push('\n');
    }
    text
}

fn time(run: &RunResult, effort: &Effort) -> String {
    let cpu = effort.cpu.map_or(String::new(), |cpu| format!(", {} of CPU", figures::wall(cpu)));
    let memory =
        effort.peak_rss_bytes.map_or(String::new(), |bytes| format!(", {}", figures::mebibytes(bytes)));
    format!("{} simulated in {}{cpu}{memory}", run.virtual_time, figures::wall(effort.wall))
}

/// Where the time of the run's thread went, most first, and what an order took of it.
fn spent(spent: &Spent, run: &RunResult) -> String {
    let mut rooms = Room::ALL;
    rooms.sort_by_key(|room| std::cmp::Reverse(spent.of(*room)));
    let all = spent.all();
    let share = |room: Room| {
        let thousandths = (spent.of(room) * 1_000).checked_div(all).unwrap_or_default();
        format!("{} {}.{} %", room.name(), thousandths / 10, thousandths % 10)
    };
    let an_order = (all / 1_000).checked_div(run.orders).unwrap_or_default();
    format!("{}; {} µs an order", rooms.map(share).join(", "), grouped(an_order))
}

fn invariants(invariants: &[InvariantResult]) -> String {
    let checks: u64 = invariants.iter().map(|invariant| invariant.checked).sum();
    let checked = invariants.iter().filter(|invariant| invariant.checked > 0).count() as u64;
    let broken: Vec<&str> =
        invariants.iter().filter(|invariant| invariant.broken > 0).map(|invariant| invariant.name).collect();
    let base =
        format!("{} over {}", figures::counted(checked, "invariant"), figures::counted(checks, "check"));
    if broken.is_empty() {
        format!("✓ {base}, none broke")
    } else {
        format!("✗ {base}, broken: {}", broken.join(", "))
    }
}

fn exceptions(subject: &Subject, run: &RunResult, rows: &mut Vec<(&str, String)>) {
    if run.exceptions.is_empty() {
        rows.push(("exceptions", "none open".to_owned()));
        return;
    }
    let at_risk = figures::totals(run.exceptions.iter().filter_map(|exception| exception.at_risk));
    let money =
        if at_risk.is_empty() { String::new() } else { format!(", {} at risk", figures::listed(&at_risk)) };
    rows.push(("exceptions", format!("{} open{money}", grouped(run.exceptions.len() as u64))));
    for exception in run.exceptions.iter().take(EXCEPTIONS_SHOWN) {
        let money = exception.at_risk.map_or(String::new(), |money| format!("{money} · "));
        rows.push((
            "exceptions",
            format!(
                "{money}{} {} {}: {}, for {} by {}",
                exception.shop,
                exception.flow,
                exception.record,
                exception.code.name(),
                exception.owner,
                figures::clock(exception.deadline, subject.starts, &subject.zone),
            ),
        ));
    }
    let more = run.exceptions.len().saturating_sub(EXCEPTIONS_SHOWN);
    if more > 0 {
        rows.push(("exceptions", format!("and {} more", grouped(more as u64))));
    }
}

/// What followed the orders, if anything did, and how often an address lost the race with the pick list.
fn volumes(volumes: &Volumes, run: &RunResult, rows: &mut Vec<(&'static str, String)>) {
    if volumes.shipments > 0 {
        let said = [
            (volumes.shipments, "shipment"),
            (volumes.fulfillments, "fulfillment"),
            (volumes.invoices, "invoice"),
        ];
        let said = said.map(|(count, what)| figures::counted(count, what)).join(", ");
        rows.push(("shipped", said));
        let per_order = |count| figures::per(count, run.orders);
        let calls = per_order(run.calls.shopify + run.calls.netsuite);
        rows.push(("per order", format!("{calls} calls, {} steps", per_order(run.steps))));
    }
    if volumes.refunds + volumes.cancelled > 0 {
        let said = [
            (volumes.cancelled, "cancellation"),
            (volumes.refunds, "refund"),
            (volumes.exchanges, "exchange"),
            (volumes.credit_memos, "credit memo"),
            (volumes.customer_refunds, "customer refund"),
        ];
        rows.push(("given back", said.map(|(count, what)| figures::counted(count, what)).join(", ")));
    }
    if volumes.split_by_location > 0 {
        rows.push(("split", format!("{} by location", figures::counted(volumes.split_by_location, "order"))));
    }
    for (up_to, bucket) in volumes.race.buckets().filter(|_| volumes.readdressed > 0) {
        let delay = up_to.map_or_else(|| "longer".to_owned(), |delay| format!("up to {delay}"));
        let share = bucket.per_10_000_hundredths();
        rows.push((
            "mis-ships",
            format!(
                "lock seen after {delay}: {} of {}, {}.{:02} in 10,000",
                grouped(bucket.mis_shipped),
                figures::counted(bucket.shipped, "parcel"),
                share / 100,
                share % 100
            ),
        ));
    }
}
