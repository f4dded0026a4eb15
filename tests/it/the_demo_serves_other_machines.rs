//! `make run BIND=ADDRESS`: new passwords, and that address in what phones are told ("Demo").

use carillon_kit::{
    Server,
    phone::{Phone, header},
};
use serde_json::json;

use crate::{
    binary::Folder,
    client::{Client, eventually},
};

const BIND: &str = "127.0.0.2";
const DEMO: [&str; 9] = ["demo", "--data", "demo", "--bind", BIND, "--http", "127.0.0.2:0", "--sip", "127.0.0.2:0"];

#[tokio::test(flavor = "multi_thread")]
async fn with_new_passwords_and_its_address_everywhere() {
    let folder = Folder::new();
    // One that everybody could sign in to was there before.
    drop(folder.run_as(&["demo", "--data", "demo", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]).await);

    let server = folder.run_as(&DEMO).await;
    assert!(server.bound.http.ip().to_string() == BIND && server.bound.sip_udp.ip().to_string() == BIND);
    let (people, phones) = shown(&server).await;
    assert!(people.len() > 20 && phones.len() > 20 && people != phones);
    for login in ["anna", "admin"] {
        let (status, _) = Client::new(server.bound.http).post("/session", &json!({ "login": login, "password": "carillon-demo" })).await;
        assert_eq!(status, 401, "{login} with the password that everybody knows");
    }
    let mut sofia = Client::new(server.bound.http);
    sofia.sign_in("sofia", &people).await;

    let phone = async |name: &str, secret: &str| {
        let phone = Phone::at(BIND.parse().expect("an address"), name, Some(&format!("{secret}-{name}"))).await;
        phone.knows(server.bound.sip_udp);
        phone
    };
    let known = phone("1001", "phone").await;
    assert_eq!(carillon_kit::phone::status(&known.register(60).await), 403, "a phone with the password that everybody knows");
    let caller = phone("1002", &phones).await;
    let mut called = phone("1003", &phones).await;
    for phone in [&caller, &called] {
        assert_eq!(carillon_kit::phone::status(&phone.register(60).await), 200);
    }
    let mut call = caller.dial("1003").await;
    let mut ringing = called.rings().await;
    let invitation = ringing.invitation().expect("an INVITE");
    let told = |name: &str| header(invitation, name).unwrap_or_else(|| panic!("no {name}"));
    assert!(told("Via").contains(&server.bound.sip_udp.to_string()) && told("Contact").contains(&server.bound.sip_udp.to_string()));
    assert!(String::from_utf8_lossy(&invitation.body).contains(&format!("c=IN IP4 {BIND}\r\n")), "{invitation}");
    ringing.answer().await;
    call.is_answered().await;
    call.audio.say(700.0);
    ringing.audio.hears(700.0).await;
    call.hang_up().await;

    // Simulated phones know the new passwords too.
    let (status, told) = sofia.post("/demo/simulate", &json!({ "calls": 1 })).await;
    assert_eq!(status, 202, "{told}");
    eventually("the simulated phones being registered", async || {
        let (_, phones) = sofia.get("/phones").await;
        let registered = |name: &str| phones.as_array()?.iter().find(|phone| phone["name"] == name)?["registered"].as_bool();
        (registered("1009") == Some(true) && registered("1010") == Some(true)).then_some(())
    })
    .await;
    drop(server);

    let server = folder.run_as(&DEMO).await;
    assert_eq!(shown(&server).await, (people.clone(), phones), "phones that were set up go on working");
    Client::new(server.bound.http).sign_in("anna", &people).await;
}

/// The passwords that were printed: people's, and what the phones' begin with.
async fn shown(server: &Server) -> (String, String) {
    server.program.says("sofia and admin: ").await;
    server.program.says("the password of 1001 is ").await;
    let log = server.program.said();
    let after = |words: &str| {
        let rest = log.split(words).nth(1).unwrap_or_else(|| panic!("`{words}` is not in {log}"));
        rest.split_ascii_whitespace().next().expect("a password").to_owned()
    };
    let phones = after("the password of 1001 is ");
    (after("sofia and admin: "), phones.trim_end_matches(',').trim_end_matches("-1001").to_owned())
}
