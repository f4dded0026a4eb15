//! B10, AB8: missed offers, a pause after misses, notes and a log-out by a supervisor are in the agent's notifications until they were seen.

use serde_json::{Value, json};

use crate::{client::eventually, desktop::Desktop, site::Site};

/// Kinds of what there is, newest first, and how many are unread.
async fn listed(client: &crate::client::Client) -> (Vec<String>, u64) {
    let (status, list) = client.get("/me/notifications").await;
    assert_eq!(status, 200, "{list}");
    let kinds = list["items"].as_array().expect("items").iter().map(|one| one["kind"].as_str().expect("a kind").to_owned());
    (kinds.collect(), list["unread"].as_u64().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_missed_is_there_until_it_was_seen() {
    let site = Site::start_with(|_, setup| {
        *setup = setup.replacen("offer_ms = 20000", "offer_ms = 1500", 1).replacen("misses_pause = 3", "misses_pause = 1", 1);
    })
    .await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    assert_eq!(listed(&anna.api).await, (vec![], 0));

    let caller = site.trunk.dial("5001").await;
    let _rings = anna.phone.rings().await;
    anna.is("paused").await;
    desk.hears("notifications.changed", |_| true).await;
    let kinds = vec!["paused_after_misses".to_owned(), "missed_offer".to_owned()];
    let found = eventually("both notices", async || Some(listed(&anna.api).await).filter(|(kinds, _)| kinds.len() == 2)).await;
    assert_eq!(found, (kinds, 2));
    let (_, list) = anna.api.get("/me/notifications").await;
    let missed = &list["items"][1];
    assert_eq!((&missed["queue"], missed["number"].as_u64()), (&json!("sales"), Some(1)), "{missed}");
    assert!(missed["caller"].is_string() && missed["call"].is_string(), "{missed}");
    drop(caller);

    assert_eq!(anna.api.post("/me/notifications/seen", &json!({})).await.0, 204);
    desk.hears("notifications.changed", |_| true).await;
    assert_eq!(listed(&anna.api).await.1, 0, "seen, and still there");

    let (_, me) = anna.api.get("/me").await;
    let id = me["id"].as_str().expect("an id");
    assert_eq!(sofia.post(&format!("/agents/{id}/note"), &json!({ "text": "Call me." })).await.0, 204);
    desk.hears("agent.noted", |note: &Value| note["note"] == "Call me.").await;
    desk.hears("notifications.changed", |_| true).await;
    let (kinds, unread) = listed(&anna.api).await;
    assert_eq!((kinds[0].as_str(), kinds.len(), unread), ("note", 3, 1));

    // Whoever is logged out by somebody else finds it at the next sign-in; colleagues and supervisors find nothing of it.
    assert_eq!(sofia.post(&format!("/agents/{id}/log-out"), &json!({})).await.0 / 100, 2);
    let again = site.signed_in("anna").await;
    let (kinds, unread) = eventually("the log-out", async || Some(listed(&again).await).filter(|(kinds, _)| kinds.len() == 4)).await;
    assert_eq!((kinds[0].as_str(), unread), ("logged_out", 2));
    for login in ["bruno", "sofia"] {
        let other = site.signed_in(login).await;
        assert_eq!(listed(&other).await.0, Vec::<String>::new(), "{login}");
    }
}
