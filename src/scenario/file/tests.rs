use super::*;

/// The checked-in schema is what the structs say. When it is not, the test writes it anew: look at the change,
/// commit it, and run again.
#[test]
fn the_schema_in_the_binary_describes_the_file_structs() {
    let schema = schemars::schema_for!(ScenarioFile);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if text != crate::scenario::load::SCHEMA {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenario/schema.json");
        std::fs::write(&path, text).unwrap();
        panic!("{} was out of date and has been written anew", path.display());
    }
}
