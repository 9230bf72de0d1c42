//! For any payout: settled by its own actions, balanced, complete by rule, and posted once whatever answers are lost.

use proptest::prelude::*;

use super::*;
use crate::engine::settlement::rules::{self, Rule};

/// Rows of any published type and sign, with documents for most of those that need one.
fn any_payout() -> impl Strategy<Value = Case> {
    let kinds = BalanceKind::PUBLISHED.len();
    let any_row = (0..kinds, -50_000i64..50_000, -300i64..300, any::<bool>(), 0u8..20);
    let status = prop_oneof![
        4 => Just(PayoutStatus::Paid),
        1 => Just(PayoutStatus::Failed),
        1 => Just(PayoutStatus::Canceled)
    ];
    (prop::collection::vec(any_row, 0..40), status, 0u8..6, any::<bool>()).prop_map(
        |(rows, status, bank, to_another)| {
            let mut missing = Vec::new();
            let rows: Vec<BalanceTransaction> = (1..)
                .zip(rows)
                .map(|(id, (kind, amount, fee, of_an_order, luck))| {
                    // Charges and refunds are most of any payout.
                    let kind = match luck {
                        0..8 => BalanceKind::Charge,
                        8..12 => BalanceKind::Refund,
                        _ => BalanceKind::PUBLISHED[kind].clone(),
                    };
                    if luck == 7 {
                        missing.push(id);
                    }
                    let needs = rules::rule(&kind) == Some(Rule::Clearing);
                    if of_an_order || needs {
                        of_order(id, kind, amount, fee)
                    } else {
                        row(id, kind, amount, fee)
                    }
                })
                .collect();
            let mut case = payout(rows);
            case.payout.status = status;
            let net = case.payout.net.minor();
            case.bank = match bank {
                0 => None,
                1 => Some(vec![]),
                2 => Some(vec![bank_line("B1", "2026-12-01", net + 1)]),
                3 => Some(vec![bank_line("B1", "2026-12-01", net), bank_line("B2", "2026-12-02", -net)]),
                _ => Some(vec![bank_line("B1", "2026-12-01", net)]),
            };
            if to_another {
                paid_to_another(&mut case.policy);
            }
            // One payout in two lacks nothing.
            if missing.len() % 2 == 1 {
                case.records
                    .retain(|record| missing.iter().all(|id| record.internal_id.get() != id + 70_000));
            }
            case
        },
    )
}

/// What is wrong with the payout by a road of its own: Σ of the rows by where their types go.
fn by_rule(case: &Case) -> BTreeMap<String, i64> {
    let shop = &case.policy.settlement.as_ref().unwrap().shops[0];
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for row in &case.rows {
        let has_transaction = row.order_transaction.is_some();
        let account = match rules::rule(&row.kind).unwrap() {
            Rule::To(account) => account.in_books(shop),
            Rule::ClearingOr(account) if !has_transaction => account.in_books(shop),
            _ => shop.clearing,
        };
        *sums.entry(name_of(account)).or_default() -= row.amount.minor();
        let fee = rules::fee_account(&row.kind).in_books(shop);
        *sums.entry(name_of(fee)).or_default() += row.fee.minor();
    }
    *sums.entry(name_of(shop.owner_accounts.in_transit)).or_default() += case.payout.net.minor();
    sums.retain(|_, sum| *sum != 0);
    sums
}

proptest! {
    /// Once its actions are performed, the plan says nothing more to be posted: whatever is missing, early or late.
    #[test]
    fn a_plan_is_settled_by_its_own_actions(mut case in any_payout(), day in 0u64..10) {
        case.settle(days(day));
        let again = case.plan(days(day));
        prop_assert!(!again.iter().any(Action::writes), "{:?}", again);
        // Words check that each journal balances, and each side of it.
        again.iter().for_each(|action| drop(in_words(action)));
    }

    /// What was issued is what the rows come to, account by account: no line is left out, and none is made up.
    #[test]
    fn the_lines_of_an_account_come_to_its_rows(mut case in any_payout()) {
        case.bank = None;
        case.payout.status = PayoutStatus::Paid;
        case.settle(days(9));
        let mut balances = case.balances();
        balances.retain(|account, _| account != "ICR" && account != "icp");
        let is_complete = case.rows.iter().all(|row| {
            let keys = matching::keys("fr".parse().unwrap(), row);
            let found = case.records.iter().any(|record| keys.contains(&record.external_id));
            keys.is_empty() || found
        });
        let wanted = if is_complete { by_rule(&case) } else { BTreeMap::new() };
        prop_assert_eq!(balances, wanted);
    }

    /// The engine may die after any action, with its answer or without it, and act on what it remembers or look again:
    /// in the end the same journals stand, each posted once.
    #[test]
    fn q5_whatever_answers_are_lost_nothing_is_posted_twice(
        mut case in any_payout(), died_after in 0usize..6, more in 1i64..5_000
    ) {
        let mut clean = case.clone();
        clean.settle(days(8));
        // What was planned before the first death, carried out again on top of what it had done.
        let planned = case.plan(days(8));
        planned.iter().take(died_after).for_each(|action| post(&mut case.own, action));
        case.settle(days(8));
        planned.iter().for_each(|action| post(&mut case.own, action));
        prop_assert_eq!(keys_of(&case), keys_of(&clean));
        prop_assert_eq!(case.balances(), clean.balances());

        // The same when rows change and journals are turned around.
        for case in [&mut case, &mut clean] {
            let row = of_order(99, BalanceKind::Charge, more, 0);
            case.records.push(record(&row));
            case.payout.net = eur(case.payout.net.minor() + more);
            case.rows.push(row);
        }
        clean.settle(days(8));
        let planned = case.plan(days(8));
        planned.iter().take(died_after).for_each(|action| post(&mut case.own, action));
        case.settle(days(8));
        planned.iter().for_each(|action| post(&mut case.own, action));
        prop_assert_eq!(keys_of(&case), keys_of(&clean));
        prop_assert_eq!(case.balances(), clean.balances());
    }
}

fn keys_of(case: &Case) -> Vec<String> {
    case.own.journals.keys().map(ToString::to_string).collect()
}
