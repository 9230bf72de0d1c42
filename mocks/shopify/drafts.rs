//! Draft orders: what staff or an app puts together before it is an order.
//!
//! Source: recorded exchanges. A shop of the twin has no tax settings, so a draft comes to the sum of its lines. Not here: input
//! and its refusals, which are the API's (`http::graphql::drafts`).

use std::sync::Arc;

use super::checkout::{CheckoutBuyer, ExactLine, ExactOrder, Payment, PaymentStanding};
use super::people::CustomerDetails;
use super::rows::{AMOUNT_MAX, UNITS_MAX};
use super::terms::Owner;
use super::{Shop, ShopifyTwin, ids};
use crate::domain::Timestamp;

/// A draft as it was last saved. Instants are whole seconds since 1970, amounts minor units of the shop's currency.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftRow {
    pub created: i64,
    pub updated: i64,
    /// When it became an order, and the order's position.
    pub completed: Option<(i64, usize)>,
    pub email: Option<Arc<str>>,
    pub note: Option<Box<str>>,
    /// Sorted.
    pub tags: Vec<Box<str>>,
    pub is_tax_exempt: bool,
    pub is_deleted: bool,
    pub lines: Vec<DraftLine>,
}

#[derive(Debug, Clone)]
pub(super) struct DraftLine {
    /// Position of the variant; `None` for a line that names its own goods.
    pub variant: Option<u32>,
    pub title: Arc<str>,
    pub sku: Option<Arc<str>>,
    pub quantity: u32,
    pub unit_price: i64,
    pub is_taxable: bool,
    pub requires_shipping: bool,
}

impl DraftLine {
    /// `None` beyond what an amount can be.
    pub(super) fn total(&self) -> Option<i64> {
        self.unit_price.checked_mul(i64::from(self.quantity))
    }
}

impl DraftRow {
    /// `None` beyond what the twin keeps.
    pub(super) fn checked_total(&self) -> Option<i64> {
        let units: u64 = self.lines.iter().map(|line| u64::from(line.quantity)).sum();
        self.total().filter(|total| *total <= AMOUNT_MAX && units <= UNITS_MAX)
    }

    /// `None` beyond what an amount can be.
    pub(super) fn total(&self) -> Option<i64> {
        self.lines.iter().try_fold(0i64, |sum, line| sum.checked_add(line.total()?))
    }
}

/// Why a draft cannot become an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotCompleted {
    Unknown,
    Already,
}

impl Shop {
    /// A draft by its number; a deleted one is gone.
    pub(super) fn draft_at(&self, number: u64) -> Option<usize> {
        let n = ids::draft_order_position(self.ordinal, number)?;
        self.drafts.get(n).filter(|draft| !draft.is_deleted).map(|_| n)
    }
}

impl ShopifyTwin {
    /// The draft becomes an order: paid by hand, or pending where it is said so or terms were given.
    ///
    /// # Errors
    /// It is not there, or became an order before.
    pub(super) fn complete_draft(
        &mut self,
        at: usize,
        number: u64,
        is_pending: bool,
        now: Timestamp,
    ) -> Result<usize, NotCompleted> {
        let shop = &self.shops[at];
        let (key, n) = (shop.settings.key, shop.draft_at(number).ok_or(NotCompleted::Unknown)?);
        let draft = shop.drafts[n].clone();
        if draft.completed.is_some() {
            return Err(NotCompleted::Already);
        }
        let is_on_terms = shop.terms.of(Owner::Draft(n)).is_some();
        // Shopify keeps a customer for every e-mail that a draft names.
        let known = draft.email.as_deref().and_then(|email| self.customer_by_email(key, email));
        let email = draft.email.clone();
        let made = || self.add_customer(key, CustomerDetails { email, ..CustomerDetails::default() }).ok();
        let buyer = match known.or_else(made) {
            Some(customer) => CheckoutBuyer::Customer(customer),
            None => CheckoutBuyer::Guest { email: None, phone: None },
        };
        let line = |line: &DraftLine| ExactLine {
            sku: line.sku.clone(),
            title: Arc::clone(&line.title),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discounts: Vec::new(),
            taxes: Vec::new(),
            is_gift_card: false,
        };
        let standing =
            if is_pending || is_on_terms { PaymentStanding::Pending } else { PaymentStanding::Captured };
        let payment =
            Payment { gateway: "manual".into(), amount: None, presentment: None, rounding: 0, standing };
        let order = ExactOrder {
            buyer,
            lines: draft.lines.iter().map(line).collect(),
            shipping: Vec::new(),
            duties: 0,
            fees: 0,
            tip: 0,
            taxes_included: false,
            presentment: None,
            payments: vec![payment],
            ship_to: None,
            processed_at: None,
        };
        self.place_exact(key, &order, now);
        let shop = &mut self.shops[at];
        let placed = shop.orders.len() - 1;
        let draft = &mut shop.drafts[n];
        draft.completed = Some((now.seconds(), placed));
        draft.updated = now.seconds();
        shop.terms.hand_over(Owner::Draft(n), Some(Owner::Order(placed)));
        Ok(placed)
    }

    /// `false` for a draft that is not there.
    pub(super) fn delete_draft(&mut self, at: usize, number: u64) -> bool {
        let shop = &mut self.shops[at];
        let Some(n) = shop.draft_at(number) else { return false };
        shop.drafts[n].is_deleted = true;
        shop.terms.hand_over(Owner::Draft(n), None);
        true
    }
}
