//! The site all these calls live in.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use carillon_acd::Setup;
use carillon_call::{CallSetup, Site, Start};
use carillon_dialplan::{Ask, Plan};
use carillon_model::{
    Agent, AgentId, CallId, LegId, Membership, Number, Origin, OutboundRoute, Phone, PhoneId, Queue, QueueId, RecordingPolicy, RouteId,
    Strategy, Trunk, TrunkId, Typology,
};
use jiff::civil::DateTime;

pub(crate) const CALL: CallId = CallId::from_u128(0xCA11);
pub(crate) const LAB: TrunkId = TrunkId::from_u128(0xA1);
pub(crate) const SALES: QueueId = QueueId::from_u128(0xB1);
/// An agent is logged in at each.
pub(crate) const PHONES: [&str; 3] = ["1001", "1002", "1003"];

/// 5001 recorded with the plan's own consent step, 5002 recorded with none in the plan, 5003 not recorded, 5000 a menu.
const PLAN: &str = r#"
[[route]]
called = "5000"
step = "reception"
[[route]]
called = "5001"
step = "sales-consent"
[[route]]
called = "5002"
step = "support"
[[route]]
called = "5003"
step = "orders"
[[route]]
called = "5004"
step = "anna"
[[route]]
called = "5005"
step = "mobile"
[[route]]
called = "5006"
step = "nowhere"
[[route]]
called = "5007"
step = "greeting"
[[route]]
called = "5008"
step = "again"
[[route]]
from = "trunk"
called = "*"
step = "unknown"

[step.reception]
kind = "menu"
prompts = "choose"
keys = { "1" = "orders", "2" = "support" }
timeout_ms = 5000
tries = 2
wrong = "wrong-key"
otherwise = "farewell"
[step.sales-consent]
kind = "announce"
prompt = "consent"
consent = true
then = "sales"
[step.sales]
kind = "queue"
queue = "sales"
on_timeout = "farewell"
[step.again]
kind = "queue"
queue = "sales"
on_timeout = "again"
[step.support]
kind = "queue"
queue = "support"
[step.orders]
kind = "queue"
queue = "orders"
priority = 3
wait_for_nobody = true
on_no_agents = "anna"
[step.anna]
kind = "dial"
phone = "1001"
ring_ms = 20000
on_busy = "farewell"
[step.mobile]
kind = "dial"
number = "+390299999999"
ring_ms = 30000
[step.nowhere]
kind = "dial"
number = "+7123"
ring_ms = 30000
[step.greeting]
kind = "play"
prompts = ["welcome", "opening-hours"]
then = "farewell"
[step.farewell]
kind = "hang_up"
prompt = "goodbye"
[step.unknown]
kind = "hang_up"
reason = "number_unknown"
prompt = "number-unknown"
"#;

fn plan() -> Arc<Plan> {
    static PARSED: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::parse("plan.toml", PLAN).expect("the test's plan is whole")));
    PARSED.clone()
}

fn site() -> Arc<Site> {
    let trunk = Trunk { id: LAB, name: "lab".into(), host: "192.0.2.10".into(), port: 5060, transport: "udp".into(), max_calls: 30 };
    let route = |id, prefix: &str, recording| OutboundRoute { id: RouteId::from_u128(id), prefix: prefix.into(), trunk: LAB, recording };
    let routes = vec![route(1, "+39", recorded()), route(2, "+44", RecordingPolicy::default())];
    Arc::new(Site::new(queues(), &phones(), &[trunk], routes))
}

/// All that `acd` has to know of it.
pub(crate) fn acd_setup() -> Setup {
    let number = |name: &str| Agent { number: Number::new(format!("2{name}")), typology: Typology::External, wrapup_ms: None };
    let agents: Vec<_> = PHONES.iter().map(|name| (agent(name), number(name))).collect();
    let membership = |queue: &Queue, agent| Membership { queue: queue.id, agent, priority: 1 };
    let memberships = queues().iter().flat_map(|queue| agents.iter().map(|(agent, _)| membership(queue, *agent))).collect();
    Setup { queues: queues(), agents, memberships, phones: phones(), restart_wrapup_ms: 10_000, release_unreachable_ms: None }
}

fn queues() -> Vec<Queue> {
    vec![
        queue(SALES, "sales", Strategy::LongestIdle, recorded()),
        queue(QueueId::from_u128(0xB2), "support", Strategy::LongestIdle, recorded()),
        queue(QueueId::from_u128(0xB3), "orders", Strategy::RingAll, RecordingPolicy::default()),
    ]
}

fn phones() -> Vec<Phone> {
    let phone = |name: &&str| Phone { id: phone(name), name: (*name).into(), label: format!("Desk {name}"), any_media_source: false };
    PHONES.iter().map(phone).collect()
}

fn recorded() -> RecordingPolicy {
    RecordingPolicy { record: true, consent: Some("consent".into()) }
}

/// A call from that trunk or phone, begun where the plan and the site say.
pub(crate) fn setup(origin: Origin, caller: &str, called: &str) -> CallSetup {
    let (plan, site) = (plan(), site());
    let trunk = matches!(origin, Origin::Trunk(_)).then_some("lab");
    let ask = Ask { trunk, called, caller, local: DateTime::constant(2026, 3, 2, 9, 0, 0, 0) };
    let (kind, start) = Start::of(&plan, &site, &ask);
    CallSetup {
        call: CALL,
        number: 17,
        kind,
        origin,
        caller: Number::new(caller),
        caller_name: None,
        called: Number::new(called),
        leg: LegId::from_u128(0x1E6),
        start,
        plan,
        site,
        agents: agents(),
    }
}

fn agents() -> Arc<BTreeMap<PhoneId, AgentId>> {
    Arc::new(PHONES.iter().map(|name| (phone(name), agent(name))).collect())
}

pub(crate) fn phone(name: &str) -> PhoneId {
    PhoneId::from_u128(name.parse().expect("phones are named by digits"))
}

/// The agent who is logged in at that phone.
pub(crate) fn agent(phone: &str) -> AgentId {
    AgentId::from_u128(0xC000 + phone.parse::<u128>().expect("phones are named by digits"))
}

fn queue(id: QueueId, name: &str, strategy: Strategy, recording: RecordingPolicy) -> Queue {
    Queue {
        id,
        name: name.into(),
        label: name.into(),
        strategy,
        offer_ms: 15_000,
        wrapup_ms: 10_000,
        misses_pause: 3,
        max_wait_ms: None,
        max_waiting: 10,
        music: "calm".into(),
        recording,
    }
}
