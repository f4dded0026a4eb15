//! The pages of docs/ say what is true: files, functions and dependencies that they name are there.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Where the tree begins: what stands in backticks and begins so is a path.
const TOPS: &[&str] = &["sip/", "media/", "desk/", "src/", "tests/", "dialplans/", "fixtures/", "fuzz/", "docs/", "web/"];

#[test]
fn every_file_that_the_pages_name_exists() {
    let pages =
        ["docs/ARCHITECTURE.md", "docs/FEATURES.md", "docs/OPERATIONS.md", "docs/decisions/media-pollers.md", "docs/decisions/journal.md"];
    for page in pages {
        let wrong: Vec<_> = quoted(&read(page)).into_iter().filter(|word| is_path(word) && !root().join(word).exists()).collect();
        assert!(wrong.is_empty(), "{page} names what is not there: {wrong:#?}");
    }
}

#[test]
fn every_function_on_the_way_of_a_datagram_exists() {
    let (mut wrong, mut functions, mut file) = (Vec::new(), 0, String::new());
    for word in quoted(&read("docs/ARCHITECTURE.md")) {
        if is_path(&word) {
            file = word;
        } else if let Some(function) = word.strip_suffix("()") {
            functions += 1;
            let source = read(&file);
            if !source.contains(&format!("fn {function}(")) && !source.contains(&format!("fn {function}<")) {
                wrong.push(format!("{file}: {function}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(functions > 50, "the walk was not read: only {functions} functions in it");
}

#[test]
fn every_dependency_has_its_line_and_no_other_has() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("the root manifest");
    let listed = manifest["workspace"]["dependencies"].as_table().expect("workspace.dependencies");
    let used: BTreeSet<&str> = listed.keys().map(String::as_str).filter(|name| !name.starts_with("carillon-")).collect();
    let page = read("docs/decisions/dependencies.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let described: BTreeSet<&str> = rows.filter(|name| *name != "crate").collect();
    assert_eq!(described, used);
}

#[test]
fn the_sample_setup_can_be_applied() {
    let setup: carillon_store::setup::Setup = toml::from_str(&read("docs/setup.toml")).expect("docs/setup.toml");
    assert_eq!(setup.check(), Ok(()));
}

/// What stands in backticks, in order.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_path(word: &str) -> bool {
    TOPS.iter().any(|top| word.starts_with(top))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
