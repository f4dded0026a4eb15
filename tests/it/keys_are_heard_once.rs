//! A key pressed in a menu counts once, however it is told and whatever is lost (RFC 4733, SIP INFO; A18).

use carillon_kit::phone::Call;

use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn by_telephone_events_whose_ends_are_lost() {
    to_support(async |caller| caller.audio.press('2', 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_telephone_events_with_all_their_ends() {
    to_support(async |caller| caller.audio.press('2', 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_info() {
    to_support(async |caller| caller.press_by_info('2').await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_both_at_once() {
    to_support(async |caller| {
        caller.audio.press('2', 3);
        caller.press_by_info('2').await;
    })
    .await;
}

async fn to_support(press: impl AsyncFnOnce(&mut Call)) {
    let site = Site::start().await;
    let mut bruno = site.agent("bruno", "1002").await;
    let mut caller = site.trunk.dial("5000").await;
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
