//! What the application orders.

use crate::{Account, Registration, SavedBinding, TrunkPeer};
use carillon_media_sdp::LocalMedia;

/// One leg of a call: one dialog with one peer. Ids are the application's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u128);

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
    /// Tells an incoming leg that it rings (180).
    Ring {
        /// The leg.
        leg: LegId,
    },
    /// Answers an incoming leg (200) with these media.
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
    /// Ends a leg in whatever way its state needs: a refusal, CANCEL or BYE.
    HangUp {
        /// The leg.
        leg: LegId,
        /// What its peer is told.
        cause: HangUpCause,
    },
    /// Registers a user of ours elsewhere, now and before each expiry; one already registered is replaced.
    Register(Registration),
    /// From now on new calls and OPTIONS get 503; calls that are up go on.
    Drain,
}

/// Whom an outgoing leg calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every reachable registration of a phone; the first to answer wins.
    Phone {
        /// The phone's user name.
        name: String,
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
