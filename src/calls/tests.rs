//! Calls with the real journal, `acd` and media threads; the test is the signalling.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use carillon_call::{Dialler, Site};
use carillon_dialplan::Plan;
use carillon_media_engine as media;
use carillon_media_sdp::{Codec, MediaPlan};
use carillon_model::{
    AutoAnswer, DialRights, EndedBy, Ending, IdSource, LegId, MediaSecurity, Number, OutboundRoute, Phone, PhoneId, Queue, QueueExit,
    QueueId, Reason, RecordingPolicy, RouteClass, RouteId, Strategy, Trunk, TrunkId,
};
use carillon_sip_leg::{self as sip, End, EndCause, HangUpCause, Peer};
use carillon_store::{Db, call};
use jiff::tz::TimeZone;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use super::{Admission, Calls, Input, Invitation, Made, Surroundings, Wish, inbound::NoRoom, route_media_event, route_sip_event};
use crate::{
    clock,
    dispatch::{Acd, Directory, Keypad, Phones, Snapshot, acd_setup},
    journal::{self, Journal},
    telemetry::Health,
};

const PLAN: &str = r#"
[[route]]
called = "*"
step = "sales"
[step.sales]
kind = "queue"
queue = "sales"
wait_for_nobody = true
"#;
const PHONE: PhoneId = PhoneId::from_u128(1);
const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn a_call_whose_task_fails_is_ended_for_everybody() {
    let mut office = Office::open(2).await;
    let leg = office.waits().await;
    office.around.calls.all()[0].post(Input::Bug);
    let order = office.order().await;
    assert!(matches!(order, sip::Command::HangUp { leg: ended, cause: HangUpCause::Normal } if ended == leg), "{order:?}");
    office.around.calls.wait_until_none().await;
    assert!(office.around.acd.view().await.waiting.is_empty(), "the failed call keeps its place");
    let record = office.ended_call().await;
    assert_eq!(record.ending, Some(Ending::new(EndedBy::System, Reason::ServerLost)));
    let record: carillon_call::Cdr = serde_json::from_str(&record.body).expect("a record");
    assert_eq!(record.queues[0].exit, Some(QueueExit::Ended));
    assert!(record.legs.iter().all(|leg| leg.ended_at.is_some()));
    let port_is_free = async {
        while office.around.media.legs() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), port_is_free).await.expect("the failed call gives its port back");
}

#[tokio::test]
async fn a_full_trunk_takes_the_next_call_when_a_leg_on_it_ends() {
    let mut office = Office::open(1).await;
    let first = office.waits().await;
    let second = office.invite();
    let order = office.order().await;
    assert!(matches!(order, sip::Command::Refuse { leg, status: 503, .. } if leg == second), "{order:?}");
    office.event(sip::Event::Ended { leg: first, by: End::Remote, status: None, cause: EndCause::HungUp });
    office.around.calls.wait_until_none().await;
    office.waits().await;
}

#[tokio::test]
async fn neither_a_full_server_nor_one_that_drains_keeps_an_emergency_call_out() {
    for drains in [false, true] {
        let mut office = Office::open_for(1, if drains { 10 } else { 0 }).await;
        if drains {
            office.around.health.draining();
        }
        let (phone, trunk) = (Peer::Phone("1001".to_owned()), Peer::Trunk("lab".to_owned()));
        for (from, called) in [(phone.clone(), "+390212345678"), (trunk, "112")] {
            office.invite_from(from, called);
            let order = office.order().await;
            assert!(matches!(order, sip::Command::Refuse { status: 503, .. }), "{called}: {order:?}");
        }
        office.invite_from(phone, "112");
        let order = office.order().await;
        assert!(matches!(&order, sip::Command::Dial { to: sip::Target::Trunk { number, .. }, .. } if number == "112"), "{order:?}");
        assert!(office.clicks("+390212345678").is_err());
        assert!(office.clicks("112").is_ok());
    }
}

#[tokio::test]
async fn an_order_that_finds_no_room_is_late_and_not_lost() {
    let mut office = Office::open(1).await;
    let legs: Vec<_> = (0..20).map(sip::LegId).collect();
    for leg in &legs {
        office.around.order_sip(sip::Command::Ring { leg: *leg });
    }
    let mut rung = Vec::new();
    for _ in &legs {
        if let sip::Command::Ring { leg } = office.order().await {
            rung.push(leg);
        }
    }
    rung.sort();
    assert_eq!(rung, legs);
}

struct Office {
    around: Arc<Surroundings>,
    admission: Admission,
    orders: mpsc::Receiver<sip::Command>,
    db: Db,
    next_leg: u128,
    _folder: TempDir,
}

impl Office {
    /// A site with one queue, a phone, and a trunk for so many calls.
    async fn open(trunk_calls: u32) -> Self {
        Self::open_for(trunk_calls, 10).await
    }

    /// The same with room for so many calls in all.
    async fn open_for(trunk_calls: u32, max_calls: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.expect("a database");
        let settings = journal::Settings::new(folder.path().join("spool"), folder.path(), "1");
        let journal = Journal::start(db.clone(), clock::now, settings).await.expect("a journal");
        let snapshot = snapshot(trunk_calls);
        let (acd, mut acd_task) = Acd::new(carillon_acd::Acd::new(1));
        acd_task.prepare(acd_setup(&snapshot), Vec::new());
        let calls = Arc::new(Calls::default());
        tokio::spawn(acd_task.run(Arc::clone(&calls), journal.clone()));
        let (sip, orders) = mpsc::channel(8);
        let around = Arc::new(Surroundings {
            media: media_engine(Arc::clone(&calls)),
            calls,
            directory: Directory::default(),
            phones: Arc::new(Phones::default()),
            keypad: Arc::new(Keypad::new(db.clone(), acd.clone())),
            acd,
            journal,
            sip,
            health: Arc::new(Health::default()),
            recordings: folder.path().to_owned(),
            time_zone: TimeZone::UTC,
            language: carillon_dialplan::Language::English,
            max_calls,
            ids: Mutex::new(IdSource::new(1)),
        });
        around.directory.replace(snapshot);
        around.health.ready();
        let admission = Admission::new(Arc::clone(&around), Plan::parse("plan.toml", PLAN).expect("a plan"));
        Self { around, admission, orders, db, next_leg: 1, _folder: folder }
    }

    fn invite(&mut self) -> sip::LegId {
        self.invite_from(Peer::Trunk("lab".to_owned()), "5001")
    }

    /// The phone's user clicks on a number.
    fn clicks(&self, number: &str) -> Result<Made, NoRoom> {
        let (called, directory) = (Number::new(number), self.around.directory.read());
        let by = Dialler { phone: PHONE, agent: None, queue: None };
        let destination = directory.site.destination(&called, &by).expect("a number that leads somewhere");
        self.admission.make(Wish { phone: PHONE, called, destination, queue: None })
    }

    fn invite_from(&mut self, from: Peer, called: &str) -> sip::LegId {
        let leg = sip::LegId(self.next_leg);
        self.next_leg += 1;
        self.admission.invited(Invitation {
            leg: LegId::from_u128(leg.0),
            from,
            caller: Number::new("+390212345678"),
            caller_name: None,
            called: Number::new(called),
            device: None,
            signalled_from: CALLER,
            offer: None,
            hops_left: 69,
        });
        leg
    }

    /// A caller who is answered and waits.
    async fn waits(&mut self) -> sip::LegId {
        let leg = self.invite();
        let sip::Command::Answer { leg: answered, local } = self.order().await else { panic!("not answered") };
        assert_eq!(answered, leg);
        let remote = local.address;
        let media = MediaPlan {
            remote,
            codec: Codec::Pcma,
            codec_pt: 8,
            dtmf_pt: None,
            dtmf_hz: 8000,
            ptime_ms: 20,
            send: true,
            recv: true,
            remote_rtcp: None,
            secured: carillon_media_sdp::Secured::No,
            ice_ufrag: None,
            local_ice: None,
            rtcp_mux: false,
        };
        self.event(sip::Event::Answered { leg, media, signalled_from: CALLER });
        while self.around.acd.view().await.waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        leg
    }

    fn event(&self, event: sip::Event) {
        if let sip::Event::Answered { leg, .. } | sip::Event::Ended { leg, .. } = &event {
            route_sip_event(&self.around.calls, *leg, event);
        }
    }

    async fn order(&mut self) -> sip::Command {
        timeout(Duration::from_secs(20), self.orders.recv()).await.expect("an order in time").expect("a way for orders")
    }

    async fn ended_call(&self) -> call::CallRecord {
        self.around.journal.stop(clock::now()).await.expect("everything written");
        call::list(&self.db, &call::CallFilter { limit: 10, ..call::CallFilter::default() }).await.expect("calls").items.remove(0)
    }
}

fn media_engine(calls: Arc<Calls>) -> media::Engine {
    let config = media::EngineConfig { threads: 1, ip: CALLER, ..media::EngineConfig::default() };
    media::Engine::start(config, Arc::new(media::Sounds::default()), move |event| route_media_event(&calls, event)).expect("an engine")
}

fn snapshot(max_calls: u32) -> Snapshot {
    let queue = Queue {
        id: QueueId::from_u128(1),
        name: "sales".to_owned(),
        label: "Sales".to_owned(),
        strategy: Strategy::LongestIdle,
        offer_ms: 15_000,
        wrapup_ms: 0,
        misses_pause: 0,
        max_wait_ms: None,
        max_waiting: 10,
        music: "calm".to_owned(),
        recording: RecordingPolicy::default(),
        caller_id: None,
        keep_recordings_days: None,
    };
    let trunk = Trunk {
        id: TrunkId::from_u128(1),
        name: "lab".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(5080),
        transport: "udp".to_owned(),
        account: None,
        options: false,
        large_by_tcp: false,
        max_calls,
        max_calls_per_hour: None,
        media_security: carillon_model::MediaSecurity::default(),
    };
    let phone = Phone {
        id: PHONE,
        name: "1001".to_owned(),
        label: "Desk 1".to_owned(),
        any_media_source: false,
        auto_answer: AutoAnswer::Off,
        dials: DialRights::usual(),
        media_security: MediaSecurity::default(),
    };
    let route = |id, prefix: &str, class| OutboundRoute {
        id: RouteId::from_u128(id),
        prefix: prefix.to_owned(),
        class,
        trunk: trunk.id,
        fallback: Vec::new(),
        caller_id: None,
        recording: RecordingPolicy::default(),
    };
    let routes = vec![route(1, "+39", RouteClass::National), route(2, "112", RouteClass::Emergency)];
    let (phones, trunks) = (std::slice::from_ref(&phone), std::slice::from_ref(&trunk));
    Snapshot {
        site: Arc::new(Site::new(vec![queue.clone()], Vec::new(), phones, trunks, routes)),
        phones: [(phone.id, phone.clone())].into(),
        queues: [(queue.id, queue)].into(),
        trunks: [(trunk.id, trunk)].into(),
        ..Snapshot::default()
    }
}
