//! The close of a month as a page, and as CSV files. The same as JSON: [`super::document::close`].

use std::collections::BTreeMap;

use super::figures::{amount, grouped, plain_amount};
use super::ink::Ink;
use super::table::{Align, columns};
use crate::domain::{BookDate, Currency, InternalId};
use crate::reconcile::close::{AGES, Aged, Close};

/// Everything that a close tells.
#[derive(Debug)]
pub struct Closing<'a> {
    pub title: &'a str,
    /// Names of subsidiaries by their ids.
    pub subsidiaries: &'a BTreeMap<InternalId, Box<str>>,
    pub close: &'a Close,
    pub as_of: BookDate,
    pub aged: &'a BTreeMap<(&'static str, &'a str), Aged>,
}

impl Closing<'_> {
    pub fn subsidiary(&self, id: InternalId) -> String {
        self.subsidiaries.get(&id).map_or_else(|| format!("subsidiary {id}"), |name| name.to_string())
    }

    pub fn items(&self) -> u64 {
        self.aged.values().flat_map(|aged| aged.items).sum()
    }
}

/// `2026-11`.
pub fn month(closing: &Closing<'_>) -> String {
    let (year, month, _) = closing.close.period.first.year_month_day();
    format!("{year:04}-{month:02}")
}

pub fn page(closing: &Closing<'_>, ink: Ink) -> String {
    let mut text = format!("{}: close of {}\n", closing.title, month(closing));
    trial(closing, ink, &mut text);
    rolls(closing, ink, &mut text);
    items(closing, ink, &mut text);
    let verdict = match closing.close.balances() {
        true => {
            format!("{}   debits and credits agree in every subsidiary and currency", ink.green("✓ BALANCES"))
        }
        false => format!("{}   debits and credits do not agree", ink.red("✗ OUT OF BALANCE")),
    };
    text.push_str(&format!("\n{verdict}; {} open\n", super::figures::counted(closing.items(), "item")));
    text
}

fn trial(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    for ((subsidiary, currency), (total, base)) in closing.close.totals() {
        let rows = closing.close.trial.iter();
        let ours = rows.filter(|row| row.subsidiary == subsidiary && row.currency == currency);
        let plain = |minor: i128| plain_amount(minor, currency);
        let mut cells: Vec<Vec<String>> = Vec::new();
        let mut base_currency = currency;
        for row in ours {
            base_currency = row.base_currency;
            cells.push(vec![
                row.account.to_string(),
                plain(row.opening),
                plain(row.debits),
                plain(row.credits),
                plain(row.closing),
                plain_amount(row.base, row.base_currency),
            ]);
        }
        let (none, total) = (String::new(), plain(total));
        cells.push(vec![
            "all".into(),
            none.clone(),
            none.clone(),
            none,
            total,
            plain_amount(base, base_currency),
        ]);
        let base_heading = format!("in {base_currency}");
        let heads = [
            ("account", Align::Left),
            ("opening", Align::Right),
            ("debits", Align::Right),
            ("credits", Align::Right),
            ("closing", Align::Right),
            (base_heading.as_str(), Align::Right),
        ];
        text.push_str(&format!("\nTrial balance, {}, {currency}\n", closing.subsidiary(subsidiary)));
        table(&heads, &cells, ink, text);
    }
}

fn rolls(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    let heads = [("cause", Align::Left), ("additions", Align::Right), ("releases", Align::Right)];
    for roll in &closing.close.rolls {
        let plain = |minor: i128| if minor == 0 { String::new() } else { plain_amount(minor, roll.currency) };
        let rows: Vec<Vec<String>> = roll
            .movements
            .iter()
            .map(|(cause, (plus, minus))| vec![cause.to_string(), plain(*plus), plain(*minus)])
            .collect();
        let name = closing.subsidiary(roll.subsidiary);
        text.push_str(&format!("\nRoll-forward of {}, {name}, account {}\n", roll.role.name(), roll.account));
        text.push_str(&format!("opening  {}\n", amount(roll.opening, roll.currency)));
        if !rows.is_empty() {
            table(&heads, &rows, ink, text);
        }
        text.push_str(&format!("closing  {}\n", amount(roll.closing, roll.currency)));
    }
}

fn items(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    if closing.aged.is_empty() {
        text.push_str(&format!("\nNo open items as of {}\n", closing.as_of));
        return;
    }
    let mut heads = vec![("cause", Align::Left), ("owner", Align::Left)];
    heads.extend(AGES.iter().map(|(_, name)| (*name, Align::Right)));
    heads.push(("at risk", Align::Right));
    let rows: Vec<Vec<String>> = closing
        .aged
        .iter()
        .map(|((cause, owner), aged)| {
            let mut row = vec![(*cause).to_owned(), (*owner).to_owned()];
            row.extend(
                aged.items.iter().map(|count| if *count == 0 { String::new() } else { grouped(*count) }),
            );
            row.push(at_risk(aged));
            row
        })
        .collect();
    text.push_str(&format!("\nOpen items as of {}\n", closing.as_of));
    table(&heads, &rows, ink, text);
}

fn at_risk(aged: &Aged) -> String {
    let told: Vec<String> = aged.at_risk.iter().map(|(of, minor)| amount(*minor, *of)).collect();
    told.join(", ")
}

fn table(heads: &[(&str, Align)], rows: &[Vec<String>], ink: Ink, text: &mut String) {
    for (at, line) in columns(heads, rows).iter().enumerate() {
        text.push_str(&if at == 0 { ink.dim(line) } else { line.clone() });
        text.push('\n');
    }
}

/// Name and text of each file.
///
/// # Panics
/// Never: memory takes any record.
pub fn tables(closing: &Closing<'_>) -> Vec<(&'static str, String)> {
    let plain = |minor: i128, currency: Currency| plain_amount(minor, currency);
    let trial = closing.close.trial.iter().map(|row| {
        vec![
            closing.subsidiary(row.subsidiary),
            row.account.to_string(),
            row.currency.to_string(),
            plain(row.opening, row.currency),
            plain(row.debits, row.currency),
            plain(row.credits, row.currency),
            plain(row.closing, row.currency),
            row.base_currency.to_string(),
            plain(row.base, row.base_currency),
        ]
    });
    let rolls = closing.close.rolls.iter().flat_map(|roll| {
        let head = move |cause: &str, plus: String, minus: String, balance: String| {
            let (role, account) = (roll.role.name().to_owned(), roll.account.to_string());
            let name = closing.subsidiary(roll.subsidiary);
            vec![role, name, account, roll.currency.to_string(), cause.to_owned(), plus, minus, balance]
        };
        let opening = head("opening", String::new(), String::new(), plain(roll.opening, roll.currency));
        let closing = head("closing", String::new(), String::new(), plain(roll.closing, roll.currency));
        let moved: Vec<Vec<String>> = roll
            .movements
            .iter()
            .map(|(cause, (plus, minus))| {
                head(cause, plain(*plus, roll.currency), plain(*minus, roll.currency), String::new())
            })
            .collect();
        std::iter::once(opening).chain(moved).chain([closing])
    });
    let items = closing.aged.iter().map(|((cause, owner), aged)| {
        let mut row = vec![(*cause).to_owned(), (*owner).to_owned()];
        row.extend(aged.items.iter().map(u64::to_string));
        row.push(at_risk(aged));
        row
    });
    let trial_heads = "subsidiary,account,currency,opening,debits,credits,closing,base_currency,base";
    let roll_heads = "role,subsidiary,account,currency,cause,additions,releases,balance";
    let item_heads = "cause,owner,days_0_1,days_2_7,days_8_30,days_31,at_risk";
    vec![
        ("trial-balance.csv", written(trial_heads, trial)),
        ("roll-forward.csv", written(roll_heads, rolls)),
        ("open-items.csv", written(item_heads, items)),
    ]
}

fn written(heads: &str, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heads.split(',')).expect("memory takes any record");
    for row in rows {
        writer.write_record(row).expect("memory takes any record");
    }
    let bytes = writer.into_inner().expect("memory takes any record");
    String::from_utf8(bytes).expect("texts are written as they are")
}

#[cfg(test)]
mod tests;
