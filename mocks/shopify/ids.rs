//! Published numbers: a function of shop, record and position, so that none is stored.
//!
//! Like Shopify's they exceed 2^32, rise with age, and the numbers of related records have nothing in common
//! (shopify.md §a).

use crate::domain::ids::{
    BalanceTransactionId, CompanyLocationId, CustomerId, DisputeId, FulfillmentId, FulfillmentOrderId,
    FulfillmentOrderLineId, GiftCardId, LineItemId, OrderId, PayoutId, PriceListId, ProductId, RefundId,
    RefundLineId, ShippingLineId, TransactionId, VariantId,
};
use crate::platforms::shopify::wire::Uuid;

/// Distance between two shops' numbers.
const SHOP_SPAN: u64 = 1_000_000_000_000_000;
/// Distance between two records of a shop; also the most lines or transactions that one order can have.
const STEP: u64 = 32_768;

const ORDERS: u64 = 5_400_000_000_000;
const LINES: u64 = 13_800_000_000_000;
const SHIPPING_LINES: u64 = 4_200_000_000_000;
const TRANSACTIONS: u64 = 6_900_000_000_000;
const CUSTOMERS: u64 = 7_600_000_000_000;
const COMPANY_LOCATIONS: u64 = 2_100_000_000_000;
const SUBSCRIPTIONS: u64 = 1_300_000_000_000;
const PRICE_LISTS: u64 = 24_900_000_000;
const VARIANTS: u64 = 43_700_000_000_000;
const PRODUCTS: u64 = 8_100_000_000_000;
const LOCATIONS: u64 = 80_000_000_000;
const FULFILLMENT_ORDERS: u64 = 9_800_000_000_000;
const FULFILLMENT_ORDER_LINES: u64 = 17_100_000_000_000;
const FULFILLMENTS: u64 = 5_100_000_000_000;
const REFUNDS: u64 = 930_000_000_000;
const REFUND_LINES: u64 = 470_000_000_000;
const RETURNS: u64 = 310_000_000_000;
const GIFT_CARDS: u64 = 610_000_000_000;
const INVENTORY_ITEMS: u64 = 46_700_000_000_000;
const ADJUSTMENT_GROUPS: u64 = 3_100_000_000_000;
const BALANCE_TRANSACTIONS: u64 = 2_700_000_000_000;
const PAYOUTS: u64 = 116_000_000_000;
const DISPUTES: u64 = 10_100_000_000;
const BULK_OPERATIONS: u64 = 4_800_000_000_000;
const PAYMENT_TERMS: u64 = 160_000_000_000;
const PAYMENT_SCHEDULES: u64 = 201_000_000_000;
const DRAFT_ORDERS: u64 = 1_270_000_000_000;
const DRAFT_ORDER_LINES: u64 = 58_000_000_000_000;
const FULFILLMENT_LINES: u64 = 16_900_000_000_000;
const FULFILLMENT_HOLDS: u64 = 21_300_000_000;
const RETURN_LINES: u64 = 22_900_000_000;
const SHOPS: u64 = 62_000_000_000;

const fn number(shop: u64, base: u64, position: usize) -> u64 {
    shop * SHOP_SPAN + base + (position as u64 + 1) * STEP
}

/// The position behind a number; `None` if no record of that shop can have it.
fn position(shop: u64, base: u64, number: u64) -> Option<usize> {
    let past = number.checked_sub(shop * SHOP_SPAN + base)?;
    let is_record = past.is_multiple_of(STEP) && past > 0;
    is_record.then(|| usize::try_from(past / STEP - 1).ok()).flatten()
}

fn part(shop: u64, base: u64, order: usize, index: usize) -> u64 {
    assert!((index as u64) < STEP, "order {order} of shop {shop} has too many parts");
    number(shop, base, order) + index as u64
}

/// Order and position of a part; `None` if no order of that shop can have it.
fn part_position(shop: u64, base: u64, number: u64) -> Option<(usize, usize)> {
    let past = number.checked_sub(shop * SHOP_SPAN + base)?;
    let order = usize::try_from((past / STEP).checked_sub(1)?).ok()?;
    Some((order, (past % STEP) as usize))
}

pub(super) fn order(shop: u64, n: usize) -> OrderId {
    OrderId::new(number(shop, ORDERS, n))
}

pub(super) fn order_position(shop: u64, id: OrderId) -> Option<usize> {
    position(shop, ORDERS, id.get())
}

pub(super) fn line_item(shop: u64, order: usize, index: usize) -> LineItemId {
    LineItemId::new(part(shop, LINES, order, index))
}

pub(super) fn line_item_position(shop: u64, id: LineItemId) -> Option<(usize, usize)> {
    part_position(shop, LINES, id.get())
}

pub(super) fn shipping_line_position(shop: u64, id: ShippingLineId) -> Option<(usize, usize)> {
    part_position(shop, SHIPPING_LINES, id.get())
}

pub(super) fn shipping_line(shop: u64, order: usize, index: usize) -> ShippingLineId {
    ShippingLineId::new(part(shop, SHIPPING_LINES, order, index))
}

pub(super) fn transaction(shop: u64, order: usize, index: usize) -> TransactionId {
    TransactionId::new(part(shop, TRANSACTIONS, order, index))
}

pub(super) fn transaction_position(shop: u64, id: TransactionId) -> Option<(usize, usize)> {
    part_position(shop, TRANSACTIONS, id.get())
}

pub(super) fn customer(shop: u64, n: usize) -> CustomerId {
    CustomerId::new(number(shop, CUSTOMERS, n))
}

pub(super) fn customer_position(shop: u64, id: CustomerId) -> Option<usize> {
    position(shop, CUSTOMERS, id.get())
}

pub(super) fn company_location(shop: u64, n: usize) -> CompanyLocationId {
    CompanyLocationId::new(number(shop, COMPANY_LOCATIONS, n))
}

pub(super) fn company_location_position(shop: u64, id: CompanyLocationId) -> Option<usize> {
    position(shop, COMPANY_LOCATIONS, id.get())
}

pub(super) fn price_list(shop: u64, n: usize) -> PriceListId {
    PriceListId::new(number(shop, PRICE_LISTS, n))
}

pub(super) fn price_list_position(shop: u64, id: PriceListId) -> Option<usize> {
    position(shop, PRICE_LISTS, id.get())
}

pub(super) fn variant(shop: u64, n: usize) -> VariantId {
    VariantId::new(number(shop, VARIANTS, n))
}

pub(super) fn variant_position(shop: u64, id: VariantId) -> Option<usize> {
    position(shop, VARIANTS, id.get())
}

pub(super) fn product(shop: u64, n: usize) -> ProductId {
    ProductId::new(number(shop, PRODUCTS, n))
}

pub(super) fn product_position(shop: u64, id: ProductId) -> Option<usize> {
    position(shop, PRODUCTS, id.get())
}

pub(super) fn inventory_item(shop: u64, n: usize) -> u64 {
    number(shop, INVENTORY_ITEMS, n)
}

pub(super) fn inventory_item_position(shop: u64, id: u64) -> Option<usize> {
    position(shop, INVENTORY_ITEMS, id)
}

pub(super) fn adjustment_group(shop: u64, n: u64) -> u64 {
    number(shop, ADJUSTMENT_GROUPS, n as usize)
}

pub(super) fn subscription(shop: u64, n: usize) -> u64 {
    number(shop, SUBSCRIPTIONS, n)
}

/// The location of a shop that was given none.
pub(super) fn first_location(shop: u64) -> u64 {
    number(shop, LOCATIONS, 0)
}

pub(super) fn fulfillment_order(shop: u64, order: usize, index: usize) -> FulfillmentOrderId {
    FulfillmentOrderId::new(part(shop, FULFILLMENT_ORDERS, order, index))
}

pub(super) fn fulfillment_order_position(shop: u64, id: FulfillmentOrderId) -> Option<(usize, usize)> {
    part_position(shop, FULFILLMENT_ORDERS, id.get())
}

pub(super) fn fulfillment_order_line(shop: u64, order: usize, number: usize) -> FulfillmentOrderLineId {
    FulfillmentOrderLineId::new(part(shop, FULFILLMENT_ORDER_LINES, order, number))
}

pub(super) fn fulfillment_order_line_position(
    shop: u64,
    id: FulfillmentOrderLineId,
) -> Option<(usize, usize)> {
    part_position(shop, FULFILLMENT_ORDER_LINES, id.get())
}

pub(super) fn fulfillment(shop: u64, order: usize, index: usize) -> FulfillmentId {
    FulfillmentId::new(part(shop, FULFILLMENTS, order, index))
}

pub(super) fn fulfillment_position(shop: u64, id: FulfillmentId) -> Option<(usize, usize)> {
    part_position(shop, FULFILLMENTS, id.get())
}

pub(super) fn refund(shop: u64, order: usize, index: usize) -> RefundId {
    RefundId::new(part(shop, REFUNDS, order, index))
}

pub(super) fn refund_position(shop: u64, id: RefundId) -> Option<(usize, usize)> {
    part_position(shop, REFUNDS, id.get())
}

/// `number` counts the refund lines of an order through all its refunds.
pub(super) fn refund_line(shop: u64, order: usize, number: usize) -> RefundLineId {
    RefundLineId::new(part(shop, REFUND_LINES, order, number))
}

/// The return behind a refund.
pub(super) fn return_of(shop: u64, order: usize, refund: usize) -> u64 {
    part(shop, RETURNS, order, refund)
}

pub(super) fn return_position(shop: u64, id: u64) -> Option<(usize, usize)> {
    part_position(shop, RETURNS, id)
}

/// `number` counts the lines of an order's returns.
pub(super) fn return_line(shop: u64, order: usize, number: usize) -> u64 {
    part(shop, RETURN_LINES, order, number)
}

/// `number` counts the lines of an order's fulfillments.
pub(super) fn fulfillment_line(shop: u64, order: usize, number: usize) -> u64 {
    part(shop, FULFILLMENT_LINES, order, number)
}

pub(super) fn fulfillment_line_position(shop: u64, number: u64) -> Option<(usize, usize)> {
    part_position(shop, FULFILLMENT_LINES, number)
}

/// The hold of a fulfillment order.
pub(super) fn fulfillment_hold(shop: u64, order: usize, index: usize) -> u64 {
    part(shop, FULFILLMENT_HOLDS, order, index)
}

pub(super) fn gift_card(shop: u64, n: usize) -> GiftCardId {
    GiftCardId::new(number(shop, GIFT_CARDS, n))
}

pub(super) fn gift_card_position(shop: u64, id: GiftCardId) -> Option<usize> {
    position(shop, GIFT_CARDS, id.get())
}

pub(super) fn balance_transaction(shop: u64, n: usize) -> BalanceTransactionId {
    BalanceTransactionId::new(number(shop, BALANCE_TRANSACTIONS, n))
}

pub(super) fn balance_transaction_position(shop: u64, id: BalanceTransactionId) -> Option<usize> {
    position(shop, BALANCE_TRANSACTIONS, id.get())
}

pub(super) fn payout(shop: u64, n: usize) -> PayoutId {
    PayoutId::new(number(shop, PAYOUTS, n))
}

pub(super) fn payout_position(shop: u64, id: PayoutId) -> Option<usize> {
    position(shop, PAYOUTS, id.get())
}

pub(super) fn dispute(shop: u64, n: usize) -> DisputeId {
    DisputeId::new(number(shop, DISPUTES, n))
}

pub(super) fn dispute_position(shop: u64, id: DisputeId) -> Option<usize> {
    position(shop, DISPUTES, id.get())
}

pub(super) fn bulk_operation(shop: u64, n: usize) -> u64 {
    number(shop, BULK_OPERATIONS, n)
}

/// The number of the shop itself.
pub(super) fn shop(shop: u64) -> u64 {
    number(shop, SHOPS, 0)
}

/// Payment terms, in the order in which they were given.
pub(super) fn payment_terms(shop: u64, n: usize) -> u64 {
    number(shop, PAYMENT_TERMS, n)
}

pub(super) fn payment_terms_position(shop: u64, id: u64) -> Option<usize> {
    position(shop, PAYMENT_TERMS, id)
}

pub(super) fn payment_schedule(shop: u64, n: usize) -> u64 {
    number(shop, PAYMENT_SCHEDULES, n)
}

pub(super) fn draft_order(shop: u64, n: usize) -> u64 {
    number(shop, DRAFT_ORDERS, n)
}

pub(super) fn draft_order_position(shop: u64, id: u64) -> Option<usize> {
    position(shop, DRAFT_ORDERS, id)
}

pub(super) fn draft_order_line(shop: u64, draft: usize, index: usize) -> u64 {
    part(shop, DRAFT_ORDER_LINES, draft, index)
}

/// A version-4 UUID that is a function of a counter: SplitMix64 twice.
pub(super) fn uuid(kind: u64, counter: u64) -> Uuid {
    let mix = |salt: u64| {
        let mut z =
            counter.wrapping_mul(4).wrapping_add(kind).wrapping_add(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let bits = u128::from(mix(1)) << 64 | u128::from(mix(2));
    let version = 0xf << 76;
    let variant = 0x3 << 62;
    Uuid(bits & !version & !variant | 0x4 << 76 | 0x2 << 62)
}
