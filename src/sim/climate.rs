//! Scheduled weather that is done rather than drawn: subscriptions deleted, periods locked, items made inactive,
//! limits cut, slots taken by neighbours.

use std::sync::Arc;

use crate::domain::{Duration, Timestamp};
use crate::platforms::shopify::convert::wire_topic;
use crate::ports::Runtime;
use crate::ports::shopify::Topic;
use crate::scenario::{Limits, Scenario, WeatherKind};
use crate::sim::audit::hash_of_month;
use crate::sim::faults::{FaultKind, Turn};
use crate::sim::stage::{Scene, Stage, kind};

/// Spawns the task that turns the weather.
pub fn start<R: Runtime>(stage: &Arc<Stage>, scenario: &Scenario, world: &R) {
    let turns: Vec<Turn> = stage.scene().faults.forecast().turns().to_vec();
    let limits = scenario.limits.clone();
    {
        let mut scene = stage.scene();
        for weather in &scenario.weather {
            // Weather without an end is still there at rest.
            let at_rest = weather.lasts == Duration::ZERO;
            match &weather.what {
                WeatherKind::ItemInactive { sku } => {
                    scene.oracle.causes().item_inactive(sku.clone(), at_rest)
                }
                WeatherKind::PeriodLocked { month } => scene.oracle.causes().period_was_shut(*month, at_rest),
                _ => {}
            }
        }
    }
    let (stage, runtime) = (Arc::clone(stage), world.clone());
    world.spawn(async move {
        for turn in turns {
            runtime.sleep_until(turn.at).await;
            let mut scene = stage.scene();
            let number = turn.weather as u64;
            scene.trace.event(kind::WEATHER, turn.at, number, u64::from(turn.begins));
            perform(&mut scene, turn, &limits, turn.at);
        }
    });
}

fn perform(scene: &mut Scene, turn: Turn, limits: &Limits, now: Timestamp) {
    let what = scene.faults.forecast().entry(turn.weather).what.clone();
    let begins = turn.begins;
    match what {
        WeatherKind::SubscriptionDeleted { shop } if begins => {
            let shops: Vec<_> =
                scene.shopify.shop_keys().filter(|known| shop.is_none_or(|shop| shop == *known)).collect();
            for shop in shops {
                for topic in Topic::ALL {
                    if scene.shopify.delete_subscription(shop, wire_topic(topic)) {
                        scene.faults.took_effect(FaultKind::SubscriptionDeleted, Some(turn.weather));
                    }
                }
                scene.tell(now, || format!("shopify deleted the webhook subscriptions of {shop}"));
            }
        }
        WeatherKind::PeriodLocked { month } => {
            if begins {
                // What was saved before the period was shut may not have been shown yet.
                scene.show_postings(now);
                scene.netsuite.lock_period(month);
                scene.oracle.period_shut(month, hash_of_month(&scene.netsuite, month));
            } else {
                let stands = hash_of_month(&scene.netsuite, month);
                scene.oracle.period_looked_at(month, &stands, true, now);
                scene.netsuite.open_period(month);
            }
        }
        WeatherKind::ItemInactive { sku } => scene.netsuite.add_item(&sku.0, begins),
        WeatherKind::OthersBusy { slots } => {
            scene.netsuite.set_others(if begins { slots } else { limits.netsuite_others });
        }
        WeatherKind::NetSuiteSlow { slots: Some(slots), .. } => {
            scene.netsuite.set_slots(if begins { slots } else { limits.netsuite_slots });
        }
        WeatherKind::ShopifySlow { restore_percent } => {
            let shops: Vec<_> = scene.shopify.shop_keys().collect();
            for shop in shops {
                scene.shopify.set_restore_percent(shop, if begins { restore_percent } else { 100 }, now);
            }
        }
        // Drawn call by call, or carried out by the run itself.
        _ => {}
    }
}

/// Notes weather that shows in the answer to a call.
pub fn note_refusal(scene: &mut Scene, response: &crate::platforms::netsuite::operation::Response) {
    let Err(body) = &response.answer else { return };
    let said = |part: &str| body.details.iter().any(|detail| detail.detail.contains(part));
    let (period, item) = (said("closed period"), said("following field: item"));
    if !period && !item {
        return;
    }
    let turns = scene.faults.forecast().turns().to_vec();
    for turn in turns.iter().filter(|turn| turn.begins) {
        let weather = Some(turn.weather);
        match scene.faults.forecast().entry(turn.weather).what {
            WeatherKind::PeriodLocked { .. } if period => {
                scene.faults.took_effect(FaultKind::PeriodLocked, weather)
            }
            WeatherKind::ItemInactive { .. } if item => {
                scene.faults.took_effect(FaultKind::ItemInactive, weather)
            }
            _ => {}
        }
    }
}
