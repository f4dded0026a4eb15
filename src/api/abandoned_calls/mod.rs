//! Abandoned calls: who left a queue unanswered, and who calls back.

pub(super) mod list;
pub(super) mod release;
pub(super) mod reserve;
pub(super) mod row;
