//! `carillon user`

use std::{io::Read, path::PathBuf};

use anyhow::Context;
use carillon_model::{IdSource, Role, User as Person, UserId};
use carillon_store::{
    self as store, Db,
    audit::Actor,
    password::SetBy,
    session,
    setup::{Setup, UserSetup},
    user,
};
use clap::ValueEnum;
use jiff::Timestamp;

use super::{problems, say};
use crate::{auth::password, config::Config};

/// People who can sign in. A running server takes changes up by SIGHUP or `POST /reload`; passwords hold at once.
#[derive(Debug, clap::Args)]
pub(super) struct User {
    #[command(subcommand)]
    what: What,
    /// The configuration of the server it is for.
    #[arg(long, default_value = "carillon.toml", env = "CARILLON_CONFIG", global = true)]
    config: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Adds a supervisor or an administrator. (Agents come with a number and queues: `carillon apply`, or the API.)
    Add {
        /// Login name.
        login: String,
        /// Name shown to colleagues; the login without.
        #[arg(long)]
        name: Option<String>,
        /// What the user may do.
        #[arg(long, value_enum, default_value = "supervisor")]
        role: NewRole,
        /// Reads the password from standard input instead of making one and showing it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Gives a user another password and ends the user's sessions.
    Password {
        /// Login name.
        login: String,
        /// Reads the password from standard input instead of making one and showing it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Takes a user's second factor off: the password alone opens then.
    RemoveSecondFactor {
        /// Login name.
        login: String,
    },
    /// Lists everybody: login, role, agent's number, name.
    List,
}

/// Roles that need nothing but a name.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum NewRole {
    Supervisor,
    Admin,
}

impl User {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config).map_err(|found| problems(&found))?;
        let db = Db::open(&config.database.url).await?;
        let done = match self.what {
            What::Add { login, name, role, password_stdin } => add(&db, login, name, role, password_stdin).await,
            What::Password { login, password_stdin } => change_password(&db, &login, password_stdin).await,
            What::RemoveSecondFactor { login } => remove_second_factor(&db, &login).await,
            What::List => list(&db).await,
        };
        db.close().await;
        done
    }
}

async fn add(db: &Db, login: String, name: Option<String>, role: NewRole, password_stdin: bool) -> anyhow::Result<()> {
    let role = match role {
        NewRole::Supervisor => Role::Supervisor,
        NewRole::Admin => Role::Admin,
    };
    let chosen = Chosen::read(password_stdin)?;
    let name = name.unwrap_or_else(|| login.clone());
    check(UserSetup {
        login: login.clone(),
        name: name.clone(),
        role,
        password: Some(chosen.text.clone()),
        password_hash: None,
        pin: None,
        email: None,
        agent: None,
    })?;
    let hash = password::hash(&chosen.text).await;
    let now = Timestamp::now();
    let person =
        Person { id: UserId::new(IdSource::new(rand::random()).next(now)), login, name, role, email: None, disabled: false, agent: None };
    let mut write = db.write_by(actor()).await?;
    user::insert(&mut write, &person, &hash, now).await?;
    write.commit().await?;
    chosen.tell(&format!("added {}", person.login));
    Ok(())
}

async fn change_password(db: &Db, login: &str, password_stdin: bool) -> anyhow::Result<()> {
    let person = user::by_login(db, login).await?.with_context(|| format!("nobody has the login {login:?}"))?.entity;
    let chosen = Chosen::read(password_stdin)?;
    let Person { id, login, name, role, .. } = person;
    check(UserSetup {
        login: login.clone(),
        name,
        role: shown(role),
        password: Some(chosen.text.clone()),
        password_hash: None,
        pin: None,
        email: None,
        agent: None,
    })?;
    let hash = password::hash(&chosen.text).await;
    let mut write = db.write_by(actor()).await?;
    let now = Timestamp::now();
    store::password::set(&mut write, id, &hash, SetBy::Other, now).await?;
    let sessions = session::expire_of_user(&mut write, id, now).await?;
    write.commit().await?;
    chosen.tell(&format!("changed the password of {login}; sessions ended: {sessions}"));
    Ok(())
}

async fn remove_second_factor(db: &Db, login: &str) -> anyhow::Result<()> {
    let person = user::by_login(db, login).await?.with_context(|| format!("nobody has the login {login:?}"))?.entity;
    let mut write = db.write_by(actor()).await?;
    let was_on = store::second_factor::remove(&mut write, person.id).await?;
    write.commit().await?;
    anyhow::ensure!(was_on, "{} has no second factor", person.login);
    say(&format!("the second factor of {} is off", person.login));
    Ok(())
}

async fn list(db: &Db) -> anyhow::Result<()> {
    for person in user::all(db).await?.into_iter().map(|stored| stored.entity) {
        let role = match person.role {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Admin => "admin",
        };
        let number = person.agent.as_ref().map_or("-", |agent| agent.number.as_str());
        say(&format!("{}\t{role}\t{number}\t{}", person.login, person.name));
    }
    Ok(())
}

/// Whoever may run this command.
fn actor() -> Actor {
    Actor { user: None, name: "carillon user".to_owned(), at: Timestamp::now(), ids: IdSource::new(rand::random()) }
}

/// The rules of a setup file hold here too.
fn check(person: UserSetup) -> anyhow::Result<()> {
    Setup { user: vec![person], ..Setup::default() }.check().map_err(|found| problems(&found))
}

/// A role for which the rules ask no agent's number: only the password is to be looked at.
fn shown(role: Role) -> Role {
    match role {
        Role::Agent => Role::Supervisor,
        Role::Supervisor | Role::Admin => role,
    }
}

/// A password, given or made. Never an argument: those can be seen by everybody on the machine.
struct Chosen {
    text: String,
    made: bool,
}

impl Chosen {
    fn read(from_stdin: bool) -> anyhow::Result<Self> {
        if !from_stdin {
            return Ok(Self { text: password::random(), made: true });
        }
        let mut text = String::new();
        std::io::stdin().take(1024).read_to_string(&mut text).context("standard input")?;
        Ok(Self { text: text.trim_end_matches(['\r', '\n']).to_owned(), made: false })
    }

    fn tell(&self, what: &str) {
        match self.made {
            true => say(&format!("{what}; the password, shown this once: {}", self.text)),
            false => say(what),
        }
    }
}
