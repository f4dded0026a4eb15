//! Messages that were once good, damaged in many ways, the same at every run.

use std::{fs, path::Path};

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Every fixture of the torture list: name and bytes.
pub(super) fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sip/torture");
    let files = fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("readable").path());
    let mut fixtures: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "sip"))
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a fixture")))
        .collect();
    fixtures.sort();
    assert_eq!(fixtures.len(), 61);
    fixtures
}

/// Makes damaged messages for ever.
pub(super) struct Mutants {
    random: StdRng,
    parents: Vec<Vec<u8>>,
}

impl Mutants {
    pub(super) fn new(seed: u64, good: &[String]) -> Self {
        let fixtures = fixtures().into_iter().map(|(_, bytes)| bytes);
        // Good ones often: what is almost right gets furthest.
        let good = good.iter().map(|text| text.clone().into_bytes()).cycle().take(120);
        Self { random: StdRng::seed_from_u64(seed), parents: fixtures.chain(good).collect() }
    }

    pub(super) fn next(&mut self) -> Vec<u8> {
        let parent = self.random.random_range(0..self.parents.len());
        let mut message = self.parents[parent].clone();
        for _ in 0..self.random.random_range(1..=4) {
            self.damage(&mut message);
        }
        message.truncate(60_000);
        message
    }

    fn damage(&mut self, message: &mut Vec<u8>) {
        if message.is_empty() {
            return;
        }
        let at = self.random.random_range(0..message.len());
        let until = (at + self.random.random_range(1..64)).min(message.len());
        match self.random.random_range(0..8) {
            0 => message[at] = self.random.random(),
            1 => message.truncate(at),
            2 => {
                message.drain(at..until);
            }
            3 => {
                let copy = message[at..until].repeat(self.random.random_range(1..200));
                message.splice(at..at, copy);
            }
            4 => {
                let words: [&[u8]; 10] =
                    [b"\r\n", b"\r\n\r\n", b"\0", b"99999999999999999999", b"-1", b";;;;", b"<<<>", b"\"", b"\xff\xfe", b"%00%zz"];
                let word = words[self.random.random_range(0..words.len())];
                message.splice(at..at, word.iter().copied());
            }
            5 => self.swap_lines(message),
            6 => self.repeat_line(message),
            _ => {
                for byte in &mut message[at..until] {
                    if byte.is_ascii_digit() {
                        *byte = b'0' + self.random.random_range(0..10);
                    }
                }
            }
        }
    }

    fn swap_lines(&mut self, message: &mut Vec<u8>) {
        let mut lines: Vec<&[u8]> = message.split(|byte| *byte == b'\n').collect();
        let (one, other) = (self.random.random_range(0..lines.len()), self.random.random_range(0..lines.len()));
        lines.swap(one, other);
        *message = lines.join(&b'\n');
    }

    fn repeat_line(&mut self, message: &mut Vec<u8>) {
        let lines: Vec<&[u8]> = message.split(|byte| *byte == b'\n').collect();
        let line = lines[self.random.random_range(0..lines.len())];
        let many = vec![line; self.random.random_range(2..400)];
        *message = [lines.as_slice(), &many].concat().join(&b'\n');
    }
}
