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
}

impl CauseCode {
    pub const ALL: [CauseCode; 19] = [
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
        CauseCode::ItemUnmapped,
        CauseCode::LocationUnmapped,
        CauseCode::StockRejected,
        CauseCode::StockDrift,
        CauseCode::OversoldUnits,
        CauseCode::BundleUnresolved,
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
            CauseCode::ItemUnmapped => "item-unmapped",
            CauseCode::LocationUnmapped => "location-unmapped",
            CauseCode::StockRejected => "stock-rejected",
            CauseCode::StockDrift => "stock-drift",
            CauseCode::OversoldUnits => "oversold-units",
            CauseCode::BundleUnresolved => "bundle-unresolved",
        }
    }
}
