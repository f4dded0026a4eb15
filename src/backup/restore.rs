//! Restoring a backup.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, BufWriter, Write as _},
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use carillon_store::{
    Db, Write,
    backup::{self, Cell, TABLES, Table},
};

use super::{
    Folders, ROWS,
    archive::{Counts, FileKind, Header, Item, Reader},
};
use crate::sounds;

/// When uploaded sounds cannot be put in place after all else was.
const AGAIN: &str = "the database is restored, its uploaded sounds are not: run the restore again with --replace";

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Recordings' files written.
    pub files: u64,
    /// Uploaded sounds written.
    pub sounds: u64,
    /// Recordings' files that the archive has and that were left in it.
    pub files_left: u64,
}

/// Puts a backup into the database and its sounds into their folder, and its recordings if theirs is given: all of it or nothing, but
/// for sounds that cannot be put in place, which a second run does. What the database holds, and the sounds that were uploaded there, are removed first if `replace`. A backup of before sounds were taken leaves sounds alone.
///
/// # Errors
/// The archive is damaged, of a newer schema, or lacks the recordings that are asked for; the database or the folder of sounds holds something and `replace` is
/// not said; the database or a file cannot be written. The database is as it was before, then.
pub async fn restore(db: &Db, file: &Path, folders: Folders<'_>, replace: bool) -> anyhow::Result<Restored> {
    let (header, counts) = check(file).with_context(|| format!("{} cannot be restored", file.display()))?;
    let recordings = folders.recordings;
    ensure!(recordings.is_none() || header.recordings, "{} holds no recordings: it was made without --recordings", file.display());
    let sounds_before = if header.sounds { sounds::uploaded(folders.sounds)? } else { Vec::new() };
    refuse_what_is_held(db, sounds_before.len(), replace).await?;
    let staged = StagedFiles {
        recordings: recordings.map(Staged::new).transpose()?,
        sounds: (counts.sounds > 0).then(|| Staged::new(folders.sounds)).transpose()?,
    };
    let mut write = db.write().await?;
    backup::clear(&mut write).await?;
    fill(&mut write, file, &header, &staged).await?;
    for table in TABLES {
        let (held, wanted) = (backup::count(&mut write, table).await?, counts.rows.get(table.name).copied().unwrap_or(0));
        ensure!(held == wanted, "{} of {wanted} rows of {} were taken by the database", held, table.name);
    }
    let StagedFiles { recordings, sounds } = staged;
    let files = recordings.map(Staged::put_in_place).transpose()?.unwrap_or(0);
    let restored = sounds.as_ref().map(|staged| sounds::uploaded(&staged.staging)).transpose()?.unwrap_or_default();
    write.commit().await?;
    // Sounds take the place of others, so that they go last: until here nothing of what was there is gone, and from here on the same restore
    // does the rest when it is done again.
    let sounds = sounds.map(Staged::put_in_place).transpose().context(AGAIN)?.unwrap_or(0);
    for old in sounds_before.iter().filter(|old| !restored.contains(old)) {
        let path = folders.sounds.join(old);
        fs::remove_file(&path).with_context(|| format!("{} cannot be removed: {AGAIN}", path.display()))?;
    }
    Ok(Restored { rows: counts.rows, files, sounds, files_left: counts.files - files })
}

/// Reads the archive to its end and checksum, before anything is touched.
fn check(file: &Path) -> anyhow::Result<(Header, Counts)> {
    let (mut reader, header) = open(file)?;
    ensure!(
        header.schema <= carillon_store::SCHEMA,
        "it was made by version {} (schema {}), which is newer than this program (schema {}): use that version",
        header.program,
        header.schema,
        carillon_store::SCHEMA
    );
    ensure!(
        header.schema >= carillon_store::OLDEST_RESTORED,
        "it was made by version {} (schema {}), which is too old to be read: restore it with a version between, and update",
        header.program,
        header.schema
    );
    for table in &header.tables {
        columns_of(table.name.as_str(), &table.columns)?;
    }
    let mut found = Counts::default();
    let mut table = String::new();
    let told = loop {
        match reader.next()? {
            Item::Table(name) => {
                ensure!(header.tables.iter().any(|table| table.name == name), "it has rows of a table that it does not announce: {name}");
                found.rows.insert(name.clone(), 0);
                table = name;
            }
            Item::Row(_) => *found.rows.entry(table.clone()).or_default() += 1,
            Item::File { kind, name, bytes } => {
                inside(&name)?;
                reader.file(bytes, &mut std::io::sink())?;
                found.add(kind);
            }
            Item::End(told) => break told,
        }
    };
    ensure!(found == told, "it does not hold what it says: {found:?} instead of {told:?}");
    Ok((header, told))
}

fn open(file: &Path) -> anyhow::Result<(Reader<BufReader<File>>, Header)> {
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Reader::new(BufReader::with_capacity(256 << 10, opened))?)
}

async fn refuse_what_is_held(db: &Db, sounds: usize, replace: bool) -> anyhow::Result<()> {
    let mut held = Vec::new();
    for table in TABLES {
        match backup::count(db, table).await? {
            0 => {}
            rows => held.push(format!("{} {rows}", table.name)),
        }
    }
    if sounds > 0 {
        held.push(format!("sounds {sounds}"));
    }
    ensure!(
        replace || held.is_empty(),
        "the database is not empty ({}): nothing was changed. --replace removes all of that first",
        held.join(", ")
    );
    Ok(())
}

async fn fill(write: &mut Write, file: &Path, header: &Header, staged: &StagedFiles) -> anyhow::Result<()> {
    let (mut reader, _) = open(file)?;
    let mut into: Option<(&'static Table, Vec<&'static str>)> = None;
    let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(ROWS as usize);
    loop {
        let item = reader.next()?;
        if !matches!(item, Item::Row(_)) || rows.len() == ROWS as usize {
            if let Some((table, columns)) = &into {
                backup::insert(write, table, columns, &rows).await.with_context(|| format!("rows of {}", table.name))?;
            }
            rows.clear();
        }
        match item {
            Item::Row(row) => rows.push(row),
            Item::Table(name) => {
                let announced = header.tables.iter().find(|table| table.name == name);
                into = Some(columns_of(&name, announced.map_or(&[], |table| &table.columns))?);
            }
            Item::File { kind, name, bytes } => match staged.of(kind) {
                Some(staged) => staged.write(&name, |to| Ok(reader.file(bytes, to)?))?,
                None => reader.file(bytes, &mut std::io::sink())?,
            },
            Item::End(_) => return Ok(()),
        }
    }
}

fn columns_of(name: &str, columns: &[String]) -> anyhow::Result<(&'static Table, Vec<&'static str>)> {
    let table = Table::named(name).with_context(|| format!("it has a table that this program does not know: {name}"))?;
    let known = |column: &String| {
        table
            .columns()
            .find(|known| known == column)
            .with_context(|| format!("it has a column that this program does not know: {name}.{column}"))
    };
    Ok((table, columns.iter().map(known).collect::<anyhow::Result<_>>()?))
}

/// A path that leads below a folder and nowhere else.
fn inside(name: &str) -> anyhow::Result<&Path> {
    let path = Path::new(name);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    ensure!(is_plain && path.components().next().is_some(), "it has a file that would not lie in its folder: {name}");
    Ok(path)
}

/// Files on their way, of each kind that is restored.
struct StagedFiles {
    recordings: Option<Staged>,
    sounds: Option<Staged>,
}

impl StagedFiles {
    fn of(&self, kind: FileKind) -> Option<&Staged> {
        match kind {
            FileKind::Recording => self.recordings.as_ref(),
            FileKind::Sound => self.sounds.as_ref(),
        }
    }
}

/// Files on their way: beside the others until all are there.
struct Staged {
    folder: PathBuf,
    staging: PathBuf,
}

impl Staged {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let staging = folder.join(".restoring");
        if staging.exists() {
            fs::remove_dir_all(&staging).with_context(|| format!("what an earlier restore left in {}", staging.display()))?;
        }
        fs::create_dir_all(&staging).with_context(|| format!("the folder {} cannot be made", staging.display()))?;
        Ok(Self { folder: folder.to_owned(), staging })
    }

    fn write(&self, name: &str, copy: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let path = self.staging.join(inside(name)?);
        let written = || format!("{} cannot be written", path.display());
        let Some(folder) = path.parent() else { bail!("{name} is no file") };
        fs::create_dir_all(folder).with_context(written)?;
        let mut to = BufWriter::new(File::create(&path).with_context(written)?);
        copy(&mut to)?;
        to.flush().and_then(|()| to.get_ref().sync_all()).with_context(written)
    }

    /// Moves every file where it belongs; how many.
    fn put_in_place(self) -> anyhow::Result<u64> {
        let mut folders = vec![self.staging.clone()];
        let mut moved = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let from = entry?.path();
                if from.is_dir() {
                    folders.push(from);
                    continue;
                }
                let to = self.folder.join(from.strip_prefix(&self.staging)?);
                let placed = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::rename(&from, &to));
                placed.with_context(|| format!("{} cannot be written", to.display()))?;
                moved += 1;
            }
        }
        Ok(moved)
    }
}

impl Drop for Staged {
    /// What is left in it was not restored.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.staging);
    }
}
