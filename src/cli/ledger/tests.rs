use std::fs;

use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, command};

fn summed(name: &str, amount: &str) -> (Exit, String, String) {
    let path = std::env::temp_dir().join(format!("plimsoll-ledger-{name}-{}", std::process::id()));
    let text = format!(
        "2026-11-01 open Assets:A USD\n2026-11-01 open Income:B USD\n\n2026-11-27 * \"invoice\"\n  id: \"1\"\n  \
         Assets:A  {amount} USD\n  Income:B  -12.30 USD\n"
    );
    fs::write(&path, text).unwrap();
    let done = command(&MadeUp::holding(), &format!("plimsoll ledger {}", path.display()));
    fs::remove_file(&path).unwrap();
    done
}

#[test]
fn a_ledger_that_balances_exits_with_zero_and_one_that_does_not_with_three() {
    let (exit, out, _) = summed("good", "12.30");
    assert_eq!((exit, out.contains("✓ BALANCES   1 entry, 2 postings")), (Exit::Held, true), "{out}");
    let (exit, out, _) = summed("bad", "12.31");
    assert_eq!(
        (exit, out.contains("line 4: the entry is out of balance by 0.01 USD")),
        (Exit::Broken, true),
        "{out}"
    );
    let (exit, _, err) = summed("ugly", "12.3");
    assert_eq!((exit, err.contains("line 6")), (Exit::Refused, true), "{err}");
}
