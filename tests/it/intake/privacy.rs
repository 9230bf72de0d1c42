//! What privacy law asks for: attack W12, and that erased data is gone from every file of the store.

use plimsoll::domain::CauseCode;
use plimsoll::intake::metrics::DeliveryResult;
use plimsoll::ports::Store;
use plimsoll::store::FileStore;

use super::{DOMAIN, Folder, House, Post, block_on, config, fresh_id, merchant, with_house};

fn request(topic: &str, customer: u64, orders: &str) -> Post {
    let list = if topic == "customers/redact" { "orders_to_redact" } else { "orders_requested" };
    let body = format!(
        r#"{{"shop_id":1,"shop_domain":"{DOMAIN}","customer":{{"id":{customer},"email":"planted-4711@example.com","phone":"1"}},"{list}":[{orders}],"data_request":{{"id":9}}}}"#
    );
    Post::new(topic, body)
}

fn shop_redact() -> Post {
    Post::new("shop/redact", format!(r#"{{"shop_id":1,"shop_domain":"{DOMAIN}"}}"#))
}

/// A body of this customer that cannot be read as an order, so that it is kept raw.
fn personal(customer: u64, name: &str) -> Post {
    let body = format!(r#"{{"id":"x","customer":{{"id":{customer},"email":"{name}"}}}}"#);
    Post::new("orders/updated", body)
}

#[test]
fn w12_a_compliance_delivery_with_a_bad_signature_is_refused() {
    with_house("privacy-forged", async |house| {
        for topic in ["customers/data_request", "customers/redact"] {
            assert_eq!(request(topic, 7, "").signed_with(b"x").send(house.at).await, 401);
        }
        assert_eq!(shop_redact().signed_with(b"x").send(house.at).await, 401);
        assert_eq!(house.store.verify_audit(merchant()).await.unwrap().entries, 0);
    });
}

#[test]
fn w12_a_request_for_an_unknown_customer_asks_nothing_of_anybody() {
    with_house("privacy-unknown", async |house| {
        for topic in ["customers/data_request", "customers/redact"] {
            assert_eq!(request(topic, 7, "1,2").send(house.at).await, 200);
        }
        assert_eq!(house.store.open_exceptions(merchant()).await.unwrap(), []);
        let entries = house.store.audit(merchant(), 0, 10).await.unwrap();
        let said: Vec<_> = entries.iter().map(|one| (&*one.entry.actions, &*one.entry.outcome)).collect();
        let outcome = "obeyed; 0 bodies erased; no record in NetSuite";
        assert_eq!(said, [("customers/data_request", outcome), ("customers/redact", outcome)]);
    });
}

#[test]
fn w12_a_request_that_comes_twice_is_obeyed_once() {
    with_house("privacy-twice", async |house| {
        let redact = request("customers/redact", 7, "");
        assert_eq!(redact.send(house.at).await, 200);
        assert_eq!(redact.send(house.at).await, 200);
        assert_eq!(house.metrics.count(DeliveryResult::Repeated), 1);
        assert_eq!(house.store.verify_audit(merchant()).await.unwrap().entries, 1);
    });
}

#[test]
fn w12_a_request_that_names_another_shop_than_its_header_is_set_aside() {
    with_house("privacy-foreign", async |house| {
        let post = request("customers/redact", 7, "").with("x-shopify-shop-domain", "be-acme.myshopify.com");
        assert_eq!(post.send(house.at).await, 200);
        assert_eq!(house.aside().await.len(), 1);
        assert_eq!(house.store.verify_audit(merchant()).await.unwrap().entries, 0);
    });
}

#[test]
fn a_customer_known_in_netsuite_is_brought_before_a_person() {
    with_house("privacy-known", async |house| {
        assert_eq!(Post::order(5_001).send(house.at).await, 200);
        super::replays::work(&house.store, super::FRIDAY.parse().unwrap()).await;
        for topic in ["customers/data_request", "customers/redact"] {
            assert_eq!(request(topic, 7, "5001").send(house.at).await, 200);
        }
        let open = house.store.open_exceptions(merchant()).await.unwrap();
        let codes: Vec<_> = open.iter().map(|one| (one.key.code, one.key.entity.record)).collect();
        assert_eq!(codes, [(CauseCode::DataRequested, 7), (CauseCode::ErasureRequested, 7)]);
        assert!(open.iter().all(|one| &*one.owner == "privacy" && !one.detail.contains("planted")));
    });
}

#[test]
fn erased_data_is_in_no_file_of_the_store_and_the_audit_chain_still_verifies() {
    let folder = Folder::new("erasure");
    block_on(async {
        let house = House::open(config(), FileStore::open(&folder.store()).unwrap()).await;
        assert_eq!(Post::order(5_001).send(house.at).await, 200);
        super::replays::work(&house.store, super::FRIDAY.parse().unwrap()).await;
        // Enough that bodies were moved about between pages; some do not tell whose they are.
        for n in 0..60 {
            let padding = "p".repeat(n * 97);
            assert_eq!(personal(7, &format!("planted-7-{padding}@example.com")).send(house.at).await, 200);
            assert_eq!(personal(8, &format!("planted-8-{n}@example.com")).send(house.at).await, 200);
            let nameless = Post::new("orders/updated", format!("planted-nameless-{n}"));
            assert_eq!(nameless.send(house.at).await, 200);
        }
        assert!(folder.occurrences("planted-7") >= 60);
        let before = house.store.verify_audit(merchant()).await.unwrap();
        assert_eq!(request("customers/redact", 7, "5001").send(house.at).await, 200);
        for gone in ["planted-7", "planted-nameless", "planted-4711"] {
            assert_eq!(folder.occurrences(gone), 0, "{gone}");
        }
        assert!(folder.occurrences("planted-8") >= 60, "another customer's stay");
        let after = house.store.verify_audit(merchant()).await.unwrap();
        assert_eq!((after.entries, after.broken_at), (before.entries + 1, None));
        assert_eq!(house.aside().await.len(), 180, "that something came stays known");
        let again = request("customers/redact", 8, "").with("x-shopify-webhook-id", &fresh_id());
        assert_eq!(again.send(house.at).await, 200);
        assert_eq!(personal(9, "planted-9@example.com").send(house.at).await, 200);
        assert_eq!(shop_redact().send(house.at).await, 200);
        assert_eq!(folder.occurrences("planted"), 0);
        let store = house.close().await;
        assert_eq!(store.verify_audit(merchant()).await.unwrap().broken_at, None);
        drop(store);
        assert_eq!(folder.occurrences("planted"), 0);
    });
}
