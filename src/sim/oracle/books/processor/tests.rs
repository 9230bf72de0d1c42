//! Method: every published type has a role, and what names share is told apart where postings.md tells it apart.

use super::*;

#[test]
fn every_published_type_has_an_account() {
    let without: Vec<&str> =
        BalanceKind::PUBLISHED.iter().filter(|kind| role(kind).is_none()).map(BalanceKind::name).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_family_has_a_published_type() {
    let used = |family: &str| {
        BalanceKind::PUBLISHED.iter().any(|kind| {
            let of_name = FAMILIES.iter().filter(|(family, _)| kind.name().starts_with(family));
            of_name.max_by_key(|(family, _)| family.len()).is_some_and(|(longest, _)| *longest == family)
        })
    };
    let unused: Vec<&str> =
        FAMILIES.iter().map(|(family, _)| *family).filter(|family| !used(family)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_type_that_begins_like_a_published_one_is_not_guessed() {
    for name in ["LENDING_BONUS", "CHARGE_SOMETHING", "HOVERBOARD"] {
        assert_eq!(role(&BalanceKind::from_name(name)), None, "{name}");
    }
}

#[test]
fn a_type_and_its_reversal_stand_on_one_account() {
    for kind in BalanceKind::PUBLISHED {
        let Some(of) = kind.name().strip_suffix("_REVERSAL") else { continue };
        let of = BalanceKind::from_name(of);
        if !matches!(of, BalanceKind::Unknown(_)) {
            assert_eq!(role(kind), role(&of), "{}", kind.name());
        }
    }
}

#[test]
fn names_that_share_a_beginning_are_told_apart() {
    for (name, wanted) in [
        ("CHARGE", Role::Clearing),
        ("CHARGE_ADJUSTMENT", Role::Adjustments),
        ("CHARGEBACK_FEE_REFUND", Role::DisputeFees),
        ("CHARGEBACK_PROTECTION_CREDIT_REVERSAL", Role::Disputes),
        ("CHARGEBACK_PROTECTION_DEBIT", Role::DisputeFees),
        ("CHANNEL_PROMOTION_CREDIT", Role::Advertising),
        ("CHANNEL_TRANSFER_DEBIT", Role::Adjustments),
        ("REFUND_FAILURE", Role::Clearing),
        ("REFUND_ADJUSTMENT", Role::Adjustments),
        ("SHOP_CASH_CREDIT", Role::ClearingOrAdvertising),
        ("SHOP_CASH_CAMPAIGN_BILLING_DEBIT_REVERSAL", Role::Advertising),
        ("SHOPIFY_SOURCE_CREDIT", Role::Adjustments),
        ("REFERRAL_FEE_TAX", Role::Fees),
        ("VAT_REFUND_CREDIT", Role::FeeTax),
        ("TRANSFER", Role::InTransit),
        ("TRANSFER_FAILURE", Role::Returned),
        ("RISK_WITHDRAWAL", Role::Reserve),
    ] {
        assert_eq!(role(&BalanceKind::from_name(name)), Some(wanted), "{name}");
    }
}
