//! Webhooks on their way: what Shopify has to say, carried to the receiver with loss, delay and repetition.

use std::sync::{Arc, Mutex};

use crate::domain::Timestamp;
use crate::mocks::shopify::PendingDelivery;
use crate::ports::Runtime;
use crate::sim::stage::{Scene, Stage, kind};

/// Takes a delivery and says whether it was acknowledged. Replaced when the engine is restarted; absent while it is
/// down.
pub trait Receiver: Send + Sync {
    fn receive(&self, pending: PendingDelivery) -> std::pin::Pin<Box<dyn Future<Output = bool> + Send>>;
}

/// The receiver's door, as the outside knows it.
#[derive(Clone, Default)]
pub struct Door(Arc<Mutex<Option<Arc<dyn Receiver>>>>);

impl Door {
    pub fn set(&self, receiver: Option<Arc<dyn Receiver>>) {
        *self.0.lock().expect("nothing panics at the door") = receiver;
    }

    fn receiver(&self) -> Option<Arc<dyn Receiver>> {
        self.0.lock().expect("nothing panics at the door").clone()
    }
}

/// Sends out what the last change has caused.
pub fn dispatch<R: Runtime>(stage: &Arc<Stage>, scene: &mut Scene, world: &R, door: &Door, now: Timestamp) {
    if !scene.shopify.has_deliveries() {
        return;
    }
    for pending in scene.shopify.take_deliveries() {
        let verdict = scene.faults.on_delivery(pending.id, now);
        if verdict.is_lost() {
            scene.shopify.lose(pending.id);
            continue;
        }
        for delay in verdict.arrivals.into_iter().flatten() {
            scene.deliveries_open += 1;
            let arrives = world.sleep_until(now.plus(delay));
            let (stage, world, door) = (Arc::clone(stage), world.clone(), door.clone());
            let pending = pending.clone();
            let of_world = world.clone();
            world.spawn(async move {
                arrives.await;
                carry(&stage, &of_world, &door, pending).await;
            });
        }
    }
}

/// Delivers, and again as long as Shopify retries.
async fn carry<R: Runtime>(stage: &Arc<Stage>, world: &R, door: &Door, pending: PendingDelivery) {
    let mut next = pending;
    loop {
        let id = next.id;
        let (answers, record) = {
            let mut scene = stage.scene();
            scene.calls.deliveries += 1;
            (scene.faults.receiver_answers(world.now()), next.delivery.payload.order_id().get())
        };
        let acknowledged = match door.receiver().filter(|_| answers) {
            Some(receiver) => receiver.receive(next).await,
            None => false,
        };
        let now = world.now();
        let retry = {
            let mut scene = stage.scene();
            scene.acknowledged += u64::from(acknowledged);
            scene.trace.event(kind::DELIVERY, now, record, id << 1 | u64::from(acknowledged));
            scene.shopify.delivered(id, acknowledged, now)
        };
        let Some(at) = retry else { break };
        world.sleep_until(at).await;
        match stage.scene().shopify.retry(id) {
            Some(again) => next = again,
            None => break,
        }
    }
    stage.scene().deliveries_open -= 1;
}
