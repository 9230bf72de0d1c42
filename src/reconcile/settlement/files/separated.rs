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
    /// Fields may stand in quotes.
    has_quotes: bool,
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
        let field = &self.text[start..*end as usize];
        match field {
            [b'"', inner @ .., b'"'] if self.has_quotes => inner,
            _ => field,
        }
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
    /// Where the next record starts; what quotes the record holds; its line breaks.
    Record {
        next: usize,
        has_quotes: bool,
        has_doubled: bool,
        breaks: u64,
    },
    NeedsMore,
}

/// What a scan has come upon.
#[derive(Default)]
struct Seen {
    is_quoted: bool,
    has_quotes: bool,
    /// Two quotes for one, within a quoted field.
    has_doubled: bool,
    /// Line breaks within quotes.
    breaks: u64,
}

impl Seen {
    /// Takes in the comma, quote or line break at that place.
    fn ends_record(&mut self, text: &[u8], at: usize, ends: &mut Vec<u32>) -> bool {
        match text[at] {
            b'"' => {
                self.is_quoted = !self.is_quoted;
                self.has_quotes = true;
                let field = ends.last().map_or(0, |end| *end as usize + 1);
                self.has_doubled |= self.is_quoted && at > field;
            }
            b',' if !self.is_quoted => ends.push(at as u32),
            b'\n' if !self.is_quoted => return true,
            b'\n' => self.breaks += 1,
            _ => {}
        }
        false
    }
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
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Broken> {
        loop {
            match self.scan() {
                Scan::NeedsMore if self.filled - self.start > RECORD_MAX => {
                    return Err(Broken::OpenQuote(self.lines + 1));
                }
                Scan::NeedsMore if self.is_ended && self.start == self.filled => return Ok(None),
                Scan::NeedsMore if self.is_ended => return Err(Broken::OpenQuote(self.lines + 1)),
                Scan::NeedsMore => self.fill().map_err(Broken::Input)?,
                Scan::Record { next, has_quotes, has_doubled, breaks } => {
                    let (from, line) = (self.start, self.lines + 1);
                    self.start = next;
                    self.lines += breaks;
                    if self.ends == [0] {
                        continue;
                    }
                    if has_doubled {
                        self.unquote(from);
                        let (text, ends) = (&self.unquoted, &self.ends);
                        return Ok(Some(Record { line, text, ends, gap: 0, has_quotes: false }));
                    }
                    let text = &self.buffer[from..next];
                    return Ok(Some(Record { line, text, ends: &self.ends, gap: 1, has_quotes }));
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
        let mut seen = Seen::default();
        let (words, rest) = text.as_chunks::<8>();
        for (number, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let mut marks = bytes_equal(word, b',') | bytes_equal(word, b'\n') | bytes_equal(word, b'"');
            while marks != 0 {
                let at = number * 8 + (marks.trailing_zeros() / 8) as usize;
                marks &= marks - 1;
                if seen.ends_record(text, at, &mut self.ends) {
                    return self.record(at, at + 1, &seen);
                }
            }
        }
        for at in text.len() - rest.len()..text.len() {
            if matches!(text[at], b',' | b'\n' | b'"') && seen.ends_record(text, at, &mut self.ends) {
                return self.record(at, at + 1, &seen);
            }
        }
        let end = text.len();
        if self.is_ended && end > 0 && !seen.is_quoted {
            return self.record(end, end, &seen);
        }
        Scan::NeedsMore
    }

    fn record(&mut self, end: usize, next: usize, seen: &Seen) -> Scan {
        let text = &self.buffer[self.start..self.filled];
        let end = if end > 0 && text[end - 1] == b'\r' { end - 1 } else { end };
        self.ends.push(end as u32);
        Scan::Record {
            next: self.start + next,
            has_quotes: seen.has_quotes,
            has_doubled: seen.has_doubled,
            breaks: seen.breaks + 1,
        }
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
