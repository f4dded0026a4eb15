//! One call from its first INVITE to its record: legs, way through the dialplan, waiting, talk, recording, ending.
//!
//! [`Call`] decides and does no I/O: give it what happened with [`Call::handle_event`] and [`Call::handle_timeout`], carry out what
//! [`Call::poll_effect`] gives until it gives nothing, sleep until [`Call::poll_timeout`]. Among its effects are the facts from which
//! [`CdrBuilder`] folds the call's record.

mod away;
mod call;
mod cdr;
mod click;
mod consult;
mod control;
mod dial;
mod early;
mod effect;
mod ending;
mod event;
mod hold;
mod keys;
mod leave;
mod leg;
mod outcome;
mod plan;
mod queue;
mod service;
mod setup;
mod supervise;
mod takeover;
mod talk;
mod three_way;
mod transfer;

pub use call::Call;
pub use cdr::{Cdr, CdrBuilder, CdrConsent, CdrDisposition, CdrLeg, CdrOffer, CdrQueue, CdrRecording, CdrTransfer, Had};
pub use control::{Control, ControlRefused, Onward};
pub use effect::{Effect, Taking, Target, Tone};
pub use event::{Event, LegEnd};
pub use keys::Keys;
pub use queue::Place;
pub use service::{FeatureCode, FeatureOutcome, FeatureRequest};
pub use setup::{CallSetup, Destination, Dialler, Site, Speech, Start};
pub use supervise::Supervise;
pub use takeover::{Newcomer, Party};
