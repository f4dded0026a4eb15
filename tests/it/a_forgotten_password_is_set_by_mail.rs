//! A12, A13, A14, A15, Y8: who forgot the password is sent a link that sets another, once, within an hour, by the rules of the site; without a mail
//! server that is said. Z2: where one is signed in is seen, and ended.

use carillon_store::password_link;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    edge::certificates::Authority,
    mail::Post,
    site::{PASSWORD, Site},
};

const STRONG: &str = "Carillon-1";

/// A site with that mail server, and an address for Anna.
async fn site(post: &Post, authority: Option<&Authority>, suite: bool) -> Site {
    Site::start_with(|config, setup| {
        config.accounts.security_suite = suite;
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = post.address.port();
        config.mail.security = if authority.is_some() { carillon::config::MailSecurity::Tls } else { carillon::config::MailSecurity::None };
        config.mail.from = "Carillon <desk@example.com>".to_owned();
        config.mail.page = "https://desk.example.com/".to_owned();
        if let Some(authority) = authority {
            config.tls.authorities = authority.path("authorities.pem");
        }
        *setup = setup.replacen("name = \"Anna Rossi\"\n", "name = \"Anna Rossi\"\nemail = \"Anna@Example.com\"\n", 1);
    })
    .await
}

async fn forgot(person: &Client, email: &str) -> (u16, Value) {
    person.post("/session/forgotten-password", &json!({ "email": email })).await
}

async fn set(person: &Client, token: &str, new: &str) -> (u16, String) {
    let (status, said) = person.post("/session/new-password", &json!({ "token": token, "new": new })).await;
    (status, said["type"].as_str().unwrap_or_default().to_owned())
}

/// What stands in the link of a letter. A line that is too long for mail is broken by `=` (RFC 2045 6.7).
fn token_in(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let at = text.find("https://desk.example.com/new-password#").expect("a link") + "https://desk.example.com/new-password#".len();
    text[at..].chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_it_once_by_the_rules_of_the_suite_and_ends_every_session() {
    let mut post = Post::open(None).await;
    let site = site(&post, None, true).await;
    let anna = site.signed_in("anna").await;
    assert_eq!(anna.put("/me/password", &json!({ "current": PASSWORD, "new": STRONG })).await.0, 204);
    let desktop = Desktop::open(&site, &anna).await;
    let stranger = site.stranger();
    assert_eq!(stranger.get("/session/ways").await.1, json!({ "mail": true, "provider": null }));

    // Nobody's address gets the same answer, and no letter.
    assert_eq!(forgot(&stranger, "nobody@example.com").await.0, 202);
    assert_eq!(forgot(&stranger, " anna@example.COM ").await.0, 202);
    let letter = post.letter().await;
    assert_eq!(letter.to, "Anna@Example.com");
    assert!(letter.text.contains("Subject: Set a new password") && letter.text.contains("Anna Rossi"), "{}", letter.text);
    let first = token_in(&letter.text);
    assert_eq!(forgot(&stranger, "anna@example.com").await.0, 202);
    let token = token_in(&post.letter().await.text);
    assert!(post.is_empty(), "one letter each");

    assert_eq!(set(&stranger, &first, "Carillon-2").await, (401, "link_used".to_owned()), "a newer one stands in its place");
    assert_eq!(set(&stranger, &token, "carillon").await, (422, "weak_password".to_owned()));
    assert_eq!(set(&stranger, &token, STRONG).await, (409, "password_used".to_owned()));
    assert_eq!(set(&stranger, &token, "Carillon-2").await.0, 204);
    assert_eq!(set(&stranger, &token, "Carillon-3").await, (401, "link_used".to_owned()));
    assert_eq!(desktop.closed_with().await, 4401);
    assert_eq!(anna.get("/me").await.0, 401);
    let mut again = site.stranger();
    again.sign_in("anna", "Carillon-2").await;
    assert_eq!(again.get("/me").await.1["password"]["must_change"], false, "its owner chose it");
    let audited = site.signed_in("admin").await;
    assert_eq!(audited.put("/me/password", &json!({ "current": PASSWORD, "new": STRONG })).await.0, 204);
    let (_, log) = audited.get("/audit?by=anna").await;
    assert!(log["items"].as_array().is_some_and(|items| !items.is_empty()), "{log:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_too_old_after_an_hour_and_ten_in_a_row_are_enough() {
    let mut post = Post::open(None).await;
    let site = site(&post, None, false).await;
    let stranger = site.stranger();
    assert_eq!(forgot(&stranger, "anna@example.com").await.0, 202);
    let token = token_in(&post.letter().await.text);
    // As if it had been made an hour ago.
    let db = carillon_store::Db::open(&site.database()).await.expect("the database");
    let mut anna = site.stranger();
    anna.sign_in("anna", PASSWORD).await;
    let id = anna.get("/me").await.1["id"].as_str().and_then(|id| id.parse().ok()).map(carillon_model::UserId::new).expect("an id");
    let mut write = db.write().await.expect("the writer's turn");
    let now = Timestamp::now();
    password_link::set(&mut write, id, &sha256(&token), now, now).await.expect("a write");
    write.commit().await.expect("a commit");
    assert_eq!(set(&stranger, &token, "long enough").await, (401, "link_used".to_owned()));
    for _ in 0..9 {
        assert_eq!(forgot(&stranger, "anna@example.com").await.0, 202);
    }
    assert_eq!(forgot(&stranger, "anna@example.com").await.0, 429);
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_whether_mail_arrives() {
    let authority = Authority::new();
    let mut post = Post::open(Some(&authority)).await;
    let with_mail = site(&post, Some(&authority), false).await;
    let admin = with_mail.signed_in("admin").await;
    let (_, settings) = admin.get("/mail").await;
    assert_eq!((&settings["host"], &settings["page"]), (&json!("127.0.0.1"), &json!("https://desk.example.com/")), "{settings:#}");
    assert_eq!(admin.post("/mail/test", &json!({ "to": "me@example.com" })).await.0, 204);
    assert!(post.letter().await.text.contains("Mail from Carillon arrives"));
    assert_eq!(admin.post("/mail/test", &json!({ "to": "me" })).await.0, 422);
    let (status, refused) = admin.post("/mail/test", &json!({ "to": "nobody@example.com" })).await;
    assert_eq!((status, &refused["type"]), (409, &json!("mail_refused")));
    assert!(refused["detail"].as_str().is_some_and(|said| said.contains("no such person")), "{refused:#}");

    let without = Site::start().await;
    let stranger = without.stranger();
    assert_eq!(stranger.get("/session/ways").await.1, json!({ "mail": false, "provider": null }));
    assert_eq!(forgot(&stranger, "anna@example.com").await.1["type"], "no_mail");
    let admin = without.signed_in("admin").await;
    assert_eq!(admin.get("/mail").await.1["host"], json!(null));
    assert_eq!(admin.post("/mail/test", &json!({ "to": "me@example.com" })).await.1["type"], "no_mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_is_signed_in_is_seen_and_ended() {
    let site = Site::start().await;
    let (here, there) = (site.signed_in("sofia").await, site.signed_in("sofia").await);
    let desktop = Desktop::open(&site, &there).await;
    let (_, sessions) = here.get("/me/sessions").await;
    let rows = sessions.as_array().expect("sessions");
    assert_eq!(rows.len(), 2, "{sessions:#}");
    assert!(rows.iter().all(|row| row["address"] == "127.0.0.1" && row["kind"] == "desktop"), "{sessions:#}");
    let other = rows.iter().find(|row| row["current"] == false).expect("the other one");
    let path = format!("/me/sessions/{}", other["id"].as_str().expect("an id"));
    // Nobody else's.
    assert_eq!(site.signed_in("admin").await.delete(&path).await.0, 404);
    assert_eq!(here.delete(&path).await.0, 204);
    assert_eq!(desktop.closed_with().await, 4401);
    assert_eq!((there.get("/me").await.0, here.get("/me").await.0), (401, 200));

    // One with a phone frees it.
    let anna = site.agent("anna", "1001").await;
    let mut elsewhere = site.stranger();
    elsewhere.sign_in("anna", PASSWORD).await;
    let (_, sessions) = elsewhere.get("/me/sessions").await;
    let at_work = sessions.as_array().and_then(|rows| rows.iter().find(|row| row["phone"] == "1001")).expect("the desk");
    assert_eq!(elsewhere.delete(&format!("/me/sessions/{}", at_work["id"].as_str().expect("an id"))).await.0, 204);
    eventually("the agent being logged out", async || (elsewhere.get("/me").await.1["agent"]["state"] == "logged_out").then_some(())).await;
    assert_eq!(anna.api.get("/me").await.0, 401);
}
