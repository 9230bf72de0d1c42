use std::path::{Path, PathBuf};

use super::*;

fn shipped() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !folder.is_dir() || ["shops", "policies", "data"].contains(&name.as_str()) {
            continue;
        }
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        found.extend(files.filter(|file| file.extension().is_some_and(|ending| ending == "toml")));
    }
    found.sort();
    found
}

fn shown(error: &crate::policy::file_error::FileError) -> String {
    let mut text = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .render_report(&mut text, error)
        .unwrap();
    text
}

#[test]
fn every_shipped_scenario_loads() {
    let files = shipped();
    assert!(!files.is_empty());
    for file in files {
        if let Err(error) = Scenario::load(&file, LoadOptions::default()) {
            panic!("{}\n{}", file.display(), shown(&error));
        }
    }
}
