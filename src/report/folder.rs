//! The folder that a certification is written to.
//!
//! Each file appears whole or not at all: it is written beside its place and renamed. Whether the folder can be
//! written is found out before anything runs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::document::{self, CertificationDocument};
use super::finding::Finding;
use super::{Certification, Subject, junit, summary};

/// A folder that was writable when it was asked for.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A file or folder that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be written: {cause}", path.display())]
pub struct Unwritable {
    pub path: PathBuf,
    pub cause: io::Error,
}

/// What a case must be to be run again: a failure that can be handed to someone else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Version of this form.
    pub plimsoll: u32,
    /// The scenario file, as it was given to `certify`.
    pub scenario: PathBuf,
    pub seed: u64,
    /// Drawn instead of the scenario's total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<u64>,
    pub fidelity: Box<str>,
    /// Of every event in order: what a replay must come to again.
    pub trace_hash: Box<str>,
}

impl Case {
    pub fn new(finding: &Finding, subject: &Subject, fidelity: &str) -> Case {
        Case {
            plimsoll: document::VERSION,
            scenario: subject.path.clone(),
            seed: finding.seed,
            orders: subject.orders,
            fidelity: fidelity.into(),
            trace_hash: finding.trace_hash.as_str().into(),
        }
    }

    /// `lost-answers-1207.json`, below `cases/`.
    pub fn file_name(finding: &Finding, subject: &Subject) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        let name: String = subject.name.chars().map(plain).collect();
        format!("{name}-{}.json", finding.seed)
    }
}

impl Folder {
    /// Makes the folder if need be, and proves that a file can be written into it.
    ///
    /// # Errors
    /// It cannot be made, is a file, or refuses a file.
    pub fn prepare(path: &Path) -> Result<Folder, Unwritable> {
        let unwritable = |cause| Unwritable { path: path.to_owned(), cause };
        fs::create_dir_all(path).map_err(unwritable)?;
        let probe = path.join(".plimsoll-probe");
        fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(unwritable)?;
        Ok(Folder { path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the case of a finding lies.
    pub fn case_path(&self, finding: &Finding, subject: &Subject) -> PathBuf {
        self.path.join("cases").join(Case::file_name(finding, subject))
    }

    /// Writes `report.json`, `junit.xml`, `summary.md` and a case for each finding.
    ///
    /// # Errors
    /// The first file that cannot be written; those before it are whole.
    pub fn write(&self, certification: &Certification) -> Result<(), Unwritable> {
        for finding in certification.findings.all() {
            let subject = &certification.outcomes[finding.scenario].subject;
            let case = Case::new(finding, subject, certification.fidelity);
            put(&self.case_path(finding, subject), &document::text(&case))?;
        }
        put(&self.path.join("report.json"), &document::text(&CertificationDocument::new(certification)))?;
        put(&self.path.join("junit.xml"), &junit::xml(certification))?;
        put(&self.path.join("summary.md"), &summary::markdown(certification))
    }
}

impl Folder {
    /// Writes one file of that name.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put(&self, name: &str, text: &str) -> Result<(), Unwritable> {
        put(&self.path.join(name), text)
    }
}

fn put(path: &Path, text: &str) -> Result<(), Unwritable> {
    let unwritable = |cause| Unwritable { path: path.to_owned(), cause };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).map_err(unwritable)
}

#[cfg(test)]
mod tests;
