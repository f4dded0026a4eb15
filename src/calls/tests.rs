//! Calls with the real journal, `acd` and media threads; the test is the signalling.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use carillon_call::Site;
use carillon_dialplan::Plan;
use carillon_media_engine as media;
use carillon_media_sdp::{Codec, MediaPlan};
use carillon_model::{
    EndedBy, Ending, IdSource, LegId, Number, Queue, QueueExit, QueueId, Reason, RecordingPolicy, Strategy, Trunk, TrunkId,
};
use carillon_sip_leg::{self as sip, End, EndCause, HangUpCause, Peer};
use carillon_store::{Db, call};
use jiff::tz::TimeZone;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use super::{Admission, Calls, Input, Invitation, Surroundings, route_media_event, route_sip_event};
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
    /// A site with one queue and a trunk for so many calls.
    async fn open(max_calls: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.expect("a database");
        let settings = journal::Settings::new(folder.path().join("spool"), "1");
        let journal = Journal::start(db.clone(), clock::now, settings).await.expect("a journal");
        let snapshot = snapshot(max_calls);
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
            max_calls: 10,
            ids: Mutex::new(IdSource::new(1)),
        });
        around.directory.replace(snapshot);
        around.health.ready();
        let admission = Admission::new(Arc::clone(&around), Plan::parse("plan.toml", PLAN).expect("a plan"));
        Self { around, admission, orders, db, next_leg: 1, _folder: folder }
    }

    fn invite(&mut self) -> sip::LegId {
        let leg = sip::LegId(self.next_leg);
        self.next_leg += 1;
        self.admission.invited(Invitation {
            leg: LegId::from_u128(leg.0),
            from: Peer::Trunk("lab".to_owned()),
            caller: Number::new("+390212345678"),
            caller_name: None,
            called: Number::new("5001"),
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
    Snapshot {
        site: Arc::new(Site::new(vec![queue.clone()], Vec::new(), &[], std::slice::from_ref(&trunk), Vec::new())),
        queues: [(queue.id, queue)].into(),
        trunks: [(trunk.id, trunk)].into(),
        ..Snapshot::default()
    }
}
