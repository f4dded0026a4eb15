//! Digits as telephone events (RFC 4733).

use std::time::Duration;

use carillon_media_engine::{Codec, Command, Event, LegId, LegMedia};

use crate::lab::{Lab, Phone, talk};

/// What one packet of sound lasts.
const PACKET: Duration = Duration::from_millis(20);

/// An event's packets: three updates, then so many ends.
fn press(phone: &mut Phone, event: u8, ends: usize) {
    let at = phone.timestamp;
    for n in 1..=3u16 {
        phone.send(phone.dtmf_pt, n == 1, &payload(event, false, 160 * n));
    }
    for _ in 0..ends {
        phone.send(phone.dtmf_pt, false, &payload(event, true, 640));
    }
    phone.timestamp = at.wrapping_add(640);
}

fn payload(event: u8, end: bool, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [event, u8::from(end) << 7 | 10, high, low]
}

fn next_digit(lab: &mut Lab, leg: LegId) -> (char, u32) {
    lab.expect(|event| match event {
        Event::Digit { leg: other, digit, duration_ms } if *other == leg => Some((*digit, *duration_ms)),
        _ => None,
    })
}

#[test]
fn each_press_is_told_once_however_many_of_its_ends_arrive() {
    let mut lab = Lab::new();
    let mut phone = Phone::new(Codec::Pcma);
    let leg = lab.connect_latched(&mut phone);
    press(&mut phone, 5, 3);
    press(&mut phone, 5, 1);
    press(&mut phone, 11, 0);
    assert_eq!(next_digit(&mut lab, leg), ('5', 80));
    assert_eq!(next_digit(&mut lab, leg), ('5', 80));
    assert_eq!(next_digit(&mut lab, leg), ('#', 60), "its ends were lost");
    lab.close(leg);
    assert!(!lab.told().iter().any(|event| matches!(event, Event::Digit { .. })), "{:?}", lab.told());
}

#[test]
fn a_key_still_down_when_the_leg_closes_was_pressed() {
    let mut lab = Lab::new();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut phone);
    press(&mut phone, 9, 0);
    // The order may overtake packets; this one's reports follow them on the same socket.
    phone.say(0.0);
    talk(2, [(&mut phone, 0.0)]);
    lab.close(leg);
    assert_eq!(next_digit(&mut lab, leg).0, '9');
}

#[test]
fn a_bridged_phone_gets_the_digits_under_its_own_payload_type() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcma));
    agent.dtmf_pt = 96;
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(3, [(&mut caller, 0.0), (&mut agent, 0.0)]);
    let before = agent.heard.len();
    press(&mut caller, 1, 3);
    agent.listen_for(before + 6);
    let events = &agent.heard[before..before + 6];
    assert!(events.iter().all(|packet| packet.payload_type == 96 && packet.timestamp == events[0].timestamp), "{events:?}");
    assert_eq!(events.iter().map(|packet| packet.marker).collect::<Vec<_>>(), [true, false, false, false, false, false]);
    assert_eq!(events[5].payload, payload(1, true, 640));
    assert_eq!(next_digit(&mut lab, a), ('1', 80));
}

#[test]
fn a_phone_without_telephone_events_is_sent_none() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.open(&mut agent));
    let media = carillon_media_engine::LegMedia { dtmf_pt: None, ..agent.media() };
    lab.send(Command::SetMedia { leg: b, media });
    lab.send(Command::Bridge { a, b });
    // A packet may overtake the orders: the bridge stands once the agent hears something.
    for _ in 0..500 {
        caller.say(0.0);
        agent.listen(PACKET);
        if !agent.heard.is_empty() {
            break;
        }
    }
    let before = agent.heard.len();
    assert!(before > 0, "the bridge never stood");
    press(&mut caller, 1, 3);
    caller.say(0.0);
    agent.listen_for(before + 1);
    agent.listen(10 * PACKET);
    assert!(agent.heard.iter().all(|packet| packet.payload_type == 0), "{:?}", agent.heard);
}

#[test]
fn keys_are_pressed_towards_a_phone_while_it_hears_nothing_else() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcma));
    agent.dtmf_pt = 96;
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(5, [(&mut agent, 0.0), (&mut caller, 700.0)]);
    lab.send(Command::Press { leg: b, keys: vec!['7', 'x', '#'] });
    talk(40, [(&mut agent, 0.0), (&mut caller, 700.0)]);

    let events: Vec<_> = agent.heard.iter().filter(|packet| packet.payload_type == 96).collect();
    // 120 ms each: six packets, the last of them three times; one timestamp a key.
    let of = |event: u8| events.iter().filter(|packet| packet.payload[0] == event).copied().collect::<Vec<_>>();
    for (event, key) in [(7, '7'), (11, '#')] {
        let packets = of(event);
        assert_eq!(packets.len(), 8, "{key}");
        assert!(packets.iter().all(|packet| packet.timestamp == packets[0].timestamp));
        assert_eq!(packets.iter().map(|packet| packet.marker).filter(|marker| *marker).count(), 1);
        assert_eq!(packets.iter().filter(|packet| packet.payload == payload(event, true, 960)).count(), 3);
    }
    assert_eq!(events.len(), 16);
    let first = agent.heard.iter().position(|packet| packet.payload_type == 96).expect("an event");
    assert!(agent.heard[first..first + 8].iter().all(|packet| packet.payload_type == 96), "no sound between the packets of a key");
    assert!(agent.heard.last().is_some_and(|packet| packet.payload_type == 8), "the sound goes on");
    let ssrc = agent.heard[first].ssrc;
    let stream: Vec<_> = agent.heard.iter().filter(|packet| packet.ssrc == ssrc).collect();
    assert_eq!(stream.len(), agent.heard.len(), "one stream");
    assert!(stream.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
    assert!(stream.windows(2).all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp) < 8000), "its clock runs on");

    // A phone that never agreed on them, and one that holds, get none.
    let before = caller.heard.len();
    for media in [LegMedia { dtmf_pt: None, ..caller.media() }, LegMedia { send: false, ..caller.media() }] {
        lab.send(Command::SetMedia { leg: a, media });
        lab.send(Command::Press { leg: a, keys: vec!['1'] });
        talk(10, [(&mut caller, 0.0), (&mut agent, 0.0)]);
    }
    assert!(caller.heard[before..].iter().all(|packet| packet.payload_type == 0));
}
