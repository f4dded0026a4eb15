//! Session descriptions that come late, or make no sense (K1; "Bad input").

use carillon_kit::phone::{Invite, status};

use crate::site::{Site, ending};

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_without_an_offer_gets_through() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.invite(Invite::to("5001").without_offer()).await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.say(1300.0);
    agent.audio.hears(500.0).await;
    caller.audio.hears(1300.0).await;
    agent.hang_up().await;
    caller.is_ended().await;
    assert_eq!(ending(&site.record().await), "agent hung_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_usable_audio_is_told_so() {
    let site = Site::start().await;
    for (body, wanted) in [(NO_AUDIO, 488), (UNKNOWN_CODEC, 488), (GARBAGE, 400)] {
        let refused = site.trunk.invite(Invite::to("5001").sdp(body)).await.final_response().await;
        assert_eq!(status(&refused), wanted, "{body}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_answers_without_audio() {
    answers_oddly(NO_AUDIO).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_answers_with_an_unknown_codec() {
    answers_oddly(UNKNOWN_CODEC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_answers_with_garbage() {
    answers_oddly(GARBAGE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_answers_with_nothing() {
    answers_oddly("").await;
}

/// The caller keeps waiting, the offer and the record say why, the next agent takes the call, and nobody is stuck.
async fn answers_oddly(body: &str) {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut odd = anna.phone.rings().await;
    odd.answer_with(body).await;
    odd.is_ended().await;

    let mut bruno = site.agent("bruno", "1002").await;
    let mut agent = bruno.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.hears(500.0).await;
    caller.hang_up().await;
    agent.is_ended().await;

    let record = site.record().await;
    assert_eq!(ending(&record), "caller hung_up", "{record:#}");
    assert_eq!(record["legs"][1]["ending"]["reason"], "media_not_acceptable", "{record:#}");
    assert_eq!(record["offers"][0]["outcome"], "unreachable", "{record:#}");
    bruno.is("available").await;
}

const NO_AUDIO: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 40000 RTP/AVP 31\r\n";
const UNKNOWN_CODEC: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                             m=audio 40000 RTP/AVP 97\r\na=rtpmap:97 iLBC/8000\r\n";
const GARBAGE: &str = "this is no description of a session\r\n";
