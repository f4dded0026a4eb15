//! Every file that fuzzing WebSockets begins with, or once failed on, is run as an ordinary test.

#![expect(clippy::print_stdout, reason = "a failure must name its file")]

#[path = "survival/websocket.rs"]
mod websocket;

use std::{fs, path::PathBuf};

#[test]
fn frames_of_the_corpus_are_survived() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/websocket");
    let files: Vec<PathBuf> = fs::read_dir(folder).expect("the corpus is there").map(|entry| entry.expect("readable").path()).collect();
    assert!(files.len() > 5, "an empty corpus proves nothing");
    let mut server = websocket::Server::start();
    for file in files {
        println!("{}", file.display());
        server.any(&fs::read(&file).expect("readable"));
    }
}
