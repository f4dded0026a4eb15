//! The non-INVITE client transaction (RFC 3261 17.1.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Class, Delivery, Timer, Timing};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

#[derive(Debug)]
pub(crate) struct NonInviteClient {
    state: State,
    reliable: bool,
    timing: Timing,
    interval: Duration,
    request: Bytes,
}

impl NonInviteClient {
    /// Sends the request.
    pub(crate) fn start(request: Bytes, reliable: bool, timing: Timing, out: &mut Vec<Action>) -> Self {
        out.push(Action::Send(request.clone()));
        if !reliable {
            out.push(Action::Start(Timer::E, timing.t1));
        }
        out.push(Action::Start(Timer::F, timing.give_up()));
        Self { state: State::Trying, reliable, timing, interval: timing.t1, request }
    }

    pub(crate) fn handle_response(&mut self, status: u16, out: &mut Vec<Action>) -> Delivery {
        match (self.state, Class::of(status)) {
            (State::Trying | State::Proceeding, Class::Provisional) => {
                self.state = State::Proceeding;
                Delivery::News
            }
            (State::Trying | State::Proceeding, Class::Success | Class::Failure) => {
                out.push(Action::Stop(Timer::E));
                out.push(Action::Stop(Timer::F));
                self.state = State::Completed;
                if self.reliable {
                    self.terminate(out);
                } else {
                    out.push(Action::Start(Timer::K, self.timing.t4));
                }
                Delivery::News
            }
            (State::Completed | State::Terminated, _) => Delivery::Absorbed,
        }
    }

    pub(crate) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (self.state, timer) {
            (State::Trying | State::Proceeding, Timer::E) => {
                out.push(Action::Send(self.request.clone()));
                self.interval = match self.state {
                    State::Proceeding => self.timing.t2,
                    State::Trying | State::Completed | State::Terminated => self.timing.back_off(self.interval),
                };
                out.push(Action::Start(Timer::E, self.interval));
            }
            (State::Trying | State::Proceeding, Timer::F) => {
                out.push(Action::TimedOut);
                self.terminate(out);
            }
            (State::Completed, Timer::K) => self.terminate(out),
            _ => {}
        }
    }

    /// RFC 3261 17.1.4.
    pub(crate) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Trying | State::Proceeding => {
                out.push(Action::TransportFailed);
                self.terminate(out);
            }
            State::Completed => self.terminate(out),
            State::Terminated => {}
        }
    }

    /// Whether nothing came at all.
    pub(crate) fn is_trying(&self) -> bool {
        self.state == State::Trying
    }

    fn terminate(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::Terminate);
    }
}
