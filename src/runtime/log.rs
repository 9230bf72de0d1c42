//! The log of the service: one line for each event, on stderr, as text or as JSON.
//!
//! Lines are made of fields (merchant, shop, flow, record, attempt) and of words of ours, never of names, addresses or
//! bodies. Control characters are escaped, so that no text of another side can forge a line or move a terminal's
//! cursor; secrets that the configuration resolved are masked whatever line they might have got into.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::fmt::MakeWriter;

use crate::platforms::secret::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Json,
}

/// Has everything logged on stderr from now on.
///
/// # Errors
/// Something was asked to log before.
pub fn start(form: Form, secrets: Vec<Secret>) -> Result<(), SetGlobalDefaultError> {
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_target(false)
        .with_writer(CleanStderr { secrets: secrets.into() });
    match form {
        Form::Text => tracing::subscriber::set_global_default(log.finish()),
        Form::Json => tracing::subscriber::set_global_default(
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).finish(),
        ),
    }
}

/// Writes to stderr what [`clean`] leaves.
#[derive(Clone)]
struct CleanStderr {
    secrets: Arc<[Secret]>,
}

impl<'a> MakeWriter<'a> for CleanStderr {
    type Writer = CleanStderr;

    fn make_writer(&'a self) -> CleanStderr {
        self.clone()
    }
}

impl Write for CleanStderr {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(clean(&String::from_utf8_lossy(line), &self.secrets).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The line with its secrets masked and its control characters, but the newline at its end, escaped.
fn clean(line: &str, secrets: &[Secret]) -> String {
    let masked = secrets.iter().fold(line.to_owned(), |line, secret| secret.masked(line));
    let (body, end) = match masked.strip_suffix('\n') {
        Some(body) => (body, "\n"),
        None => (&*masked, ""),
    };
    let mut text = String::with_capacity(masked.len());
    for character in body.chars() {
        if is_unseen(character) {
            write!(text, "\\u{{{:x}}}", u32::from(character)).expect("a String takes any text");
        } else {
            text.push(character);
        }
    }
    text.push_str(end);
    text
}

/// Controls, ends of lines by any name, and marks that turn the direction of what follows.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
