//! What is wrong with a file that a person wrote: place, cause and remedy.
//!
//! Lives here: the value and how it presents itself to `miette`. Rendering it is for the command line.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// Why a policy or scenario file was refused: the first thing found, with its place.
#[derive(Debug, Clone)]
pub struct FileError {
    /// The file as the person named it; `None` where no file could be opened at all.
    source: Option<NamedSource<Arc<str>>>,
    /// Bytes of the file.
    pub span: Range<usize>,
    pub cause: String,
    /// What to write instead.
    pub remedy: Option<String>,
    /// Stable, in kebab-case: `unknown-key`.
    pub code: &'static str,
}

impl FileError {
    /// A file that could not be read or is not text.
    pub fn unreadable(cause: String, remedy: &str) -> Box<FileError> {
        Box::new(FileError {
            source: None,
            span: 0..0,
            cause,
            remedy: Some(remedy.to_owned()),
            code: "unreadable-file",
        })
    }

    pub(super) fn in_file(
        name: &str,
        text: Arc<str>,
        span: Range<usize>,
        code: &'static str,
        cause: String,
    ) -> Box<FileError> {
        Box::new(FileError { source: Some(NamedSource::new(name, text)), span, cause, remedy: None, code })
    }

    /// The same error with what to write instead.
    pub fn remedy(mut self: Box<Self>, remedy: impl Into<String>) -> Box<FileError> {
        self.remedy = Some(remedy.into());
        self
    }

    /// Name of the file, if one was opened.
    pub fn file(&self) -> Option<&str> {
        self.source.as_ref().map(NamedSource::name)
    }

    /// Line and column, from 1; the column counts characters.
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let text = self.source.as_ref()?.inner();
        let before = text.get(..self.span.start)?;
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        Some((line, column))
    }
}

/// The cause alone: place and remedy are the diagnostic's.
impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for FileError {}

impl Diagnostic for FileError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.remedy.as_ref().map(|remedy| Box::new(remedy) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.source.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::at(self.span.clone(), "here"))))
    }
}
