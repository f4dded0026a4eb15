//! The non-INVITE server transaction (RFC 3261 17.2.2).

use bytes::Bytes;

use super::{Action, Class, Timer, Timing, is_challenge};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

#[derive(Debug)]
pub(crate) struct NonInviteServer {
    state: State,
    reliable: bool,
    timing: Timing,
    last: Option<Bytes>,
}

impl NonInviteServer {
    /// A request came. RFC 4320 forbids a 100 before timer E reaches T2, and nothing here takes that long: no timer runs yet but
    /// `J`, which also ends a transaction that nobody ever answers.
    pub(crate) fn start(reliable: bool, timing: Timing, out: &mut Vec<Action>) -> Self {
        out.push(Action::Start(Timer::J, timing.give_up()));
        Self { state: State::Trying, reliable, timing, last: None }
    }

    /// Sends a response. Returns whether it went out: after a final response nothing more does.
    pub(crate) fn respond(&mut self, status: u16, response: Bytes, out: &mut Vec<Action>) -> bool {
        if !self.is_unanswered() {
            return false;
        }
        out.push(Action::Send(response.clone()));
        self.last = Some(response);
        match Class::of(status) {
            Class::Provisional => self.state = State::Proceeding,
            Class::Success | Class::Failure => {
                self.state = State::Completed;
                if self.reliable {
                    self.terminate(out);
                } else {
                    let memory = if is_challenge(status) { self.timing.t4 } else { self.timing.give_up() };
                    out.push(Action::Start(Timer::J, memory));
                }
            }
        }
        true
    }

    /// The request came again.
    pub(crate) fn handle_retransmission(&mut self, out: &mut Vec<Action>) {
        if let Some(last) = &self.last {
            out.push(Action::Send(last.clone()));
        }
    }

    pub(crate) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        if timer == Timer::J && self.state != State::Terminated {
            self.terminate(out);
        }
    }

    /// The connection the request came by is gone, and with it everybody who waits for an answer.
    pub(crate) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        if self.state != State::Terminated {
            self.terminate(out);
        }
    }

    /// Whether a response may still be sent.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Trying | State::Proceeding)
    }

    fn terminate(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::Terminate);
    }
}
