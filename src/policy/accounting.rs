//! The accounting switches of the blueprint: each published value is known by name; one that the engine does not
//! build is refused here, never ignored.
//!
//! Source: postings.md, *Switches*.

use super::document::Sources;
use super::file::{self, Text};
use super::load::choice;

type Refused = super::document::Refused;

/// How the engine books where the blueprint leaves a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounting {
    pub vat_point: VatPoint,
    pub breakage: Breakage,
    pub free_cards: FreeCards,
}

/// When tax falls due (row 38).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatPoint {
    Invoice,
    /// UK and EU law: a prepayment is taxed when it is taken, and its tax reversed when the invoice brings it anew.
    Payment,
}

/// What happens to a gift card that expires with a balance (row 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    None,
    AtExpiry,
}

/// Cards that are given away (row 24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreeCards {
    ExpenseAtIssue,
}

impl Default for Accounting {
    fn default() -> Accounting {
        Accounting {
            vat_point: VatPoint::Invoice,
            breakage: Breakage::None,
            free_cards: FreeCards::ExpenseAtIssue,
        }
    }
}

impl Accounting {
    /// # Errors
    /// A word that is not published, or one that the engine does not build.
    pub(super) fn read(sources: &Sources, written: &file::Accounting) -> Result<Accounting, Refused> {
        let switch = |value: &Option<Text>, built: &[&str], published: &[&str]| match value {
            Some(value) => built_choice(sources, value, built, published),
            None => Ok(0),
        };
        // Switches with one value that is built say nothing else than that the value is that one.
        switch(&written.card_tender, &["deposit-to-liability"], &["payment-item", "journal"])?;
        switch(&written.stock_return, &["adjustment"], &["rma-receipt"])?;
        switch(&written.shipping_billing, &["first"], &["pro-rata"])?;
        switch(&written.tips, &["payable"], &["income"])?;
        switch(&written.duties, &["payable"], &["income"])?;
        switch(&written.billing, &["invoice"], &["cash-sale"])?;
        switch(&written.free_cards, &["expense-at-issue"], &["contra-revenue-at-redemption"])?;
        let vat_point = switch(&written.vat_point, &["invoice"], &["payment"])?;
        let breakage = switch(&written.breakage, &["none", "at-expiry"], &["proportional"])?;
        Ok(Accounting {
            vat_point: [VatPoint::Invoice, VatPoint::Payment][vat_point],
            breakage: [Breakage::None, Breakage::AtExpiry][breakage],
            free_cards: FreeCards::ExpenseAtIssue,
        })
    }
}

/// Position among the values that are built.
pub(super) fn built_choice(
    sources: &Sources,
    written: &Text,
    built: &[&str],
    published: &[&str],
) -> Result<usize, Refused> {
    if published.contains(&written.get().as_str()) {
        let cause =
            format!("`{}` is a published way of booking that this engine does not build", written.get());
        return Err(sources
            .error(written.span(), "not-built", cause)
            .remedy(format!("write one of: {}", built.join(", "))));
    }
    choice(sources, written, built)
}
