//! Taking a backup.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, BufWriter, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::Context;
use carillon_store::{
    Db, Engine,
    backup::{self, Cell, TABLES, Table},
};
use jiff::Timestamp;

use super::{
    Folders, ROWS,
    archive::{Columns, Damaged, FORMAT, FileKind, Header, Item, Reader, Writer},
};
use crate::sounds;

/// What a backup holds.
#[derive(Debug)]
pub struct Taken {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Recordings' files.
    pub files: u64,
    /// Uploaded sounds.
    pub sounds: u64,
    /// Recordings whose file is not there.
    pub missing: u64,
    /// Bytes of the archive.
    pub bytes: u64,
}

/// Writes the database as it is now to `file`, with the uploaded sounds, and with the recordings if their folder is given. The file appears once it is whole;
/// one of that name is replaced. Readable by its owner only: it holds password hashes.
///
/// # Errors
/// The database or a file cannot be read, or the archive cannot be written: nothing is left then.
pub async fn take(db: &Db, file: &Path, folders: Folders<'_>) -> anyhow::Result<Taken> {
    let partial = file.with_added_extension("partial");
    let taken = write(db, &partial, folders).await;
    if taken.is_err() {
        // There may be none yet; why it failed is what counts.
        let _ = fs::remove_file(&partial);
    }
    let taken = taken?;
    let renamed = fs::rename(&partial, file).and_then(|()| sync_folder(file));
    renamed.with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(taken)
}

async fn write(db: &Db, partial: &Path, folders: Folders<'_>) -> anyhow::Result<Taken> {
    let written = || format!("{} cannot be written", partial.display());
    let mut writer = Writer::new(BufWriter::new(create(partial).with_context(written)?), &header(db, folders.recordings.is_some()))?;
    let mut snapshot = db.snapshot().await?;
    let mut recordings_at = 0;
    for table in TABLES {
        if table.name == "recording" {
            recordings_at = writer.position();
        }
        writer.table(table.name).with_context(written)?;
        let mut after: Option<Vec<Cell>> = None;
        loop {
            let rows = backup::rows(&mut snapshot, table, after.as_deref(), ROWS).await?;
            for row in &rows {
                writer.row(row).with_context(written)?;
            }
            after = rows.last().cloned();
            if rows.len() < ROWS as usize {
                break;
            }
        }
    }
    // Files take long; the database need not wait for them.
    drop(snapshot);
    for name in sounds::uploaded(folders.sounds)? {
        // One that was removed since then is nobody's any more.
        add_file(&mut writer, FileKind::Sound, folders.sounds, &name)?;
    }
    let mut missing = 0;
    if let Some(folder) = folders.recordings {
        writer.flush().with_context(written)?;
        let mut names = Names::new(partial, recordings_at)?;
        while let Some(name) = names.next()? {
            missing += u64::from(!add_file(&mut writer, FileKind::Recording, folder, &name)?);
        }
    }
    let (to, counts) = writer.finish().with_context(written)?;
    let to = to.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(written)?;
    to.sync_all().with_context(written)?;
    Ok(Taken { rows: counts.rows, files: counts.files, sounds: counts.sounds, missing, bytes: to.metadata()?.len() })
}

/// Adds a file, as far as it is written by now; false if there is none.
fn add_file(writer: &mut Writer<BufWriter<File>>, kind: FileKind, folder: &Path, name: &str) -> anyhow::Result<bool> {
    let path = folder.join(name);
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    match opened {
        Ok((bytes, from)) => writer.file(kind, name, bytes, from).with_context(|| format!("the file {}", path.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("the file {}", path.display())),
    }
    Ok(true)
}

fn header(db: &Db, recordings: bool) -> Header {
    let columns = |table: &Table| Columns { name: table.name.to_owned(), columns: table.columns().map(str::to_owned).collect() };
    Header {
        carillon_backup: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema: carillon_store::SCHEMA,
        engine: match db.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
        .to_owned(),
        taken_at: Timestamp::now(),
        recordings,
        sounds: true,
        tables: TABLES.iter().map(columns).collect(),
    }
}

/// The files of the recordings, read back from what has been written of the archive: there may be more of them than memory should hold.
struct Names {
    reader: Reader<BufReader<File>>,
    column: usize,
}

impl Names {
    fn new(partial: &Path, at: u64) -> anyhow::Result<Self> {
        let mut file = File::open(partial)?;
        file.seek(SeekFrom::Start(at))?;
        let mut columns = Table::named("recording").into_iter().flat_map(Table::columns);
        let column = columns.position(|column| column == "file").context("recordings name their files")?;
        Ok(Self { reader: Reader::midway(BufReader::new(file)), column })
    }

    /// The next name; `None` after the table's last row: `recording` is not the last table, or files follow it, or nothing does yet.
    fn next(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            match self.reader.item() {
                Ok(Item::Table(name)) if name == "recording" => {}
                Ok(Item::Row(row)) => {
                    if let Some(Cell::Text(name)) = row.get(self.column) {
                        return Ok(Some(name.clone()));
                    }
                }
                Ok(Item::Table(_) | Item::File { .. } | Item::End(_)) | Err(Damaged::Cut) => return Ok(None),
                Err(damaged) => return Err(damaged.into()),
            }
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A name is on disk once its folder is.
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned);
    File::open(folder)?.sync_all()
}
