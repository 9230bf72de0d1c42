//! Telling orders from credits and from what is no sale of goods at all.
//!
//! Each line of an invoice becomes part of its order, or is carried under a [`Kind`]: counted, never dropped.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::country::market;
use super::history::Row;
use super::tally::{Part, Tally};
use crate::scenario::recording::{RecordedBuyer, RecordedLine, RecordedOrder, RecordedReturn};

/// Why a line is not played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// On an invoice that begins with `C`: goods or carriage taken back, of which no sale is found.
    Credit,
    /// `D`.
    Discount,
    /// `M`: keyed by hand.
    Manual,
    /// `S`.
    Sample,
    /// `BANK CHARGES`.
    BankCharge,
    /// `AMAZONFEE`.
    MarketplaceFee,
    /// `CRUK`.
    Donation,
    /// On an invoice that begins with `A`.
    BadDebt,
    /// Negative quantity at price zero: stock thrown away or counted again.
    WriteOff,
    /// `gift_0001_20` that is taken back, or for nothing: a card sold is a line of its order.
    GiftVoucher,
    /// Postage on an invoice without goods: nothing that it could be the shipping of.
    CarriageAlone,
    /// Goods on an invoice that comes to nothing. Free units *beside* goods that are paid stay on the order at
    /// 0.00, because they ship and a refund must tell the lines apart; alone there is nothing to capture.
    NothingPayable,
    /// Goods at a negative price or in a negative quantity outside of a credit.
    NegativeLine,
}

impl Kind {
    /// As in data files and scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Credit => "credit",
            Kind::Discount => "discount",
            Kind::Manual => "manual",
            Kind::Sample => "sample",
            Kind::BankCharge => "bank-charge",
            Kind::MarketplaceFee => "marketplace-fee",
            Kind::Donation => "donation",
            Kind::BadDebt => "bad-debt",
            Kind::WriteOff => "write-off",
            Kind::GiftVoucher => "gift-voucher",
            Kind::CarriageAlone => "carriage-alone",
            Kind::NothingPayable => "nothing-payable",
            Kind::NegativeLine => "negative-line",
        }
    }
}

enum Sort {
    Goods,
    /// A card sold, which is a liability and no revenue.
    GiftCard,
    /// Perhaps what comes back of a sale.
    Credit,
    Carriage,
    Carried(Kind),
}

fn sort(row: &Row) -> Sort {
    let named = match row.stock_code.as_ref() {
        "D" => Some(Kind::Discount),
        "M" | "m" => Some(Kind::Manual),
        "S" => Some(Kind::Sample),
        "BANK CHARGES" => Some(Kind::BankCharge),
        "AMAZONFEE" => Some(Kind::MarketplaceFee),
        "CRUK" => Some(Kind::Donation),
        code if code.starts_with("gift_0001_") => Some(Kind::GiftVoucher),
        _ => None,
    };
    let negative = row.quantity < 0 || row.price < Decimal::ZERO;
    let is_sale = row.invoice.as_bytes()[0].is_ascii_digit() && !negative && !row.price.is_zero();
    match (row.invoice.as_bytes()[0], named) {
        (b'A', _) => Sort::Carried(Kind::BadDebt),
        (_, Some(Kind::GiftVoucher)) if is_sale => Sort::GiftCard,
        (_, Some(kind)) => Sort::Carried(kind),
        (b'C', None) => Sort::Credit,
        _ if row.quantity < 0 && row.price.is_zero() => Sort::Carried(Kind::WriteOff),
        _ if negative => Sort::Carried(Kind::NegativeLine),
        _ if ["POST", "DOT", "C2"].contains(&row.stock_code.as_ref()) => Sort::Carriage,
        _ => Sort::Goods,
    }
}

/// The rows of each invoice together, in order of first appearance within a day.
pub(super) fn invoices(rows: Vec<Row>) -> impl Iterator<Item = Vec<Row>> {
    let mut found: Vec<Vec<Row>> = Vec::new();
    let mut places: BTreeMap<Box<str>, usize> = BTreeMap::new();
    for row in rows {
        match places.get(&row.invoice) {
            Some(place) => found[*place].push(row),
            None => {
                places.insert(row.invoice.clone(), found.len());
                found.push(vec![row]);
            }
        }
    }
    found.into_iter()
}

/// Who buys wholesale, judged by the whole history.
///
/// Rule, an assumption: a customer is a company if one invoice came to 500.00 or more in goods, or if the lines
/// of all invoices hold 12 units or more on average. Credits do not count.
pub(super) struct Wholesale(std::collections::BTreeSet<Box<str>>);

impl Wholesale {
    pub(super) fn of(rows: &[Row]) -> Wholesale {
        #[derive(Default)]
        struct Habit<'r> {
            invoices: BTreeMap<&'r str, Decimal>,
            lines: i64,
            units: i64,
        }
        let mut habits: BTreeMap<&str, Habit<'_>> = BTreeMap::new();
        for row in rows {
            let (Some(customer), Sort::Goods) = (&row.customer, sort(row)) else { continue };
            let habit = habits.entry(customer).or_default();
            *habit.invoices.entry(&row.invoice).or_default() += row.sum;
            habit.lines += 1;
            habit.units += row.quantity;
        }
        let is_company = |habit: &Habit<'_>| {
            habit.units >= 12 * habit.lines || habit.invoices.values().any(|sum| *sum >= Decimal::from(500))
        };
        Wholesale(
            habits.iter().filter(|(_, habit)| is_company(habit)).map(|(name, _)| (*name).into()).collect(),
        )
    }
}

/// An order, with how many lines of the file and which fraction of a penny it took.
pub(super) struct Order {
    pub recorded: RecordedOrder,
    lines: u64,
    fractions: Decimal,
}

/// What the invoices of some days come to.
#[derive(Default)]
pub(super) struct Sorted {
    pub orders: Vec<Order>,
    pub returns: Vec<RecordedReturn>,
    /// What the returns are made of.
    pub returned: Part,
    /// Lines of credit notes that are not matched yet.
    pub(super) credits: Vec<Row>,
    pub carried: BTreeMap<Kind, Part>,
}

impl Sorted {
    pub(super) fn add(&mut self, invoice: Vec<Row>, wholesale: &Wholesale) {
        let (mut goods, mut carriage) = (Vec::new(), Vec::new());
        for row in invoice {
            match sort(&row) {
                Sort::Goods | Sort::GiftCard => goods.push(row),
                Sort::Credit => self.credits.push(row),
                Sort::Carriage => carriage.push(row),
                Sort::Carried(kind) => self.carry(kind, &row),
            }
        }
        let payable: Decimal = goods.iter().chain(&carriage).map(|row| round(row.sum)).sum();
        if goods.is_empty() {
            carriage.iter().for_each(|row| self.carry(Kind::CarriageAlone, row));
        } else if payable <= Decimal::ZERO {
            goods.iter().chain(&carriage).for_each(|row| self.carry(Kind::NothingPayable, row));
        } else {
            self.orders.push(order(&goods, &carriage, wholesale));
        }
    }

    pub(super) fn append(&mut self, other: Sorted) {
        self.orders.extend(other.orders);
        self.credits.extend(other.credits);
        for (kind, part) in other.carried {
            self.carried.entry(kind).or_default().merge(part);
        }
    }

    /// Counts the orders as they are written, not as they were read: a slip in between shows.
    pub(super) fn tally_into(&self, tally: &mut Tally) {
        for order in &self.orders {
            tally.played.lines += order.lines;
            tally.played.sum += written_total(&order.recorded);
            tally.fractions += order.fractions;
        }
        tally.returned.merge(self.returned);
        for (kind, part) in &self.carried {
            tally.carried.entry(*kind).or_default().merge(*part);
        }
    }

    pub(super) fn carry_credit(&mut self, row: &Row) {
        self.carry(Kind::Credit, row);
    }

    fn carry(&mut self, kind: Kind, row: &Row) {
        self.carried.entry(kind).or_default().add(row.sum);
    }
}

pub(super) fn written_total(order: &RecordedOrder) -> Decimal {
    let amount = |text: &str| Decimal::from_str_exact(text).expect("an import writes plain numbers");
    let goods: Decimal =
        order.lines.iter().map(|line| amount(&line.price) * Decimal::from(line.quantity)).sum();
    goods + order.shipping.as_deref().map_or(Decimal::ZERO, amount)
}

fn order(goods: &[Row], carriage: &[Row], wholesale: &Wholesale) -> Order {
    let first = goods.iter().chain(carriage).min_by_key(|row| row.at).expect("an order has goods");
    let (country, presentment) = market(&first.country);
    let buyer = match &first.customer {
        None => RecordedBuyer::Guest,
        Some(customer) if wholesale.0.contains(customer) => RecordedBuyer::Company(customer.to_string()),
        Some(customer) => RecordedBuyer::Customer(customer.to_string()),
    };
    let exact: Decimal = carriage.iter().map(|row| row.sum).sum();
    let shipping = round(exact);
    let mut fractions = exact - shipping;
    let mut lines = Vec::with_capacity(goods.len());
    for row in goods {
        fractions += row.sum - round(row.sum);
        lines.push(line(row));
    }
    Order {
        recorded: RecordedOrder {
            invoice: first.invoice.to_string(),
            at: first.at.to_string(),
            buyer,
            country: country.map(str::to_owned),
            presentment: presentment.map(str::to_owned),
            lines,
            shipping: (!carriage.is_empty()).then(|| text(shipping)),
            shipping_discounts: Vec::new(),
            shipping_taxes: Vec::new(),
            duties: None,
            tip: None,
            taxes_included: None,
            payments: None,
        },
        lines: (goods.len() + carriage.len()) as u64,
        fractions,
    }
}

/// A unit price in whole pence stays as it is. One with fractions of a penny cannot be charged: the *line* is
/// rounded to the penny, half away from zero, and split over its units again if that goes evenly; if not, it is
/// one unit at the price of all.
fn line(row: &Row) -> RecordedLine {
    let units = u32::try_from(row.quantity).expect("checked when the row was read");
    let whole = round(row.sum);
    let each = match round(row.price) == row.price {
        true => Some(row.price),
        false => Some(whole / Decimal::from(units)).filter(|each| round(*each) == *each),
    };
    let title = match row.description.as_ref() {
        "" => &row.stock_code,
        _ => &row.description,
    };
    RecordedLine {
        sku: row.stock_code.to_string(),
        title: title.to_string(),
        quantity: each.map_or(1, |_| units),
        price: text(each.unwrap_or(whole)),
        discounts: Vec::new(),
        taxes: Vec::new(),
        gift_card: matches!(sort(row), Sort::GiftCard),
    }
}

fn round(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn text(amount: Decimal) -> String {
    format!("{amount:.2}")
}
