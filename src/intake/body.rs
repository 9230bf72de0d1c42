//! Bodies as they come in, bounded in bytes and in time.
//!
//! The bytes of one body are bounded, and so are those of all bodies together, because nobody has proved yet that
//! they are Shopify's. Nothing is unpacked: a compressed body is refused by its header.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::config::Limits;
use super::race::{First, first};
use crate::ports::Runtime;

/// What each body may take without asking: nearly all webhooks, so that a few large bodies cannot stop the small.
const FREE_BYTES: usize = 16 << 10;

/// The shared allowance is counted in blocks, because a semaphore hands out 32-bit numbers of permits.
const BLOCK_BYTES: usize = 1 << 10;

pub(super) struct Buffering {
    limits: Limits,
    blocks: Semaphore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The peer went away, or its framing is wrong.
    Broken,
    /// Others take all the memory that there is for bodies.
    NoRoom,
}

/// A body, and its share of the memory for as long as it is looked at.
pub(super) struct Buffered<'a> {
    pub bytes: Bytes,
    _room: Option<SemaphorePermit<'a>>,
}

impl Buffering {
    pub fn new(limits: Limits) -> Buffering {
        let blocks = (limits.buffered_bytes_max / BLOCK_BYTES).min(Semaphore::MAX_PERMITS);
        Buffering { limits, blocks: Semaphore::new(blocks) }
    }

    /// # Errors
    /// As [`BodyError`] says. `declared` is the request's `Content-Length`.
    pub async fn read<R: Runtime>(
        &self,
        body: Body,
        declared: Option<u64>,
        runtime: &R,
    ) -> Result<Buffered<'_>, BodyError> {
        if declared.is_some_and(|length| length > self.limits.body_bytes_max as u64) {
            return Err(BodyError::TooLarge);
        }
        match first(self.collect(body), runtime.sleep(self.limits.body_within)).await {
            First::Preferred(collected) => collected,
            First::Other(()) => Err(BodyError::TooSlow),
        }
    }

    async fn collect(&self, mut body: Body) -> Result<Buffered<'_>, BodyError> {
        let mut whole = Bytes::new();
        let mut pieces: Vec<u8> = Vec::new();
        let mut room: Option<SemaphorePermit<'_>> = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            let length = whole.len() + pieces.len() + data.len();
            if length > self.limits.body_bytes_max {
                return Err(BodyError::TooLarge);
            }
            self.make_room(&mut room, length)?;
            // Most bodies come in one piece, which is not copied.
            if whole.is_empty() && pieces.is_empty() {
                whole = data;
                continue;
            }
            pieces.extend_from_slice(&std::mem::take(&mut whole));
            pieces.extend_from_slice(&data);
        }
        let bytes = if pieces.is_empty() { whole } else { Bytes::from(pieces) };
        Ok(Buffered { bytes, _room: room })
    }

    fn make_room<'a>(
        &'a self,
        room: &mut Option<SemaphorePermit<'a>>,
        length: usize,
    ) -> Result<(), BodyError> {
        let wanted = length.saturating_sub(FREE_BYTES).div_ceil(BLOCK_BYTES);
        let more = wanted - room.as_ref().map_or(0, SemaphorePermit::num_permits).min(wanted);
        if more == 0 {
            return Ok(());
        }
        let more = u32::try_from(more).map_err(|_| BodyError::TooLarge)?;
        let granted = self.blocks.try_acquire_many(more).map_err(|_| BodyError::NoRoom)?;
        match room {
            Some(room) => room.merge(granted),
            None => *room = Some(granted),
        }
        Ok(())
    }
}
