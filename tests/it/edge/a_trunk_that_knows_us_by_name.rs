//! Threat 6: we register with a carrier, answer its challenges and nobody else's, and it is seen how that stands.

use carillon_kit::phone::status as status_of;
use carillon_sip_core::message::{HeaderName, Method, Response};
use serde_json::{Value, json};

use super::carrier::{Carrier, PASSWORD, REALM, USER, account, trunk};
use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::{Site, ending},
};

async fn site(carrier: &Carrier, more: &str) -> Site {
    let trunk = trunk("127.0.0.1", &carrier.port(), &account(more));
    Site::start_with(|_, setup| setup.push_str(&trunk)).await
}

/// The carrier's row.
async fn row(admin: &Client) -> Value {
    let (status, page) = admin.get("/trunks").await;
    assert_eq!(status, 200, "{page}");
    let text = page.to_string();
    assert!(!text.contains(PASSWORD) && !text.contains("ha1") && !text.contains("\"password\""), "no secret is shown: {text}");
    page["items"].as_array().expect("rows").iter().find(|row| row["name"] == "carrier").expect("the carrier").clone()
}

async fn standing(admin: &Client, what: &str) -> Value {
    eventually(what, async || Some(row(admin).await["status"].clone()).filter(|status| status["registration"] == what)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registration_is_kept_shown_changed_and_taken_back() {
    let mut carrier = Carrier::by_udp().await;
    let site = site(&carrier, ", register = true, register_s = 120").await;
    let admin = site.signed_in("admin").await;
    let mut wall = Desktop::open(&site, &admin).await;
    let asked = carrier.grants(90).await;
    assert_eq!(asked.headers.expires().expect("readable"), Some(120));
    assert_eq!(asked.headers.to().expect("To").uri.user().as_deref(), Some(USER));
    let status = standing(&admin, "registered").await;
    assert_eq!((&status["state"], &status["errors"]), (&json!("up"), &json!([])), "{status}");
    assert!(
        status["registered_until"].is_string() && status["places"][0].as_str().is_some_and(|place| place.starts_with("udp 127.0.0.1:"))
    );
    let carrier_row = row(&admin).await;

    // Another realm without its password, and then with it: the carrier's own challenge gets no answer any more.
    let path = format!("/trunks/{}", carrier_row["id"].as_str().expect("an id"));
    let mut changed = carrier_row.clone();
    changed["account"]["realm"] = json!("elsewhere.example");
    let (code, problem) = admin.put(&path, &changed).await;
    assert_eq!((code, &problem["errors"][0]["field"]), (422, &json!("account.password")), "{problem}");
    changed["account"]["password"] = json!(PASSWORD);
    let (code, kept) = admin.put(&path, &changed).await;
    assert_eq!((code, &kept["account"]["password"]), (200, &Value::Null), "{kept}");
    let first = carrier.hears(Method::Register).await;
    carrier.challenges(&first, 401).await;
    let status = standing(&admin, "failed").await;
    let errors = json!([{ "code": "other_realm", "asked": REALM, "configured": "elsewhere.example" }]);
    assert_eq!(status["errors"], errors, "{status}");
    assert!(status["tried_again_at"].is_string() && status["state"] == "down", "{status}");
    let down = wall.hears("trunk.down", |_| true).await;
    assert_eq!((&down["trunk"], &down["troubles"]), (&carrier_row["id"], &errors));
    let alarm = wall.hears("alarm.raised", |alarm| alarm["alarm"] == "trunk_down").await;
    assert_eq!(alarm["causes"], json!([{ "code": "trunk", "name": carrier_row["name"], "troubles": errors }]));

    // As it was: up again, and what is named without a password keeps its own.
    changed = row(&admin).await;
    changed["account"]["realm"] = json!(REALM);
    changed["account"]["password"] = json!(PASSWORD);
    assert_eq!(admin.put(&path, &changed).await.0, 200);
    carrier.grants(3600).await;
    wall.hears("trunk.up", |_| true).await;
    wall.hears("alarm.cleared", |alarm| alarm["alarm"] == "trunk_down").await;
    changed = row(&admin).await;
    changed["max_calls"] = json!(7);
    assert_eq!(admin.put(&path, &changed).await.0, 200);
    assert_eq!(row(&admin).await["status"]["registration"], "registered", "a change that does not concern it leaves it alone");
    let (_, log) = admin.get("/audit?limit=50").await;
    assert!(!log.to_string().contains(PASSWORD), "nor does the audit log tell");

    // Without an account it is taken back.
    changed = row(&admin).await;
    changed["account"] = Value::Null;
    assert_eq!(admin.put(&path, &changed).await.0, 200);
    let last = carrier.hears(Method::Register).await;
    assert_eq!(last.headers.expires().expect("readable"), Some(0));
    assert_eq!(row(&admin).await["status"]["registration"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_to_be_one() {
    let mut carrier = Carrier::by_udp().await;
    let trunk = trunk("127.0.0.1", &carrier.port(), &account(", register = true").replace(PASSWORD, "a wrong one"));
    let site = Site::start_with(|_, setup| setup.push_str(&trunk)).await;
    let admin = site.signed_in("admin").await;
    for _ in 0..2 {
        let asked = carrier.hears(Method::Register).await;
        assert!(!carrier.believes(asked.clone()));
        carrier.challenges(&asked, 401).await;
    }
    let status = standing(&admin, "failed").await;
    assert_eq!(status["errors"], json!([{ "code": "wrong_password" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_to_it_prove_who_we_are_once() {
    let mut carrier = Carrier::by_udp().await;
    let site = site(&carrier, "").await;
    let anna = site.agent("anna", "1001").await;
    let mut call = anna.phone.dial("+41441234567").await;
    let first = carrier.hears(Method::Invite).await;
    assert!(!first.headers.has(&HeaderName::ProxyAuthorization));
    carrier.challenges(&first, 407).await;
    let second = carrier.hears(Method::Invite).await;
    assert_eq!(first.headers.call_id().expect("a Call-ID"), second.headers.call_id().expect("a Call-ID"));
    assert!(carrier.believes(second.clone()), "the right proof: {second:?}");
    carrier.says(Response::to(&second, 486)).await;
    assert_eq!(status_of(&call.final_response().await), 486);
    let record = site.record().await;
    assert_eq!(ending(&record), "callee busy");
    let shown = record.to_string();
    assert!(!shown.contains("Digest "), "{shown}");
    let admin = site.signed_in("admin").await;
    let path = format!("/calls/{}/sip", record["call"].as_str().expect("an id"));
    let ladder = eventually("the ladder", async || {
        let ladder = admin.get(&path).await.1.to_string();
        ladder.contains("Proxy-Authorization").then_some(ladder)
    })
    .await;
    assert!(!ladder.contains("response="), "the proof is masked in the ladder: {ladder}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_it_is_for_whom_the_caller_dialled() {
    let mut carrier = Carrier::by_udp().await;
    let site = site(&carrier, ", register = true").await;
    let contact = carrier.grants(3600).await;
    let contact = contact.headers.text(&HeaderName::Contact).expect("a Contact").into_owned();
    assert!(contact.contains(&format!("sip:{USER}@{}", site.sip)), "calls come to us by our name: {contact}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_is_asked_by_options_is_seen_to_answer() {
    let mut carrier = Carrier::by_udp().await;
    let trunk = trunk("127.0.0.1", &carrier.port(), "options = true");
    let site = Site::start_with(|_, setup| setup.push_str(&trunk)).await;
    let admin = site.signed_in("admin").await;
    let asked = carrier.hears(Method::Options).await;
    carrier.says(Response::to(&asked, 200)).await;
    let status =
        eventually("an answer", async || Some(row(&admin).await["status"].clone()).filter(|status| status["answers"] == true)).await;
    assert_eq!(status["state"], "up");
}
