//! Deliveries that come again, in disorder or under a false name: attacks W3 to W6.

use plimsoll::domain::{CauseCode, Duration, ExternalId, InternalId, Lane, Timestamp};
use plimsoll::intake::metrics::DeliveryResult;
use plimsoll::ports::Store;
use plimsoll::ports::inbox::AsideReason;
use plimsoll::ports::store::{AuditEntry, Claim, LaneRoom, Link, LinkKind, Outcome, Step};
use plimsoll::store::FileStore;

use super::{FRIDAY, Post, fresh_id, later, merchant, order, sha256, with_house};

/// Does the one piece of work that is due, as the engine would: the order as it stood is brought over.
pub async fn work(store: &FileStore, version: Timestamp) -> Claim {
    let lanes = Lane::ALL.map(|lane| LaneRoom { lane, room: 10 });
    let mut claims = store.claim(merchant(), &lanes, later(), Timestamp::END).await.unwrap();
    assert_eq!(claims.len(), 1, "{claims:?}");
    let claim = claims.remove(0);
    let record = claim.entity.record;
    let step = Step {
        entity: claim.entity,
        lease: claim.lease,
        outcome: Outcome::Done,
        links: vec![Link {
            kind: LinkKind::SalesOrder,
            record,
            parent: record,
            external_id: ExternalId::from_netsuite(format!("fr-order-{record}")),
            internal_id: InternalId::new(record + 40_000),
            version,
            read_at: later(),
            digest: 1,
        }],
        follow_ups: vec![],
        raise: vec![],
        converged: vec![],
        audit: AuditEntry {
            at: later(),
            cause: claim.cause,
            read_version: version,
            policy_hash: [7; 32],
            actions: "upsert".into(),
            outcome: "done".into(),
        },
    };
    assert!(!store.commit(step, later()).await.unwrap());
    claim
}

#[test]
fn w4_a_repeated_delivery_is_acknowledged_and_not_stored_twice() {
    with_house("repeated", async |house| {
        let post = Post::order(5_001);
        assert_eq!(post.send(house.at).await, 200);
        work(&house.store, FRIDAY.parse().unwrap()).await;
        for _ in 0..3 {
            assert_eq!(post.send(house.at).await, 200);
        }
        assert_eq!(house.due().await, 0, "its work was done and is not done again");
        assert_eq!(house.metrics.count(DeliveryResult::Repeated), 3);
    });
}

#[test]
fn w4_a_replay_after_its_id_was_forgotten_has_no_effect() {
    with_house("forgotten", async |house| {
        let post = Post::order(5_001);
        assert_eq!(post.send(house.at).await, 200);
        work(&house.store, FRIDAY.parse().unwrap()).await;
        let all = later();
        let forgotten =
            plimsoll::ports::Inbox::forget(&house.store, merchant(), all, all, 100).await.unwrap();
        assert_eq!(forgotten, 1);
        assert_eq!(post.send(house.at).await, 200);
        assert_eq!(post.with("x-shopify-webhook-id", &fresh_id()).send(house.at).await, 200);
        assert_eq!(house.due().await, 0, "the version it speaks of was brought over");
    });
}

#[test]
fn w5_another_body_under_a_known_id_is_set_aside_and_a_person_is_told() {
    with_house("contradiction", async |house| {
        let first = Post::order(5_001);
        let body = order(5_002, FRIDAY);
        let mut second = Post::new("orders/updated", body.clone());
        let (_, id) = first.headers.iter().find(|(name, _)| name == "x-shopify-webhook-id").unwrap();
        second = second.with("x-shopify-webhook-id", id);
        assert_eq!(first.send(house.at).await, 200);
        for _ in 0..2 {
            assert_eq!(second.send(house.at).await, 200);
        }
        assert_eq!(house.due().await, 1, "the first wins");
        let aside = house.aside().await;
        assert_eq!(aside.len(), 1);
        assert_eq!((aside[0].reason, aside[0].digest), (AsideReason::Contradicts, sha256(body.as_bytes())));
        let open = house.store.open_exceptions(merchant()).await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].key.code, open[0].key.entity.record), (CauseCode::DeliveryContradicts, 5_002));
        for body in [&first.body, &second.body] {
            let hex: String = sha256(body).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(open[0].detail.contains(&hex), "{}", open[0].detail);
        }
        assert!(!open[0].detail.contains("jo@example.com"));
    });
}

#[test]
fn w5_an_unreadable_body_under_a_known_id_is_a_contradiction_too() {
    with_house("unreadable-contradiction", async |house| {
        let first = Post::order(5_001);
        let (_, id) = first.headers.iter().find(|(name, _)| name == "x-shopify-webhook-id").unwrap();
        let second = Post::new("orders/updated", "{").with("x-shopify-webhook-id", id);
        assert_eq!(first.send(house.at).await, 200);
        assert_eq!(second.send(house.at).await, 200);
        assert_eq!(house.aside().await[0].reason, AsideReason::Contradicts);
        assert_eq!(house.store.open_exceptions(merchant()).await.unwrap().len(), 1);
    });
}

#[test]
fn w6_two_deliveries_of_one_event_make_one_piece_of_work_with_the_newer_version() {
    with_house("one-event", async |house| {
        let newer = Post::new("orders/updated", order(5_001, "2026-11-27T09:00:05+01:00"));
        let older = Post::new("orders/create", order(5_001, FRIDAY));
        let (_, event) = newer.headers.iter().find(|(name, _)| name == "x-shopify-event-id").unwrap();
        let older = older.with("x-shopify-event-id", event);
        assert_eq!(newer.send(house.at).await, 200);
        assert_eq!(older.send(house.at).await, 200);
        let version: Timestamp = "2026-11-27T08:00:05Z".parse().unwrap();
        assert_eq!(work(&house.store, version).await.version, version);
        let late = Post::new("orders/updated", order(5_001, FRIDAY));
        assert_eq!(late.send(house.at).await, 200);
        assert_eq!(house.due().await, 0, "an older version comes too late to matter");
    });
}

#[test]
fn w3_a_false_shop_or_topic_in_the_headers_is_never_acted_on() {
    with_house("false-headers", async |house| {
        // Signed with the secret of another app.
        let us = Post::order(1).with("x-shopify-shop-domain", "us-acme.myshopify.com");
        assert_eq!(us.send(house.at).await, 401);
        // Signed with the right app's secret, but the body tells whose it is.
        let be = Post::order(1).with("x-shopify-shop-domain", "be-acme.myshopify.com");
        assert_eq!(be.send(house.at).await, 200);
        // A shop with a domain of its own: known by the order, which belongs to the other shop.
        let custom = order(2, FRIDAY).replace(super::DOMAIN, "shop.acme.example");
        assert_eq!(Post::new("orders/updated", custom.clone()).send(house.at).await, 200);
        let be = Post::new("orders/updated", custom).with("x-shopify-shop-domain", "be-acme.myshopify.com");
        assert_eq!(be.send(house.at).await, 200);
        // A body under a topic of another shape.
        for topic in ["refunds/create", "fulfillments/create", "orders/edited"] {
            assert_eq!(Post::new(topic, order(3, FRIDAY)).send(house.at).await, 200);
        }
        let refund = r#"{"id":9,"admin_graphql_api_id":"gid://shopify/Refund/9","order_id":3,
            "created_at":"2026-11-27T09:00:00+01:00","updated_at":"2026-11-27T09:00:00+01:00"}"#;
        assert_eq!(Post::new("fulfillments/update", refund).send(house.at).await, 200);
        assert_eq!(Post::new("orders/create", refund).send(house.at).await, 200);
        let reasons: Vec<_> = house.aside().await.iter().map(|one| one.reason).collect();
        let (foreign, unreadable) = (AsideReason::ForeignShop, AsideReason::Unreadable);
        // One body is kept once, under however many names it comes.
        assert_eq!(reasons, [foreign, foreign, unreadable, unreadable]);
        assert_eq!(house.due().await, 1);
    });
}

/// Times in headers are not signed either: an instant to come must not make the engine wait for it.
#[test]
fn w3_a_time_to_come_in_a_header_is_cut_to_now() {
    with_house("future", async |house| {
        let refund = r#"{"id":9,"order_id":3,"created_at":"2026-11-27T09:00:00+01:00"}"#;
        let post = Post::new("refunds/create", refund).with("x-shopify-triggered-at", "9999-01-01T00:00:00Z");
        assert_eq!(post.send(house.at).await, 200);
        let claim = work(&house.store, FRIDAY.parse().unwrap()).await;
        assert!(claim.version < later().minus(Duration::from_hours(24)), "{}", claim.version);
        assert_eq!(claim.lane, Lane::Refunds);
    });
}
