//! `plimsoll import`: a trading history becomes scenarios, and every line of it is accounted for.

use super::args::ImportArguments;
use super::console::Console;
use super::exit::Exit;
use super::simulator::Simulator;
use super::trouble::Trouble;
use crate::report::document::{self, ImportDocument};
use crate::report::figures;
use crate::scenario::import::ImportOptions;

/// Rejected lines told one by one; the others are counted.
const REJECTIONS_SHOWN: usize = 10;

/// # Errors
/// A history that cannot be read or does not add up, or output that cannot be written.
pub fn import(
    simulator: &dyn Simulator,
    asked: &ImportArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let options = ImportOptions {
        out: asked.out.clone(),
        per_day: asked.days,
        days: asked.only,
        shop: None,
        data: Some("data".to_owned()),
    };
    let imported = simulator.import(&asked.file, &options).map_err(Trouble::Import)?;
    for rejection in imported.rejections.iter().take(REJECTIONS_SHOWN) {
        console.talk(&format!("line {}: {}\n", rejection.line, rejection.reason));
    }
    let more = imported.rejections.len().saturating_sub(REJECTIONS_SHOWN);
    if more > 0 {
        console.talk(&format!("and {} rejected\n", figures::counted(more as u64, "more line")));
    }
    if console.json {
        console.data(&document::text(&ImportDocument::new(&imported)))?;
    } else {
        let mut text = format!("{}\n\n", imported.tally);
        for scenario in &imported.scenarios {
            text.push_str(&format!("wrote {}\n", scenario.display()));
        }
        text.push_str(&format!("{} to play", figures::counted(imported.orders, "order")));
        if let Some(first) = imported.scenarios.first() {
            text.push_str(&format!("; next: plimsoll run {}", first.display()));
        }
        text.push('\n');
        console.data(&text)?;
    }
    Ok(Exit::Held)
}
