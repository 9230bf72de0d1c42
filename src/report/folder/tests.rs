use super::*;
use crate::report::tests::{broken, certification, outcome};

/// A folder of this test's own, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("plimsoll-folder-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_certification_leaves_whole_files_and_nothing_beside_them() {
    let scratch = Scratch::new("whole");
    let folder = Folder::prepare(&scratch.0.join("out")).unwrap();
    let certification = certification(vec![outcome("lost/answers", vec![broken(1207)])]);
    folder.write(&certification).unwrap();
    folder.write(&certification).unwrap();
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["cases", "junit.xml", "report.json", "summary.md"]);
    let finding = &certification.findings.all()[0];
    let case = fs::read_to_string(folder.case_path(finding, &certification.outcomes[0].subject)).unwrap();
    let case: Case = serde_json::from_str(&case).unwrap();
    assert_eq!((case.seed, &*case.trace_hash), (1207, &*finding.trace_hash));
}

#[test]
fn a_file_in_place_of_the_folder_is_found_out_at_once() {
    let scratch = Scratch::new("file");
    let file = scratch.0.join("taken");
    fs::write(&file, "").unwrap();
    let refused = Folder::prepare(&file).unwrap_err();
    assert!(refused.to_string().contains("taken` cannot be written"), "{refused}");
}
