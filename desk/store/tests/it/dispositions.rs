//! R7, Y12, Z8: dispositions in levels, for all queues or some, and the calls that were given them.

use carillon_model::{Disposition, DispositionId, Note, QueueId};
use carillon_store::{
    Error,
    abandoned_call::{self, AbandonedFilter},
    call::{self, CallDisposition, CallFilter, CallRecord},
    disposition,
};

use crate::{
    calls::call as a_call,
    routing::queue,
    site::{Site, at, on_both_engines, write},
};

on_both_engines!(they_stand_below_each_other, they_belong_to_queues, calls_are_found_by_theirs);

fn one(bits: u128, name: &str, parent: Option<u128>) -> Disposition {
    let parent = parent.map(DispositionId::from_u128);
    Disposition { id: DispositionId::from_u128(bits), name: name.to_owned(), parent, custom: bits > 4, position: 0, queues: Vec::new() }
}

async fn they_stand_below_each_other(site: Site) {
    let all = [one(1, "Sold", None), one(2, "By the year", Some(1)), one(3, "In advance", Some(2)), one(4, "Fax", None)];
    for disposition in &all {
        write!(site, disposition::insert(disposition, at(0))).expect("a disposition");
    }
    assert!(matches!(write!(site, disposition::insert(&one(5, "Sold", None), at(0))), Err(Error::Taken { .. })), "of the first level");
    assert!(
        matches!(write!(site, disposition::insert(&one(5, "By the year", Some(1)), at(0))), Err(Error::Taken { .. })),
        "below the same"
    );
    write!(site, disposition::insert(&one(6, "Sold", Some(4)), at(0))).expect("the same name elsewhere");
    let found = disposition::by_name(&site.db, Some(all[0].id), "By the year").await.expect("a row").expect("it");
    assert_eq!((found.entity, found.version), (all[1].clone(), 1));
    assert_eq!(disposition::by_name(&site.db, None, "By the year").await.expect("an answer"), None);

    let moved = Disposition { position: 7, name: "Sale".to_owned(), custom: true, ..all[0].clone() };
    assert_eq!(write!(site, disposition::update(&moved, 1, at(1))).expect("an update"), Some(2));
    assert!(matches!(write!(site, disposition::update(&moved, 1, at(1))), Err(Error::Stale { .. })));
    assert_eq!(write!(site, disposition::update(&one(9, "Nothing", None), 1, at(1))).expect("an answer"), None);
    let names = async || {
        let all = disposition::all(&site.db).await.expect("rows");
        all.into_iter().map(|stored| stored.entity.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["By the year", "In advance", "Fax", "Sold", "Sale"], "by place, then as they were entered");
    assert!(write!(site, disposition::delete(moved.id)).expect("an answer"), "with all below it");
    assert_eq!(names().await, ["Fax", "Sold"]);
    assert!(!write!(site, disposition::delete(moved.id)).expect("an answer"));
}

async fn they_belong_to_queues(mut site: Site) {
    let (sales, support) = (queue(&mut site, "sales"), queue(&mut site, "support"));
    for queue in [&sales, &support] {
        write!(site, queue::insert(queue, at(0))).expect("a queue");
    }
    let mut queues = vec![sales.id, support.id];
    queues.sort_unstable();
    let both = Disposition { queues, ..one(1, "Sold", None) };
    write!(site, disposition::insert(&both, at(0))).expect("a disposition");
    assert_eq!(disposition::get(&site.db, both.id).await.expect("a row").expect("it").entity, both);
    let sold = Disposition { queues: vec![sales.id], ..both.clone() };
    write!(site, disposition::update(&sold, 1, at(1))).expect("an update");
    assert_eq!(disposition::all(&site.db).await.expect("rows")[0].entity, sold);
    let nowhere = Disposition { queues: vec![QueueId::from_u128(99)], ..one(2, "Fax", None) };
    assert!(matches!(write!(site, disposition::insert(&nowhere, at(0))), Err(Error::Linked { .. })));
    assert!(matches!(write!(site, queue::delete(sales.id)), Err(Error::Linked { .. })), "else it would be every queue's");
    assert!(write!(site, queue::delete(support.id)).expect("an answer"));
}

async fn calls_are_found_by_theirs(site: Site) {
    let ids = |bits: &[u128]| bits.iter().map(|bits| DispositionId::from_u128(*bits)).collect::<Vec<_>>();
    let given = |path: &[u128], note: Option<&str>| CallDisposition {
        path: ids(path),
        names: path.iter().map(|bits| format!("level {bits}")).collect(),
        note: note.map(Note::new),
        at: at(100),
    };
    let calls = [None, Some(given(&[1, 2, 3], Some("call Nora back"))), Some(given(&[1, 4], None))];
    for (n, disposition) in (1_u8..).zip(calls.clone()) {
        let record = CallRecord { disposition, ..a_call(n.into(), i64::from(n)) };
        write!(site, call::save(&record, &[])).expect("a call");
        assert_eq!(call::get(&site.db, record.id).await.expect("a row"), Some(record.clone()));
        write!(site, abandoned_call::save(record.id, QueueId::from_u128(0x50), &record.caller, at(n.into()))).expect("an entry");
        let entry = abandoned_call::get(&site.db, record.id).await.expect("a row").expect("it");
        assert_eq!(entry.disposition, record.disposition);
    }
    let numbers = async |filter: CallFilter| {
        let page = call::list(&site.db, &CallFilter { limit: 10, ..filter }).await.expect("a page");
        page.items.iter().map(|call| call.number).collect::<Vec<_>>()
    };
    let of = |bits: u128| CallFilter { disposition: Some(DispositionId::from_u128(bits)), ..CallFilter::default() };
    assert_eq!(numbers(of(1)).await, [3, 2], "of it or below it");
    assert_eq!(numbers(of(2)).await, [2]);
    assert_eq!(numbers(of(5)).await, [0; 0]);
    assert_eq!(numbers(CallFilter { disposed: Some(true), ..CallFilter::default() }).await, [3, 2]);
    assert_eq!(numbers(CallFilter { disposed: Some(false), ..CallFilter::default() }).await, [1]);
    for (disposed, wanted) in [(true, 2), (false, 1)] {
        let filter = AbandonedFilter { disposed: Some(disposed), limit: 10, ..AbandonedFilter::default() };
        assert_eq!(abandoned_call::list(&site.db, &filter).await.expect("a page").items.len(), wanted);
    }
}
