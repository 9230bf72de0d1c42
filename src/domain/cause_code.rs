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
}

impl CauseCode {
    pub const ALL: [CauseCode; 18] = [
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
        CauseCode::PriceUnproven,
        CauseCode::CreditLimitExceeded,
        CauseCode::PriceRejected,
        CauseCode::CompanyUnmapped,
        CauseCode::PaidElsewhereUnmatched,
    ];

    pub fn from_number(number: u8) -> Option<CauseCode> {
        CauseCode::ALL.into_iter().find(|code| *code as u8 == number)
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
            CauseCode::PriceUnproven => "price-unproven",
            CauseCode::CreditLimitExceeded => "credit-limit-exceeded",
            CauseCode::PriceRejected => "price-rejected",
            CauseCode::CompanyUnmapped => "company-unmapped",
            CauseCode::PaidElsewhereUnmatched => "paid-elsewhere-unmatched",
        }
    }
}
