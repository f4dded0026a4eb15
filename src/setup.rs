//! Bringing the database in line with a setup file: `carillon apply`, the demo, and tests.

use std::path::Path;

use anyhow::Context;
use carillon_model::IdSource;
use carillon_sip_core::digest::Ha1;
use carillon_store::{
    Db, DigestSecret,
    setup::{ApplyError, Changes, Secrets, Setup, apply},
};
use jiff::Timestamp;

use crate::{
    auth::password,
    config::{Config, Problem, place},
};

/// Applies a setup file to the database of a configuration; says what changed.
///
/// # Errors
/// Every problem of the file, with its line or its field; or that the database refuses.
pub async fn apply_file(config: &Config, file: &Path, text: &str) -> Result<Changes, Vec<Problem>> {
    let whole = |error: &dyn std::fmt::Display| vec![Problem::whole_file(file, error.to_string())];
    let setup: Setup = toml::from_str(text).map_err(|error| vec![Problem::from_toml(file, text, &error)])?;
    let db = Db::open(&config.database.url).await.map_err(|error| whole(&error))?;
    let applied = apply_setup(&db, &setup, &config.sip.realm).await;
    db.close().await;
    applied.map_err(|error| match error {
        ApplyError::Setup(problems) => {
            problems.iter().map(|problem| Problem::at(file, text, place::of_entry(text, &problem.field), problem.to_string())).collect()
        }
        ApplyError::Store(error) => whole(&error),
    })
}

/// Applies a setup text that came with the program.
///
/// # Errors
/// The text is wrong, or the database refuses.
pub async fn apply_text(db: &Db, text: &str, realm: &str) -> anyhow::Result<Changes> {
    let setup: Setup = toml::from_str(text).context("the setup")?;
    Ok(apply_setup(db, &setup, realm).await?)
}

async fn apply_setup(db: &Db, setup: &Setup, realm: &str) -> Result<Changes, ApplyError> {
    apply(db, setup, &Hashes { realm }, &mut IdSource::new(rand::random()), Timestamp::now()).await
}

/// How this program turns passwords into what is stored.
struct Hashes<'a> {
    realm: &'a str,
}

impl Secrets for Hashes<'_> {
    fn hash_password(&self, text: &str) -> Result<String, String> {
        Ok(tokio::task::block_in_place(|| password::hash_blocking(text)))
    }

    fn is_password(&self, text: &str, hash: &str) -> bool {
        tokio::task::block_in_place(|| password::is_blocking(text, hash))
    }

    fn phone_secret(&self, name: &str, text: &str) -> DigestSecret {
        self.digest_secret(name, self.realm, text)
    }

    fn digest_secret(&self, user: &str, realm: &str, text: &str) -> DigestSecret {
        let ha1 = Ha1::from_password(user, realm, text);
        DigestSecret { ha1_md5: ha1.md5_hex(), ha1_sha256: ha1.sha256_hex() }
    }
}
