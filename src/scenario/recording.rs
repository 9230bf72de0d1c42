//! The file of a recorded day: JSON lines, gzipped. The first line says where the data is from.
//!
//! Lives here: the format, written by [`super::import`] and read by [`super::load`]. Amounts are text, because
//! no amount passes through a float.

use std::io::{BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

/// Assumption: the histories do not say how anything was paid. Shoppers pay by card at once, companies by
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
    let mut entries = Vec::new();
    for (at, text) in lines.enumerate() {
        let line = at + 2;
        let text = text.map_err(|cause| BadRecording::Packed { line, cause })?;
        entries.push(serde_json::from_str(&text).map_err(|cause| BadRecording::Line { line, cause })?);
    }
    Ok(Recording { zone: head.zone.clone(), head, entries })
}

/// The bytes of a recording. The same recording gives the same bytes.
pub fn write(recording: &Recording) -> Vec<u8> {
    let mut packed = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    let mut line = |value: String| packed.write_all(format!("{value}\n").as_bytes());
    let json = "a recording is plain data";
    let memory = "memory takes any bytes";
    line(serde_json::to_string(&recording.head).expect(json)).expect(memory);
    for entry in &recording.entries {
        line(serde_json::to_string(entry).expect(json)).expect(memory);
    }
    packed.finish().expect(memory)
}
