//! A scenario's ledger against its exports: what another program would sum is what the twin holds.

use std::path::Path;

use super::*;
use crate::ledger::export::{Format, account_name, write};
use crate::ledger::reading::read;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::rehearsal::RunOptions;
use crate::sim::run::run_with_books;

#[test]
fn an_export_sums_to_the_twins_trial_balance() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tenders/split.toml");
    let scenario = Scenario::load(&path, LoadOptions { orders: None }).unwrap();
    let options = RunOptions { seed: 1, ..RunOptions::default() };
    let (_, books, balances) = run_with_books(&scenario, &options, &mut |_| {}).unwrap();
    assert!(!books.entries().is_empty());
    let of_books: Vec<_> = books.balances().into_iter().filter(|(_, sums)| *sums != (0, 0)).collect();
    let mut of_twin: Vec<_> = balances
        .iter()
        .map(|balance| ((balance.account, balance.currency), (balance.minor, balance.base_minor)))
        .filter(|(_, sums)| *sums != (0, 0))
        .collect();
    of_twin.sort_unstable();
    assert_eq!(of_books, of_twin, "the copy is whole");
    for format in [Format::Beancount, Format::Hledger] {
        let mut text = String::new();
        write(&books, &scenario.name, format, &mut text).unwrap();
        let rebuilt = read(text.as_bytes()).unwrap();
        assert_eq!(rebuilt.out_of_balance_count, 0);
        assert_eq!(rebuilt.entries, books.entries().len() as u64);
        for account in &books.accounts {
            let name = account_name(account);
            let of_account = |((at, _), sum): (&(u32, Currency), &i128)| {
                (rebuilt.accounts[*at as usize] == name).then_some(*sum)
            };
            let told: i128 = rebuilt.weights.iter().filter_map(of_account).sum();
            let held = of_twin.iter().filter(|((of, _), _)| *of == account.id);
            let held: i128 = held.map(|(_, (_, base))| base).sum();
            assert_eq!(told, held, "{name} in {}", format.name());
        }
    }
}
