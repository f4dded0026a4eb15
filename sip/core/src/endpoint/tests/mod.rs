//! Two endpoints and a network between them, in virtual time.

mod calls;
mod pair;
mod refusals;
mod strangers;
