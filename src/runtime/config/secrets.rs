//! From a reference to the secret behind it: `env:NAME` or `file:/path`.
//!
//! A secret never stands in the configuration itself, and no message repeats what stands in place of a reference:
//! it may be the secret.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::file::Text;
use crate::platforms::secret::Secret;
use crate::policy::document::{Refused, Sources};
use crate::policy::file_error::FileError;

/// No key or token comes near it.
const BYTES_MAX: u64 = 64 << 10;

/// Reads a variable of the environment.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<std::ffi::OsString>;

/// The secret that a reference names. The newline at the end of a file is no part of it; all else is.
///
/// # Errors
/// No reference, no such variable or file, or a file that others may read, that is a link, or that is empty.
pub fn resolve(
    sources: &Sources,
    written: &Text,
    what: &str,
    environment: Environment<'_>,
) -> Result<Secret, Refused> {
    if let Some(name) = written.get().strip_prefix("env:") {
        return from_environment(name, environment)
            .map_err(|(cause, remedy)| sources.error(written.span(), "no-secret", cause).remedy(remedy));
    }
    if let Some(path) = written.get().strip_prefix("file:") {
        let path = beside(sources, written, path);
        return from_file(&path)
            .map_err(|(cause, remedy)| sources.error(written.span(), "no-secret", cause).remedy(remedy));
    }
    let (file, line, _) = sources.line(&written.span());
    Err(FileError::unreadable(
        format!("`{what}` in line {line} of `{file}` is no reference to a secret"),
        "write `env:NAME` or `file:/path`; if a secret stood there, replace it at the platform: it was on a disk",
    ))
}

/// Whether a file that the service itself keeps a secret in can be read, and by nobody else.
///
/// # Errors
/// As [`resolve`] for `file:`.
pub fn private(sources: &Sources, written: &Text) -> Result<PathBuf, Refused> {
    let path = sources.beside(written);
    match from_file(&path) {
        Ok(_) => Ok(path),
        Err((cause, remedy)) => Err(sources.error(written.span(), "no-secret", cause).remedy(remedy)),
    }
}

/// A path in a reference means: beside the file that has it.
fn beside(sources: &Sources, written: &Text, path: &str) -> PathBuf {
    let folder = sources.beside(&crate::policy::document::Placed::at(written.span(), String::new()));
    folder.join(path)
}

type Refusal = (String, &'static str);

fn from_environment(name: &str, environment: Environment<'_>) -> Result<Secret, Refusal> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(("this is no name of a variable".to_owned(), "write `env:NAME`"));
    }
    let remedy = "set it for this process, or name another with `env:NAME` or `file:/path`";
    let value = environment(name).ok_or_else(|| (format!("the variable `{name}` is not set"), remedy))?;
    match value.to_str() {
        None => Err((format!("the variable `{name}` is not UTF-8"), remedy)),
        Some("") => Err((format!("the variable `{name}` is empty"), remedy)),
        Some(text) => Ok(Secret::new(text)),
    }
}

/// Reads a file that only its owner, and perhaps its group, may read.
fn from_file(path: &Path) -> Result<Secret, Refusal> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        (format!("`{shown}` cannot be read: {error}"), "give the path of a file that this process may read")
    };
    let before = fs::symlink_metadata(path).map_err(unreadable)?;
    if before.is_symlink() {
        return Err((
            format!("`{shown}` is a symbolic link: what stands behind it can be changed by others"),
            "name the file itself",
        ));
    }
    if !before.is_file() {
        return Err((format!("`{shown}` is no file"), "name a file that holds the secret and nothing else"));
    }
    let file = File::open(path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (before.dev(), before.ino()) != (opened.dev(), opened.ino()) {
            return Err((
                format!("`{shown}` was replaced while it was opened"),
                "start again when the change is done",
            ));
        }
        if opened.mode() & 0o007 != 0 {
            return Err((
                format!(
                    "`{shown}` is open to everybody on this machine (mode {:03o})",
                    opened.mode() & 0o777
                ),
                "take that right away: `chmod 600`, and replace the secret if others were here",
            ));
        }
    }
    if opened.len() > BYTES_MAX {
        return Err((
            format!("`{shown}` has {} bytes, and {BYTES_MAX} is the most", opened.len()),
            "check the path",
        ));
    }
    let mut bytes = Vec::new();
    file.take(BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err((format!("`{shown}` is not UTF-8"), "keys belong there as PEM text, tokens as they are"));
    };
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    match text.is_empty() {
        true => Err((format!("`{shown}` is empty"), "put the secret into it")),
        false => Ok(Secret::new(text)),
    }
}

#[cfg(test)]
mod tests;
