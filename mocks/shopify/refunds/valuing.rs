//! What a refund comes to, line by line as the order's totals count it, and what may go back by which payment.
//!
//! Source: shopify.md §h.1.

use super::super::arithmetic::{Rates, divide_half_away, present};
use super::super::changes::{NotPossible, shown};
use super::super::checkout::ExactLine;
use super::super::rows::{
    ChargeKind, OrderRow, Part, RefundLineRow, RefundRow, RefundShippingRow, Target, standing,
};
use super::super::texts::Texts;
use super::{MoneyBack, RefundEntry, RefundPayment, Refundable, ShippingRefund, SuggestedRefund, Valued};
use crate::domain::Currency;
use crate::domain::refund::{AdjustmentReason, Restock};

/// What units, delivery, duties, tip and fees come to. `calls_off` takes units off that are neither restocked nor left:
/// as a cancellation does.
pub(super) fn value(
    row: &OrderRow,
    currency: Currency,
    texts: &Texts,
    entry: &RefundEntry,
    calls_off: bool,
) -> Result<Valued, NotPossible> {
    let mut shrinks: Vec<(usize, u32, u32)> = Vec::with_capacity(entry.lines.len());
    let mut lines: Vec<RefundLineRow> = Vec::with_capacity(entry.lines.len());
    for asked in &entry.lines {
        let line = row.lines.get(asked.line).ok_or(NotPossible::NoSuchLine)?;
        let same = |it: &&RefundLineRow| usize::from(it.line) == asked.line;
        let before = row.refunds().iter().flat_map(|refund| &*refund.lines).chain(&lines).filter(same);
        let (left_before, kept_before) =
            before.fold((0, 0), |(left, kept), it| (left + it.left, kept + it.units_kept()));
        let taken: u32 = shrinks.iter().filter(|(at, ..)| *at == asked.line).map(|(_, units, _)| units).sum();
        let stands = line.quantity - taken;
        let most = if calls_off { stands } else { stands.saturating_sub(kept_before) };
        if asked.units == 0 || asked.units > most {
            return Err(NotPossible::TooManyUnits);
        }
        let here = row.fulfilled(asked.line).saturating_sub(left_before);
        let restock =
            asked.restock.unwrap_or(if here >= asked.units { Restock::Return } else { Restock::Cancel });
        let left = if restock == Restock::Cancel { 0 } else { asked.units.min(here) };
        let unfulfilled = asked.units - left;
        let open = row.unfulfilled(asked.line)
            - shrinks.iter().filter(|(at, ..)| *at == asked.line).map(|(.., it)| it).sum::<u32>();
        let never_left = if restock == Restock::NoRestock && !calls_off { 0 } else { unfulfilled };
        if never_left > open {
            return Err(NotPossible::TooManyUnits);
        }
        let units = left + never_left;
        let (goods, tax) = worth(row, asked.line, stands);
        let (rest, rest_tax) = worth(row, asked.line, stands - units);
        shrinks.push((asked.line, units, never_left));
        lines.push(RefundLineRow {
            line: asked.line as u16,
            restock,
            units: asked.units,
            left,
            taken: units,
            subtotal: Part { own: goods - rest, seen: 0 },
            tax: Part { own: tax - rest_tax, seen: 0 },
        });
    }
    // Only shipped goods can be returned, and only of a return is a fee kept (shopify.md §h.3).
    let is_return =
        entry.is_return || !entry.exchange.is_empty() || entry.fees.iter().any(|(_, fee)| *fee > 0);
    if is_return && lines.iter().any(|line| line.left < line.units) {
        return Err(NotPossible::NotShipped);
    }
    let (duties, _, tip) = row.extras_left();
    if !(0..=duties).contains(&entry.duties) || !(0..=tip).contains(&entry.tip) {
        return Err(NotPossible::NothingLeft);
    }
    let fees = entry.fees.iter().filter(|(_, amount)| *amount > 0);
    let fees = fees.map(|(kind, amount)| (*kind, *amount, tax_on_fee(row, texts, &lines, *amount)));
    let mut refund = RefundRow {
        at: 0,
        fees: fees.collect(),
        shipping: shipping_back(row, entry.shipping)?,
        lines: lines.into_boxed_slice(),
        duties: Part { own: entry.duties, seen: 0 },
        tip: Part { own: entry.tip, seen: 0 },
        adjustment: None,
        transactions: Box::default(),
        is_return,
    };
    convert(row, currency, &mut refund);
    if parts(row, currency, &refund).own < 0 {
        return Err(NotPossible::NothingLeft);
    }
    refund.adjustment = discrepancy(row, currency, &refund, entry);
    Ok(Valued { row: refund, shrinks })
}

/// What that many units of a line come to after discounts, and their tax, as the order's totals count them.
fn worth(row: &OrderRow, line: usize, units: u32) -> (i64, i64) {
    let sold = &row.lines[line];
    let mut goods = sold.unit_price * i64::from(units);
    let mut tax = 0;
    for charge in row.charges_on(Target::line(line)) {
        let part = standing(charge.amount, units, sold.ordered);
        match charge.kind {
            ChargeKind::Discount => goods -= part,
            ChargeKind::Tax => tax += part,
        }
    }
    (goods, tax)
}

/// Taxed as the first taxed line that comes back, else as the order's first one.
fn tax_on_fee(row: &OrderRow, texts: &Texts, lines: &[RefundLineRow], fee: i64) -> i64 {
    let rates_of = |line: usize| -> Vec<rust_decimal::Decimal> {
        let taxes = row.charges_on(Target::line(line)).iter().filter(|charge| charge.kind == ChargeKind::Tax);
        taxes.map(|charge| texts.tax(charge.label).rate).collect()
    };
    let named = lines.iter().map(|line| usize::from(line.line));
    let own =
        named.chain(0..row.lines.len()).map(rates_of).find(|rates| !rates.is_empty()).unwrap_or_default();
    let rates = Rates::new(own.iter().copied(), row.taxes_included);
    (0..own.len()).map(|at| rates.tax(at, fee)).sum()
}

/// By shipping line: net of discounts, and tax.
fn shipping_back(
    row: &OrderRow,
    asked: Option<ShippingRefund>,
) -> Result<Box<[RefundShippingRow]>, NotPossible> {
    let Some(asked) = asked else { return Ok(Box::default()) };
    let mut wanted = match asked {
        ShippingRefund::All => i64::MAX,
        ShippingRefund::Part(amount) => amount,
    };
    let mut back = Vec::with_capacity(1);
    for (at, line) in row.shipping.iter().enumerate() {
        let charges = row.charges_on(Target::shipping(at));
        let sum = |kind: ChargeKind| -> i64 {
            charges.iter().filter(|charge| charge.kind == kind).map(|charge| charge.amount).sum()
        };
        let (price, tax) = (line.price - sum(ChargeKind::Discount), sum(ChargeKind::Tax));
        let before =
            row.refunds().iter().flat_map(|it| &*it.shipping).filter(|it| usize::from(it.line) == at);
        let (gone, tax_gone) = before.fold((0, 0), |(net, tax), it| (net + it.net.own, tax + it.tax.own));
        let part = (price - gone).min(wanted);
        if part <= 0 {
            continue;
        }
        wanted -= part;
        let tax_left = tax - tax_gone;
        let part_tax = if part == price - gone {
            tax_left
        } else {
            let share = divide_half_away(i128::from(tax) * i128::from(part), i128::from(price));
            i64::try_from(share).expect("a part is smaller than the whole").min(tax_left)
        };
        back.push(RefundShippingRow {
            line: at as u16,
            net: Part { own: part, seen: 0 },
            tax: Part { own: part_tax, seen: 0 },
        });
    }
    match asked {
        ShippingRefund::Part(_) if wanted > 0 => Err(NotPossible::NothingLeft),
        _ => Ok(back.into_boxed_slice()),
    }
}

/// Converts part by part, so that what the buyer sees of the order shrinks by exactly what the buyer sees go back.
fn convert(row: &OrderRow, currency: Currency, refund: &mut RefundRow) {
    let mut left = row.totals().total;
    let mut take = |part: &mut Part| {
        let before = present(left, currency, shown(row));
        left -= part.own;
        part.seen = before - present(left, currency, shown(row));
    };
    // Tax inside a price is seen, and goes back with the price.
    let inside = |part: &mut Part| part.seen = present(part.own, currency, shown(row));
    for line in &mut refund.lines {
        take(&mut line.subtotal);
        if row.taxes_included { inside(&mut line.tax) } else { take(&mut line.tax) }
    }
    for shipping in &mut refund.shipping {
        take(&mut shipping.net);
        if row.taxes_included { inside(&mut shipping.tax) } else { take(&mut shipping.tax) }
    }
    take(&mut refund.duties);
    take(&mut refund.tip);
}

/// What parts come to without adjustment.
pub(in super::super) fn parts(row: &OrderRow, currency: Currency, refund: &RefundRow) -> Part {
    let mut sum = Part::default();
    let mut add = |part: Part| sum = Part { own: sum.own + part.own, seen: sum.seen + part.seen };
    let lines = refund.lines.iter().map(|line| (line.subtotal, line.tax));
    for (net, tax) in lines.chain(refund.shipping.iter().map(|line| (line.net, line.tax))) {
        add(net);
        if !row.taxes_included {
            add(tax);
        }
    }
    add(refund.duties);
    add(refund.tip);
    for (_, amount, tax) in &refund.fees {
        let kept = amount + if row.taxes_included { 0 } else { *tax };
        add(Part { own: -kept, seen: -present(kept, currency, shown(row)) });
    }
    sum
}

/// What is to be paid: what comes back less fees and less what goes out in exchange, not below nothing.
///
/// Source: shopify.md §h.3.
pub(super) fn due(row: &OrderRow, currency: Currency, refund: &RefundRow, entry: &RefundEntry) -> (i64, i64) {
    let back = parts(row, currency, refund);
    let out: i64 = entry.exchange.iter().map(|line| exact_worth(line, row.taxes_included)).sum();
    let fees: i64 =
        refund.fees.iter().map(|(_, amount, tax)| amount + if row.taxes_included { 0 } else { *tax }).sum();
    let left = row.totals().total - back.own - fees;
    let seen_out = present(left + out, currency, shown(row)) - present(left, currency, shown(row));
    ((back.own - out).max(0), (back.seen - seen_out).max(0))
}

fn exact_worth(line: &ExactLine, taxes_included: bool) -> i64 {
    let off: i64 = line.discounts.iter().map(|(_, off)| off).sum();
    let tax: i64 = line.taxes.iter().map(|tax| tax.amount).sum();
    line.unit_price * i64::from(line.quantity) - off + if taxes_included { 0 } else { tax }
}

/// Shopify states it whenever what is paid is not what the parts come to, in the currency that the buyer sees: another
/// rate alone is none.
fn discrepancy(
    row: &OrderRow,
    currency: Currency,
    refund: &RefundRow,
    entry: &RefundEntry,
) -> Option<(AdjustmentReason, i64, i64)> {
    let (own, seen) = due(row, currency, refund, entry);
    let mut paid = (0, 0);
    for payment in &entry.payments {
        paid.0 += payment.amount;
        paid.1 += payment.presentment.unwrap_or_else(|| present(payment.amount, currency, shown(row)));
    }
    let (off, seen_off) = (paid.0 - own, paid.1 - seen);
    if off == 0 || seen_off == 0 {
        return None;
    }
    let off = if shown(row).is_some() && paid.1 != 0 {
        let share = divide_half_away(i128::from(paid.0) * i128::from(seen_off), i128::from(paid.1));
        i64::try_from(share).expect("a part is smaller than the whole")
    } else {
        off
    };
    Some((entry.reason.unwrap_or(AdjustmentReason::RefundDiscrepancy), off, seen_off))
}

pub(super) fn refundable(row: &OrderRow) -> Vec<Refundable> {
    let mut left: Vec<Refundable> = Vec::new();
    for (parent, entry) in row.transactions.iter().enumerate().filter(|(_, entry)| entry.captured()) {
        let back = row.transactions.iter().filter(|it| it.parent() == Some(parent) && it.gives_back());
        let (amount, presentment) = back.fold((entry.amount, entry.presentment), |(amount, seen), it| {
            (amount - it.amount, seen - it.presentment)
        });
        if presentment > 0 {
            left.push(Refundable { parent, amount: amount.max(0), presentment });
        }
    }
    // Store credit that was granted instead of a payment is money given back too.
    let mut granted: i64 = row
        .transactions
        .iter()
        .filter(|it| it.gives_back() && it.parent().is_none())
        .map(|it| it.presentment)
        .sum();
    for it in left.iter_mut().rev() {
        let taken = granted.clamp(0, it.presentment);
        if taken > 0 {
            let share =
                divide_half_away(i128::from(it.amount) * i128::from(taken), i128::from(it.presentment));
            it.amount -= i64::try_from(share).expect("a part is smaller than the whole");
            it.presentment -= taken;
            granted -= taken;
        }
    }
    left.retain(|it| it.presentment > 0);
    left
}

pub(super) fn suggest(row: &OrderRow, amount: i64, presentment: i64) -> SuggestedRefund {
    let mut suggested = SuggestedRefund { amount, presentment, lines: Vec::new(), payments: Vec::new() };
    let (mut own, mut seen) = (amount, presentment);
    for left in refundable(row) {
        if seen <= 0 {
            break;
        }
        let part = seen.min(left.presentment);
        let share = if part == seen {
            own
        } else {
            let share = divide_half_away(i128::from(own) * i128::from(part), i128::from(seen));
            i64::try_from(share).expect("a part is smaller than the whole")
        };
        (own, seen) = (own - share, seen - part);
        suggested.payments.push(RefundPayment {
            parent: Some(left.parent),
            amount: share,
            presentment: Some(part),
            standing: MoneyBack::Succeeded,
        });
    }
    suggested
}

/// No more goes back by a payment than it brought, nor in all than was received: store credit alone may exceed it.
pub(super) fn check_payments(
    row: &OrderRow,
    currency: Currency,
    payments: &[RefundPayment],
) -> Result<(), NotPossible> {
    let left = refundable(row);
    let mut net: i64 = left.iter().map(|it| it.presentment).sum();
    let mut by_parent: Vec<(usize, i64)> = left.iter().map(|it| (it.parent, it.presentment)).collect();
    for payment in payments {
        let seen = payment.presentment.unwrap_or_else(|| present(payment.amount, currency, shown(row)));
        if payment.amount <= 0 || seen <= 0 {
            return Err(NotPossible::RefundExceedsPayment);
        }
        let Some(parent) = payment.parent else {
            net -= seen;
            continue;
        };
        if row.transactions.get(parent).is_none_or(|entry| !entry.captured()) {
            return Err(NotPossible::WrongParent);
        }
        let known = by_parent.iter_mut().find(|(at, _)| *at == parent);
        let known = known.filter(|(_, left)| *left >= seen).ok_or(NotPossible::RefundExceedsPayment)?;
        known.1 -= seen;
        net -= seen;
        if net < 0 && payment.standing != MoneyBack::Failed {
            return Err(NotPossible::RefundExceedsPayment);
        }
    }
    Ok(())
}
