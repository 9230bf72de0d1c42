use super::*;
use crate::scenario::built_in::quiet;
use crate::sim::defect::Planted;
use crate::sim::stage::Stage;
use crate::sim::world::World;

#[test]
fn a_fault_speaks_as_the_server_that_was_asked() {
    let (scenario, _) = quiet(Timestamp::from_seconds(1_800_000_000));
    let world = World::of(&scenario, 1);
    let stage = Stage::new(&scenario, 1, world.skus(), Planted::new(None));
    let scene = stage.scene();
    let shop = scene.shopify.shop_keys().next().unwrap();
    for (path, throttled, failed) in [
        ("/admin/api/2026-10/graphql.json", 200, 200),
        ("/admin/api/2026-10/shop.json", 429, 500),
        ("/bulk/1.jsonl", 503, 503),
        ("/shop.myshopify.com/bulk/1.jsonl", 503, 503),
    ] {
        let asked = Asked {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let status =
            |fate| shopify(&scene.shopify, shop, &asked, fate, scenario.starts).map(|told| told.status);
        assert_eq!(status(Fate::Throttled), Some(throttled), "{path}");
        assert_eq!(status(Fate::Failed), Some(failed), "{path}");
        assert_eq!(status(Fate::Answered), None, "{path}");
    }
}
