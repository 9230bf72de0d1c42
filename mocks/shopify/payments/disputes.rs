//! Disputes: chargebacks and inquiries. Their money is rows of the ledger that the processor books by itself.

use super::{NotPossible, Shop, ShopifyTwin, ids};
use crate::domain::ids::{DisputeId, OrderId};
use crate::domain::payout::DisputeStatus;
use crate::domain::{ShopKey, Timestamp};

/// A dispute as the shopper's bank opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDispute {
    pub order: Option<OrderId>,
    /// What is disputed, above zero.
    pub amount: i64,
    /// A question of the bank: no money moves.
    pub is_inquiry: bool,
    pub initiated_at: Timestamp,
}

pub(super) struct DisputeRow {
    pub amount: i64,
    pub initiated: i64,
    pub finalized: Option<i64>,
    pub order: Option<u32>,
    pub status: DisputeStatus,
    pub is_inquiry: bool,
}

impl ShopifyTwin {
    /// # Errors
    /// No account, or an order that the shop does not have.
    pub fn add_dispute(&mut self, shop: ShopKey, dispute: NewDispute) -> Result<DisputeId, NotPossible> {
        let shop = self.shop_mut(shop);
        let order = dispute.order.map(|id| shop.order_at(id).ok_or(NotPossible::UnknownOrder)).transpose()?;
        let ordinal = shop.ordinal;
        let disputes = &mut shop.account_mut()?.disputes;
        disputes.push(DisputeRow {
            amount: dispute.amount,
            initiated: dispute.initiated_at.seconds(),
            finalized: None,
            order: order.map(|n| n as u32),
            status: DisputeStatus::NeedsResponse,
            is_inquiry: dispute.is_inquiry,
        });
        Ok(ids::dispute(ordinal, disputes.len() - 1))
    }

    /// The merchant answered: the bank reviews.
    ///
    /// # Errors
    /// No such dispute, or one that is over.
    pub fn answer_dispute(&mut self, shop: ShopKey, dispute: DisputeId) -> Result<(), NotPossible> {
        self.shop_mut(shop).open_dispute(dispute)?.status = DisputeStatus::UnderReview;
        Ok(())
    }

    /// The dispute is over at `now`: accepted, won, lost or prevented. A partial win is won: the processor books less
    /// than it withdrew.
    ///
    /// # Errors
    /// No such dispute, or one that is over.
    pub fn settle_dispute(
        &mut self,
        shop: ShopKey,
        dispute: DisputeId,
        status: DisputeStatus,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let row = self.shop_mut(shop).open_dispute(dispute)?;
        row.status = status;
        row.finalized = Some(now.seconds());
        Ok(())
    }
}

impl Shop {
    fn open_dispute(&mut self, id: DisputeId) -> Result<&mut DisputeRow, NotPossible> {
        let ordinal = self.ordinal;
        let disputes = &mut self.account_mut()?.disputes;
        let at = ids::dispute_position(ordinal, id).filter(|at| *at < disputes.len());
        let row = &mut disputes[at.ok_or(NotPossible::UnknownDispute)?];
        if row.finalized.is_some() {
            return Err(NotPossible::Decided);
        }
        Ok(row)
    }
}
