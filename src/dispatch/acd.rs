//! The one owner of `desk/acd`: a task with a bounded mailbox. It never waits for a call.

use std::{collections::BTreeMap, sync::Arc};

use carillon_acd::{self as desk, AgentView, CommandRefused, Effect, Event, LastKnown, LogInRefused, QueueView, Setup, Taken, WaitingView};
use carillon_model::{AgentId, CallId, CallToAcd, EndedBy, Fact, Now, OfferId, PauseId, PhoneId, QueueId};
use tokio::sync::{mpsc, oneshot, watch};

use super::Snapshot;
use crate::{
    calls::{Calls, Input, sleep_until},
    clock,
    journal::Journal,
    telemetry::names,
};

/// Wrap-up of agents who were on a call when the server was restarted.
const RESTART_WRAPUP_MS: u32 = 10_000;
/// Wrap-up after a call outside in no queue's name, of agents who have none of their own.
const OUTSIDE_WRAPUP_MS: u32 = 10_000;
/// An agent whose phone has been gone for this long has gone home: the desk is free for somebody else.
const RELEASE_UNREACHABLE_MS: u32 = 30 * 60_000;
/// Orders that may wait. Calls wait for room here; `acd` waits for nobody, so there is no cycle.
const CAPACITY: usize = 1024;

enum Order {
    Event(Event),
    LogIn { agent: AgentId, phone: PhoneId, pause: Option<PauseId>, reply: oneshot::Sender<Result<(), LogInRefused>> },
    LogOut { agent: AgentId, by: EndedBy, reply: oneshot::Sender<Result<Taken, CommandRefused>> },
    Pause { agent: AgentId, pause: PauseId, reply: oneshot::Sender<Result<Taken, CommandRefused>> },
    PauseIn { agent: AgentId, queue: QueueId, pause: PauseId, reply: oneshot::Sender<Result<Taken, CommandRefused>> },
    ResumeIn { agent: AgentId, queue: QueueId, reply: oneshot::Sender<Result<(), CommandRefused>> },
    Resume { agent: AgentId, reply: oneshot::Sender<Result<(), CommandRefused>> },
    Decline { agent: AgentId, offer: OfferId, reply: oneshot::Sender<Result<(), CommandRefused>> },
    EndWrapUp { agent: AgentId, reply: oneshot::Sender<Result<(), CommandRefused>> },
    Agent { agent: AgentId, reply: oneshot::Sender<AgentView> },
    View { reply: oneshot::Sender<View> },
}

/// How things stand in all queues at one moment.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Every agent.
    pub agents: Vec<AgentView>,
    /// Every queue.
    pub queues: Vec<QueueView>,
    /// Every waiting call, next first within its queue.
    pub waiting: Vec<WaitingView>,
    /// Phones an agent may log in with: registered and nobody's.
    pub available_phones: Vec<PhoneId>,
}

/// The way to the owner of queues and agents.
#[derive(Debug, Clone)]
pub struct Acd {
    orders: mpsc::Sender<Order>,
    agents_by_phone: watch::Receiver<Arc<BTreeMap<PhoneId, AgentId>>>,
}

/// The owner itself.
pub struct AcdTask {
    engine: desk::Acd,
    orders: mpsc::Receiver<Order>,
    agents_by_phone: watch::Sender<Arc<BTreeMap<PhoneId, AgentId>>>,
}

impl Acd {
    /// The way to it and the task that is to be run.
    pub fn new(engine: desk::Acd) -> (Self, AcdTask) {
        let (orders, inbox) = mpsc::channel(CAPACITY);
        let (publish, agents_by_phone) = watch::channel(Arc::default());
        (Self { orders, agents_by_phone }, AcdTask { engine, orders: inbox, agents_by_phone: publish })
    }

    /// The agents logged in, by the phone each works with.
    pub fn agents_by_phone(&self) -> Arc<BTreeMap<PhoneId, AgentId>> {
        Arc::clone(&self.agents_by_phone.borrow())
    }

    /// What a call says.
    pub async fn from_call(&self, call: CallId, message: CallToAcd) {
        self.tell(Event::FromCall { call, message }).await;
    }

    /// Anything else that happens.
    pub async fn tell(&self, event: Event) {
        // Fails only when the server has stopped.
        let _ = self.orders.send(Order::Event(event)).await;
    }

    /// Logs an agent in with a phone, with a pause if one is given.
    ///
    /// # Errors
    /// Why not.
    pub async fn log_in(&self, agent: AgentId, phone: PhoneId, pause: Option<PauseId>) -> Result<(), LogInRefused> {
        self.ask(|reply| Order::LogIn { agent, phone, pause, reply }).await.unwrap_or(Err(LogInRefused::ShuttingDown))
    }

    /// Logs an agent out, after the call if there is one.
    ///
    /// # Errors
    /// The agent is not logged in.
    pub async fn log_out(&self, agent: AgentId, by: EndedBy) -> Result<Taken, CommandRefused> {
        self.ask(|reply| Order::LogOut { agent, by, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// Pauses an agent, after the call if there is one.
    ///
    /// # Errors
    /// Why not.
    pub async fn pause(&self, agent: AgentId, pause: PauseId) -> Result<Taken, CommandRefused> {
        self.ask(|reply| Order::Pause { agent, pause, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// Pauses an agent in one queue.
    ///
    /// # Errors
    /// Why not.
    pub async fn pause_in(&self, agent: AgentId, queue: QueueId, pause: PauseId) -> Result<Taken, CommandRefused> {
        self.ask(|reply| Order::PauseIn { agent, queue, pause, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// Ends an agent's pause in one queue.
    ///
    /// # Errors
    /// Why not.
    pub async fn resume_in(&self, agent: AgentId, queue: QueueId) -> Result<(), CommandRefused> {
        self.ask(|reply| Order::ResumeIn { agent, queue, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// Ends an agent's pause.
    ///
    /// # Errors
    /// Why not.
    pub async fn resume(&self, agent: AgentId) -> Result<(), CommandRefused> {
        self.ask(|reply| Order::Resume { agent, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// Ends an agent's wrap-up before its time.
    ///
    /// # Errors
    /// Why not.
    pub async fn end_wrap_up(&self, agent: AgentId) -> Result<(), CommandRefused> {
        self.ask(|reply| Order::EndWrapUp { agent, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// An agent declines an offer on the desktop.
    ///
    /// # Errors
    /// The offer is over, or another agent's.
    pub async fn decline(&self, agent: AgentId, offer: OfferId) -> Result<(), CommandRefused> {
        self.ask(|reply| Order::Decline { agent, offer, reply }).await.unwrap_or(Err(CommandRefused::NotLoggedIn))
    }

    /// How one agent stands.
    pub async fn agent(&self, agent: AgentId) -> AgentView {
        self.ask(|reply| Order::Agent { agent, reply }).await.unwrap_or_else(|| desk::Acd::new(0).agent(agent))
    }

    /// How things stand.
    pub async fn view(&self) -> View {
        self.ask(|reply| Order::View { reply }).await.unwrap_or_default()
    }

    /// Returns when all that it was told before is dealt with.
    pub async fn settled(&self) {
        let _ = self.view().await;
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(order(reply)).await.ok()?;
        answer.await.ok()
    }
}

/// What `desk/acd` needs of the set-up.
pub fn acd_setup(directory: &Snapshot) -> Setup {
    Setup {
        queues: directory.queues.values().cloned().collect(),
        agents: directory.at_work().map(|(id, agent)| (id, agent.clone())).collect(),
        memberships: directory.memberships.iter().filter(|membership| directory.may_work(membership.agent)).cloned().collect(),
        phones: directory.phones.values().cloned().collect(),
        restart_wrapup_ms: RESTART_WRAPUP_MS,
        outside_wrapup_ms: OUTSIDE_WRAPUP_MS,
        release_unreachable_ms: Some(RELEASE_UNREACHABLE_MS),
    }
}

impl AcdTask {
    /// Takes the set-up and the sessions of the last run, before it runs.
    pub fn prepare(&mut self, setup: Setup, last_known: Vec<LastKnown>) {
        let now = clock::now();
        self.engine.handle_event(now, Event::Configure(setup));
        self.engine.restore(now, last_known);
        self.publish_log_ins();
    }

    /// Runs until every way to it is gone.
    pub async fn run(mut self, calls: Arc<Calls>, journal: Journal) {
        loop {
            self.carry_out(&calls, &journal);
            let deadline = self.engine.poll_timeout();
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.take(clock::now(), order),
                    None => return,
                },
                () = sleep_until(deadline) => self.engine.handle_timeout(clock::now()),
            }
        }
    }

    fn take(&mut self, now: Now, order: Order) {
        // Whoever asked may have gone: then nobody wants the answer.
        match order {
            Order::Event(event) => self.engine.handle_event(now, event),
            Order::LogIn { agent, phone, pause, reply } => drop(reply.send(self.engine.log_in(now, agent, phone, pause))),
            Order::LogOut { agent, by, reply } => drop(reply.send(self.engine.log_out(now, agent, by))),
            Order::Pause { agent, pause, reply } => drop(reply.send(self.engine.pause(now, agent, pause))),
            Order::PauseIn { agent, queue, pause, reply } => drop(reply.send(self.engine.pause_in(now, agent, queue, pause))),
            Order::ResumeIn { agent, queue, reply } => drop(reply.send(self.engine.resume_in(now, agent, queue))),
            Order::Resume { agent, reply } => drop(reply.send(self.engine.resume(now, agent))),
            Order::Decline { agent, offer, reply } => drop(reply.send(self.engine.decline(now, agent, offer))),
            Order::EndWrapUp { agent, reply } => drop(reply.send(self.engine.end_wrap_up(now, agent))),
            Order::Agent { agent, reply } => drop(reply.send(self.engine.agent(agent))),
            Order::View { reply } => drop(reply.send(self.view())),
        }
    }

    fn view(&self) -> View {
        View {
            agents: self.engine.agents(),
            queues: self.engine.queues(),
            waiting: self.engine.waiting(),
            available_phones: self.engine.available_phones(),
        }
    }

    fn carry_out(&mut self, calls: &Calls, journal: &Journal) {
        let mut log_ins_changed = false;
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::ToCall { call, message } => {
                    if let Some(mailbox) = calls.mailbox(call) {
                        mailbox.post(Input::Acd(message));
                    }
                }
                Effect::Fact(fact) => {
                    log_ins_changed |= matches!(fact, Fact::AgentLoggedIn { .. } | Fact::AgentLoggedOut { .. });
                    if let Fact::OfferEnded { outcome, .. } = &fact {
                        metrics::counter!(names::OFFERS_ENDED, "outcome" => format!("{outcome:?}")).increment(1);
                    }
                    journal.append(clock::now(), fact);
                }
            }
        }
        if log_ins_changed {
            self.publish_log_ins();
        }
    }

    fn publish_log_ins(&self) {
        let claimed = self.engine.agents().into_iter().filter_map(|agent| Some((agent.phone?, agent.agent))).collect();
        self.agents_by_phone.send_replace(Arc::new(claimed));
    }
}

#[cfg(test)]
mod tests {
    use carillon_model::{Agent, AgentState, AutoAnswer, DialRights, Number, Phone, Typology};

    use super::*;

    #[test]
    fn who_was_logged_in_before_a_restart_is_known_to_the_first_call() {
        let (agent, phone) = (AgentId::from_u128(1), PhoneId::from_u128(2));
        let (acd, mut task) = Acd::new(desk::Acd::new(1));
        let a_worker = Agent {
            number: Number::new("201"),
            typology: Typology::External,
            wrapup_ms: None,
            dials: DialRights::usual(),
            caller_id: None,
            remote_control: true,
            alias: None,
            parts: carillon_model::Parts::default(),
            logs_in_paused: false,
        };
        let a_desk = Phone {
            id: phone,
            name: "1001".to_owned(),
            label: "Desk".to_owned(),
            any_media_source: false,
            auto_answer: AutoAnswer::Off,
            dials: DialRights::inside(),
            media_security: carillon_model::MediaSecurity::default(),
        };
        let setup = Setup {
            queues: Vec::new(),
            agents: vec![(agent, a_worker)],
            memberships: Vec::new(),
            phones: vec![a_desk],
            restart_wrapup_ms: 0,
            outside_wrapup_ms: 0,
            release_unreachable_ms: None,
        };
        task.prepare(
            setup,
            vec![LastKnown { agent, phone, state: AgentState::Available, pause: None, until: None, paused_in: Vec::new() }],
        );
        assert_eq!(*acd.agents_by_phone(), BTreeMap::from([(phone, agent)]));
    }
}
