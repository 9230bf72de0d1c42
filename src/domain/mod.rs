//! The nouns that both platforms, the engine and the oracle speak of.
//!
//! Lives here: money, ids, instants and dates, orders, customers, sales orders, deposits, fulfillments, refunds,
//! invoices and what follows them, payouts. No IO, no async, no rule of any flow. How a platform spells these is in `platforms::*::convert`.

pub mod allocation;
pub mod billing;
pub mod cause_code;
pub mod currency;
pub mod customer;
pub mod deposit;
pub mod digest;
pub mod field_limit;
pub mod fixed_hash;
pub mod fulfillment;
pub mod ids;
pub mod money;
pub mod order;
pub mod payout;
pub mod price;
pub mod product;
pub mod refund;
pub mod sales_order;
pub mod standing;
pub mod time;

pub use allocation::{Rounding, allocate};
pub use cause_code::CauseCode;
pub use currency::Currency;
pub use customer::{CustomerKey, CustomerRecord, KnownCustomer};
pub use deposit::{CustomerDeposit, KnownDeposit};
pub use fixed_hash::{FixedMap, FixedSet};
pub use ids::{ExternalId, Flow, InternalId, Lane, MerchantKey, ShopKey, Sku};
pub use money::{Money, MoneyError, Sum};
pub use order::Order;
pub use sales_order::{KnownSalesOrder, SalesOrder};
pub use time::{BookDate, Duration, Timestamp, Zone};
