//! Every file that fuzzing session descriptions begins with, or once failed on, is run as an ordinary test.

#![expect(clippy::print_stdout, reason = "a failure must name its file")]

#[path = "survival/sdp.rs"]
mod sdp;

use std::{fs, path::PathBuf};

#[test]
fn descriptions_of_the_corpus_are_survived() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/sdp");
    let files: Vec<PathBuf> = fs::read_dir(folder).expect("the corpus is there").map(|entry| entry.expect("readable").path()).collect();
    assert!(files.len() > 5, "an empty corpus proves nothing");
    for file in files {
        println!("{}", file.display());
        sdp::any(&fs::read(&file).expect("readable"));
    }
}
