//! Bulk operations as they cross: what runs, what is told of it, and the file that it leaves.

use plimsoll::platforms::shopify::operation::{
    Answer, BulkOperationVariables, BulkRunVariables, orders_in_bulk,
};
use plimsoll::platforms::shopify::wire::bulk::{BulkOperation, BulkRunPayload, BulkStatus};
use plimsoll::platforms::shopify::wire::{Gid, OrderStamp};

use super::*;

async fn run(shopify: &ToTwin, search: &str) -> BulkRunPayload {
    let request = Request::BulkRun(BulkRunVariables { query: orders_in_bulk(search) });
    match shopify.send(call(), shop(), request).await.unwrap().data {
        Some(Answer::BulkRun(data)) => data.bulk_operation_run_query.unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn look(shopify: &ToTwin, number: u64) -> Option<BulkOperation> {
    let request = Request::BulkOperation(BulkOperationVariables { id: Gid::new(number) });
    match shopify.send(call(), shop(), request).await.unwrap().data {
        Some(Answer::BulkOperation(data)) => data.bulk_operation,
        other => panic!("{other:?}"),
    }
}

fn is_missing(file: &Result<String, TransportError>) -> bool {
    *file == Err(TransportError::Status { code: 404, request_id: None })
}

#[test]
fn a_listing_in_bulk_holds_what_the_pages_hold() {
    on_each(async |fidelity| {
        let (client, shopify) = client(fidelity, busy_shop().0);
        let page = client.orders_updated(call(), shop(), start(), None).await.unwrap();
        let begun = run(&shopify, &format!("updated_at:>='{}'", start().floor_second())).await;
        let number = begun.bulk_operation.unwrap().id.number();
        // A call takes a second, in which so few rows are listed.
        let done = look(&shopify, number).await.unwrap();
        assert_eq!((done.status, &*done.object_count), (BulkStatus::Completed, "4"), "{fidelity:?}");
        let file = shopify.fetch(call(), shop(), &done.url.unwrap()).await.unwrap();
        let rows: Vec<OrderStamp> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let listed: Vec<u64> = rows.iter().map(|stamp| stamp.id.number()).collect();
        let paged: Vec<u64> = page.orders.iter().map(|stamp| stamp.id.get()).collect();
        assert_eq!((listed.len(), listed), (4, paged), "{fidelity:?}");
    });
}

#[test]
fn what_lists_nothing_has_no_file_and_what_never_ran_is_not_there() {
    on_each(async |fidelity| {
        let (_, shopify) = client(fidelity, busy_shop().0);
        let begun = run(&shopify, "updated_at:>='2027-01-01T00:00:00Z'").await;
        let number = begun.bulk_operation.unwrap().id.number();
        let done = look(&shopify, number).await.unwrap();
        assert_eq!((done.status, &*done.object_count, done.url), (BulkStatus::Completed, "0", None));
        assert_eq!(look(&shopify, number + 1).await, None, "{fidelity:?}");
        for name in [format!("{number}.jsonl"), format!("{}.jsonl", number + 1), "x.jsonl".to_owned()] {
            let url = format!("https://storage.googleapis.com/bulk-operation-outputs/{name}");
            let file = shopify.fetch(call(), shop(), &url).await;
            assert!(is_missing(&file), "{fidelity:?} {name}: {file:?}");
        }
    });
}

#[test]
fn a_file_is_gone_after_seven_days() {
    on_each(async |fidelity| {
        let (_, shopify) = client(fidelity, busy_shop().0);
        let begun = run(&shopify, "").await;
        let number = begun.bulk_operation.unwrap().id.number();
        let url = look(&shopify, number).await.unwrap().url.unwrap();
        assert!(shopify.fetch(call(), shop(), &url).await.is_ok());
        shopify.world.lock().unwrap().1 = start().plus(Duration::from_hours(8 * 24));
        assert!(is_missing(&shopify.fetch(call(), shop(), &url).await), "{fidelity:?}");
        let after = look(&shopify, number).await.unwrap();
        assert_eq!((after.status, after.url), (BulkStatus::Completed, None), "{fidelity:?}");
    });
}
