//! Two endpoints and a network between them, in virtual time.

mod calls;
mod endings;
mod limits;
mod pair;
mod refusals;
mod repeats;
mod routes;
mod storms;
mod strangers;
