//! The contact centre's vocabulary: ids, entities, facts and the reasons things end for. Plain data.
//!
//! Nothing here reads a clock, draws a random number or touches the outside: every other crate of `desk/` and the server
//! itself speak in these types.

mod alarm;
mod dialling;
mod disposition;
mod entity;
mod exchange;
mod fact;
mod id;
mod number;
mod permission;
mod reason;
mod scope;
mod time;
mod trouble;

pub use alarm::{Alarm, AlarmCause, listed};
pub use dialling::{AutoAnswer, DialRight, DialRights, Needs, RouteClass, Undiallable};
pub use disposition::{DISPOSITION_LEVELS, Disposed, Disposition, Note};
pub use entity::{
    Agent, AgentState, MediaSecurity, Membership, OutboundRoute, PauseReason, Phone, Queue, RecordingPolicy, Role, Strategy, Trunk,
    TrunkAccount, Typology, User,
};
pub use exchange::{AcdToCall, CallToAcd};
pub use fact::{CallKind, Entry, Fact, Hearing, LegRole, Origin, Quality, QualityMoment, QualityOneWay, QueueExit, Supervision};
pub use id::{
    AgentId, ApiKeyId, CallId, DispositionId, IdSource, LegId, OfferId, PauseId, PhoneId, PlayId, QueueId, RecordingId, RecordingLinkId,
    RouteId, SessionId, TicketId, TrunkId, UserId,
};
pub use number::{Name, Number};
pub use permission::{Part, Parts};
pub use reason::{EndedBy, Ending, OfferOutcome, Reason, Refusal};
pub use scope::Scope;
pub use time::Now;
pub use trouble::{CertificateTrouble, DnsTrouble, StorageTrouble, TrunkTrouble};
