//! Trunks.

use carillon_model::{Trunk, TrunkAccount, TrunkId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    DigestSecret, Error, Reader, Write,
    audit::{SECRET, body},
    query::{Q, Row, statements, word},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, name, host, port, transport, secured, located, options, large_by_tcp, account_user, account_realm, account_ha1_md5, account_ha1_sha256,
                account_register, account_register_s, max_calls, max_calls_per_hour, media_security, version, created_at, updated_at FROM trunk ",
            $tail
        )
    };
}

statements! { "trunk":
    ALL = select!("ORDER BY name");
    GET = select!("WHERE id = $1");
    BY_NAME = select!("WHERE name = $1");
    INSERT = "INSERT INTO trunk (id, name, host, port, transport, secured, located, options, account_user, account_realm, account_register,
        account_register_s, max_calls, max_calls_per_hour, large_by_tcp, media_security, created_at, updated_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, 1)";
    UPDATE = "UPDATE trunk SET name = $3, host = $4, port = $5, transport = $6, secured = $7, located = $8, options = $9, account_user = $10,
        account_realm = $11, account_register = $12, account_register_s = $13, max_calls = $14, max_calls_per_hour = $15, large_by_tcp = $16, media_security = $17,
        updated_at = $18,
        version = version + 1 WHERE id = $1 AND version = $2";
    SET_SECRET = "UPDATE trunk SET account_ha1_md5 = $2, account_ha1_sha256 = $3 WHERE id = $1";
    DELETE = "DELETE FROM trunk WHERE id = $1";
}

/// All trunks, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<Trunk>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// All trunks with the secrets of their accounts, by name: what the signalling is set up from.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.all_with_secrets", level = "debug", skip_all)]
pub async fn all_with_secrets(from: impl Into<Reader<'_>>) -> Result<Vec<(Trunk, Option<DigestSecret>)>, Error> {
    Q::of(&ALL).all(from, |row| Ok((read(row)?.entity, read_secret(row)?))).await
}

/// The secret of a trunk's account.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.secret", level = "debug", skip_all)]
pub async fn secret(from: impl Into<Reader<'_>>, id: TrunkId) -> Result<Option<DigestSecret>, Error> {
    Ok(Q::of(&GET).bind(id).optional(from, read_secret).await?.flatten())
}

/// One trunk.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: TrunkId) -> Result<Option<Stored<Trunk>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The trunk of a name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<Stored<Trunk>>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read).await
}

/// Adds a trunk, without a secret.
///
/// # Errors
/// [`Error::Taken`]: the name or address is another's. [`Error::Invalid`].
#[instrument(name = "db.trunk.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, trunk: &Trunk, now: Timestamp) -> Result<(), Error> {
    bind(Q::of(&INSERT).bind(trunk.id), trunk).bind(now).run(write).await?;
    write.note("trunk", trunk.id.to_string(), None, body(trunk)).await
}

/// Changes a trunk, but not its account's secret, which another user or realm makes useless: set both. Without an account it goes. The new version, or `None`: no such trunk.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`]; [`Error::Invalid`].
#[instrument(name = "db.trunk.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, trunk: &Trunk, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, trunk.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = bind(Q::of(&UPDATE).bind(trunk.id).bind(version), trunk).bind(now);
    let updated = stored::update(write, q, &GET, trunk.id.to_string(), version).await?;
    if updated.is_some() {
        write.note("trunk", trunk.id.to_string(), before, body(trunk)).await?;
        if trunk.account.is_none() {
            Q::of(&SET_SECRET).bind(trunk.id).bind(None::<String>).bind(None::<String>).run(write).await?;
        }
    }
    Ok(updated)
}

/// Sets the secret of a trunk's account; whether there is such a trunk.
///
/// # Errors
/// As every write.
#[instrument(name = "db.trunk.set_secret", level = "debug", skip_all)]
pub async fn set_secret(write: &mut Write, id: TrunkId, secret: &DigestSecret) -> Result<bool, Error> {
    let q = Q::of(&SET_SECRET).bind(id).bind(secret.ha1_md5.as_str()).bind(secret.ha1_sha256.as_str());
    let changed = q.run(write).await? == 1;
    if changed {
        write.note("trunk", id.to_string(), None, Some(SECRET.to_owned())).await?;
    }
    Ok(changed)
}

/// Removes a trunk; whether there was one.
///
/// # Errors
/// [`Error::Linked`]: an outbound route still goes to it.
#[instrument(name = "db.trunk.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: TrunkId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("trunk", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

fn bind(q: Q, trunk: &Trunk) -> Q {
    let (transport, port, secured) = match trunk.transport.as_str() {
        "tls" => ("tcp", 5061, true),
        "dns" => ("udp", 5060, false),
        plain => (plain, 5060, false),
    };
    let located = match (trunk.port, trunk.transport.as_str()) {
        (Some(_), _) => "port",
        (None, "dns") => "naptr",
        (None, _) => "srv",
    };
    let account = trunk.account.as_ref();
    q.bind(trunk.name.as_str())
        .bind(trunk.host.as_str())
        .bind(trunk.port.unwrap_or(port))
        .bind(transport)
        .bind(secured)
        .bind(located)
        .bind(trunk.options)
        .bind(account.map(|account| account.user.clone()))
        .bind(account.map(|account| account.realm.clone()))
        .bind(account.is_some_and(|account| account.register))
        .bind(account.map(|account| account.register_s))
        .bind(trunk.max_calls)
        .bind(trunk.max_calls_per_hour)
        .bind(trunk.large_by_tcp)
        .bind(word(&trunk.media_security))
}

fn read(row: &Row) -> Result<Stored<Trunk>, Error> {
    let (located, port) = (row.text("located")?, row.int("port")?);
    let transport = match located.as_str() {
        "naptr" => "dns".to_owned(),
        _ if row.flag("secured")? => "tls".to_owned(),
        _ => row.text("transport")?,
    };
    let trunk = Trunk {
        id: row.id("id")?,
        name: row.text("name")?,
        host: row.text("host")?,
        port: (located == "port").then_some(port),
        transport,
        account: read_account(row)?,
        options: row.flag("options")?,
        large_by_tcp: row.flag("large_by_tcp")?,
        max_calls: row.int("max_calls")?,
        max_calls_per_hour: row.opt_int("max_calls_per_hour")?,
        media_security: row.word("media_security")?,
    };
    Stored::read(row, trunk)
}

fn read_account(row: &Row) -> Result<Option<TrunkAccount>, Error> {
    let (Some(user), Some(realm)) = (row.opt_text("account_user")?, row.opt_text("account_realm")?) else { return Ok(None) };
    let (register, register_s) = (row.flag("account_register")?, row.int("account_register_s")?);
    Ok(Some(TrunkAccount { user, realm, register, register_s }))
}

fn read_secret(row: &Row) -> Result<Option<DigestSecret>, Error> {
    let hashes = (row.opt_text("account_ha1_md5")?, row.opt_text("account_ha1_sha256")?);
    let (Some(ha1_md5), Some(ha1_sha256)) = hashes else { return Ok(None) };
    Ok(Some(DigestSecret { ha1_md5, ha1_sha256 }))
}
