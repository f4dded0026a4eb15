//! Z3: a new agent is invited by mail and chooses the own password; whoever is given no number gets the next free one. Y7: how people sign in is shown.

use carillon::config::{AskedOf, MailSecurity};
use serde_json::{Value, json};

use crate::{client::Client, mail::Post, site::Site};

async fn site(post: &Post, numbers: Option<&str>) -> Site {
    Site::start_with(|config, _| {
        config.accounts.agent_numbers = numbers.map(|range| range.parse().expect("a range"));
        config.accounts.security_suite = false;
        config.accounts.second_factor = AskedOf::Nobody;
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = post.address.port();
        config.mail.security = MailSecurity::None;
        config.mail.from = "Carillon <desk@example.com>".to_owned();
        config.mail.page = "https://desk.example.com/".to_owned();
    })
    .await
}

async fn adds(admin: &Client, login: &str, number: Option<&str>, email: Option<&str>) -> (u16, Value) {
    let mut agent = json!({ "typology": "external" });
    if let Some(number) = number {
        agent["number"] = number.into();
    }
    let user = json!({ "login": login, "name": "Carla Neri", "role": "agent", "password": "long-enough", "email": email, "agent": agent });
    admin.post("/users", &user).await
}

#[tokio::test(flavor = "multi_thread")]
async fn are_invited_by_a_link_that_sets_their_own_password() {
    let mut post = Post::open(None).await;
    let site = site(&post, None).await;
    let admin = site.signed_in("admin").await;
    let (_, carla) = adds(&admin, "carla", Some("203"), Some("carla@example.com")).await;
    let path = format!("/users/{}/invitation", carla["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&path, &json!({})).await.0, 202);
    let letter = post.letter().await;
    let text = letter.text.replace("=\r\n", "");
    assert_eq!(letter.to, "carla@example.com");
    assert!(text.contains("Carla Neri") && text.contains("carla"), "{text}");
    let begins = "https://desk.example.com/new-password#";
    let token: String = text[text.find(begins).expect("a link") + begins.len()..].chars().take_while(char::is_ascii_hexdigit).collect();
    let stranger = site.stranger();
    let set = async |new: &str| stranger.post("/session/new-password", &json!({ "token": token, "new": new })).await.0;
    assert_eq!((set("of her own").await, set("another one").await), (204, 401));
    site.stranger().sign_in("carla", "of her own").await;
    let (_, log) = admin.get("/audit?entity=user&by=admin").await;
    let invited = json!({ "login": "carla", "invited": true });
    assert!(log["items"].as_array().is_some_and(|items| items.iter().any(|entry| entry["after"] == invited)), "{log:#}");
    assert!(!log.to_string().contains(&token));

    let (_, users) = admin.get("/users").await;
    let bruno = users["items"].as_array().and_then(|rows| rows.iter().find(|row| row["login"] == "bruno")).expect("Bruno");
    let path = format!("/users/{}/invitation", bruno["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&path, &json!({})).await.1["type"], "no_address");
}

#[tokio::test(flavor = "multi_thread")]
async fn get_the_next_free_number_of_the_range() {
    let post = Post::open(None).await;
    // 201 and 202 are Anna's and Bruno's, 1001 to 1003 are telephones.
    let site = site(&post, Some("0200-0203")).await;
    let admin = site.signed_in("admin").await;
    let number = |(status, user): (u16, Value)| (status, user["agent"]["number"].as_str().unwrap_or_default().to_owned());
    assert_eq!(number(adds(&admin, "one", None, None).await), (201, "0200".to_owned()));
    assert_eq!(number(adds(&admin, "two", Some("0201"), None).await), (201, "0201".to_owned()));
    assert_eq!(number(adds(&admin, "three", Some(""), None).await), (201, "0202".to_owned()));
    assert_eq!(number(adds(&admin, "four", None, None).await), (201, "0203".to_owned()));
    let (status, full) = adds(&admin, "five", None, None).await;
    assert_eq!((status, &full["errors"][0]["message"]), (422, &json!("Every number of the range is taken.")), "{full}");
    let (_, said) = admin.get("/accounts").await;
    let expected = json!({ "security_suite": false, "second_factor": "nobody", "lock_after": 10, "lock_minutes": 15, "agent_numbers": "0200-0203", "provider": null });
    assert_eq!(said, expected);

    let without = self::site(&post, None).await;
    let admin = without.signed_in("admin").await;
    let (status, none) = adds(&admin, "one", None, None).await;
    assert_eq!((status, &none["errors"][0]["field"]), (422, &json!("agent.number")), "{none}");
    let telephones = self::site(&post, Some("1001-1004")).await;
    let admin = telephones.signed_in("admin").await;
    assert_eq!(number(adds(&admin, "one", None, None).await), (201, "1004".to_owned()), "a page's phone is named by its agent's number");
}
