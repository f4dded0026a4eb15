//! One server to a database.

use carillon_store::{Db, Error};

use crate::site::{Site, on_both_engines};

on_both_engines!(a_second_server_is_refused_and_told_who_is_there, what_was_claimed_is_free_when_the_claim_goes);

async fn a_second_server_is_refused_and_told_who_is_there(site: Site) {
    let _claim = site.db.claim().await.expect("the first");
    let other = Db::open(&site.url).await.expect("the same database");
    let Err(Error::Claimed { by }) = other.claim().await else { panic!("two servers have it") };
    let named = if site.url.starts_with("sqlite:") { format!("process {}", std::process::id()) } else { "this machine".to_owned() };
    assert!(by.contains(&named), "{by}");
}

async fn what_was_claimed_is_free_when_the_claim_goes(site: Site) {
    drop(site.db.claim().await.expect("the first"));
    let _again = site.db.claim().await.expect("the next");
    // Claiming keeps nobody from reading and writing.
    site.db.write().await.expect("the writer's turn").commit().await.expect("a commit");
}
