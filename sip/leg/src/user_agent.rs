//! The user agent: everything that speaks SIP here, behind one face.

use crate::{Command, Event, LegId, UaConfig};
use bytes::Bytes;
use carillon_sip_core::{Engine, FlowId, Hop, Transmit};
use std::{collections::VecDeque, time::Instant};

/// All legs, registrations and peers of one server.
///
/// Feed it by the `handle_*` methods of [`Engine`]; after each, drain [`Engine::poll_transmit`] and [`Engine::poll_event`].
pub struct UserAgent {
    config: UaConfig,
    new_leg: Box<dyn FnMut() -> LegId + Send>,
    events: VecDeque<Event>,
}

impl UserAgent {
    /// A user agent that takes the ids of incoming legs from `new_leg`.
    pub fn new(config: UaConfig, new_leg: Box<dyn FnMut() -> LegId + Send>) -> Self {
        UserAgent { config, new_leg, events: VecDeque::new() }
    }
}

impl Engine for UserAgent {
    type Command = Command;
    type Event = Event;

    fn handle_packet(&mut self, _now: Instant, _hop: Hop, _packet: Bytes) {}

    fn handle_flow_closed(&mut self, _now: Instant, _flow: FlowId) {}

    fn handle_unreachable(&mut self, _now: Instant, _hop: Hop) {}

    fn handle_command(&mut self, _now: Instant, _command: Command) {
        let _ = (&self.config, &self.new_leg);
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}
