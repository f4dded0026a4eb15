//! AB1: transfers that telephones make by themselves, without asking and with Replaces: PJSIP and baresip each as the one who transfers and as the one
//! who is transferred to.

use std::time::Duration;

use carillon_kit::{
    Baresip, PhoneSetup, PjsipSetup, Softphone,
    phone::{Call, Phone, status},
};

use super::{Centre, PHONE, day::PHONE_HZ};

const FIRST_HZ: f64 = 1100.0;
const THIRD_HZ: f64 = 1900.0;
const HEARD: Duration = Duration::from_secs(1);

/// A party that has called the phone under trial and hears it.
async fn first_party(centre: &Centre) -> Call {
    let call = centre.other.dial(PHONE).await;
    call.audio.say(FIRST_HZ);
    call
}

/// It is told that it is tried, and then that it is done.
async fn is_told_of_its_transfer(pjsip: &mut Softphone) {
    assert_eq!(pjsip.tells("transfer").await, "100");
    while pjsip.tells("transfer").await != "200" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn pjsip_puts_its_two_calls_together() {
    let centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    let mut pjsip = Softphone::pjsip(PjsipSetup::new(PHONE, server, "udp", PHONE_HZ)).await;
    pjsip.tells("registered").await;
    centre.reaches(PHONE).await;
    let mut third = Phone::registered("1003", server).await;

    let mut first = first_party(&centre).await;
    pjsip.tells("incoming").await;
    pjsip.order("answer").await;
    first.is_answered().await;
    pjsip.tells("connected").await;
    first.audio.hears(PHONE_HZ).await;
    pjsip.order("hold").await;
    pjsip.tells("held").await;
    pjsip.order(&format!("dial sip:1003@{}", server.ip())).await;
    let mut asked = third.rings().await;
    asked.answer().await;
    asked.audio.say(THIRD_HZ);
    asked.audio.hears(PHONE_HZ).await;
    pjsip.hears(THIRD_HZ, HEARD).await;

    pjsip.forget();
    pjsip.order("transfer").await;
    is_told_of_its_transfer(&mut pjsip).await;
    first.audio.hears(THIRD_HZ).await;
    asked.audio.hears(FIRST_HZ).await;
    // Its other call may have ended before it was told.
    pjsip.tells("over").await;
    first.hang_up().await;
    asked.is_ended().await;
    let given = centre.facts("call.transferred", 2).await;
    assert!(given.iter().all(|fact| fact["attended"] == true), "{given:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pjsip_transfers_blindly_and_is_transferred_to() {
    let centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    let mut pjsip = Softphone::pjsip(PjsipSetup::new(PHONE, server, "udp", PHONE_HZ)).await;
    pjsip.tells("registered").await;
    centre.reaches(PHONE).await;
    let mut third = Phone::registered("1003", server).await;

    let mut first = first_party(&centre).await;
    pjsip.tells("incoming").await;
    pjsip.order("answer").await;
    first.is_answered().await;
    pjsip.tells("connected").await;
    pjsip.order(&format!("refer sip:1003@{}", server.ip())).await;
    is_told_of_its_transfer(&mut pjsip).await;
    pjsip.tells("over").await;
    let mut second = third.rings().await;
    second.answer().await;
    second.audio.say(THIRD_HZ);
    first.audio.hears(THIRD_HZ).await;

    // And back, by the phone that has it now.
    pjsip.forget();
    let response = second.transact("REFER", &[&format!("Refer-To: <sip:{PHONE}@{}>", server.ip())], None).await;
    assert_eq!(status(&response), 202, "{response}");
    pjsip.tells("incoming").await;
    pjsip.order("answer").await;
    pjsip.tells("connected").await;
    pjsip.hears(FIRST_HZ, HEARD).await;
    first.audio.hears(PHONE_HZ).await;
    first.hang_up().await;
    pjsip.tells("over").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_transfers_and_is_asked_and_transferred_to() {
    let centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    let setup = PhoneSetup::registered(PHONE, &format!("phone-{PHONE}"), &server.to_string(), "udp");
    let mut baresip = Baresip::start(setup.tone(PHONE_HZ)).await;
    centre.reaches(PHONE).await;
    let mut third = Phone::registered("1003", server).await;

    // It is asked by a phone that then puts the two together.
    let mut first = centre.other.dial("1003").await;
    first.audio.say(FIRST_HZ);
    let mut holder = third.rings().await;
    holder.answer().await;
    first.is_answered().await;
    holder.hold().await;
    let mut asking = third.dial(PHONE).await;
    baresip.rings().await;
    baresip.answer().await;
    asking.is_answered().await;
    asking.audio.hears(PHONE_HZ).await;
    let named = asking.as_replaced().replace(';', "%3B").replace('=', "%3D");
    let refer_to = format!("Refer-To: <sip:{PHONE}@{server}?Replaces={named}>");
    let response = holder.transact("REFER", &[&refer_to], None).await;
    assert_eq!(status(&response), 202, "{response}");
    holder.is_ended().await;
    asking.is_ended().await;
    first.audio.hears(PHONE_HZ).await;
    baresip.hears(FIRST_HZ, HEARD).await;

    // It gives the call on by itself.
    baresip.transfer(&format!("sip:1003@{server}")).await;
    let mut second = third.rings().await;
    second.answer().await;
    second.audio.say(THIRD_HZ);
    first.audio.hears(THIRD_HZ).await;
    second.audio.hears(FIRST_HZ).await;
    first.hang_up().await;
    second.is_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_puts_its_two_calls_together_and_pjsip_gives_it_back() {
    let centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    let setup = PhoneSetup::registered(PHONE, &format!("phone-{PHONE}"), &server.to_string(), "udp");
    let mut baresip = Baresip::start(setup.tone(PHONE_HZ)).await;
    let mut pjsip = Softphone::pjsip(PjsipSetup::new("1003", server, "udp", THIRD_HZ)).await;
    pjsip.tells("registered").await;
    centre.reaches(PHONE).await;
    centre.reaches("1003").await;

    let mut first = first_party(&centre).await;
    baresip.rings().await;
    baresip.answer().await;
    first.is_answered().await;
    first.audio.hears(PHONE_HZ).await;
    baresip.hold().await;
    first.audio.hears_no_more(PHONE_HZ).await;
    baresip.dial(&format!("sip:1003@{server}")).await;
    pjsip.tells("incoming").await;
    pjsip.order("answer").await;
    pjsip.tells("connected").await;
    pjsip.hears(PHONE_HZ, HEARD).await;

    baresip.puts_together("1003", server).await;
    first.audio.hears(THIRD_HZ).await;
    pjsip.hears(FIRST_HZ, HEARD).await;

    // And without asking, from PJSIP to baresip.
    pjsip.order(&format!("refer sip:{PHONE}@{}", server.ip())).await;
    is_told_of_its_transfer(&mut pjsip).await;
    baresip.rings().await;
    baresip.answer().await;
    first.audio.hears(PHONE_HZ).await;
    baresip.hears(FIRST_HZ, HEARD).await;
    first.hang_up().await;
    baresip.is_over().await;
    let given = centre.facts("call.transferred", 3).await;
    assert_eq!(given.iter().filter(|fact| fact["attended"] == true).count(), 2, "{given:#?}");
}
