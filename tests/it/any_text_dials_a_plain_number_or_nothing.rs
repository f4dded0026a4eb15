//! Threat 30 and D1: whatever text is clicked or dialled, the running server refuses it or sends one well-formed INVITE whose user part is plain.

use carillon_kit::phone::{Phone, status};
use serde_json::json;

use crate::site::{Agent, Site};

/// Every number leads out.
async fn site() -> Site {
    let route = |prefix: char| format!("\n[[outbound_route]]\nprefix = \"{prefix}\"\ntrunk = \"lab\"\n");
    let routes: String = "+0123456789".chars().map(route).collect();
    Site::start_with(|_, setup| setup.push_str(&routes)).await
}

/// Ways that were tried on others: lines, headers, hosts, dial strings, escapes, markup, nothing.
const KNOWN: [&str; 22] = [
    "1\r\nVia: SIP/2.0/UDP evil",
    "1\nFrom: <sip:ceo@bank>",
    "1\r\n\r\nINVITE sip:2 SIP/2.0",
    "1@evil.example",
    "1;phone-context=evil",
    "1>;tag=x",
    "1%0d%0aX: y",
    "sip:1@evil.example",
    "tel:+39;ext=1",
    "1,2",
    "1&2",
    "SIP/other/1",
    "1?Replaces=x",
    "\"1\"",
    "<1>",
    "1\0",
    "",
    " ",
    "++1",
    "tel:",
    "１２３",
    "+39 02\u{202e}123",
];

/// Texts of what telephones and headers are made of, the same in each run.
fn texts(count: usize) -> impl Iterator<Item = String> {
    let parts: Vec<&str> =
        "0|1|39|+|+39|02|*|#|.|-|(|)| |/|;|@|<|>|\"|%|\r\n|\n|\t|\0|:|,|&|?|=|tel:|sip:|A|b|é|漢|\u{202e}".split('|').collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    (0..count).map(move |_| (0..=next(7)).map(|_| parts[next(parts.len())]).collect())
}

/// The user part of an INVITE's address, if it is plain: a hash stands escaped in it (RFC 3261, 25.1), and nothing else does.
fn plain_user(uri: &str) -> Option<String> {
    let user = uri.strip_prefix("sip:")?.split_once('@')?.0;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "*+.-".contains(c);
    (!user.is_empty() && user.replace("%23", "").chars().all(is_plain)).then(|| user.replace("%23", "#"))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_click() {
    let mut site = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let (mut refused, mut dialled) = (0, 0);
    for text in KNOWN.into_iter().map(str::to_owned).chain(texts(300)) {
        let (code, answer) = anna.api.post("/calls", &json!({ "number": text })).await;
        match code {
            202 => {
                goes_out(&mut site, &mut anna, &text).await;
                dialled += 1;
            }
            // It is no number, or one that leads nowhere.
            422 => {
                assert_eq!((&answer["type"], &answer["errors"][0]["field"]), (&json!("invalid"), &json!("number")), "{text:?}: {answer}");
                refused += 1;
            }
            _ => panic!("{text:?}: {code} {answer}"),
        }
    }
    assert!(refused > 100 && dialled > 10, "{refused} refused, {dialled} dialled");
    assert!(!anna.phone.was_called() && !site.trunk.was_called(), "one INVITE each");
}

/// Answers at the own phone and refuses at the trunk what a text became.
async fn goes_out(site: &mut Site, anna: &mut Agent, text: &str) {
    let mut own = anna.phone.incoming_call().await;
    own.answer().await;
    let other = site.trunk.incoming_call().await;
    let invite = other.invitation().expect("an INVITE");
    let uri = invite.uri.to_string();
    let user = plain_user(&uri);
    // Parameters of a `tel:` link are not dialled.
    let digits = |text: &str| text.split(';').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect::<String>();
    assert!(user.is_some_and(|user| digits(&user) == digits(text)), "{text:?} became {uri}");
    other.refuse("404 Not Found").await;
    own.hang_up().await;
    anna.leaves("talking").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_keypad_and_by_a_transfer() {
    let mut site = site().await;
    let anna = site.agent("anna", "1001").await;
    let mut lobby = Phone::registered("1002", site.sip).await;
    // As it may stand in a SIP URI: escaped.
    let escaped = ["1%0d%0aVia%3a%20x", "1%40evil.example", "%00", "1%3ctag%3e", "1%22", "%31%0a", "39;phone-context=evil", "39%3bx"];
    for user in escaped {
        let call = anna.phone.dial(user).await;
        tokio::select! {
            response = async { let mut call = call; call.final_response().await } => assert!(status(&response) >= 400, "{user}: {response}"),
            other = site.trunk.incoming_call() => {
                let uri = other.invitation().expect("an INVITE").uri.to_string();
                assert!(plain_user(&uri).is_some(), "{user} became {uri}");
                other.refuse("404 Not Found").await;
            }
        }
    }
    let mut call = anna.phone.dial("1002").await;
    let mut theirs = lobby.rings().await;
    theirs.answer().await;
    call.is_answered().await;
    for user in ["1%0d%0aVia%3a%20x", "1%40evil.example", "%00", "1%22"] {
        let refer_to = format!("Refer-To: <sip:{user}@{}>", site.sip);
        let response = call.transact("REFER", &[&refer_to], None).await;
        assert!(status(&response) >= 400, "{user}: {response}");
    }
    assert!(!site.trunk.was_called(), "nothing of it went out");
    call.hang_up().await;
    theirs.is_ended().await;
}
