//! Every file that fuzzing STUN begins with, or once failed on, is run as an ordinary test.

#![expect(clippy::print_stdout, reason = "a failure must name its file")]

#[path = "survival/stun.rs"]
mod stun;

use std::{fs, path::PathBuf, time::Instant};

#[test]
fn stun_of_the_corpus_is_survived() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/stun");
    let files: Vec<PathBuf> = fs::read_dir(folder).expect("the corpus is there").map(|entry| entry.expect("readable").path()).collect();
    assert!(files.len() > 5, "an empty corpus proves nothing");
    for file in files {
        println!("{}", file.display());
        stun::any(now(), &fs::read(&file).expect("readable"));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
fn now() -> Instant {
    Instant::now()
}
