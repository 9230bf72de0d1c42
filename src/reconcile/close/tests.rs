use super::*;
use crate::domain::ids::PayoutId;
use crate::domain::{ExternalId, ShopKey};
use crate::ledger::books::{Account, Heading, Line};

fn day(text: &str) -> BookDate {
    text.parse().unwrap()
}

/// Two deposits, of which one was taken in the month before, an application and a payout.
pub fn books() -> Books {
    let account = |id, kind| Account { id: InternalId::new(id), kind, subsidiary: InternalId::new(2) };
    let mut books = Books::default();
    books.accounts = vec![
        account(1150, AccountKind::OtherCurrentAsset),
        account(1200, AccountKind::Receivable),
        account(1300, AccountKind::OtherCurrentAsset),
        account(2100, AccountKind::OtherCurrentLiability),
    ];
    let mut add = |number, key: &str, kind, date: &str, lines: &[(u64, i64)]| {
        let heading = Heading {
            number: InternalId::new(number),
            external_id: Some(ExternalId::from_netsuite(key)),
            kind,
            date: day(date),
            currency: Currency::GBP,
            base_currency: Currency::GBP,
        };
        let line =
            |(id, minor): &(u64, i64)| Line { account: InternalId::new(*id), minor: *minor, base: *minor };
        books.add(heading, lines.iter().map(line));
    };
    use DocumentKind::{CustomerDeposit, DepositApplication, JournalEntry};
    add(1, "uk-deposit-1", CustomerDeposit, "2026-10-31", &[(1150, 10_000), (2100, -10_000)]);
    add(2, "uk-deposit-2", CustomerDeposit, "2026-11-02", &[(1150, 5_000), (2100, -5_000)]);
    add(3, "", DepositApplication, "2026-11-03", &[(2100, 12_000), (1200, -12_000)]);
    add(4, "uk-payout-7-issued-2-1", JournalEntry, "2026-11-05", &[(1300, 10_000), (1150, -10_000)]);
    add(5, "uk-deposit-3", CustomerDeposit, "2026-12-01", &[(1150, 700), (2100, -700)]);
    books
}

pub fn roles() -> BTreeMap<InternalId, Role> {
    let of = |id, role| (InternalId::new(id), role);
    BTreeMap::from([of(1150, Role::Clearing), of(2100, Role::CustomerDeposits)])
}

pub fn around(as_of: BookDate) -> items::Around<'static> {
    static NONE: BTreeMap<(ShopKey, PayoutId), items::Complaint> = BTreeMap::new();
    let windows = items::Windows { paid_out: 5, settling: 3, bank: 7, dispute: 75 };
    items::Around { as_of, statements: &[], complaints: &NONE, windows }
}

#[test]
fn an_account_rolls_from_opening_to_closing_by_cause() {
    let close = close(&books(), &roles(), Period::of(day("2026-11-01")));
    let told: Vec<_> = close
        .rolls
        .iter()
        .map(|roll| (roll.role, roll.opening, roll.movements.clone().into_iter().collect(), roll.closing))
        .collect();
    let moved = |all: &[(&'static str, i128, i128)]| -> Vec<(Cow<'static, str>, (i128, i128))> {
        all.iter().map(|(cause, plus, minus)| (Cow::from(*cause), (*plus, *minus))).collect()
    };
    assert_eq!(
        told,
        [
            (Role::Clearing, 10_000, moved(&[("captured", 5_000, 0), ("payout issued", 0, 10_000)]), 5_000),
            (
                Role::CustomerDeposits,
                10_000,
                moved(&[("applied to invoices", 0, 12_000), ("captured", 5_000, 0)]),
                3_000
            ),
        ]
    );
    assert!(close.balances());
    for roll in &close.rolls {
        let moved: i128 = roll.movements.values().map(|(plus, minus)| plus - minus).sum();
        assert_eq!(roll.opening + moved, roll.closing);
    }
}

#[test]
fn open_items_are_aged_by_cause_and_owner() {
    let item = |since: &str, owner: &str| OpenItem {
        cause: CauseCode::PeriodShut,
        owner: owner.into(),
        since: day(since),
        at_risk: Some(Money::new(100, Currency::GBP)),
    };
    let items = [item("2026-11-30", "finance"), item("2026-11-29", "finance"), item("2026-11-01", "finance")];
    let later = item("2026-12-01", "finance");
    let all: Vec<OpenItem> = items.into_iter().chain([later, item("2026-10-01", "ops")]).collect();
    let aged = aged(&all, day("2026-11-30"));
    assert_eq!(aged[&("period-shut", "finance")].items, [2, 0, 1, 0]);
    assert_eq!(aged[&("period-shut", "finance")].at_risk[&Currency::GBP], 300);
    assert_eq!(aged[&("period-shut", "ops")].items, [0, 0, 0, 1]);
}
