//! Comma-separated text, record by record, in bounded memory. Not here: what the columns mean ([`super`]).
//!
//! Source: RFC 4180, with a lone line feed as the end of a record too, and an optional byte-order mark.

use std::io::{self, Read};

/// Bytes asked of the input at a time.
const CHUNK: usize = 1 << 18;
/// A record beyond this is a quote that was never closed.
const RECORD_MAX: usize = 1 << 24;

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

pub struct Separated<R> {
    input: R,
    buffer: Vec<u8>,
    /// The next record starts here; what was read ends at `filled`.
    start: usize,
    filled: usize,
    is_ended: bool,
    /// Lines before the record at hand.
    lines: u64,
    /// Where each field of the record at hand ends, from the start of the record.
    ends: Vec<u32>,
    /// A record with its quotes resolved, and where its fields end.
    unquoted: Vec<u8>,
}

/// A record. Field `n` is empty if the record is shorter.
pub struct Record<'a> {
    pub line: u64,
    text: &'a [u8],
    ends: &'a [u32],
    /// Bytes between two fields: the comma, or nothing once quotes are resolved.
    gap: usize,
}

impl<'a> Record<'a> {
    pub fn fields(&self) -> usize {
        self.ends.len()
    }

    /// About as many as the record takes in its file.
    pub fn bytes(&self) -> usize {
        self.ends.last().map_or(1, |end| *end as usize + 1)
    }

    pub fn field(&self, at: usize) -> &'a [u8] {
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize + self.gap };
        &self.text[start..*end as usize]
    }
}

/// Why no record could be read.
#[derive(Debug)]
pub enum Broken {
    Input(io::Error),
    /// In the line given.
    OpenQuote(u64),
}

/// How a scan of the buffer ended.
enum Scan {
    /// The record ends before, and the next starts at, these offsets; whether it holds quotes; its line breaks.
    Record {
        next: usize,
        has_quotes: bool,
        breaks: u64,
    },
    NeedsMore,
}

impl<R: Read> Separated<R> {
    pub fn new(input: R) -> Separated<R> {
        Separated {
            input,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            is_ended: false,
            lines: 0,
            ends: Vec::new(),
            unquoted: Vec::new(),
        }
    }

    /// The next record; empty lines are none. `None` at the end.
    ///
    /// # Errors
    /// The input fails, or a quote is never closed.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        loop {
            match self.scan() {
                Scan::NeedsMore if self.filled - self.start > RECORD_MAX => {
                    return Err(Broken::OpenQuote(self.lines + 1));
                }
                Scan::NeedsMore if self.is_ended && self.start == self.filled => return Ok(None),
                Scan::NeedsMore if self.is_ended => return Err(Broken::OpenQuote(self.lines + 1)),
                Scan::NeedsMore => self.fill().map_err(Broken::Input)?,
                Scan::Record { next, has_quotes, breaks } => {
                    let (from, line) = (self.start, self.lines + 1);
                    self.start = next;
                    self.lines += breaks;
                    if self.ends == [0] {
                        continue;
                    }
                    if has_quotes {
                        self.unquote(from);
                        return Ok(Some(Record { line, text: &self.unquoted, ends: &self.ends, gap: 0 }));
                    }
                    return Ok(Some(Record {
                        line,
                        text: &self.buffer[from..next],
                        ends: &self.ends,
                        gap: 1,
                    }));
                }
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let is_first = self.buffer.is_empty();
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        self.buffer.resize(self.filled + CHUNK, 0);
        while self.filled < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.is_ended = true;
                    break;
                }
                Ok(bytes) => self.filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if is_first && self.buffer[..self.filled].starts_with(b"\xEF\xBB\xBF") {
            self.start = 3;
        }
        Ok(())
    }

    /// Finds the end of the record and of its fields, eight bytes at a time.
    fn scan(&mut self) -> Scan {
        self.ends.clear();
        let text = &self.buffer[self.start..self.filled];
        let (words, rest) = text.as_chunks::<8>();
        let mut at = 0;
        for word in words {
            let word = u64::from_le_bytes(*word);
            let quotes = bytes_equal(word, b'"');
            if quotes != 0 {
                return self.scan_slowly();
            }
            let breaks = bytes_equal(word, b'\n');
            let mut found = bytes_equal(word, b',') | breaks;
            while found != 0 {
                let end = at + (found.trailing_zeros() / 8) as usize;
                if text[end] == b'\n' {
                    return self.record(end, end + 1);
                }
                self.ends.push(end as u32);
                found &= found - 1;
            }
            at += 8;
        }
        for (offset, byte) in rest.iter().enumerate() {
            match byte {
                b'"' => return self.scan_slowly(),
                b'\n' => return self.record(at + offset, at + offset + 1),
                b',' => self.ends.push((at + offset) as u32),
                _ => {}
            }
        }
        let end = text.len();
        if self.is_ended && end > 0 { self.record(end, end) } else { Scan::NeedsMore }
    }

    fn record(&mut self, end: usize, next: usize) -> Scan {
        let text = &self.buffer[self.start..self.filled];
        let end = if end > 0 && text[end - 1] == b'\r' { end - 1 } else { end };
        self.ends.push(end as u32);
        Scan::Record { next: self.start + next, has_quotes: false, breaks: 1 }
    }

    /// As [`Separated::scan`], byte by byte, for records that hold a quote.
    fn scan_slowly(&mut self) -> Scan {
        self.ends.clear();
        let text = &self.buffer[self.start..self.filled];
        let (mut is_quoted, mut breaks) = (false, 0);
        let mut found = None;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' if is_quoted => breaks += 1,
                b'\n' => {
                    found = Some((at, at + 1));
                    break;
                }
                b',' if !is_quoted => self.ends.push(at as u32),
                _ => {}
            }
        }
        if found.is_none() && self.is_ended && !is_quoted && !text.is_empty() {
            found = Some((text.len(), text.len()));
        }
        let Some((end, next)) = found else { return Scan::NeedsMore };
        self.record(end, next);
        Scan::Record { next: self.start + next, has_quotes: true, breaks: breaks + 1 }
    }

    /// Copies the record's fields without the quotes around them, two quotes within as one.
    fn unquote(&mut self, from: usize) {
        self.unquoted.clear();
        let mut start = 0;
        for end in &mut self.ends {
            let field = &self.buffer[from + start..from + *end as usize];
            start = *end as usize + 1;
            match field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
                None => self.unquoted.extend_from_slice(field),
                Some(inner) => {
                    let mut was_quote = false;
                    for byte in inner {
                        was_quote = *byte == b'"' && !was_quote;
                        if !was_quote {
                            self.unquoted.push(*byte);
                        }
                    }
                }
            }
            *end = self.unquoted.len() as u32;
        }
    }
}

/// The top bit of each byte that equals `wanted`; exact, with no carry from one byte into the next.
fn bytes_equal(word: u64, wanted: u8) -> u64 {
    let differing = word ^ (ONES * u64::from(wanted));
    !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS)
}

#[cfg(test)]
mod tests;
