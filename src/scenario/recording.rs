//! The file of a recorded day: JSON lines, gzipped or as they are. The first line says where the data is from.
//!
//! Lives here: the format, written by [`super::import`] and by whoever records a service as it runs, and read by
//! [`super::load`]. Amounts are text, because no amount passes through a float. A line about something that an earlier
//! line was about takes its place, so that a file can be written on while its day goes on.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

/// Assumption: where a file does not say how anything was paid, as histories do not. Shoppers pay by card at once, companies by
/// transfer at once.
pub const RETAIL_GATEWAY: &str = "shopify_payments";
pub const WHOLESALE_GATEWAY: &str = "bank_transfer";

/// Unpacked: far beyond a day of any merchant.
const BYTES_MAX: u64 = 1 << 30;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    pub plimsoll_recording: u32,
    pub source: String,
    pub licence: String,
    pub changes: String,
    /// In which the local times are read.
    pub zone: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub head: Head,
    pub zone: String,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    Order(RecordedOrder),
    Return(RecordedReturn),
    /// Lines that the file holds and that are not played.
    Carried {
        kind: String,
        lines: u64,
        sum: String,
    },
    /// An order, or a refund of one, that is counted and not played. A refund's number is [`RecordedReturn::number`].
    Left {
        number: String,
        kind: String,
        sum: String,
    },
}

impl Entry {
    /// What it is about; `None` for a sum of many.
    pub fn number(&self) -> Option<String> {
        match self {
            Entry::Order(order) => Some(order.invoice.clone()),
            Entry::Return(back) => Some(back.number()),
            Entry::Left { number, .. } => Some(number.clone()),
            Entry::Carried { .. } => None,
        }
    }
}

impl RecordedReturn {
    /// One credit note can take back several orders, and at several times.
    pub fn number(&self) -> String {
        format!("{} {} {}", self.credit, self.order, self.at)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedOrder {
    pub invoice: String,
    /// Local clock reading: `2010-12-01T08:26:00`.
    pub at: String,
    pub buyer: RecordedBuyer,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub presentment: Option<String>,
    pub lines: Vec<RecordedLine>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shipping_discounts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shipping_taxes: Vec<RecordedTax>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duties: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tip: Option<String>,
    /// Whether prices have tax inside; they have unless it is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taxes_included: Option<bool>,
    /// Without it, all was paid at once by the tender of the buyer's kind.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payments: Option<Vec<RecordedPayment>>,
}

/// Money that came in, or went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedPayment {
    /// As scenario files name tenders: a gateway, `gift-card` or `store-credit`.
    pub gateway: String,
    pub amount: String,
    /// In the currency that the buyer saw, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub presentment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedTax {
    pub title: String,
    /// 0.2 for 20 %.
    pub rate: String,
    pub amount: String,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub channel_liable: bool,
}

/// Units that came back, paid back at what they were sold for by the tender that paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedReturn {
    /// Number of the credit note.
    pub credit: String,
    /// Local clock reading.
    pub at: String,
    /// Number of the invoice that it takes back.
    pub order: String,
    /// Position of the line in that order, from 0, and units.
    pub lines: Vec<(usize, u32)>,
    /// Delivery that is paid back, as the order's prices are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duties: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tip: Option<String>,
    /// Without it, what the units were sold for goes back by the tender that paid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payments: Option<Vec<RecordedPayment>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedBuyer {
    Guest,
    Customer(String),
    Company(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedLine {
    pub sku: String,
    pub title: String,
    pub quantity: u32,
    /// For one unit, in the shop's currency.
    pub price: String,
    /// Of all units, one amount for each discount.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub discounts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub taxes: Vec<RecordedTax>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub gift_card: bool,
}

/// Why a recorded day cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadRecording {
    #[error("cannot be unpacked at line {line}: {cause}")]
    Packed { line: usize, cause: std::io::Error },
    #[error("line {line} is not what an import writes: {cause}")]
    Line { line: usize, cause: serde_json::Error },
    #[error("the first line does not say `plimsoll-recording: 1`")]
    Version,
    #[error("the file is empty")]
    Empty,
}

/// # Errors
/// Bytes that are no recording, or not all of one.
pub fn read(bytes: &[u8]) -> Result<Recording, BadRecording> {
    let reader: Box<dyn Read + '_> = match bytes.starts_with(&[0x1f, 0x8b]) {
        true => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        false => Box::new(bytes),
    };
    let mut lines = BufReader::new(reader.take(BYTES_MAX)).lines();
    let first = lines.next().ok_or(BadRecording::Empty)?;
    let first = first.map_err(|cause| BadRecording::Packed { line: 1, cause })?;
    let head: Head = serde_json::from_str(&first).map_err(|cause| BadRecording::Line { line: 1, cause })?;
    if head.plimsoll_recording != 1 {
        return Err(BadRecording::Version);
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (at, text) in lines.enumerate() {
        let line = at + 2;
        let text = text.map_err(|cause| BadRecording::Packed { line, cause })?;
        let entry: Entry = serde_json::from_str(&text).map_err(|cause| BadRecording::Line { line, cause })?;
        match entry.number().map(|number| *places.entry(number).or_insert(entries.len())) {
            Some(place) if place < entries.len() => entries[place] = entry,
            _ => entries.push(entry),
        }
    }
    Ok(Recording { zone: head.zone.clone(), head, entries })
}

/// One line of a recording, with its end.
pub fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a recording is plain data") + "\n"
}

/// The bytes of a recording. The same recording gives the same bytes.
pub fn write(recording: &Recording) -> Vec<u8> {
    let mut packed = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    let lines = std::iter::once(line(&recording.head)).chain(recording.entries.iter().map(line));
    for line in lines {
        packed.write_all(line.as_bytes()).expect("memory takes any bytes");
    }
    packed.finish().expect("memory takes any bytes")
}
