use crate::support::{Lab, Phone, STRANGER, address, sdp, seconds};
use carillon_sip_core::message::{HeaderName, Method};
use proptest::prelude::*;

/// Messages that get far when they are whole.
fn whole() -> Vec<Vec<u8>> {
    let mut caller = Phone::trunk("+390612345");
    let mut phone = Phone::new("1001", STRANGER);
    let proof = r#"Digest username="1001", realm="carillon", nonce="00", uri="sip:192.0.2.1", response="00", algorithm=MD5, qop=auth, nc=00000001, cnonce="c""#;
    let messages = [
        caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv"))),
        caller.request(Method::Bye, "sip:192.0.2.1"),
        caller.request(Method::Info, "sip:192.0.2.1").with_body("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"),
        phone.request(Method::Register, "sip:192.0.2.1").with(HeaderName::Authorization, proof),
        phone.request(Method::Options, "sip:192.0.2.1"),
    ];
    messages.iter().map(|message| message.to_bytes().to_vec()).collect()
}

#[derive(Debug, Clone)]
struct Damage {
    message: usize,
    changes: Vec<(usize, u8)>,
    cut: Option<usize>,
    from_trunk: bool,
}

fn damage() -> impl Strategy<Value = Damage> {
    let changes = prop::collection::vec((any::<usize>(), any::<u8>()), 0..6);
    (0..5usize, changes, prop::option::of(any::<usize>()), any::<bool>()).prop_map(|(message, changes, cut, from_trunk)| Damage {
        message,
        changes,
        cut,
        from_trunk,
    })
}

proptest! {
    #[test]
    fn no_damaged_message_panics_or_stops_the_next_call(damages in prop::collection::vec(damage(), 1..20)) {
        let mut lab = Lab::new();
        let whole = whole();
        for Damage { message, changes, cut, from_trunk } in damages {
            let mut bytes = whole[message].clone();
            for (at, byte) in changes {
                let length = bytes.len();
                bytes[at % length] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut % bytes.len());
            }
            lab.send(if from_trunk { Phone::trunk("1").at } else { address(STRANGER) }, bytes);
        }
        lab.wait(seconds(40));
        lab.events();
        lab.messages(Phone::trunk("1").at);
        let mut caller = Phone { call_id: "afterwards".to_owned(), ..Phone::trunk("+390699999") };
        caller.call_in(&mut lab);
    }
}
