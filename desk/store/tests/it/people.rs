//! Users, sessions, phones, bindings.

use std::collections::{BTreeMap, BTreeSet};

use carillon_model::{ApiKeyId, Number, Scope, SessionId};
use carillon_store::{
    Error,
    api_key::{self, ApiKey},
    binding,
    binding::Binding,
    password,
    password::{SetBy, Standing},
    password_link, phone, second_factor, session,
    session::{Kind, Session},
    user,
};

use crate::site::{Site, at, on_both_engines, secret, write};

on_both_engines!(
    a_login_is_found_whatever_its_case_and_is_one_persons,
    a_password_knows_who_set_it_when_and_the_five_before,
    who_read_an_old_version_overwrites_nothing,
    an_agent_is_a_user_with_a_number_of_their_own,
    a_session_opens_by_its_token_until_it_expires,
    a_session_ends_with_its_user_and_forgets_a_removed_phone,
    who_leaves_a_phone_leaves_it_in_every_session,
    a_pin_is_an_agents_and_can_be_taken_away,
    a_link_to_the_desktop_works_once_and_not_for_long,
    a_forgotten_password_has_one_link_that_is_used_once,
    a_second_factor_is_confirmed_and_its_codes_work_once,
    who_is_disabled_stays_so_until_enabled,
    a_key_stands_until_it_is_taken_back,
    a_phone_is_found_by_name_with_its_secret,
    a_page_has_a_phone_as_long_as_its_agent_works_by_it,
    bindings_outlive_a_restart_and_no_more_than_their_time,
    bindings_of_many_phones_are_replaced_at_once,
);

async fn a_login_is_found_whatever_its_case_and_is_one_persons(mut site: Site) {
    let zoe = site.user("Zoë");
    write!(site, user::insert(&zoe, "hash", at(0))).expect("a user");
    assert_eq!(user::by_login(&site.db, "ZOË").await.expect("a row").map(|stored| stored.entity), Some(zoe.clone()));
    assert_eq!(user::by_login(&site.db, "Zoe").await.expect("no row"), None);
    let other = site.user("zOË");
    assert!(matches!(write!(site, user::insert(&other, "hash", at(0))), Err(Error::Taken { table: "user", .. })));
    assert!(write!(site, password::set(zoe.id, "another", SetBy::Other, at(1))).expect("a write"));
    let credentials = user::credentials(&site.db, "zoë").await.expect("a row").expect("the user");
    assert_eq!((credentials.user, credentials.password_hash.as_str()), (zoe, "another"));
}

async fn a_password_knows_who_set_it_when_and_the_five_before(mut site: Site) {
    let (anna, bruno) = (site.user("anna"), site.user("bruno"));
    write!(site, user::insert(&anna, "first", at(0))).expect("a user");
    write!(site, user::insert(&bruno, "of bruno", at(0))).expect("a user");
    let given = Standing { set_at: at(0), set_by: SetBy::Other };
    assert_eq!(password::standing(&site.db, anna.id).await.expect("a row"), Some(given));
    for (n, hash) in (1..).zip(["2", "3", "4", "5", "6", "7"]) {
        assert!(write!(site, password::set(anna.id, hash, SetBy::Owner, at(n))).expect("a write"));
    }
    assert_eq!(password::hashes(&site.db, anna.id).await.expect("rows"), ["7", "6", "5", "4", "3", "2"]);
    assert_eq!(password::hashes(&site.db, bruno.id).await.expect("rows"), ["of bruno"]);
    let chosen = Standing { set_at: at(6), set_by: SetBy::Owner };
    assert_eq!(password::standing(&site.db, anna.id).await.expect("a row"), Some(chosen));
    let stranger = site.user("nobody");
    assert!(!write!(site, password::set(stranger.id, "hash", SetBy::Owner, at(7))).expect("no error"));
    assert_eq!(password::standing(&site.db, stranger.id).await.expect("no row"), None);
}

async fn who_read_an_old_version_overwrites_nothing(mut site: Site) {
    let mut user = site.user("sofia");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    user.name = "Sofia B.".to_owned();
    assert_eq!(write!(site, user::update(&user, 1, at(1))).expect("the version read"), Some(2));
    user.name = "Sofia C.".to_owned();
    assert!(matches!(write!(site, user::update(&user, 1, at(2))), Err(Error::Stale { table: "user" })));
    let stored = user::get(&site.db, user.id).await.expect("a row").expect("the user");
    assert_eq!((stored.entity.name.as_str(), stored.version, stored.updated_at), ("Sofia B.", 2, at(1)));
    let stranger = site.user("nobody");
    assert_eq!(write!(site, user::update(&stranger, 1, at(3))).expect("no error"), None);
    assert!(write!(site, user::delete(user.id)).expect("a deletion"));
    assert!(!write!(site, user::delete(user.id)).expect("no error"), "there is nobody left to delete");
}

async fn an_agent_is_a_user_with_a_number_of_their_own(mut site: Site) {
    let (anna, admin) = (site.agent("anna", "201"), site.user("admin"));
    write!(site, user::insert(&anna, "hash", at(0))).expect("an agent");
    write!(site, user::insert(&admin, "hash", at(0))).expect("a user");
    assert_eq!(user::agents(&site.db).await.expect("agents"), [(anna.id.into(), anna.agent.clone().expect("an agent"))]);
    let found = user::by_agent_number(&site.db, &Number::new("201")).await.expect("a row");
    assert_eq!(found.map(|stored| stored.entity), Some(anna));
    let bruno = site.agent("bruno", "201");
    assert!(matches!(write!(site, user::insert(&bruno, "hash", at(0))), Err(Error::Taken { .. })));
}

/// C2: who has a phone in the page, by number and phone's name.
async fn pages(site: &mut Site) -> Vec<(carillon_model::AgentId, String)> {
    let fresh: Vec<_> = (0..4).map(|n| (carillon_model::PhoneId::new(site.ids.next(at(0))), secret(&n.to_string()))).collect();
    let mut fresh = fresh.into_iter();
    write!(site, phone::keep_pages(|| fresh.next().expect("at most four"), at(0))).expect("a write");
    let mut pages = Vec::new();
    for (agent, id) in phone::of_pages(&site.db).await.expect("rows") {
        pages.push((agent, phone::get(&site.db, id).await.expect("a row").expect("the phone").entity.name));
    }
    pages
}

async fn a_page_has_a_phone_as_long_as_its_agent_works_by_it(mut site: Site) {
    let (mut anna, bruno, carla) = (site.agent("anna", "201"), site.agent("bruno", "1001"), site.user("carla"));
    let desk = site.phone("1001");
    write!(site, phone::insert(&desk, &secret("desk"), at(0))).expect("a phone");
    for user in [&anna, &bruno, &carla] {
        write!(site, user::insert(user, "hash", at(0))).expect("a user");
    }
    let of_anna = (anna.id.into(), "201".to_owned());
    assert_eq!(pages(&mut site).await, std::slice::from_ref(&of_anna), "a number that is a telephone's name makes no page of it");
    let before = phone::of_pages(&site.db).await.expect("rows");
    assert_eq!(pages(&mut site).await, [of_anna]);
    assert_eq!(phone::of_pages(&site.db).await.expect("rows"), before, "what is there stays");

    anna.agent.as_mut().expect("an agent").number = Number::new("209");
    assert_eq!(write!(site, user::update(&anna, 1, at(1))).expect("the version read"), Some(2));
    assert_eq!(pages(&mut site).await, [(anna.id.into(), "209".to_owned())]);
    anna.agent.as_mut().expect("an agent").typology = carillon_model::Typology::External;
    assert_eq!(write!(site, user::update(&anna, 2, at(2))).expect("the version read"), Some(3));
    assert_eq!(pages(&mut site).await, []);
    assert!(phone::by_name(&site.db, "1001").await.expect("a row").is_some(), "telephones on desks are nobody's pages");
}

fn session_of(site: &mut Site, user: &carillon_model::User, phone: Option<&carillon_model::Phone>) -> Session {
    let id = SessionId::new(site.ids.next(at(0)));
    Session {
        id,
        user: user.id,
        kind: Kind::Desktop,
        phone: phone.map(|phone| phone.id),
        address: Some("192.0.2.7".to_owned()),
        program: None,
        by_provider: false,
        works_since: None,
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(100),
    }
}

async fn a_session_opens_by_its_token_until_it_expires(mut site: Site) {
    let user = site.user("sofia");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    let session = session_of(&mut site, &user, None);
    write!(site, session::insert(&session, "token 1")).expect("a session");
    assert_eq!(session::by_token(&site.db, "token 1", at(99)).await.expect("a row"), Some(session.clone()));
    assert_eq!(session::by_token(&site.db, "token 1", at(100)).await.expect("no row"), None);
    assert_eq!(session::by_token(&site.db, "token 2", at(0)).await.expect("no row"), None);
    assert!(write!(site, session::touch(session.id, at(90), at(190))).expect("a write"));
    let touched = session::by_token(&site.db, "token 1", at(100)).await.expect("a row").expect("a longer session");
    assert_eq!((touched.last_seen_at, touched.expires_at), (at(90), at(190)));
    assert_eq!(session::expired(&site.db, at(189)).await.expect("rows"), vec![]);
    assert_eq!(session::all(&site.db, at(189)).await.expect("sessions"), [touched]);
    assert_eq!(session::expired(&site.db, at(190)).await.expect("rows").len(), 1);
}

async fn a_session_ends_with_its_user_and_forgets_a_removed_phone(mut site: Site) {
    let (user, phone) = (site.user("sofia"), site.phone("1001"));
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    write!(site, phone::insert(&phone, &secret("a"), at(0))).expect("a phone");
    let (with, without) = (session_of(&mut site, &user, Some(&phone)), session_of(&mut site, &user, None));
    write!(site, session::insert(&with, "token 1")).expect("a session");
    write!(site, session::insert(&without, "token 2")).expect("a session");
    assert!(write!(site, session::set_phone(without.id, Some(phone.id))).expect("a write"));
    let phones = |sessions: Vec<Session>| sessions.into_iter().map(|session| session.phone).collect::<Vec<_>>();
    assert_eq!(phones(session::of_user(&site.db, user.id).await.expect("sessions")), [Some(phone.id), Some(phone.id)]);
    write!(site, phone::delete(phone.id)).expect("a deletion");
    assert_eq!(phones(session::of_user(&site.db, user.id).await.expect("sessions")), [None, None]);
    write!(site, user::delete(user.id)).expect("a deletion");
    assert_eq!(session::of_user(&site.db, user.id).await.expect("sessions"), []);
    assert!(matches!(write!(site, session::insert(&with, "token 3")), Err(Error::Linked { .. })), "of nobody");
}

async fn a_phone_is_found_by_name_with_its_secret(mut site: Site) {
    let mut phone = site.phone("1001");
    write!(site, phone::insert(&phone, &secret("a"), at(0))).expect("a phone");
    assert_eq!(phone::secret(&site.db, "1001").await.expect("a row"), Some(secret("a")));
    assert_eq!(phone::secret(&site.db, "1002").await.expect("no row"), None);
    phone.any_media_source = true;
    assert_eq!(write!(site, phone::update(&phone, 1, at(1))).expect("a change"), Some(2));
    assert!(write!(site, phone::set_secret(phone.id, &secret("b"), at(2))).expect("a change"));
    assert_eq!(phone::all_with_secrets(&site.db).await.expect("phones"), [(phone.clone(), secret("b"))]);
    let stored = phone::by_name(&site.db, "1001").await.expect("a row").expect("the phone");
    assert_eq!((stored.entity, stored.version), (phone, 3));
    assert!(!format!("{:?}", secret("b")).contains("md5 of"), "a secret is not printed");
}

async fn bindings_outlive_a_restart_and_no_more_than_their_time(mut site: Site) {
    let phone = site.phone("1001");
    write!(site, phone::insert(&phone, &secret("a"), at(0))).expect("a phone");
    let binding = |contact: &str, expires| Binding { expires_at: at(expires), ..registered("1001", contact) };
    let (desk, soft) = (binding("sip:1001@192.0.2.10:5060", 60), binding("sip:1001@192.0.2.11:5062", 120));
    let newest = [("1001".to_owned(), vec![desk.clone(), soft.clone(), desk.clone()]), ("1999".to_owned(), vec![])];
    write!(site, binding::replace(&newest.into(), at(0))).expect("two bindings");
    assert_eq!(binding::all(&site.db, at(0)).await.expect("bindings"), [desk.clone(), soft.clone()]);
    assert_eq!(binding::all(&site.db, at(60)).await.expect("bindings"), std::slice::from_ref(&soft));
    let moved = Binding { remote: "198.51.100.7:40000".to_owned(), reachable: false, instance: None, user_agent: None, ..soft };
    let newest = [("1001".to_owned(), vec![desk, moved.clone()])];
    write!(site, binding::replace(&newest.into(), at(1))).expect("a write");
    assert_eq!(write!(site, binding::delete_expired(at(60))).expect("a deletion"), 1);
    assert_eq!(binding::all(&site.db, at(0)).await.expect("bindings"), std::slice::from_ref(&moved));
    write!(site, phone::delete(phone.id)).expect("a deletion");
    assert_eq!(binding::all(&site.db, at(0)).await.expect("bindings"), []);
}

async fn bindings_of_many_phones_are_replaced_at_once(mut site: Site) {
    let mut newest = BTreeMap::new();
    for number in 2000..2075 {
        let phone = site.phone(&number.to_string());
        write!(site, phone::insert(&phone, &secret("a"), at(0))).expect("a phone");
        newest.insert(phone.name.clone(), vec![registered(&phone.name, "sip:a@192.0.2.10"), registered(&phone.name, "sip:b@192.0.2.10")]);
    }
    newest.insert("1999".to_owned(), vec![registered("1999", "sip:a@192.0.2.10")]);
    write!(site, binding::replace(&newest, at(0))).expect("bindings");
    newest.remove("1999").expect("the phone that is not there");
    let kept = |newest: &BTreeMap<String, Vec<Binding>>| newest.values().flatten().cloned().collect::<Vec<_>>();
    assert_eq!(binding::all(&site.db, at(0)).await.expect("bindings"), kept(&newest));
    newest.values_mut().for_each(|bindings| bindings.truncate(1));
    newest.get_mut("2000").expect("a phone").clear();
    write!(site, binding::replace(&newest, at(1))).expect("bindings");
    assert_eq!(binding::all(&site.db, at(0)).await.expect("bindings"), kept(&newest));
}

fn registered(phone: &str, contact: &str) -> Binding {
    Binding {
        phone: phone.to_owned(),
        contact: contact.to_owned(),
        transport: "udp".to_owned(),
        remote: "192.0.2.10:5060".to_owned(),
        local: "192.0.2.1:5060".to_owned(),
        instance: Some("<urn:uuid:5a3c3c1e-0000-4000-8000-000000000001>".to_owned()),
        path: Some("<sip:proxy.example;lr>".to_owned()),
        preference: 500,
        call_id: "reg-1@192.0.2.10".to_owned(),
        cseq: u32::MAX,
        expires_at: at(60),
        user_agent: Some("Example Phone 1.0".to_owned()),
        reachable: true,
    }
}

async fn who_leaves_a_phone_leaves_it_in_every_session(mut site: Site) {
    let (user, desk) = (site.agent("carla", "203"), site.phone("1003"));
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    write!(site, phone::insert(&desk, &secret("1003"), at(0))).expect("a phone");
    let page = session_of(&mut site, &user, Some(&desk));
    let keypad = Session { kind: Kind::Keypad, ..session_of(&mut site, &user, Some(&desk)) };
    write!(site, session::insert(&page, "page")).expect("a session");
    write!(site, session::insert(&keypad, "keypad")).expect("a session");
    write!(site, session::leave_phone(user.id)).expect("a write");
    assert_eq!(session::of_user(&site.db, user.id).await.expect("rows"), [Session { phone: None, ..page }]);
}

async fn a_pin_is_an_agents_and_can_be_taken_away(mut site: Site) {
    let carla = site.agent("carla", "203");
    write!(site, user::insert(&carla, "hash", at(0))).expect("an agent");
    let number = Number::new("203");
    let pin = async |site: &Site| user::credentials_of_agent(&site.db, &number).await.expect("a row").expect("the agent").pin_hash;
    assert_eq!(pin(&site).await, None);
    assert!(write!(site, user::set_pin(carla.id, Some("hash of 4711"), at(1))).expect("a write"));
    assert_eq!(pin(&site).await.as_deref(), Some("hash of 4711"));
    assert!(write!(site, user::set_pin(carla.id, None, at(2))).expect("a write"));
    assert_eq!(pin(&site).await, None);
    assert!(user::credentials_of_agent(&site.db, &Number::new("999")).await.expect("no row").is_none());
}

async fn a_link_to_the_desktop_works_once_and_not_for_long(mut site: Site) {
    let user = site.agent("carla", "203");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    write!(site, desktop_link::insert("one", user.id, at(0), at(30))).expect("a link");
    write!(site, desktop_link::insert("two", user.id, at(0), at(30))).expect("a link");
    assert_eq!(write!(site, desktop_link::take("one", at(29))).expect("a row"), Some(user.id));
    assert_eq!(write!(site, desktop_link::take("one", at(29))).expect("no row"), None);
    assert_eq!(write!(site, desktop_link::take("two", at(30))).expect("no row"), None);
}

async fn a_forgotten_password_has_one_link_that_is_used_once(mut site: Site) {
    let mut user = site.agent("carla", "203");
    user.email = Some("Carla@Example.com".to_owned());
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    let found = user::by_email(&site.db, "carla@example.COM").await.expect("a row").map(|stored| stored.entity);
    assert_eq!(found, Some(user.clone()));
    let mut other = site.agent("dario", "204");
    other.email = Some("CARLA@example.com".to_owned());
    let taken = write!(site, user::insert(&other, "hash", at(0)));
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");

    write!(site, password_link::set(user.id, "one", at(0), at(3600))).expect("a link");
    assert_eq!(password_link::owner(&site.db, "one", at(3599)).await.expect("a row"), Some(user.id));
    assert_eq!(password_link::owner(&site.db, "one", at(3600)).await.expect("no row"), None);
    write!(site, password_link::set(user.id, "two", at(10), at(3610))).expect("a link");
    assert_eq!(password_link::owner(&site.db, "one", at(11)).await.expect("no row"), None, "the newer one stands alone");
    assert!(write!(site, password_link::take(user.id)).expect("a row"));
    assert!(!write!(site, password_link::take(user.id)).expect("no row"));
    assert_eq!(password_link::owner(&site.db, "two", at(11)).await.expect("no row"), None);
}

/// Z2.
async fn a_second_factor_is_confirmed_and_its_codes_work_once(mut site: Site) {
    let (anna, bruno) = (site.user("anna"), site.user("bruno"));
    for user in [&anna, &bruno] {
        write!(site, user::insert(user, "hash", at(0))).expect("a user");
    }
    write!(site, second_factor::begin(anna.id, "sealed", at(0))).expect("a write");
    write!(site, second_factor::begin(anna.id, "sealed again", at(1))).expect("a write");
    let begun = second_factor::of(&site.db, anna.id).await.expect("a row").expect("it is begun");
    assert_eq!((begun.secret.as_str(), begun.confirmed, begun.last_step), ("sealed again", false, 0));
    assert_eq!(second_factor::all_on(&site.db).await.expect("rows"), []);
    assert!(!format!("{begun:?}").contains("sealed"), "a secret is not printed");

    let codes = ["one".to_owned(), "two".to_owned()];
    write!(site, second_factor::confirm(anna.id, &codes)).expect("a write");
    assert_eq!(second_factor::all_on(&site.db).await.expect("rows"), [anna.id]);
    assert!(write!(site, second_factor::use_step(anna.id, 7)).expect("a write"));
    assert!(!write!(site, second_factor::use_step(anna.id, 7)).expect("a write"), "used already");
    assert!(!write!(site, second_factor::use_step(anna.id, 6)).expect("a write"), "older");
    assert!(write!(site, second_factor::use_step(anna.id, 8)).expect("a write"));
    assert!(!write!(site, second_factor::take_code(bruno.id, "one")).expect("a write"), "another's");
    assert!(write!(site, second_factor::take_code(anna.id, "one")).expect("a write"));
    assert!(!write!(site, second_factor::take_code(anna.id, "one")).expect("a write"));
    assert_eq!(second_factor::codes_left(&site.db, anna.id).await.expect("a count"), 1);
    write!(site, second_factor::replace_codes(anna.id, &["three".to_owned()])).expect("a write");
    assert!(!write!(site, second_factor::take_code(anna.id, "two")).expect("a write"));
    assert!(write!(site, second_factor::remove(anna.id)).expect("a write"));
    assert!(!write!(site, second_factor::remove(anna.id)).expect("a write"));
    assert_eq!(second_factor::of(&site.db, anna.id).await.expect("no row"), None);
    assert!(!write!(site, second_factor::take_code(anna.id, "three")).expect("a write"), "they go with it");
}

/// Z3.
async fn who_is_disabled_stays_so_until_enabled(mut site: Site) {
    let mut anna = site.agent("anna", "201");
    write!(site, user::insert(&anna, "hash", at(0))).expect("a user");
    anna.disabled = true;
    assert_eq!(write!(site, user::update(&anna, 1, at(1))).expect("a write"), Some(2));
    assert_eq!(user::by_login(&site.db, "anna").await.expect("a row").map(|stored| stored.entity), Some(anna));
}

async fn a_key_stands_until_it_is_taken_back(mut site: Site) {
    let user = site.agent("anna", "201");
    write!(site, user::insert(&user, "hash", at(0))).expect("a user");
    let key = ApiKey {
        id: ApiKeyId::new(site.ids.next(at(0))),
        name: "CRM".into(),
        hint: "ck_1".into(),
        user: user.id,
        scopes: BTreeSet::from([Scope::MakeCalls, Scope::Read]),
        created_at: at(0),
        last_used_at: None,
        revoked_at: None,
    };
    write!(site, api_key::insert(&key, "sha")).expect("a key");
    assert_eq!(api_key::by_secret(&site.db, "sha").await.expect("a row"), Some(key.clone()));
    assert!(write!(site, api_key::touch(key.id, at(5))).expect("a write"));
    assert!(write!(site, api_key::revoke(key.id, at(9))).expect("a write"));
    assert!(!write!(site, api_key::revoke(key.id, at(10))).expect("no error"), "it is so already");
    assert_eq!(api_key::by_secret(&site.db, "sha").await.expect("no row"), None);
    let kept = ApiKey { last_used_at: Some(at(5)), revoked_at: Some(at(9)), ..key };
    assert_eq!(api_key::all(&site.db).await.expect("rows"), [kept]);
}
