//! J1-J5, J11, J12: callers who gave up in a queue, reserved by one agent and called back.

use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::{Agent, Site, ending},
};

const ROUTE: &str = "\n[[outbound_route]]\nprefix = \"+39\"\ntrunk = \"lab\"\n";

/// Callers of the queue give up while both its agents have a break.
struct Day {
    site: Site,
    anna: Agent,
    bruno: Client,
    /// The row of the list.
    row: Value,
}

impl Day {
    async fn begins() -> Self {
        let site = Site::start_with(|_, setup| setup.push_str(ROUTE)).await;
        let anna = site.agent("anna", "1001").await;
        assert_eq!(anna.api.post("/me/pause", &json!({})).await.0, 200);
        let bruno = site.signed_in("bruno").await;
        let mut desk = Desktop::open(&site, &bruno).await;
        gives_up(&site, &anna).await;
        let told = desk.hears("abandoned.changed", |_| true).await;
        assert_eq!(told["queue"], "sales", "an agent of the queue is told");
        let row = listed(&anna.api, "").await.remove(0);
        assert_eq!((&row["id"], &row["phone"], &row["queue"]), (&told["call"], &json!("+390212345678"), &json!("sales")));
        assert_eq!((&row["reserved_by"], &row["assigned_to"], &row["redial"]), (&Value::Null, &Value::Null, &Value::Null));
        Self { site, anna, bruno, row }
    }

    fn reservation(&self) -> String {
        format!("/abandoned-calls/{}/reservation", self.row["id"].as_str().expect("an id"))
    }
}

async fn gives_up(site: &Site, anna: &Agent) {
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    eventually("the caller waiting", async || {
        let (_, waiting) = anna.api.get("/waiting").await;
        (waiting.as_array()?.len() == 1).then_some(())
    })
    .await;
    caller.hang_up().await;
}

async fn listed(client: &Client, query: &str) -> Vec<Value> {
    let (status, page) = client.get(&format!("/abandoned-calls{query}")).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().expect("rows").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_reserve_at_once_one_wins_and_the_other_is_told_who() {
    let day = Day::begins().await;
    let (anna, bruno, path, body) = (&day.anna.api, &day.bruno, day.reservation(), json!({}));
    for round in 0..100 {
        let (a, b) = match round % 2 {
            0 => tokio::join!(anna.put(&path, &body), bruno.put(&path, &body)),
            _ => {
                let (b, a) = tokio::join!(bruno.put(&path, &body), anna.put(&path, &body));
                (a, b)
            }
        };
        let anna_won = a.0 == 200;
        let (winner, name, by, first, second) =
            if anna_won { ("anna", "Anna Rossi", anna, &a, &b) } else { ("bruno", "Bruno Conti", bruno, &b, &a) };
        assert_eq!((first.0, second.0), (200, 409), "round {round}: {a:?} {b:?}");
        assert_eq!((&second.1["type"], &second.1["detail"]), (&json!("reserved"), &json!(name)), "the other is told who");
        assert_eq!(first.1["reserved_by"], json!({ "login": winner, "name": name }));
        let (status, freed) = by.delete(&path).await;
        assert_eq!((status, &freed["reserved_by"], &freed["assigned_to"]["login"]), (200, &Value::Null, &json!(winner)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_reserved_it_calls_back() {
    let mut day = Day::begins().await;
    let (id, reservation) = (day.row["id"].as_str().expect("an id").to_owned(), day.reservation());
    let back = json!({ "number": "+390212345678", "abandoned_call": id });
    let (anna, bruno) = (&mut day.anna, &day.bruno);
    assert_eq!(anna.api.post("/calls", &back).await.1["type"], "not_reserved");
    let mut desk = Desktop::open(&day.site, bruno).await;
    assert_eq!(anna.api.put(&reservation, &json!({})).await.0, 200);
    assert_eq!(anna.api.put(&reservation, &json!({})).await.0, 200, "again changes nothing");
    desk.hears("abandoned.changed", |told| told["call"] == *id).await;
    assert_eq!(listed(bruno, "").await[0]["reserved_by"]["name"], "Anna Rossi");
    assert_eq!(bruno.delete(&reservation).await.1["type"], "not_reserved");

    let (status, made) = anna.api.post("/calls", &back).await;
    assert_eq!(status, 202, "{made}");
    let mut own = anna.phone.rings().await;
    own.answer().await;
    let mut other = day.site.trunk.rings().await;
    assert!(other.invitation().expect("an INVITE").uri.to_string().starts_with("sip:+390212345678@"));
    other.answer().await;
    other.audio.say(500.0);
    own.audio.say(1300.0);
    own.audio.hears(500.0).await;
    other.audio.hears(1300.0).await;
    let mut desk = Desktop::open(&day.site, bruno).await;
    other.hang_up().await;
    own.is_ended().await;
    desk.hears("abandoned.changed", |told| told["call"] == *id).await;
    eventually("the call back in the list", async || {
        let redial = listed(&anna.api, "").await[0]["redial"].clone();
        (redial["call"] == made["id"] && redial["answered"] == true && redial["reason"] == "hung_up").then_some(())
    })
    .await;

    // A supervisor may free it for somebody else.
    let sofia = day.site.signed_in("sofia").await;
    assert_eq!(sofia.delete(&reservation).await.0, 200);
    assert_eq!(sofia.delete(&reservation).await.1["type"], "not_reserved");
    assert_eq!(sofia.put(&reservation, &json!({})).await.0, 403);
    let admin = day.site.signed_in("admin").await;
    let log = admin.get("/audit?entity=abandoned_call").await.1["items"].clone();
    assert_eq!((log.as_array().map(Vec::len), &log[0]["by"]), (Some(1), &json!("sofia")), "{log:#}");
    assert!(log[0]["before"]["reserved_by"].is_string() && log[0]["after"]["reserved_by"].is_null(), "{log:#}");
    assert_eq!(listed(&sofia, "?queue=sales&limit=1&sort=reserved_by&order=asc").await.len(), 1);
    assert_eq!(sofia.get("/abandoned-calls?after=nonsense").await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_held_who_is_gone_is_free_again() {
    let day = Day::begins().await;
    let (bruno, reservation) = (&day.bruno, day.reservation());
    assert_eq!(day.anna.api.put(&reservation, &json!({})).await.1["reserved"], true);
    let admin = day.site.signed_in("admin").await;
    let anna = day.anna.api.get("/me").await.1["id"].clone();
    assert_eq!(admin.delete(&format!("/users/{}", anna.as_str().expect("an id"))).await.0, 204);
    let row = listed(bruno, "").await.remove(0);
    assert_eq!((&row["reserved"], &row["reserved_by"]), (&json!(false), &Value::Null));
    let (status, row) = bruno.put(&reservation, &json!({})).await;
    assert_eq!((status, &row["reserved_by"]["login"]), (200, &json!("bruno")), "{row}");

    // Of one who was removed before it was so, the list says that the call is held, and a supervisor frees it.
    let db = carillon_store::Db::open(&day.site.database()).await.expect("the database");
    assert_eq!(bruno.delete(&reservation).await.0, 200);
    let mut write = db.write().await.expect("a database");
    let call = carillon_model::CallId::new(day.row["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
    let gone = carillon_model::AgentId::from_u128(99);
    carillon_store::abandoned_call::reserve(&mut write, call, gone, jiff::Timestamp::now()).await.expect("an answer");
    write.commit().await.expect("a write");
    let row = listed(bruno, "").await.remove(0);
    assert_eq!((&row["reserved"], &row["reserved_by"]), (&json!(true), &Value::Null));
    let (status, freed) = day.site.signed_in("sofia").await.delete(&reservation).await;
    assert_eq!((status, &freed["reserved"]), (200, &json!(false)), "{freed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_calls_again_and_is_served_is_off_the_list() {
    let mut day = Day::begins().await;
    gives_up(&day.site, &day.anna).await;
    let mut desk = Desktop::open(&day.site, &day.bruno).await;
    eventually("both in the list", async || (listed(&day.bruno, "").await.len() == 2).then_some(())).await;
    assert_eq!(day.anna.api.post("/me/resume", &json!({})).await.0, 200);
    let mut caller = day.site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = day.anna.phone.rings().await;
    own.answer().await;
    // While they talk already.
    desk.hears("abandoned.changed", |told| told["call"] == day.row["id"]).await;
    assert_eq!(listed(&day.bruno, "").await, [Value::Null; 0]);
    let served = listed(&day.bruno, "?served=true").await;
    assert_eq!(served.len(), 2, "what one caller tried twice is served at once");
    assert!(served.iter().all(|row| row["served_by"].is_string()));
    assert_eq!(day.bruno.put(&day.reservation(), &json!({})).await.1["type"], "served");
    caller.hang_up().await;
    own.is_ended().await;
}

/// Abandoned is whoever leaves a queue before its agent, whoever of another queue was talked with before.
#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_in_the_next_queue_is_abandoned_there() {
    let site = Site::start_with(|_, setup| *setup = setup.replace("max_wait_ms = 1500\n", "")).await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut desk = Desktop::open(&site, &sofia).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    own.answer().await;
    anna.is("talking").await;
    let call = anna.api.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned();
    // Somebody is there, and has a break.
    let bruno = site.agent("bruno", "1002").await;
    assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    let (status, problem) = anna.api.post(&format!("/calls/{call}/transfer"), &json!({ "queue": "support" })).await;
    assert_eq!(status, 204, "{problem}");
    own.is_ended().await;
    eventually("the caller waiting", async || (sofia.get("/waiting").await.1.as_array()?.len() == 1).then_some(())).await;
    caller.hang_up().await;
    let told = desk.hears("abandoned.changed", |_| true).await;
    assert_eq!((&told["call"], &told["queue"]), (&json!(call), &json!("support")));
    let record = site.record().await;
    assert_eq!(ending(&record), "caller cancelled");
    let row = &sofia.get("/calls").await.1["items"][0];
    assert_eq!((&row["queue"], &row["agent"], &row["reason"]), (&json!("support"), &json!("anna"), &json!("cancelled")), "{row}");
    let abandoned = listed(&sofia, "").await;
    assert_eq!((abandoned.len(), &abandoned[0]["id"], &abandoned[0]["queue"]), (1, &json!(call), &json!("support")));
    // It was answered once, in the first queue: the average wait is that of the answer.
    let sums = sofia.get("/calls/sums?from=2020-01-01T00:00:00Z").await.1;
    assert_eq!((&sums["answered"], &sums["queued"], &sums["wait_ms"]), (&json!(1), &json!(1), &record["queues"][0]["wait_ms"]), "{sums}");
    // What happened names who and what.
    let details = anna.api.get(&format!("/calls/{call}")).await.1;
    let names: Vec<_> = details["names"].as_object().expect("names").values().filter_map(Value::as_str).collect();
    for name in ["Anna Rossi", "1001", "lab"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}
