//! A19, B8: an agent whose desk is taken away is rung no more, and one on a call keeps it until the call is over.

use serde_json::json;

use crate::site::{PASSWORD, Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_sessions_and_the_work() {
    let site = Site::start().await;
    let anna = site.agent("anna", "1001").await;
    let admin = site.signed_in("admin").await;
    let (_, me) = anna.api.get("/me").await;
    let id = me["id"].as_str().expect("an id").to_owned();
    let (_, mut user) = admin.get(&format!("/users/{id}")).await;
    user["password"] = json!("another-one");
    assert_eq!(admin.put(&format!("/users/{id}"), &user).await.0, 200);
    assert_eq!(anna.api.get("/me").await.0, 401);
    let (_, agents) = admin.get("/agents").await;
    let row = agents.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == id.as_str()).cloned()).expect("anna");
    assert_eq!((&row["state"], &row["phone"]), (&json!("logged_out"), &json!(null)), "{row:#}");
    assert_eq!(admin.get("/phones?available=true").await.1.as_array().map(Vec::len), Some(1), "the phone is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn logged_out_in_mid_call_an_agent_keeps_the_desk_until_it_is_over() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let (_, me) = anna.api.get("/me").await;
    let order = format!("/agents/{}/log-out", me["id"].as_str().expect("an id"));
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut call = anna.phone.rings().await;
    call.answer().await;
    anna.is("talking").await;

    assert_eq!(sofia.post(&order, &json!({})).await.1["state"], "talking");
    let (_, me) = anna.api.get("/me").await;
    let id = me["agent"]["call"].as_str().expect("the desk still shows the call").to_owned();
    assert_eq!(anna.api.post(&format!("/calls/{id}/hold"), &json!({})).await.0, 204, "and works");
    caller.hang_up().await;
    call.is_ended().await;
    anna.is("logged_out").await;
    anna.api.choose_phone("1001").await;
    anna.is("available").await;

    assert_eq!(sofia.post(&order, &json!({})).await.1["state"], "logged_out");
    assert_eq!(anna.api.get("/me").await.0, 401, "who is not at work loses the session at once");
    assert_eq!(sofia.post(&order, &json!({})).await.0, 409);
}

/// As a page does that is told of its log-out before its session is gone.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_is_not_put_to_work_again_by_a_request_on_its_way() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    for round in 0..20 {
        let asks_again = async { while anna.api.put("/session/phone", &json!({ "phone": "1001" })).await.0 != 401 {} };
        let (signed_out, ()) = tokio::join!(anna.api.delete("/session"), asks_again);
        assert_eq!(signed_out.0, 204);
        let (_, agents) = sofia.get("/agents").await;
        let row = agents.as_array().and_then(|rows| rows.iter().find(|row| row["login"] == "anna").cloned()).expect("anna");
        assert_eq!((&row["state"], &row["phone"]), (&json!("logged_out"), &json!(null)), "round {round}: {row:#}");
        anna.api.sign_in("anna", PASSWORD).await;
        anna.api.choose_phone("1001").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_names_no_consent_that_nobody_could_hear() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let route = |consent: &str| json!({ "prefix": "+44", "trunk": "lab", "record": true, "consent": consent });
    let (status, problem) = admin.post("/outbound-routes", &route("consnet")).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("consent")), "{problem:#}");
    assert_eq!(admin.post("/outbound-routes", &route("consent")).await.0, 201);
}
