//! A database of a test's own, and things to put into it.

use carillon_kit::postgres;
use carillon_model::{Agent, AutoAnswer, DialRights, IdSource, Number, Phone, PhoneId, Role, Typology, User, UserId};
use carillon_store::{Db, DigestSecret};
use jiff::Timestamp;
use tempfile::TempDir;

/// Makes each test run once on SQLite and once on PostgreSQL.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::site::Site::sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::site::Site::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

pub(crate) struct Site {
    pub(crate) db: Db,
    pub(crate) url: String,
    pub(crate) ids: IdSource,
    _dir: Option<TempDir>,
}

impl Site {
    pub(crate) async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", dir.path().join("it's a 100% test #1.db").display());
        Self::open(url, Some(dir)).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = tokio::task::spawn_blocking(postgres::new_database).await.expect("a PostgreSQL");
        Self::open(url, None).await
    }

    async fn open(url: String, dir: Option<TempDir>) -> Self {
        let db = Db::open(&url).await.expect("a new database");
        Self { db, url, ids: IdSource::new(1), _dir: dir }
    }

    pub(crate) fn user(&mut self, login: &str) -> User {
        User {
            id: UserId::new(self.ids.next(at(0))),
            login: login.to_owned(),
            name: login.to_uppercase(),
            role: Role::Admin,
            email: None,
            disabled: false,
            agent: None,
        }
    }

    pub(crate) fn agent(&mut self, login: &str, number: &str) -> User {
        let agent = Agent {
            number: Number::new(number),
            typology: Typology::WebRtc,
            wrapup_ms: Some(2_000),
            dials: DialRights::usual(),
            caller_id: None,
            remote_control: true,
            alias: None,
            parts: carillon_model::Parts::default(),
            logs_in_paused: false,
        };
        User { role: Role::Agent, agent: Some(agent), ..self.user(login) }
    }

    pub(crate) fn phone(&mut self, name: &str) -> Phone {
        Phone {
            id: PhoneId::new(self.ids.next(at(0))),
            name: name.to_owned(),
            label: format!("Desk {name}"),
            any_media_source: false,
            auto_answer: AutoAnswer::CallInfo,
            dials: DialRights::inside(),
            media_security: carillon_model::MediaSecurity::Required,
        }
    }
}

/// A moment, in seconds after the tests' beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).expect("in range")
}

pub(crate) fn secret(text: &str) -> DigestSecret {
    DigestSecret { ha1_md5: format!("md5 of {text}"), ha1_sha256: format!("sha256 of {text}") }
}

/// Writes in a transaction of its own: `write!(site, user::insert(&user, "hash", at(0)))`.
macro_rules! write {
    ($site:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {{
        let mut write = $site.db.write().await.expect("the writer's turn");
        let done = carillon_store::$module::$function(&mut write, $($argument),*).await;
        if done.is_ok() {
            write.commit().await.expect("a commit");
        }
        done
    }};
}
pub(crate) use write;
