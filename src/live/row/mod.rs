//! Rows: how an agent, a queue, a caller who waits and a call stand, with names in place of ids. Lists of the REST API and the live stream
//! show the same ones.

mod agent;
mod call;
mod queue;
mod waiting;

pub use self::{
    agent::{AgentRow, AgentStatus},
    call::LiveCallRow,
    queue::{Counts, QueueRow},
    waiting::WaitingRow,
};
