//! J2, J3, J11: callers who gave up, reserved by one, served by another call.

use carillon_model::{AgentId, CallId, Membership, Name, Number, Queue, QueueId, Reason, Role, User};
use carillon_store::{
    abandoned_call::{self, AbandonedCall, AbandonedColumn, AbandonedFilter, Redial, Reserved},
    call::CallRecord,
};

use crate::{
    calls::call,
    routing::queue,
    site::{Site, at, on_both_engines, write},
};

on_both_engines!(
    one_of_two_reserves_it,
    who_is_no_agent_any_more_holds_nothing,
    a_call_back_shows_how_it_went,
    who_was_served_is_off_the_list,
    lists_show_what_was_asked_for
);

const SALES: QueueId = QueueId::from_u128(0x50);
const SUPPORT: QueueId = QueueId::from_u128(0x51);
const ANNA: AgentId = AgentId::from_u128(0xA);
const BRUNO: AgentId = AgentId::from_u128(0xB);

/// A call of Nora's that she gave up.
async fn abandoned(site: &Site, bits: u128, queue: QueueId, seconds: i64) -> CallId {
    let record = CallRecord { answered_at: None, connected: None, agent: None, recording: None, ..call(bits, seconds) };
    write!(site, call::save(&record, &[])).expect("a call");
    write!(site, abandoned_call::save(record.id, queue, &record.caller, at(seconds + 60))).expect("its entry");
    write!(site, abandoned_call::save(record.id, queue, &record.caller, at(seconds + 90))).expect("the same again");
    record.id
}

async fn one_of_two_reserves_it(site: Site) {
    let id = abandoned(&site, 1, SALES, 0).await;
    let plain = AbandonedCall {
        call: id,
        number: 1,
        caller: Number::new("+390255501"),
        caller_name: Some(Name::new("Nora \"N\" Rossi")),
        queue: SALES,
        abandoned_at: at(60),
        reserved_by: None,
        assigned_to: None,
        redial: None,
        served_by: None,
        disposition: None,
    };
    assert_eq!(abandoned_call::get(&site.db, id).await.expect("a row"), Some(plain.clone()));
    let held = AbandonedCall { reserved_by: Some(ANNA), assigned_to: Some(ANNA), ..plain.clone() };
    let reserved = write!(site, abandoned_call::reserve(id, ANNA, at(70)));
    assert_eq!(reserved.expect("an answer"), Reserved::Yes(Box::new(held.clone())));
    assert_eq!(write!(site, abandoned_call::reserve(id, BRUNO, at(71))).expect("an answer"), Reserved::By(ANNA));
    assert_eq!(write!(site, abandoned_call::reserve(id, ANNA, at(72))).expect("an answer"), Reserved::Yes(Box::new(held)));
    let nowhere = CallId::from_u128(99);
    assert_eq!(write!(site, abandoned_call::reserve(nowhere, ANNA, at(72))).expect("an answer"), Reserved::Missing);
    assert!(!write!(site, abandoned_call::release(id, BRUNO)).expect("an answer"), "it is not Bruno's");
    assert!(write!(site, abandoned_call::release(id, ANNA)).expect("an answer"));
    let freed = AbandonedCall { assigned_to: Some(ANNA), ..plain };
    assert_eq!(abandoned_call::get(&site.db, id).await.expect("a row"), Some(freed));
}

async fn who_is_no_agent_any_more_holds_nothing(mut site: Site) {
    let (first, second) = (abandoned(&site, 1, SALES, 0).await, abandoned(&site, 2, SALES, 10).await);
    let (moves, leaves) = (site.agent("moves", "201"), site.agent("leaves", "202"));
    for (user, call) in [(&moves, first), (&leaves, second)] {
        write!(site, user::insert(user, "hash", at(0))).expect("a user");
        assert!(matches!(write!(site, abandoned_call::reserve(call, user.id.into(), at(20))), Ok(Reserved::Yes(_))));
    }
    let held = async |call| abandoned_call::get(&site.db, call).await.expect("a row").expect("it").reserved_by;
    let renamed = User { name: "Another".to_owned(), ..moves.clone() };
    write!(site, user::update(&renamed, 1, at(30))).expect("a change");
    assert_eq!(held(first).await, Some(moves.id.into()), "still an agent");
    let supervises = User { agent: None, role: Role::Supervisor, ..renamed };
    write!(site, user::update(&supervises, 2, at(40))).expect("a change");
    assert_eq!((held(first).await, held(second).await), (None, Some(leaves.id.into())));
    assert!(write!(site, user::delete(leaves.id)).expect("a write"));
    assert_eq!(held(second).await, None);
}

async fn a_call_back_shows_how_it_went(site: Site) {
    let id = abandoned(&site, 1, SALES, 0).await;
    let back = CallId::from_u128(2);
    assert!(write!(site, abandoned_call::redialled(id, back)).expect("an answer"));
    let redial = async || abandoned_call::get(&site.db, id).await.expect("a row").expect("it").redial;
    assert_eq!(redial().await, Some(Redial { call: back, started_at: None, answered_at: None, reason: None }), "its record comes later");
    assert_eq!(abandoned_call::concerned(&site.db, back).await.expect("calls"), [(id, SALES)]);
    write!(site, call::save(&call(2, 100), &[])).expect("its record");
    let went = Redial { call: back, started_at: Some(at(100)), answered_at: Some(at(110)), reason: Some(Reason::HungUp) };
    assert_eq!(redial().await, Some(went));
    assert!(!write!(site, abandoned_call::redialled(CallId::from_u128(99), back)).expect("an answer"));
}

async fn who_was_served_is_off_the_list(site: Site) {
    let nora = Number::new("+390255501");
    let (first, other_queue, later) =
        (abandoned(&site, 1, SALES, 0).await, abandoned(&site, 2, SUPPORT, 10).await, abandoned(&site, 3, SALES, 200).await);
    write!(site, call::save(&call(4, 90), &[])).expect("the call that is served");
    let served = CallId::from_u128(4);
    assert_eq!(
        write!(site, abandoned_call::settle(served, SALES, &Number::new("+390255502"), at(100))).expect("a count"),
        0,
        "another caller"
    );
    assert_eq!(write!(site, abandoned_call::settle(served, SALES, &nora, at(100))).expect("a count"), 1);
    assert_eq!(write!(site, abandoned_call::settle(served, SALES, &nora, at(100))).expect("a count"), 0, "the same again");
    assert_eq!(abandoned_call::concerned(&site.db, served).await.expect("calls"), [(first, SALES)]);
    let list = async |served: bool| {
        let filter = AbandonedFilter { served, limit: 10, ..AbandonedFilter::default() };
        let page = abandoned_call::list(&site.db, &filter).await.expect("a page");
        page.items.iter().map(|call| call.call).collect::<Vec<_>>()
    };
    assert_eq!(list(false).await, [later, other_queue], "what came later and what was another queue's stay");
    assert_eq!(list(true).await, [first]);
    assert_eq!(write!(site, abandoned_call::reserve(first, ANNA, at(110))).expect("an answer"), Reserved::Served);

    assert!(matches!(write!(site, abandoned_call::reserve(later, ANNA, at(270))), Ok(Reserved::Yes(_))));
    assert_eq!(write!(site, abandoned_call::settle(served, SALES, &nora, at(300))).expect("a count"), 1);
    assert_eq!(list(false).await, [later, other_queue], "who has reserved it has to write it up still");
    assert!(matches!(write!(site, abandoned_call::reserve(later, ANNA, at(310))), Ok(Reserved::Yes(_))));
    assert!(write!(site, abandoned_call::release(later, ANNA)).expect("an answer"));
    assert_eq!((list(false).await, list(true).await), (vec![other_queue], vec![later, first]));
}

async fn lists_show_what_was_asked_for(mut site: Site) {
    let anna = site.agent("anna", "201");
    let sales = Queue { id: SALES, ..queue(&mut site, "sales") };
    write!(site, user::insert(&anna, "$hash", at(0))).expect("Anna");
    write!(site, queue::insert(&sales, at(0))).expect("a queue");
    let member = Membership { queue: SALES, agent: anna.id.into(), priority: 1 };
    write!(site, membership::save(&member, at(0))).expect("a membership");
    for n in 1..=5_u8 {
        abandoned(&site, n.into(), if n == 2 { SUPPORT } else { SALES }, i64::from(n) * 100).await;
    }
    write!(site, abandoned_call::reserve(CallId::from_u128(3), anna.id.into(), at(1000))).expect("an answer");
    let pages = async |filter: AbandonedFilter| {
        let (mut seen, mut filter) = (Vec::new(), AbandonedFilter { limit: 2, ..filter });
        loop {
            let page = abandoned_call::list(&site.db, &filter).await.expect("a page");
            seen.extend(page.items.iter().map(|call| call.number));
            let Some(next) = page.next else { return seen };
            filter.after = Some(next);
        }
    };
    let all = AbandonedFilter::default();
    assert_eq!(pages(all.clone()).await, [5, 4, 3, 2, 1]);
    assert_eq!(pages(AbandonedFilter { agent: Some(anna.id.into()), ..all.clone() }).await, [5, 4, 3, 1]);
    assert_eq!(pages(AbandonedFilter { queue: Some(SUPPORT), ..all.clone() }).await, [2]);
    assert_eq!(pages(AbandonedFilter { from: Some(at(260)), until: Some(at(460)), ..all.clone() }).await, [3, 2]);
    for sort in AbandonedColumn::ALL {
        let mut found = pages(AbandonedFilter { sort, ..all.clone() }).await;
        let first = found[0];
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3, 4, 5], "{sort:?} shows each once");
        let reserved_first = matches!(sort, AbandonedColumn::ReservedBy | AbandonedColumn::AssignedTo);
        assert!(!reserved_first || first == 3, "{sort:?} puts rows without a value last");
    }
}
