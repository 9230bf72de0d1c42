//! Causes of exceptions: one closed list that policy, engine, store and reports share.

/// Why a person must act. One closed, stable list: a code never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum CauseCode {
    /// The buyer has a record under a very similar e-mail.
    CustomerLikelyDuplicate = 1,
    /// An item, customer, account or other record that we refer to is missing, inactive or out of bounds.
    ReferenceRejected = 2,
    /// Policy names no books for this order.
    RouteMissing = 3,
    /// Policy names no account for this gateway.
    GatewayUnmapped = 4,
    /// The parts of the order do not add up to its total.
    AmountsDisagree = 5,
    /// NetSuite refused the document for another reason of business.
    DocumentRefused = 6,
    /// The posting period is shut and policy says to wait for a person.
    PeriodShut = 7,
    /// A lock by a workflow or a person outlasted our patience.
    RecordLocked = 8,
    /// Tries without an answer outlasted our patience; still trying.
    Unanswered = 9,
    /// More was captured than the order now comes to.
    CapturedExceedsOrder = 10,
    /// The order changed after NetSuite released or closed it.
    ChangedAfterRelease = 11,
    /// Credentials or permissions were refused.
    Unauthorized = 12,
    /// Shopify names no such order, yet something spoke of it.
    OrderVanished = 13,
    /// The buyer moved house after the warehouse had the order: the parcel would go to the old address.
    AddressChangedAfterRelease = 14,
    /// The order was cancelled after the warehouse had it.
    CancelledAfterRelease = 15,
    /// Something was shipped that the Shopify order does not name: substituted, too many, or added by hand.
    ShipmentUnmatched = 16,
    /// Shopify holds the fulfillment order while the parcel has left.
    FulfillmentHeld = 17,
    /// Released to the warehouse, and nothing was shipped by the deadline, though every call was green.
    SilentOrder = 18,
    /// The parts of a refund do not add up to the money that was given back.
    RefundDisagrees = 19,
    /// More was given back by a money tender than was ever captured.
    RefundExceedsCaptured = 20,
    /// A refund that had succeeded failed later: the money is to be issued again.
    RefundFailed = 21,
    /// A person keyed a document in NetSuite that stands in the way of what the flow would write.
    KeyedByHand = 22,
    /// Units came back to stock of which NetSuite never relieved any.
    StockReturnUnrelieved = 23,
    /// The liability for gift cards is not what Shopify's cards are worth.
    GiftCardDrift = 24,
    /// Shopify shows as fulfilled what NetSuite has not shipped.
    FulfilledInShopify = 25,
    /// The prices that a price list serves could not be compared with NetSuite in time.
    PriceUnproven = 40,
    /// Orders of a buyer wait for approval: they would take it over its credit limit.
    CreditLimitExceeded = 41,
    /// A price list cannot serve what was agreed, or Shopify refused it.
    PriceRejected = 43,
    /// A company location has no customer in NetSuite, so nobody knows its prices.
    CompanyUnmapped = 44,
    /// One side says that an order was paid outside Shopify, the other does not.
    PaidElsewhereUnmatched = 45,
    /// Shopify stocks an item that NetSuite does not stock at the location that stands for it.
    ItemUnmapped = 30,
    /// Policy names a Shopify location that does not exist.
    LocationUnmapped = 31,
    /// Shopify refuses to set the level of an item.
    StockRejected = 32,
    /// More levels than policy permits had been changed by somebody else.
    StockDrift = 33,
    /// More units are sold than there are.
    OversoldUnits = 34,
    /// A kit has no members that could be sold.
    BundleUnresolved = 35,
    /// A field of a product was changed on the side that does not own it.
    FieldOwnedElsewhere = 46,
    /// A row of a payout has no counterpart in NetSuite, and its time to get one is over.
    PayoutLineUnmatched = 50,
    /// A row of a payout and its counterpart in NetSuite state different amounts.
    PayoutAmountDiffers = 51,
    /// A payout has a row of a type for which there is no rule.
    PayoutTypeUnknown = 52,
    /// The bank's statement does not show a payout, or shows another amount.
    BankDiffers = 53,
    /// A payout failed or was cancelled, and no later one has carried its money yet.
    PayoutFailed = 54,
    /// The counterpart of a row stands on another account than the gateway's clearing account.
    ClearingUnmatched = 55,
    /// The rows of a payout do not come to its net.
    PayoutNotBalanced = 56,
    /// Somebody changed a journal after it was posted.
    JournalChanged = 57,
    /// Several documents in NetSuite stand for one row of a payout.
    DuplicateClearingRecord = 58,
    /// Two deliveries came under one id with different bodies.
    DeliveryContradicts = 60,
    /// A customer asks which data is held of them.
    DataRequested = 61,
    /// Personal data is to be erased, and NetSuite has records of it that only a person may judge.
    ErasureRequested = 62,
}

impl CauseCode {
    pub const ALL: [CauseCode; 49] = [
        CauseCode::CustomerLikelyDuplicate,
        CauseCode::ReferenceRejected,
        CauseCode::RouteMissing,
        CauseCode::GatewayUnmapped,
        CauseCode::AmountsDisagree,
        CauseCode::DocumentRefused,
        CauseCode::PeriodShut,
        CauseCode::RecordLocked,
        CauseCode::Unanswered,
        CauseCode::CapturedExceedsOrder,
        CauseCode::ChangedAfterRelease,
        CauseCode::Unauthorized,
        CauseCode::OrderVanished,
        CauseCode::AddressChangedAfterRelease,
        CauseCode::CancelledAfterRelease,
        CauseCode::ShipmentUnmatched,
        CauseCode::FulfillmentHeld,
        CauseCode::SilentOrder,
        CauseCode::RefundDisagrees,
        CauseCode::RefundExceedsCaptured,
        CauseCode::RefundFailed,
        CauseCode::KeyedByHand,
        CauseCode::StockReturnUnrelieved,
        CauseCode::GiftCardDrift,
        CauseCode::FulfilledInShopify,
        CauseCode::PriceUnproven,
        CauseCode::CreditLimitExceeded,
        CauseCode::PriceRejected,
        CauseCode::CompanyUnmapped,
        CauseCode::PaidElsewhereUnmatched,
        CauseCode::ItemUnmapped,
        CauseCode::LocationUnmapped,
        CauseCode::StockRejected,
        CauseCode::StockDrift,
        CauseCode::OversoldUnits,
        CauseCode::BundleUnresolved,
        CauseCode::FieldOwnedElsewhere,
        CauseCode::PayoutLineUnmatched,
        CauseCode::PayoutAmountDiffers,
        CauseCode::PayoutTypeUnknown,
        CauseCode::BankDiffers,
        CauseCode::PayoutFailed,
        CauseCode::ClearingUnmatched,
        CauseCode::PayoutNotBalanced,
        CauseCode::JournalChanged,
        CauseCode::DuplicateClearingRecord,
        CauseCode::DeliveryContradicts,
        CauseCode::DataRequested,
        CauseCode::ErasureRequested,
    ];

    pub fn from_number(number: u8) -> Option<CauseCode> {
        CauseCode::ALL.into_iter().find(|code| *code as u8 == number)
    }

    /// Whether only a person ends it: no flow can see that its matter is settled.
    pub fn is_ended_by_person(self) -> bool {
        matches!(
            self,
            CauseCode::DeliveryContradicts | CauseCode::DataRequested | CauseCode::ErasureRequested
        )
    }

    /// As in policy files and reports: `customer-likely-duplicate`.
    pub fn name(self) -> &'static str {
        match self {
            CauseCode::CustomerLikelyDuplicate => "customer-likely-duplicate",
            CauseCode::ReferenceRejected => "reference-rejected",
            CauseCode::RouteMissing => "route-missing",
            CauseCode::GatewayUnmapped => "gateway-unmapped",
            CauseCode::AmountsDisagree => "amounts-disagree",
            CauseCode::DocumentRefused => "document-refused",
            CauseCode::PeriodShut => "period-shut",
            CauseCode::RecordLocked => "record-locked",
            CauseCode::Unanswered => "unanswered",
            CauseCode::CapturedExceedsOrder => "captured-exceeds-order",
            CauseCode::ChangedAfterRelease => "changed-after-release",
            CauseCode::Unauthorized => "unauthorized",
            CauseCode::OrderVanished => "order-vanished",
            CauseCode::AddressChangedAfterRelease => "address-changed-after-release",
            CauseCode::CancelledAfterRelease => "cancelled-after-release",
            CauseCode::ShipmentUnmatched => "shipment-unmatched",
            CauseCode::FulfillmentHeld => "fulfillment-held",
            CauseCode::SilentOrder => "silent-order",
            CauseCode::RefundDisagrees => "refund-disagrees",
            CauseCode::RefundExceedsCaptured => "refund-exceeds-captured",
            CauseCode::RefundFailed => "refund-failed",
            CauseCode::KeyedByHand => "keyed-by-hand",
            CauseCode::StockReturnUnrelieved => "stock-return-unrelieved",
            CauseCode::GiftCardDrift => "gift-card-drift",
            CauseCode::FulfilledInShopify => "fulfilled-in-shopify",
            CauseCode::PriceUnproven => "price-unproven",
            CauseCode::CreditLimitExceeded => "credit-limit-exceeded",
            CauseCode::PriceRejected => "price-rejected",
            CauseCode::CompanyUnmapped => "company-unmapped",
            CauseCode::PaidElsewhereUnmatched => "paid-elsewhere-unmatched",
            CauseCode::ItemUnmapped => "item-unmapped",
            CauseCode::LocationUnmapped => "location-unmapped",
            CauseCode::StockRejected => "stock-rejected",
            CauseCode::StockDrift => "stock-drift",
            CauseCode::OversoldUnits => "oversold-units",
            CauseCode::BundleUnresolved => "bundle-unresolved",
            CauseCode::FieldOwnedElsewhere => "field-owned-elsewhere",
            CauseCode::PayoutLineUnmatched => "payout-line-unmatched",
            CauseCode::PayoutAmountDiffers => "payout-amount-differs",
            CauseCode::PayoutTypeUnknown => "payout-type-unknown",
            CauseCode::BankDiffers => "bank-differs",
            CauseCode::PayoutFailed => "payout-failed",
            CauseCode::ClearingUnmatched => "clearing-unmatched",
            CauseCode::PayoutNotBalanced => "payout-not-balanced",
            CauseCode::JournalChanged => "journal-changed",
            CauseCode::DuplicateClearingRecord => "duplicate-clearing-record",
            CauseCode::DeliveryContradicts => "delivery-contradicts",
            CauseCode::DataRequested => "data-requested",
            CauseCode::ErasureRequested => "erasure-requested",
        }
    }
}
