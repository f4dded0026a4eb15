//! A key pressed in a menu counts once, however it is told and whatever is lost (RFC 4733, SIP INFO; A18).

use carillon_kit::phone::{Call, Invite};

use crate::site::Site;

const MENU: &str = "5000";

#[tokio::test(flavor = "multi_thread")]
async fn by_telephone_events_whose_ends_are_lost() {
    to_support(Invite::to(MENU), async |caller| caller.audio.press('2', 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_telephone_events_with_all_their_ends() {
    to_support(Invite::to(MENU), async |caller| caller.audio.press('2', 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_info() {
    to_support(Invite::to(MENU).without_telephone_events(), async |caller| caller.press_by_info('2').await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_info_although_telephone_events_were_agreed() {
    to_support(Invite::to(MENU), async |caller| caller.press_by_info('2').await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_both_at_once() {
    to_support(Invite::to(MENU), async |caller| {
        caller.press_by_info('2').await;
        caller.audio.press('2', 3);
    })
    .await;
}

async fn to_support(invite: Invite, press: impl AsyncFnOnce(&mut Call)) {
    let site = Site::start().await;
    let mut bruno = site.agent("bruno", "1002").await;
    let mut caller = site.trunk.invite(invite).await;
    caller.is_answered().await;
    caller.audio.hears_more(0.5).await;
    press(&mut caller).await;
    let mut agent = bruno.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.hears(500.0).await;
    caller.hang_up().await;
    agent.is_ended().await;
    let pressed = site.facts("call.menu").await;
    assert_eq!(pressed.len(), 1, "{pressed:#?}");
    assert_eq!(pressed[0]["key"], "2");
    assert!(!bruno.phone.was_called(), "one call, one offer");
}
