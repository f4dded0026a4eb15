//! docs/ARCHITECTURE.md names real files and real functions.

use std::{collections::BTreeMap, path::Path};

/// Where the tree begins: what stands in backticks and begins so is a path.
const TOPS: &[&str] = &["sip/", "media/", "desk/", "src/", "tests/", "dialplans/", "fixtures/", "fuzz/", "docs/"];

#[test]
fn every_file_and_function_the_architecture_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md");
    let (mut wrong, mut sources, mut functions) = (Vec::new(), BTreeMap::new(), 0);
    let mut file = String::new();
    for word in text.split('`').skip(1).step_by(2) {
        if TOPS.iter().any(|top| word.starts_with(top)) {
            file = word.to_owned();
            if !root.join(word).exists() {
                wrong.push(format!("there is no {word}"));
            }
        } else if let Some(function) = word.strip_suffix("()").filter(|_| file.ends_with(".rs")) {
            functions += 1;
            let source = sources.entry(file.clone()).or_insert_with(|| std::fs::read_to_string(root.join(&file)).unwrap_or_default());
            if !source.contains(&format!("fn {function}(")) && !source.contains(&format!("fn {function}<")) {
                wrong.push(format!("{file} has no function {function}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(functions > 50, "the walk was not read: only {functions} functions in it");
}
