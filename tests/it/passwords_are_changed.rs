//! A6, A7, A8, A9, A10, A11, B7, Y7: people change their own passwords. With the security suite on, one that somebody else chose opens nothing but
//! its own change, the new one must be strong and another than the last ones, and it runs out.

use carillon_store::password::SetBy;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    client::Client,
    desktop::Desktop,
    site::{PASSWORD, Site},
};

const STRONG: &str = "Carillon-1";

async fn with_the_suite() -> Site {
    Site::start_with(|config, _| config.accounts.security_suite = true).await
}

async fn change(person: &Client, current: &str, new: &str) -> (u16, Value) {
    person.put("/me/password", &json!({ "current": current, "new": new })).await
}

fn refused((status, problem): &(u16, Value), expected: u16, code: &str) {
    assert_eq!((*status, problem["type"].as_str()), (expected, Some(code)), "{problem:#}");
}

fn lacks(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["message"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_leads_to_nothing_but_another_password() {
    let site = with_the_suite().await;
    let anna = site.signed_in("anna").await;
    let (_, session) = anna.get("/session").await;
    assert_eq!(session["me"]["password"]["must_change"], true, "{session:#}");
    for path in ["/calls", "/queues", "/phones", "/events"] {
        refused(&anna.get(path).await, 403, "password_must_change");
    }

    refused(&change(&anna, "not-mine", STRONG).await, 409, "wrong_password");
    let weak = change(&anna, PASSWORD, "carillon").await;
    refused(&weak, 422, "weak_password");
    assert_eq!(lacks(&weak.1), ["It has no upper-case letter.", "It has no digit.", "It has none of ~!@#$%^&-_=+[{]}"]);
    assert_eq!(change(&anna, PASSWORD, STRONG).await.0, 204);
    assert_eq!(anna.get("/calls").await.0, 200, "the session goes on");
    assert_eq!(anna.get("/me").await.1["password"]["must_change"], false);

    refused(&change(&anna, STRONG, STRONG).await, 409, "password_used");
    assert_eq!(change(&anna, STRONG, "Carillon-2").await.0, 204);
    refused(&change(&anna, "Carillon-2", STRONG).await, 409, "password_used");
    let mut again = site.stranger();
    again.sign_in("anna", "Carillon-2").await;
    assert_eq!(again.get("/calls").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_runs_out_after_ninety_days_and_says_so_before() {
    let site = with_the_suite().await;
    let mut anna = site.signed_in("anna").await;
    assert_eq!(change(&anna, PASSWORD, STRONG).await.0, 204);
    let (_, me) = anna.get("/me").await;
    assert_eq!(me["password"]["expires_soon"], false, "{me:#}");
    let id = me["id"].as_str().and_then(|id| id.parse().ok()).map(carillon_model::UserId::new).expect("an id");

    for (days, soon, over) in [(80, true, false), (91, true, true)] {
        let db = carillon_store::Db::open(&site.database()).await.expect("the database");
        let mut write = db.write().await.expect("a database");
        let hash = carillon_store::password::hashes(&db, id).await.expect("hashes").remove(0);
        let then = Timestamp::now() - SignedDuration::from_hours(24 * days);
        assert!(carillon_store::password::set(&mut write, id, &hash, SetBy::Owner, then).await.expect("a write"));
        write.commit().await.expect("a write");
        anna.sign_in("anna", STRONG).await;
        let (_, me) = anna.get("/me").await;
        assert_eq!((&me["password"]["expires_soon"], &me["password"]["must_change"]), (&json!(soon), &json!(over)), "{me:#}");
    }
    refused(&anna.get("/calls").await, 403, "password_must_change");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_suite_eight_characters_are_enough_and_other_sessions_end() {
    let site = Site::start().await;
    let (here, there) = (site.signed_in("sofia").await, site.signed_in("sofia").await);
    let desktop = Desktop::open(&site, &there).await;
    assert_eq!(here.get("/me").await.1["password"], json!({ "must_change": false, "expires_at": null, "expires_soon": false }));
    refused(&change(&here, PASSWORD, "short").await, 422, "weak_password");
    assert_eq!(change(&here, PASSWORD, "long enough").await.0, 204);
    assert_eq!(desktop.closed_with().await, 4401, "signed out");
    assert_eq!((here.get("/me").await.0, there.get("/me").await.0), (200, 401));

    for _ in 0..10 {
        refused(&change(&here, PASSWORD, "long enough").await, 409, "wrong_password");
    }
    refused(&change(&here, "long enough", "longer than that").await, 429, "too_many_attempts");
}
