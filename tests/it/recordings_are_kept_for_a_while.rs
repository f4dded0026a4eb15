//! A recording is kept as long as its queue says, and then its file, its row and its links are gone, for ever; the call's record stays.

use std::time::Duration;

use carillon_kit::phone::Phone;
use carillon_store::{Db, recording};
use serde_json::{Value, json};

use crate::{
    binary::Folder,
    client::{Client, eventually},
    site::{Agent, PASSWORD},
};

#[tokio::test(flavor = "multi_thread")]
async fn as_long_as_its_queue_says() {
    let (folder, trunk) = (Folder::new(), Phone::trunk().await);
    folder.apply(trunk.address()).await;
    let server = folder.run().await;
    trunk.knows(server.bound.sip_udp);
    let mut anna = Agent::at_work(server.bound.http, server.bound.sip_udp, "anna", "1001").await;
    let admin = signed_in(server.bound.http).await;
    let (_, queues) = admin.get("/queues").await;
    let sales = queues.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "sales")).expect("sales")["id"].clone();
    let sales = format!("/queues/{}", sales.as_str().expect("an id"));
    for (days, code) in [(json!(0), 422), (json!(40_000), 422), (json!(3), 200)] {
        assert_eq!(admin.put(&sales, &json!({ "version": 1, "keep_recordings_days": days })).await.0, code, "{days}");
    }
    for _ in 0..2 {
        let mut caller = trunk.dial("5001").await;
        caller.is_answered().await;
        let mut agent = anna.phone.rings().await;
        agent.answer().await;
        anna.is("talking").await;
        caller.hang_up().await;
        agent.is_ended().await;
        anna.is("available").await;
    }
    let rows = eventually("both recordings", async || {
        let (_, page) = admin.get("/recordings").await;
        page["items"].as_array().filter(|rows| rows.len() == 2).cloned()
    })
    .await;
    let (old, kept) = (&rows[1], &rows[0]);
    let old_id = old["id"].as_str().expect("an id");
    assert_eq!(admin.post(&format!("/recordings/{old_id}/links"), &json!({ "hours": 720 })).await.0, 201);
    eventually("its being looked at", async || admin.get(&format!("/recordings/{old_id}")).await.1["checked_at"].is_string().then_some(()))
        .await;
    server.stop().await;

    // One of them was made four days ago.
    let db = Db::open(&format!("sqlite:{}", folder.path("carillon.db").display())).await.expect("the database");
    let mut aged = recording::get(&db, old_id.parse().expect("an id")).await.expect("a row").expect("the recording");
    let file = folder.path("recordings").join(&aged.file);
    assert!(file.exists());
    let beside = file.with_extension("json");
    assert!(beside.exists(), "what was found when it was looked at");
    aged.started_at -= Duration::from_secs(4 * 86_400);
    let mut write = db.write().await.expect("a turn");
    recording::save(&mut write, &aged).await.expect("saved");
    write.commit().await.expect("a commit");
    drop(db);

    let server = folder.run().await;
    let admin = signed_in(server.bound.http).await;
    eventually("the old one being gone", async || (admin.get(&format!("/recordings/{old_id}")).await.0 == 404).then_some(())).await;
    assert!(!file.exists() && !beside.exists(), "its files went first");
    let (_, page) = admin.get("/recordings").await;
    assert_eq!((page["items"].as_array().map(Vec::len), &page["items"][0]["id"]), (Some(1), &kept["id"]));
    let call = format!("/calls/{}", old["call"].as_str().expect("an id"));
    let (status, told) = admin.get(&call).await;
    assert_eq!((status, &told["recording"]), (200, &Value::Null), "the call's record stays, and leads to no recording: {told:#}");

    // Classed after that, and corrected: what was removed does not come back.
    let (status, made) = admin.post("/dispositions", &json!({ "name": "Sold" })).await;
    assert_eq!(status, 201, "{made}");
    for note in ["at once", "on second thoughts"] {
        let wanted = json!({ "disposition": made["id"], "note": note });
        assert_eq!(admin.put(&format!("{call}/disposition"), &wanted).await.0, 204);
        eventually("the note in the record", async || (admin.get(&call).await.1["note"] == note).then_some(())).await;
    }
    assert_eq!(admin.get(&call).await.1["recording"], Value::Null);
    assert_eq!(admin.get(&format!("/recordings/{old_id}")).await.0, 404);
    let (_, page) = admin.get("/recordings").await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{page:#}");
    let kept_call = format!("/calls/{}", kept["call"].as_str().expect("an id"));
    assert_eq!(admin.put(&format!("{kept_call}/disposition"), &json!({ "disposition": made["id"] })).await.0, 204);
    assert_eq!(admin.get(&kept_call).await.1["recording"], kept["id"], "one that is kept stays with its call");
    server.stop().await;
}

async fn signed_in(http: std::net::SocketAddr) -> Client {
    let mut client = Client::new(http);
    client.sign_in("admin", PASSWORD).await;
    client
}
