//! Reads an export back: rebuilds every entry, and checks that each balances, stands on declared accounts and has a
//! number of its own.
//!
//! Reads what [`super::export`] writes, in both formats: not the whole of either language. A line in a form that it
//! does not know is refused with its number, never skipped.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use crate::domain::{BookDate, Currency, FixedSet};

/// What a ledger's text comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub entries: u64,
    pub postings: u64,
    /// Names of the accounts, in the order in which they were declared.
    pub accounts: Vec<String>,
    /// By position of the account and currency: minor units.
    pub balances: BTreeMap<(u32, Currency), i128>,
    /// By position of the account: what its lines weigh, in the currency of their cost.
    pub weights: BTreeMap<(u32, Currency), i128>,
    /// Lines on which entries begin that do not balance, with what is left over; the first ones.
    pub out_of_balance: Vec<(u64, Currency, i128)>,
    pub out_of_balance_count: u64,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Unreadable {
    pub line: u64,
    pub problem: String,
}

/// Entries that do not balance and are told one by one.
const TOLD: usize = 20;

/// # Errors
/// The first line that is in no known form, names an account that was not declared, or a number twice.
pub fn read(text: &[u8]) -> Result<Rebuilt, Unreadable> {
    let mut reader = Reader::default();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, after) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + 1..]));
        rest = after;
        reader.line += 1;
        reader.take(line).map_err(|problem| Unreadable { line: reader.line, problem })?;
    }
    reader.close();
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader<'a> {
    line: u64,
    read: Rebuilt,
    account_at: BTreeMap<&'a [u8], u32>,
    /// By position of the account: sums by currency, few of each.
    sums: Vec<Vec<(Currency, i128)>>,
    weighed: Vec<Vec<(Currency, i128)>>,
    numbers: FixedSet<NonZeroU64>,
    entry: Option<Open>,
}

/// The entry at hand.
struct Open {
    line: u64,
    /// Weights by currency.
    weights: Vec<(Currency, i128)>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, line: &'a [u8]) -> Result<(), String> {
        match line {
            [] => {
                self.close();
                Ok(())
            }
            [b';', ..] => Ok(()),
            [b' ', ..] => self.within(line.trim_ascii()),
            [b'0'..=b'9', ..] => self.dated(line),
            _ => match word(line) {
                (b"option" | b"commodity", _) => Ok(()),
                (b"account", name) => self.declare(name.trim_ascii()),
                _ => Err(unknown(line)),
            },
        }
    }

    fn dated(&mut self, line: &'a [u8]) -> Result<(), String> {
        let (date, rest) = word(line);
        let is_date = std::str::from_utf8(date).is_ok_and(|date| date.parse::<BookDate>().is_ok());
        match word(rest) {
            (b"open", rest) if is_date => self.declare(word(rest).0),
            (b"*", rest) if is_date => {
                self.close();
                self.read.entries += 1;
                self.entry = Some(Open { line: self.line, weights: Vec::with_capacity(2) });
                match rest {
                    [b'(', rest @ ..] => {
                        self.number(rest.split(|byte| *byte == b')').next().unwrap_or_default())
                    }
                    _ => Ok(()),
                }
            }
            _ => Err(unknown(line)),
        }
    }

    /// A line of an entry, or of a directive: a posting, or something said of it.
    fn within(&mut self, line: &'a [u8]) -> Result<(), String> {
        match line {
            [] => Ok(()),
            [b';', ..] => Ok(()),
            [b'A'..=b'Z', ..] => self.posting(line),
            _ if self.entry.is_none() && line.starts_with(b"format ") => Ok(()),
            _ => match line.strip_prefix(b"id: \"").and_then(|rest| rest.strip_suffix(b"\"")) {
                Some(number) => self.number(number),
                None if [&b"external-id: \""[..], b"original-date: ", b"memo: \""]
                    .iter()
                    .any(|said| line.starts_with(said)) =>
                {
                    Ok(())
                }
                None => Err(unknown(line)),
            },
        }
    }

    fn declare(&mut self, name: &'a [u8]) -> Result<(), String> {
        let at = u32::try_from(self.read.accounts.len()).expect("fewer than 2³² accounts");
        if self.account_at.insert(name, at).is_some() {
            return Err(format!("account {} is declared a second time", text(name)));
        }
        self.read.accounts.push(text(name));
        self.sums.push(Vec::new());
        self.weighed.push(Vec::new());
        Ok(())
    }

    fn number(&mut self, number: &[u8]) -> Result<(), String> {
        let parsed = digits(number).and_then(|number| u64::try_from(number).ok()).and_then(NonZeroU64::new);
        let Some(known) = parsed else { return Err(format!("`{}` is no number of an entry", text(number))) };
        match self.numbers.insert(known) {
            true => Ok(()),
            false => Err(format!("entry {known} stands here a second time")),
        }
    }

    fn posting(&mut self, line: &'a [u8]) -> Result<(), String> {
        let (name, rest) = word(line);
        let Some(at) = self.account_at.get(name).copied() else {
            return Err(format!("account {} is posted to and was never declared", text(name)));
        };
        let (amount, currency, rest) = amount(rest).ok_or_else(|| unknown(line))?;
        let weight = match word(rest) {
            (b"", _) => (currency, amount),
            (b"@@", rest) => match self::amount(rest) {
                Some((cost, of, [])) if cost >= 0 => (of, if amount < 0 { -cost } else { cost }),
                _ => return Err(unknown(line)),
            },
            _ => return Err(unknown(line)),
        };
        let Some(entry) = &mut self.entry else {
            return Err("a posting that belongs to no entry".to_owned());
        };
        add(&mut entry.weights, weight.0, weight.1);
        add(&mut self.sums[at as usize], currency, amount);
        add(&mut self.weighed[at as usize], weight.0, weight.1);
        self.read.postings += 1;
        Ok(())
    }

    fn close(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        let Some((currency, left)) = entry.weights.iter().find(|(_, sum)| *sum != 0) else { return };
        self.read.out_of_balance_count += 1;
        if self.read.out_of_balance.len() < TOLD {
            self.read.out_of_balance.push((entry.line, *currency, *left));
        }
    }

    fn finish(mut self) -> Rebuilt {
        let listed = |sums: Vec<Vec<(Currency, i128)>>| {
            let by_account = sums.into_iter().enumerate();
            by_account.flat_map(|(at, sums)| {
                sums.into_iter().map(move |(currency, sum)| ((at as u32, currency), sum))
            })
        };
        self.read.balances = listed(self.sums).collect();
        self.read.weights = listed(self.weighed).collect();
        self.read
    }
}

fn add(sums: &mut Vec<(Currency, i128)>, currency: Currency, minor: i128) {
    match sums.iter_mut().find(|(of, _)| *of == currency) {
        Some((_, sum)) => *sum += minor,
        None => sums.push((currency, minor)),
    }
}

/// The first word, and what follows the blanks behind it.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii_start())
}

/// `-12.30 EUR`, with all minor digits of its currency.
fn amount(text: &[u8]) -> Option<(i128, Currency, &[u8])> {
    let (number, rest) = word(text);
    let (code, rest) = word(rest);
    let currency: Currency = std::str::from_utf8(code).ok()?.parse().ok()?;
    let (is_negative, unsigned) = match number {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, number),
    };
    let places = currency.minor_digits() as usize;
    let minor = match places {
        0 => digits(unsigned)?,
        _ => {
            let point = unsigned.len().checked_sub(places + 1)?;
            let (whole, fraction) = (&unsigned[..point], unsigned[point..].strip_prefix(b".")?);
            digits(whole)? * 10i128.pow(places as u32) + digits(fraction)?
        }
    };
    Some((if is_negative { -minor } else { minor }, currency, rest))
}

/// At most eighteen of them.
fn digits(text: &[u8]) -> Option<i128> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(i128::from(number))
}

#[cold]
fn unknown(line: &[u8]) -> String {
    format!(
        "`{}` is in no form that exports are written in; write the ledger again with --export",
        text(line)
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
