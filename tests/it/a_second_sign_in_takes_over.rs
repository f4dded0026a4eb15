//! AB12: an agent who signs in once more is asked, and takes over the work without the call noticing.

use serde_json::json;

use crate::{
    client::{eventually, send},
    desktop::Desktop,
    site::Site,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_desktop_takes_over_and_the_first_is_told_while_the_call_goes_on() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let first = Desktop::open(&site, &anna.api).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    anna.phone.rings().await.answer().await;
    let second = site.signed_in("anna").await;

    let (_, own) = anna.api.get("/session").await;
    assert!(own["elsewhere"].is_null(), "whoever holds the phone is not asked: {own:#}");
    let (_, session) = second.get("/session").await;
    assert_eq!(session["elsewhere"]["phone"], "1001", "{session:#}");
    assert_eq!(session["elsewhere"]["since"], own["since"]);
    let (status, refused) = second.put("/session/phone", &json!({ "phone": "1001" })).await;
    assert_eq!((status, &refused["type"]), (409, &"already_logged_in".into()));

    let mut desk = Desktop::open(&site, &second).await;
    let (status, me) = second.post("/session/take-over", &json!({})).await;
    assert_eq!(status, 200, "{me:#}");
    assert_eq!(me["agent"]["phone"], "1001");
    assert_eq!(first.closed_saying().await, (4410, "127.0.0.1".to_owned()), "the first desktop is told from where");
    assert_eq!(anna.api.get("/session").await.0, 401);
    let (_, session) = second.get("/session").await;
    assert!(session["elsewhere"].is_null(), "{session:#}");
    assert_eq!(session["since"], own["since"], "the work goes on: so does the time logged in");

    // The call was not touched: the new desk sees it to its end, and signing out there frees the phone.
    eventually("the conversation", async || (second.get("/me").await.1["agent"]["state"] == "talking").then_some(())).await;
    caller.hang_up().await;
    desk.hears("call.ended", |ended| ended["by"] == "caller").await;
    assert_eq!(send(second.request(reqwest::Method::DELETE, "/session")).await.0, 204);
    let (_, free) = site.signed_in("bruno").await.get("/phones?available=true").await;
    assert!(free.as_array().expect("phones").iter().any(|phone| phone["name"] == "1001"), "{free:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_over_from_who_works_nowhere() {
    let site = Site::start().await;
    let anna = site.signed_in("anna").await;
    let (_, session) = anna.get("/session").await;
    assert!(session["elsewhere"].is_null(), "{session:#}");
    let (status, refused) = anna.post("/session/take-over", &json!({})).await;
    assert_eq!((status, &refused["type"]), (409, &"not_logged_in".into()));
}
