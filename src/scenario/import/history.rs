//! Reading a trading history: rows that can be understood, and rejections with their lines.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csv::StringRecord;
use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::ImportError;
use super::tally::Part;

pub(super) const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// A row of the file that is neither played nor carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// From 1, the header included.
    pub line: u64,
    pub reason: String,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub invoice: Box<str>,
    pub stock_code: Box<str>,
    pub description: Box<str>,
    pub quantity: i64,
    /// By the clock of the shop.
    pub at: DateTime,
    pub price: Decimal,
    pub customer: Option<Box<str>>,
    pub country: Box<str>,
    /// Quantity times price, exactly.
    pub sum: Decimal,
}

pub(super) struct History {
    pub rows: Vec<Row>,
    pub total: Part,
    pub rejected: Part,
    pub rejections: Vec<Rejection>,
}

pub(super) fn read(path: &Path) -> Result<History, ImportError> {
    let unreadable = |cause| ImportError::Unreadable { path: path.to_owned(), cause };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = [0; 2];
    let packed = match file.read_exact(&mut magic) {
        Ok(()) => magic == [0x1f, 0x8b],
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(unreadable(error)),
    };
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let bytes: Box<dyn Read> = match packed {
        true => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))),
        false => Box::new(file),
    };
    read_rows(path, bytes)
}

pub(super) fn read_rows(path: &Path, bytes: Box<dyn Read>) -> Result<History, ImportError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut history = History {
        rows: Vec::new(),
        total: Part::default(),
        rejected: Part::default(),
        rejections: Vec::new(),
    };
    let mut record = csv::ByteRecord::new();
    let mut positions = None;
    let mut line = 0;
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|cause| ImportError::BrokenOff {
            path: path.to_owned(),
            line,
            cause: cause.to_string(),
        })?;
        if !more {
            break;
        }
        line = record.position().map_or(line + 1, csv::Position::line);
        let text = StringRecord::from_byte_record(record.clone());
        let Some(at) = &positions else {
            let header =
                text.map_err(|_| ImportError::NoColumn { path: path.to_owned(), column: COLUMNS[0] })?;
            positions = Some((columns(path, &header)?, header.len()));
            continue;
        };
        let row = text
            .map_err(|_| (Decimal::ZERO, "not UTF-8".to_owned()))
            .and_then(|text| row(&text, &at.0, at.1));
        match row {
            Ok(row) => {
                history.total.add(row.sum);
                history.rows.push(row);
            }
            Err((sum, reason)) => {
                history.total.add(sum);
                history.rejected.add(sum);
                history.rejections.push(Rejection { line, reason });
            }
        }
    }
    match positions {
        Some(_) => Ok(history),
        None => Err(ImportError::NoColumn { path: path.to_owned(), column: COLUMNS[0] }),
    }
}

fn columns(path: &Path, header: &StringRecord) -> Result<[usize; COLUMNS.len()], ImportError> {
    let mut positions = [0; COLUMNS.len()];
    for (position, column) in positions.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name.trim().trim_start_matches('\u{feff}') == column);
        *position = found.ok_or_else(|| ImportError::NoColumn { path: path.to_owned(), column })?;
    }
    Ok(positions)
}

/// A row, or why not, with its sum as far as that can be read. It must be as wide as the header, which may have columns
/// that nobody reads.
fn row(text: &StringRecord, at: &[usize; COLUMNS.len()], width: usize) -> Result<Row, (Decimal, String)> {
    if text.len() != width {
        return Err((Decimal::ZERO, format!("{} fields, expected {width}", text.len())));
    }
    let field = |column: usize| text[at[column]].trim();
    let unpriced = |reason: String| (Decimal::ZERO, reason);
    let quantity: i64 =
        field(3).parse().map_err(|_| unpriced(format!("`{}` is not a quantity", field(3))))?;
    let price = Decimal::from_str_exact(field(5))
        .map_err(|_| unpriced(format!("`{}` is not a unit price", field(5))))?;
    let sum = price
        .checked_mul(Decimal::from(quantity))
        .filter(|sum| sum.abs() < Decimal::from(10_000_000_000_000_i64))
        .ok_or_else(|| unpriced("the amount is beyond the range".to_owned()))?;
    let reject = |reason: String| (sum, reason);
    if quantity == 0 || quantity.unsigned_abs() > u64::from(u32::MAX) {
        return Err(reject(format!("`{quantity}` units cannot be sold")));
    }
    let local: DateTime = field(4)
        .replacen(' ', "T", 1)
        .parse()
        .map_err(|_| reject(format!("`{}` is not a date and time", field(4))))?;
    if !(1900..2200).contains(&local.year()) {
        return Err(reject(format!("`{}` is not in this or the last century", field(4))));
    }
    for (column, what) in [(0, "invoice number"), (1, "stock code")] {
        if field(column).is_empty() {
            return Err(reject(format!("the {what} is empty")));
        }
    }
    Ok(Row {
        invoice: field(0).into(),
        stock_code: field(1).into(),
        description: field(2).into(),
        quantity,
        at: local,
        price,
        customer: Some(field(6)).filter(|customer| !customer.is_empty()).map(Into::into),
        country: field(7).into(),
        sum,
    })
}
