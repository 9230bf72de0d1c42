//! Finding scenario files in folders.

use std::fs;
use std::path::{Path, PathBuf};

use super::trouble::Trouble;

/// Folders of what scenarios build on.
const NOT_SCENARIOS: [&str; 3] = ["shops", "policies", "data"];

/// Every scenario below the paths, each once, sorted within each path. A file is taken as it is named.
///
/// # Errors
/// A path that does not exist, a folder that cannot be read, or no scenario at all.
pub fn scenarios(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let mut below = Vec::new();
        gather(path, &mut below)?;
        below.sort();
        below.retain(|file| !found.contains(file));
        found.extend(below);
    }
    if found.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Trouble::Usage {
            cause: format!("there is no scenario below {}", named.join(", ")),
            remedy: "a scenario is a .toml file outside shops/, policies/ and data/".to_owned(),
        });
    }
    Ok(found)
}

fn gather(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let unreadable = |cause| Trouble::Unreadable { path: path.to_owned(), cause };
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let below = entry.map_err(unreadable)?.path();
        let name = below.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if below.is_dir() {
            if !NOT_SCENARIOS.contains(&name.as_str()) {
                gather(&below, found)?;
            }
        } else if below.extension().is_some_and(|ending| ending == "toml") {
            found.push(below);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
