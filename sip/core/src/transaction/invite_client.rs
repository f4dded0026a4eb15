//! The INVITE client transaction (RFC 3261 17.1.1, RFC 6026 7.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Class, Delivery, Timer, Timing};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Sent, nothing heard.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A 2xx came; more may come from other branches of a fork, or repeat (RFC 6026).
    Accepted,
    /// A final response other than 2xx came and has its ACK.
    Completed,
    Terminated,
}

#[derive(Debug)]
pub(crate) struct InviteClient {
    state: State,
    reliable: bool,
    timing: Timing,
    interval: Duration,
    request: Bytes,
    ack: Bytes,
}

impl InviteClient {
    /// Sends the INVITE.
    pub(crate) fn start(request: Bytes, reliable: bool, timing: Timing, out: &mut Vec<Action>) -> Self {
        out.push(Action::Send(request.clone()));
        if !reliable {
            out.push(Action::Start(Timer::A, timing.t1));
        }
        out.push(Action::Start(Timer::B, timing.give_up()));
        Self { state: State::Calling, reliable, timing, interval: timing.t1, request, ack: Bytes::new() }
    }

    /// RFC 3261 17.1.1.2. `ack` builds the ACK of a final response other than 2xx (17.1.1.3).
    pub(crate) fn handle_response(&mut self, status: u16, ack: impl FnOnce() -> Bytes, out: &mut Vec<Action>) -> Delivery {
        match (self.state, Class::of(status)) {
            (State::Calling | State::Proceeding, Class::Provisional) => {
                self.stop_calling(out);
                self.state = State::Proceeding;
                Delivery::News
            }
            (State::Calling | State::Proceeding, Class::Success) => {
                self.stop_calling(out);
                out.push(Action::Stop(Timer::Cancelled));
                out.push(Action::Start(Timer::M, self.timing.give_up()));
                self.state = State::Accepted;
                Delivery::News
            }
            (State::Calling | State::Proceeding, Class::Failure) => {
                self.stop_calling(out);
                out.push(Action::Stop(Timer::Cancelled));
                self.ack = ack();
                out.push(Action::Send(self.ack.clone()));
                self.complete(out);
                Delivery::News
            }
            // RFC 6026 7.2: each 2xx goes up; the endpoint tells a repeated one from another branch's by its To tag.
            (State::Accepted, Class::Success) => Delivery::News,
            (State::Completed, Class::Failure) => {
                out.push(Action::Send(self.ack.clone()));
                Delivery::Absorbed
            }
            (State::Accepted, Class::Provisional | Class::Failure)
            | (State::Completed, Class::Provisional | Class::Success)
            | (State::Terminated, _) => Delivery::Absorbed,
        }
    }

    pub(crate) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (self.state, timer) {
            (State::Calling, Timer::A) => {
                out.push(Action::Send(self.request.clone()));
                self.interval *= 2;
                out.push(Action::Start(Timer::A, self.interval));
            }
            (State::Calling, Timer::B) | (State::Calling | State::Proceeding, Timer::Cancelled) => {
                out.push(Action::TimedOut);
                self.terminate(out);
            }
            (State::Accepted, Timer::M) | (State::Completed, Timer::D) => self.terminate(out),
            _ => {}
        }
    }

    /// RFC 3261 17.1.4: the request was not delivered, or the connection its answers would come by is gone.
    pub(crate) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        match self.state {
            State::Calling | State::Proceeding => {
                out.push(Action::TransportFailed);
                self.terminate(out);
            }
            State::Accepted | State::Completed | State::Terminated => {}
        }
    }

    /// Starts the wait of RFC 3261 9.1: after a CANCEL, or when its dialog is gone, the INVITE must end within 64*T1.
    pub(crate) fn cancel_sent(&mut self, out: &mut Vec<Action>) {
        if self.is_unanswered() {
            out.push(Action::Start(Timer::Cancelled, self.timing.give_up()));
        }
    }

    /// Whether a CANCEL may be sent now: something came, but nothing final (RFC 3261 9.1).
    pub(crate) fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Whether nothing came at all.
    pub(crate) fn is_calling(&self) -> bool {
        self.state == State::Calling
    }

    /// Whether no final response came yet.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Calling | State::Proceeding)
    }

    fn stop_calling(&self, out: &mut Vec<Action>) {
        if self.state == State::Calling {
            out.push(Action::Stop(Timer::A));
            out.push(Action::Stop(Timer::B));
        }
    }

    fn complete(&mut self, out: &mut Vec<Action>) {
        self.state = State::Completed;
        if self.reliable {
            self.terminate(out);
        } else {
            out.push(Action::Start(Timer::D, self.timing.give_up()));
        }
    }

    fn terminate(&mut self, out: &mut Vec<Action>) {
        self.state = State::Terminated;
        out.push(Action::Terminate);
    }
}
