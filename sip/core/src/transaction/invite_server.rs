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
    reliable_progress: Option<ReliableProgress>,
}

/// A provisional response that waits for its PRACK (RFC 3262 3).
#[derive(Debug)]
struct ReliableProgress {
    rseq: u32,
    interval: Duration,
}

/// How often a ringing phone is heard of.
const PROGRESS: Duration = Duration::from_secs(60);

impl InviteServer {
    /// An INVITE came. `trying` is the 100 that goes out when nobody says anything better in time.
    pub(crate) fn start(trying: Bytes, reliable: bool, timing: Timing, out: &mut Vec<Action>) -> Self {
        out.push(Action::Start(Timer::Trying, timing.trying_after));
        Self { state: State::Proceeding, reliable, timing, interval: timing.t1, trying, last: None, reliable_progress: None }
    }

    /// Sends a response. Returns whether it went out: after a final response nothing more does.
    pub(crate) fn respond(&mut self, status: u16, response: Bytes, out: &mut Vec<Action>) -> bool {
        if self.state != State::Proceeding {
            return false;
        }
        out.push(Action::Stop(Timer::Trying));
        out.push(Action::Send(response.clone()));
        let was_silent = self.last.replace(response).is_none();
        if status >= 200 {
            self.stop_progress(out);
        }
        match Class::of(status) {
            Class::Provisional if status > 100 && self.reliable_progress.is_none() => out.push(Action::Start(Timer::Progress, PROGRESS)),
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

    /// Sends a provisional response with this RSeq, again and again until its PRACK. Returns whether it went out: not while
    /// another one waits for its own (RFC 3262 3), and not after a final one.
    pub(crate) fn respond_reliably(&mut self, rseq: u32, response: Bytes, out: &mut Vec<Action>) -> bool {
        if self.state != State::Proceeding || self.reliable_progress.is_some() {
            return false;
        }
        out.push(Action::Stop(Timer::Trying));
        out.push(Action::Stop(Timer::Progress));
        out.push(Action::Send(response.clone()));
        out.push(Action::Start(Timer::Reliable, self.timing.t1));
        out.push(Action::Start(Timer::NoPrack, self.timing.give_up()));
        self.last = Some(response);
        self.reliable_progress = Some(ReliableProgress { rseq, interval: self.timing.t1 });
        true
    }

    /// A PRACK came for this RSeq. Returns whether one was waited for.
    pub(crate) fn handle_prack(&mut self, rseq: u32, out: &mut Vec<Action>) -> bool {
        let is_awaited = self.reliable_progress.take_if(|progress| progress.rseq == rseq).is_some();
        if is_awaited {
            out.push(Action::Stop(Timer::Reliable));
            out.push(Action::Stop(Timer::NoPrack));
        }
        is_awaited
    }

    fn stop_progress(&mut self, out: &mut Vec<Action>) {
        self.reliable_progress = None;
        out.extend([Timer::Reliable, Timer::NoPrack, Timer::Progress].map(Action::Stop));
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
            (State::Proceeding, Timer::Reliable) => {
                if let (Some(progress), Some(last)) = (&mut self.reliable_progress, &self.last) {
                    out.push(Action::Send(last.clone()));
                    progress.interval *= 2;
                    out.push(Action::Start(Timer::Reliable, progress.interval));
                }
            }
            (State::Proceeding, Timer::NoPrack) => {
                self.stop_progress(out);
                out.push(Action::PrackMissing);
            }
            (State::Proceeding, Timer::Progress) => {
                if let Some(last) = &self.last {
                    out.push(Action::Send(last.clone()));
                    out.push(Action::Start(Timer::Progress, PROGRESS));
                }
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

    /// Whether a provisional response of ours still waits for its PRACK.
    pub(crate) fn awaits_prack(&self) -> bool {
        self.reliable_progress.is_some()
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
