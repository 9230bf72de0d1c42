use super::{Discrepancy, Kind, Standing, explain, unexplained};
use crate::domain::{CauseCode, Flow, Money, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{Exception, ExceptionKey, ExceptionState};

const NOW: Timestamp = Timestamp::from_seconds(1_000);

fn eur(text: &str) -> Money {
    Money::parse(text, "EUR".parse().unwrap()).unwrap()
}

fn missing(record: u64, amount: &str) -> Discrepancy {
    Discrepancy::new(Kind::DepositMissing, "fr".parse().unwrap(), Flow::Order, record, "").of(eur(amount))
}

fn open(flow: Flow, record: u64) -> Exception {
    let entity = Entity { merchant: "acme".parse().unwrap(), shop: "fr".parse().unwrap(), flow, record };
    Exception {
        key: ExceptionKey { entity, code: CauseCode::GatewayUnmapped },
        state: ExceptionState::Open,
        raised_at: NOW,
        owner: "finance".into(),
        deadline: NOW,
        at_risk: None,
        detail: "".into(),
        next_step: "".into(),
    }
}

#[test]
fn an_open_exception_of_the_record_or_time_accounts_for_a_discrepancy_and_nothing_else_does() {
    let mut found = [
        missing(1, "10.00"),
        missing(2, "20.00").clearing(Timestamp::from_seconds(1_001)),
        missing(3, "30.00").clearing(Timestamp::from_seconds(999)),
        missing(4, "-0.50"),
        missing(5, "40.00"),
    ];
    // An exception of the refund of an order speaks of the order; one of a payout of the same number does not.
    let exceptions = [open(Flow::Order, 1), open(Flow::Refund, 5), open(Flow::Settlement, 3)];
    explain(&mut found, &exceptions, NOW);
    let standings = found.each_ref().map(|it| match &it.standing {
        Standing::Unexplained => "unexplained",
        Standing::Timing => "timing",
        Standing::Excepted { .. } => "exception",
    });
    assert_eq!(standings, ["exception", "timing", "unexplained", "unexplained", "exception"]);
    // Too little here does not make up for too much there.
    assert_eq!(unexplained(&found).into_values().collect::<Vec<_>>(), [3_050]);
}
