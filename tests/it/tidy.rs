//! The arrows of docs/ARCHITECTURE.md, read from the manifests: what is not listed there may not be depended on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Folder of a crate, and the crates of this project it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("desk/model", &[]),
    ("media/audio", &[]),
    ("sip/core", &[]),
    ("media/sdp", &[]),
    ("media/ring", &[]),
    ("media/rtp", &[]),
    ("media/secure", &[]),
    ("sip/leg", &["sip/core", "media/sdp"]),
    ("desk/dialplan", &["desk/model"]),
    ("desk/acd", &["desk/model"]),
    ("desk/call", &["desk/model", "desk/dialplan"]),
    ("sip/net", &["sip/core"]),
    ("media/engine", &["media/sdp", "media/rtp", "media/secure", "media/audio", "media/ring"]),
    ("desk/store", &["desk/model"]),
    ("tests/load", &["sip/core", "media/audio", "media/secure"]),
];

/// Crates that decide: no sockets, no runtime, no database.
const DECIDING: &[&str] = &[
    "sip/core",
    "sip/leg",
    "media/sdp",
    "media/rtp",
    "media/secure",
    "media/audio",
    "desk/model",
    "desk/dialplan",
    "desk/acd",
    "desk/call",
];
const TOUCHING: &[&str] = &["tokio", "axum", "sqlx", "socket2", "mio", "reqwest", "hyper", "libc"];

#[test]
fn no_crate_uses_what_its_arrows_do_not_allow() {
    let folder_by_name = folders_by_crate_name();
    for (folder, allowed) in ARROWS {
        for dependency in dependencies(folder) {
            if let Some(target) = folder_by_name.get(&dependency) {
                assert!(allowed.contains(&target.as_str()), "{folder} uses {target}: no such arrow");
            }
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_arrows_listed() {
    let members: BTreeSet<String> = members().into_iter().collect();
    let listed: BTreeSet<String> = ARROWS.iter().map(|(folder, _)| (*folder).to_owned()).chain(["tests/kit".to_owned()]).collect();
    assert_eq!(members, listed);
}

#[test]
fn what_decides_lists_nothing_that_touches_the_outside_and_bans_the_clock() {
    for folder in DECIDING {
        for dependency in dependencies(folder) {
            assert!(!TOUCHING.contains(&dependency.as_str()), "{folder} lists {dependency}");
        }
        let lints = std::fs::read_to_string(root().join(folder).join("clippy.toml")).unwrap_or_default();
        assert!(lints.contains("std::time::Instant::now"), "{folder}/clippy.toml does not ban the clock");
    }
}

/// Threat 46: `unsafe` stands in one crate, and what is not ours comes from crates.io. (`make audit` looks at licences, and bans a second
/// provider of cryptography.)
#[test]
fn what_is_unsafe_or_from_elsewhere_is_known() {
    assert_eq!(manifest("")["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for folder in members() {
        let lints = manifest(&folder)["lints"].clone();
        let inherits = lints.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        assert!(inherits || folder == "media/ring", "{folder} does not inherit the workspace's lints");
    }
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("the lock");
    let lock: toml::Table = lock.parse().expect("the lock");
    for package in lock["package"].as_array().expect("packages") {
        let source = package.get("source").and_then(toml::Value::as_str).unwrap_or("registry+https://github.com/rust-lang/crates.io-index");
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{}", package["name"]);
    }
}

#[test]
fn sql_stands_in_the_store_alone() {
    let mut found = Vec::new();
    for file in rust_files(&root()) {
        let below = file.strip_prefix(root()).expect("below the root");
        if below.starts_with("desk/store") || below.starts_with("tests/it/tidy.rs") || below.starts_with("target") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file");
        found.extend(
            ["\"SELECT ", "\"INSERT INTO ", "\"DELETE FROM "]
                .iter()
                .filter(|sql| text.contains(*sql))
                .map(|sql| format!("{}: {sql}", below.display())),
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn members() -> Vec<String> {
    let members = manifest("")["workspace"]["members"].as_array().expect("workspace.members").clone();
    members.into_iter().map(|member| member.as_str().expect("a path").to_owned()).collect()
}

fn folders_by_crate_name() -> BTreeMap<String, String> {
    members().into_iter().map(|folder| (manifest(&folder)["package"]["name"].as_str().expect("a name").to_owned(), folder)).collect()
}

fn dependencies(folder: &str) -> Vec<String> {
    manifest(folder).get("dependencies").and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "fixtures" {
            files.extend(rust_files(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}
