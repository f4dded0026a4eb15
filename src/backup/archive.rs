//! The archive: lines of JSON, rows as arrays, recordings and uploaded sounds as bytes between them, and at the end the SHA-256 of all that came before.
//!
//! ```text
//! {"carillon_backup":1,"schema":4,...}      what it is, and the tables with their columns
//! {"table":"user"}                          rows of this table follow
//! ["0192...","anna",...,3]                  one row
//! {"file":"2026/11/22/X.wav","bytes":160044}
//! (so many bytes, then a newline)
//! {"sound":"music/hold.wav","bytes":80044}
//! (the same)
//! {"end":{"rows":{"user":5,...},"files":1,"sounds":1}}
//! {"sha256":"..."}
//! ```
//! It is written and read once, from beginning to end, in memory of one row.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read, Write},
};

use carillon_store::backup::Cell;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of this format. The first had no sounds.
pub(super) const FORMAT: u32 = 2;
/// A longer line is no line of ours.
const LINE_MAX: u64 = 64 << 20;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    /// The format's version.
    pub(super) carillon_backup: u32,
    /// Version of the program that wrote it.
    pub(super) program: String,
    /// Step of the schema the rows are of.
    pub(super) schema: i64,
    /// What it was taken from, for people.
    pub(super) engine: String,
    /// When.
    pub(super) taken_at: Timestamp,
    /// Whether the recordings' files are in it.
    pub(super) recordings: bool,
    /// Whether the uploaded sounds are in it.
    #[serde(default)]
    pub(super) sounds: bool,
    /// The tables, in the order they come.
    pub(super) tables: Vec<Columns>,
}

/// A table's columns, in the order of its rows' values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Columns {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// What it held in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) rows: BTreeMap<String, u64>,
    pub(super) files: u64,
    #[serde(default)]
    pub(super) sounds: u64,
}

impl Counts {
    /// One more file.
    pub(super) fn add(&mut self, kind: FileKind) {
        match kind {
            FileKind::Recording => self.files += 1,
            FileKind::Sound => self.sounds += 1,
        }
    }
}

/// What a file between the rows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Lies below the recordings folder.
    Recording,
    /// Lies below the folder of uploaded sounds.
    Sound,
}

/// A line that is no row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    Table(String),
    End(Counts),
    Sha256(String),
    #[serde(untagged)]
    File {
        file: String,
        bytes: u64,
    },
    #[serde(untagged)]
    Sound {
        sound: String,
        bytes: u64,
    },
}

/// Writes an archive.
pub(super) struct Writer<W> {
    to: W,
    digest: Sha256,
    counts: Counts,
    table: String,
    position: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self { to, digest: Sha256::new(), counts: Counts::default(), table: String::new(), position: 0 };
        writer.line(header)?;
        Ok(writer)
    }

    /// Bytes so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn table(&mut self, name: &str) -> io::Result<()> {
        name.clone_into(&mut self.table);
        self.counts.rows.insert(name.to_owned(), 0);
        self.line(&Mark::Table(name.to_owned()))
    }

    pub(super) fn row(&mut self, row: &[Cell]) -> io::Result<()> {
        *self.counts.rows.entry(self.table.clone()).or_default() += 1;
        self.line(&row)
    }

    /// Copies a file of that many bytes.
    pub(super) fn file(&mut self, kind: FileKind, name: &str, bytes: u64, from: impl Read) -> io::Result<()> {
        let name_of = name.to_owned();
        self.line(&match kind {
            FileKind::Recording => Mark::File { file: name_of, bytes },
            FileKind::Sound => Mark::Sound { sound: name_of, bytes },
        })?;
        let mut from = from.take(bytes);
        let mut left = bytes;
        let mut buffer = [0; 64 << 10];
        while left > 0 {
            let read = from.read(&mut buffer)?;
            if read == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("{name} became shorter while it was read")));
            }
            self.bytes(&buffer[..read])?;
            left -= read as u64;
        }
        self.counts.add(kind);
        self.bytes(b"\n")
    }

    /// Hands what is buffered to the system, so that it can be read back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<(W, Counts)> {
        self.line(&Mark::End(self.counts.clone()))?;
        let sum = hex(&self.digest.clone().finalize());
        self.line(&Mark::Sha256(sum))?;
        self.to.flush()?;
        Ok((self.to, self.counts))
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.bytes(&line)
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.position += bytes.len() as u64;
        self.to.write_all(bytes)
    }
}

/// What comes next in an archive.
pub(super) enum Item {
    /// Rows of this table.
    Table(String),
    /// A row.
    Row(Vec<Cell>),
    /// A file: its bytes are read by [`Reader::file`] before anything else.
    File { kind: FileKind, name: String, bytes: u64 },
    /// The end: all is as it was written.
    End(Counts),
}

/// Reads an archive.
pub(super) struct Reader<R> {
    from: R,
    digest: Sha256,
    line: Vec<u8>,
    number: u64,
}

/// An archive that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damaged {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is not a backup of Carillon")]
    Foreign,
    #[error("it was made by a newer version (format {0}): restore it with that one")]
    Newer(u32),
    #[error("it ends too early: the backup was not finished, or the copy of it was cut")]
    Cut,
    #[error("line {line} is not as it was written: {why}")]
    Line { line: u64, why: String },
    #[error("its checksum is wrong: something in it is not as it was written")]
    Checksum,
    #[error("there is more after its end")]
    Longer,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    pub(super) fn new(from: R) -> Result<(Self, Header), Damaged> {
        let mut reader = Self { from, digest: Sha256::new(), line: Vec::new(), number: 0 };
        #[derive(Deserialize)]
        struct Format {
            carillon_backup: u32,
        }
        if reader.next_line().is_err() {
            return Err(Damaged::Foreign);
        }
        let Ok(Format { carillon_backup }) = serde_json::from_slice(&reader.line) else { return Err(Damaged::Foreign) };
        if carillon_backup > FORMAT {
            return Err(Damaged::Newer(carillon_backup));
        }
        let header = serde_json::from_slice(&reader.line).map_err(|error| reader.wrong(error))?;
        reader.digest.update(&reader.line);
        Ok((reader, header))
    }

    /// Reads on from somewhere in an archive that is being written: nothing is held against a checksum.
    pub(super) fn midway(from: R) -> Self {
        Self { from, digest: Sha256::new(), line: Vec::new(), number: 0 }
    }

    /// What comes next. With the end the checksum is held against all that came before.
    pub(super) fn next(&mut self) -> Result<Item, Damaged> {
        let item = self.item()?;
        self.digest.update(&self.line);
        let Item::End(counts) = item else { return Ok(item) };
        let sum = hex(&self.digest.clone().finalize());
        match self.mark_line()? {
            Mark::Sha256(said) if said == sum => {}
            _ => return Err(Damaged::Checksum),
        }
        if !self.from.fill_buf()?.is_empty() {
            return Err(Damaged::Longer);
        }
        Ok(Item::End(counts))
    }

    /// What comes next, whatever the checksum will say.
    pub(super) fn item(&mut self) -> Result<Item, Damaged> {
        self.next_line()?;
        if self.line.first() == Some(&b'[') {
            return serde_json::from_slice(&self.line).map(Item::Row).map_err(|error| self.wrong(error));
        }
        match self.mark()? {
            Mark::Table(name) => Ok(Item::Table(name)),
            Mark::File { file, bytes } => Ok(Item::File { kind: FileKind::Recording, name: file, bytes }),
            Mark::Sound { sound, bytes } => Ok(Item::File { kind: FileKind::Sound, name: sound, bytes }),
            Mark::End(counts) => Ok(Item::End(counts)),
            Mark::Sha256(_) => Err(self.wrong("a checksum before the end")),
        }
    }

    /// The bytes of the file that was just announced, copied to `to`.
    pub(super) fn file(&mut self, bytes: u64, to: &mut impl Write) -> Result<(), Damaged> {
        let mut left = bytes;
        while left > 0 {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Err(Damaged::Cut);
            }
            let some = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            self.digest.update(&buffer[..some]);
            to.write_all(&buffer[..some])?;
            self.from.consume(some);
            left -= some as u64;
        }
        self.next_line()?;
        self.digest.update(&self.line);
        if self.line == b"\n" { Ok(()) } else { Err(self.wrong("a file is longer than was said")) }
    }

    fn mark_line(&mut self) -> Result<Mark, Damaged> {
        self.next_line()?;
        self.mark()
    }

    fn mark(&self) -> Result<Mark, Damaged> {
        serde_json::from_slice(&self.line).map_err(|error| self.wrong(error))
    }

    fn next_line(&mut self) -> Result<(), Damaged> {
        self.line.clear();
        self.number += 1;
        (&mut self.from).take(LINE_MAX).read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') { Ok(()) } else { Err(Damaged::Cut) }
    }

    fn wrong(&self, why: impl ToString) -> Damaged {
        Damaged::Line { line: self.number, why: why.to_string() }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let header = Header {
            carillon_backup: FORMAT,
            program: "0.1.0".to_owned(),
            schema: 4,
            engine: "sqlite".to_owned(),
            taken_at: Timestamp::UNIX_EPOCH,
            recordings: true,
            sounds: true,
            tables: vec![Columns { name: "user".to_owned(), columns: vec!["id".to_owned(), "version".to_owned()] }],
        };
        let mut writer = Writer::new(Vec::new(), &header).expect("a header");
        writer.table("user").expect("a table");
        writer.row(&[Cell::Text("a\n\"b\"".to_owned()), Cell::Integer(-3)]).expect("a row");
        writer.row(&[Cell::Null(()), Cell::Null(())]).expect("a row");
        writer.file(FileKind::Recording, "2026/a.wav", 4, &b"\n{]\0 and more"[..]).expect("a file");
        writer.file(FileKind::Sound, "music/hold.wav", 2, &b"[\n"[..]).expect("a sound");
        writer.finish().expect("an end").0
    }

    /// The rows, the files' bytes, the counts.
    type Whole = (Vec<Vec<Cell>>, Vec<u8>, Counts);

    fn read(bytes: &[u8]) -> Result<Whole, Damaged> {
        let (mut reader, _) = Reader::new(bytes)?;
        let (mut rows, mut files) = (Vec::new(), Vec::new());
        loop {
            match reader.next()? {
                Item::Table(_) => {}
                Item::Row(row) => rows.push(row),
                Item::File { bytes, .. } => reader.file(bytes, &mut files)?,
                Item::End(counts) => return Ok((rows, files, counts)),
            }
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let (rows, files, counts) = read(&sample()).expect("a good archive");
        assert_eq!(rows[0], [Cell::Text("a\n\"b\"".to_owned()), Cell::Integer(-3)]);
        assert_eq!(rows[1], [Cell::Null(()), Cell::Null(())]);
        assert_eq!(files, b"\n{]\0[\n");
        assert_eq!(counts, Counts { rows: [("user".to_owned(), 2)].into(), files: 1, sounds: 1 });
    }

    #[test]
    fn a_cut_one_is_refused_wherever_it_is_cut() {
        let good = sample();
        for length in 0..good.len() {
            assert!(read(&good[..length]).is_err(), "cut to {length} of {}", good.len());
        }
    }

    #[test]
    fn one_with_a_byte_changed_is_refused_whichever_it_is() {
        let good = sample();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(read(&bad).is_err(), "byte {at} of {}", good.len());
        }
    }

    #[test]
    fn anything_else_is_told_apart() {
        assert!(matches!(read(b"SQLite format 3\0"), Err(Damaged::Foreign)));
        assert!(matches!(read(b"{\"carillon_backup\":3}\n"), Err(Damaged::Newer(3))));
        let longer = [sample(), b"x".to_vec()].concat();
        assert!(matches!(read(&longer), Err(Damaged::Longer)));
    }
}
