//! Backups are of every table and every column, whichever engine has them.

use std::collections::BTreeMap;

use carillon_model::{AgentId, CallId, QueueId};
use carillon_store::{
    Db, Error, backup,
    backup::{Cell, TABLES, Table},
    call,
    call::CallAgent,
};
use sqlx::{AnyConnection, Connection, Row};

use crate::{
    calls::call as a_call,
    site::{Site, at, on_both_engines, write},
};

on_both_engines!(
    every_table_and_column_of_the_schema_is_in_it,
    rows_come_whole_in_pieces_of_any_size_and_go_into_either_engine,
    a_snapshot_does_not_see_what_is_written_after_it,
    what_does_not_fit_is_refused,
);

async fn every_table_and_column_of_the_schema_is_in_it(site: Site) {
    let sql = match site.url.starts_with("sqlite:") {
        true => {
            "SELECT m.name AS t, p.name AS c, p.type AS k FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'"
        }
        false => {
            "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c, CAST(data_type AS TEXT) AS k FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'"
        }
    };
    let url = match site.url.strip_prefix("sqlite:") {
        Some(path) => format!("sqlite:{}", path.replace('%', "%25").replace('#', "%23")),
        None => site.url.clone(),
    };
    let mut connection = AnyConnection::connect(&url).await.expect("a connection");
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("the schema");
    let mut schema: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for row in rows {
        let text = |name: &str| row.get::<String, _>(name);
        schema.entry(text("t")).or_default().insert(text("c"), text("k").eq_ignore_ascii_case("text"));
    }
    let mut known: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for table in TABLES {
        let columns = table.columns().map(|column| (column.to_owned(), table.is_text(column).expect("its own column")));
        known.insert(table.name.to_owned(), columns.collect());
    }
    assert_eq!(known, schema, "desk/store/src/backup/tables.rs must list what migrations add");
}

/// Some rows, every kind of value in them.
async fn fill(site: &mut Site) {
    let anna = site.agent("anna", "201");
    write!(site, user::insert(&anna, "hash", at(0))).expect("a user");
    for n in 1..=9 {
        let call = call::CallRecord { queue: (n % 2 == 0).then_some(QueueId::from_u128(n)), ..a_call(n, 10) };
        let agents = [CallAgent { agent: AgentId::from(anna.id), joined_at: at(1) }];
        write!(site, call::save(&call, &agents)).expect("a call");
    }
}

async fn all(db: &Db, table: &'static Table, at_once: u32) -> Vec<Vec<Cell>> {
    let mut snapshot = db.snapshot().await.expect("a snapshot");
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    loop {
        let after = rows.last().cloned();
        let some = backup::rows(&mut snapshot, table, after.as_deref(), at_once).await.expect("rows");
        rows.extend_from_slice(&some);
        if some.len() < at_once as usize {
            return rows;
        }
    }
}

async fn rows_come_whole_in_pieces_of_any_size_and_go_into_either_engine(mut site: Site) {
    fill(&mut site).await;
    for other in [Site::sqlite().await, Site::postgres().await] {
        let mut write = other.db.write().await.expect("the writer's turn");
        for table in TABLES {
            let rows = all(&site.db, table, 4).await;
            assert_eq!(rows, all(&site.db, table, 1000).await, "{}", table.name);
            let columns: Vec<_> = table.columns().collect();
            backup::insert(&mut write, table, &columns, &rows).await.expect("the same rows");
        }
        write.commit().await.expect("a commit");
        for table in TABLES {
            assert_eq!(all(&other.db, table, 3).await, all(&site.db, table, 1000).await, "{}", table.name);
        }
        let mine = call::get(&site.db, CallId::from_u128(3)).await.expect("a row");
        assert_eq!(call::get(&other.db, CallId::from_u128(3)).await.expect("a row"), mine);
        let mut write = other.db.write().await.expect("the writer's turn");
        backup::clear(&mut write).await.expect("an empty database");
        write.commit().await.expect("a commit");
        assert_eq!(backup::count(&other.db, Table::named("call").expect("a table")).await.expect("a count"), 0);
    }
}

async fn a_snapshot_does_not_see_what_is_written_after_it(mut site: Site) {
    fill(&mut site).await;
    let calls = Table::named("call").expect("a table");
    let mut snapshot = site.db.snapshot().await.expect("a snapshot");
    write!(site, call::save(&a_call(77, 20), &[])).expect("a call meanwhile");
    assert_eq!(backup::count(&mut snapshot, calls).await.expect("a count"), 9);
    assert_eq!(backup::count(&site.db, calls).await.expect("a count"), 10);
}

async fn what_does_not_fit_is_refused(site: Site) {
    let user = Table::named("user").expect("a table");
    for (columns, row) in [
        (vec!["id", "shoe_size"], vec![Cell::Text("x".to_owned()), Cell::Integer(42)]),
        (vec!["id", "version"], vec![Cell::Text("x".to_owned()), Cell::Text("1".to_owned())]),
        (vec!["id", "version"], vec![Cell::Text("x".to_owned())]),
    ] {
        let mut write = site.db.write().await.expect("the writer's turn");
        let refused = backup::insert(&mut write, user, &columns, &[row]).await;
        assert!(matches!(refused, Err(Error::Misfit { table: "user", .. })), "{refused:?}");
    }
}
