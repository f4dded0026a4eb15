//! What every leg acts on: the endpoint below it and the news above it.

use crate::{Credentials, End, EndCause, Event, LegId, UaConfig, reason, session_timer::Bounds, trace::Trace, trunks::TrunkPlaces};
use carillon_media_sdp::{IceCredentials, MediaPlan};
use carillon_sip_core::{ClientTx, DialogId, Endpoint, Hop, ServerTx, Transport, message::Response};
use rand::{Rng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

/// Characters of a user fragment and a password (RFC 8839 section 5.4).
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) struct Stack {
    pub(crate) config: UaConfig,
    pub(crate) endpoint: Endpoint,
    pub(crate) events: VecDeque<Event>,
    /// What a 200 is told that crosses our CANCEL, by the INVITE cancelled.
    pub(crate) farewell_by_invite: BTreeMap<ClientTx, String>,
    /// Who we were in dialogs that we left, the newest last: their BYE may be challenged. No more than legs there may
    /// be: then the oldest goes.
    pub(crate) accounts_left: VecDeque<(DialogId, Credentials)>,
    pub(crate) trace: Trace,
    pub(crate) trunks: TrunkPlaces,
    /// Draws the times that two sides must not draw alike.
    pub(crate) dice: StdRng,
}

impl Stack {
    /// How long a session may stand without a sign of life.
    pub(crate) fn session_bounds(&self) -> Bounds {
        Bounds::of(self.config.session_expires, self.config.min_session_expires)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u32) -> u32 {
        self.dice.next_u32() % sides
    }

    /// Fresh credentials for ICE: 48 and 144 random bits (RFC 8839 section 5.4).
    pub(crate) fn fresh_ice(&mut self) -> IceCredentials {
        let mut draw = |count: usize| {
            let mut bytes = vec![0; count];
            self.dice.fill_bytes(&mut bytes);
            bytes.iter().map(|byte| char::from(ICE_CHARS[usize::from(byte & 63)])).collect()
        };
        IceCredentials { ufrag: draw(8), password: draw(24) }
    }

    /// Answers a request, which may be gone by now: then there is nobody to tell.
    pub(crate) fn respond(&mut self, now: Instant, tx: ServerTx, response: Response) -> Option<DialogId> {
        self.endpoint.respond(now, tx, response).ok().flatten()
    }

    /// Answers a request; whether anybody still waited for it.
    pub(crate) fn reply(&mut self, now: Instant, tx: ServerTx, response: Response) -> bool {
        self.endpoint.respond(now, tx, response).is_ok()
    }

    /// Gives up an INVITE of ours. Should its 200 come all the same, the callee is told why the call is over.
    pub(crate) fn cancel(&mut self, now: Instant, tx: ClientTx, farewell: &str) {
        self.farewell_by_invite.insert(tx, farewell.to_owned());
        self.endpoint.cancel(now, tx, Some(farewell));
    }

    /// Ends a dialog; one that has ended already needs no word.
    pub(crate) fn bye(&mut self, now: Instant, dialog: DialogId, farewell: &str) {
        let _ = self.endpoint.bye(now, dialog, Some(farewell));
    }

    /// A 200 that no leg waits for: it crossed our CANCEL, or a second branch answered too (RFC 3261 13.2.2.4).
    pub(crate) fn end_unwanted_answer(&mut self, now: Instant, tx: ClientTx, dialog: DialogId) {
        let farewell = self.farewell_by_invite.remove(&tx).unwrap_or_else(|| reason::COMPLETED_ELSEWHERE.to_owned());
        let _ = self.endpoint.ack(now, dialog, None);
        self.bye(now, dialog, &farewell);
    }

    /// Keeps who we were in a dialog that we leave.
    pub(crate) fn leave_as(&mut self, dialog: DialogId, account: Credentials) {
        if self.accounts_left.len() >= self.config.max_legs {
            self.accounts_left.pop_front();
        }
        self.accounts_left.push_back((dialog, account));
    }

    /// Tells that a leg is up on this dialog with this audio, and gives where it is signalled from.
    pub(crate) fn tell_answered(&mut self, leg: LegId, dialog: DialogId, media: &MediaPlan) -> Option<SocketAddr> {
        let from = self.signalled_from(dialog);
        self.events.push_back(Event::Answered { leg, media: media.clone(), signalled_from: ip_or_medias(from, media) });
        from
    }

    /// Tells that a leg may be heard before it is answered.
    pub(crate) fn tell_early(&mut self, leg: LegId, dialog: DialogId, media: &MediaPlan) {
        let from = self.signalled_from(dialog);
        self.events.push_back(Event::EarlyMedia { leg, media: media.clone(), signalled_from: ip_or_medias(from, media) });
    }

    /// Tells that the audio of a leg changed, or where its peer signals from.
    pub(crate) fn tell_changed(&mut self, leg: LegId, media: &MediaPlan, from: Option<SocketAddr>) {
        self.events.push_back(Event::MediaChanged { leg, media: media.clone(), signalled_from: ip_or_medias(from, media) });
    }

    /// Where the peer of a dialog is, as its packets show.
    pub(crate) fn signalled_from(&self, dialog: DialogId) -> Option<SocketAddr> {
        self.endpoint.dialog(dialog).map(|dialog| dialog.hop().remote)
    }

    /// The path to a peer that has not connected to us.
    pub(crate) fn hop_to(&self, transport: Transport, remote: SocketAddr) -> Option<Hop> {
        self.config.reach.hop_to(transport, remote)
    }
}

/// A dialog that is gone already leaves only the address in the SDP.
fn ip_or_medias(from: Option<SocketAddr>, media: &MediaPlan) -> IpAddr {
    from.map_or(media.remote.ip(), |from| from.ip())
}

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) by: End,
    pub(crate) status: Option<u16>,
    pub(crate) cause: EndCause,
}

impl Ending {
    pub(crate) fn new(by: End, status: Option<u16>, cause: EndCause) -> Self {
        Ending { by, status, cause }
    }

    pub(crate) fn of(self, leg: LegId) -> Event {
        Event::Ended { leg, by: self.by, status: self.status, cause: self.cause }
    }
}
