//! Who may know whom: every `crate::` path in the sources, with or without `use`, against the table of rooms.

use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms that it may name beside itself. `*` stands for all.
const ROOMS: [(&str, &[&str]); 18] = [
    ("domain", &[]),
    ("ledger", &["domain"]),
    ("policy", &["domain"]),
    ("ports", &["domain"]),
    ("engine", &["domain", "ledger", "policy", "ports", "reconcile"]),
    ("reconcile", &["domain", "ledger", "policy", "ports"]),
    ("platforms", &["domain", "ports"]),
    ("store", &["domain", "ports"]),
    ("scenario", &["domain", "policy"]),
    ("sim", &["*"]),
    ("sim/oracle", &["domain", "scenario"]),
    ("mocks", &["domain", "platforms"]),
    ("intake", &["domain", "ports", "platforms"]),
    (
        "runtime",
        &["domain", "ledger", "policy", "ports", "engine", "reconcile", "platforms", "store", "intake"],
    ),
    ("console", &["*"]),
    ("report", &["*"]),
    ("cli", &["*"]),
    ("main", &["*"]),
];

/// What a room may name of a room that it may use only in part.
const PARTS: [(&str, &str, &[&str]); 3] = [
    ("mocks", "platforms::shopify::", &["wire", "operation", "cost"]),
    ("mocks", "platforms::netsuite::", &["wire", "operation", "query", "auth::signature"]),
    ("intake", "platforms::shopify::", &["wire", "auth"]),
];

#[test]
fn each_room_names_only_the_rooms_that_it_may_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "mocks"] {
        rust_files(&root.join(folder), &mut files);
    }
    assert!(files.len() > 30, "the sources were found");
    let mut broken = Vec::new();
    for file in &files {
        let path = file.strip_prefix(root).unwrap();
        let Some(room) = room_of(path) else { continue };
        let allowed =
            ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is no room")).1;
        let source = fs::read_to_string(file).unwrap();
        let is_test =
            path.to_string_lossy().ends_with("tests.rs") || path.to_string_lossy().contains("/tests/");
        for target in crate_paths(&source) {
            let head = target.split("::").next().unwrap();
            let own = room.split('/').next().unwrap();
            if allowed == ["*"] || is_test && head == own {
                continue;
            }
            let same_room =
                if room == "sim/oracle" { target.starts_with("sim::oracle") } else { head == own };
            if !same_room && !allowed.contains(&head) {
                broken.push(format!("{}: {room} may not use crate::{target}", path.display()));
            }
            for (by, prefix, parts) in PARTS {
                let Some(rest) = target.strip_prefix(prefix) else { continue };
                if by == room && !rest.is_empty() && !parts.iter().any(|part| rest.starts_with(part)) {
                    broken.push(format!("{}: {room} may not use crate::{target}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn paths_inside_braces_are_read_too() {
    let source = "use crate::{domain::Money, ports::{Store, store::Hint}};\nlet x = crate::sim::world();";
    assert_eq!(crate_paths(source), ["domain::Money", "ports::Store", "ports::store::Hint", "sim::world"]);
}

fn room_of(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy().replace('\\', "/");
    if text == "src/lib.rs" {
        return None;
    }
    let below = text.strip_prefix("src/").unwrap_or(&text);
    let named = |name: &str| below == format!("{name}.rs") || below.starts_with(&format!("{name}/"));
    let longest =
        ROOMS.iter().map(|(name, _)| *name).filter(|name| named(name)).max_by_key(|name| name.len());
    Some(longest.unwrap_or_else(|| panic!("{text} lies in no room")))
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// Every path that begins with `crate::`, braces spread out. Comments are left out.
fn crate_paths(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        spread(&code[at + "crate::".len()..], String::new(), &mut paths);
    }
    paths
}

/// Reads one path, spreading braces, and returns what follows it.
fn spread<'a>(mut rest: &'a str, prefix: String, paths: &mut Vec<String>) -> &'a str {
    let mut path = prefix;
    loop {
        rest = rest.trim_start();
        if let Some(inner) = rest.strip_prefix('{') {
            rest = inner;
            loop {
                rest = spread(rest, path.clone(), paths).trim_start();
                match rest.strip_prefix(',') {
                    Some(more) if !more.trim_start().starts_with('}') => rest = more,
                    Some(more) => rest = more,
                    None => return rest.strip_prefix('}').unwrap_or(rest),
                }
                if let Some(after) = rest.trim_start().strip_prefix('}') {
                    return after;
                }
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        path.push_str(&rest[..end]);
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(more) => {
                path.push_str("::");
                rest = more;
            }
            None => {
                paths.push(path);
                return rest;
            }
        }
    }
}
