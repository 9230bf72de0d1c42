use proptest::prelude::*;

use super::*;

fn deposit(number: u64, minor: i64) -> Document {
    Document {
        external_id: ExternalId::from_netsuite(format!("uk-deposit-{number}")),
        kind: DocumentKind::CustomerDeposit,
        subsidiary: InternalId::new(1),
        currency: Currency::GBP,
        date: "2026-11-27".parse().unwrap(),
        postings: vec![
            Posting { account: InternalId::new(1110), amount: Money::new(minor, Currency::GBP) },
            Posting { account: InternalId::new(2100), amount: Money::new(-minor, Currency::GBP) },
        ],
    }
}

fn hash(documents: &[Document]) -> String {
    let mut hash = LedgerHash::default();
    documents.iter().for_each(|document| hash.add(document));
    hash.finish()
}

#[test]
fn a_document_that_is_a_penny_off_is_named_with_its_difference() {
    let mut document = deposit(7, 1_000);
    document.postings[0].amount = Money::new(1_001, Currency::GBP);
    let error = document.balances().unwrap_err();
    assert_eq!(error.to_string(), "uk-deposit-7 is out of balance by 1 minor units of GBP");
}

#[test]
fn the_hash_depends_on_amounts_and_dates() {
    let plain = hash(&[deposit(1, 500), deposit(2, 700)]);
    assert_ne!(plain, hash(&[deposit(1, 500), deposit(2, 701)]));
    let mut later = deposit(2, 700);
    later.date = "2026-11-28".parse().unwrap();
    assert_ne!(plain, hash(&[deposit(1, 500), later]));
}

proptest! {
    /// The order in which documents were saved, or their lines stand, says nothing of the books.
    #[test]
    fn the_hash_depends_on_content_and_not_on_order(minors in prop::collection::vec(1i64..100_000, 1..20)) {
        let mut documents: Vec<Document> =
            minors.iter().enumerate().map(|(at, minor)| deposit(at as u64, *minor)).collect();
        let before = hash(&documents);
        documents.reverse();
        documents.iter_mut().for_each(|document| document.postings.reverse());
        prop_assert_eq!(before, hash(&documents));
    }

    #[test]
    fn balanced_documents_leave_a_trial_balance_of_zero(minors in prop::collection::vec(-100_000i64..100_000, 0..20)) {
        let mut trial = TrialBalance::default();
        for (at, minor) in minors.iter().enumerate() {
            trial.post(&deposit(at as u64, *minor));
        }
        prop_assert_eq!(trial.iter().map(|(_, _, minor)| minor).sum::<i128>(), 0);
        prop_assert_eq!(trial.of(InternalId::new(1110), Currency::GBP), minors.iter().map(|m| i128::from(*m)).sum());
    }
}
