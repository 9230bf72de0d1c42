//! Credits become returns of the sales that they match.
//!
//! The history does not say which sale a credit takes back. Rule, an assumption: the latest sale before it, by the
//! same numbered customer, of the same item at the same price, that has units left. A line that finds not enough units
//! is carried as a credit, and so is one without a customer.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::history::Row;
use super::sorting::{Order, Sorted};
use crate::scenario::recording::{RecordedBuyer, RecordedReturn};

/// A line of an order: positions of both.
type Place = (usize, usize);

/// Units that may still come back, by customer, item and price.
struct Sold<'o> {
    orders: &'o [Order],
    places: BTreeMap<(&'o str, &'o str, &'o str), Vec<Place>>,
    left: BTreeMap<Place, u32>,
}

impl<'o> Sold<'o> {
    fn of(orders: &'o [Order]) -> Sold<'o> {
        let (mut places, mut left): (BTreeMap<_, Vec<Place>>, _) = (BTreeMap::new(), BTreeMap::new());
        for (at, order) in orders.iter().enumerate() {
            let (RecordedBuyer::Customer(customer) | RecordedBuyer::Company(customer)) =
                &order.recorded.buyer
            else {
                continue;
            };
            for (line_at, line) in order.recorded.lines.iter().enumerate().filter(|(_, line)| !line.gift_card)
            {
                let key = (customer.as_str(), line.sku.as_str(), line.price.as_str());
                places.entry(key).or_default().push((at, line_at));
                left.insert((at, line_at), line.quantity);
            }
        }
        Sold { orders, places, left }
    }

    /// Takes the units from the latest sales before the credit; `None`, and nothing taken, if there are not enough.
    fn take(&mut self, credit: &Row) -> Option<Vec<(Place, u32)>> {
        let (customer, price) = (credit.customer.as_deref()?, format!("{:.2}", credit.price));
        let units = u32::try_from(credit.quantity.checked_neg()?).ok()?;
        let sold: Decimal = price.parse().ok()?;
        if sold * Decimal::from(units) != -credit.sum {
            return None;
        }
        let places = self.places.get(&(customer, &*credit.stock_code, price.as_str()))?;
        let at = credit.at.to_string();
        let (mut taken, mut missing) = (Vec::new(), units);
        for place in places.iter().rev().filter(|(order, _)| self.orders[*order].recorded.at < at) {
            let units = self.left[place].min(missing);
            if units > 0 {
                taken.push((*place, units));
                missing -= units;
            }
        }
        if missing > 0 {
            return None;
        }
        for (place, units) in &taken {
            *self.left.get_mut(place).expect("every place has its units") -= units;
        }
        Some(taken)
    }
}

/// When, by which credit note, and to which order goods came back.
type Return = (String, Box<str>, usize);

impl Sorted {
    /// Once all days that are played together are sorted.
    pub(super) fn match_credits(&mut self) {
        let mut credits = std::mem::take(&mut self.credits);
        credits.sort_by_key(|row| row.at);
        let mut sold = Sold::of(&self.orders);
        let mut unmatched = Vec::new();
        // One return for each order that a credit note speaks of.
        let mut returns: BTreeMap<Return, Vec<(usize, u32)>> = BTreeMap::new();
        for row in credits {
            match sold.take(&row) {
                None => unmatched.push(row),
                Some(taken) => {
                    self.returned.add(row.sum);
                    for ((order, line), units) in taken {
                        let key = (row.at.to_string(), row.invoice.clone(), order);
                        returns.entry(key).or_default().push((line, units));
                    }
                }
            }
        }
        drop(sold);
        for ((at, credit, order), mut lines) in returns {
            lines.sort_unstable();
            lines.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0 };
                same
            });
            self.returns.push(RecordedReturn {
                credit: credit.to_string(),
                at,
                order: self.orders[order].recorded.invoice.clone(),
                lines,
                shipping: None,
                duties: None,
                tip: None,
                payments: None,
            });
        }
        unmatched.iter().for_each(|row| self.carry_credit(row));
    }
}
