//! What the application orders.

use crate::{Account, Registration, SavedBinding, TrunkPeer};
use carillon_media_sdp::{Direction, LocalMedia};
use std::{collections::BTreeSet, time::Duration};

/// One leg of a call: one dialog with one peer. Ids are the application's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u128);

/// One REFER on a leg: the number its request bore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferId(pub u32);

/// An order. Orders for legs that are over, or that do not fit the leg's state, are ignored: an event has told or will tell why.
#[derive(Debug, Clone)]
pub enum Command {
    /// Replaces the phones that may register and call.
    SetAccounts(Vec<Account>),
    /// Replaces the trunks.
    SetTrunks(Vec<TrunkPeer>),
    /// Brings back what was registered before a restart: UDP bindings live on, stream bindings wait for their phone.
    RestoreBindings(Vec<SavedBinding>),
    /// Starts an outgoing leg under an id not used before.
    Dial {
        /// Its id.
        leg: LegId,
        /// Whom to call.
        to: Target,
        /// The caller's number, in From.
        from_user: String,
        /// The caller's name, in From.
        from_name: Option<String>,
        /// Our side of the audio, offered to whoever rings.
        sdp_offer: LocalMedia,
        /// Headers of our own for the INVITE, such as `Alert-Info`, or `Max-Forwards` for a call on behalf of another. Those
        /// that route or frame the message are left out.
        headers: Vec<(String, String)>,
    },
    /// Tells an incoming leg that it rings (180), reliably where the caller insists on it (RFC 3262). A caller that insists and
    /// made no offer hears nothing until [`Command::Progress`] or [`Command::Answer`] makes one.
    Ring {
        /// The leg.
        leg: LegId,
    },
    /// Lets the caller of an incoming leg hear audio before it is answered (183): [`Event::EarlyMedia`](crate::Event::EarlyMedia) follows as
    /// soon as both sides agree. To a caller that made no offer and knows no `100rel` nothing can be agreed early: it rings
    /// instead, and nothing follows. The answer keeps what was agreed here.
    Progress {
        /// The leg.
        leg: LegId,
        /// Our side of the audio.
        local: LocalMedia,
    },
    /// Answers an incoming leg (200) with these media; those of an earlier [`Command::Progress`] stay as they are.
    Answer {
        /// The leg.
        leg: LegId,
        /// Our side of the audio.
        local: LocalMedia,
    },
    /// Refuses an incoming leg that was not answered yet.
    Refuse {
        /// The leg.
        leg: LegId,
        /// The status, 300 to 699.
        status: u16,
        /// The reason phrase; the usual one if `None`.
        reason: Option<String>,
    },
    /// Puts a leg that is up on hold or takes it back, by a re-INVITE of ours: [`Direction::SendOnly`] for a hold with music,
    /// [`Direction::Inactive`] for silence, [`Direction::SendRecv`] to resume.
    ///
    /// The end is an [`Event::MediaChanged`](crate::Event::MediaChanged) or an
    /// [`Event::MediaChangeRefused`](crate::Event::MediaChangeRefused). An offer of the peer's that is in the way (491) is waited for. Of
    /// several orders while one is under way the last counts, and only that one has an end of its own. Our direction also holds
    /// in answers to the peer's own re-INVITEs. A leg that is as ordered, with nothing under way, hears nothing of it.
    SetDirection {
        /// The leg.
        leg: LegId,
        /// Which way audio is to flow, seen from us.
        direction: Direction,
    },
    /// Changes everything of our side of a leg that is up (address, codecs, direction) by a re-INVITE of ours; ends as
    /// [`Command::SetDirection`] does. The session's id stays the leg's, the version counts by itself.
    SetMedia {
        /// The leg.
        leg: LegId,
        /// Our side of the audio.
        local: LocalMedia,
    },
    /// Sends a key press to the peer of a leg that is up by SIP INFO, for peers that have agreed on no telephone-event. One
    /// that has gets nothing: its keys go by its media.
    SendDigit {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`; anything else is not sent.
        digit: char,
        /// How long it was pressed, milliseconds, 40 to 10,000.
        duration_ms: u32,
    },
    /// Says how a [`Event::Referred`](crate::Event::Referred) goes. The first order for it answers the REFER: a status below 300 accepts it
    /// (202), one of 300 or more refuses it with that status and ends it. Accepted, this and every further order is told to the peer
    /// by NOTIFY, unless it asked for none; a status of 200 or more is the last (200: it is done; 486, 503 and the like: it failed, the
    /// leg goes on). Say it before the leg is hung up: a hang-up without it tells the peer 487.
    ///
    /// A REFER that gets no first order within five seconds is declined.
    ReferStatus {
        /// The leg that was referred.
        leg: LegId,
        /// Which REFER.
        refer: ReferId,
        /// How it goes: 100 to 699.
        status: u16,
    },
    /// Ends a leg in whatever way its state needs: a refusal, CANCEL or BYE.
    HangUp {
        /// The leg.
        leg: LegId,
        /// What its peer is told.
        cause: HangUpCause,
    },
    /// Registers a user of ours elsewhere, now and before each expiry; one of the same name is replaced.
    Register(Registration),
    /// Replaces all registrations of ours elsewhere. Those that are no longer wanted are taken back.
    SetRegistrations(Vec<Registration>),
    /// Lets a phone register once, within this time, by a token instead of its password (RFC 8898), where nobody reads along: over WSS, or over
    /// WS from this machine. The connection it does so by may speak for the phone until it closes.
    AllowToken {
        /// The phone's user name.
        phone: String,
        /// The token.
        token: String,
        /// How long it is good for.
        lifetime: Duration,
    },
    /// From now on new calls and OPTIONS get 503; calls that are up go on.
    Drain {
        /// Numbers that phones of ours may call all the same: emergency services.
        still_taken: BTreeSet<String>,
    },
}

/// Whom an outgoing leg calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every reachable registration of a phone; the first to answer wins.
    Phone {
        /// The phone's user name.
        name: String,
    },
    /// One device of a phone, wherever it is registered from (RFC 5627).
    Device {
        /// The phone's user name.
        phone: String,
        /// The device: [`Event::Invited::device`](crate::Event::Invited).
        device: String,
    },
    /// A number behind a trunk.
    Trunk {
        /// The trunk.
        name: String,
        /// The number, digits with an optional leading `+`.
        number: String,
    },
}

/// Why we end a leg; its peer reads it in the Reason header (RFC 3326).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HangUpCause {
    /// The call is over.
    Normal,
    /// Somebody else answered; phones then show no missed call.
    AnsweredElsewhere,
    /// A status and words of the application's choice.
    Status {
        /// The SIP status. An unanswered incoming leg is refused with it.
        status: u16,
        /// The words.
        text: String,
    },
}
