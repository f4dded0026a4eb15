//! Keys pressed towards a leg, as telephone events (RFC 4733), a packet every 20 ms.

use std::time::Instant;

use carillon_media_rtp::{DtmfSender, RtpHeader};

use crate::LegId;
use crate::leg::Leg;
use crate::poller::Poller;
use crate::thread::MediaThread;
use crate::wheel::Item;

/// How long each key is held.
const HELD_MS: u32 = 120;

/// Keys on their way to a leg.
#[derive(Debug)]
pub(crate) struct Keys {
    sender: DtmfSender,
    /// The leg's slot in the wheel.
    slot: usize,
    /// A key is down: no sound goes there.
    down: bool,
}

impl MediaThread {
    pub(crate) fn press(&mut self, id: LegId, keys: &[char]) {
        let now = self.now;
        let Some(ix) = self.leg_ix_by_id.get(&id).copied() else { return };
        let Some(leg) = self.legs.get_mut(ix).filter(|leg| leg.event_type().is_some()) else { return };
        let waiting = match &mut leg.keys {
            Some(waiting) => waiting,
            None => {
                let slot = self.wheel.add(now, Item::Keys(ix));
                leg.keys.insert(Box::new(Keys { sender: DtmfSender::new(), slot, down: false }))
            }
        };
        let taken = keys.iter().filter(|key| waiting.sender.push(**key, HELD_MS)).count();
        if taken < keys.len() {
            tracing::debug!(%id, left_out = keys.len() - taken, "keys were left out");
        }
    }

    pub(crate) fn stop_keys(&mut self, id: LegId) {
        let Some((ix, leg)) = self.leg(id) else { return };
        if let Some(keys) = leg.keys.take() {
            self.wheel.remove(keys.slot, Item::Keys(ix));
        }
    }
}

impl Leg {
    /// Whether a key is down towards it: sound has to wait, since both would use the same clock.
    pub(crate) fn is_pressing(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.down)
    }

    /// The payload type of telephone events, where they can be sent now.
    fn event_type(&self) -> Option<u8> {
        let media = &self.agreed.as_ref()?.media;
        media.dtmf_pt.filter(|_| media.send)
    }

    /// Sends the next packet of a key; false when all were pressed, or cannot be any more.
    pub(crate) fn press_frame(&mut self, now: Instant, poller: &mut Poller) -> bool {
        let Some(payload_type) = self.event_type() else {
            self.release_keys();
            return false;
        };
        let times = self.agreed.as_ref().map_or(1, |agreed| agreed.media.dtmf_hz / 8000) as u16;
        let Some(keys) = &mut self.keys else { return false };
        let Some(mut frame) = keys.sender.next_frame() else {
            self.release_keys_unless_more();
            return self.keys.is_some();
        };
        keys.down = true;
        // It counts in the clock of G.711.
        frame.payload.duration = frame.payload.duration.saturating_mul(times);
        let mut packet = [0; RtpHeader::LEN + 4];
        packet[..RtpHeader::LEN].copy_from_slice(&self.outbound.generate_event(now, payload_type, frame.first).to_bytes());
        packet[RtpHeader::LEN..].copy_from_slice(&frame.payload.to_bytes());
        self.send(now, &packet, poller);
        true
    }

    /// The key is up: sound goes on by the clock.
    fn release_keys_unless_more(&mut self) {
        let Some(keys) = &mut self.keys else { return };
        if std::mem::take(&mut keys.down) {
            self.outbound.switch();
        }
        if keys.sender.is_idle() {
            self.keys = None;
        }
    }

    fn release_keys(&mut self) {
        self.keys = None;
        self.outbound.switch();
    }
}
