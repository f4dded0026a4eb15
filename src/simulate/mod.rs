//! Callers and customers who are not there: real SIP calls with speech into a running server, a trunk that answers, and, for the
//! demo, phones that answer for agents. Uses this server's own signalling and media, so it shows the day but proves nothing alone.

mod demo;
mod legs;
mod people;
mod run;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

pub use self::{
    demo::Demo,
    run::{Outcome, run},
};

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Where the server takes SIP over UDP.
    pub server: SocketAddr,
    /// Where the simulation calls from and answers: the server's trunk `simulator`.
    pub listen: SocketAddr,
    /// The dialplan whose prompts are what people say.
    pub dialplan: PathBuf,
    /// Calls to make.
    pub calls: u32,
    /// Numbers to dial, in turn.
    pub to: Vec<String>,
    /// Between the starts of two calls.
    pub every: Duration,
    /// How long a caller stays on the line once answered, at least and at most.
    pub stay: (Duration, Duration),
    /// Phones to register, for agents who have none. With phones the simulation answers until it is dropped. They register from an
    /// address of their own: calls from a registered phone's address have to prove themselves, those of a trunk do not.
    pub phones: Vec<SimulatedPhone>,
}

/// A phone that registers and answers.
#[derive(Debug, Clone)]
pub struct SimulatedPhone {
    /// SIP name.
    pub name: String,
    /// SIP password.
    pub password: String,
    /// Realm of the server.
    pub realm: String,
}
