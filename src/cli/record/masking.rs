//! What of an order is kept, and what stands in place of people.
//!
//! Kept as it is: when, which goods, how many, every amount, tax, tender and country. Buyers, orders and credits become
//! numbers of a keyed hash, the same each time, so that who buys again is seen to. Names, addresses, telephone numbers,
//! labels of discounts (a code can be a name) and titles of custom items are left out.
//!
//! An order that a recording cannot say, such as one that was edited, is counted under the reason, never bent.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::domain::customer::CustomerKey;
use crate::domain::order::{
    Discount, LineItem, TaxLine, Tender, Transaction, TransactionKind, TransactionStatus,
};
use crate::domain::refund::Refund;
use crate::domain::{BookDate, Money, Order, Timestamp};
use crate::scenario::recording::{
    Entry, RecordedBuyer, RecordedLine, RecordedOrder, RecordedPayment, RecordedReturn, RecordedTax,
};

/// The file of the key, inside the folder. Without it nobody can tell whose number is whose.
const FILE: &str = "mask.key";
const KEY_BYTES: usize = 32;

pub struct Mask(hmac::Key);

impl Mask {
    /// The key of a folder. The first time it is drawn, and kept where only its owner can read it.
    ///
    /// # Errors
    /// It can be neither read nor made.
    pub fn of_folder(folder: &Path) -> io::Result<Mask> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(key) if key.len() == KEY_BYTES => return Ok(Mask::of_key(&key)),
            Ok(_) => return Err(io::Error::other(format!("{FILE} is not a key of {KEY_BYTES} bytes"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut key = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut key).map_err(|_| io::Error::other("no entropy"))?;
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(&key)?;
        Ok(Mask::of_key(&key))
    }

    pub fn of_key(key: &[u8]) -> Mask {
        Mask(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Twelve hexadecimal digits: among a million records two share a number once in five hundred files.
    fn number(&self, kind: &str, order: &Order, id: u64) -> String {
        let signed = hmac::sign(&self.0, format!("{kind}/{}/{id}", order.shop).as_bytes());
        signed.as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What a recording says of an order as it stands, and of its refunds, each with the instant that it belongs to.
    pub fn entries(&self, order: &Order, day_of: &dyn Fn(Timestamp) -> BookDate) -> Vec<(Timestamp, Entry)> {
        let invoice = self.number("order", order, order.id.get());
        let left = |number: String, kind: &str, sum: Money| Entry::Left {
            number,
            kind: kind.to_owned(),
            sum: text(sum),
        };
        let recorded = self.recorded(order, &invoice);
        let mut entries = Vec::with_capacity(1 + order.refunds.len());
        for refund in &order.refunds {
            let credit = RecordedReturn {
                credit: self.number("refund", order, refund.id.get()),
                at: utc(refund.created_at),
                order: invoice.clone(),
                lines: Vec::new(),
                shipping: None,
                duties: None,
                tip: None,
                payments: None,
            };
            let number = credit.number();
            let back = if day_of(refund.created_at) != day_of(order.created_at) {
                Err("refund-of-another-day")
            } else if recorded.is_err() {
                Err("refund-of-an-order-not-played")
            } else {
                returned(order, refund, credit)
            };
            let entry = match back {
                Ok(back) => Entry::Return(back),
                Err(kind) => left(number, kind, paid_back(order, refund)),
            };
            entries.push((refund.created_at, entry));
        }
        let entry = match recorded {
            Ok(recorded) => Entry::Order(recorded),
            Err(kind) => left(invoice, kind, order.total),
        };
        entries.insert(0, (order.created_at, entry));
        entries
    }

    /// # Errors
    /// Why the order cannot be played, as a kind.
    fn recorded(&self, order: &Order, invoice: &str) -> Result<RecordedOrder, &'static str> {
        if order.cancelled_at.is_some() {
            return Err("cancelled");
        }
        if !order.additional_fees.is_zero() {
            return Err("additional-fees");
        }
        if order.shipping.len() > 1 {
            return Err("several-shipping-lines");
        }
        if order.captures().any(|capture| !capture.rounding.is_zero()) {
            return Err("cash-rounding");
        }
        if order.lines.is_empty() || order.lines.iter().any(|line| is_edited(order, line)) {
            return Err("edited");
        }
        let shown = order.presentment_currency != order.currency;
        let shipping = order.shipping.first();
        Ok(RecordedOrder {
            invoice: invoice.to_owned(),
            at: utc(order.created_at),
            buyer: match order.buyer.key {
                CustomerKey::Guest => RecordedBuyer::Guest,
                CustomerKey::Customer(id) => {
                    RecordedBuyer::Customer(self.number("customer", order, id.get()))
                }
                CustomerKey::CompanyLocation(id) => {
                    RecordedBuyer::Company(self.number("company", order, id.get()))
                }
            },
            country: order.ship_to.as_ref().and_then(|to| to.country.as_deref()).map(str::to_owned),
            presentment: shown.then(|| order.presentment_currency.code().to_owned()),
            lines: order.lines.iter().map(line).collect(),
            shipping: shipping.map(|line| text(line.price)),
            shipping_discounts: shipping.map(|line| discounts(&line.discounts)).unwrap_or_default(),
            shipping_taxes: shipping.map(|line| taxes(&line.taxes)).unwrap_or_default(),
            duties: some(order.duties),
            tip: some(order.tip),
            taxes_included: Some(order.taxes_included),
            payments: Some(order.captures().map(|capture| payment(order, capture)).collect()),
        })
    }
}

/// Whether an edit took units off: what a line then stood for before it cannot be told.
fn is_edited(order: &Order, line: &LineItem) -> bool {
    let refunded: u32 = order
        .refunds
        .iter()
        .flat_map(|refund| &refund.lines)
        .filter(|back| back.line == line.id)
        .map(|back| back.quantity)
        .sum();
    line.quantity_ordered != line.quantity.saturating_add(refunded)
}

fn returned(
    order: &Order,
    refund: &Refund,
    mut back: RecordedReturn,
) -> Result<RecordedReturn, &'static str> {
    if !refund.fees.is_empty() || !refund.adjustments.is_empty() {
        return Err("refund-with-fees-or-adjustments");
    }
    for line in &refund.lines {
        let at = order.lines.iter().position(|known| known.id == line.line);
        back.lines.push((at.ok_or("refund-of-an-unknown-line")?, line.quantity));
    }
    let shipping = refund.shipping.iter().map(|line| line.subtotal);
    let shipping = shipping.into_iter().try_fold(Money::zero(order.currency), Money::checked_add);
    back.shipping = some(shipping.map_err(|_| "refund-beyond-the-range")?);
    back.duties = some(refund.duties);
    back.tip = some(refund.tip);
    let of_refund = |id| order.transactions.iter().find(|known| known.id == id);
    let payments = refund.transactions.iter().map(|id| {
        let known = of_refund(*id).filter(|known| is_settled(known)).ok_or("refund-not-settled")?;
        Ok(payment(order, known))
    });
    back.payments = Some(payments.collect::<Result<_, &'static str>>()?);
    Ok(back)
}

fn is_settled(back: &Transaction) -> bool {
    (back.kind, back.status) == (TransactionKind::Refund, TransactionStatus::Success)
}

/// What went back, as far as it can be summed.
fn paid_back(order: &Order, refund: &Refund) -> Money {
    let amounts = order.transactions.iter().filter(|known| refund.transactions.contains(&known.id));
    let sum = amounts.map(|known| known.amount).try_fold(Money::zero(order.currency), Money::checked_add);
    sum.and_then(Money::checked_neg).unwrap_or(Money::zero(order.currency))
}

fn line(line: &LineItem) -> RecordedLine {
    RecordedLine {
        sku: line.sku.as_ref().map_or(String::new(), |sku| sku.0.to_string()),
        // Whoever sells something made to order writes for whom into the title.
        title: if line.sku.is_some() { line.title.to_string() } else { "Custom item".to_owned() },
        quantity: line.quantity_ordered,
        price: text(line.unit_price),
        discounts: discounts(&line.discounts),
        taxes: taxes(&line.taxes),
        gift_card: line.is_gift_card,
    }
}

fn payment(order: &Order, transaction: &Transaction) -> RecordedPayment {
    let shown = order.presentment_currency != order.currency;
    RecordedPayment {
        gateway: match &transaction.tender {
            Tender::GiftCard => "gift-card".to_owned(),
            Tender::StoreCredit => "store-credit".to_owned(),
            Tender::Gateway(name) => name.to_string(),
        },
        amount: text(transaction.amount),
        presentment: shown.then(|| text(transaction.presentment)),
    }
}

fn discounts(of: &[Discount]) -> Vec<String> {
    of.iter().map(|discount| text(discount.amount)).collect()
}

fn taxes(of: &[TaxLine]) -> Vec<RecordedTax> {
    let one = |tax: &TaxLine| RecordedTax {
        title: tax.title.to_string(),
        rate: tax.rate.to_string(),
        amount: text(tax.amount),
        channel_liable: tax.channel_liable,
    };
    of.iter().map(one).collect()
}

fn some(amount: Money) -> Option<String> {
    (!amount.is_zero()).then(|| text(amount))
}

fn text(amount: Money) -> String {
    let mut text = String::new();
    amount.write_plain(&mut text).expect("a string takes any text");
    text
}

/// The clock reading in UTC: `2026-11-10T08:00:00`.
pub fn utc(at: Timestamp) -> String {
    at.to_string().trim_end_matches('Z').to_owned()
}
