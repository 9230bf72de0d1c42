//! What settlement asks of NetSuite: clearing records, journals, intercompany journals, and shut periods.

use plimsoll::domain::billing::{JournalEntry, RefundSource};
use plimsoll::domain::ids::{PayoutId, TransactionId};
use plimsoll::domain::{Currency, ExternalId, InternalId, Money};
use plimsoll::mocks::netsuite::{Account, AccountKind, PeriodPart, PeriodRefusal};
use plimsoll::ports::netsuite::Billing;
use plimsoll::ports::settlement::{ClearingRecord, IntercompanyEntry, KnownJournal};
use plimsoll::ports::{NetSuite, PlatformError, SettlementBooks};
use rust_decimal::Decimal;

use super::books::assert_balanced;
use super::world::{
    FR, FR_CLEARING, FR_GIFT_CARDS, FR_INCOME, NOW, UK, UK_BANK_EUR, UK_CLEARING, World, balance, call, day,
    deposit, eur, order, refund, run, shop,
};
use super::{in_each, write_all};

const FR_TRANSIT: InternalId = InternalId::new(270);
const FR_DUE: InternalId = InternalId::new(271);
const UK_DUE: InternalId = InternalId::new(370);

fn set_up(world: &World) {
    let mut twin = world.twin();
    for (id, subsidiary, currency) in
        [(FR_TRANSIT, FR, Currency::EUR), (FR_DUE, FR, Currency::EUR), (UK_DUE, UK, Currency::GBP)]
    {
        twin.add_account(Account { id, kind: AccountKind::OtherCurrentAsset, subsidiary, currency });
    }
}

fn key(part: &str) -> ExternalId {
    ExternalId::for_payout(shop(), PayoutId::new(77), part, 1)
}

fn entry(part: &str, lines: &[(InternalId, i64)]) -> JournalEntry {
    JournalEntry {
        external_id: key(part),
        subsidiary: FR,
        currency: Currency::EUR,
        date: day("2026-11-28"),
        original_date: None,
        memo: "payout 77".into(),
        lines: lines.iter().map(|(account, minor)| (*account, eur(*minor))).collect(),
        memos: vec![],
    }
}

fn journals(world: &World, parts: &[&str]) -> Vec<KnownJournal> {
    let keys: Vec<ExternalId> = parts.iter().map(|part| key(part)).collect();
    run(world.client.journals(call(), &keys)).unwrap()
}

#[test]
fn clearing_records_come_by_external_id_with_the_sign_of_the_ledger() {
    in_each(|world| {
        let (_, _, deposited) = write_all(world);
        let back = refund(10, &[(RefundSource::Deposit(deposited), 2_500)]);
        let refunded = run(world.client.upsert_customer_refund(call(), &back)).unwrap();
        let keys = [
            back.external_id.clone(),
            ExternalId::for_deposit(shop(), TransactionId::new(4)),
            deposit(9, &order(5001), 0).external_id,
        ];
        let records = run(world.client.clearing_records(call(), &keys)).unwrap();
        let record = |internal_id, external_id: &ExternalId, minor, date| ClearingRecord {
            internal_id,
            external_id: external_id.clone(),
            account: Some(FR_CLEARING),
            amount: eur(minor),
            base: eur(minor),
            exchange_rate: Decimal::ONE,
            date: day(date),
        };
        assert_eq!(
            records,
            [
                record(deposited, &keys[2], 12_000, "2026-11-27"),
                record(refunded, &keys[0], -2_500, "2026-11-28")
            ]
        );
        assert_eq!(run(world.client.clearing_records(call(), &[])).unwrap(), []);
    });
}

#[test]
fn a_journal_is_read_back_with_its_lines_over_several_pages() {
    in_each(|world| {
        set_up(world);
        let mut lines: Vec<(InternalId, i64)> = (1..=699).map(|minor| (FR_CLEARING, -minor)).collect();
        lines.push((FR_TRANSIT, (1..=699).sum()));
        for part in ["issued", "issued-2"] {
            run(world.client.post_journal(call(), &entry(part, &lines))).unwrap();
        }
        let known = journals(world, &["issued-2", "issued", "at-bank"]);
        assert_eq!(known.len(), 2);
        for journal in &known {
            assert_eq!(journal.lines, entry("issued", &lines).lines);
            assert_eq!((journal.subsidiary, journal.currency), (FR, Currency::EUR));
            assert_eq!((journal.date, journal.reversed_on), (day("2026-11-28"), None));
        }
        assert_eq!(known[0].external_id, Some(key("issued")));
    });
}

#[test]
fn a_journal_of_more_than_a_thousand_lines_is_refused() {
    in_each(|world| {
        let mut lines: Vec<(InternalId, i64)> = (0..1_000).map(|_| (FR_CLEARING, -1)).collect();
        lines.push((FR_INCOME, 1_000));
        let refused = run(world.client.post_journal(call(), &entry("issued", &lines)));
        assert!(matches!(refused, Err(PlatformError::Refused { .. })), "{refused:?}");
        lines.pop();
        lines[0].1 = 999;
        run(world.client.post_journal(call(), &entry("issued", &lines))).unwrap();
    });
}

#[test]
fn a_journal_that_awaits_approval_posts_nothing_and_shows_no_lines() {
    in_each(|world| {
        set_up(world);
        world.twin().require_journal_approval(true);
        let entry = entry("issued", &[(FR_TRANSIT, 500), (FR_CLEARING, -500)]);
        let id = run(world.client.post_journal(call(), &entry)).unwrap();
        assert_eq!(balance(world, FR_TRANSIT), 0);
        assert_eq!(journals(world, &["issued"])[0].lines, []);
        assert_eq!(run(world.client.post_journal(call(), &entry)), Ok(id));
        assert!(world.twin().approve_journal(id).unwrap());
        assert!(!world.twin().approve_journal(id).unwrap());
        assert_eq!(journals(world, &["issued"])[0].lines, entry.lines);
        assert_eq!(balance(world, FR_TRANSIT), 500);
        assert_balanced(&world.twin());
    });
}

#[test]
fn what_staff_do_with_journals_shows() {
    in_each(|world| {
        set_up(world);
        let posted = entry("issued", &[(FR_TRANSIT, 500), (FR_CLEARING, -500)]);
        let id = run(world.client.post_journal(call(), &posted)).unwrap();
        let changed = [(FR_TRANSIT, 400), (FR_GIFT_CARDS, 100), (FR_CLEARING, -500)];
        assert!(world.twin().change_journal_by_staff(id, &changed[..2]).is_err());
        world.twin().change_journal_by_staff(id, &changed).unwrap();
        assert_eq!(journals(world, &["issued"])[0].lines, entry("issued", &changed).lines);
        assert_eq!(balance(world, FR_TRANSIT), 400);
        assert!(world.twin().void_journal_by_staff(id).is_err());
        world.twin().reverse_journal_by_staff(id, day("2026-12-01")).unwrap();
        assert!(world.twin().reverse_journal_by_staff(id, day("2026-12-01")).is_err());
        assert_eq!(journals(world, &["issued"])[0].reversed_on, Some(day("2026-12-01")));
        assert_eq!(balance(world, FR_TRANSIT), 0);
        let sides = [(FR_TRANSIT, 70), (FR_CLEARING, -70)];
        world.twin().journal_by_staff(FR, Currency::EUR, day("2026-11-28"), &sides, NOW).unwrap();
        assert_eq!(balance(world, FR_TRANSIT), 70);
        assert_balanced(&world.twin());
    });
}

fn across(fr: &[(InternalId, i64)], uk: &[(InternalId, i64)]) -> IntercompanyEntry {
    let usd = |minor| Money::new(minor, Currency::USD);
    let side = |lines: &[(InternalId, i64)]| lines.iter().map(|(id, minor)| (*id, usd(*minor))).collect();
    IntercompanyEntry {
        external_id: key("intercompany"),
        currency: Currency::USD,
        date: day("2026-11-28"),
        original_date: None,
        memo: "payout 77".into(),
        sides: [(FR, side(fr)), (UK, side(uk))],
        memos: [vec!["of FR".into()], vec![]],
    }
}

#[test]
fn an_intercompany_journal_balances_in_each_of_its_books() {
    in_each(|world| {
        set_up(world);
        let fr = [(FR_DUE, 1_001), (FR_CLEARING, -334), (FR_CLEARING, -333), (FR_CLEARING, -334)];
        let uk = [(UK_CLEARING, 1_001), (UK_DUE, -1_001)];
        for (one, other) in [(&fr[..2], &uk[..]), (&[(FR_DUE, 5)][..], &[(UK_DUE, -5)][..])] {
            let refused = run(world.client.post_intercompany(call(), &across(one, other)));
            assert!(matches!(refused, Err(PlatformError::Refused { .. })), "{refused:?}");
        }
        let foreign = run(world.client.post_intercompany(call(), &across(&[(UK_DUE, 0)], &uk)));
        assert!(matches!(foreign, Err(PlatformError::BadReference { .. })), "{foreign:?}");

        let entry = across(&fr, &uk);
        let id = run(world.client.post_intercompany(call(), &entry)).unwrap();
        assert_eq!(run(world.client.post_intercompany(call(), &entry)), Ok(id));
        let known = journals(world, &["intercompany"]);
        let [(_, one), (_, other)] = entry.sides;
        assert_eq!(known[0].lines, [one, other].concat());
        assert_eq!((known[0].internal_id, known[0].subsidiary), (id, FR));
        let twin = world.twin();
        for (subsidiary, base) in [(FR, Currency::EUR), (UK, Currency::GBP)] {
            let postings = twin.document(id).unwrap().postings();
            let own: Vec<_> = postings.filter(|posting| posting.subsidiary == subsidiary).collect();
            assert!(own.iter().all(|posting| posting.base.currency() == base));
            assert_eq!(own.iter().map(|posting| posting.base.minor()).sum::<i64>(), 0);
        }
        assert_balanced(&twin);
    });
}

#[test]
fn a_bank_account_in_a_foreign_currency_takes_journals_in_that_currency_only() {
    in_each(|world| {
        let journal = |currency| JournalEntry {
            subsidiary: UK,
            currency,
            lines: vec![(UK_BANK_EUR, Money::new(5, currency)), (UK_CLEARING, Money::new(-5, currency))],
            ..entry("at-bank", &[])
        };
        let refused = run(world.client.post_journal(call(), &journal(Currency::USD)));
        assert!(matches!(refused, Err(PlatformError::BadReference { .. })), "{refused:?}");
    });
}

#[test]
fn periods_are_locked_by_subsidiary_and_part() {
    in_each(|world| {
        set_up(world);
        write_all(world);
        let november = day("2026-11-01");
        let is_shut = |answer: &Result<InternalId, PlatformError>| {
            matches!(answer, Err(PlatformError::PeriodClosed { .. }))
        };
        world.twin().lock_period_of(november, FR, PeriodPart::Receivables);
        let late = run(world.client.upsert_customer_deposit(call(), &deposit(12, &order(5001), 10)));
        assert!(is_shut(&late), "{late:?}");
        run(world.client.post_journal(call(), &entry("issued", &[(FR_TRANSIT, 5), (FR_CLEARING, -5)])))
            .unwrap();

        world.twin().lock_period_of(november, UK, PeriodPart::All);
        let both = across(&[(FR_DUE, 7), (FR_CLEARING, -7)], &[(UK_CLEARING, 7), (UK_DUE, -7)]);
        let late = run(world.client.post_intercompany(call(), &both));
        assert!(is_shut(&late), "{late:?}");
        let refused = world.twin().unlock_period_of(november, UK, PeriodPart::Payables);
        assert_eq!(refused, Err(PeriodRefusal::AllLocked));
        assert_eq!(world.twin().finish_period(november), Err(PeriodRefusal::NotLocked));

        world.twin().lock_period_of(november, FR, PeriodPart::All);
        assert_eq!(world.twin().finish_period(day("2026-12-01")), Err(PeriodRefusal::EarlierOpen));
        assert_eq!(world.twin().finish_period(november), Ok(()));
        assert_eq!(world.twin().unlock_period_of(november, FR, PeriodPart::All), Err(PeriodRefusal::Closed));
        let late =
            run(world.client.post_journal(call(), &entry("at-bank", &[(FR_TRANSIT, 5), (FR_DUE, -5)])));
        assert!(is_shut(&late), "{late:?}");
        world.twin().open_period(november);
        run(world.client.post_intercompany(call(), &both)).unwrap();
        run(world.client.upsert_customer_deposit(call(), &deposit(12, &order(5001), 10))).unwrap();
    });
}
