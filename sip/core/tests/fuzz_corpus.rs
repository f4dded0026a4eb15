//! Every file that fuzzing begins with, or once failed on, is run as an ordinary test.

#![expect(clippy::print_stdout, reason = "a failure must name its file")]

#[path = "survival/digest.rs"]
mod digest;
#[path = "survival/endpoint.rs"]
mod endpoint;
#[path = "survival/message.rs"]
mod message;
#[path = "survival/stun.rs"]
mod stun;
#[path = "survival/uri.rs"]
mod uri;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("the corpus is there").map(|entry| entry.expect("readable").path());
    let corpus: Vec<_> = files.map(|file| (file.clone(), fs::read(&file).expect("readable"))).collect();
    assert!(corpus.len() > 5, "an empty corpus proves nothing");
    corpus
}

#[test]
fn messages_of_the_corpus_are_survived() {
    let now = now();
    for (file, bytes) in corpus("message") {
        println!("{}", file.display());
        message::datagram(&bytes);
        for piece in [1, 5, 700] {
            message::stream(&bytes, &[piece]);
        }
        endpoint::both(now, &bytes);
    }
}

#[test]
fn digest_headers_of_the_corpus_are_survived() {
    let now = now();
    for (file, bytes) in corpus("digest") {
        println!("{}", file.display());
        digest::header(now, &bytes);
    }
}

#[test]
fn stun_of_the_corpus_is_survived() {
    for (file, bytes) in corpus("stun") {
        println!("{}", file.display());
        stun::any(&bytes);
    }
}

#[test]
fn uris_of_the_corpus_are_survived() {
    for (file, bytes) in corpus("uri") {
        println!("{}", file.display());
        uri::any(&bytes);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
fn now() -> Instant {
    Instant::now()
}
