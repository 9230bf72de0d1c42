//! Where each type of row of the processor's account must stand, read off its name.
//!
//! Source: postings.md rows 27–31. Shopify publishes names and seldom says what they are for (shopify.md §m.1), so the
//! table goes by families of names, the longest that fits first. Only published types have a family: a type that begins
//! like one and is new is nobody's to guess.

use crate::domain::InternalId;
use crate::domain::payout::BalanceKind;
use crate::scenario::{EntityAccounts, SettlementAccounts};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The gateway's clearing account, against the document of the row's order transaction.
    Clearing,
    /// The same where the row names an order transaction; an advertising expense of the processor's campaigns otherwise.
    ClearingOrAdvertising,
    InTransit,
    Returned,
    Fees,
    FeeTax,
    DisputeFees,
    Disputes,
    Reserve,
    Freight,
    Duties,
    Loan,
    Advertising,
    /// What none of the others is for. The shipped charts keep it with the fees.
    Adjustments,
}

const FAMILIES: [(&str, Role); 42] = [
    ("ACH_BANK_FAILURE_", Role::Fees),
    ("ADJUSTMENT", Role::Adjustments),
    ("ADS_PUBLISHER_", Role::Advertising),
    ("ADVANCE", Role::Loan),
    ("ANOMALY_", Role::Adjustments),
    ("APPLICATION_FEE_", Role::Fees),
    ("BALANCE_TRANSFER_", Role::Adjustments),
    ("BILLING_DEBIT", Role::Fees),
    ("CHANNEL_", Role::Adjustments),
    ("CHANNEL_PROMOTION_", Role::Advertising),
    ("CHARGE", Role::Clearing),
    ("CHARGEBACK_FEE", Role::DisputeFees),
    ("CHARGEBACK_HOLD", Role::Disputes),
    ("CHARGEBACK_PROTECTION_CREDIT", Role::Disputes),
    ("CHARGEBACK_PROTECTION_DEBIT", Role::DisputeFees),
    ("CHARGE_ADJUSTMENT", Role::Adjustments),
    ("COLLECTIONS_", Role::Loan),
    ("CUSTOMS_DUTY", Role::Duties),
    ("DISPUTE_", Role::Disputes),
    ("IMPORT_TAX", Role::Duties),
    ("LENDING_", Role::Loan),
    ("MARKETPLACE_FEE_", Role::Fees),
    ("MARKETS_PRO_", Role::Adjustments),
    ("MERCHANT_", Role::Adjustments),
    ("PROMOTION_", Role::Advertising),
    ("REFERRAL_FEE", Role::Fees),
    ("REFUND", Role::Clearing),
    ("REFUND_ADJUSTMENT", Role::Adjustments),
    ("REFUND_FAILURE", Role::Clearing),
    ("RESERVED_FUNDS", Role::Reserve),
    ("RISK_", Role::Reserve),
    ("SELLER_PROTECTION_", Role::Disputes),
    ("SHIPPING_", Role::Freight),
    ("SHOPIFY_COLLECTIVE_", Role::Adjustments),
    ("SHOPIFY_SOURCE_", Role::Adjustments),
    ("SHOP_CASH_", Role::ClearingOrAdvertising),
    ("SHOP_CASH_BILLING_", Role::Advertising),
    ("SHOP_CASH_CAMPAIGN_", Role::Advertising),
    ("STRIPE_FEE", Role::Fees),
    ("TAX_ADJUSTMENT_", Role::FeeTax),
    ("TRANSFER", Role::Returned),
    ("VAT_REFUND_", Role::FeeTax),
];

/// What the account of a row is for; `None` for a type that is not published, which must wait for a person.
pub fn role(kind: &BalanceKind) -> Option<Role> {
    match kind {
        BalanceKind::Unknown(_) => return None,
        // A payout's own row is the payout.
        BalanceKind::Transfer => return Some(Role::InTransit),
        _ => {}
    }
    let name = kind.name();
    let of_name = FAMILIES.iter().filter(|(family, _)| name.starts_with(family));
    of_name.max_by_key(|(family, _)| family.len()).map(|(_, role)| *role)
}

/// What the account of a row's fee is for: a dispute's fee may be part of its row (shopify.md §m.3).
pub fn fee_role(kind: &BalanceKind) -> Role {
    match role(kind) {
        Some(Role::Disputes | Role::DisputeFees) => Role::DisputeFees,
        _ => Role::Fees,
    }
}

/// The account that stands for a role in the books of an entity; `None` for clearing, which is the storefront's.
pub fn account(role: Role, own: &EntityAccounts, accounts: &SettlementAccounts) -> Option<InternalId> {
    Some(match role {
        Role::Clearing => return None,
        Role::InTransit => accounts.in_transit,
        Role::Returned => accounts.returned,
        Role::Fees | Role::Adjustments => accounts.fees,
        Role::FeeTax => accounts.fee_tax,
        Role::DisputeFees => accounts.dispute_fees,
        Role::Disputes => accounts.disputes,
        Role::Reserve => accounts.reserve,
        Role::Freight => accounts.freight,
        Role::Duties => own.duties,
        Role::Loan => accounts.loan,
        Role::Advertising | Role::ClearingOrAdvertising => accounts.advertising,
    })
}

#[cfg(test)]
mod tests;
