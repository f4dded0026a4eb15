//! The file that keeps facts while the database refuses: a JSON line each, on disk before anybody is told so.

use std::{
    io::{self, SeekFrom},
    path::{Path, PathBuf},
};

use carillon_model::Entry;
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncBufReadExt, AsyncSeekExt, AsyncWriteExt, BufReader},
};

/// The spool file.
pub(super) struct Spool {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    /// Bytes of them that are in the database.
    landed: u64,
    max: u64,
    unreadable: u64,
}

impl Spool {
    /// Opens or makes the file, private to its owner: facts hold callers' numbers.
    pub(super) async fn open(path: &Path, max: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(path).await?;
        let length = file.metadata().await?.len();
        Ok(Self { path: path.to_owned(), file, length, landed: 0, max, unreadable: 0 })
    }

    /// Bytes that have not landed.
    pub(super) fn waiting(&self) -> u64 {
        self.length - self.landed
    }

    /// Adds entries and has the disk confirm them; all or none.
    pub(super) async fn append<'a>(&mut self, entries: impl Iterator<Item = &'a Entry>) -> io::Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        let added = lines.len() as u64;
        if self.length + added > self.max {
            return Err(io::Error::new(io::ErrorKind::StorageFull, format!("the spool file has reached its {} bytes", self.max)));
        }
        let written = async {
            self.file.write_all(&lines).await?;
            self.file.flush().await?;
            self.file.sync_data().await
        };
        match written.await {
            Ok(()) => {
                self.length += added;
                Ok(())
            }
            Err(error) => {
                // Half a line would spoil the next one.
                self.file.set_len(self.length).await?;
                Err(error)
            }
        }
    }

    /// The next entries that have not landed, at most `limit`, and how many bytes they are.
    pub(super) async fn next(&mut self, limit: usize) -> io::Result<(Vec<Entry>, u64)> {
        let mut file = File::open(&self.path).await?;
        file.seek(SeekFrom::Start(self.landed)).await?;
        let (mut lines, mut bytes, mut entries, mut line) = (BufReader::new(file), 0, Vec::new(), Vec::new());
        while entries.len() < limit {
            line.clear();
            let read = lines.read_until(b'\n', &mut line).await?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            match serde_json::from_slice(&line) {
                Ok(entry) => entries.push(entry),
                // The last line a crash cut short was never confirmed to anybody.
                Err(_) if line.last() != Some(&b'\n') => {}
                Err(error) => {
                    self.unreadable += 1;
                    tracing::error!(spool = %self.path.display(), at = self.landed + bytes, %error, "a spooled fact cannot be read");
                }
            }
        }
        Ok((entries, bytes))
    }

    /// Notes that the next `bytes` are in the database. When all are, the file is emptied; one with lines nobody could read is kept aside.
    pub(super) async fn landed(&mut self, bytes: u64) -> io::Result<()> {
        self.landed += bytes;
        if self.landed < self.length {
            return Ok(());
        }
        if self.unreadable > 0 {
            let aside = self.path.with_extension("unreadable");
            tracing::error!(lines = self.unreadable, kept = %aside.display(), "the spool file held lines that could not be read");
            tokio::fs::rename(&self.path, aside).await?;
            *self = Self::open(&self.path, self.max).await?;
            return Ok(());
        }
        self.file.set_len(0).await?;
        self.file.sync_data().await?;
        (self.length, self.landed) = (0, 0);
        Ok(())
    }
}
