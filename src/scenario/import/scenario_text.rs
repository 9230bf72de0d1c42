//! The scenario file of a recorded day, as text.

use std::fmt::Write;

use jiff::civil::Date;

use super::sorting::{Sorted, written_total};
use super::{LICENCE, SOURCE};
use crate::domain::Zone;

pub(super) fn scenario(
    first: Date,
    last: Date,
    sorted: &Sorted,
    zone: &Zone,
    shop: &str,
    data_file: &str,
) -> String {
    let midnight = |day: Date| zone.instant(day.at(0, 0, 0, 0)).expect("a row's day is within range");
    let after = last.tomorrow().expect("a row's day is within range");
    let hours = midnight(after).since(midnight(first)).seconds() / 3_600;
    let orders = sorted.orders.len();
    let sum: rust_decimal::Decimal = sorted.orders.iter().map(|order| written_total(&order.recorded)).sum();
    let days = match first == last {
        true => format!("{first}"),
        false => format!("{first} to {last}"),
    };
    let mut text = format!(
        "# A real day of a gift retailer, order by order: {orders} orders, {sum:.2} GBP.\n\
         # Data: {SOURCE}, {LICENCE}; changed as its first line says.\n\
         plimsoll = 1\n\
         use = [\"{shop}\"]\n\
         faults = \"busy\"\n\
         \n\
         [scenario]\n\
         title = \"Recorded: {days}\"\n\
         tags = [\"replay\"]\n\
         \n\
         [run]\n\
         starts = \"{first}T00:00:00[{}]\"\n\
         lasts = \"{hours}h\"\n\
         settle = \"6h\"\n\
         \n\
         [traffic.recorded]\n\
         file = \"{data_file}\"\n\
         shop = \"uk\"\n",
        zone.name(),
    );
    if !sorted.carried.is_empty() {
        text.push_str("\n# Lines of these days that are no orders: counted, not played.\n[not-covered]\n");
    }
    for (kind, part) in &sorted.carried {
        writeln!(text, "{} = \"{} lines, {:.2} GBP\"", kind.name(), part.lines, part.sum)
            .expect("a String takes any text");
    }
    text
}
