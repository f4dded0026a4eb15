//! `setup.toml` (A16).

use carillon_model::{AgentId, Membership, Strategy, Typology};
use carillon_store::{
    DigestSecret, membership, outbound_route, pause_reason, phone, queue,
    setup::{self, ApplyError, Changes, Secrets, Setup},
    trunk, user,
};

use crate::site::{Site, at, on_both_engines};

on_both_engines!(
    a_setup_is_applied_whole_and_applying_it_again_changes_nothing,
    a_changed_setup_changes_what_it_names_and_nothing_else,
    what_cannot_be_applied_is_named_and_leaves_no_trace,
    a_trunk_keeps_its_secret_while_its_user_and_realm_stay,
);

const SETUP: &str = r#"
[[user]]
login = "anna"
name = "Anna Bassi"
role = "agent"
password = "correct horse"
agent = { number = "201", typology = "external", wrapup_ms = 4000 }

[[user]]
login = "admin"
name = "Admin"
role = "admin"
password_hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"

[[phone]]
name = "1001"
password = "phone-1001"

[[phone]]
name = "1002"
label = "Desk 2"
ha1_md5 = "0123456789abcdef0123456789abcdef"
ha1_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
any_media_source = true

[[queue]]
name = "sales"
label = "Sales"
record = true
consent = "consent"
members = [{ agent = "Anna" }]

[[trunk]]
name = "lab"
host = "127.0.0.1"
port = 5080

[[outbound_route]]
prefix = "+39"
trunk = "lab"

[[pause_reason]]
name = "lunch"
is_default = true
"#;

/// Hashes that can be read in a test.
struct Plain;

impl Secrets for Plain {
    fn hash_password(&self, password: &str) -> Result<String, String> {
        match password {
            "unhashable" => Err("cannot be hashed".to_owned()),
            _ => Ok(format!("hash of {password}")),
        }
    }

    fn is_password(&self, password: &str, hash: &str) -> bool {
        hash == format!("hash of {password}")
    }

    fn phone_secret(&self, name: &str, password: &str) -> DigestSecret {
        DigestSecret { ha1_md5: format!("md5 {name} {password}"), ha1_sha256: format!("sha256 {name} {password}") }
    }

    fn digest_secret(&self, user: &str, realm: &str, password: &str) -> DigestSecret {
        self.phone_secret(&format!("{user} in {realm}"), password)
    }
}

fn parse(text: &str) -> Setup {
    toml::from_str(text).expect("a readable setup")
}

async fn apply(site: &mut Site, text: &str) -> Result<Changes, ApplyError> {
    setup::apply(&site.db, &parse(text), &Plain, &mut site.ids, at(0)).await
}

async fn a_setup_is_applied_whole_and_applying_it_again_changes_nothing(mut site: Site) {
    let changes = apply(&mut site, SETUP).await.expect("a setup");
    let all = [
        r#"user "anna""#,
        r#"user "admin""#,
        r#"phone "1001""#,
        r#"phone "1002""#,
        r#"queue "sales""#,
        r#"trunk "lab""#,
        r#"outbound_route "+39""#,
        r#"pause_reason "lunch""#,
    ];
    assert_eq!(changes, Changes { created: all.map(str::to_owned).to_vec(), ..Changes::default() });

    let anna = user::credentials(&site.db, "anna").await.expect("a row").expect("Anna");
    assert_eq!(anna.password_hash, "hash of correct horse");
    let agent = anna.user.agent.expect("an agent");
    assert_eq!((agent.number.as_str(), agent.typology, agent.wrapup_ms), ("201", Typology::External, Some(4_000)));
    assert_eq!(phone::secret(&site.db, "1001").await.expect("a row"), Some(Plain.phone_secret("1001", "phone-1001")));
    let second = phone::by_name(&site.db, "1002").await.expect("a row").expect("the phone").entity;
    assert_eq!((second.label.as_str(), second.any_media_source), ("Desk 2", true));
    let sales = queue::by_name(&site.db, "sales").await.expect("a row").expect("the queue").entity;
    assert_eq!((sales.strategy, sales.offer_ms, sales.misses_pause), (Strategy::LongestIdle, 15_000, 3));
    assert_eq!(sales.recording.consent.as_deref(), Some("consent"));
    let member = Membership { queue: sales.id, agent: AgentId::from(anna.user.id), priority: 1 };
    assert_eq!(membership::all(&site.db).await.expect("members"), [member]);
    let lab = trunk::by_name(&site.db, "lab").await.expect("a row").expect("the trunk").entity;
    let route = outbound_route::by_prefix(&site.db, "+39").await.expect("a row").expect("the route").entity;
    assert_eq!((route.trunk, lab.transport.as_str()), (lab.id, "udp"));
    assert!(pause_reason::by_name(&site.db, "lunch").await.expect("a row").expect("the pause").entity.is_default);

    let again = apply(&mut site, SETUP).await.expect("the same setup");
    assert_eq!(again, Changes { unchanged: all.map(str::to_owned).to_vec(), ..Changes::default() });
}

async fn a_changed_setup_changes_what_it_names_and_nothing_else(mut site: Site) {
    apply(&mut site, SETUP).await.expect("a setup");
    let changes = apply(
        &mut site,
        r#"
        [[user]]
        login = "ANNA"
        name = "Anna Bassi"
        role = "agent"
        password = "battery staple"
        agent = { number = "201", typology = "external", wrapup_ms = 4000 }
        [[user]]
        login = "bruno"
        name = "Bruno"
        role = "agent"
        password = "correct horse"
        agent = { number = "202", typology = "webrtc" }
        [[phone]]
        name = "1001"
        [[queue]]
        name = "sales"
        label = "Sales"
        record = true
        consent = "consent"
        members = [{ agent = "bruno", priority = 2 }]
        [[pause_reason]]
        name = "coffee"
        is_default = true
        "#,
    )
    .await
    .expect("a smaller setup");
    assert_eq!(changes.created, [r#"user "bruno""#, r#"pause_reason "coffee""#]);
    assert_eq!(changes.updated, [r#"user "ANNA""#, r#"queue "sales""#]);
    assert_eq!(changes.unchanged, [r#"phone "1001""#], "a phone named without a password keeps its own");
    assert_eq!(user::credentials(&site.db, "anna").await.expect("a row").expect("Anna").password_hash, "hash of battery staple");
    let priorities: Vec<_> = membership::all(&site.db).await.expect("members").into_iter().map(|member| member.priority).collect();
    assert_eq!(priorities, [1, 2], "Anna stays");
    assert_eq!(phone::all(&site.db).await.expect("phones").len(), 2);
    assert!(!pause_reason::by_name(&site.db, "lunch").await.expect("a row").expect("the pause").entity.is_default);
}

async fn a_trunk_keeps_its_secret_while_its_user_and_realm_stay(mut site: Site) {
    let trunk = |more: &str| format!("[[trunk]]\nname = \"carrier\"\nhost = \"sip.carrier.example\"\n{more}");
    let error = apply(&mut site, &trunk("account = { user = \"39\" }")).await.expect_err("no password").to_string();
    assert!(error.contains(r#"trunk "carrier", account.password: missing"#), "{error}");

    let with_password = trunk("transport = \"tls\"\naccount = { user = \"39\", password = \"p\", register = true }");
    assert_eq!(apply(&mut site, &with_password).await.expect("a setup").created, [r#"trunk "carrier""#]);
    let (stored, secret) = trunk::all_with_secrets(&site.db).await.expect("trunks").remove(0);
    let account = stored.account.expect("an account");
    assert_eq!((stored.port, stored.transport.as_str(), account.realm.as_str()), (None, "tls", "sip.carrier.example"));
    assert_eq!((account.register, account.register_s), (true, 600));
    assert_eq!(secret, Some(Plain.digest_secret("39", "sip.carrier.example", "p")));
    assert_eq!(apply(&mut site, &with_password).await.expect("the same").unchanged, [r#"trunk "carrier""#]);

    let without = apply(&mut site, &trunk("transport = \"dns\"\naccount = { user = \"39\" }")).await.expect("no password needed");
    assert_eq!(without.updated, [r#"trunk "carrier""#]);
    let (stored, kept) = trunk::all_with_secrets(&site.db).await.expect("trunks").remove(0);
    assert_eq!((stored.transport.as_str(), stored.port, kept), ("dns", None, secret));
    let error = apply(&mut site, &trunk("account = { user = \"40\" }")).await.expect_err("another user").to_string();
    assert!(error.contains("account.password"), "{error}");
    apply(&mut site, &trunk("port = 5070")).await.expect("no account");
    let (stored, secret) = trunk::all_with_secrets(&site.db).await.expect("trunks").remove(0);
    assert_eq!((stored.port, stored.account, secret), (Some(5070), None, None));
}

async fn what_cannot_be_applied_is_named_and_leaves_no_trace(mut site: Site) {
    let user = |login: &str, number: &str, more: &str| {
        format!(
            "[[user]]\nlogin = \"{login}\"\nname = \"N\"\nrole = \"agent\"\nagent = {{ number = \"{number}\", typology = \"external\" }}\n{more}\n"
        )
    };
    let cases = [
        (user("carla", "203", ""), r#"user "carla", password: missing"#),
        (user("carla", "203", "password = \"unhashable\""), r#"user "carla", password: cannot be hashed"#),
        (
            user("carla", "203", "password = \"long enough\"")
                + &user("dario", "203x", "password = \"long enough\"")
                + "[[phone]]\nname = \"1003\"",
            r#"phone "1003", password: missing"#,
        ),
        (
            "[[queue]]\nname = \"sales\"\nmembers = [{ agent = \"nobody\" }]".to_owned(),
            r#"queue "sales", members, agent "nobody": no user has this login"#,
        ),
        ("[[outbound_route]]\nprefix = \"+1\"\ntrunk = \"moon\"".to_owned(), r#"outbound_route "+1", trunk: no trunk is named "moon""#),
    ];
    for (text, problem) in cases {
        let error = apply(&mut site, &text).await.expect_err("a setup that makes no sense").to_string();
        assert!(error.contains(problem), "{error}");
    }
    assert_eq!(user::count(&site.db).await.expect("a count"), 0);
    assert_eq!(queue::all(&site.db).await.expect("queues"), []);
    let anna = user("anna", "201", "password = \"long enough\"");
    apply(&mut site, &anna).await.expect("Anna");
    let error = apply(&mut site, &user("dario", "201", "password = \"long enough\"")).await.expect_err("Anna's number").to_string();
    assert!(error.contains(r#"user "dario": another user has the same name, number or address"#), "{error}");
}

#[test]
fn every_field_that_makes_no_sense_is_named_at_once() {
    let setup = parse(
        r#"
        [[user]]
        login = "an na"
        name = ""
        role = "agent"
        password = "short"
        [[user]]
        login = "bruno"
        name = "Bruno"
        role = "supervisor"
        password = "long enough"
        password_hash = "$argon2id$x"
        [[user]]
        login = "BRUNO"
        name = "Bruno"
        role = "supervisor"
        password_hash = "md5"
        [[phone]]
        name = "1001"
        ha1_md5 = "0123"
        [[phone]]
        name = "1001"
        ha1_md5 = "0123"
        ha1_sha256 = "0123"
        [[queue]]
        name = "sales"
        offer_ms = 0
        max_wait_ms = 0
        members = [{ agent = "anna", priority = 0 }, { agent = "Anna" }]
        [[trunk]]
        name = "lab"
        host = "lab example"
        port = 0
        transport = "sctp"
        account = { user = "a b", register_s = 1 }
        [[trunk]]
        name = "looked-up"
        host = "192.0.2.1"
        transport = "dns"
        [[pause_reason]]
        name = "lunch"
        is_default = true
        [[pause_reason]]
        name = "coffee"
        is_default = true
        "#,
    );
    let problems: Vec<_> = setup.check().expect_err("nonsense").into_iter().map(|problem| problem.field).collect();
    assert_eq!(
        problems,
        [
            r#"user "an na", login"#,
            r#"user "an na", name"#,
            r#"user "an na", password"#,
            r#"user "an na", agent"#,
            r#"user "bruno", password"#,
            r#"user "BRUNO", login"#,
            r#"user "BRUNO", password_hash"#,
            r#"phone "1001", ha1_sha256"#,
            r#"phone "1001", name"#,
            r#"phone "1001", ha1_md5"#,
            r#"phone "1001", ha1_sha256"#,
            r#"queue "sales", offer_ms"#,
            r#"queue "sales", max_wait_ms"#,
            r#"queue "sales", members, agent "anna", priority"#,
            r#"queue "sales", members"#,
            r#"trunk "lab", host"#,
            r#"trunk "lab", port"#,
            r#"trunk "lab", transport"#,
            r#"trunk "lab", account.user"#,
            r#"trunk "lab", account.register_s"#,
            r#"trunk "looked-up", transport"#,
            r#"pause_reason "coffee", is_default"#,
        ]
    );
}

#[test]
fn a_field_nobody_knows_is_refused_with_its_line() {
    let error = toml::from_str::<Setup>("[[phone]]\nname = \"1001\"\npasword = \"phone-1001\"\n").expect_err("a slip").to_string();
    assert!(error.contains("line 3") && error.contains("pasword"), "{error}");
}
