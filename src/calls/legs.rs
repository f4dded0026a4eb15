//! The media side of a call's legs: ports, what was agreed, and the report that closes a leg.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use carillon_call::{Event, LegEnd};
use carillon_media_engine as media;
use carillon_media_sdp::{Codec, LocalMedia, MediaPlan};
use carillon_model::{LegId, MediaSecurity, Quality, QualityMoment, QualityOneWay, Reason};
use carillon_sip_leg as sip;

use super::protection::{Unusable, security};

/// The end of a leg that was told to end comes within this, by the longest of SIP's timers (64 T1 for a CANCEL and again for a BYE).
const ENDS_WITHIN: Duration = Duration::from_secs(90);
/// The media thread reports a closed leg within this. It needs a millisecond.
const REPORTS_WITHIN: Duration = Duration::from_secs(5);

/// What the driver knows of one leg beside what the call knows.
#[derive(Debug, Default)]
pub(super) struct Leg {
    /// Our RTP address, once a port is open.
    pub(super) local: Option<SocketAddr>,
    /// The same of the other IP version.
    pub(super) other: Option<SocketAddr>,
    /// Where its signalling comes from, as far as known.
    pub(super) signalled_from: Option<IpAddr>,
    /// Media from any source: the phone's setting.
    pub(super) any_source: bool,
    /// How its first key came.
    keys_by: Option<KeysBy>,
    /// Telephone events were agreed on.
    pub(super) takes_events: bool,
    /// How its audio may be kept from others: the phone's or trunk's setting.
    pub(super) security: MediaSecurity,
    /// What it speaks, once that is agreed.
    codec: Option<Codec>,
    /// Why we turn it away, where SIP's status says less.
    refused: Option<Reason>,
    /// The end of its signalling, kept until its media has reported.
    ending: Option<Ended>,
    /// When it counts as over although nobody has said so: news can be lost where a mailbox overflows or a thread is gone.
    overdue: Option<Instant>,
}

/// The ways a key is told: some phones tell each by both, others agree on one and use the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeysBy {
    /// SIP INFO.
    Signalling,
    /// RFC 4733.
    Media,
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

    /// The leg goes to another call.
    pub(super) fn take(&mut self, leg: LegId) -> Leg {
        self.by_id.remove(&leg).unwrap_or_default()
    }

    /// A leg comes from another call.
    pub(super) fn put(&mut self, leg: LegId, entry: Leg) {
        self.by_id.insert(leg, entry);
    }

    /// The leg is turned away for a reason of ours.
    pub(super) fn refused(&mut self, leg: LegId, reason: Reason) {
        self.entry(leg).refused = Some(reason);
    }

    /// Whether a key that came this way counts: the way of a leg's first key is that of all.
    pub(super) fn counts_key(&mut self, leg: LegId, by: KeysBy) -> bool {
        self.by_id.get_mut(&leg).is_none_or(|entry| *entry.keys_by.get_or_insert(by) == by)
    }

    /// The leg was told to end.
    pub(super) fn told_to_end(&mut self, now: Instant, leg: LegId) {
        if let Some(entry) = self.by_id.get_mut(&leg) {
            entry.overdue.get_or_insert(now + ENDS_WITHIN);
        }
    }

    /// The signalling of a leg ended. Gives the call's event at once if there is no media to close first.
    pub(super) fn signalling_ended(&mut self, now: Instant, leg: LegId, ended: Ended) -> Option<Event> {
        let entry = self.by_id.get_mut(&leg)?;
        let reason = entry.refused.filter(|_| ended.by == LegEnd::Local).unwrap_or(ended.reason);
        let ended = Ended { reason, ..ended };
        if entry.local.is_some() {
            entry.ending = Some(ended);
            entry.overdue = Some(now + REPORTS_WITHIN);
            return None;
        }
        self.by_id.remove(&leg);
        Some(leg_ended(leg, ended, None))
    }

    /// Whether the signalling of a leg, as far as we have heard, goes on.
    pub(super) fn is_signalled(&self, leg: LegId) -> bool {
        self.by_id.get(&leg).is_some_and(|entry| entry.ending.is_none())
    }

    /// The media of a leg is closed: the leg is over for the call.
    pub(super) fn media_closed(&mut self, leg: LegId, report: media::LegReport) -> Option<Event> {
        let entry = self.by_id.remove(&leg)?;
        let heard = report.received + report.sent > 0;
        Some(leg_ended(leg, entry.ending.unwrap_or(LOST), heard.then(|| quality(report))))
    }

    /// When [`Legs::overdue`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.by_id.values().filter_map(|entry| entry.overdue).min()
    }

    /// A leg whose end should have been heard of long ago: it is over for the call.
    pub(super) fn overdue(&mut self, now: Instant) -> Option<(LegId, Event)> {
        let leg = *self.by_id.iter().find(|(_, entry)| entry.overdue.is_some_and(|overdue| overdue <= now))?.0;
        let entry = self.by_id.remove(&leg)?;
        Some((leg, leg_ended(leg, entry.ending.unwrap_or(LOST), None)))
    }

    /// What a leg is to speak, most wanted first: what another leg of its call speaks already, so that nothing is decoded on the way; then
    /// what costs least.
    pub(super) fn codecs(&self, leg: LegId) -> Vec<Codec> {
        let spoken: Vec<Codec> = self.by_id.iter().filter(|(id, _)| **id != leg).filter_map(|(_, entry)| entry.codec).collect();
        let mut codecs = vec![Codec::Pcma, Codec::Pcmu, Codec::G722, Codec::Opus];
        codecs.sort_by_key(|codec| !spoken.contains(codec));
        codecs
    }

    /// What the media thread is told once offer and answer agree.
    pub(super) fn agreed(&mut self, leg: LegId, plan: &MediaPlan) -> Result<media::LegMedia, Unusable> {
        let entry = self.entry(leg);
        entry.takes_events = plan.dtmf_pt.is_some();
        let allowed = if entry.any_source { media::Sources::Any } else { media::Sources::Only(entry.signalled_from.into_iter().collect()) };
        self.entry(leg).codec = Some(plan.codec);
        Ok(media::LegMedia { security: security(plan)?, ..agreed_media(plan, allowed) })
    }
}

/// What offer and answer agreed of audio in clear, in the media engine's words.
pub(crate) fn agreed_media(plan: &MediaPlan, allowed_sources: media::Sources) -> media::LegMedia {
    media::LegMedia {
        remote: plan.remote,
        codec: match plan.codec {
            Codec::Pcmu => media::Codec::Pcmu,
            Codec::Pcma => media::Codec::Pcma,
            Codec::G722 => media::Codec::G722,
            Codec::Opus => media::Codec::Opus,
        },
        codec_pt: plan.codec_pt,
        dtmf_pt: plan.dtmf_pt,
        dtmf_hz: plan.dtmf_hz,
        allowed_sources,
        send: plan.send,
        recv: plan.recv,
        security: None,
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

/// How a leg ended that nobody said anything of.
const LOST: Ended = Ended { by: LegEnd::Network, status: None, reason: Reason::PeerLost };

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
        moments: report.moments.into_iter().map(moment).collect(),
    }
}

fn moment(moment: media::Moment) -> QualityMoment {
    let one_way = |way: media::OneWay| QualityOneWay { lost_permille: way.lost_permille, jitter_us: way.jitter_us, mos_x100: way.mos_x100 };
    QualityMoment { at_s: moment.at_s, heard: one_way(moment.heard), told: moment.told.map(one_way), round_trip_ms: moment.round_trip_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEG: LegId = LegId::from_u128(1);
    const HUNG_UP: Ended = Ended { by: LegEnd::Remote, status: None, reason: Reason::HungUp };

    fn legs() -> Legs {
        let mut legs = Legs::new(media::ThreadIx(0));
        legs.entry(LEG).local = Some(SocketAddr::from(([127, 0, 0, 1], 40_000)));
        legs
    }

    #[test]
    fn a_leg_whose_media_never_reports_is_over_all_the_same_and_as_its_signalling_said() {
        let (mut legs, now) = (legs(), Instant::now());
        assert_eq!(legs.signalling_ended(now, LEG, HUNG_UP), None);
        assert_eq!(legs.overdue(now), None);
        assert_eq!(legs.poll_timeout(), Some(now + REPORTS_WITHIN));
        assert_eq!(legs.overdue(now + REPORTS_WITHIN), Some((LEG, leg_ended(LEG, HUNG_UP, None))));
        assert_eq!((legs.media_closed(LEG, media::LegReport::default()), legs.poll_timeout()), (None, None));
    }

    #[test]
    fn a_leg_told_to_end_of_which_nothing_more_is_heard_is_over_in_the_end() {
        let (mut legs, now) = (legs(), Instant::now());
        legs.told_to_end(now, LEG);
        assert_eq!(legs.overdue(now + ENDS_WITHIN - Duration::from_secs(1)), None);
        assert_eq!(legs.overdue(now + ENDS_WITHIN), Some((LEG, leg_ended(LEG, LOST, None))));
    }

    #[test]
    fn a_leg_we_refuse_ends_for_our_reason() {
        let (mut legs, now) = (Legs::new(media::ThreadIx(0)), Instant::now());
        legs.refused(LEG, Reason::Overload);
        let by_us = Ended { by: LegEnd::Local, status: Some(503), reason: Reason::Rejected };
        let ended = legs.signalling_ended(now, LEG, by_us);
        assert_eq!(ended, Some(leg_ended(LEG, Ended { reason: Reason::Overload, ..by_us }, None)));
    }
}
