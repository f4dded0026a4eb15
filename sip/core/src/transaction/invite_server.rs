//! The INVITE server transaction (RFC 3261 17.2.1, RFC 6026 7.1), which here also repeats the 2xx until its ACK (13.3.1.4).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Class, Timer, Timing, is_challenge};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No final response yet.
    Proceeding,
    /// A 2xx was sent; repeated INVITEs are absorbed and the 2xx is repeated until its ACK.
    Accepted {
        acked: bool,
    },
    /// A final response other than 2xx was sent, its ACK is awaited.
    Completed,
    /// The ACK to that came.
    Confirmed,
    Terminated,
}

#[derive(Debug)]
pub(crate) struct InviteServer {
    state: State,
    reliable: bool,
    timing: Timing,
    interval: Duration,
    trying: Bytes,
    last: Option<Bytes>,
}

impl InviteServer {
    /// An INVITE came. `trying` is the 100 that goes out when nobody says anything better in time.
    pub(crate) fn start(trying: Bytes, reliable: bool, timing: Timing, out: &mut Vec<Action>) -> Self {
        out.push(Action::Start(Timer::Trying, timing.trying_after));
        Self { state: State::Proceeding, reliable, timing, interval: timing.t1, trying, last: None }
    }

    /// Sends a response. Returns whether it went out: after a final response nothing more does.
    pub(crate) fn respond(&mut self, status: u16, response: Bytes, out: &mut Vec<Action>) -> bool {
        if self.state != State::Proceeding {
            return false;
        }
        out.push(Action::Stop(Timer::Trying));
        out.push(Action::Send(response.clone()));
        let was_silent = self.last.replace(response).is_none();
        match Class::of(status) {
            Class::Provisional => {}
            Class::Success => {
                // Over a stream too: the path may have an unreliable hop further on (RFC 3261 13.3.1.4).
                self.state = State::Accepted { acked: false };
                out.push(Action::Start(Timer::G, self.interval));
                out.push(Action::Start(Timer::L, self.timing.give_up()));
            }
            Class::Failure => {
                self.state = State::Completed;
                // A caller that has heard nothing still repeats its INVITE and gets this answer each time, so repeating it by
                // ourselves adds nothing but ten more packets to whomever a forged source address names.
                if !self.reliable && !was_silent {
                    out.push(Action::Start(Timer::G, self.interval));
                }
                let memory = if was_silent && is_challenge(status) { self.timing.t4 } else { self.timing.give_up() };
                out.push(Action::Start(Timer::H, memory));
            }
        }
        true
    }

    /// The INVITE came again.
    pub(crate) fn handle_retransmission(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Proceeding | State::Completed => {
                if let Some(last) = &self.last {
                    out.push(Action::Send(last.clone()));
                }
            }
            State::Accepted { .. } | State::Confirmed | State::Terminated => {}
        }
    }

    /// The ACK to a final response other than 2xx, matched by branch.
    pub(crate) fn handle_ack(&mut self, out: &mut Vec<Action>) {
        if self.state != State::Completed {
            return;
        }
        out.push(Action::Stop(Timer::G));
        out.push(Action::Stop(Timer::H));
        self.state = State::Confirmed;
        if self.reliable {
            self.terminate(out);
        } else {
            out.push(Action::Start(Timer::I, self.timing.t4));
        }
    }

    /// The ACK to our 2xx, matched by dialog. Returns whether it is the first.
    pub(crate) fn handle_ack_of_success(&mut self, out: &mut Vec<Action>) -> bool {
        if self.state != (State::Accepted { acked: false }) {
            return false;
        }
        self.state = State::Accepted { acked: true };
        out.push(Action::Stop(Timer::G));
        true
    }

    pub(crate) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (self.state, timer) {
            (State::Proceeding, Timer::Trying) => {
                out.push(Action::Send(self.trying.clone()));
                self.last = Some(self.trying.clone());
            }
            (State::Completed | State::Accepted { acked: false }, Timer::G) => {
                if let Some(last) = &self.last {
                    out.push(Action::Send(last.clone()));
                }
                self.interval = self.timing.back_off(self.interval);
                out.push(Action::Start(Timer::G, self.interval));
            }
            (State::Accepted { acked: false }, Timer::L) => {
                out.push(Action::AckMissing);
                self.terminate(out);
            }
            (State::Accepted { acked: true }, Timer::L) | (State::Completed, Timer::H) | (State::Confirmed, Timer::I) => {
                self.terminate(out);
            }
            _ => {}
        }
    }

    /// The connection the INVITE came by is gone. An unanswered INVITE can no longer be answered.
    pub(crate) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Proceeding => {
                out.push(Action::TransportFailed);
                self.terminate(out);
            }
            State::Completed | State::Confirmed => self.terminate(out),
            // The ACK may come by another connection.
            State::Accepted { .. } | State::Terminated => {}
        }
    }

    /// Whether a response may still be sent.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Whether a 2xx was sent.
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self.state, State::Accepted { .. })
    }

    /// Whether our 2xx still waits for its ACK.
    pub(crate) fn awaits_ack(&self) -> bool {
        self.state == (State::Accepted { acked: false })
    }

    fn terminate(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::Terminate);
    }
}
