//! Every change of the set-up leaves who, when, before and after; secrets never ("audit log").

use serde_json::{Value, json};

use crate::{client::Client, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn with_who_when_before_and_after_on_sqlite() {
    audited(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_who_when_before_and_after_on_postgresql() {
    let url = carillon_kit::postgres::new_database();
    audited(Site::start_with(|config, _| config.database.url = url).await).await;
}

async fn audited(site: Site) {
    let admin = site.signed_in("admin").await;
    let from_setup = entries(&admin, "by=setup%20file&limit=200").await;
    assert!(from_setup.iter().any(|entry| entry["entity"] == "membership" && entry["action"] == "create"), "{from_setup:#?}");
    // Each by a name, and none by an id; what settings name by id has its name beside.
    for entry in &from_setup {
        let name = entry["name"].as_str().unwrap_or_default();
        assert!(!name.is_empty() && !entry["entity_id"].as_str().is_some_and(|id| name.contains(id)), "{entry:#}");
    }
    let member = from_setup.iter().find(|entry| entry["entity"] == "membership" && entry["name"] == "Anna Rossi · Sales").expect("Anna's");
    let agent = member["after"]["agent"].as_str().expect("an id");
    assert_eq!(member["names"][agent], "Anna Rossi", "{member:#}");

    let (status, trunk) =
        admin.post("/trunks", &json!({ "name": "far", "host": "192.0.2.9", "port": 5060, "transport": "udp", "max_calls": 1 })).await;
    assert_eq!(status, 201, "{trunk}");
    let id = trunk["id"].as_str().expect("an id");
    let mut changed = trunk.clone();
    changed["max_calls"] = 7.into();
    let (status, changed) = admin.put(&format!("/trunks/{id}"), &changed).await;
    assert_eq!(status, 200, "{changed}");
    // The same again changes nothing.
    assert_eq!(admin.put(&format!("/trunks/{id}"), &changed).await.0, 200);
    assert_eq!(admin.put(&format!("/trunks/{id}"), &trunk).await.0, 409, "a change that is refused");
    assert_eq!(admin.delete(&format!("/trunks/{id}")).await.0, 204);

    let of_trunk = entries(&admin, &format!("entity_id={id}&order=asc")).await;
    let actions: Vec<_> = of_trunk.iter().map(|entry| entry["action"].as_str().expect("a word")).collect();
    assert_eq!(actions, ["create", "update", "delete"], "{of_trunk:#?}");
    for entry in &of_trunk {
        assert_eq!((&entry["by"], &entry["entity"]), (&"admin".into(), &"trunk".into()));
        assert_eq!((&entry["by_name"], &entry["name"]), (&"Administrator".into(), &"far".into()), "by its name, though it is gone");
        assert!(entry["at"].is_string() && entry["user"].is_string());
    }
    assert_eq!((&of_trunk[0]["before"], &of_trunk[0]["after"]["max_calls"]), (&Value::Null, &1.into()));
    assert_eq!((&of_trunk[1]["before"]["max_calls"], &of_trunk[1]["after"]["max_calls"]), (&1.into(), &7.into()));
    assert_eq!((&of_trunk[2]["before"]["max_calls"], &of_trunk[2]["after"]), (&7.into(), &Value::Null));

    let (_, phone) = admin.post("/phones", &json!({ "name": "1009", "label": "Desk 9", "password": "a-secret-of-phones" })).await;
    let mut again = phone.clone();
    again["password"] = "another-secret-of-phones".into();
    let (status, told) = admin.put(&format!("/phones/{}", phone["id"].as_str().expect("an id")), &again).await;
    assert_eq!(status, 200, "{told}");
    let of_phone = entries(&admin, &format!("entity_id={}", phone["id"].as_str().expect("an id"))).await;
    assert_eq!((&of_phone[0]["action"], &of_phone[0]["after"]), (&"update".into(), &json!({ "password": "changed" })), "{of_phone:#?}");
    assert_eq!(of_phone[0]["name"], "1009 · Desk 9", "what it is called now, where the entry does not say");
    let all = entries(&admin, "limit=200").await;
    let text = serde_json::to_string(&all).expect("JSON");
    assert!(!text.contains("secret-of-phones") && !text.contains("argon2") && !text.contains("ha1"), "{text}");
    let at = |entry: &Value| entry["at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).expect("a time");
    assert!(all.windows(2).all(|pair| at(&pair[0]) >= at(&pair[1])), "newest first");
    site.server.drain().await;
}

async fn entries(admin: &Client, query: &str) -> Vec<Value> {
    let (status, page) = admin.get(&format!("/audit?{query}")).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().expect("items").clone()
}
