//! A ledger as text that plain-text accounting programs read: beancount, and hledger or ledger.
//!
//! An amount in a foreign currency carries its base amount as its total cost (`100.00 EUR @@ 86.00 GBP`), so that
//! another program sums both. Where the two have no sign in common, or only the base amount moves (a revaluation),
//! the base amount is a line of its own.
//!
//! Source: beancount language syntax (directives, strings, prices); hledger manual §§ "journal format", "check".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use super::books::{Account, AccountKind, Books, Entry, Line, Note};
use crate::domain::{Currency, InternalId, Money};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Beancount,
    /// Of hledger, and of ledger before it.
    Hledger,
}

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Format::Beancount => "beancount",
            Format::Hledger => "hledger",
        }
    }
}

/// Writes the whole ledger. Accounts that were never posted to are left out.
///
/// # Errors
/// What `out` refuses; a string takes any text.
pub fn write(books: &Books, title: &str, format: Format, out: &mut impl Write) -> fmt::Result {
    let names: BTreeMap<InternalId, String> =
        books.accounts.iter().map(|account| (account.id, account_name(account))).collect();
    let subsidiaries = subsidiaries(books);
    let used = used(books);
    heading(books, title, format, &used, &names, out)?;
    for entry in books.by_date() {
        opening_line(entry, format, out)?;
        if let Some(note) = books.note(entry) {
            noted(note, format, out)?;
        }
        for line in books.lines(entry) {
            let unknown = String::from("Equity:Unknown");
            let base = base_currency(books, &subsidiaries, entry, line);
            postings(entry, line, base, names.get(&line.account).unwrap_or(&unknown), out)?;
        }
        out.write_char('\n')?;
    }
    Ok(())
}

/// `Assets:S2:Receivable-12000`: subsidiary, kind and NetSuite's own number.
pub fn account_name(account: &Account) -> String {
    let (root, kind) = match account.kind {
        AccountKind::Bank => ("Assets", "Bank"),
        AccountKind::OtherCurrentAsset => ("Assets", "Current"),
        AccountKind::Receivable => ("Assets", "Receivable"),
        AccountKind::OtherCurrentLiability => ("Liabilities", "Current"),
        AccountKind::Income => ("Income", "Income"),
        AccountKind::CostOfGoodsSold => ("Expenses", "Cost-of-goods"),
        AccountKind::Expense => ("Expenses", "Expense"),
    };
    format!("{root}:S{}:{kind}-{}", account.subsidiary, account.id)
}

fn subsidiaries(books: &Books) -> BTreeMap<InternalId, InternalId> {
    books.accounts.iter().map(|account| (account.id, account.subsidiary)).collect()
}

/// An intercompany entry has lines in the books of several subsidiaries, each with a base currency of its own.
fn base_currency(
    books: &Books,
    subsidiaries: &BTreeMap<InternalId, InternalId>,
    entry: &Entry,
    line: &Line,
) -> Currency {
    let subsidiary = subsidiaries.get(&line.account);
    subsidiary.map_or(entry.base_currency, |subsidiary| books.base_currency(entry, *subsidiary))
}

/// Accounts that were posted to, with the currencies that they hold.
fn used(books: &Books) -> BTreeMap<InternalId, BTreeSet<Currency>> {
    let mut used: BTreeMap<InternalId, BTreeSet<Currency>> = BTreeMap::new();
    let subsidiaries = subsidiaries(books);
    for entry in books.entries() {
        for line in books.lines(entry) {
            let currencies = used.entry(line.account).or_default();
            let (priced, base) = amounts(entry, line, base_currency(books, &subsidiaries, entry, line));
            currencies.extend(priced.map(|(amount, _)| amount.currency()));
            currencies.extend(base.map(|amount| amount.currency()));
        }
    }
    used
}

fn heading(
    books: &Books,
    title: &str,
    format: Format,
    used: &BTreeMap<InternalId, BTreeSet<Currency>>,
    names: &BTreeMap<InternalId, String>,
    out: &mut impl Write,
) -> fmt::Result {
    let base: BTreeSet<Currency> = books.entries().iter().map(|entry| entry.base_currency).collect();
    match format {
        Format::Beancount => {
            writeln!(out, "option \"title\" \"{}\"", escaped(title, format))?;
            for currency in &base {
                writeln!(out, "option \"operating_currency\" \"{currency}\"")?;
            }
            out.write_char('\n')?;
            let Some(first) = books.entries().iter().map(|entry| entry.date).min() else { return Ok(()) };
            for (account, currencies) in used {
                let Some(name) = names.get(account) else { continue };
                let codes: Vec<&str> = currencies.iter().map(|currency| currency.code()).collect();
                writeln!(out, "{first} open {name} {}", codes.join(","))?;
            }
        }
        Format::Hledger => {
            writeln!(out, "; {}\n", escaped(title, format))?;
            let held: BTreeSet<Currency> = used.values().flatten().copied().chain(base).collect();
            for currency in held {
                writeln!(out, "commodity {currency}")?;
                // hledger wants a decimal mark in a format and ledger none without digits behind it: where there are no
                // minor units, each amount shows its own style.
                if currency.minor_digits() > 0 {
                    let zeros = "0".repeat(currency.minor_digits() as usize);
                    writeln!(out, "  format 1000.{zeros} {currency}")?;
                }
            }
            out.write_char('\n')?;
            for name in used.keys().filter_map(|account| names.get(account)) {
                writeln!(out, "account {name}")?;
            }
        }
    }
    out.write_char('\n')
}

fn opening_line(entry: &Entry, format: Format, out: &mut impl Write) -> fmt::Result {
    let key = entry.external_id.as_ref().map(|key| escaped(key.as_str(), format));
    let (date, kind, number) = (entry.date, entry.kind.name(), entry.number);
    match format {
        Format::Beancount => {
            writeln!(out, "{date} * \"{kind}\"\n  id: \"{number}\"")?;
            match key {
                Some(key) => writeln!(out, "  external-id: \"{key}\""),
                None => Ok(()),
            }
        }
        Format::Hledger => match key {
            Some(key) => writeln!(out, "{date} * ({number}) {kind}  ; external-id:{key}"),
            None => writeln!(out, "{date} * ({number}) {kind}"),
        },
    }
}

/// The day of a late document, and what a journal is for. What its lines say is left out: no sum needs it.
fn noted(note: &Note, format: Format, out: &mut impl Write) -> fmt::Result {
    if let Some(date) = note.original_date {
        match format {
            Format::Beancount => writeln!(out, "  original-date: {date}")?,
            Format::Hledger => writeln!(out, "  ; original-date:{date}")?,
        }
    }
    match (&note.memo, format) {
        (None, _) => Ok(()),
        (Some(memo), Format::Beancount) => writeln!(out, "  memo: \"{}\"", escaped(memo, format)),
        (Some(memo), Format::Hledger) => writeln!(out, "  ; memo:{}", escaped(memo, format)),
    }
}

fn postings(
    entry: &Entry,
    line: &Line,
    base_currency: Currency,
    name: &str,
    out: &mut impl Write,
) -> fmt::Result {
    let (priced, base) = amounts(entry, line, base_currency);
    if let Some((amount, cost)) = priced {
        write!(out, "  {name}  ")?;
        number(amount, out)?;
        if let Some(cost) = cost {
            out.write_str(" @@ ")?;
            number(cost, out)?;
        }
        out.write_char('\n')?;
    }
    if let Some(amount) = base {
        write!(out, "  {name}  ")?;
        number(amount, out)?;
        out.write_char('\n')?;
    }
    Ok(())
}

/// The amount in the entry's currency with its total cost, and what moves in the base currency alone.
fn amounts(
    entry: &Entry,
    line: &Line,
    base_currency: Currency,
) -> (Option<(Money, Option<Money>)>, Option<Money>) {
    let amount = Money::new(line.minor, entry.currency);
    let base = Money::new(line.base, base_currency);
    if entry.currency == base_currency {
        let alone = line.base - line.minor;
        let rest = Money::new(alone, base_currency);
        return ((line.minor != 0).then_some((amount, None)), (alone != 0).then_some(rest));
    }
    let unsigned = Money::new(line.base.saturating_abs(), base_currency);
    match (line.minor.signum(), line.base.signum()) {
        (0, _) => (None, Some(base)),
        (_, 0) => (Some((amount, Some(unsigned))), None),
        (one, other) if one == other => (Some((amount, Some(unsigned))), None),
        _ => (Some((amount, Some(Money::zero(base_currency)))), Some(base)),
    }
}

fn number(amount: Money, out: &mut impl Write) -> fmt::Result {
    amount.write_plain(out)?;
    out.write_char(' ')?;
    out.write_str(amount.currency().code())
}

/// Text that people may have keyed, on one line and in one piece.
fn escaped(text: &str, format: Format) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match (format, sign) {
            (_, sign) if sign.is_control() => escaped.push(' '),
            (Format::Beancount, '"' | '\\') => {
                escaped.push('\\');
                escaped.push(sign);
            }
            // A comma ends the value of a tag, and a semicolon begins a comment.
            (Format::Hledger, ',' | ';') => escaped.push(' '),
            (_, sign) => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
pub(crate) mod tests;
