//! Offers and answers of audio that is kept from others: keys in the SDP, and browsers.

use carillon_media_sdp::{
    IceCredentials, LocalMedia, Protection, ProtectionKind, SdesKey, SdpError, Secured, accept_answer, answer, offer,
};

const FINGERPRINT: &str = "sha-256 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20";

fn key(tag: u32, suite: &str, fill: u8) -> SdesKey {
    SdesKey { tag, suite: suite.to_owned(), key: vec![fill; if suite.starts_with("AEAD") { 28 } else { 30 }] }
}

fn local(address: &str, protection: Protection) -> LocalMedia {
    LocalMedia { protection, ..LocalMedia::new(address.parse().expect("an address"), 3) }
}

fn sdes(fill: u8) -> Protection {
    let keys = vec![key(1, "AEAD_AES_128_GCM", fill), key(2, "AES_CM_128_HMAC_SHA1_80", fill)];
    Protection { offers: ProtectionKind::Sdes, clear: false, sdes: keys, ..Protection::default() }
}

fn browser_ready() -> Protection {
    let ice = Some(IceCredentials { ufrag: "ours".to_owned(), password: "a password of twenty-two".to_owned() });
    Protection { offers: ProtectionKind::Dtls, fingerprint: Some(FINGERPRINT.to_owned()), ice, ..Protection::default() }
}

#[test]
fn both_sides_come_to_the_same_suite_and_each_others_keys() {
    let (ours, theirs) = (local("192.0.2.1:20000", sdes(1)), local("192.0.2.2:30000", sdes(2)));
    let offered = offer(&ours);
    assert!(offered.contains("m=audio 20000 RTP/SAVP 8 0 101\r\n") && offered.contains("a=crypto:1 AEAD_AES_128_GCM inline:AQEB"));
    let (text, answered) = answer(&theirs, offered.as_bytes()).expect("answered");
    let accepted = accept_answer(&ours, text.as_bytes()).expect("accepted");
    let (Secured::Sdes { local: mine, remote: yours }, Secured::Sdes { local, remote }) = (accepted.secured, answered.secured) else {
        panic!("not protected")
    };
    assert_eq!((&mine, &yours), (&remote, &local));
    assert_eq!((mine.suite.as_str(), mine.key[0], yours.key[0]), ("AEAD_AES_128_GCM", 1, 2));
    assert_eq!(format!("{mine:?}"), "SdesKey(1 AEAD_AES_128_GCM)", "no key is printed");
}

#[test]
fn a_suite_that_only_one_side_has_is_passed_over_and_its_tag_is_the_offers() {
    let only_old = Protection { sdes: vec![key(1, "AES_CM_128_HMAC_SHA1_80", 9)], ..sdes(9) };
    let (text, plan) = answer(&local("192.0.2.2:30000", only_old), offer(&local("192.0.2.1:20000", sdes(1))).as_bytes()).expect("answered");
    assert!(text.contains("a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:CQkJ"));
    assert!(matches!(plan.secured, Secured::Sdes { remote, .. } if remote.tag == 2 && remote.key == vec![1; 30]));
}

#[test]
fn who_insists_on_protection_gets_none_in_clear_and_who_does_not_speak_it_refuses_it() {
    let (clear, protected) = (local("192.0.2.1:20000", Protection::default()), local("192.0.2.2:30000", sdes(1)));
    assert!(matches!(answer(&protected, offer(&clear).as_bytes()), Err(SdpError::NoProtection(_))));
    assert!(matches!(answer(&clear, offer(&protected).as_bytes()), Err(SdpError::NoProtection(_))));
    let (plain, _) = answer(&clear, offer(&clear).as_bytes()).expect("answered");
    assert!(matches!(accept_answer(&protected, plain.as_bytes()), Err(SdpError::NoProtection(_))), "an answer may not take it away");
}

#[test]
fn a_key_with_an_identifier_or_parameters_or_of_another_length_is_not_taken() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n";
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
    for (line, taken) in [
        (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}"), true),
        (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^31"), true),
        (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^31|1:1"), false),
        (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key} UNENCRYPTED_SRTP"), false),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:AQEB".to_owned(), false),
        (format!("1 F8_128_HMAC_SHA1_80 inline:{key}"), false),
    ] {
        let offered = format!("{head}a=crypto:{line}\r\n");
        assert_eq!(answer(&local("192.0.2.1:20000", sdes(1)), offered.as_bytes()).is_ok(), taken, "{line}");
    }
}

/// The shape of what Chromium writes before it knows its addresses.
fn browsers_offer(setup: &str) -> String {
    format!(
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:Eir2\r\n\
         a=ice-pwd:3mUgeTnZzL0pQ8c9r5yKfD2s\r\na=ice-options:trickle\r\na=fingerprint:{FINGERPRINT}\r\na=setup:{setup}\r\na=mid:0\r\n\
         a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:126 telephone-event/8000\r\n"
    )
}

#[test]
fn a_browser_is_answered_by_a_lite_agent_that_lets_it_begin() {
    let (text, plan) = answer(&local("192.0.2.1:20000", browser_ready()), browsers_offer("actpass").as_bytes()).expect("answered");
    assert_eq!(plan.secured, Secured::Dtls { we_begin: false, fingerprint: FINGERPRINT.to_owned() });
    assert_eq!((plan.ice_ufrag.as_deref(), plan.rtcp_mux, plan.send, plan.recv, plan.dtmf_pt), (Some("Eir2"), true, true, true, Some(126)));
    for line in [
        "a=ice-lite",
        "m=audio 20000 UDP/TLS/RTP/SAVPF 8 126",
        "a=mid:0",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=ice-ufrag:ours",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 20000 typ host",
        "a=end-of-candidates",
    ] {
        assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
    }
    assert!(text.contains(FINGERPRINT));
}

#[test]
fn a_browser_that_has_nothing_else_is_answered_in_opus_with_key_presses_of_its_clock() {
    let codecs = vec![carillon_media_sdp::Codec::Pcma, carillon_media_sdp::Codec::Opus];
    let ours = LocalMedia { codecs, ..local("192.0.2.1:20000", browser_ready()) };
    let opus = browsers_offer("actpass")
        .replace("SAVPF 111 0 8 126", "SAVPF 111 110 126")
        .replace("a=rtpmap:126", "a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126");
    let (text, plan) = answer(&ours, opus.as_bytes()).expect("answered");
    assert_eq!((plan.codec, plan.codec_pt, plan.dtmf_pt, plan.dtmf_hz), (carillon_media_sdp::Codec::Opus, 111, Some(110), 48_000));
    for line in ["SAVPF 111 110\r\n", "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:110 telephone-event/48000\r\n", "useinbandfec=1"] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let offered = offer(&ours);
    assert!(offered.contains("SAVPF 8 96 101 97\r\n") && offered.contains("a=rtpmap:97 telephone-event/48000\r\n"), "{offered}");
    // Where its clock has no key presses, those of the other one are better than none.
    let (_, plan) = answer(&ours, opus.replace(" 110 126", " 126").as_bytes()).expect("answered");
    assert_eq!((plan.dtmf_pt, plan.dtmf_hz), (Some(126), 8000));
}

#[test]
fn our_offer_to_a_browser_is_one_it_can_answer() {
    let ours = local("192.0.2.1:20000", browser_ready());
    let offered = offer(&ours);
    assert!(offered.contains("a=setup:actpass\r\n") && offered.contains("m=audio 20000 UDP/TLS/RTP/SAVPF 8 0 101\r\n"));
    let plan = accept_answer(&ours, browsers_offer("active").as_bytes()).expect("accepted");
    assert!(matches!(plan.secured, Secured::Dtls { we_begin: false, .. }));
    let plan = accept_answer(&ours, browsers_offer("passive").as_bytes()).expect("accepted");
    assert!(matches!(plan.secured, Secured::Dtls { we_begin: true, .. }));
    assert!(matches!(accept_answer(&ours, browsers_offer("holdconn").as_bytes()), Err(SdpError::NoProtection(_))));
}

#[test]
fn a_fingerprint_of_a_weaker_hash_is_none() {
    let weak = browsers_offer("actpass").replace(FINGERPRINT, "sha-1 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14");
    assert!(matches!(answer(&local("192.0.2.1:20000", browser_ready()), weak.as_bytes()), Err(SdpError::NoProtection(_))));
}
