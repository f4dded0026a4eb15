//! Every SQL text is one both engines understand.

use std::collections::BTreeSet;

use crate::site::{Site, on_both_engines};

on_both_engines!(every_statement_is_prepared);

async fn every_statement_is_prepared(site: Site) {
    let mut refused = Vec::new();
    for (name, sql) in carillon_store::statements() {
        if let Err(error) = site.db.prepare(sql.clone()).await {
            refused.push(format!("{name}: {error}\n{sql}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

#[test]
fn every_repository_is_registered() {
    let declared = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("the sources").filter_map(|file| {
        let text = std::fs::read_to_string(file.expect("a file").path()).unwrap_or_default();
        let (_, after) = text.split_once("\nstatements! { \"")?;
        Some(after.split('"').next()?.to_owned())
    });
    // Backups go through tables that have no repository of their own.
    let named = carillon_store::statements().into_iter().filter(|(name, _)| !name.ends_with(".backup"));
    let registered: BTreeSet<String> = named.filter_map(|(name, _)| Some(name.split_once('.')?.0.to_owned())).collect();
    assert_eq!(declared.collect::<BTreeSet<_>>(), registered);
}
