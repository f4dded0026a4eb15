//! Queues, memberships, trunks, outbound routes, pause reasons.

use carillon_model::{
    Membership, Number, OutboundRoute, PauseId, PauseReason, Queue, QueueId, RecordingPolicy, RouteClass, RouteId, Strategy, Trunk, TrunkId,
};
use carillon_store::{Error, membership, outbound_route, pause_reason, queue, trunk};

use crate::site::{Site, at, on_both_engines, write};

on_both_engines!(
    a_queue_comes_back_as_it_was_written,
    a_queue_that_rings_nobody_is_refused,
    members_are_asked_by_priority_and_leave_with_their_queue,
    an_address_is_one_trunks,
    a_trunk_with_a_route_stays,
    one_pause_is_the_default,
);

pub(crate) fn queue(site: &mut Site, name: &str) -> Queue {
    Queue {
        id: QueueId::new(site.ids.next(at(0))),
        name: name.to_owned(),
        label: "Sales".to_owned(),
        strategy: Strategy::RingAll,
        offer_ms: 15_000,
        wrapup_ms: 10_000,
        misses_pause: 3,
        max_wait_ms: None,
        max_waiting: 50,
        music: "music".to_owned(),
        recording: RecordingPolicy { record: true, consent: Some("consent".to_owned()) },
        caller_id: Some(Number::new("+390200000")),
        keep_recordings_days: Some(30),
    }
}

async fn a_queue_comes_back_as_it_was_written(mut site: Site) {
    let mut sales = queue(&mut site, "sales");
    write!(site, queue::insert(&sales, at(0))).expect("a queue");
    assert_eq!(queue::by_name(&site.db, "sales").await.expect("a row").map(|stored| stored.entity), Some(sales.clone()));
    sales.max_wait_ms = Some(u32::MAX);
    sales.recording = RecordingPolicy::default();
    sales.strategy = Strategy::LongestIdle;
    assert_eq!(write!(site, queue::update(&sales, 1, at(1))).expect("a change"), Some(2));
    assert_eq!(queue::get(&site.db, sales.id).await.expect("a row").map(|stored| stored.entity), Some(sales.clone()));
    let twin = queue(&mut site, "sales");
    assert!(matches!(write!(site, queue::insert(&twin, at(0))), Err(Error::Taken { table: "queue", .. })));
    assert!(write!(site, queue::delete(sales.id)).expect("a deletion"));
    assert_eq!(queue::all(&site.db).await.expect("queues"), []);
}

async fn a_queue_that_rings_nobody_is_refused(mut site: Site) {
    let silent = Queue { offer_ms: 0, ..queue(&mut site, "silent") };
    assert!(matches!(write!(site, queue::insert(&silent, at(0))), Err(Error::Invalid { table: "queue", .. })));
}

async fn members_are_asked_by_priority_and_leave_with_their_queue(mut site: Site) {
    let (sales, anna, bruno) = (queue(&mut site, "sales"), site.agent("anna", "201"), site.agent("bruno", "202"));
    write!(site, queue::insert(&sales, at(0))).expect("a queue");
    write!(site, user::insert(&anna, "hash", at(0))).expect("an agent");
    write!(site, user::insert(&bruno, "hash", at(0))).expect("an agent");
    let member = |agent: &carillon_model::User, priority| Membership { queue: sales.id, agent: agent.id.into(), priority };
    write!(site, membership::save(&member(&anna, 2), at(0))).expect("a member");
    write!(site, membership::save(&member(&bruno, 1), at(0))).expect("a member");
    assert_eq!(membership::of_queue(&site.db, sales.id).await.expect("members"), [member(&bruno, 1), member(&anna, 2)]);
    write!(site, membership::save(&member(&bruno, 3), at(1))).expect("another priority");
    assert_eq!(membership::all(&site.db).await.expect("members"), [member(&anna, 2), member(&bruno, 3)]);
    assert!(write!(site, membership::delete(sales.id, bruno.id.into())).expect("a deletion"));
    write!(site, queue::delete(sales.id)).expect("a deletion");
    assert_eq!(membership::of_agent(&site.db, anna.id.into()).await.expect("members"), []);
    assert!(matches!(write!(site, membership::save(&member(&anna, 1), at(1))), Err(Error::Linked { .. })), "the queue is gone");
}

fn trunk(site: &mut Site, name: &str, port: u16) -> Trunk {
    let id = TrunkId::new(site.ids.next(at(0)));
    Trunk {
        id,
        name: name.to_owned(),
        host: "192.0.2.20".to_owned(),
        port: Some(port),
        transport: "udp".to_owned(),
        account: None,
        options: false,
        large_by_tcp: false,
        max_calls: 30,
        max_calls_per_hour: Some(600),
        media_security: carillon_model::MediaSecurity::RequiredDtls,
    }
}

async fn an_address_is_one_trunks(mut site: Site) {
    let (lab, twin) = (trunk(&mut site, "lab", 5080), trunk(&mut site, "twin", 5080));
    write!(site, trunk::insert(&lab, at(0))).expect("a trunk");
    assert!(matches!(write!(site, trunk::insert(&twin, at(0))), Err(Error::Taken { table: "trunk", .. })));
    let twin = Trunk { transport: "tcp".to_owned(), ..twin };
    write!(site, trunk::insert(&twin, at(0))).expect("another transport is another address");
    let names: Vec<_> = trunk::all(&site.db).await.expect("trunks").into_iter().map(|stored| stored.entity).collect();
    assert_eq!(names, [lab, twin]);
}

async fn a_trunk_with_a_route_stays(mut site: Site) {
    let (lab, backup) = (trunk(&mut site, "lab", 5080), trunk(&mut site, "backup", 5081));
    write!(site, trunk::insert(&lab, at(0))).expect("a trunk");
    write!(site, trunk::insert(&backup, at(0))).expect("a trunk");
    let id = RouteId::new(site.ids.next(at(0)));
    let mut route = OutboundRoute {
        id,
        prefix: "+39".to_owned(),
        class: RouteClass::International,
        trunk: lab.id,
        fallback: vec![backup.id],
        caller_id: Some(Number::new("+390211111")),
        recording: RecordingPolicy::default(),
    };
    write!(site, outbound_route::insert(&route, at(0))).expect("a route");
    assert!(matches!(write!(site, trunk::delete(lab.id)), Err(Error::Linked { .. })));
    assert!(matches!(write!(site, trunk::delete(backup.id)), Err(Error::Linked { .. })), "a second choice is one too");
    assert_eq!(
        outbound_route::all(&site.db).await.expect("routes").into_iter().map(|stored| stored.entity).collect::<Vec<_>>(),
        [route.clone()]
    );
    (route.fallback, route.class) = (Vec::new(), RouteClass::Blocked);
    route.recording = RecordingPolicy { record: true, consent: None };
    assert_eq!(write!(site, outbound_route::update(&route, 1, at(1))).expect("a change"), Some(2));
    assert_eq!(outbound_route::by_prefix(&site.db, "+39").await.expect("a row").map(|stored| stored.entity), Some(route));
    assert!(write!(site, outbound_route::delete(id)).expect("a deletion"));
    assert!(write!(site, trunk::delete(lab.id)).expect("a deletion"));
}

async fn one_pause_is_the_default(mut site: Site) {
    let mut pause = |name: &str| PauseReason {
        id: PauseId::new(site.ids.next(at(0))),
        name: name.to_owned(),
        label: name.to_uppercase(),
        is_default: true,
        paid: false,
    };
    let (mut lunch, coffee) = (pause("lunch"), pause("coffee"));
    write!(site, pause_reason::insert(&lunch, at(0))).expect("a pause");
    write!(site, pause_reason::insert(&coffee, at(1))).expect("a pause");
    lunch.is_default = false;
    let stored = pause_reason::get(&site.db, lunch.id).await.expect("a row").expect("the pause");
    assert_eq!((stored.entity, stored.version), (lunch.clone(), 2), "unmade by the other");
    lunch.is_default = true;
    assert_eq!(write!(site, pause_reason::update(&lunch, 2, at(2))).expect("a change"), Some(3));
    let defaults = pause_reason::all(&site.db).await.expect("pauses").into_iter().filter(|stored| stored.entity.is_default);
    assert_eq!(defaults.map(|stored| stored.entity).collect::<Vec<_>>(), [lunch]);
    assert!(write!(site, pause_reason::delete(coffee.id)).expect("a deletion"));
}
