use super::*;

fn hash(events: &[(u16, i64, u64, u64)]) -> String {
    let mut hash = TraceHash::new();
    for (kind, at, a, b) in events {
        hash.event(*kind, Timestamp::from_nanos(*at), *a, *b);
    }
    hash.to_string()
}

/// The frozen vectors: a change of one of these makes every recorded hash void.
#[test]
fn known_events_have_known_hashes() {
    assert_eq!(hash(&[]), "87c13108d82bd9de07eb77aef347f610");
    assert_eq!(hash(&[(1, 1_795_755_600_000_000_000, 5_001, 0)]), "cb1742813a91fc6742ddf744a3c266c4");
    assert_eq!(hash(&[(1, 0, 0, 0), (2, -1, u64::MAX, 7), (3, 5, 1, 2)]), "82d82bd3e66bbd224c85c84a8eddd178");
}

#[test]
fn order_kind_instant_and_content_all_count() {
    let one = (1, 10, 3, 4);
    let two = (2, 20, 5, 6);
    let all = [
        hash(&[one, two]),
        hash(&[two, one]),
        hash(&[one]),
        hash(&[one, one]),
        hash(&[(0, 10, 3, 4)]),
        hash(&[(1, 11, 3, 4)]),
        hash(&[(1, 10, 4, 3)]),
        hash(&[(1, 10, 3, 0)]),
        hash(&[(1, 10, 0, 4)]),
    ];
    let mut distinct = all.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn events_of_zeroes_do_not_end_the_hash() {
    let mut hash = TraceHash::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1_000 {
        hash.event(0, Timestamp::ORIGIN, 0, 0);
        assert!(seen.insert(hash.value()));
    }
    assert_eq!(hash.events(), 1_000);
    // A single bit early on is still seen a million words later.
    let (mut left, mut right) = (hash, hash);
    left.event(0, Timestamp::ORIGIN, 1, 0);
    right.event(0, Timestamp::ORIGIN, 2, 0);
    for _ in 0..10_000 {
        left.event(0, Timestamp::ORIGIN, 0, 0);
        right.event(0, Timestamp::ORIGIN, 0, 0);
    }
    assert!((left.value() ^ right.value()).count_ones() > 20);
}
