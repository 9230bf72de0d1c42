use super::*;
use crate::cli::tests::Scratch;

#[test]
fn scenarios_are_found_sorted_and_what_they_build_on_is_left_out() {
    let scratch = Scratch::new("discover");
    for name in [
        "peak/b.toml",
        "peak/a.toml",
        "lost/x.toml",
        "shops/s.toml",
        "policies/p.toml",
        "data/d.toml",
        "lost/notes.md",
        ".git/c.toml",
    ] {
        let path = scratch.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let found = scenarios(std::slice::from_ref(&scratch.0)).unwrap();
    let names: Vec<String> =
        found.iter().map(|path| path.strip_prefix(&scratch.0).unwrap().display().to_string()).collect();
    assert_eq!(names, ["lost/x.toml", "peak/a.toml", "peak/b.toml"]);
    let twice = scenarios(&[scratch.0.join("peak/b.toml"), scratch.0.join("peak")]).unwrap();
    assert_eq!(twice.len(), 2, "each once");
}

#[test]
fn a_folder_without_scenarios_is_bad_usage() {
    let scratch = Scratch::new("empty");
    let refused = scenarios(std::slice::from_ref(&scratch.0)).unwrap_err();
    assert!(refused.to_string().contains("no scenario"), "{refused}");
    assert!(scenarios(&[scratch.0.join("missing")]).is_err());
}
