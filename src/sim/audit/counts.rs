//! How many exceptions and documents there are at rest, against what the scenario states.

use crate::domain::ids::OrderId;
use crate::domain::{CauseCode, Money, ShopKey};
use crate::mocks::netsuite::{Document, DocumentKind};
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

/// Documents of one kind, of the order or of all.
fn documents(scene: &Scene, what: Counted, order: Option<(ShopKey, u64)>) -> u64 {
    let kind = match what {
        Counted::Exceptions(_) => return 0,
        Counted::Fulfillments => return fulfillments(scene, order),
        Counted::Invoices => DocumentKind::Invoice,
        Counted::CreditMemos => DocumentKind::CreditMemo,
        Counted::CustomerRefunds => DocumentKind::CustomerRefund,
    };
    let sales_order = order.map(|(shop, order)| {
        let key = format!("{shop}-order-{order}");
        scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key).map(|it| it.internal_id())
    });
    let is_of_order = |document: &Document<'_>| match sales_order {
        None => true,
        Some(None) => false,
        Some(id) => document.sales_order().map(|order| order.internal_id()) == id,
    };
    let documents = scene.netsuite.documents().filter(|it| it.kind() == kind && !it.is_deleted());
    documents.filter(is_of_order).count() as u64
}

fn fulfillments(scene: &Scene, order: Option<(ShopKey, u64)>) -> u64 {
    let Some((shop, order)) = order else { return scene.shopify.fulfillments_count() };
    let order = scene.shopify.order_truth(shop, OrderId::new(order));
    let fulfillments = order.into_iter().flat_map(|order| order.fulfillments);
    fulfillments.filter(|fulfillment| !fulfillment.is_cancelled).count() as u64
}

/// What the world counted, and what stands in both platforms.
pub(super) fn volumes(scene: &Scene) -> Volumes {
    let mut volumes = scene.volumes;
    volumes.fulfillments = scene.shopify.fulfillments_count();
    for document in scene.netsuite.documents().filter(|document| !document.is_deleted()) {
        match document.kind() {
            DocumentKind::Invoice => volumes.invoices += 1,
            DocumentKind::CreditMemo => volumes.credit_memos += 1,
            DocumentKind::CustomerRefund => volumes.customer_refunds += 1,
            _ => {}
        }
    }
    volumes
}
