//! Every script that fuzzing transactions and dialogs begins with, or once failed on, is run as an ordinary test.

#![expect(clippy::print_stdout, reason = "a failure must name its file")]

#[path = "survival/history.rs"]
mod history;

use std::{fs, path::PathBuf, time::Instant};

use history::{Cast, Script, play};

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("the corpus is there").map(|entry| entry.expect("readable").path());
    let corpus: Vec<_> = files.map(|file| (file.clone(), fs::read(&file).expect("readable"))).collect();
    assert!(corpus.len() > 5, "an empty corpus proves nothing");
    corpus
}

fn all(target: &str, casts: &[Cast]) {
    for (file, bytes) in corpus(target) {
        println!("{}", file.display());
        for cast in casts {
            play(now(), *cast, &mut Script(&bytes));
        }
    }
}

#[test]
fn transactions_of_the_corpus_end() {
    all("transaction", &[Cast::Wilds]);
}

#[test]
fn dialogs_of_the_corpus_end() {
    all("dialog", &[Cast::AgentAndWild, Cast::Agents]);
}

#[expect(clippy::disallowed_methods, reason = "virtual time needs a first instant; nothing depends on which")]
fn now() -> Instant {
    Instant::now()
}
