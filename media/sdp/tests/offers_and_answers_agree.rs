//! Our own offers and answers, put against each other and against bytes of any kind.

use carillon_media_sdp::{Codec, Direction, LocalMedia, SdpError, accept_answer, answer, offer};
use proptest::prelude::*;

fn local(address: &str) -> LocalMedia {
    LocalMedia::new(address.parse().expect("address"), 3)
}

#[test]
fn both_sides_come_to_the_same_codec_numbers_and_mirrored_directions() {
    for ours in ["192.0.2.1:20000", "[2001:db8::1]:20000"] {
        for direction in [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive] {
            let offerer = LocalMedia { codecs: vec![Codec::Pcmu, Codec::Pcma], direction, ..local(ours) };
            let answerer = local(&ours.replace("20000", "30000"));
            let (text, theirs) = answer(&answerer, offer(&offerer).as_bytes()).expect("answer");
            let mine = accept_answer(&offerer, text.as_bytes()).expect("accepted");
            assert_eq!((mine.codec, mine.codec_pt, mine.dtmf_pt), (Codec::Pcma, 8, Some(101)), "the answerer's order decides");
            assert_eq!((mine.codec_pt, mine.dtmf_pt, mine.send, mine.recv), (theirs.codec_pt, theirs.dtmf_pt, theirs.recv, theirs.send));
            assert_eq!((mine.remote, theirs.remote), (answerer.address, offerer.address));
            assert_eq!((mine.send, mine.recv), (direction.sends(), direction.receives()));
        }
    }
}

#[test]
fn who_has_both_ip_versions_answers_in_the_offers() {
    let both = LocalMedia { other: Some("[2001:db8::1]:30000".parse().expect("address")), ..local("192.0.2.1:20000") };
    for (peer, ours) in [("[2001:db8::9]:4000", "[2001:db8::1]:30000"), ("192.0.2.9:4000", "192.0.2.1:20000")] {
        let (text, _) = answer(&both, offer(&local(peer)).as_bytes()).expect("answer");
        assert_eq!(accept_answer(&local(peer), text.as_bytes()).expect("accepted").remote.to_string(), ours);
        assert_eq!(offer(&both.towards(local(peer).address.ip())), offer(&local(ours)));
    }
    let refused = answer(&local("192.0.2.1:20000"), offer(&local("[2001:db8::9]:4000")).as_bytes());
    assert!(matches!(refused, Err(SdpError::NoAudio(_))), "{refused:?}");
}

#[test]
fn an_offer_is_written_as_rfc_3264_and_4733_want_it() {
    let expected = "v=0\r\no=carillon 3 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\n\
        a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(offer(&local("192.0.2.1:20000")), expected);
}

#[test]
fn an_answer_that_refuses_our_line_or_names_a_codec_we_lack_is_not_acceptable() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
    let refused = format!("{head}m=audio 0 RTP/AVP 8\r\n");
    let foreign = format!("{head}m=audio 4000 RTP/AVP 18\r\n");
    assert!(matches!(accept_answer(&local("192.0.2.1:20000"), refused.as_bytes()), Err(SdpError::NoAudio(_))));
    assert_eq!(accept_answer(&local("192.0.2.1:20000"), foreign.as_bytes()), Err(SdpError::NoCodec));
    let only_mulaw = LocalMedia { codecs: vec![Codec::Pcmu], ..local("192.0.2.1:20000") };
    assert_eq!(accept_answer(&only_mulaw, format!("{head}m=audio 4000 RTP/AVP 8\r\n").as_bytes()), Err(SdpError::NoCodec));
}

#[test]
fn an_answer_with_several_codecs_means_its_first() {
    let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\n";
    let plan = accept_answer(&local("192.0.2.1:20000"), text.as_bytes()).expect("accepted");
    assert_eq!((plan.codec, plan.dtmf_pt), (Codec::Pcmu, Some(96)));
}

/// Descriptions built from likely lines, so that the reading gets past the first check.
fn likely_description() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("m=audio 4000 RTP/AVP 0 8 101".to_owned()),
        Just("c=IN IP4 192.0.2.9".to_owned()),
        "m=[a-z]{0,8} [0-9]{0,6}(/[0-9]{0,3})? [A-Z/]{0,9}( [0-9]{0,4}){0,4}",
        "c=IN IP[46] [0-9a-f.:/]{0,20}",
        "a=(rtpmap|rtcp|ptime|sendonly|inactive):?[ -~]{0,20}",
        "[a-z]=\\PC{0,20}",
    ];
    prop::collection::vec(line, 0..20).prop_map(|lines| format!("v=0\r\n{}\r\n", lines.join("\r\n")))
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = answer(&local("192.0.2.1:20000"), &bytes);
        let _ = accept_answer(&local("192.0.2.1:20000"), &bytes);
    }

    #[test]
    fn every_answer_we_write_has_a_line_for_each_line_offered_and_can_be_read(offered in likely_description()) {
        if let Ok((text, plan)) = answer(&local("192.0.2.1:20000"), offered.as_bytes()) {
            let count = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
            prop_assert_eq!(count(&text), count(&offered));
            let seen = accept_answer(&local("192.0.2.9:4000"), text.as_bytes());
            prop_assert_eq!(seen.map(|seen| (seen.codec, seen.codec_pt)), Ok((plan.codec, plan.codec_pt)));
        }
    }
}
