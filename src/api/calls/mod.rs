//! Calls: those that ended, and what an agent does with the one at hand.

pub(super) mod cancel_consult;
pub(super) mod come_back;
pub(super) mod complete;
pub(super) mod consult;
mod control;
pub(super) mod digits;
pub(super) mod dispose;
pub(super) mod hang_up;
pub(super) mod hold;
pub(super) mod list;
pub(super) mod make;
pub(super) mod pause_recording;
pub(super) mod read;
pub(super) mod resume;
pub(super) mod resume_recording;
mod row;
pub(super) mod sip;
pub(super) mod step_away;
pub(super) mod stop_supervising;
pub(super) mod sums;
pub(super) mod supervise;
mod supervision;
pub(super) mod swap;
pub(super) mod take_over;
mod target;
pub(super) mod three_way;
pub(super) mod transfer;
