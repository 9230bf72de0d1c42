//! How many exceptions and documents there are at rest, against what the scenario states.

use crate::domain::{CauseCode, Money, ShopKey};
use crate::ports::Runtime;
use crate::ports::store::Exception;
use crate::scenario::{Counted, ExpectedCount, Scenario};
use crate::sim::rehearsal::Rehearsal;
use crate::sim::result::ExpectedCountResult;
use crate::sim::stage::Scene;
use crate::sim::volumes::Volumes;

pub(super) fn expected_counts<R: Runtime>(
    rehearsal: &Rehearsal<R>,
    scene: &Scene,
    scenario: &Scenario,
    open: &[Exception],
) -> Vec<ExpectedCountResult> {
    let result = |expected: &ExpectedCount| {
        let of = expected.order.as_deref().map(|name| rehearsal.traffic.scripted_order(name));
        // An order that was never placed has nothing.
        let order = of.map(|order| order.map(|(shop, id)| (shop, id.get())));
        let (found, at_risk) = match (expected.what, order) {
            (_, Some(None)) => (0, None),
            (Counted::Exceptions(code), order) => exceptions(open, code, order.flatten()),
            (_, order) => (documents(scene, expected.what, order.flatten()), None),
        };
        let said = |count: u64, at_risk: Option<Money>| match at_risk {
            Some(money) => format!("{count}, {money} at risk").into(),
            None => count.to_string().into(),
        };
        let found_at_risk =
            expected.at_risk.map(|stated| at_risk.unwrap_or(Money::new(0, stated.currency())));
        ExpectedCountResult {
            what: match &expected.order {
                Some(order) => format!("{} of {order}", expected.what.name()).into(),
                None => expected.what.name().into(),
            },
            stated: said(expected.count, expected.at_risk),
            found: said(found, found_at_risk),
            file: (&*expected.file).into(),
            line: expected.line,
        }
    };
    scenario.expected_counts.iter().map(result).collect()
}

/// How many are open, and what they put at risk together, if that is in one currency.
fn exceptions(open: &[Exception], code: CauseCode, order: Option<(ShopKey, u64)>) -> (u64, Option<Money>) {
    let of_order = |exception: &&Exception| {
        let entity = exception.key.entity;
        exception.key.code == code && order.is_none_or(|order| order == (entity.shop, entity.record))
    };
    let (mut count, mut sum) = (0, None);
    for exception in open.iter().filter(of_order) {
        count += 1;
        if let Some(money) = exception.at_risk {
            sum = sum.map_or(Some(money), |sum: Money| sum.checked_add(money).ok());
        }
    }
    (count, sum)
}

fn documents(_: &Scene, _: Counted, _: Option<(ShopKey, u64)>) -> u64 {
    0
}
pub(super) fn volumes(scene: &Scene) -> Volumes {
    scene.volumes
}
