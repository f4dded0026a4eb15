//! The day that each telephone lives.

use std::time::Duration;

use carillon_kit::phone::Call;

use super::{Centre, OTHER, PHONE, page::Row};

/// What the phone under trial says, and what the other does.
pub(super) const PHONE_HZ: f64 = 500.0;
const OTHER_HZ: f64 = 1300.0;
/// Of the other's tone, in each call.
const HEARS: Duration = Duration::from_millis(400);

/// How a key is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyBy {
    Event,
    Info,
}

/// A telephone under trial: what a person does with it, and sees.
pub(super) trait Peer {
    /// Whether it has audio.
    const HEARS: bool;
    /// How it can tell a key.
    const KEYS: &[KeyBy];

    /// Registers at once, and waits for the answer.
    async fn registers_anew(&mut self);
    async fn dial(&mut self, number: &str);
    async fn rings(&mut self);
    async fn answer(&mut self);
    async fn is_connected(&mut self);
    /// Puts the other party on hold; one without audio waits for the server's word.
    async fn hold(&mut self);
    async fn resume(&mut self);
    async fn press(&mut self, key: char, by: KeyBy);
    async fn hang_up(&mut self);
    async fn is_over(&mut self);
    async fn hears(&mut self, hz: f64, time: Duration);
}

/// Lives the day; `transport` as it stands in the page.
pub(super) async fn live<P: Peer>(centre: &mut Centre, peer: &mut P, name: &str, version: &str, transport: &'static str) {
    centre.reaches(PHONE).await;

    peer.dial(OTHER).await;
    let mut other = centre.other.rings().await;
    other.answer().await;
    peer.is_connected().await;
    talk(peer, &mut other).await;
    peer.hold().await;
    if P::HEARS {
        other.audio.hears_no_more(PHONE_HZ).await;
    }
    peer.resume().await;
    talk(peer, &mut other).await;
    peer.hang_up().await;
    other.is_ended().await;
    peer.is_over().await;
    for kind in ["call.held", "call.resumed"] {
        assert_eq!(centre.facts(kind, 1).await.len(), 1, "{kind}");
    }

    for (calls, by) in (1..).zip(P::KEYS) {
        peer.dial("5000").await;
        peer.is_connected().await;
        peer.press('2', *by).await;
        peer.is_over().await;
        let pressed = centre.facts("call.menu", calls).await;
        assert!(pressed.len() == calls && pressed.iter().all(|menu| menu["key"] == "2"), "{by:?}: {pressed:#?}");
    }

    is_called(centre, peer).await;
    centre.restarts().await;
    if transport == "UDP" {
        // The registration outlives us; the next one begins with a challenge that is not ours any more.
        is_called(centre, peer).await;
        peer.registers_anew().await;
    }
    // Whose connection went with us has to come back by itself.
    centre.reaches(PHONE).await;
    is_called(centre, peer).await;

    let keys = P::KEYS.iter().map(|by| match by {
        KeyBy::Event => "RFC 4733",
        KeyBy::Info => "INFO",
    });
    let calls = if P::HEARS { "yes" } else { "signalling" };
    Row::new(name, version, transport)
        .did("registers", "yes")
        .did("calls", calls)
        .did("is called", calls)
        .did("holds, resumes", "yes")
        .did("keys", &keys.collect::<Vec<_>>().join(", "))
        .did("after our restart", if transport == "UDP" { "is called; registers anew" } else { "comes back by itself; is called" })
        .stand_on_the_page();
}

async fn is_called<P: Peer>(centre: &Centre, peer: &mut P) {
    let mut other = centre.other.dial(PHONE).await;
    peer.rings().await;
    peer.answer().await;
    other.is_answered().await;
    peer.is_connected().await;
    talk(peer, &mut other).await;
    other.hang_up().await;
    peer.is_over().await;
}

/// Both hear each other.
async fn talk<P: Peer>(peer: &mut P, other: &mut Call) {
    other.audio.say(OTHER_HZ);
    if P::HEARS {
        other.audio.hears(PHONE_HZ).await;
        peer.hears(OTHER_HZ, HEARS).await;
    }
}
