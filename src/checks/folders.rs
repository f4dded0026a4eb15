//! Folders that have to be written to.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Finding;
use crate::config::Config;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let spool = config.database.spool.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let database = config.database.url.strip_prefix("sqlite:").map(|file| Path::new(file).parent().unwrap_or(Path::new(".")));
    let folders = [
        ("the recordings folder", Some(config.recordings.folder.as_path())),
        ("the spool file's folder", Some(spool)),
        ("the database's folder", database),
    ];
    folders.into_iter().filter_map(|(what, folder)| writable(what, folder?).err()).collect()
}

/// Tries it where the folder is, or would be made.
fn writable(what: &str, folder: &Path) -> Result<(), Finding> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists()).filter(|ancestor| !ancestor.as_os_str().is_empty());
    let there = there.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let done = if there == folder { "written" } else { "made" };
    try_write(&there).map_err(|error| Finding::grave(format!("{what} {} cannot be {done}: {error}", folder.display())))
}

fn try_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".carillon-{}", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}
