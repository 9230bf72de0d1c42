//! What an order carries beside money and goods: note, tags, attributes, who it is for, why it was cancelled, and what
//! an API client stated of its lines and its currency. Orders of the world's own checkouts have none of it.
//!
//! Source: shopify.md §d.2.

use std::sync::Arc;

use super::Shop;
use super::returns::ReturnRow;
use super::rows::{NO_TEXT, OrderRow};
use super::texts::TextId;
use crate::domain::Currency;
use crate::domain::customer::Address;
use crate::domain::ids::VariantId;

/// One order's further fields.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    pub email: Option<Box<str>>,
    pub phone: Option<Box<str>>,
    pub note: Option<Box<str>>,
    /// Sorted, each once.
    pub tags: Vec<Box<str>>,
    pub attributes: Vec<(Box<str>, Box<str>)>,
    pub po_number: Option<Box<str>>,
    pub is_test: bool,
    /// The currency of its amounts, where it is not the shop's.
    pub currency: Option<Currency>,
    /// Came in by the API, which states what is paid.
    pub is_by_api: bool,
    /// Its units were not taken from the shop's stock.
    pub bypasses_stock: bool,
    /// `financialStatus` as it was stated, which counts while there is no transaction.
    pub financial: Option<Box<str>>,
    pub bill_to: Option<Arc<Address>>,
    /// By position of the line.
    pub lines: Vec<LineNote>,
    /// A name of the enumeration `OrderCancelReason`.
    pub cancel_reason: Option<Box<str>>,
    /// The note of each refund that has one, by position.
    pub refunds: Vec<(usize, Box<str>)>,
    /// Returns that apps carry through.
    pub returns: Vec<ReturnRow>,
}

/// What a client stated of one line.
#[derive(Debug, Clone, Default)]
pub struct LineNote {
    pub requires_shipping: Option<bool>,
    pub taxable: Option<bool>,
    pub vendor: Option<Box<str>>,
    pub variant: Option<VariantId>,
    pub variant_title: Option<Box<str>>,
    /// The product's number.
    pub product: Option<u64>,
    pub attributes: Vec<(Box<str>, Box<str>)>,
}

impl OrderRow {
    pub(super) fn noted(&self) -> Option<&Noted> {
        self.rare.as_ref()?.noted.as_deref()
    }

    pub(super) fn noted_mut(&mut self) -> &mut Noted {
        self.rare_mut().noted.get_or_insert_default()
    }

    /// Whose stock a line moves: no text where the order leaves stock alone.
    pub(super) fn stock_of(&self, line: usize) -> TextId {
        match self.noted().is_some_and(|noted| noted.bypasses_stock) {
            true => NO_TEXT,
            false => self.lines[line].sku,
        }
    }

    pub(super) fn line_note(&self, line: usize) -> Option<&LineNote> {
        self.noted()?.lines.get(line)
    }
}

impl Shop {
    /// The currency that an order's amounts are in.
    pub(super) fn currency_of(&self, row: &OrderRow) -> Currency {
        row.noted().and_then(|noted| noted.currency).unwrap_or(self.settings.currency)
    }
}
