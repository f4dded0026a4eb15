//! What the application hears.

use crate::{Diverted, Identity, LegId, ReferId, SavedBinding, Traced};
use carillon_media_sdp::MediaPlan;
use carillon_sip_core::{Hop, Transport};
use std::{net::IpAddr, time::Duration};

/// News. Events of one leg come in order, and [`Event::Ended`] is its last but for messages of it that are traced.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A call came in from a phone or trunk that is who it says it is. It gets 100 by itself; the rest is the application's.
    Invited {
        /// The new leg.
        leg: LegId,
        /// Who calls.
        from: Peer,
        /// The caller's number: the user part of From, of a `tel:` address without visual separators.
        caller: String,
        /// The caller's name, if From has one.
        caller_name: Option<String>,
        /// Whom a trunk vouches for (P-Asserted-Identity); `None` from a phone, whatever it writes. Not to be shown to anybody when
        /// `is_private`.
        identity: Option<Identity>,
        /// The caller wants number and name withheld (Privacy), as a trunk says.
        is_private: bool,
        /// Whom the call was meant for before it came here, the last one first, at most ten. A claim of the sender's.
        diverted: Vec<Diverted>,
        /// The number dialled: the user part of the Request-URI, read as `caller` is.
        called: String,
        /// The one device of that number which is meant (`gr` of the Request-URI, RFC 5627); `None`: all of them.
        device: Option<String>,
        /// Where the INVITE came from.
        hop: Hop,
        /// The SDP offer as it came; `None` when the caller wants ours.
        offer: Option<Vec<u8>>,
        /// The Call-ID, for logs.
        call_id: String,
        /// How many more hops a call made on behalf of this one may take (RFC 3261 20.22): its Max-Forwards less one. Give it
        /// to such a call as a `Max-Forwards` header, or a loop through other servers never ends.
        hops_left: u8,
        /// The leg that this one shall take the place of (RFC 3891): it is up, and its peer knows nothing yet. The application answers
        /// the new leg, joins it with whom the old one was joined with, and hangs the old one up; or it refuses. An INVITE
        /// that names no leg of ours never comes here: it gets 481.
        replaces: Option<LegId>,
    },
    /// A phone of an outgoing leg rings. Comes at most once a leg.
    Ringing {
        /// The leg.
        leg: LegId,
    },
    /// Audio before the answer. Of an outgoing leg: whoever is called says where (ringing tones, announcements); of several that
    /// do so the first is heard. Of an incoming one: our [`Command::Progress`](crate::Command::Progress) was carried out. May come again when
    /// that audio changes. `Answered` then says what really holds.
    EarlyMedia {
        /// The leg.
        leg: LegId,
        /// What was agreed about audio.
        media: MediaPlan,
        /// The address the peer signals from, as in [`Event::Answered`].
        signalled_from: IpAddr,
    },
    /// A leg is up: an outgoing one was answered and has its ACK, or our answer to an incoming one went out (where our 200
    /// made the offer: its ACK brought the answer).
    Answered {
        /// The leg.
        leg: LegId,
        /// What was agreed about audio.
        media: MediaPlan,
        /// The address the peer signals from: its media may come from there too, whatever its SDP says.
        signalled_from: IpAddr,
    },
    /// The peer changed the audio (hold, resume, another address) or asked for it from another place, and we agreed.
    MediaChanged {
        /// The leg.
        leg: LegId,
        /// What holds now.
        media: MediaPlan,
        /// The address the peer signals from now, as in [`Event::Answered`].
        signalled_from: IpAddr,
    },
    /// The peer did not take a change of the audio that was ordered, or its answer made no sense. The audio is as it was.
    MediaChangeRefused {
        /// The leg.
        leg: LegId,
        /// What the peer answered.
        status: Option<u16>,
    },
    /// The peer of a leg that is up asks for the one at our other end to be put through to somebody else (REFER, RFC 3515): without
    /// `replaces` a blind transfer to a number, with it an attended one to whomever that other leg is joined with.
    ///
    /// Who asked is the leg's peer; Referred-By is not looked at. Answer with
    /// [`Command::ReferStatus`](crate::Command::ReferStatus). A leg has one REFER at a time (another gets 491); one that asks for
    /// something else than a call, or names no number we could call, was refused before this. It ends with its leg.
    Referred {
        /// The leg whose peer asks.
        leg: LegId,
        /// Which REFER of the leg.
        refer: ReferId,
        /// The number to put through to: `0-9 A-Z a-z * # + . -`, at most 64 characters. May be empty, and means nothing, where
        /// `replaces` says who is meant.
        number: String,
        /// Another leg that is up with the same peer, which the transfer takes the place of.
        replaces: Option<LegId>,
    },
    /// A digit pressed, sent by SIP INFO. Never told of a leg that agreed on telephone-event: its digits are in its media.
    Digit {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long it was pressed, milliseconds.
        duration_ms: u32,
    },
    /// A message was received or is being sent; only where [`UaConfig::trace`](crate::UaConfig) says so. Those of a leg come in their order,
    /// the last ones after its end.
    Traced(Box<Traced>),
    /// A leg is over. Exactly once a leg, always last.
    Ended {
        /// The leg.
        leg: LegId,
        /// Who ended it.
        by: End,
        /// The SIP status that decided, if one did.
        status: Option<u16>,
        /// Why.
        cause: EndCause,
    },
    /// A phone registered, refreshed its registration, or answers again: it can be called.
    Registered {
        /// The phone's user name.
        phone: String,
        /// What it calls itself.
        user_agent: Option<String>,
        /// The registration.
        binding: SavedBinding,
    },
    /// A phone's last reachable registration is gone: it cannot be called.
    Unregistered {
        /// The phone's user name.
        phone: String,
        /// Why.
        why: UnregisteredWhy,
    },
    /// What is to be kept of a phone's registrations over a restart: all of them as they are now, reachable or not.
    BindingsChanged {
        /// The phone's user name.
        phone: String,
        /// Its registrations; empty when there is none.
        bindings: Vec<SavedBinding>,
    },
    /// A registration of ours elsewhere was granted, at first or again.
    RegisteredElsewhere {
        /// Which one.
        name: String,
        /// How long it holds. It is refreshed before.
        lasts: Duration,
    },
    /// A registration of ours elsewhere was refused, or nobody answered.
    RegistrationRefused {
        /// Which one.
        name: String,
        /// Why.
        why: NotRegistered,
        /// When it is tried again.
        again_in: Duration,
    },
    /// Whether a trunk that is asked by OPTIONS answers at any of its addresses; told at first and when it changes.
    TrunkAnswers {
        /// The trunk.
        trunk: String,
        /// Whether it does.
        answers: bool,
    },
    /// A request of a stranger, or a wrong one, was refused. At most a few a second are told.
    Refused {
        /// Where it came from.
        hop: Hop,
        /// Its method.
        method: String,
        /// Of a REGISTER the phone it was for, as it says, if there is one of that name.
        phone: Option<String>,
        /// What it was answered.
        status: u16,
        /// Why.
        why: RefusedWhy,
        /// How many more were refused since the last such event and not told.
        untold: u64,
    },
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A phone that proved its password: its user name.
    Phone(String),
    /// A trunk by its source address: its name.
    Trunk(String),
}

/// Who ended a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The peer.
    Remote,
    /// We, by order.
    Local,
    /// Nobody: the network, a time-out, or a peer that broke the rules.
    Network,
}

/// Why a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// Hung up after it was answered.
    HungUp,
    /// The caller gave up before it was answered.
    Cancelled,
    /// The callee is busy (486, 600).
    Busy,
    /// The callee declined (603), or we refused.
    Rejected,
    /// Nobody answered (408, 480, or no final answer at all).
    NoAnswer,
    /// Nobody could be asked: nothing registered, no route, 5xx.
    Unreachable,
    /// The callee named another address (3xx), which we do not follow.
    Redirected,
    /// Somebody else answered.
    AnsweredElsewhere,
    /// No audio both sides can do (488, 606, or an answer we cannot use).
    MediaNotAcceptable,
    /// The peer wants credentials or refuses us (401, 403, 407).
    Forbidden,
    /// There is no such number (404, 484, 604).
    NumberUnknown,
    /// The peer is gone in mid-call: it does not answer requests of its own dialog, or its connection broke.
    PeerLost,
    /// The peer did not refresh the session in its time (RFC 4028).
    SessionExpired,
    /// The peer broke the protocol, such as by never sending its ACK.
    ProtocolError,
}

/// Why a phone cannot be called any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnregisteredWhy {
    /// It said so.
    ByPhone,
    /// It did not refresh in time.
    Expired,
    /// It does not answer OPTIONS.
    NoAnswer,
    /// Its connection broke.
    ConnectionLost,
    /// Its account was taken away.
    AccountRemoved,
}

/// Why a registration of ours elsewhere does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRegistered {
    /// Nobody answered, or could be connected to.
    Silent,
    /// The registrar answered this status.
    Refused(u16),
    /// The registrar challenged us once more after our proof.
    WrongPassword,
    /// The registrar challenged us for this realm, which is not ours: it got no proof.
    OtherRealm(String),
    /// We have no listener of this transport and of the registrar's address family, so there is no way there.
    NoListener(Transport),
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedWhy {
    /// Wrong password or unknown user; the two are never told apart.
    WrongCredentials,
    /// The user proved to be somebody else than From or To say.
    NotTheirs,
    /// Neither a phone nor a trunk.
    UnknownSource,
    /// No room for more legs.
    Overloaded,
    /// The server is draining.
    Draining,
    /// The request cannot be used: no SDP we can do, too brief a registration, and the like.
    Unusable,
}
