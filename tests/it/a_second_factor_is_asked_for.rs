//! Z2: a second factor: set up with a telephone's authenticator, asked for after the password, each code good for once; tries count like passwords; the
//! site may ask it of people, and an administrator takes it off for whoever lost the telephone.

use carillon::{auth::totp, config::AskedOf};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    client::Client,
    site::{PASSWORD, Site},
};

/// A telephone with somebody's secret.
struct Authenticator(Vec<u8>);

impl Authenticator {
    /// What it would scan: the secret is base32 (RFC 4648 6).
    fn of(begun: &Value) -> Self {
        let secret = begun["secret"].as_str().expect("a secret");
        let address = begun["address"].as_str().expect("an address");
        assert!(address.starts_with("otpauth://totp/Carillon:") && address.contains(&format!("secret={secret}&")), "{address}");
        let (mut octets, mut bits, mut held) = (Vec::new(), 0_u32, 0);
        for letter in secret.bytes() {
            let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
            (bits, held) = (bits << 5 | u32::from(value), held + 5);
            if held >= 8 {
                held -= 8;
                octets.push((bits >> held & 0xff) as u8);
            }
        }
        assert_eq!(octets.len(), 20, "{secret}");
        Self(octets)
    }

    /// The code shown as many steps from now.
    fn shows(&self, later: u64) -> String {
        totp::code(&self.0, totp::step_at(Timestamp::now()) + later)
    }

    /// A code that it does not show for a while.
    fn never_shows(&self) -> String {
        let step = totp::step_at(Timestamp::now());
        let shown: Vec<String> = (step - 2..step + 10).map(|step| totp::code(&self.0, step)).collect();
        (0..100).map(|number| format!("{number:06}")).find(|code| !shown.contains(code)).expect("one of a hundred")
    }
}

/// Begins and confirms: the telephone and the recovery codes.
async fn turned_on(person: &Client) -> (Authenticator, Vec<String>) {
    let (status, begun) = person.post("/me/second-factor", &json!({ "current": PASSWORD })).await;
    assert_eq!(status, 201, "{begun}");
    let telephone = Authenticator::of(&begun);
    let (status, told) = person.post("/me/second-factor/confirm", &json!({ "code": telephone.shows(0) })).await;
    assert_eq!(status, 200, "{told}");
    let codes = told["codes"].as_array().expect("codes").iter().map(|code| code.as_str().expect("a text").to_owned());
    (telephone, codes.collect())
}

/// Status and code of a sign-in.
async fn enters(site: &Site, login: &str, password: &str, code: Option<&str>) -> (u16, String) {
    let mut credentials = json!({ "login": login, "password": password });
    if let Some(code) = code {
        credentials["code"] = code.into();
    }
    let (status, said) = site.stranger().post("/session", &credentials).await;
    (status, said["type"].as_str().unwrap_or_default().to_owned())
}

fn refused(code: &str) -> (u16, String) {
    (401, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_password_and_each_code_once() {
    let site = Site::start().await;
    let anna = site.signed_in("anna").await;
    let off = json!({ "on": false, "required": false, "recovery_codes": 0 });
    assert_eq!(anna.get("/me").await.1["second_factor"], off);
    let (status, problem) = anna.post("/me/second-factor", &json!({ "current": "not it" })).await;
    assert_eq!((status, &problem["type"]), (409, &json!("wrong_password")));

    // Begun is not on: whoever gives up half-way is not locked out.
    let (_, begun) = anna.post("/me/second-factor", &json!({ "current": PASSWORD })).await;
    let telephone = Authenticator::of(&begun);
    assert_eq!(enters(&site, "anna", PASSWORD, None).await.0, 201);
    assert_eq!(anna.post("/me/second-factor/confirm", &json!({ "code": telephone.never_shows() })).await.0, 422);
    let (telephone, codes) = turned_on(&anna).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(anna.get("/me").await.1["second_factor"], json!({ "on": true, "required": false, "recovery_codes": 10 }));
    assert_eq!(anna.post("/me/second-factor", &json!({ "current": PASSWORD })).await.1["type"], "second_factor_on");

    assert_eq!(enters(&site, "anna", PASSWORD, None).await, refused("second_factor_needed"));
    let code = telephone.shows(1);
    assert_eq!(enters(&site, "anna", "not it", Some(&code)).await, refused("wrong_credentials"), "the code says nothing of the password");
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&telephone.never_shows())).await, refused("wrong_code"));
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&format!(" {} {}", &code[..3], &code[3..]))).await.0, 201);
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&code)).await, refused("wrong_code"), "whoever saw it typed gets nowhere with it");
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&codes[0].to_uppercase())).await.0, 201);
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&codes[0])).await, refused("wrong_code"));
    assert_eq!(anna.get("/me").await.1["second_factor"]["recovery_codes"], 9);
    // Nobody else's business.
    assert_eq!(enters(&site, "bruno", PASSWORD, None).await.0, 201);
    assert_eq!(enters(&site, "bruno", PASSWORD, Some(&codes[1])).await.0, 201, "who has none is not held up by a code");

    let (status, renewed) = anna.post("/me/second-factor/recovery-codes", &json!({ "code": codes[1] })).await;
    assert_eq!(status, 200, "{renewed}");
    let newer = renewed["codes"][0].as_str().expect("a code");
    assert_eq!(anna.post("/me/second-factor/off", &json!({ "code": codes[2] })).await.0, 422, "the old ones are worth nothing");
    assert_eq!(anna.post("/me/second-factor/off", &json!({ "code": newer })).await.0, 204);
    assert_eq!(enters(&site, "anna", PASSWORD, None).await.0, 201);
    assert_eq!(anna.get("/me").await.1["second_factor"], off);

    let admin = site.signed_in("admin").await;
    let (_, log) = admin.get("/audit?entity=second_factor&by=anna&order=asc").await;
    let told: Vec<_> = log["items"].as_array().expect("items").iter().map(|entry| (&entry["before"], &entry["after"])).collect();
    assert_eq!(told[0], (&Value::Null, &json!({ "second_factor": "on" })), "{log:#}");
    assert!(told.contains(&(&json!({ "recovery_code": "there" }), &json!({ "recovery_code": "used" }))), "{log:#}");
    assert_eq!(told.last(), Some(&(&json!({ "second_factor": "on" }), &Value::Null)), "{log:#}");
    let secret = begun["secret"].as_str().expect("a secret");
    assert!(!log.to_string().contains(secret) && !log.to_string().contains(&codes[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_found_by_trying_and_an_administrator_lets_in_who_is_locked_out() {
    let site = Site::start_with(|config, _| config.accounts.lock_after = 5).await;
    let anna = site.signed_in("anna").await;
    let (telephone, codes) = turned_on(&anna).await;
    let wrong = telephone.never_shows();
    // The right password alone opens nothing again.
    for _ in 0..2 {
        assert_eq!(enters(&site, "anna", PASSWORD, Some(&wrong)).await, refused("wrong_code"));
        assert_eq!(enters(&site, "anna", PASSWORD, None).await, refused("second_factor_needed"));
    }
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&wrong)).await, refused("wrong_code"));
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&codes[0])).await.0, 429, "the right one comes too late");

    let admin = site.signed_in("admin").await;
    let of_anna = async || {
        let (_, page) = admin.get("/users").await;
        page["items"].as_array().expect("items").iter().find(|user| user["login"] == "anna").expect("Anna").clone()
    };
    let row = of_anna().await;
    let locked = row["status"]["locked"].as_array().expect("places");
    assert_eq!((locked.len(), &locked[0]["address"], &row["status"]["second_factor"]), (1, &json!("127.0.0.1"), &json!(true)), "{row:#}");
    let until: Timestamp = locked[0]["until"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    assert!(until > Timestamp::now());
    let path = format!("/users/{}", row["id"].as_str().expect("an id"));
    // What was read may be sent back: how signing in stands is none of the settings.
    assert_eq!(admin.put(&path, &row).await.0, 200);
    assert_eq!(admin.delete(&format!("{path}/lock")).await.0, 204);
    assert_eq!(of_anna().await["status"]["locked"], json!([]));
    assert_eq!(enters(&site, "anna", PASSWORD, Some(&codes[0])).await.0, 201);

    // The telephone is lost, and the codes with it.
    assert_eq!(admin.delete(&format!("{path}/second-factor")).await.0, 204);
    assert_eq!(admin.delete(&format!("{path}/second-factor")).await.0, 404);
    assert_eq!(enters(&site, "anna", PASSWORD, None).await.0, 201);
    let (_, log) = admin.get("/audit?by=admin").await;
    let entries = log["items"].as_array().expect("items");
    let unlocked = json!({ "login": "anna", "locked": false });
    assert!(entries.iter().any(|entry| entry["entity"] == "user" && entry["after"] == unlocked), "{log:#}");
    assert!(entries.iter().any(|entry| entry["entity"] == "second_factor" && entry["action"] == "delete"), "{log:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_everybody_where_the_site_asks_it_before_anything_else() {
    let site = Site::start_with(|config, _| config.accounts.second_factor = AskedOf::Everybody).await;
    let admin = site.signed_in("admin").await;
    let (status, problem) = admin.get("/calls").await;
    assert_eq!((status, &problem["type"]), (403, &json!("second_factor_must_be_set")));
    assert_eq!(admin.get("/me").await.1["second_factor"]["required"], true);
    let (_, codes) = turned_on(&admin).await;
    assert_eq!(admin.get("/calls").await.0, 200);
    let off = admin.post("/me/second-factor/off", &json!({ "code": codes[0] })).await;
    assert_eq!(off.1["type"], "second_factor_required");
    // Other software has no telephone: its key goes on as before.
    let (_, key) = admin.post("/api-keys", &json!({ "name": "CRM", "user": "anna", "scopes": ["read"] })).await;
    let software = Client::with_token(site.server.bound().http, key["secret"].as_str().expect("a key"));
    assert_eq!(software.get("/calls").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_administrators_alone_where_the_site_says_so() {
    let site = Site::start_with(|config, _| config.accounts.second_factor = AskedOf::Administrators).await;
    assert_eq!(site.signed_in("sofia").await.get("/calls").await.0, 200);
    assert_eq!(site.signed_in("admin").await.get("/calls").await.0, 403);
}
