//! The close of a month as a page, and as CSV files. The same as JSON: [`super::document::close`].

use std::collections::BTreeMap;

use super::figures::{amount, counted, grouped, plain_amount};
use super::ink::Ink;
use super::table::{Align, columns};
use crate::domain::{BookDate, Currency, InternalId};
use crate::reconcile::close::items::Itemised;
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
    /// What the balances of clearing, of payouts under way, of disputes and of reserves are made of.
    pub itemised: &'a [Itemised],
}

impl Closing<'_> {
    pub fn subsidiary(&self, id: InternalId) -> String {
        self.subsidiaries.get(&id).map_or_else(|| format!("subsidiary {id}"), |name| name.to_string())
    }

    /// Whether every list sums to the balance of its account.
    pub fn ties(&self) -> bool {
        self.itemised.iter().all(Itemised::ties)
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
    sisters(closing, ink, &mut text);
    lists(closing, ink, &mut text);
    items(closing, ink, &mut text);
    let verdict = match (closing.close.balances(), closing.ties()) {
        (true, true) => {
            format!("{}   debits and credits agree in every subsidiary and currency", ink.green("✓ BALANCES"))
        }
        (true, false) => {
            format!("{}   a list of items does not sum to its balance", ink.red("✗ UNEXPLAINED"))
        }
        (false, _) => format!("{}   debits and credits do not agree", ink.red("✗ OUT OF BALANCE")),
    };
    text.push_str(&format!("\n{verdict}; {} open\n", counted(closing.items(), "exception")));
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

fn sisters(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    for (currency, (from, to)) in closing.close.between_sisters() {
        let verdict = if from == to { ink.green("✓ EQUAL") } else { ink.red("✗ NOT EQUAL") };
        let (from, to) = (amount(from, currency), amount(to, currency));
        text.push_str(&format!("\nBetween sister companies\ndue from {from}, due to {to}   {verdict}\n"));
    }
}

/// Items of one account that the page names one by one; the tables name all.
const LISTED: usize = 40;

fn lists(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    let heads = [
        ("what", Align::Left),
        ("since", Align::Left),
        ("days", Align::Right),
        ("cause", Align::Left),
        ("owner", Align::Left),
        ("clears by", Align::Left),
        ("amount", Align::Right),
    ];
    for list in closing.itemised.iter().filter(|list| list.balance != 0 || !list.items.is_empty()) {
        let (role, name) = (list.role.name(), closing.subsidiary(list.subsidiary));
        let count = counted(list.items.len() as u64, "item");
        let balance = amount(list.balance, list.currency);
        text.push_str(&format!("\nItems of {role}, {name}, account {}: {count}, {balance}\n", list.account));
        let plain = |minor| plain_amount(minor, list.currency);
        let named = list.items.iter().take(LISTED).map(|item| {
            vec![
                item.of.to_string(),
                item.since.to_string(),
                item.days(closing.as_of).to_string(),
                item.why.name().to_owned(),
                item.owner.to_string(),
                item.clears.map(|day| day.to_string()).unwrap_or_default(),
                plain(item.minor),
            ]
        });
        let mut rows: Vec<Vec<String>> = named.collect();
        if let Some(more) = list.items.get(LISTED..).filter(|more| !more.is_empty()) {
            let rest: i128 = more.iter().map(|item| item.minor).sum();
            let mut row = vec![String::new(); heads.len() - 1];
            row[0] = format!("{} more, all in items.csv", grouped(more.len() as u64));
            row.push(plain(rest));
            rows.push(row);
        }
        table(&heads, &rows, ink, text);
        if !list.ties() {
            let left = amount(list.balance - list.sum(), list.currency);
            text.push_str(&format!("{}   {left} is in no item\n", ink.red("✗ UNEXPLAINED")));
        }
    }
}

fn items(closing: &Closing<'_>, ink: Ink, text: &mut String) {
    if closing.aged.is_empty() {
        text.push_str(&format!("\nNo open exceptions as of {}\n", closing.as_of));
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
    text.push_str(&format!("\nOpen exceptions as of {}\n", closing.as_of));
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
    let lists = closing.itemised.iter().flat_map(|list| {
        list.items.iter().map(move |item| {
            vec![
                list.role.name().to_owned(),
                closing.subsidiary(list.subsidiary),
                list.account.to_string(),
                list.currency.to_string(),
                item.of.to_string(),
                item.since.to_string(),
                item.days(closing.as_of).to_string(),
                item.why.name().to_owned(),
                item.owner.to_string(),
                item.clears.map(|day| day.to_string()).unwrap_or_default(),
                plain(item.minor, list.currency),
            ]
        })
    });
    let list_heads = "role,subsidiary,account,currency,of,since,days,cause,owner,clears_by,amount";
    let trial_heads = "subsidiary,account,currency,opening,debits,credits,closing,base_currency,base";
    let roll_heads = "role,subsidiary,account,currency,cause,additions,releases,balance";
    let item_heads = "cause,owner,days_0_1,days_2_7,days_8_30,days_31,at_risk";
    vec![
        ("trial-balance.csv", written(trial_heads, trial)),
        ("roll-forward.csv", written(roll_heads, rolls)),
        ("items.csv", written(list_heads, lists)),
        ("open-exceptions.csv", written(item_heads, items)),
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
