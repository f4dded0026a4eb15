//! The media side of a call's legs: ports, what was agreed, and the report that closes a leg.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use carillon_call::{Event, LegEnd};
use carillon_media_engine as media;
use carillon_media_sdp::{Codec, LocalMedia, MediaPlan};
use carillon_model::{LegId, Quality, Reason};
use carillon_sip_leg as sip;

/// What the driver knows of one leg beside what the call knows.
#[derive(Debug, Default)]
pub(super) struct Leg {
    /// Our RTP address, once a port is open.
    pub(super) local: Option<SocketAddr>,
    /// Where its signalling comes from, as far as known.
    pub(super) signalled_from: Option<IpAddr>,
    /// Media from any source: the phone's setting.
    pub(super) any_source: bool,
    /// The end of its signalling, kept until its media has reported.
    ending: Option<Ended>,
}

/// How the signalling of a leg ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) by: LegEnd,
    pub(super) status: Option<u16>,
    pub(super) reason: Reason,
}

/// The legs of one call.
#[derive(Debug)]
pub(super) struct Legs {
    by_id: BTreeMap<LegId, Leg>,
    /// The media thread of the call: all its legs are on it.
    pub(super) thread: media::ThreadIx,
}

impl Legs {
    pub(super) fn new(thread: media::ThreadIx) -> Self {
        Self { by_id: BTreeMap::new(), thread }
    }

    pub(super) fn entry(&mut self, leg: LegId) -> &mut Leg {
        self.by_id.entry(leg).or_default()
    }

    /// The signalling of a leg ended. Gives the call's event at once if there is no media to close first.
    pub(super) fn signalling_ended(&mut self, leg: LegId, ended: Ended) -> Option<Event> {
        let entry = self.by_id.get_mut(&leg)?;
        if entry.local.is_some() {
            entry.ending = Some(ended);
            return None;
        }
        self.by_id.remove(&leg);
        Some(leg_ended(leg, ended, None))
    }

    /// The media of a leg is closed: the leg is over for the call.
    pub(super) fn media_closed(&mut self, leg: LegId, report: media::LegReport) -> Option<Event> {
        let entry = self.by_id.remove(&leg)?;
        let lost = Ended { by: LegEnd::Network, status: None, reason: Reason::PeerLost };
        let heard = report.received + report.sent > 0;
        Some(leg_ended(leg, entry.ending.unwrap_or(lost), heard.then(|| quality(report))))
    }

    /// What the media thread is told once offer and answer agree.
    pub(super) fn agreed(&mut self, leg: LegId, plan: &MediaPlan) -> media::LegMedia {
        let entry = self.entry(leg);
        let allowed = if entry.any_source { media::Sources::Any } else { media::Sources::Only(entry.signalled_from.into_iter().collect()) };
        agreed_media(plan, allowed)
    }
}

/// What offer and answer agreed, in the media engine's words.
pub(crate) fn agreed_media(plan: &MediaPlan, allowed_sources: media::Sources) -> media::LegMedia {
    media::LegMedia {
        remote: plan.remote,
        codec: match plan.codec {
            Codec::Pcmu => media::Codec::Pcmu,
            Codec::Pcma => media::Codec::Pcma,
        },
        codec_pt: plan.codec_pt,
        dtmf_pt: plan.dtmf_pt,
        allowed_sources,
        send: plan.send,
        recv: plan.recv,
    }
}

/// Our side of a leg's SDP. The session's number is the leg's own: distinct, and no secret.
pub(crate) fn local_media(leg: LegId, address: SocketAddr) -> LocalMedia {
    LocalMedia::new(address, (leg.as_u128() as u64) >> 2)
}

/// The leg's name in `sip/leg`.
pub(super) fn sip_leg(leg: LegId) -> sip::LegId {
    sip::LegId(leg.as_u128())
}

/// The leg's name in `media/engine`.
pub(super) fn media_leg(leg: LegId) -> media::LegId {
    media::LegId(leg.as_u128())
}

fn leg_ended(leg: LegId, ended: Ended, quality: Option<Quality>) -> Event {
    Event::LegEnded { leg, by: ended.by, status: ended.status, reason: ended.reason, quality }
}

fn quality(report: media::LegReport) -> Quality {
    Quality {
        received: report.received,
        sent: report.sent,
        lost: report.lost,
        refused: report.refused,
        jitter_us: report.jitter_us,
        mos_x100: report.mos_x100,
    }
}
