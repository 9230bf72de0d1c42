//! `plimsoll ledger`: an exported ledger is rebuilt and summed.

use super::args::LedgerArguments;
use super::console::Console;
use super::exit::Exit;
use super::trouble::Trouble;
use crate::ledger::reading::{Rebuilt, read};
use crate::report::figures::{counted, plain_amount};
use crate::report::table::{Align, columns};

/// # Errors
/// A file that cannot be used, or output that cannot be written.
pub fn ledger(asked: &LedgerArguments, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let unreadable = |cause| Trouble::Unreadable { path: asked.file.clone(), cause };
    let text = std::fs::read(&asked.file).map_err(unreadable)?;
    let rebuilt = read(&text).map_err(|cause| Trouble::Ledger { path: asked.file.clone(), cause })?;
    if console.json {
        console.data(&crate::report::document::ledger::text(&rebuilt))?;
    } else {
        console.data(&page(&rebuilt, console))?;
    }
    Ok(if rebuilt.out_of_balance_count == 0 { Exit::Held } else { Exit::Broken })
}

fn page(rebuilt: &Rebuilt, console: &Console<'_>) -> String {
    let rows: Vec<Vec<String>> = rebuilt
        .balances
        .iter()
        .map(|((at, currency), minor)| {
            let name = rebuilt.accounts[*at as usize].clone();
            vec![name, plain_amount(*minor, *currency), currency.to_string()]
        })
        .collect();
    let heads = [("account", Align::Left), ("balance", Align::Right), ("", Align::Left)];
    let mut text = String::new();
    for line in columns(&heads, &rows) {
        text.push_str(&line);
        text.push('\n');
    }
    for (line, currency, left) in &rebuilt.out_of_balance {
        let left = crate::report::figures::amount(*left, *currency);
        text.push_str(&format!("line {line}: the entry is out of balance by {left}\n"));
    }
    let entries = if rebuilt.entries == 1 {
        "1 entry".into()
    } else {
        format!("{} entries", crate::report::figures::grouped(rebuilt.entries))
    };
    let read = format!("{entries}, {}", counted(rebuilt.postings, "posting"));
    let verdict = match rebuilt.out_of_balance_count {
        0 => format!("{}   {read}", console.ink.green("✓ BALANCES")),
        count => format!("{}   {count} of {read}", console.ink.red("✗ OUT OF BALANCE")),
    };
    text.push_str(&format!("\n{verdict}\n"));
    text
}

#[cfg(test)]
mod tests;
