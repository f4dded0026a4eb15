//! What may go wrong on the day: the real binary is killed, starved, drained and misled while calls are up. Phones are the kit's, many
//! and cheap; only the server is watched.

#![expect(clippy::print_stdout, reason = "what a journey measured is shown when it fails, or with --nocapture")]

mod a_disk_that_is_full;
mod a_stop_serves_who_waits;
mod half_a_dialplan;
mod killed_at_any_moment;
mod phones_on_a_connection_come_back;
mod short_of_descriptors;
mod the_clock_is_set;
mod without_its_database;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use carillon_kit::{
    Person, Server, Site, apply_setup,
    phone::{Call, Invite, Phone},
    until,
};
use serde_json::{Value, json};
use tokio::{process::Command, task::JoinSet, time::Instant};

/// Calls to this number wait for the agents of queue `sales` and are recorded.
pub(crate) const SALES: &str = "5001";
/// Calls to this number wait for the agents of queue `rush`; the last ones of the floor work there.
pub(crate) const RUSH: &str = "5002";

/// A server with agents at their phones and a trunk.
pub(crate) struct Floor {
    pub(crate) site: Site,
    pub(crate) server: Server,
    pub(crate) trunk: Arc<Phone>,
    pub(crate) sales: Vec<Agent>,
    pub(crate) rush: Vec<Agent>,
}

/// An agent with a phone.
pub(crate) struct Agent {
    pub(crate) person: Person,
    pub(crate) login: String,
    pub(crate) phone: Phone,
}

/// A caller and the agent who was given the call.
pub(crate) struct Talk {
    pub(crate) caller: Call,
    pub(crate) agent: Call,
}

impl Floor {
    /// Opens with so many agents in `sales` and in `rush`.
    pub(crate) async fn open(sales: usize, rush: usize) -> Self {
        Self::open_with(sales, rush, |_| {}, Command::new(binary())).await
    }

    /// With changes to the site's files, and the server started by a command of the test's own.
    pub(crate) async fn open_with(sales: usize, rush: usize, change: impl FnOnce(&Site), command: Command) -> Self {
        let mut floor = Self::before_the_shift(sales, rush, change, command).await;
        for at in 0..sales + rush {
            floor.sales.push(Agent::at_work(&floor.server, at).await);
        }
        floor.rush = floor.sales.split_off(sales);
        floor
    }

    /// The same floor with nobody at a phone yet.
    pub(crate) async fn before_the_shift(sales: usize, rush: usize, change: impl FnOnce(&Site), command: Command) -> Self {
        let trunk = Phone::trunk().await;
        let site = Site::new(&setup(sales, rush, trunk.address()), PLAN, &sounds());
        change(&site);
        apply_setup(binary(), &site).await;
        let server = Server::by(command, &site).await;
        trunk.knows(server.bound.sip_udp);
        Self { site, server, trunk: Arc::new(trunk), sales: Vec::new(), rush: Vec::new() }
    }

    pub(crate) async fn supervisor(&self) -> Person {
        Person::sign_in(&self.server, "sofia", PASSWORD).await
    }

    /// Asks the server to end, and waits until it has.
    pub(crate) async fn closes(&mut self) {
        self.server.program.signal("TERM").await;
        let ended = self.server.program.ended(Duration::from_secs(30)).await;
        assert!(ended.success(), "{ended}");
    }

    /// The only call of a caller, with its facts, once its record is written.
    pub(crate) async fn call_of(&self, caller: &str) -> Value {
        let sofia = self.supervisor().await;
        let ended = |calls: &Value| items(calls).iter().any(|call| call["caller"] == caller && !call["ended_at"].is_null());
        let calls = sofia.sees("/calls?limit=200", &format!("the call of {caller} has ended"), ended).await;
        let of_caller: Vec<_> = items(&calls).into_iter().filter(|call| call["caller"] == caller).collect();
        assert_eq!(of_caller.len(), 1, "one record a call: {calls:#}");
        sofia.get(&format!("/calls/{}", of_caller[0]["id"].as_str().expect("an id"))).await
    }

    /// Waits until `/healthz` tells an alarm, or tells it no more. Within how long.
    pub(crate) async fn alarm(&self, name: &str, stands: bool) -> Duration {
        let began = Instant::now();
        let line = format!("alarm {name} since");
        until(&format!("alarm {name}: {stands}"), async || (self.server.page("/healthz").await.1.contains(&line) == stands).then_some(()))
            .await;
        let (_, metrics) = self.server.page("/metrics").await;
        let gauge = format!("carillon_alarm{{alarm=\"{name}\"}} {}", u8::from(stands));
        assert!(metrics.contains(&gauge), "{gauge} in {metrics}");
        began.elapsed()
    }

    /// Every agent of `sales` is called by a caller of their own, from numbers that begin with `from`, and answers.
    pub(crate) async fn all_talk(&mut self, from: &str) -> Vec<Talk> {
        let mut callers = JoinSet::new();
        let mut agents = JoinSet::new();
        for (at, agent) in self.sales.drain(..).enumerate() {
            let (trunk, number) = (Arc::clone(&self.trunk), format!("{from}{at:02}"));
            callers.spawn(async move {
                let mut call = trunk.invite(Invite::to(SALES).from(&number)).await;
                call.is_answered().await;
                (number, call)
            });
            agents.spawn(async move {
                let Agent { person, login, mut phone } = agent;
                let mut call = phone.rings().await;
                call.answer().await;
                (Agent { person, login, phone }, call)
            });
        }
        let mut callers = callers.join_all().await;
        let (mut talks, mut of_agents) = (Vec::new(), Vec::new());
        for (agent, call) in agents.join_all().await {
            self.sales.push(agent);
            of_agents.push(call);
        }
        self.sales.sort_by(|a, b| a.login.cmp(&b.login));
        for agent in of_agents {
            let number = agent.invitation().map(|invite| carillon_kit::phone::header(invite, "From").unwrap_or_default());
            let number = number.expect("an INVITE");
            let at = callers.iter().position(|(caller, _)| number.contains(caller.as_str())).expect("a caller of ours");
            talks.push(Talk { caller: callers.swap_remove(at).1, agent });
        }
        let (supervisor, count) = (self.supervisor().await, self.sales.len());
        supervisor.sees("/agents", "every agent talks", |rows| in_state(rows, "talking").len() == count).await;
        talks
    }
}

/// A test that fails shows what the server said.
impl Drop for Floor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the server said:\n{}", self.server.program.said());
        }
    }
}

impl Talk {
    /// Each side hears what the other says from now on.
    pub(crate) async fn goes_on(&mut self, caller_hz: f64, agent_hz: f64) {
        self.caller.audio.say(caller_hz);
        self.agent.audio.say(agent_hz);
        self.caller.audio.hears(agent_hz).await;
        self.agent.audio.hears(caller_hz).await;
    }
}

impl Agent {
    /// Takes the next call.
    pub(crate) async fn answers(&mut self) -> Call {
        let mut call = self.phone.rings().await;
        call.answer().await;
        call
    }

    async fn at_work(server: &Server, at: usize) -> Self {
        let phone = Phone::registered(&phone(at), server.bound.sip_udp).await;
        Self { person: sits_down(server, at).await, login: login(at), phone }
    }
}

/// An agent signs in and takes the phone that bears the agent's place, as soon as it is registered.
pub(crate) async fn sits_down(server: &Server, at: usize) -> Person {
    let name = phone(at);
    let person = Person::sign_in(server, &login(at), PASSWORD).await;
    person.sees("/phones?available=true", "the phone is there", |rows| has(rows, "name", &name)).await;
    let chosen = person.put("/session/phone", json!({ "phone": name })).await;
    assert_eq!(chosen.status, 200, "{chosen:?}");
    person
}

/// Logins of the agents in a state.
pub(crate) fn in_state<'a>(rows: &'a Value, state: &str) -> Vec<&'a str> {
    let rows = rows.as_array().expect("rows").iter();
    rows.filter(|row| row["state"] == state).filter_map(|row| row["login"].as_str()).collect()
}

fn has(rows: &Value, field: &str, value: &str) -> bool {
    rows.as_array().expect("rows").iter().any(|row| row[field] == value)
}

/// The facts of a call, of one type.
pub(crate) fn facts<'a>(call: &'a Value, kind: &str) -> Vec<&'a Value> {
    call["timeline"].as_array().expect("a timeline").iter().filter(|fact| fact["type"] == kind).collect()
}

/// The facts of a call stand in the order of their numbers, each once.
pub(crate) fn check_order(call: &Value) {
    let numbers: Vec<_> = call["timeline"].as_array().expect("a timeline").iter().filter_map(|fact| fact["seq"].as_u64()).collect();
    let in_order: Vec<_> = numbers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(numbers, in_order, "{call:#}");
    for kind in ["call.started", "call.ended"] {
        assert_eq!(facts(call, kind).len(), 1, "{kind} of {call:#}");
    }
}

pub(crate) fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_carillon"))
}

fn sounds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo")
}

const PASSWORD: &str = "in-the-tests";

fn login(at: usize) -> String {
    format!("agent{at:02}")
}

/// The phone of an agent's place.
pub(crate) fn phone(at: usize) -> String {
    format!("20{at:02}")
}

fn setup(sales: usize, rush: usize, trunk: SocketAddr) -> String {
    let mut text = String::new();
    for at in 0..sales + rush {
        let (login, phone) = (login(at), phone(at));
        text += &format!(
            r#"
            [[user]]
            login = "{login}"
            name = "{login}"
            role = "agent"
            password = "{PASSWORD}"
            agent = {{ number = "3{at:02}", typology = "external" }}
            [[phone]]
            name = "{phone}"
            password = "phone-{phone}"
            "#
        );
    }
    let members = |range: std::ops::Range<usize>| range.map(|at| format!("{{ agent = \"{}\" }}", login(at))).collect::<Vec<_>>().join(", ");
    let (of_sales, of_rush) = (members(0..sales), members(sales..sales + rush));
    text + &format!(
        r#"
        [[user]]
        login = "sofia"
        name = "Sofia Greco"
        role = "admin"
        password = "{PASSWORD}"
        [[queue]]
        name = "sales"
        offer_ms = 20000
        wrapup_ms = 0
        record = true
        members = [{of_sales}]
        [[queue]]
        name = "rush"
        offer_ms = 20000
        wrapup_ms = 0
        record = true
        members = [{of_rush}]
        [[trunk]]
        name = "lab"
        host = "127.0.0.1"
        port = {port}
        "#,
        port = trunk.port(),
    )
}

const PLAN: &str = r#"
[[route]]
called = "5001"
step = "sales"

[[route]]
called = "5002"
step = "rush"

[step.sales]
kind = "queue"
queue = "sales"

[step.rush]
kind = "queue"
queue = "rush"
"#;
