//! Digest authentication: who gets in, who is asked again, who is refused.

use std::time::{Duration, Instant};

use carillon_sip_core::digest::{AuthFailure, Challenger, Ha1, Policy, answer};
use carillon_sip_core::message::{HeaderName, Method, Request, SipUri, Uri};

const REALM: &str = "carillon";
const REGISTRAR: &str = "sip:pbx.example.net";

/// A server with one user, 1001, and a phone that answers what it was asked last.
struct Desk {
    now: Instant,
    challenger: Challenger,
    challenges: Vec<String>,
}

impl Desk {
    fn new(policy: Policy) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
        let now = Instant::now();
        let mut challenger = Challenger::new(REALM, [7; 32], policy);
        let challenges = challenger.challenge(now, false);
        Self { now, challenger, challenges }
    }

    fn ask_again(&mut self, stale: bool) {
        self.challenges = self.challenger.challenge(self.now, stale);
    }

    fn phone_says(&mut self, user: &str, password: &str, nc: u32) -> Result<String, AuthFailure> {
        let challenge = self.challenges[0].clone();
        self.send(
            &answer(challenge.as_bytes(), user, password, &Method::Register, REGISTRAR, nc, "f00d")
                .expect("the phone understands the challenge"),
        )
    }

    fn send(&mut self, authorization: &str) -> Result<String, AuthFailure> {
        let request = Request::new(Method::Register, uri()).with(HeaderName::Authorization, authorization);
        let lookup = |user: &str| (user == "1001").then(|| Ha1::from_password("1001", REALM, "correct horse"));
        self.challenger.verify(self.now, &request, lookup).map(|user| user.name)
    }
}

fn uri() -> SipUri {
    match REGISTRAR.parse() {
        Ok(Uri::Sip(uri)) => uri,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phone_with_the_right_password_gets_in_and_stays_in_while_its_count_grows() {
    for policy in [Policy::Md5, Policy::Both, Policy::Sha256] {
        let mut desk = Desk::new(policy);
        // 0x0a, 0x100 and 0x7fffffff: hex on the wire, and more than a byte.
        for nc in [1, 2, 0x0a, 0x10, 0x100, 0x7fff_ffff] {
            assert_eq!(desk.phone_says("1001", "correct horse", nc), Ok("1001".to_owned()), "{policy:?} nc={nc:x}");
        }
    }
}

#[test]
fn a_replay_is_stale_and_a_new_nonce_heals_it() {
    let mut desk = Desk::new(Policy::Md5);
    desk.phone_says("1001", "correct horse", 2).expect("first use");
    assert_eq!(desk.phone_says("1001", "correct horse", 2), Err(AuthFailure::Stale), "the very same again");
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Err(AuthFailure::Stale), "an older count");
    desk.ask_again(true);
    assert!(desk.challenges[0].ends_with(", stale=true"), "{}", desk.challenges[0]);
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Ok("1001".to_owned()));
}

#[test]
fn a_nonce_ages_and_a_foreign_one_was_never_fresh() {
    let mut desk = Desk::new(Policy::Md5);
    desk.now += Duration::from_secs(300);
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Ok("1001".to_owned()), "on the last millisecond");
    desk.now += Duration::from_millis(1);
    assert_eq!(desk.phone_says("1001", "correct horse", 2), Err(AuthFailure::Stale));
    desk.challenges = Challenger::new(REALM, [8; 32], Policy::Md5).challenge(desk.now, false);
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Err(AuthFailure::Stale), "made before a restart");
    desk.challenges = vec![format!("Digest realm=\"{REALM}\", nonce=\"\u{e9}0000000\", qop=\"auth\"")];
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Err(AuthFailure::Stale), "made up");
}

#[test]
fn an_unknown_user_and_a_wrong_password_are_told_the_same() {
    let mut desk = Desk::new(Policy::Md5);
    assert_eq!(desk.phone_says("1001", "wrong", 1), Err(AuthFailure::Wrong));
    assert_eq!(desk.phone_says("9999", "wrong", 1), Err(AuthFailure::Wrong));
    desk.now += Duration::from_secs(301);
    assert_eq!(desk.phone_says("1001", "wrong", 1), Err(AuthFailure::Wrong), "only the right password learns that a nonce is stale");
    assert_eq!(desk.phone_says("9999", "wrong", 1), Err(AuthFailure::Wrong));
}

#[test]
fn the_policy_says_what_is_offered_and_nothing_weaker_is_taken() {
    let mut both = Desk::new(Policy::Both);
    assert_eq!(both.challenges.iter().map(|c| c.contains("algorithm=SHA-256")).collect::<Vec<_>>(), [true, false]);
    both.challenges.remove(0);
    assert_eq!(both.phone_says("1001", "correct horse", 1), Ok("1001".to_owned()), "MD5 was offered too");

    let mut strict = Desk::new(Policy::Sha256);
    assert_eq!(strict.challenges.len(), 1);
    strict.challenges[0] = strict.challenges[0].replace("SHA-256", "MD5");
    assert_eq!(
        strict.phone_says("1001", "correct horse", 1),
        Err(AuthFailure::Missing),
        "a downgrade in the middle gets a fresh challenge"
    );
}

#[test]
fn odd_credentials_are_asked_again_or_refused_and_never_let_in() {
    let mut desk = Desk::new(Policy::Md5);
    for (authorization, expected) in [
        ("NoOneKnowsThis opaque-data=here", AuthFailure::Missing),
        ("Digest username=\"1001\", realm=\"elsewhere\", nonce=\"1\"", AuthFailure::Missing),
        ("Digest username=\"1001\", realm=\"carillon\", algorithm=MD5-sess, nonce=\"1\"", AuthFailure::Missing),
        ("Digest", AuthFailure::Malformed),
        ("Digest username=\"1001, realm=\"carillon\"", AuthFailure::Malformed),
        ("Digest username=\"1001\", username=\"1002\", realm=\"carillon\"", AuthFailure::Malformed),
        ("Digest username=\"1001\", realm=\"carillon\", nonce=\"1\", uri=\"sip:a\", response=\"0\"", AuthFailure::Malformed),
        (
            "Digest username=\"1001\",realm=\"carillon\",nonce=\"1\",uri=\"sip:a\",response=\"0\",qop=auth,cnonce=\"a\",nc=+1",
            AuthFailure::Malformed,
        ),
        (
            "Digest username=\"1001\",realm=\"carillon\",nonce=\"1\",uri=\"sip:a\",response=\"0\",qop=auth-int,cnonce=\"a\",nc=1",
            AuthFailure::Malformed,
        ),
    ] {
        assert_eq!(desk.send(authorization), Err(expected), "{authorization}");
    }
    let request = Request::new(Method::Register, uri());
    assert_eq!(desk.challenger.verify(desk.now, &request, |_| None), Err(AuthFailure::Missing));
}

#[test]
fn a_full_table_of_counts_makes_old_nonces_stale_and_lets_no_replay_through() {
    let mut desk = Desk::new(Policy::Md5);
    let first = desk.challenges.clone();
    desk.phone_says("1001", "correct horse", 1).expect("first use");
    for _ in 0..carillon_sip_core::limits::NONCES {
        desk.ask_again(false);
        desk.phone_says("1001", "correct horse", 1).expect("a nonce of its own");
    }
    desk.challenges = first;
    assert_eq!(desk.phone_says("1001", "correct horse", 1), Err(AuthFailure::Stale), "replay of the forgotten one");
    assert_eq!(desk.phone_says("1001", "correct horse", 2), Err(AuthFailure::Stale));
}

/// The known answers of RFC 7616 3.9.1.
#[test]
fn answers_agree_with_the_rfc() {
    let get: Method = "GET".parse().expect("a token");
    for (algorithm, response) in
        [("MD5", "8ca523f5e9506fed4657c9700eebdbec"), ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    {
        let challenge = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""
        );
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let header = answer(challenge.as_bytes(), "Mufasa", "Circle of Life", &get, "/dir/index.html", 1, cnonce).expect("understood");
        assert!(header.contains(&format!("response=\"{response}\"")), "{header}");
    }
}

#[test]
fn hashes_survive_storage_and_print_nothing() {
    let ha1 = Ha1::from_password("1001", REALM, "correct horse");
    assert_eq!(Ha1::from_hex(&ha1.md5_hex(), &ha1.sha256_hex()), Some(ha1.clone()));
    assert_eq!(Ha1::from_hex(&ha1.sha256_hex(), &ha1.md5_hex()), None);
    assert_eq!(format!("{ha1:?}"), "Ha1(redacted)");
    assert!(!format!("{:?}", Challenger::new(REALM, [7; 32], Policy::Md5)).contains('7'));
}
