//! Every message of RFC 4475 and RFC 5118 against a whole user agent, as `fixtures/sip/torture/verdicts.txt` says it must fare.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use carillon_sip_core::message::Message;
use carillon_sip_core::{Engine, FlowId, Hop, Reach, Transport};
use carillon_sip_leg::{Command, Event, LegId, TrunkPeer, UaConfig, UserAgent};

#[test]
fn a_user_agent_answers_rings_or_keeps_silent_as_every_verdict_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sip/torture");
    let list = fs::read_to_string(folder.join("verdicts.txt")).expect("the list is there");
    let mut walked = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let [case, over, _, _, expected, ..] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("not a verdict: {line}") };
        let packet = fs::read(folder.join(format!("{case}.sip"))).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(outcome(over, packet), expected, "{case}");
        walked += 1;
    }
    assert_eq!(walked, 61);
}

/// What a server without phones does for a trunk that sends this: the status it answers, `call` when an INVITE is let in, or nothing.
#[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
fn outcome(over: &str, packet: Vec<u8>) -> String {
    let now = Instant::now();
    let address = |text: &str| text.parse().expect("an address");
    let (local, remote) = match over {
        "udp6" => (address("[2001:db8::20]:5060"), address("[2001:db8::10]:40404")),
        _ => (address("192.0.2.20:5060"), address("192.0.2.10:40404")),
    };
    let (hop, transport) = match over {
        "tcp" => (Hop::tcp(local, remote, Some(FlowId(1))), Transport::Tcp),
        _ => (Hop::udp(local, remote), Transport::Udp),
    };
    let config =
        UaConfig { reach: Reach::new().listening(Transport::Udp, local).listening(Transport::Tcp, local), ..UaConfig::new([3; 32]) };
    let mut agent = UserAgent::new(config, Box::new(|| LegId(1)));
    agent.handle_command(now, Command::SetTrunks(vec![TrunkPeer::new("tower", remote, transport)]));
    agent.handle_packet(now, hop, packet.into());
    let mut done = Vec::new();
    while let Some(transmit) = agent.poll_transmit() {
        assert_eq!(transmit.hop, hop, "an answer went elsewhere");
        match Message::parse_datagram(transmit.bytes) {
            Ok(Message::Response(response)) => done.push(response.status.to_string()),
            other => panic!("sent {other:?}"),
        }
    }
    while let Some(event) = agent.poll_event() {
        if let Event::Invited { .. } = event {
            done.push("call".to_owned());
        }
    }
    if done.is_empty() { "nothing".to_owned() } else { done.join(" ") }
}
