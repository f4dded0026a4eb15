//! Threat 21: a phone that is unplugged ends its call within the RTP timeout; one on hold is spared.

use std::time::{Duration, Instant};

use carillon_kit::phone::Call;

use crate::{
    desktop::Desktop,
    site::{Agent, Site, ending},
};

const TIMEOUT_S: u32 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_phone_is_unplugged() {
    let (site, anna, mut caller, agent) = talking().await;
    anna.phone.unplug();
    agent.audio.stop();
    let unplugged = Instant::now();
    caller.is_ended().await;
    let took = unplugged.elapsed();
    assert!(took < Duration::from_secs(u64::from(TIMEOUT_S) + 2), "the caller is let go after {took:?}");
    assert_eq!(ending(&site.record().await), "network media_timeout");
    anna.leaves("talking").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_is_unplugged() {
    let (site, anna, caller, mut agent) = talking().await;
    site.trunk.unplug();
    caller.audio.stop();
    agent.is_ended().await;
    assert_eq!(ending(&site.record().await), "network media_timeout");
    anna.is("available").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_on_hold_is_spared() {
    let (site, anna, mut caller, mut agent) = talking().await;
    agent.hold().await;
    agent.audio.stop();
    let ended = tokio::time::timeout(Duration::from_secs(u64::from(TIMEOUT_S) * 2), caller.is_ended()).await;
    assert!(ended.is_err(), "the call goes on");
    anna.is("talking").await;
    agent.hang_up().await;
    caller.is_ended().await;
    assert_eq!(ending(&site.record().await), "agent hung_up");
}

async fn talking() -> (Site, Agent, Call, Call) {
    let site = Site::start_with(|config, _| config.media.rtp_timeout_s = TIMEOUT_S).await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.hears(500.0).await;
    (site, anna, caller, agent)
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_that_goes_one_way_alone_is_told_while_the_call_goes_on() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut seen = Desktop::open(&site, &sofia).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    agent.audio.say(1300.0);
    caller.audio.hears(1300.0).await;
    let hears = |hearing: &'static str| {
        move |row: &serde_json::Value| {
            row["parties"].as_array().is_some_and(|parties| parties.iter().any(|party| party["hearing"] == hearing))
        }
    };
    agent.audio.stop();
    let row = seen.hears("call.changed", hears("nothing_comes")).await;
    assert_eq!(row["state"], "talking", "the call goes on");
    seen.hears("alarm.raised", |alarm| alarm["alarm"] == "one_way_audio").await;
    caller.hang_up().await;
    agent.is_ended().await;
    seen.hears("alarm.cleared", |alarm| alarm["alarm"] == "one_way_audio").await;
    let told = site.facts("leg.hearing").await;
    assert!(matches!(&told[..], [only] if only["hearing"] == "nothing_comes"), "{told:?}");
}
