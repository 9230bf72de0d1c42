//! Payouts as the processor states them: what went to the bank, and the balance transactions that it is made of.
//!
//! Source: shopify.md §m.1.

use super::ids::{BalanceTransactionId, DisputeId, OrderId, PayoutId, TransactionId};
use super::money::Money;
use super::time::{BookDate, Timestamp};

/// What the processor sent to the bank, or took from it when its net is below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub id: PayoutId,
    pub issued_at: Timestamp,
    /// In the currency that is paid out. Below zero: a withdrawal.
    pub net: Money,
    pub status: PayoutStatus,
    /// What the bank prints on its statement.
    pub trace: Option<Box<str>>,
}

/// Statuses of old payouts change: what was paid may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PayoutStatus {
    /// Rows may still come and go.
    Scheduled,
    Paid,
    Failed,
    Canceled,
}

/// One row of the processor's account. Its net is its amount less its fee, in the currency that is paid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceTransaction {
    pub id: BalanceTransactionId,
    pub kind: BalanceKind,
    /// Above zero is the merchant's.
    pub amount: Money,
    /// Above zero is kept by the processor.
    pub fee: Money,
    pub net: Money,
    /// The order's transaction that this row settles: a sale, a capture or a refund.
    pub order_transaction: Option<TransactionId>,
    /// The dispute that brought it about; `None` where the processor names none.
    pub dispute: Option<DisputeId>,
    pub order: Option<OrderId>,
    /// `None` while it is in no payout.
    pub payout: Option<PayoutId>,
    pub processed_at: Timestamp,
    /// Free text of adjustments.
    pub reason: Option<Box<str>>,
}

macro_rules! balance_kinds {
    ($($name:ident = $text:literal,)*) => {
        /// Every type of row that Shopify publishes, and those that it publishes one day.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum BalanceKind {
            $($name,)*
            /// The list grows between versions: no rule may be guessed.
            Unknown(Box<str>),
        }

        impl BalanceKind {
            /// The published types, in the order of the schema.
            pub const PUBLISHED: &[BalanceKind] = &[$(BalanceKind::$name,)*];

            /// As the platform spells it.
            pub fn name(&self) -> &str {
                match self {
                    $(BalanceKind::$name => $text,)*
                    BalanceKind::Unknown(text) => text,
                }
            }

            pub fn from_name(text: &str) -> BalanceKind {
                match text {
                    $($text => BalanceKind::$name,)*
                    other => BalanceKind::Unknown(other.into()),
                }
            }
        }
    };
}

balance_kinds! {
    AchBankFailureDebitFee = "ACH_BANK_FAILURE_DEBIT_FEE",
    AchBankFailureDebitReversalFee = "ACH_BANK_FAILURE_DEBIT_REVERSAL_FEE",
    Adjustment = "ADJUSTMENT",
    AdsPublisherCredit = "ADS_PUBLISHER_CREDIT",
    AdsPublisherCreditReversal = "ADS_PUBLISHER_CREDIT_REVERSAL",
    Advance = "ADVANCE",
    AdvanceFunding = "ADVANCE_FUNDING",
    AnomalyCredit = "ANOMALY_CREDIT",
    AnomalyCreditReversal = "ANOMALY_CREDIT_REVERSAL",
    AnomalyDebit = "ANOMALY_DEBIT",
    AnomalyDebitReversal = "ANOMALY_DEBIT_REVERSAL",
    ApplicationFeeRefund = "APPLICATION_FEE_REFUND",
    BalanceTransferInbound = "BALANCE_TRANSFER_INBOUND",
    BalanceTransferOutbound = "BALANCE_TRANSFER_OUTBOUND",
    BillingDebit = "BILLING_DEBIT",
    BillingDebitReversal = "BILLING_DEBIT_REVERSAL",
    ChannelCredit = "CHANNEL_CREDIT",
    ChannelCreditReversal = "CHANNEL_CREDIT_REVERSAL",
    ChannelPromotionCredit = "CHANNEL_PROMOTION_CREDIT",
    ChannelPromotionCreditReversal = "CHANNEL_PROMOTION_CREDIT_REVERSAL",
    ChannelTransferCredit = "CHANNEL_TRANSFER_CREDIT",
    ChannelTransferCreditReversal = "CHANNEL_TRANSFER_CREDIT_REVERSAL",
    ChannelTransferDebit = "CHANNEL_TRANSFER_DEBIT",
    ChannelTransferDebitReversal = "CHANNEL_TRANSFER_DEBIT_REVERSAL",
    Charge = "CHARGE",
    ChargebackFee = "CHARGEBACK_FEE",
    ChargebackFeeRefund = "CHARGEBACK_FEE_REFUND",
    ChargebackHold = "CHARGEBACK_HOLD",
    ChargebackHoldRelease = "CHARGEBACK_HOLD_RELEASE",
    ChargebackProtectionCredit = "CHARGEBACK_PROTECTION_CREDIT",
    ChargebackProtectionCreditReversal = "CHARGEBACK_PROTECTION_CREDIT_REVERSAL",
    ChargebackProtectionDebit = "CHARGEBACK_PROTECTION_DEBIT",
    ChargebackProtectionDebitReversal = "CHARGEBACK_PROTECTION_DEBIT_REVERSAL",
    ChargeAdjustment = "CHARGE_ADJUSTMENT",
    CollectionsCredit = "COLLECTIONS_CREDIT",
    CollectionsCreditReversal = "COLLECTIONS_CREDIT_REVERSAL",
    CustomsDuty = "CUSTOMS_DUTY",
    CustomsDutyAdjustment = "CUSTOMS_DUTY_ADJUSTMENT",
    DisputeReversal = "DISPUTE_REVERSAL",
    DisputeWithdrawal = "DISPUTE_WITHDRAWAL",
    ImportTax = "IMPORT_TAX",
    ImportTaxAdjustment = "IMPORT_TAX_ADJUSTMENT",
    ImportTaxRefund = "IMPORT_TAX_REFUND",
    LendingCapitalRefund = "LENDING_CAPITAL_REFUND",
    LendingCapitalRefundReversal = "LENDING_CAPITAL_REFUND_REVERSAL",
    LendingCapitalRemittance = "LENDING_CAPITAL_REMITTANCE",
    LendingCapitalRemittanceReversal = "LENDING_CAPITAL_REMITTANCE_REVERSAL",
    LendingCredit = "LENDING_CREDIT",
    LendingCreditReversal = "LENDING_CREDIT_REVERSAL",
    LendingCreditRefund = "LENDING_CREDIT_REFUND",
    LendingCreditRefundReversal = "LENDING_CREDIT_REFUND_REVERSAL",
    LendingCreditRemittance = "LENDING_CREDIT_REMITTANCE",
    LendingCreditRemittanceReversal = "LENDING_CREDIT_REMITTANCE_REVERSAL",
    LendingDebit = "LENDING_DEBIT",
    LendingDebitReversal = "LENDING_DEBIT_REVERSAL",
    MarketplaceFeeCredit = "MARKETPLACE_FEE_CREDIT",
    MarketplaceFeeCreditReversal = "MARKETPLACE_FEE_CREDIT_REVERSAL",
    MarketsProCredit = "MARKETS_PRO_CREDIT",
    MerchantGoodwillCredit = "MERCHANT_GOODWILL_CREDIT",
    MerchantGoodwillCreditReversal = "MERCHANT_GOODWILL_CREDIT_REVERSAL",
    MerchantToMerchantCredit = "MERCHANT_TO_MERCHANT_CREDIT",
    MerchantToMerchantCreditReversal = "MERCHANT_TO_MERCHANT_CREDIT_REVERSAL",
    MerchantToMerchantDebit = "MERCHANT_TO_MERCHANT_DEBIT",
    MerchantToMerchantDebitReversal = "MERCHANT_TO_MERCHANT_DEBIT_REVERSAL",
    PromotionCredit = "PROMOTION_CREDIT",
    PromotionCreditReversal = "PROMOTION_CREDIT_REVERSAL",
    ReferralFee = "REFERRAL_FEE",
    ReferralFeeTax = "REFERRAL_FEE_TAX",
    Refund = "REFUND",
    RefundAdjustment = "REFUND_ADJUSTMENT",
    RefundFailure = "REFUND_FAILURE",
    ReservedFunds = "RESERVED_FUNDS",
    ReservedFundsReversal = "RESERVED_FUNDS_REVERSAL",
    ReservedFundsWithdrawal = "RESERVED_FUNDS_WITHDRAWAL",
    RiskReversal = "RISK_REVERSAL",
    RiskWithdrawal = "RISK_WITHDRAWAL",
    SellerProtectionCredit = "SELLER_PROTECTION_CREDIT",
    SellerProtectionCreditReversal = "SELLER_PROTECTION_CREDIT_REVERSAL",
    ShippingLabel = "SHIPPING_LABEL",
    ShippingLabelAdjustment = "SHIPPING_LABEL_ADJUSTMENT",
    ShippingLabelAdjustmentBase = "SHIPPING_LABEL_ADJUSTMENT_BASE",
    ShippingLabelAdjustmentSurcharge = "SHIPPING_LABEL_ADJUSTMENT_SURCHARGE",
    ShippingOtherCarrierChargeAdjustment = "SHIPPING_OTHER_CARRIER_CHARGE_ADJUSTMENT",
    ShippingReturnToOriginAdjustment = "SHIPPING_RETURN_TO_ORIGIN_ADJUSTMENT",
    ShopifyCollectiveCredit = "SHOPIFY_COLLECTIVE_CREDIT",
    ShopifyCollectiveCreditReversal = "SHOPIFY_COLLECTIVE_CREDIT_REVERSAL",
    ShopifyCollectiveDebit = "SHOPIFY_COLLECTIVE_DEBIT",
    ShopifyCollectiveDebitReversal = "SHOPIFY_COLLECTIVE_DEBIT_REVERSAL",
    ShopifySourceCredit = "SHOPIFY_SOURCE_CREDIT",
    ShopifySourceCreditReversal = "SHOPIFY_SOURCE_CREDIT_REVERSAL",
    ShopifySourceDebit = "SHOPIFY_SOURCE_DEBIT",
    ShopifySourceDebitReversal = "SHOPIFY_SOURCE_DEBIT_REVERSAL",
    ShopCashBillingDebit = "SHOP_CASH_BILLING_DEBIT",
    ShopCashBillingDebitReversal = "SHOP_CASH_BILLING_DEBIT_REVERSAL",
    ShopCashCampaignBillingCredit = "SHOP_CASH_CAMPAIGN_BILLING_CREDIT",
    ShopCashCampaignBillingCreditReversal = "SHOP_CASH_CAMPAIGN_BILLING_CREDIT_REVERSAL",
    ShopCashCampaignBillingDebit = "SHOP_CASH_CAMPAIGN_BILLING_DEBIT",
    ShopCashCampaignBillingDebitReversal = "SHOP_CASH_CAMPAIGN_BILLING_DEBIT_REVERSAL",
    ShopCashCredit = "SHOP_CASH_CREDIT",
    ShopCashCreditReversal = "SHOP_CASH_CREDIT_REVERSAL",
    ShopCashRefundDebit = "SHOP_CASH_REFUND_DEBIT",
    ShopCashRefundDebitReversal = "SHOP_CASH_REFUND_DEBIT_REVERSAL",
    StripeFee = "STRIPE_FEE",
    TaxAdjustmentCredit = "TAX_ADJUSTMENT_CREDIT",
    TaxAdjustmentCreditReversal = "TAX_ADJUSTMENT_CREDIT_REVERSAL",
    TaxAdjustmentDebit = "TAX_ADJUSTMENT_DEBIT",
    TaxAdjustmentDebitReversal = "TAX_ADJUSTMENT_DEBIT_REVERSAL",
    Transfer = "TRANSFER",
    TransferCancel = "TRANSFER_CANCEL",
    TransferFailure = "TRANSFER_FAILURE",
    TransferRefund = "TRANSFER_REFUND",
    VatRefundCredit = "VAT_REFUND_CREDIT",
    VatRefundCreditReversal = "VAT_REFUND_CREDIT_REVERSAL",
}

/// A chargeback, or an inquiry that moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    pub id: DisputeId,
    pub order: Option<OrderId>,
    pub is_inquiry: bool,
    pub status: DisputeStatus,
    pub amount: Money,
    pub initiated_at: Timestamp,
    /// When nothing can change any more.
    pub finalized_on: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DisputeStatus {
    NeedsResponse,
    UnderReview,
    Accepted,
    Won,
    Lost,
    Prevented,
}

impl DisputeStatus {
    /// The money that was taken stays away.
    pub fn is_lost(self) -> bool {
        matches!(self, DisputeStatus::Accepted | DisputeStatus::Lost)
    }
}

/// A line of a bank's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// The bank's own number of the line, unique within the account.
    pub id: Box<str>,
    pub value_date: BookDate,
    /// Above zero came in.
    pub amount: Money,
    /// As the sender wrote it: a payout's trace, or nothing.
    pub reference: Option<Box<str>>,
}

impl BankLine {
    /// A number made of the bank's own, below 2⁶⁰ and the same for ever (FNV-1a).
    pub fn number(id: &str) -> u64 {
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash >> 4
    }
}
