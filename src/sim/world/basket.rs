//! What is bought: lines, codes, shipping, and the currency that the shopper saw.

use super::{BasketLine, DiscountCode, Drawn, Off};
use crate::domain::{Currency, Duration};
use crate::scenario::{Latency, Storefront};
use crate::sim::random::Draws;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Baskets that are out of the ordinary: anything between the typical and the heaviest.
///
/// Assumption. Without them the heaviest basket of a day would be some ten lines.
const HEAVY_PPM: u32 = 1_000;

/// Lines of a company's order at the median and at the 99th percentile.
///
/// Source: traits.md §1, UCI Online Retail file, "Lines per order".
const COMPANY_LINES: Latency = Latency { median: Duration::from_nanos(15), p99: Duration::from_nanos(220) };

/// Units of a company's line, on average. Assumption: wholesale sells by the dozen.
const COMPANY_UNITS: u32 = 12;

/// Codes by depth in percent and weight; their mean is 24 %.
///
/// Source: traits.md §1, Black Friday 2022: average discount 24 %. The spread is an assumption.
const CODES: [(&str, u32, u32); 6] = [
    ("WELCOME10", 10, 12),
    ("FALL15", 15, 18),
    ("CREW20", 20, 20),
    ("HARBOUR25", 25, 20),
    ("FRIDAY30", 30, 20),
    ("LAST40", 40, 10),
];

/// A fixed amount off, in hundredths of a unit of currency.
const AMOUNT_CODE: (&str, i64) = ("MINUS5", 500);

/// Shipping in hundredths of a unit of currency, with weights. Assumption: free, standard, express.
const SHIPPING: [(i64, u32); 3] = [(0, 40), (495, 45), (995, 15)];

impl Drawn {
    pub(super) fn lines(&self, luck: &mut Draws, company: bool) -> Vec<BasketLine> {
        let traffic = &self.traffic;
        let variants = self.skus.len() as u32;
        let heaviest = traffic.lines_heaviest.clamp(1, variants);
        let typical = luck.count(traffic.lines_typical, heaviest);
        let (heavy, from_typical) = (luck.chance(HEAVY_PPM), luck.zipf(heaviest));
        let wholesale = luck.latency(COMPANY_LINES).nanos();
        let count = match (company, heavy) {
            (true, _) => (wholesale as u32).clamp(1, heaviest),
            (false, true) => from_typical.max(typical),
            (false, false) => typical,
        };
        let mut lines: Vec<BasketLine> = Vec::with_capacity(count as usize + 1);
        for _ in 0..count {
            let mut variant = luck.zipf(variants);
            // A SKU stands on two lines only where the scenario says so, below.
            while lines.iter().any(|line| line.variant == variant) {
                variant = (variant + 1) % variants;
            }
            let quantity = if company { luck.count(COMPANY_UNITS, 1_000) } else { 1 };
            lines.push(self.line(variant, quantity));
        }
        if !company {
            // The typical count is of an order's units; beyond one a line they fall where they fall.
            let units = luck.count(traffic.units_typical, count.saturating_mul(10));
            for _ in count..units {
                lines[luck.below(u64::from(count)) as usize].quantity += 1;
            }
        }
        if luck.chance(traffic.repeated_sku_ppm) {
            let again = lines[luck.below(lines.len() as u64) as usize];
            lines.push(BasketLine { quantity: 1, ..again });
        }
        lines
    }

    pub(super) fn line(&self, variant: u32, quantity: u32) -> BasketLine {
        BasketLine { variant, quantity, unit_price_minor: self.prices[variant as usize] }
    }

    /// `goods_minor` is what the lines come to.
    pub(super) fn discounts(&self, luck: &mut Draws, goods_minor: i64) -> [Option<DiscountCode>; 2] {
        let traffic = &self.traffic;
        let discounted = luck.chance(traffic.discounted_ppm);
        // Stated as a share of all orders, drawn among the discounted ones.
        let of_discounted =
            u64::from(traffic.stacked_ppm) * 1_000_000 / u64::from(traffic.discounted_ppm.max(1));
        let stacked = luck.chance(u32::try_from(of_discounted).unwrap_or(u32::MAX));
        let code = luck.weighted(CODES.iter().map(|(_, _, weight)| *weight)).unwrap_or(0);
        if !discounted {
            return [None, None];
        }
        let (label, percent, _) = CODES[code];
        let first = DiscountCode { label, off: Off::Percent(percent) };
        let (label, minor) = AMOUNT_CODE;
        let left = goods_minor - goods_minor * i64::from(percent) / 100;
        let second = DiscountCode { label, off: Off::Minor(minor.min(left)) };
        [Some(first), Some(second).filter(|_| stacked && left > 0)]
    }
}

/// In minor units of the currency.
pub(super) fn shipping(luck: &mut Draws, currency: Currency) -> i64 {
    let rate = luck.weighted(SHIPPING.iter().map(|(_, weight)| *weight)).unwrap_or(0);
    let hundredths = SHIPPING[rate].0;
    match currency.minor_digits() {
        // A unit of such a currency is worth about a hundredth of a dollar.
        0 => hundredths,
        digits => hundredths * 10i64.pow(digits - 2),
    }
}

/// The currency that the shopper saw, where it is not the shop's own.
pub(super) fn presentment(luck: &mut Draws, storefront: &Storefront) -> Option<Currency> {
    let word = luck.below(1_000_000);
    let mut below = 0;
    storefront
        .presentment
        .iter()
        .find(|(_, percent)| {
            below += (*percent * Decimal::from(10_000)).to_u64().unwrap_or(0);
            word < below
        })
        .map(|(currency, _)| *currency)
        .filter(|currency| *currency != storefront.currency)
}
