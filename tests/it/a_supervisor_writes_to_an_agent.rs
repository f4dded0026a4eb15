//! X2, X3: a supervisor writes to an agent; the agent's desktop and no other agent's shows it, and nobody is told who has none open.

use serde_json::{Value, json};

use crate::{desktop::Desktop, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn and_only_the_agents_own_desktop_shows_it() {
    let site = Site::start().await;
    let (anna, bruno) = (site.signed_in("anna").await, site.signed_in("bruno").await);
    let sofia = site.signed_in("sofia").await;
    let (_, me) = anna.get("/me").await;
    let path = format!("/agents/{}/note", me["id"].as_str().expect("an id"));
    let write = async |text: &str| {
        let (status, said) = sofia.post(&path, &json!({ "text": text })).await;
        (status, said["type"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(write("Well done.").await, (409, "no_desktop".to_owned()));

    let (mut hers, mut his) = (Desktop::open(&site, &anna).await, Desktop::open(&site, &bruno).await);
    for (text, refused) in [("  ", 422), (&"x".repeat(501), 422)] {
        assert_eq!(write(text).await.0, refused);
    }
    assert_eq!(write(" Offer the <b>second</b> month. ").await.0, 204);
    let told = hers.hears("agent.noted", |_| true).await;
    assert_eq!((&told["note"], &told["agent"]), (&json!("Offer the <b>second</b> month."), &me["id"]));
    assert!(told["by_name"].is_string(), "{told:#}");

    // What comes after it has come to Bruno too: the note was not among it.
    let (_, him) = bruno.get("/me").await;
    let to_him = format!("/agents/{}/note", him["id"].as_str().expect("an id"));
    assert_eq!(sofia.post(&to_him, &json!({ "text": "Yours." })).await.0, 204);
    his.hears("agent.noted", |data: &Value| data["note"] == "Yours.").await;
    assert_eq!(his.heard.iter().filter(|message| message["type"] == "agent.noted").count(), 1);
}
