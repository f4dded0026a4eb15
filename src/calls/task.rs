//! The task of one call.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use carillon_call::{Call, Event, LegEnd, Speech};
use carillon_dialplan::Language;
use carillon_media_engine as media;
use carillon_model::{CallId, EndedBy, Ending, Fact, Hearing, IdSource, LegId, MediaSecurity, Now, Number, PlayId, Reason, RecordingId};
use carillon_sip_leg::{self as sip, End, EndCause};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    legs::{Ended, KeysBy, Legs, media_leg, sip_leg},
    mailbox::{Inbox, Input, Mailbox},
    registry::{Calls, Part},
};
use crate::{
    clock,
    dispatch::{Acd, Directory, Keypad, Phones},
    journal::Journal,
    telemetry::Health,
};

/// What calls need of the server around them.
pub struct Surroundings {
    /// The calls that are up.
    pub calls: Arc<Calls>,
    /// What the operator set up.
    pub directory: Directory,
    /// Which phones can be called.
    pub phones: Arc<Phones>,
    /// The owner of queues and agents.
    pub acd: Acd,
    /// What agents do by the keys of their telephones.
    pub keypad: Arc<Keypad>,
    /// The log of facts.
    pub journal: Journal,
    /// Orders to the signalling.
    pub sip: mpsc::Sender<sip::Command>,
    /// The media threads.
    pub media: media::Engine,
    /// Whether new calls are taken.
    pub health: Arc<Health>,
    /// Where recordings go.
    pub recordings: PathBuf,
    /// Time zone of opening hours.
    pub time_zone: TimeZone,
    /// The language that numbers and times are said in.
    pub language: Language,
    /// Calls at once.
    pub max_calls: usize,
    /// Ids of calls, and seeds of each call's own source.
    pub ids: Mutex<IdSource>,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}

impl Surroundings {
    /// A new id.
    pub fn next_id(&self, now: Now) -> Uuid {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).next(now.wall)
    }

    /// A source of ids for one call, with a seed of its own.
    pub(super) fn id_source(&self) -> IdSource {
        IdSource::new(self.next_id(clock::now()).as_u128() as u64)
    }

    /// The time of day on this site, by which opening hours go.
    pub fn local_time(&self) -> jiff::civil::DateTime {
        clock::now().wall.to_zoned(self.time_zone.clone()).datetime()
    }

    /// How numbers and times are said here.
    pub(super) fn speech(&self) -> Speech {
        Speech { language: self.language, time_zone: self.time_zone.clone() }
    }

    /// Orders the signalling from where nothing may wait. An order that finds no room waits beside: dropped, it would leave an INVITE
    /// without an answer, which no timer of ours ends. There are at most as many as `sip/leg` takes legs.
    pub(crate) fn order_sip(&self, order: sip::Command) {
        if let Err(mpsc::error::TrySendError::Full(order)) = self.sip.try_send(order) {
            let sip = self.sip.clone();
            tokio::spawn(async move { drop(sip.send(order).await) });
        }
    }
}

impl Surroundings {
    /// Ends a call whose task failed: nobody is left talking to nobody, and its record has an end.
    fn end_failed_call(&self, call: CallId, thread: media::ThreadIx, left: &[Part]) {
        tracing::error!("the call failed by a fault of this program and is ended");
        let (now, ending) = (clock::now(), Ending::new(EndedBy::System, Reason::ServerLost));
        for part in left {
            self.end_part(thread, part);
            if let Part::Leg(leg, ..) = *part {
                self.journal.append(now, Fact::LegEnded { call, leg, ending, status: None, quality: None });
            }
        }
        self.journal.append(now, Fact::CallEnded { call, ending });
    }

    /// Ends what a call that is gone has left: of one that ended well nothing, unless it was given to it in that moment.
    fn end_part(&self, thread: media::ThreadIx, part: &Part) {
        // A media thread that takes no order has lost the leg already.
        match *part {
            Part::Leg(leg, ..) => {
                self.order_sip(sip::Command::HangUp { leg: sip_leg(leg), cause: sip::HangUpCause::Normal });
                let _ = self.media.send(thread, media::Command::CloseLeg { leg: media_leg(leg) });
            }
            Part::Recording(recording) => {
                let recording = media::RecordingId(recording.as_u128());
                let _ = self.media.send(thread, media::Command::StopRecording { recording });
            }
        }
    }
}

/// Runs one call from its INVITE to its last fact.
pub(super) struct CallTask {
    pub(super) around: Arc<Surroundings>,
    pub(super) id: CallId,
    pub(super) call: Call,
    pub(super) mailbox: Mailbox,
    pub(super) inbox: Inbox,
    pub(super) legs: Legs,
    /// Whether a trunk was dialled.
    pub(super) went_out: bool,
    pub(super) over: bool,
    /// Hops that calls made on the caller's behalf may still take.
    pub(super) hops_left: u8,
    /// The phone that was dialled, and the one device of it that is meant.
    pub(super) device: Option<(Number, String)>,
}

/// Hops that a call of our own making may take (RFC 3261 8.1.1.6).
const HOPS: u8 = 70;

/// The leg a call that comes in begins with.
pub(super) struct CallerLeg {
    pub(super) leg: LegId,
    pub(super) signalled_from: IpAddr,
    pub(super) security: MediaSecurity,
    pub(super) hops_left: u8,
    pub(super) device: Option<(Number, String)>,
}

impl CallTask {
    pub(super) fn new(
        around: Arc<Surroundings>,
        id: CallId,
        call: Call,
        mailbox: Mailbox,
        inbox: Inbox,
        caller: Option<CallerLeg>,
        thread: media::ThreadIx,
    ) -> Self {
        let mut legs = Legs::new(thread);
        let hops_left = caller.as_ref().map_or(HOPS, |caller| caller.hops_left);
        let mut device = None;
        if let Some(caller) = caller {
            device = caller.device;
            let entry = legs.entry(caller.leg);
            (entry.signalled_from, entry.security) = (Some(caller.signalled_from), caller.security);
        }
        Self { around, id, call, mailbox, inbox, legs, went_out: false, over: false, hops_left, device }
    }

    /// Starts the task, and one that clears up behind it whatever became of it.
    pub(super) fn start(self) {
        let span = tracing::info_span!("call", id = %self.id);
        let (around, id, thread) = (Arc::clone(&self.around), self.id, self.legs.thread);
        let running = tokio::spawn(self.run().instrument(span.clone()));
        let clear_up = async move {
            let has_failed = running.await.is_err_and(|error| error.is_panic());
            // Before the call counts as gone: whoever waits for the last one finds its agents released.
            around.acd.tell(carillon_acd::Event::CallGone { call: id }).await;
            let left = around.calls.remove(id);
            match has_failed {
                true => around.end_failed_call(id, thread, &left),
                false => left.iter().for_each(|part| around.end_part(thread, part)),
            }
        };
        tokio::spawn(clear_up.instrument(span));
    }

    async fn run(mut self) {
        self.carry_out().await;
        while !self.over {
            self.wait().await;
            self.carry_out().await;
        }
    }

    /// Sleeps until something happens, and tells the call.
    async fn wait(&mut self) {
        let deadline = self.call.poll_timeout().into_iter().chain(self.legs.poll_timeout()).min();
        tokio::select! {
            biased;
            Ok(()) = self.inbox.hang_up.changed() => {
                let ending = *self.inbox.hang_up.borrow_and_update();
                if let Some(ending) = ending {
                    self.call.handle_event(clock::now(), Event::HangUp { ending });
                }
            }
            Some(input) = self.inbox.news.recv() => self.take(input).await,
            () = sleep_until(deadline) => {
                self.call.handle_timeout(clock::now());
                self.give_up_legs().await;
            }
        }
    }

    /// Ends what should have ended long ago, so that a call never outlives its legs.
    async fn give_up_legs(&mut self) {
        while let Some((leg, event)) = self.legs.overdue(clock::now().mono) {
            tracing::warn!(%leg, "nobody said that this leg ended: it is given up");
            self.order(sip::Command::HangUp { leg: sip_leg(leg), cause: sip::HangUpCause::Normal }).await;
            self.order_media(media::Command::CloseLeg { leg: media_leg(leg) }).await;
            self.leg_over(leg, event);
        }
    }

    /// The leg is over in signalling and media.
    pub(super) fn leg_over(&mut self, leg: LegId, event: Event) {
        self.around.calls.disown(leg.as_u128());
        self.call.handle_event(clock::now(), event);
    }

    async fn take(&mut self, input: Input) {
        let event = match input {
            Input::Acd(message) => Some(Event::Acd(message)),
            Input::Control { agent, control, reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.call.control(clock::now(), agent, control));
                None
            }
            Input::Supervise { supervisor, wanted, reply } => {
                let _ = reply.send(self.call.supervise(clock::now(), supervisor, wanted));
                None
            }
            Input::FeatureDone(outcome) => Some(Event::FeatureDone(outcome)),
            Input::Refer(news) => {
                self.take_refer(*news).await;
                None
            }
            Input::Replace { old, newcomer, signalled_from, security } => {
                self.replace(old, newcomer, signalled_from, security).await;
                None
            }
            Input::Sip(event) => self.take_sip(*event).await,
            Input::Media(event) => self.take_media(event).await,
            #[cfg(test)]
            Input::Bug => panic!("a bug, as the test wants it"),
        };
        if let Some(event) = event {
            self.call.handle_event(clock::now(), event);
        }
    }

    async fn take_sip(&mut self, event: sip::Event) -> Option<Event> {
        match event {
            sip::Event::Ringing { leg } => Some(Event::LegRinging { leg: desk_leg(leg) }),
            sip::Event::Answered { leg, media, signalled_from } => {
                self.set_media(desk_leg(leg), &media, signalled_from).await;
                Some(Event::LegAnswered { leg: desk_leg(leg) })
            }
            sip::Event::EarlyMedia { leg, media, signalled_from } => {
                self.set_media(desk_leg(leg), &media, signalled_from).await;
                Some(Event::LegEarly { leg: desk_leg(leg) })
            }
            sip::Event::MediaChanged { leg, media, signalled_from } => {
                // A phone that wants to hear nothing has the other side on hold (RFC 3264 8.4).
                let holds = !media.send;
                self.set_media(desk_leg(leg), &media, signalled_from).await;
                Some(Event::LegHolds { leg: desk_leg(leg), holds })
            }
            sip::Event::Referred { leg, refer, number, replaces } => {
                self.refer(leg, refer, &number, replaces).await;
                None
            }
            sip::Event::Digit { leg, digit, .. } => self.key(desk_leg(leg), digit, KeysBy::Signalling),
            sip::Event::Ended { leg, by, status, cause } => {
                let leg = desk_leg(leg);
                let ended = Ended { by: leg_end(by), status, reason: reason(cause) };
                match self.legs.signalling_ended(clock::now().mono, leg, ended) {
                    Some(event) => self.leg_over(leg, event),
                    None => self.order_media(media::Command::CloseLeg { leg: media_leg(leg) }).await,
                }
                None
            }
            _ => None,
        }
    }

    fn key(&mut self, leg: LegId, digit: char, by: KeysBy) -> Option<Event> {
        self.legs.counts_key(leg, by).then_some(Event::Digit { leg, digit })
    }

    async fn take_media(&mut self, event: media::Event) -> Option<Event> {
        match event {
            media::Event::Digit { leg, digit, .. } => self.key(LegId::from_u128(leg.0), digit, KeysBy::Media),
            media::Event::PlayEnded { leg, play, completed } => {
                Some(Event::PlayEnded { leg: LegId::from_u128(leg.0), play: PlayId::from_u128(play.0), completed })
            }
            // Who gives no consent any more has gone, as one has who is silent.
            media::Event::MediaLost { leg } | media::Event::ConsentLost { leg } => Some(Event::MediaLost { leg: LegId::from_u128(leg.0) }),
            media::Event::Hearing { leg, hearing } => {
                let hearing = match hearing {
                    media::Hearing::Heard => Hearing::Heard,
                    media::Hearing::NothingComes => Hearing::NothingComes,
                    media::Hearing::Silence => Hearing::Silence,
                };
                Some(Event::LegHearing { leg: LegId::from_u128(leg.0), hearing })
            }
            media::Event::SecurityFailed { leg, why } => {
                self.end_insecure(LegId::from_u128(leg.0), &why).await;
                None
            }
            media::Event::LegClosed { leg, report } => {
                let leg = LegId::from_u128(leg.0);
                if self.legs.is_signalled(leg) {
                    // The media thread could not keep it: nobody hears anything there any more.
                    self.order(sip::Command::HangUp { leg: sip_leg(leg), cause: sip::HangUpCause::Normal }).await;
                }
                if let Some(event) = self.legs.media_closed(leg, report) {
                    self.leg_over(leg, event);
                }
                None
            }
            media::Event::RecordingClosed { recording, frames, bytes, gap_ms, error } => {
                self.around.calls.disown(recording.0);
                let length_ms = frames / 8;
                Some(Event::RecordingClosed { recording: RecordingId::from_u128(recording.0), length_ms, bytes, gap_ms, error })
            }
            media::Event::Latched { .. } | media::Event::MediaBack { .. } => None,
        }
    }
}

/// Sleeps until a deadline; for ever without one.
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

pub(super) fn desk_leg(leg: sip::LegId) -> LegId {
    LegId::from_u128(leg.0)
}

fn leg_end(by: End) -> LegEnd {
    match by {
        End::Remote => LegEnd::Remote,
        End::Local => LegEnd::Local,
        End::Network => LegEnd::Network,
    }
}

fn reason(cause: EndCause) -> Reason {
    match cause {
        EndCause::HungUp => Reason::HungUp,
        EndCause::Cancelled => Reason::Cancelled,
        EndCause::Busy => Reason::Busy,
        EndCause::Rejected => Reason::Rejected,
        EndCause::NoAnswer => Reason::NoAnswer,
        EndCause::Unreachable => Reason::Unreachable,
        EndCause::Redirected => Reason::Redirected,
        EndCause::AnsweredElsewhere => Reason::AnsweredElsewhere,
        EndCause::MediaNotAcceptable => Reason::MediaNotAcceptable,
        EndCause::Forbidden => Reason::Forbidden,
        EndCause::NumberUnknown => Reason::NumberUnknown,
        EndCause::PeerLost | EndCause::SessionExpired => Reason::PeerLost,
        EndCause::ProtocolError => Reason::ProtocolError,
    }
}
