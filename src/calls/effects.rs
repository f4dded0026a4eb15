//! Carrying out what a call wants done.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use carillon_call::{Effect, Event, FeatureRequest, Keys, LegEnd, Taking, Target, Tone};
use carillon_media_engine as media;
use carillon_media_sdp::{LocalMedia, MediaPlan};
use carillon_model::{AutoAnswer, EndedBy, Ending, Fact, LegId, Name, Number, PhoneId, Reason, RecordingId};
use carillon_sip_leg as sip;

use super::{
    legs::{Ended, local_media, media_leg, sip_leg},
    mailbox::Input,
    protection::{Unusable, protection},
    registry::On,
    task::CallTask,
};
use crate::{
    clock,
    masking::{hide_text, is_hidden_from, is_own},
    telemetry::names,
};

/// How long a key sent by INFO is said to be held, and how far apart two are.
const KEY_MS: u32 = 160;
const KEY_EVERY: Duration = Duration::from_millis(250);

impl CallTask {
    /// Carries out effects until there are none.
    pub(super) async fn carry_out(&mut self) {
        while let Some(effect) = self.call.poll_effect() {
            self.perform(effect).await;
        }
    }

    async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ring { leg } => self.order(sip::Command::Ring { leg: sip_leg(leg) }).await,
            Effect::Progress { leg } => self.progress(leg).await,
            Effect::Answer { leg } => self.answer(leg).await,
            Effect::Refuse { leg, reason } => self.refuse(leg, reason).await,
            Effect::Dial { leg, target, from, from_name, taking } => self.dial(leg, target, &from, from_name, taking).await,
            Effect::HangUp { leg, reason } => {
                self.legs.told_to_end(clock::now().mono, leg);
                self.order(sip::Command::HangUp { leg: sip_leg(leg), cause: hang_up_cause(reason) }).await;
            }
            Effect::Play { leg, play, sounds } => {
                let source = media::Source::Prompts(sounds.into_iter().map(media::SoundName::from).collect());
                self.order_media(media::Command::Play { leg: media_leg(leg), play: media::PlayId(play.as_u128()), source }).await;
            }
            Effect::PlayMusic { leg, play, music } => {
                let source = media::Source::Music(music.into());
                self.order_media(media::Command::Play { leg: media_leg(leg), play: media::PlayId(play.as_u128()), source }).await;
            }
            Effect::PlayTone { leg, play, tone } => {
                let source = media::Source::Tone(match tone {
                    Tone::Ringback => media::Tone::Ringback,
                    Tone::Busy => media::Tone::Busy,
                });
                self.order_media(media::Command::Play { leg: media_leg(leg), play: media::PlayId(play.as_u128()), source }).await;
            }
            Effect::StopPlay { leg } => self.order_media(media::Command::StopPlay { leg: media_leg(leg) }).await,
            Effect::BridgeEarly { a, b } => self.order_media(media::Command::BridgeEarly { a: media_leg(a), b: media_leg(b) }).await,
            Effect::Bridge { a, b } => self.order_media(media::Command::Bridge { a: media_leg(a), b: media_leg(b) }).await,
            Effect::Unbridge { leg } => self.order_media(media::Command::Unbridge { a: media_leg(leg) }).await,
            Effect::Mix { hears } => {
                let member = |(leg, others): (LegId, Vec<LegId>)| media::MixMember {
                    leg: media_leg(leg),
                    hears: media::Hears::Only(others.into_iter().map(media_leg).collect()),
                };
                let members = hears.into_iter().map(member).collect();
                self.order_media(media::Command::Mix { mix: self.mix(), members }).await;
            }
            Effect::Press { leg, keys } => self.press(leg, &keys).await,
            Effect::StartRecording { recording, left, file } => self.start_recording(recording, left, &file).await,
            Effect::SetRecordingLeft { recording, left } => {
                let recording = media::RecordingId(recording.as_u128());
                self.order_media(media::Command::SetRecordingLeft { recording, left: left.map(media_leg) }).await;
            }
            Effect::SetRecordingRight { recording, right } => {
                let recording = media::RecordingId(recording.as_u128());
                self.order_media(media::Command::SetRecordingRight { recording, right: right.map(media_leg) }).await;
            }
            Effect::RecordMix { recording, without } => {
                let recording = media::RecordingId(recording.as_u128());
                self.order_media(media::Command::RecordMix { recording, mix: self.mix(), without: without.map(media_leg) }).await;
            }
            Effect::StopRecording { recording } => {
                self.order_media(media::Command::StopRecording { recording: media::RecordingId(recording.as_u128()) }).await;
            }
            Effect::Feature { phone, request } => self.feature(phone, request),
            Effect::Acd(message) => self.around.acd.from_call(self.id, message).await,
            Effect::Fact(fact) => self.note(fact).await,
            Effect::Over => self.over = true,
        }
    }

    /// The call's conference.
    fn mix(&self) -> media::MixId {
        media::MixId(self.id.as_u128())
    }

    /// Presses keys in the media where telephone events were agreed on, else by INFO.
    async fn press(&mut self, leg: LegId, keys: &Keys) {
        if self.legs.entry(leg).takes_events {
            return self.order_media(media::Command::Press { leg: media_leg(leg), keys: keys.iter().collect() }).await;
        }
        // One at a time: over UDP a later INFO may overtake, and is refused then.
        let (sip, leg, keys) = (self.around.sip.clone(), sip_leg(leg), keys.clone());
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(KEY_EVERY);
            for digit in keys.iter() {
                pace.tick().await;
                // Fails only when the signalling has stopped; the leg may be over, then nothing is sent.
                let _ = sip.send(sip::Command::SendDigit { leg, digit, duration_ms: KEY_MS }).await;
            }
        });
    }

    /// Has it done beside: proving a PIN takes a while, and the caller may hang up.
    fn feature(&self, phone: PhoneId, request: FeatureRequest) {
        let (keypad, mailbox) = (Arc::clone(&self.around.keypad), self.mailbox.clone());
        let directory = self.around.directory.read();
        tokio::spawn(async move {
            let outcome = keypad.carry_out(phone, request, &directory).await;
            mailbox.post(Input::FeatureDone(outcome));
        });
    }

    /// Opens the port and answers with it.
    async fn answer(&mut self, leg: LegId) {
        match self.open_port(leg) {
            Ok(local) => self.order(sip::Command::Answer { leg: sip_leg(leg), local }).await,
            Err(reason) => self.refuse(leg, reason).await,
        }
    }

    /// The same before the answer. Without a port there is nothing to hear, and the call goes on.
    async fn progress(&mut self, leg: LegId) {
        if let Ok(local) = self.open_port(leg) {
            self.order(sip::Command::Progress { leg: sip_leg(leg), local }).await;
        }
    }

    async fn refuse(&mut self, leg: LegId, reason: Reason) {
        self.legs.refused(leg, reason);
        self.legs.told_to_end(clock::now().mono, leg);
        let status = if self.went_out && reason == Reason::Unreachable { NO_CARRIER } else { refusal_status(reason) };
        self.order(sip::Command::Refuse { leg: sip_leg(leg), status, reason: refusal_words(reason).map(str::to_owned) }).await;
    }

    async fn dial(&mut self, leg: LegId, target: Target, from: &Number, from_name: Option<Name>, taking: Taking) {
        let directory = self.around.directory.read();
        let mut headers = vec![("Max-Forwards".to_owned(), self.hops_left.to_string())];
        let found = match &target {
            Target::Phone(phone) => directory.phones.get(phone).map(|phone| {
                let entry = self.legs.entry(leg);
                (entry.any_source, entry.security) = (phone.any_media_source, phone.media_security);
                headers.extend(match taking {
                    Taking::ByHand => None,
                    Taking::AtOnce => auto_answer_header(phone.auto_answer),
                    Taking::ToReturn => Some(("X-Carillon-Resume".to_owned(), self.id.to_string())),
                });
                let meant = self.device.as_ref().filter(|(dialled, _)| dialled.as_str() == phone.name);
                let to = match meant {
                    Some((_, device)) => sip::Target::Device { phone: phone.name.clone(), device: device.clone() },
                    None => sip::Target::Phone { name: phone.name.clone() },
                };
                (to, On::Phone(phone.id))
            }),
            Target::Trunk { trunk, number, emergency } => directory.trunks.get(trunk).map(|trunk| {
                self.legs.entry(leg).security = trunk.media_security;
                let on = if *emergency { On::Emergency(trunk) } else { On::Out(trunk) };
                (sip::Target::Trunk { name: trunk.name.clone(), number: number.as_str().to_owned() }, on)
            }),
        };
        let Some((to, on)) = found.filter(|(_, on)| self.around.calls.own_leg(leg, self.id, *on)) else {
            return self.undialled(leg, Reason::NoRoute);
        };
        self.went_out |= !matches!(on, On::Phone(_));
        let sdp_offer = match self.open_port(leg) {
            Ok(local) => local,
            Err(reason) => return self.undialled(leg, reason),
        };
        // A telephone shows whoever looks at it what it is told.
        let hidden = match on {
            On::Phone(phone) => {
                self.around.acd.agents_by_phone().get(&phone).is_some_and(|agent| is_hidden_from(&directory, (*agent).into()))
            }
            On::In(_) | On::Out(_) | On::Emergency(_) => false,
        } && !is_own(&directory, from.as_str());
        let from_user = if hidden { "anonymous".to_owned() } else { from.as_str().to_owned() };
        let from_name = from_name.map(|name| {
            if hidden { hide_text(name.as_str()).unwrap_or_else(|| name.as_str().to_owned()) } else { name.as_str().to_owned() }
        });
        self.order(sip::Command::Dial { leg: sip_leg(leg), to, from_user, from_name, sdp_offer, headers }).await;
    }

    /// A leg that never came to be.
    fn undialled(&mut self, leg: LegId, reason: Reason) {
        self.legs.entry(leg).local = None;
        let ended = Ended { by: LegEnd::Local, status: None, reason };
        if let Some(event) = self.legs.signalling_ended(clock::now().mono, leg, ended) {
            self.leg_over(leg, event);
        }
    }

    /// Our side of the leg with its port; it has one from the first audio on.
    fn open_port(&mut self, leg: LegId) -> Result<LocalMedia, Reason> {
        if let Some(open) = self.legs.entry(leg).local {
            return Ok(self.local_media(leg, open));
        }
        let (address, other) = self.around.media.open_leg_in_both(self.legs.thread, media_leg(leg)).map_err(|error| {
            tracing::warn!(%error, "no RTP port for a leg");
            Reason::Overload
        })?;
        let entry = self.legs.entry(leg);
        (entry.local, entry.other) = (Some(address), other);
        Ok(self.local_media(leg, address))
    }

    pub(super) async fn set_media(&mut self, leg: LegId, plan: &MediaPlan, signalled_from: IpAddr) {
        self.legs.entry(leg).signalled_from = Some(signalled_from);
        match self.legs.agreed(leg, plan) {
            Ok(media) => self.order_media(media::Command::SetMedia { leg: media_leg(leg), media }).await,
            Err(Unusable) => self.end_insecure(leg, "The keys cannot be used").await,
        }
    }

    /// Ends a leg whose audio cannot be kept from others as was agreed.
    pub(super) async fn end_insecure(&mut self, leg: LegId, why: &str) {
        tracing::warn!(%leg, why, "the audio of a leg cannot be protected");
        self.legs.refused(leg, Reason::MediaNotAcceptable);
        self.legs.told_to_end(clock::now().mono, leg);
        let cause = sip::HangUpCause::Status { status: 488, text: why.to_owned() };
        self.order(sip::Command::HangUp { leg: sip_leg(leg), cause }).await;
    }

    /// Our side of a leg's SDP.
    fn local_media(&mut self, leg: LegId, address: SocketAddr) -> LocalMedia {
        let entry = self.legs.entry(leg);
        let (protection, other) = (protection(entry.security, self.around.media.fingerprint()), entry.other);
        LocalMedia { protection, other, codecs: self.legs.codecs(leg), ..local_media(leg, address) }
    }

    async fn start_recording(&mut self, recording: RecordingId, left: LegId, file: &str) {
        let path = self.around.recordings.join(file);
        self.around.calls.own_recording(recording, self.id);
        if let Some(folder) = path.parent()
            && let Err(error) = tokio::fs::create_dir_all(folder).await
        {
            tracing::warn!(folder = %folder.display(), %error, "the folder of a recording cannot be made");
        }
        let recording = media::RecordingId(recording.as_u128());
        self.order_media(media::Command::StartRecording { recording, left: media_leg(left), path }).await;
    }

    /// Writes a fact. The call's start is awaited on disk, since its caller must not be answered before.
    async fn note(&mut self, fact: Fact) {
        count(&fact);
        let now = clock::now();
        if !matches!(fact, Fact::CallStarted { .. }) {
            self.around.journal.append(now, fact);
            return;
        }
        let event = match self.around.journal.append_committed(now, fact).await {
            Ok(_) => Event::Committed,
            Err(error) => {
                tracing::error!(%error, "a call is refused");
                Event::HangUp { ending: Ending::new(EndedBy::System, Reason::Overload) }
            }
        };
        self.call.handle_event(clock::now(), event);
    }

    pub(super) async fn order(&mut self, order: sip::Command) {
        // Fails only when the signalling has stopped, and the server with it.
        let _ = self.around.sip.send(order).await;
    }

    /// Orders the media thread. One too busy to take an order ends the call.
    pub(super) async fn order_media(&mut self, order: media::Command) {
        if self.around.media.send(self.legs.thread, order).is_err() {
            self.mailbox.hang_up(Ending::new(EndedBy::System, Reason::Overload));
        }
    }
}

fn count(fact: &Fact) {
    match fact {
        Fact::CallEnded { ending, .. } => {
            let (by, reason) = (format!("{:?}", ending.by), format!("{:?}", ending.reason));
            metrics::counter!(names::CALLS_ENDED, "by" => by, "reason" => reason).increment(1);
            tracing::info!(by = ?ending.by, reason = ?ending.reason, "call ended");
        }
        Fact::CallStarted { number, kind, .. } => tracing::info!(number, ?kind, "call started"),
        _ => {}
    }
}

/// What tells a phone to answer at once.
fn auto_answer_header(way: AutoAnswer) -> Option<(String, String)> {
    let (name, value) = match way {
        AutoAnswer::Off => return None,
        AutoAnswer::AnswerMode => ("Answer-Mode", "Auto"),
        AutoAnswer::CallInfo => ("Call-Info", "<sip:carillon.invalid>;answer-after=0"),
        AutoAnswer::AlertInfo => ("Alert-Info", "<http://carillon.invalid>;info=alert-autoanswer"),
    };
    Some((name.to_owned(), value.to_owned()))
}

/// A trunk that cannot be reached is the service's lack; a phone that cannot be reached is the callee's absence (480).
const NO_CARRIER: u16 = 503;

/// What a caller is told who is turned away before the answer (RFC 3261 21).
pub(super) fn refusal_status(reason: Reason) -> u16 {
    match reason {
        Reason::NumberUnknown => 404,
        Reason::Busy | Reason::Rejected => 486,
        Reason::Forbidden => 403,
        Reason::MediaNotAcceptable => 488,
        Reason::NoAnswer | Reason::Unreachable | Reason::Redirected | Reason::NoAgents | Reason::QueueTimeout => 480,
        Reason::QueueFull => 486,
        Reason::HungUp
        | Reason::Cancelled
        | Reason::AnsweredElsewhere
        | Reason::AnsweredLate
        | Reason::OtherLegEnded
        | Reason::Transferred
        | Reason::PlanEnded => 480,
        Reason::NoRoute | Reason::Overload | Reason::ShuttingDown | Reason::PeerLost | Reason::MediaTimeout => 503,
        Reason::PlanFailed | Reason::ProtocolError | Reason::ServerLost => 500,
    }
}

/// What a telephone shows that is refused, where the status says too little.
fn refusal_words(reason: Reason) -> Option<&'static str> {
    (reason == Reason::Forbidden).then_some("You may not dial this number")
}

fn hang_up_cause(reason: Reason) -> sip::HangUpCause {
    match reason {
        Reason::AnsweredElsewhere => sip::HangUpCause::AnsweredElsewhere,
        _ => sip::HangUpCause::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_dials_what_there_is_no_right_to_is_told_so() {
        assert_eq!((refusal_status(Reason::Forbidden), refusal_words(Reason::Forbidden)), (403, Some("You may not dial this number")));
        assert_eq!(refusal_words(Reason::Busy), None);
    }

    /// Answer-Mode: RFC 5373; the others as Polycom, Snom, Yealink and Grandstream read them.
    #[test]
    fn a_telephone_that_answers_by_itself_is_asked_to_in_its_own_way() {
        let said = |way| auto_answer_header(way).map(|(name, value)| format!("{name}: {value}"));
        assert_eq!(said(AutoAnswer::Off), None);
        assert_eq!(said(AutoAnswer::AnswerMode).as_deref(), Some("Answer-Mode: Auto"));
        assert_eq!(said(AutoAnswer::CallInfo).as_deref(), Some("Call-Info: <sip:carillon.invalid>;answer-after=0"));
        assert_eq!(said(AutoAnswer::AlertInfo).as_deref(), Some("Alert-Info: <http://carillon.invalid>;info=alert-autoanswer"));
    }
}
