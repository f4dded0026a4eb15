//! Admission: an INVITE that `sip/leg` let through becomes a call, or is refused before it costs anything.

use std::sync::{Arc, PoisonError, RwLock};

use carillon_call::{Call, CallSetup, Destination, Dialler, Newcomer, Start};
use carillon_dialplan::{Ask, Plan};
use carillon_model::{AgentId, CallId, CallKind, LegId, MediaSecurity, Name, Number, Origin, PhoneId, Queue};
use carillon_sip_leg::{self as sip, Peer};

use super::{
    legs::sip_leg,
    mailbox::{Input, Mailbox},
    protection::refusal,
    registry::On,
    task::{CallTask, CallerLeg, Surroundings},
};
use crate::{
    clock,
    dispatch::Snapshot,
    telemetry::{Readiness, names},
};

/// An INVITE whose sender is known.
#[derive(Debug)]
pub struct Invitation {
    /// The caller's leg.
    pub leg: LegId,
    /// Who sends it.
    pub from: Peer,
    /// Who calls.
    pub caller: Number,
    /// The caller's display name.
    pub caller_name: Option<Name>,
    /// What was dialled.
    pub called: Number,
    /// The one device that is meant of the phone that was dialled; `None`: all of them.
    pub device: Option<String>,
    /// Where its signalling comes from.
    pub signalled_from: std::net::IpAddr,
    /// Its SDP offer, if it has one.
    pub offer: Option<Vec<u8>>,
    /// Hops that calls made on its behalf may still take: what ends a loop through a trunk.
    pub hops_left: u8,
}

/// A call an agent asks for.
#[derive(Debug)]
pub struct Wish {
    /// The agent's phone, which rings first.
    pub phone: PhoneId,
    /// What is to be dialled.
    pub called: Number,
    /// Where that leads.
    pub destination: Destination,
    /// The queue in whose name.
    pub queue: Option<Queue>,
}

/// A call made for an agent.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// The call.
    pub call: CallId,
    /// Its short number.
    pub number: u64,
}

/// There is no room for a call.
#[derive(Debug, Clone, Copy)]
pub struct NoRoom;

/// Takes in calls.
#[derive(Debug)]
pub struct Admission {
    around: Arc<Surroundings>,
    plan: RwLock<Arc<Plan>>,
}

impl Admission {
    /// With the plan that new calls follow.
    pub fn new(around: Arc<Surroundings>, plan: Plan) -> Self {
        Self { around, plan: RwLock::new(Arc::new(plan)) }
    }

    /// What its calls work with.
    pub fn around(&self) -> &Arc<Surroundings> {
        &self.around
    }

    /// The plan that new calls follow.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plan that new calls follow from here on; calls that are up keep theirs.
    pub fn replace_plan(&self, plan: Plan) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }

    /// Starts a call for an INVITE, or refuses it. Never waits.
    pub fn invited(&self, invitation: Invitation) {
        let leg = invitation.leg;
        if let Err(refusal) = self.admit(invitation) {
            self.refuse(leg, refusal);
        }
    }

    fn admit(&self, invitation: Invitation) -> Result<(), Refusal> {
        let directory = self.around.directory.read();
        let is_emergency = matches!(invitation.from, Peer::Phone(_)) && directory.site.is_emergency(&invitation.called);
        self.has_room(is_emergency)?;
        let now = clock::now();
        let call = CallId::new(self.around.next_id(now));
        let plan = self.plan();
        let (origin, on, security) = origin(&directory, &invitation.from).ok_or(UNKNOWN_ORIGIN)?;
        self.can_be_protected(&invitation, security)?;
        if !self.around.calls.own_leg(invitation.leg, call, on) {
            return Err(TRUNK_FULL);
        }
        let agents = self.around.acd.agents_by_phone();
        let by = match origin {
            Origin::Phone(phone) => Some(Dialler { phone, agent: agents.get(&phone).copied(), queue: None }),
            Origin::Trunk(_) => None,
        };
        let ask = Ask {
            trunk: on.trunk().map(|trunk| trunk.name.as_str()),
            called: invitation.called.as_str(),
            caller: invitation.caller.as_str(),
            local: self.around.local_time(),
        };
        // Whoever has an alias is called by it, whatever name the telephone sends.
        let caller_name = alias(&directory, by.as_ref().and_then(|by| by.agent)).or(invitation.caller_name);
        let (kind, start) = Start::of(&plan, &directory.site, &ask, by.as_ref());
        let device = invitation.device.map(|device| (invitation.called.clone(), device));
        let setup = CallSetup {
            call,
            number: self.around.journal.next_call_number(),
            kind,
            origin,
            caller: invitation.caller,
            caller_name,
            called: invitation.called,
            leg: invitation.leg,
            start,
            plan,
            site: Arc::clone(&directory.site),
            agents,
            speech: self.around.speech(),
        };
        let Invitation { leg, signalled_from, hops_left, .. } = invitation;
        let caller = CallerLeg { leg, signalled_from, security, hops_left, device };
        self.begin(setup, Some(caller));
        Ok(())
    }

    /// Makes the call an agent asks for. Never waits.
    ///
    /// # Errors
    /// There is no room for it, or the server is not ready or is draining: what never keeps an emergency call out.
    pub fn make(&self, wish: Wish) -> Result<Made, NoRoom> {
        self.has_room(wish.destination.is_emergency()).map_err(|_| NoRoom)?;
        let (now, directory) = (clock::now(), self.around.directory.read());
        let Wish { phone, called, destination, queue } = wish;
        let caller = directory.phones.get(&phone).map(|phone| Number::new(phone.name.as_str())).ok_or(NoRoom)?;
        let agents = self.around.acd.agents_by_phone();
        let caller_name = alias(&directory, agents.get(&phone).copied());
        let kind = if destination.is_outside() { CallKind::Outbound } else { CallKind::Internal };
        let setup = CallSetup {
            call: CallId::new(self.around.next_id(now)),
            number: self.around.journal.next_call_number(),
            kind,
            origin: Origin::Phone(phone),
            caller,
            caller_name,
            called,
            leg: LegId::new(self.around.next_id(now)),
            start: Start::Click { phone, destination, queue: queue.map(|queue| queue.id) },
            plan: self.plan(),
            site: Arc::clone(&directory.site),
            agents,
            speech: self.around.speech(),
        };
        let made = Made { call: setup.call, number: setup.number };
        self.begin(setup, None);
        Ok(made)
    }

    /// A leg came in that shall take the place of another: its call is asked. Never waits.
    pub fn replaces(&self, invitation: Invitation, old: LegId) {
        let leg = invitation.leg;
        if let Err(refusal) = self.admit_newcomer(invitation, old) {
            self.refuse(leg, refusal);
        }
    }

    fn refuse(&self, leg: LegId, refusal: Refusal) {
        let Refusal { status, reason, words } = refusal;
        metrics::counter!(names::SIP_REFUSED, "reason" => reason).increment(1);
        self.around.order_sip(sip::Command::Refuse { leg: sip_leg(leg), status, reason: words.map(str::to_owned) });
    }

    fn admit_newcomer(&self, invitation: Invitation, old: LegId) -> Result<(), Refusal> {
        let gone = Refusal { status: 481, reason: "nobody_to_replace", words: None };
        let calls = &self.around.calls;
        let (call, directory) = (calls.call_of_part(old.as_u128()).ok_or(gone)?, self.around.directory.read());
        let (origin, on, security) = origin(&directory, &invitation.from).ok_or(UNKNOWN_ORIGIN)?;
        self.can_be_protected(&invitation, security)?;
        let agent = match &origin {
            Origin::Phone(phone) => self.around.acd.agents_by_phone().get(phone).copied(),
            Origin::Trunk(_) => None,
        };
        let mailbox = calls.mailbox(call).ok_or(gone)?;
        if !calls.own_leg(invitation.leg, call, on) {
            return Err(TRUNK_FULL);
        }
        let newcomer = Newcomer { leg: invitation.leg, origin, party: invitation.caller, agent };
        mailbox.post(Input::Replace { old, newcomer, signalled_from: invitation.signalled_from, security });
        Ok(())
    }

    /// Refuses an offer of audio that is not kept from others as the phone's or trunk's setting wants it.
    fn can_be_protected(&self, invitation: &Invitation, security: MediaSecurity) -> Result<(), Refusal> {
        let offer = invitation.offer.as_deref().filter(|offer| !offer.is_empty());
        let words = offer.and_then(|offer| refusal(security, self.around.media.fingerprint(), invitation.signalled_from, offer));
        words.map_or(Ok(()), |words| Err(Refusal { status: 488, reason: "media_security", words: Some(words) }))
    }

    fn begin(&self, setup: CallSetup, caller: Option<CallerLeg>) {
        metrics::counter!(names::CALLS_STARTED, "kind" => kind_name(setup.kind)).increment(1);
        let call = setup.call;
        let (mailbox, inbox) = Mailbox::new();
        let of_phone = match setup.origin {
            Origin::Phone(phone) => self.around.calls.thread_of_phone(phone),
            Origin::Trunk(_) => None,
        };
        let thread = of_phone.unwrap_or_else(|| self.around.media.thread_for_new_call());
        self.around.calls.enter(call, mailbox.clone(), thread);
        let machine = Call::new(clock::now(), setup, self.around.id_source());
        CallTask::new(Arc::clone(&self.around), call, machine, mailbox, inbox, caller, thread).start();
    }

    /// What keeps a call out before anything is looked at. Nothing keeps one to emergency services out, whatever way it is made.
    fn has_room(&self, is_emergency: bool) -> Result<(), Refusal> {
        if is_emergency {
            return Ok(());
        }
        if self.around.health.readiness() != Readiness::Ready {
            return Err(Refusal { status: 503, reason: "not_ready", words: None });
        }
        if self.around.calls.len() >= self.around.max_calls {
            return Err(Refusal { status: 503, reason: "too_many_calls", words: None });
        }
        Ok(())
    }
}

/// What those whom an agent calls see in place of the agent's name.
fn alias(directory: &Snapshot, agent: Option<AgentId>) -> Option<Name> {
    directory.users.get(&agent?.into())?.agent.as_ref()?.alias.clone().map(Name::new)
}

#[derive(Clone, Copy)]
struct Refusal {
    status: u16,
    /// Its name in the metrics.
    reason: &'static str,
    /// What the caller is told, where the status says too little.
    words: Option<&'static str>,
}

const UNKNOWN_ORIGIN: Refusal = Refusal { status: 403, reason: "unknown_origin", words: None };
const TRUNK_FULL: Refusal = Refusal { status: 503, reason: "trunk_full", words: None };

/// Where a call comes from, what its leg takes, and how its audio is to be kept from others.
fn origin<'a>(directory: &'a Snapshot, from: &Peer) -> Option<(Origin, On<'a>, MediaSecurity)> {
    match from {
        Peer::Phone(name) => directory.phone_named(name).map(|phone| (Origin::Phone(phone.id), On::Phone(phone.id), phone.media_security)),
        Peer::Trunk(name) => directory.trunk_named(name).map(|trunk| (Origin::Trunk(trunk.id), On::In(trunk), trunk.media_security)),
    }
}

fn kind_name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Inbound => "inbound",
        CallKind::Outbound => "outbound",
        CallKind::Internal => "internal",
        CallKind::Dialer => "dialer",
        CallKind::Service => "service",
    }
}
