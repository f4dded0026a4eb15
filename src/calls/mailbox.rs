//! Where a call hears of everything.

use std::net::IpAddr;

use carillon_call::{Control, ControlRefused, FeatureOutcome, Newcomer, Supervise};
use carillon_media_engine as media;
use carillon_model::{AcdToCall, AgentId, EndedBy, Ending, LegId, MediaSecurity, Reason, UserId};
use carillon_sip_leg as sip;
use tokio::sync::{mpsc, oneshot, watch};

use super::refer::TwoCalls;
use crate::telemetry::names;

/// What may wait for one call. A call that is this far behind cannot be saved by more room.
const CAPACITY: usize = 256;

/// One piece of news for a call.
#[derive(Debug)]
pub enum Input {
    /// From the signalling of one of its legs.
    Sip(Box<sip::Event>),
    /// From the media of one of its legs, or of its recording.
    Media(media::Event),
    /// From `acd`.
    Acd(AcdToCall),
    /// An agent in the call wants something done, and waits to hear whether it is.
    Control {
        /// The agent.
        agent: AgentId,
        /// What.
        control: Control,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), ControlRefused>>,
    },
    /// A supervisor wants something of it, and waits to hear whether that can be.
    Supervise {
        /// Who.
        supervisor: UserId,
        /// What.
        wanted: Supervise,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), ControlRefused>>,
    },
    /// What somebody at a telephone wanted is done, or not.
    FeatureDone(FeatureOutcome),
    /// About two calls of one phone that it puts together.
    Refer(Box<TwoCalls>),
    /// A leg came in that shall take the place of one of the call's.
    Replace {
        /// The one it replaces.
        old: LegId,
        /// Who comes.
        newcomer: Newcomer,
        /// Where its signalling comes from.
        signalled_from: IpAddr,
        /// How its audio is to be kept from others.
        security: MediaSecurity,
    },
    /// A fault of this program, met while the call is at work.
    #[cfg(test)]
    Bug,
}

/// The posting end of a call's mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    news: mpsc::Sender<Input>,
    hang_up: watch::Sender<Option<Ending>>,
}

/// The reading end.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) news: mpsc::Receiver<Input>,
    pub(super) hang_up: watch::Receiver<Option<Ending>>,
}

impl Mailbox {
    pub(super) fn new() -> (Self, Inbox) {
        let (news, inbox) = mpsc::channel(CAPACITY);
        let (hang_up, hung_up) = watch::channel(None);
        (Self { news, hang_up }, Inbox { news: inbox, hang_up: hung_up })
    }

    /// Posts without waiting. A full mailbox ends the call.
    pub fn post(&self, input: Input) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.news.try_send(input) {
            metrics::counter!(names::MAILBOX_FULL).increment(1);
            self.hang_up(Ending::new(EndedBy::System, Reason::Overload));
        }
    }

    /// Ends the call, however full its mailbox is. The first reason given stays.
    pub fn hang_up(&self, ending: Ending) {
        self.hang_up.send_if_modified(|slot| slot.is_none().then(|| *slot = Some(ending)).is_some());
    }
}
