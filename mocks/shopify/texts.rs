//! Strings, tax kinds and discount applications that repeat from order to order, each kept once.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::checkout::DiscountKind;
use crate::domain::FixedMap;
use crate::platforms::shopify::wire::DiscountApplication;

/// Position of a shared string.
pub(super) type TextId = u32;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TaxKind {
    pub title: Arc<str>,
    pub rate: Decimal,
    pub channel_liable: bool,
}

/// Append-only tables. Their texts come from the simulation, never from a stranger.
#[derive(Default)]
pub(super) struct Texts {
    texts: Vec<Arc<str>>,
    by_text: FixedMap<Arc<str>, TextId>,
    taxes: Vec<TaxKind>,
    by_tax: FixedMap<TaxKind, u32>,
    discounts: Vec<DiscountApplication>,
    by_discount: FixedMap<(DiscountKind, Arc<str>), u32>,
}

impl Texts {
    pub(super) fn keep(&mut self, text: &Arc<str>) -> TextId {
        if let Some(id) = self.by_text.get(&**text) {
            return *id;
        }
        let id = self.texts.len() as TextId;
        self.texts.push(Arc::clone(text));
        self.by_text.insert(Arc::clone(text), id);
        id
    }

    /// Position of a text that was kept before.
    pub(super) fn find(&self, text: &str) -> Option<TextId> {
        self.by_text.get(text).copied()
    }

    pub(super) fn get(&self, id: TextId) -> &Arc<str> {
        &self.texts[id as usize]
    }

    pub(super) fn keep_tax(&mut self, kind: TaxKind) -> u32 {
        if let Some(id) = self.by_tax.get(&kind) {
            return *id;
        }
        let id = self.taxes.len() as u32;
        self.taxes.push(kind.clone());
        self.by_tax.insert(kind, id);
        id
    }

    pub(super) fn tax(&self, id: u32) -> &TaxKind {
        &self.taxes[id as usize]
    }

    pub(super) fn keep_discount(&mut self, kind: DiscountKind, label: &Arc<str>) -> u32 {
        let key = (kind, Arc::clone(label));
        if let Some(id) = self.by_discount.get(&key) {
            return *id;
        }
        let id = self.discounts.len() as u32;
        let label = Arc::clone(label);
        self.discounts.push(match kind {
            DiscountKind::Code => DiscountApplication::Code { code: label },
            DiscountKind::Automatic => DiscountApplication::Automatic { title: label },
            DiscountKind::Manual => DiscountApplication::Manual { title: label },
        });
        self.by_discount.insert(key, id);
        id
    }

    pub(super) fn discount(&self, id: u32) -> &DiscountApplication {
        &self.discounts[id as usize]
    }
}
