//! What an endpoint tells its user.

use crate::dialog::DialogId;
use crate::message::{Request, Response};
use crate::transaction::{ClientTx, ServerTx};
use crate::transport::Hop;

/// One piece of news for the user of an [`Endpoint`](super::Endpoint).
#[derive(Debug, Clone)]
pub enum EndpointEvent {
    /// A request that wants an answer by [`Endpoint::respond`](super::Endpoint::respond). Never an ACK or a CANCEL.
    Request {
        /// How to answer it.
        tx: ServerTx,
        /// The request, its top Via completed with `received` and `rport`.
        request: Request,
        /// Where it came from.
        hop: Hop,
        /// The dialog it belongs to. A BYE has ended this dialog already, and its id only says which one it was; an
        /// INVITE in it that had no final response got 487.
        dialog: Option<DialogId>,
    },
    /// The caller gave up (CANCEL). Both the CANCEL and the INVITE are answered (200 and 487); an early dialog is gone.
    Cancelled {
        /// The INVITE that is over.
        tx: ServerTx,
        /// The CANCEL, for its Reason.
        request: Request,
    },
    /// The connection that an unanswered INVITE came over is gone: nobody is left to answer. The transaction is over.
    CallerLost {
        /// The INVITE that is over.
        tx: ServerTx,
    },
    /// A provisional or final response to a request of ours. After a final one the transaction says nothing more, except that
    /// a forked INVITE may bring further 2xx, each with a dialog of its own.
    Response {
        /// The request it answers.
        tx: ClientTx,
        /// The response.
        response: Response,
        /// Where it came from.
        hop: Hop,
        /// The dialog that it made or belongs to. Each 2xx to an INVITE wants an [`Endpoint::ack`](super::Endpoint::ack).
        dialog: Option<DialogId>,
    },
    /// The peer wants a BYE of ours proven (401 or 407). The dialog is over for the user already; the peer believes in it until
    /// [`Endpoint::bye_again`](super::Endpoint::bye_again). Comes once for each dialog.
    ByeChallenged {
        /// The BYE as it was sent.
        bye: Request,
        /// The challenge.
        response: Response,
        /// Where it was sent, and where it may be sent again.
        hop: Hop,
        /// The dialog it ended; `None` for one that was challenged before.
        dialog: Option<DialogId>,
    },
    /// No final response came in time. To be taken as a 408 (RFC 3261 8.1.3.1). The transaction is over.
    TimedOut {
        /// The request.
        tx: ClientTx,
    },
    /// The request did not get out, or its connection is gone. To be taken as a 503. The transaction is over.
    TransportFailed {
        /// The request.
        tx: ClientTx,
    },
    /// Our 2xx to an INVITE has its ACK. Comes once for each 2xx.
    Acked {
        /// The dialog.
        dialog: DialogId,
        /// The INVITE that was answered.
        tx: ServerTx,
        /// The ACK: it carries the answer if our 2xx carried the offer.
        ack: Request,
    },
    /// A provisional response of ours that was sent reliably was repeated for 64*T1 and no PRACK came. The INVITE still wants its
    /// final response; RFC 3262 3 wants it refused.
    PrackMissing {
        /// The INVITE.
        tx: ServerTx,
    },
    /// Our 2xx was repeated for 64*T1 and no ACK came. The dialog stands; RFC 3261 13.3.1.4 wants it ended with a BYE.
    AckMissing {
        /// The dialog.
        dialog: DialogId,
        /// The INVITE that was answered.
        tx: ServerTx,
    },
}

/// How much came that deserved no event, since the endpoint was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets that are not SIP, or so broken that no answer can be addressed.
    pub garbage: u64,
    /// Requests answered 400 or 505 for their form.
    pub malformed: u64,
    /// Requests refused by the rules of RFC 3261 8.2, by number of hops, by dialog or by source.
    pub refused: u64,
    /// Requests answered 503 because a table was full.
    pub overload: u64,
    /// Requests and responses that came again and were absorbed or answered from memory.
    pub repeated: u64,
    /// Responses and ACKs that match nothing.
    pub stray: u64,
    /// Requests inside a dialog, CANCELs and ACKs from somebody else than its peer.
    pub forged: u64,
    /// Answers not sent because they would be far larger than the request (UDP).
    pub oversized: u64,
}
