//! The site all these calls live in.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use carillon_acd::Setup;
use carillon_call::{CallSetup, Destination, Dialler, Site, Speech, Start};
use carillon_dialplan::{Ask, Language, Plan};
use carillon_model::{
    Agent, AgentId, AutoAnswer, CallId, CallKind, DialRights, LegId, Membership, Number, Origin, OutboundRoute, Phone, PhoneId, Queue,
    QueueId, Reason, RecordingPolicy, RouteClass, RouteId, Strategy, Trunk, TrunkId, Typology,
};
use jiff::{civil::DateTime, tz::TimeZone};

pub(crate) const CALL: CallId = CallId::from_u128(0xCA11);
pub(crate) const LAB: TrunkId = TrunkId::from_u128(0xA1);
pub(crate) const BACKUP: TrunkId = TrunkId::from_u128(0xA2);
pub(crate) const SALES: QueueId = QueueId::from_u128(0xB1);
/// A phone nobody is logged in at.
pub(crate) const LOBBY: &str = "1009";
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
called = "5009"
step = "island"
[[route]]
called = "5010"
step = "told"
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
[step.told]
kind = "play"
prompts = ["welcome", "digits:{caller}", "time:{now}"]
skip = true
then = "farewell"
[step.island]
kind = "dial"
number = "+5355555555"
ring_ms = 30000
on_failed = "farewell"
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
    let trunk = |id, name: &str, host: &str| Trunk {
        id,
        name: name.into(),
        host: host.into(),
        port: Some(5060),
        transport: "udp".into(),
        account: None,
        options: false,
        large_by_tcp: false,
        max_calls: 30,
        max_calls_per_hour: None,
        media_security: carillon_model::MediaSecurity::default(),
    };
    let trunks = [trunk(LAB, "lab", "192.0.2.10"), trunk(BACKUP, "backup", "192.0.2.11")];
    let route = |id, prefix: &str, class, fallback: &[TrunkId], recording| OutboundRoute {
        id: RouteId::from_u128(id),
        prefix: prefix.into(),
        class,
        trunk: LAB,
        fallback: fallback.to_vec(),
        caller_id: Some(Number::new(if class == RouteClass::Emergency { "+390200112" } else { "+390200000" })),
        recording,
    };
    let routes = vec![
        route(1, "+39", RouteClass::National, &[], recorded()),
        route(2, "+44", RouteClass::National, &[], RecordingPolicy::default()),
        route(3, "+45", RouteClass::National, &[BACKUP], RecordingPolicy::default()),
        route(4, "+1", RouteClass::International, &[], RecordingPolicy::default()),
        route(5, "+1900", RouteClass::Premium, &[], RecordingPolicy::default()),
        route(6, "+53", RouteClass::Blocked, &[], RecordingPolicy::default()),
        route(7, "112", RouteClass::Emergency, &[BACKUP], RecordingPolicy::default()),
    ];
    Arc::new(Site::new(queues(), agents_of_phones(), &phones(), &trunks, routes))
}

/// All that `acd` has to know of it.
pub(crate) fn acd_setup() -> Setup {
    let agents = agents_of_phones();
    let membership = |queue: &Queue, agent| Membership { queue: queue.id, agent, priority: 1 };
    let memberships = queues().iter().flat_map(|queue| agents.iter().map(|(agent, _)| membership(queue, *agent))).collect();
    Setup {
        queues: queues(),
        agents,
        memberships,
        phones: phones(),
        restart_wrapup_ms: 10_000,
        outside_wrapup_ms: 10_000,
        release_unreachable_ms: None,
    }
}

fn agents_of_phones() -> Vec<(AgentId, Agent)> {
    let caller_id = |name: &str| (name == "1003").then(|| Number::new("+390200003"));
    let of = |name: &str| Agent {
        // The phone of that name is the third agent's page.
        number: Number::new(if name == "1003" { name.to_owned() } else { format!("2{name}") }),
        typology: if name == "1003" { Typology::WebRtc } else { Typology::External },
        wrapup_ms: None,
        dials: DialRights::usual(),
        caller_id: caller_id(name),
        remote_control: true,
        alias: None,
        parts: carillon_model::Parts::default(),
        logs_in_paused: false,
    };
    PHONES.iter().map(|name| (agent(name), of(name))).collect()
}

fn queues() -> Vec<Queue> {
    vec![
        queue(SALES, "sales", Strategy::LongestIdle, recorded()),
        queue(QueueId::from_u128(0xB2), "support", Strategy::LongestIdle, recorded()),
        queue(QueueId::from_u128(0xB3), "orders", Strategy::RingAll, RecordingPolicy::default()),
    ]
}

fn phones() -> Vec<Phone> {
    let phone = |name: &&str| Phone {
        id: phone(name),
        name: (*name).into(),
        label: format!("Desk {name}"),
        any_media_source: false,
        auto_answer: AutoAnswer::Off,
        dials: DialRights::inside(),
        media_security: carillon_model::MediaSecurity::default(),
    };
    PHONES.iter().chain(&[LOBBY]).map(phone).collect()
}

fn recorded() -> RecordingPolicy {
    RecordingPolicy { record: true, consent: Some("consent".into()) }
}

/// A call from that trunk or phone, begun where the plan and the site say.
pub(crate) fn setup(origin: Origin, caller: &str, called: &str) -> CallSetup {
    let (plan, site) = (plan(), site());
    let trunk = matches!(origin, Origin::Trunk(_)).then_some("lab");
    let ask = Ask { trunk, called, caller, local: DateTime::constant(2026, 3, 2, 9, 0, 0, 0) };
    let at = match origin {
        Origin::Phone(phone) => Some(Dialler { phone, agent: agents().get(&phone).copied(), queue: None }),
        Origin::Trunk(_) => None,
    };
    let (kind, start) = Start::of(&plan, &site, &ask, at.as_ref());
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
        speech: speech(),
    }
}

fn speech() -> Speech {
    Speech { language: Language::English, time_zone: TimeZone::UTC }
}

/// An agent at one of our phones clicks on a number.
pub(crate) fn clicked(name: &str, number: &str, queue: Option<&str>) -> Result<CallSetup, Reason> {
    let (plan, site) = (plan(), site());
    let by = Dialler { phone: phone(name), agent: Some(agent(name)), queue };
    let destination = site.destination(&Number::new(number), &by)?;
    let kind = if destination.is_outside() { CallKind::Outbound } else { CallKind::Internal };
    let start = Start::Click { phone: phone(name), destination, queue: queue.and_then(|queue| site.queue(queue)).map(|queue| queue.id) };
    let (leg, agents) = (LegId::from_u128(0x1E6), agents());
    let (caller, called, origin) = (Number::new(name), Number::new(number), Origin::Phone(phone(name)));
    Ok(CallSetup {
        call: CALL,
        number: 18,
        kind,
        origin,
        caller,
        caller_name: None,
        called,
        leg,
        start,
        plan,
        site,
        agents,
        speech: speech(),
    })
}

/// Where the agent at that phone would get to by that number.
pub(crate) fn leads_to(name: &str, number: &str) -> Result<Destination, Reason> {
    let at = phone(name);
    let by = Dialler { phone: at, agent: agents().get(&at).copied(), queue: None };
    site().destination(&Number::new(number), &by)
}

fn agents() -> Arc<BTreeMap<PhoneId, AgentId>> {
    Arc::new(PHONES.iter().map(|name| (phone(name), agent(name))).collect())
}

pub(crate) fn phone(name: &str) -> PhoneId {
    PhoneId::from_u128(name.parse().expect("phones are named by digits"))
}

/// The agent who is logged in at a phone, by its id.
pub(crate) fn agent_at(phone: PhoneId) -> Option<AgentId> {
    agents().get(&phone).copied()
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
        caller_id: (name == "support").then(|| Number::new("+390200222")),
        keep_recordings_days: None,
    }
}
