//! I1: the database is locked, gone, or says nothing. Calls that are up go on, new ones are routed from memory, supervisors are told, the
//! API says so and keeps nobody waiting; what happened lands once and in order. `CARILLON_LOCKED_S` holds it for longer than the test needs.

use std::{sync::Arc, time::Duration};

use carillon_kit::{
    Site,
    phone::Invite,
    postgres::{self, Unsteady},
};
use serde_json::json;
use sqlx::{AnyConnection, Connection, Executor};
use tokio::{process::Command, time::Instant};

use super::{Floor, RUSH, binary, check_order};

/// What takes the database away and gives it back.
trait Fault {
    async fn begin(&mut self);
    async fn end(&mut self);
    /// Whether lists can be read meanwhile.
    const READS: bool;
}

struct Locked(AnyConnection);

impl Fault for Locked {
    async fn begin(&mut self) {
        self.0.execute("BEGIN EXCLUSIVE").await.expect("a lock");
    }

    async fn end(&mut self) {
        self.0.execute("ROLLBACK").await.expect("no lock");
    }

    const READS: bool = true;
}

struct Gone(Arc<Unsteady>);

impl Fault for Gone {
    async fn begin(&mut self) {
        obey(&self.0, Unsteady::go).await;
    }

    async fn end(&mut self) {
        obey(&self.0, Unsteady::come_back).await;
    }

    const READS: bool = false;
}

struct Frozen(Arc<Unsteady>);

impl Fault for Frozen {
    async fn begin(&mut self) {
        obey(&self.0, Unsteady::freeze).await;
    }

    async fn end(&mut self) {
        obey(&self.0, Unsteady::thaw).await;
    }

    const READS: bool = false;
}

async fn obey(server: &Arc<Unsteady>, order: fn(&Unsteady)) {
    let server = Arc::clone(server);
    tokio::task::spawn_blocking(move || order(&server)).await.expect("a server that obeys");
}

#[tokio::test]
async fn a_locked_sqlite() {
    let floor = Floor::open(2, 1).await;
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}", floor.site.path("carillon.db").display());
    work_through(floor, Locked(AnyConnection::connect(&url).await.expect("a connection beside the server's"))).await;
}

#[tokio::test]
async fn a_postgresql_that_is_gone() {
    let (floor, server) = on_postgres().await;
    work_through(floor, Gone(server)).await;
}

#[tokio::test]
async fn a_postgresql_that_says_nothing() {
    let (floor, server) = on_postgres().await;
    work_through(floor, Frozen(server)).await;
}

async fn on_postgres() -> (Floor, Arc<Unsteady>) {
    let server = Arc::new(tokio::task::spawn_blocking(postgres::Unsteady::start).await.expect("a PostgreSQL"));
    let url = server.url();
    let change = |site: &Site| site.configure("sqlite:carillon.db", &url);
    (Floor::open_with(2, 1, change, Command::new(binary())).await, server)
}

async fn work_through<F: Fault>(mut floor: Floor, mut fault: F) {
    let sofia = floor.supervisor().await;
    let mut talks = floor.all_talk("+390210000").await;
    fault.begin().await;
    let began = Instant::now();
    // A call that is up, one that ends, and one that comes.
    let (mut stays, mut ends) = (talks.remove(0), talks.remove(0));
    stays.goes_on(440.0, 700.0).await;
    ends.caller.hang_up().await;
    ends.agent.is_ended().await;
    let mut caller = floor.trunk.invite(Invite::to(RUSH).from("+390217777")).await;
    let (_, mut agent) = tokio::join!(caller.is_answered(), floor.rush[0].answers());
    agent.audio.say(900.0);
    caller.audio.hears(900.0).await;
    let told_after = floor.alarm("database_refuses", true).await;

    let mut slowest = Duration::ZERO;
    for n in 0..3 {
        let asked = Instant::now();
        let refused = sofia.post("/pauses", json!({ "name": format!("lunch{n}"), "label": "Lunch" })).await;
        slowest = slowest.max(asked.elapsed());
        assert_eq!(refused.status, 503, "{refused:?}");
        assert_eq!(refused.body["type"], "unavailable", "{refused:?}");
        assert!(refused.retry_after.is_some_and(|seconds| seconds > 0), "{refused:?}");
        let asked = Instant::now();
        let read = sofia.asks("/calls").await;
        slowest = slowest.max(asked.elapsed());
        assert_eq!(read.status, if F::READS { 200 } else { 503 }, "{read:?}");
    }
    println!("the alarm came {told_after:?} after the new call; the slowest answer took {slowest:?}");
    if let Some(held) = std::env::var("CARILLON_LOCKED_S").ok().and_then(|seconds| seconds.parse().ok()) {
        tokio::time::sleep(Duration::from_secs(held).saturating_sub(began.elapsed())).await;
    }
    stays.goes_on(500.0, 800.0).await;
    caller.hang_up().await;
    agent.is_ended().await;
    fault.end().await;

    floor.alarm("database_refuses", false).await;
    stays.caller.hang_up().await;
    for caller in ["+39021000000", "+39021000001", "+390217777"] {
        let call = floor.call_of(caller).await;
        check_order(&call);
        assert_eq!(call["reason"], "hung_up", "{call:#}");
    }
    let made = sofia.post("/pauses", json!({ "name": "lunch", "label": "Lunch" })).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(std::fs::read(floor.site.path("carillon.spool")).map(|spool| spool.len()).unwrap_or(0), 0, "the spool has landed");
}
