//! Z2: people sign in by a provider (OpenID Connect), if they are set up here; whatever is wrong with its answer signs nobody in. Threat 34: it is asked at
//! its own address alone, and follows nobody elsewhere.

use carillon::config::{Accounts, AskedOf, Oidc};
use reqwest::{
    Response,
    header::{COOKIE, LOCATION, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::{
    provider::Provider,
    site::{PASSWORD, Site},
};

const DESKTOP: &str = "https://desk.example.com";

/// A site that knows this provider. The security suite and second factors are the business of passwords.
async fn site(provider: &Provider, claim: &str) -> Site {
    Site::start_with(|config, setup| {
        let secret = config.recordings.folder.with_file_name("oidc-secret");
        std::fs::write(&secret, format!("{}\n", provider.secret())).expect("a file");
        config.oidc = Oidc {
            issuer: provider.issuer(),
            client_id: "desk".to_owned(),
            client_secret_file: secret,
            claim: claim.to_owned(),
            label: "Example".to_owned(),
            desktop: DESKTOP.to_owned(),
        };
        config.accounts = Accounts { security_suite: true, second_factor: AskedOf::Everybody, ..Accounts::default() };
        *setup = setup.replacen("name = \"Anna Rossi\"\n", "name = \"Anna Rossi\"\nemail = \"Anna@Example.com\"\n", 1);
    })
    .await
}

/// A browser: it keeps cookies and follows nothing by itself.
struct Browser {
    http: reqwest::Client,
    base: String,
    jar: Vec<String>,
}

impl Browser {
    fn at(site: &Site) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { http, base: format!("http://{}/api/v1", site.server.bound().http), jar: Vec::new() }
    }

    async fn get(&mut self, path: &str) -> Response {
        let response = self.http.get(format!("{}{path}", self.base)).header(COOKIE, self.jar.join("; ")).send().await.expect("an answer");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("a text").split(';').next().expect("a pair").to_owned();
            let name = pair.split('=').next().expect("a name").to_owned();
            self.jar.retain(|kept| !kept.starts_with(&format!("{name}=")));
            if !pair.ends_with('=') {
                self.jar.push(pair);
            }
        }
        response
    }

    /// Goes to the provider: what it is asked.
    async fn begins(&mut self) -> Vec<(String, String)> {
        let response = self.get("/session/oidc").await;
        assert_eq!(response.status(), 303);
        let address = reqwest::Url::parse(location(&response)).expect("an address");
        address.query_pairs().into_owned().collect()
    }

    /// The whole way: status, and where it leads, or the page.
    async fn signs_in(&mut self, provider: &Provider, claims: &Value) -> (u16, String) {
        let asked = self.begins().await;
        let code = provider.signs_in(&asked, claims.clone());
        self.comes_back(value(&asked, "state"), &code).await
    }

    async fn comes_back(&mut self, state: &str, code: &str) -> (u16, String) {
        let response = self.get(&format!("/session/oidc/back?state={state}&code={code}")).await;
        let status = response.status().as_u16();
        let text = if status == 303 { location(&response).to_owned() } else { response.text().await.expect("a page") };
        (status, text)
    }

    async fn me(&mut self) -> (u16, Value) {
        let response = self.get("/me").await;
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }
}

fn location(response: &Response) -> &str {
    response.headers()[LOCATION].to_str().expect("a text")
}

fn value<'a>(asked: &'a [(String, String)], name: &str) -> &'a str {
    asked.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn refused(code: &str) -> (u16, String) {
    (303, format!("/login#{code}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_are_set_up_here_and_nobody_else() {
    let provider = Provider::open().await;
    let site = site(&provider, "email").await;
    assert_eq!(site.stranger().get("/session/ways").await.1, json!({ "mail": false, "provider": "Example" }));
    let mut browser = Browser::at(&site);
    let asked = browser.begins().await;
    let back = format!("{DESKTOP}/api/v1/session/oidc/back");
    for (name, expected) in [("response_type", "code"), ("client_id", "desk"), ("redirect_uri", &back), ("code_challenge_method", "S256")] {
        assert_eq!(value(&asked, name), expected);
    }
    assert!(value(&asked, "scope").split(' ').any(|scope| scope == "openid"));
    assert!([value(&asked, "state"), value(&asked, "nonce")].iter().all(|random| random.len() == 64));

    let (status, page) = browser.signs_in(&provider, &json!({ "email": "anna@example.COM", "email_verified": true })).await;
    assert!(status == 200 && page.contains("url=/"), "{status} {page}");
    let (status, me) = browser.me().await;
    assert_eq!((status, &me["login"]), (200, &json!("anna")), "{me}");
    // Neither the password nor a second factor of ours was asked for, so neither is in the way.
    assert_eq!((&me["password"]["must_change"], &me["second_factor"]["required"]), (&json!(false), &json!(false)));
    assert_eq!(browser.get("/calls").await.status(), 200);
    let mut by_password = site.stranger();
    by_password.sign_in("anna", PASSWORD).await;
    assert_eq!(by_password.get("/calls").await.0, 403);

    for (claims, code) in [
        (json!({ "email": "stranger@example.com", "email_verified": true }), "oidc_unknown"),
        (json!({ "email": "anna@example.com", "email_verified": false }), "oidc_failed"),
        (json!({ "email": "anna@example.com" }), "oidc_failed"),
        (json!({ "preferred_username": "anna" }), "oidc_failed"),
    ] {
        assert_eq!(Browser::at(&site).signs_in(&provider, &claims).await, refused(code), "{claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_login_where_the_claim_is_another_and_not_who_is_disabled() {
    let provider = Provider::open().await;
    let site = site(&provider, "preferred_username").await;
    let mut browser = Browser::at(&site);
    assert_eq!(browser.signs_in(&provider, &json!({ "preferred_username": "Bruno" })).await.0, 200);
    assert_eq!(browser.me().await.1["login"], "bruno");
    let mut admin = Browser::at(&site);
    assert_eq!(admin.signs_in(&provider, &json!({ "preferred_username": "admin" })).await.0, 200);
    let users: Value = admin.get("/users").await.json().await.expect("users");
    let bruno = users["items"].as_array().and_then(|rows| rows.iter().find(|row| row["login"] == "bruno")).expect("Bruno");
    let path = format!("{}/users/{}", admin.base, bruno["id"].as_str().expect("an id"));
    let change = admin.http.put(path).header(COOKIE, admin.jar.join("; ")).json(&json!({ "version": bruno["version"], "disabled": true }));
    assert_eq!(change.send().await.expect("an answer").status(), 200);
    assert_eq!(browser.me().await.0, 401);
    assert_eq!(Browser::at(&site).signs_in(&provider, &json!({ "preferred_username": "bruno" })).await, refused("account_disabled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_no_answer_that_is_forged_late_or_anothers() {
    let provider = Provider::open().await;
    let site = site(&provider, "email").await;
    let anna = json!({ "email": "anna@example.com", "email_verified": true });
    for (name, wrong) in
        [("nonce", json!("another")), ("aud", json!("another")), ("iss", json!("https://another.example")), ("exp", json!(1_700_000_000))]
    {
        let mut claims = anna.clone();
        claims[name] = wrong;
        assert_eq!(Browser::at(&site).signs_in(&provider, &claims).await, refused("oidc_failed"), "{name}");
    }
    provider.signs_with_another_key(true);
    assert_eq!(Browser::at(&site).signs_in(&provider, &anna).await, refused("oidc_failed"));
    provider.signs_with_another_key(false);

    // A state counts once, and for the browser that began.
    let mut browser = Browser::at(&site);
    let asked = browser.begins().await;
    let (state, code) = (value(&asked, "state"), provider.signs_in(&asked, anna.clone()));
    assert_eq!(Browser::at(&site).comes_back(state, &code).await, refused("oidc_stale"), "somebody else's browser");
    let remembered = browser.jar.clone();
    assert_eq!(browser.comes_back(state, &code).await.0, 200);
    browser.jar = remembered;
    assert_eq!(browser.comes_back(state, &code).await, refused("oidc_stale"), "a second time");
    let mut browser = Browser::at(&site);
    browser.begins().await;
    assert_eq!(browser.comes_back("made-up", "made-up").await, refused("oidc_stale"));
    let asked = browser.begins().await;
    let denied = browser.get(&format!("/session/oidc/back?state={}&error=access_denied", value(&asked, "state"))).await;
    assert_eq!(location(&denied), "/login#oidc_denied");
    // A code of another sign-in has another verifier (RFC 7636): the provider refuses it.
    let (mut one, mut other) = (Browser::at(&site), Browser::at(&site));
    let (first, second) = (one.begins().await, other.begins().await);
    let stolen = provider.signs_in(&first, anna);
    assert_eq!(other.comes_back(value(&second, "state"), &stolen).await, refused("oidc_failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn and_a_provider_that_leads_elsewhere_or_floods_is_not_followed() {
    let provider = Provider::open().await;
    let site = site(&provider, "email").await;
    let anna = json!({ "email": "anna@example.com", "email_verified": true });
    for trick in ["redirect", "flood", "html"] {
        provider.answers_tokens_by(Some(trick));
        assert_eq!(Browser::at(&site).signs_in(&provider, &anna).await, refused("oidc_failed"), "{trick}");
    }
    assert!(!provider.was_led_astray(), "a redirection was followed");
    provider.answers_tokens_by(None);
    assert_eq!(Browser::at(&site).signs_in(&provider, &anna).await.0, 200);

    // One that is away when the server starts stops nothing, and is asked again for the next who signs in.
    let away = Provider::open().await;
    away.is_away(true);
    let site = self::site(&away, "email").await;
    assert_eq!(Browser::at(&site).get("/session/oidc").await.headers()[LOCATION], "/login#oidc_failed");
    away.is_away(false);
    assert_eq!(Browser::at(&site).signs_in(&away, &anna).await.0, 200);
    // One that calls itself by another name, or names an address that must not be asked, is not used.
    for (name, other) in
        [("issuer", "https://another.example"), ("token_endpoint", "http://169.254.169.254/latest"), ("jwks_uri", "file:///etc/passwd")]
    {
        let odd = Provider::open().await;
        odd.publishes(name, other);
        let site = self::site(&odd, "email").await;
        assert_eq!(Browser::at(&site).get("/session/oidc").await.headers()[LOCATION], "/login#oidc_failed", "{name}");
    }
}
