//! `carillon backup` and `carillon restore`

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, ensure};
use carillon_store::Db;

use super::{problems, say};
use crate::{backup, config::Config};

/// Writes everything the database holds, and the uploaded prompts and music, to one file, while the server goes on. It restores on SQLite and PostgreSQL alike.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The file to write. It appears once it is whole, and replaces one of that name.
    file: PathBuf,
    /// Takes the recordings' files too.
    #[arg(long)]
    recordings: bool,
    /// The configuration of the server it is of.
    #[arg(long, default_value = "carillon.toml", env = "CARILLON_CONFIG")]
    config: PathBuf,
}

/// Puts a backup into the configured database, and its sounds into their folder: all of it, or nothing when anything is wrong. The server must be stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
    /// Restores the recordings' files too, into the recordings folder.
    #[arg(long)]
    recordings: bool,
    /// Removes what the database holds first, and the uploaded sounds. Without it what is not empty is refused.
    #[arg(long)]
    replace: bool,
    /// The configuration of the server it is for.
    #[arg(long, default_value = "carillon.toml", env = "CARILLON_CONFIG")]
    config: PathBuf,
}

impl Backup {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config).map_err(|found| problems(&found))?;
        let db = Db::open_as_it_is(&config.database.url).await?;
        let taken = backup::take(&db, &self.file, folders(&config, self.recordings)).await;
        db.close().await;
        let taken = taken?;
        tell(&taken.rows);
        say(&format!("sounds\t{}", taken.sounds));
        if self.recordings {
            say(&format!("recordings\t{}", taken.files));
        }
        if taken.missing > 0 {
            say(&format!("{} recordings have no file: they are in the backup without it", taken.missing));
        }
        say(&format!("{}: {} bytes", self.file.display(), taken.bytes));
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config).map_err(|found| problems(&found))?;
        let spool = &config.database.spool;
        ensure!(
            std::fs::metadata(spool).map_or(0, |spool| spool.len()) == 0,
            "the spool file {} holds facts that another database lacks: start the server on that one, or move the file away",
            spool.display()
        );
        let db = Db::open(&config.database.url).await?;
        let restored = async {
            let _claim = db.claim().await.context("stop the server first")?;
            backup::restore(&db, &self.file, folders(&config, self.recordings), self.replace).await
        };
        let restored = restored.await;
        db.close().await;
        let restored = restored?;
        tell(&restored.rows);
        say(&format!("sounds\t{}", restored.sounds));
        if self.recordings {
            say(&format!("recordings\t{}", restored.files));
        }
        if restored.files_left > 0 {
            say(&format!("{} recordings\u{2019} files were left in the backup: --recordings restores them too", restored.files_left));
        }
        say(&format!("{}: restored", self.file.display()));
        Ok(())
    }
}

fn folders(config: &Config, recordings: bool) -> backup::Folders<'_> {
    let recordings = recordings.then_some(config.recordings.folder.as_path());
    backup::Folders { recordings, sounds: &config.dialplan.sounds }
}

fn tell(rows: &BTreeMap<String, u64>) {
    for (table, rows) in rows {
        say(&format!("{table}\t{rows}"));
    }
}
