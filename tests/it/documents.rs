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

/// What is said to be proved is proved by a file that names it: somebody who changes the test knows what falls with it.
#[test]
fn every_behaviour_is_named_by_a_test_that_proves_it() {
    let page = read("docs/FEATURES.md");
    let (mut unnamed, mut proved) = (Vec::new(), 0);
    for row in page.lines() {
        let cells: Vec<&str> = row.split(" | ").collect();
        let (Some(id), Some(state), Some(proof)) = (cells.first().and_then(|id| id.strip_prefix("| ")), cells.get(2), cells.get(3)) else {
            continue;
        };
        let is_id = id.ends_with(|c: char| c.is_ascii_digit()) && id.starts_with(|c: char| c.is_ascii_uppercase());
        let files: Vec<String> = quoted(proof).into_iter().filter(|word| is_path(word)).collect();
        if !is_id || *state == "not yet" || files.is_empty() {
            continue;
        }
        proved += 1;
        if !files.iter().any(|file| names(&read(file), id)) {
            unnamed.push(id.to_owned());
        }
    }
    assert!(unnamed.is_empty(), "no file that is said to prove them names {unnamed:?}");
    assert!(proved > 100, "the tables were not read: only {proved} rows are proved");
}

/// Whether a text names an id: alone, or as one of a range such as `A16-A19`.
fn names(text: &str, id: &str) -> bool {
    let number = |id: &str| id.trim_start_matches(|c: char| c.is_ascii_uppercase()).parse::<u32>().ok();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
    words.iter().any(|word| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let letters = id.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_of_these = |end: &str| end.trim_end_matches(|c: char| c.is_ascii_digit()) == letters;
        is_of_these(first) && is_of_these(last) && number(id).is_some_and(|id| number(first) <= Some(id) && Some(id) <= number(last))
    })
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
