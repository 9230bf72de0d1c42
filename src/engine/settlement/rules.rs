//! What each type of row is booked to: a total table, so that a type that Shopify publishes has a rule and one that it
//! does not publish has none.
//!
//! Source: postings.md rows 27–31; shopify.md §m.1 names the types and does not say what most of them are for. Where a
//! name alone had to decide, the account is one of the processor's own costs, where a wrong guess is seen and moved.

use crate::domain::InternalId;
use crate::domain::payout::BalanceKind;
use crate::policy::settlement::{SettlementAccounts, ShopSettlement};

/// How a row of one type is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// To the clearing account, if a document in NetSuite stands for its order transaction.
    Clearing,
    /// The same if it names an order transaction; to the account otherwise.
    ClearingOr(Account),
    To(Account),
}

/// An account by what it is for (postings.md, account list).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    InTransit,
    /// Payouts that came back. Of the subsidiary that is paid.
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
    Adjustments,
}

impl Account {
    pub fn of(self, accounts: &SettlementAccounts) -> InternalId {
        match self {
            Account::InTransit => accounts.in_transit,
            Account::Returned => accounts.returned,
            Account::Fees => accounts.fees,
            Account::FeeTax => accounts.fee_tax,
            Account::DisputeFees => accounts.dispute_fees,
            Account::Disputes => accounts.disputes,
            Account::Reserve => accounts.reserve,
            Account::Freight => accounts.freight,
            Account::Duties => accounts.duties,
            Account::Loan => accounts.loan,
            Account::Advertising => accounts.advertising,
            Account::Adjustments => accounts.adjustments,
        }
    }

    /// Whether it stands in the books of the subsidiary that is paid rather than of the one that sells.
    pub fn is_owners(self) -> bool {
        matches!(self, Account::Returned | Account::InTransit)
    }

    /// In the right subsidiary's books.
    pub fn in_books(self, shop: &ShopSettlement) -> InternalId {
        self.of(if self.is_owners() { &shop.owner_accounts } else { &shop.accounts })
    }
}

/// Where a row's amount goes; `None` for a type without a rule. The account gets the opposite of the row's amount, so
/// a type and its reversal need but one rule.
pub fn rule(kind: &BalanceKind) -> Option<Rule> {
    use BalanceKind as Row;
    let account = match kind {
        Row::Charge | Row::Refund | Row::RefundFailure => return Some(Rule::Clearing),
        // A buyer who pays by Shop Cash leaves an order transaction; Shopify's own campaigns do not (failures.md A2).
        Row::ShopCashCredit
        | Row::ShopCashCreditReversal
        | Row::ShopCashRefundDebit
        | Row::ShopCashRefundDebitReversal => return Some(Rule::ClearingOr(Account::Advertising)),
        // A payout's own row is what its journal debits; it is hidden from the rows that are read.
        Row::Transfer => Account::InTransit,
        Row::TransferCancel | Row::TransferFailure | Row::TransferRefund => Account::Returned,
        Row::DisputeWithdrawal
        | Row::DisputeReversal
        | Row::ChargebackHold
        | Row::ChargebackHoldRelease
        // Protection pays what a dispute took.
        | Row::ChargebackProtectionCredit
        | Row::ChargebackProtectionCreditReversal
        | Row::SellerProtectionCredit
        | Row::SellerProtectionCreditReversal => Account::Disputes,
        Row::ChargebackFee
        | Row::ChargebackFeeRefund
        | Row::ChargebackProtectionDebit
        | Row::ChargebackProtectionDebitReversal => Account::DisputeFees,
        Row::ReservedFunds
        | Row::ReservedFundsReversal
        | Row::ReservedFundsWithdrawal
        | Row::RiskReversal
        | Row::RiskWithdrawal => Account::Reserve,
        Row::ShippingLabel
        | Row::ShippingLabelAdjustment
        | Row::ShippingLabelAdjustmentBase
        | Row::ShippingLabelAdjustmentSurcharge
        | Row::ShippingOtherCarrierChargeAdjustment
        | Row::ShippingReturnToOriginAdjustment => Account::Freight,
        Row::CustomsDuty
        | Row::CustomsDutyAdjustment
        | Row::ImportTax
        | Row::ImportTaxAdjustment
        | Row::ImportTaxRefund => Account::Duties,
        Row::Advance
        | Row::AdvanceFunding
        | Row::CollectionsCredit
        | Row::CollectionsCreditReversal
        | Row::LendingCapitalRefund
        | Row::LendingCapitalRefundReversal
        | Row::LendingCapitalRemittance
        | Row::LendingCapitalRemittanceReversal
        | Row::LendingCredit
        | Row::LendingCreditReversal
        | Row::LendingCreditRefund
        | Row::LendingCreditRefundReversal
        | Row::LendingCreditRemittance
        | Row::LendingCreditRemittanceReversal
        | Row::LendingDebit
        | Row::LendingDebitReversal => Account::Loan,
        Row::AdsPublisherCredit
        | Row::AdsPublisherCreditReversal
        | Row::ChannelPromotionCredit
        | Row::ChannelPromotionCreditReversal
        | Row::PromotionCredit
        | Row::PromotionCreditReversal
        | Row::ShopCashBillingDebit
        | Row::ShopCashBillingDebitReversal
        | Row::ShopCashCampaignBillingCredit
        | Row::ShopCashCampaignBillingCreditReversal
        | Row::ShopCashCampaignBillingDebit
        | Row::ShopCashCampaignBillingDebitReversal => Account::Advertising,
        // Tax as a row of its own. The switch `fee-tax` is about tax that is part of a fee.
        Row::TaxAdjustmentCredit
        | Row::TaxAdjustmentCreditReversal
        | Row::TaxAdjustmentDebit
        | Row::TaxAdjustmentDebitReversal
        | Row::VatRefundCredit
        | Row::VatRefundCreditReversal => Account::FeeTax,
        Row::AchBankFailureDebitFee
        | Row::AchBankFailureDebitReversalFee
        | Row::ApplicationFeeRefund
        | Row::BillingDebit
        | Row::BillingDebitReversal
        | Row::MarketplaceFeeCredit
        | Row::MarketplaceFeeCreditReversal
        | Row::ReferralFee
        // Tax on a fee: an expense like the fee (`fee-tax = "expense"`).
        | Row::ReferralFeeTax
        | Row::StripeFee => Account::Fees,
        Row::Adjustment
        | Row::AnomalyCredit
        | Row::AnomalyCreditReversal
        | Row::AnomalyDebit
        | Row::AnomalyDebitReversal
        | Row::BalanceTransferInbound
        | Row::BalanceTransferOutbound
        | Row::ChannelCredit
        | Row::ChannelCreditReversal
        | Row::ChannelTransferCredit
        | Row::ChannelTransferCreditReversal
        | Row::ChannelTransferDebit
        | Row::ChannelTransferDebitReversal
        | Row::ChargeAdjustment
        | Row::MarketsProCredit
        | Row::MerchantGoodwillCredit
        | Row::MerchantGoodwillCreditReversal
        | Row::MerchantToMerchantCredit
        | Row::MerchantToMerchantCreditReversal
        | Row::MerchantToMerchantDebit
        | Row::MerchantToMerchantDebitReversal
        | Row::RefundAdjustment
        | Row::ShopifyCollectiveCredit
        | Row::ShopifyCollectiveCreditReversal
        | Row::ShopifyCollectiveDebit
        | Row::ShopifyCollectiveDebitReversal
        | Row::ShopifySourceCredit
        | Row::ShopifySourceCreditReversal
        | Row::ShopifySourceDebit
        | Row::ShopifySourceDebitReversal => Account::Adjustments,
        Row::Unknown(_) => return None,
    };
    Some(Rule::To(account))
}

/// Where the fee of a row goes: a dispute's fee may be part of its row (shopify.md §m.3).
pub fn fee_account(kind: &BalanceKind) -> Account {
    match rule(kind) {
        Some(Rule::To(Account::Disputes | Account::DisputeFees)) => Account::DisputeFees,
        _ => Account::Fees,
    }
}
