//! K5: a link to a recording opens that one file to whoever has it, until it expires or is taken back; who made it is in the audit log (threats 31, 35).

use reqwest::Method;
use serde_json::{Value, json};

use carillon_model::{RecordingLinkId, UserId};
use carillon_store::{Db, recording_link};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    client::send,
    site::{Site, both_sides},
};

#[tokio::test(flavor = "multi_thread")]
async fn until_it_is_taken_back() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    let recording = record["recordings"][0]["recording"].as_str().expect("an id").to_owned();
    let links = format!("/recordings/{recording}/links");
    let (sofia, stranger) = (site.signed_in("sofia").await, site.stranger());

    assert_eq!(anna.api.post(&links, &json!({ "hours": 1 })).await.0, 403, "agents hand nothing out");
    for hours in [json!(0), json!(721), json!(-1), json!("1")] {
        assert_eq!(sofia.post(&links, &json!({ "hours": hours })).await.0, 422, "{hours}");
    }
    let (status, made) = sofia.post(&links, &json!({ "hours": 24 })).await;
    assert_eq!((status, &made["made_by"], &made["opened_at"]), (201, &json!("sofia"), &Value::Null), "{made}");
    let path = made["path"].as_str().and_then(|path| path.strip_prefix("/api/v1")).expect("a path").to_owned();
    let token = path.rsplit('/').next().expect("a token").to_owned();
    assert_eq!(token.len(), 64, "256 bits");

    // Anybody who has it, whole or in part, and nothing else.
    let response = stranger.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().ok()), (200, Some("audio/wav")));
    let file = site.recording_of(&record);
    assert_eq!(response.bytes().await.expect("a file"), std::fs::read(&file).expect("the recording"));
    assert!(!both_sides(&file).0.is_empty());
    let part = stranger.request(Method::GET, &path).header("Range", "bytes=0-43").send().await.expect("an answer");
    assert_eq!((part.status().as_u16(), part.bytes().await.expect("a part").len()), (206, 44));
    for other in [format!("/recordings/{recording}"), format!("/recordings/{recording}/audio"), "/recordings".to_owned()] {
        let request = stranger.request(Method::GET, &other).bearer_auth(&token);
        assert_eq!(send(request).await.0, 401, "the secret signs nobody in: {other}");
    }
    for forged in ["0", &"0".repeat(64), &token[..63], &token.to_uppercase(), "..%2f..%2fcarillon.db"] {
        assert_eq!(stranger.get(&format!("/recording-links/{forged}")).await.0, 404, "{forged}");
    }

    let (_, listed) = sofia.get(&links).await;
    assert!(listed[0]["opened_at"].is_string() && !listed.to_string().contains(&token), "its secret is shown once: {listed}");
    let one = format!("{links}/{}", made["id"].as_str().expect("an id"));
    let elsewhere = one.replace(&recording, record["call"].as_str().expect("an id"));
    assert_eq!(sofia.delete(&elsewhere).await.0, 404, "another recording's it is not");
    assert_eq!((sofia.delete(&one).await.0, sofia.delete(&one).await.0), (204, 404));
    assert_eq!(stranger.get(&path).await.0, 404);
    assert_eq!(sofia.get(&links).await.1, json!([]));

    let admin = site.signed_in("admin").await;
    let (_, log) = admin.get("/audit?entity=recording_link&order=asc").await;
    let told: Vec<_> = log["items"].as_array().expect("entries").iter().map(|entry| (&entry["by"], &entry["action"])).collect();
    assert_eq!(told, [(&json!("sofia"), &json!("create")), (&json!("sofia"), &json!("delete"))], "{log}");
    assert!(!log.to_string().contains(&token));
    let (_, log) = admin.get(&format!("/audit?entity=recording&entity_id={recording}")).await;
    let told: Vec<_> = log["items"].as_array().expect("entries").iter().map(|entry| (&entry["by"], &entry["action"])).collect();
    assert_eq!(told, [(&json!("recording link"), &json!("listen"))], "whole and in part, that is one listening: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn until_its_time_is_over() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    let recording = record["recordings"][0]["recording"].as_str().expect("an id");
    let sofia = site.signed_in("sofia").await;
    let made_by = sofia.get("/me").await.1["id"].as_str().and_then(|id| id.parse().ok()).map(UserId::new).expect("an id");

    // Made two hours ago, one for an hour and one for a day.
    let db = Db::open(&site.database()).await.expect("the database");
    let made = Timestamp::now() - SignedDuration::from_hours(2);
    for (id, hours, code) in [(1, 24, 200), (2, 1, 404)] {
        let token = format!("{id:064}");
        let link = recording_link::RecordingLink {
            id: RecordingLinkId::from_u128(id),
            recording: recording.parse().expect("an id"),
            made_by,
            created_at: made,
            expires_at: made + SignedDuration::from_hours(hours),
            opened_at: None,
        };
        let sum: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut write = db.write().await.expect("a turn");
        recording_link::insert(&mut write, &link, &sum).await.expect("a link");
        write.commit().await.expect("a commit");
        let response = site.stranger().request(Method::GET, &format!("/recording-links/{token}")).send().await.expect("an answer");
        assert_eq!(response.status(), code, "for {hours} hours");
    }
    let (_, listed) = sofia.get(&format!("/recordings/{recording}/links")).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_has_fifty_at_most() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    let links = format!("/recordings/{}/links", record["recordings"][0]["recording"].as_str().expect("an id"));
    let sofia = site.signed_in("sofia").await;
    for _ in 0..50 {
        assert_eq!(sofia.post(&links, &json!({ "hours": 1 })).await.0, 201);
    }
    assert_eq!(sofia.post(&links, &json!({ "hours": 1 })).await.1["type"], "too_many");
}
