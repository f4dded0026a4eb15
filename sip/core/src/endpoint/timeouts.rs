//! Time and lost connections.

use std::time::Instant;

use super::{Endpoint, Owner};
use crate::transport::{FlowId, Hop};

impl Endpoint {
    /// Runs every timer that is due. Calling it early or twice does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((owner, timer)) = self.timers.pop(now) {
            match owner {
                Owner::Client(tx) => self.with_client(now, tx, |client, out| client.handle_timer(timer, out)),
                Owner::Server(tx) => self.with_server(now, tx, |server, out| server.handle_timer(timer, out)),
            }
        }
    }

    /// A connection has ended. What waited for answers on it has failed, who waited for ours is gone; dialogs live on, and those
    /// whose connection we opened will open another.
    pub fn handle_flow_closed(&mut self, now: Instant, flow: FlowId) {
        for tx in self.clients.on_flow(flow) {
            self.with_client(now, tx, |client, out| client.handle_transport_error(out));
        }
        for tx in self.servers.on_flow(flow) {
            self.with_server(now, tx, |server, out| server.handle_transport_error(out));
        }
        self.dialogs.handle_flow_closed(flow);
    }

    /// Nothing can be sent to this hop: no connection could be made, or the network says that nobody is there. Requests that
    /// have heard nothing from it yet have failed; a peer that spoke once is given its time.
    pub fn handle_unreachable(&mut self, now: Instant, hop: Hop) {
        for tx in self.clients.unheard_at(&hop) {
            self.with_client(now, tx, |client, out| client.handle_transport_error(out));
        }
    }
}
