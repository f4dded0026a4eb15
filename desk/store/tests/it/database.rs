//! The database itself: opening again, taking turns, errors that say what they are.

use carillon_store::{Class, Db, Error, phone, user};
use sqlx::{AnyConnection, Connection, Executor};

use crate::site::{Site, at, on_both_engines, secret, write};

on_both_engines!(
    what_was_written_is_there_after_opening_again,
    what_is_not_committed_leaves_no_trace,
    writers_take_turns_and_none_is_refused,
    an_impossible_row_names_table_column_and_row,
    a_closed_database_is_unavailable,
    names_sort_by_their_bytes,
);

async fn what_was_written_is_there_after_opening_again(mut site: Site) {
    let user = site.user("sofia");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    site.db.close().await;
    let again = Db::open(&site.url).await.expect("the same database, its schema up to date");
    let stored = user::get(&again, user.id).await.expect("a readable row").expect("the user");
    assert_eq!((stored.entity, stored.version, stored.created_at), (user, 1, at(0)));
}

async fn what_is_not_committed_leaves_no_trace(mut site: Site) {
    let user = site.user("sofia");
    let mut write = site.db.write().await.expect("the writer's turn");
    user::insert(&mut write, &user, "hash", at(0)).await.expect("a user");
    assert_eq!(user::count(&mut write).await.expect("a count"), 1, "a transaction sees its own changes");
    assert_eq!(user::count(&site.db).await.expect("a count"), 0, "nobody else does");
    drop(write);
    write!(site, user::insert(&user, "hash", at(0))).expect("the same user, as if for the first time");
}

async fn writers_take_turns_and_none_is_refused(mut site: Site) {
    let user = site.user("sofia");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (db, id) = (site.db.clone(), user.id);
        tasks.spawn(async move {
            for _ in 0..20 {
                let mut write = db.write().await.expect("the writer's turn");
                let stored = user::get(&mut write, id).await.expect("a row").expect("the user");
                user::update(&mut write, &stored.entity, stored.version, at(1)).await.expect("nobody came between").expect("the user");
                write.commit().await.expect("a commit");
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(user::get(&site.db, user.id).await.expect("a row").expect("the user").version, 161);
}

async fn an_impossible_row_names_table_column_and_row(mut site: Site) {
    let phone = site.phone("1001");
    write!(site, phone::insert(&phone, &secret("a"), at(0))).expect("a phone");
    let mut raw = AnyConnection::connect(&site.url).await.expect("a connection beside the store");
    raw.execute("UPDATE phone SET created_at = 9223372036854775807").await.expect("a row nobody writes");
    let error = phone::all(&site.db).await.expect_err("no such time");
    assert_eq!(error.class(), Class::Fault);
    let text = error.to_string();
    assert!(text.contains("phone.created_at") && text.contains(&phone.id.to_string()), "{text}");
}

async fn a_closed_database_is_unavailable(site: Site) {
    site.db.ping().await.expect("an open database answers");
    site.db.close().await;
    assert!(matches!(site.db.ping().await, Err(Error::Unavailable(_))));
    assert!(site.db.write().await.is_err_and(|error| error.is_unavailable()));
    assert!(user::all(&site.db).await.is_err_and(|error| error.is_unavailable()));
}

async fn names_sort_by_their_bytes(mut site: Site) {
    for name in ["b", "é", "A", "a", "B", "_", "10", "9"] {
        let phone = site.phone(name);
        write!(site, phone::insert(&phone, &secret(name), at(0))).expect("a phone");
    }
    let names: Vec<_> = phone::all(&site.db).await.expect("phones").into_iter().map(|stored| stored.entity.name).collect();
    assert_eq!(names, ["10", "9", "A", "B", "_", "a", "b", "é"]);
}

#[tokio::test]
async fn an_address_that_makes_no_sense_is_named_without_its_password() {
    for (url, shown) in [
        ("mysql://root:secret@db/x", "mysql://root@db/x"),
        ("sqlite:", "sqlite:"),
        ("sqlite::memory:", "sqlite::memory:"),
        ("sqlite:/nowhere/at/all/x.db", "/nowhere/at/all/x.db"),
        ("carillon.db", "carillon.db"),
    ] {
        let error = Db::open(url).await.expect_err("no database").to_string();
        assert!(error.contains(shown) && !error.contains("secret"), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_file_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::sqlite().await;
    let path = site.url.strip_prefix("sqlite:").expect("a file");
    assert_eq!(std::fs::metadata(path).expect("the file").permissions().mode() & 0o777, 0o600);
}
