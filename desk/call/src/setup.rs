//! What a call is told at its start, and the site it finds its way in.

use std::{collections::BTreeMap, fmt, sync::Arc};

use carillon_dialplan::{Action, Ask, DialTarget, Language, Plan, Walk};
use carillon_model::{
    Agent, AgentId, CallId, CallKind, DialRight, LegId, Name, Needs, Number, Origin, OutboundRoute, Phone, PhoneId, Queue, QueueId, Reason,
    RecordingPolicy, RouteClass, Trunk, TrunkId, Typology,
};
use jiff::tz::TimeZone;

use crate::{FeatureCode, Target};

/// What a call is told at its start.
#[derive(Clone)]
pub struct CallSetup {
    /// The call.
    pub call: CallId,
    /// Short number people use for it.
    pub number: u64,
    /// What it is.
    pub kind: CallKind,
    /// Where it comes from.
    pub origin: Origin,
    /// Who calls.
    pub caller: Number,
    /// The caller's display name, if any.
    pub caller_name: Option<Name>,
    /// What was dialled.
    pub called: Number,
    /// The caller's leg: it exists, unanswered; of a click it is made once the agent's phone can be had.
    pub leg: LegId,
    /// Where the call begins.
    pub start: Start,
    /// The dialplan that holds for this call from its start to its end.
    pub plan: Arc<Plan>,
    /// The site as it is now; it holds for this call to its end.
    pub site: Arc<Site>,
    /// The agents logged in, by phone: whose call it is when one of these phones calls.
    pub agents: Arc<BTreeMap<PhoneId, AgentId>>,
    /// How numbers and times are said.
    pub speech: Speech,
}

/// The language that things are said in, and the zone of the times that are said.
#[derive(Debug, Clone)]
pub struct Speech {
    /// The language.
    pub language: Language,
    /// The site's own zone.
    pub time_zone: TimeZone,
}

impl CallSetup {
    /// Whether an agent asked for the call, and the agent's own phone was rung first.
    pub(crate) fn is_clicked(&self) -> bool {
        matches!(self.start, Start::Click { .. })
    }
}

/// Without names, plan and site: it may stand in a log.
impl fmt::Debug for CallSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSetup")
            .field("call", &self.call)
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("origin", &self.origin)
            .field("caller", &self.caller)
            .field("called", &self.called)
            .field("leg", &self.leg)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

/// Where a call begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At a step of the dialplan.
    Step(String),
    /// By dialling, without a dialplan: for callers on our own phones. When that fails the caller is turned away with the reason.
    Dial(Destination),
    /// By ringing the phone of an agent who wants to call somebody; once that answered, by dialling.
    Click {
        /// The agent's phone.
        phone: PhoneId,
        /// Whom the agent wants.
        destination: Destination,
        /// The queue in whose name.
        queue: Option<QueueId>,
    },
    /// By serving the caller itself: a feature code dialled on one of our phones.
    Feature(FeatureCode),
    /// By turning the caller away.
    Refuse(Reason),
}

/// Who dials on one of our phones.
#[derive(Debug, Clone, Copy)]
pub struct Dialler<'a> {
    /// The phone.
    pub phone: PhoneId,
    /// The agent who works with it, if one does: then the agent's rights hold, else the phone's.
    pub agent: Option<AgentId>,
    /// Short name of the queue in whose name the agent calls.
    pub queue: Option<&'a str>,
}

impl Start {
    /// Where a call that just came in begins, and what it is. From our own phones (`by`) emergency numbers come before everything; then come
    /// feature codes, then the dialplan's routes. What no route takes may be dialled from our own phones only: a trunk's caller never reaches another trunk unless
    /// the plan says so.
    pub fn of(plan: &Arc<Plan>, site: &Site, ask: &Ask<'_>, by: Option<&Dialler<'_>>) -> (CallKind, Self) {
        let called = Number::new(ask.called);
        let Some(by) = by else {
            let step = plan.route(ask).map_or(Self::Refuse(Reason::NumberUnknown), |step| Self::Step(step.to_owned()));
            return (CallKind::Inbound, step);
        };
        if let Some(code) = FeatureCode::of(&called).filter(|_| !site.is_emergency(&called)) {
            return (CallKind::Service, Self::Feature(code));
        }
        let planned = plan.route(ask).filter(|_| !site.is_emergency(&called));
        let (goes_out, start) = match planned {
            Some(step) => (goes_out(plan, step, ask.called), Self::Step(step.to_owned())),
            None => match site.destination(&called, by) {
                Ok(destination) => (destination.is_outside(), Self::Dial(destination)),
                Err(reason) => (reason == Reason::Forbidden, Self::Refuse(reason)),
            },
        };
        (if goes_out { CallKind::Outbound } else { CallKind::Internal }, start)
    }

    /// Whether an emergency number is dialled.
    pub fn is_emergency(&self) -> bool {
        match self {
            Self::Dial(destination) | Self::Click { destination, .. } => destination.is_emergency(),
            Self::Step(_) | Self::Feature(_) | Self::Refuse(_) => false,
        }
    }
}

/// Whether a plan's step dials a number outside before anything else.
fn goes_out(plan: &Arc<Plan>, step: &str, called: &str) -> bool {
    let (_, first) = Walk::start(plan.clone(), step, called);
    matches!(first.action, Action::Dial { target: DialTarget::Number { .. }, .. })
}

/// Where a dialled number leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Whom to dial.
    pub target: Target,
    /// Trunks to try in this order when the target's cannot be had.
    pub fallback: Vec<TrunkId>,
    /// The number of who is dialled, as facts name it.
    pub party: Number,
    /// The number to show there; `None`: the caller's own.
    pub shown: Option<Number>,
    /// Recording of calls that go there.
    pub recording: RecordingPolicy,
}

impl Destination {
    /// Whether it leaves the site.
    pub fn is_outside(&self) -> bool {
        match self.target {
            Target::Phone(_) => false,
            Target::Trunk { .. } => true,
        }
    }

    /// Whether it leads to emergency services.
    pub fn is_emergency(&self) -> bool {
        matches!(self.target, Target::Trunk { emergency: true, .. })
    }

    /// The same by the next trunk.
    pub(crate) fn by_next_trunk(&self) -> Option<Self> {
        let Target::Trunk { number, emergency, .. } = &self.target else { return None };
        let (next, rest) = self.fallback.split_first()?;
        let target = Target::Trunk { trunk: *next, number: number.clone(), emergency: *emergency };
        Some(Self { target, fallback: rest.to_vec(), ..self.clone() })
    }
}

/// The site's queues, agents, phones and ways out, as one unchanging picture.
#[derive(Debug, Clone, Default)]
pub struct Site {
    queues_by_name: BTreeMap<String, Queue>,
    agents_by_id: BTreeMap<AgentId, Agent>,
    phones_by_id: BTreeMap<PhoneId, (Phone, Number)>,
    phones_by_name: BTreeMap<String, PhoneId>,
    trunks_by_name: BTreeMap<String, TrunkId>,
    routes: Vec<OutboundRoute>,
}

impl Site {
    /// The picture. A route whose trunk is not among `trunks` leads nowhere and is left out.
    pub fn new(queues: Vec<Queue>, agents: Vec<(AgentId, Agent)>, phones: &[Phone], trunks: &[Trunk], routes: Vec<OutboundRoute>) -> Self {
        Self {
            queues_by_name: queues.into_iter().map(|queue| (queue.name.clone(), queue)).collect(),
            agents_by_id: agents.into_iter().collect(),
            phones_by_name: phones.iter().map(|phone| (phone.name.clone(), phone.id)).collect(),
            phones_by_id: phones.iter().map(|phone| (phone.id, (phone.clone(), Number::new(phone.name.as_str())))).collect(),
            trunks_by_name: trunks.iter().map(|trunk| (trunk.name.clone(), trunk.id)).collect(),
            routes: routes.into_iter().filter(|route| trunks.iter().any(|trunk| trunk.id == route.trunk)).collect(),
        }
    }

    /// The outbound routes.
    pub fn routes(&self) -> &[OutboundRoute] {
        &self.routes
    }

    /// Where a number dialled on one of our phones leads: to emergency services, to the phone of that name, else out by the route whose
    /// prefix fits longest.
    ///
    /// # Errors
    /// [`Reason::Forbidden`]: whoever dials may not. [`Reason::NumberUnknown`]: it leads nowhere.
    pub fn destination(&self, dialled: &Number, by: &Dialler<'_>) -> Result<Destination, Reason> {
        if let Some(route) = self.emergency_route(dialled) {
            return Ok(way_out(route, dialled, route.caller_id.clone()));
        }
        if let Some(inside) = self.phone(dialled.as_str()) {
            return if self.may(by, DialRight::Internal) { Ok(inside) } else { Err(Reason::Forbidden) };
        }
        let route = self.route(dialled.as_str(), None).filter(|_| dialled.is_diallable()).ok_or(Reason::NumberUnknown)?;
        match route.class.needs() {
            Needs::Right(right) if !self.may(by, right) => Err(Reason::Forbidden),
            Needs::Impossible => Err(Reason::Forbidden),
            Needs::Nothing | Needs::Right(_) => Ok(way_out(route, dialled, self.identity(route, by))),
        }
    }

    /// The phone of this name.
    pub fn phone_named(&self, name: &str) -> Option<PhoneId> {
        self.phones_by_name.get(name).copied()
    }

    /// What right dialling this takes, in the words of [`RouteClass`]; `None`: none, or it leads nowhere.
    pub fn class_of(&self, dialled: &Number) -> Option<RouteClass> {
        self.route(dialled.as_str(), None).map(|route| route.class)
    }

    /// The emergency numbers of this site.
    pub fn emergency_numbers(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().filter(|route| route.class == RouteClass::Emergency).map(|route| route.prefix.as_str())
    }

    /// Whether it is an emergency number of this site.
    pub fn is_emergency(&self, dialled: &Number) -> bool {
        self.emergency_route(dialled).is_some()
    }

    /// The queue of a name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues_by_name.get(name)
    }

    /// The way to a phone.
    pub fn to_phone(&self, phone: PhoneId) -> Option<Destination> {
        self.number_of(phone).and_then(|number| self.phone(number.as_str()))
    }

    /// Music for whoever is put on hold: that of the call's queue, else of any.
    pub(crate) fn music(&self, queue: Option<QueueId>) -> Option<String> {
        let queues = self.queues_by_name.values();
        queues.clone().find(|one| Some(one.id) == queue).or_else(|| queues.clone().next()).map(|queue| queue.music.clone())
    }

    pub(crate) fn queue_named(&self, id: QueueId) -> Option<&Queue> {
        self.queues_by_name.values().find(|queue| queue.id == id)
    }

    /// The internal number of a phone.
    pub(crate) fn number_of(&self, phone: PhoneId) -> Option<&Number> {
        self.phones_by_id.get(&phone).map(|(_, number)| number)
    }

    /// Whether a phone is the page of a WebRTC agent, whose number is its name: it may be gone for a moment and come back.
    pub(crate) fn is_page(&self, phone: PhoneId) -> bool {
        let Some(number) = self.number_of(phone) else { return false };
        self.agents_by_id.values().any(|agent| agent.typology == Typology::WebRtc && agent.number == *number)
    }

    /// Where a dialplan's `dial` leads. What a plan dials needs no right, as its writer decides; what nobody may dial it may not either.
    ///
    /// # Errors
    /// [`Reason::Forbidden`]: to a number nobody may dial. [`Reason::NoRoute`]: nowhere.
    pub(crate) fn dial_target(&self, target: &DialTarget) -> Result<Destination, Reason> {
        let (number, trunk) = match target {
            DialTarget::Phone(name) => return self.phone(name).ok_or(Reason::NoRoute),
            DialTarget::Number { number, trunk } => (Number::new(number), trunk),
        };
        if self.class_of(&number).is_some_and(|class| class.needs() == Needs::Impossible) {
            return Err(Reason::Forbidden);
        }
        let Some(trunk) = trunk else {
            let route = self.route(number.as_str(), None).ok_or(Reason::NoRoute)?;
            return Ok(way_out(route, &number, route.caller_id.clone()));
        };
        let trunk = *self.trunks_by_name.get(trunk).ok_or(Reason::NoRoute)?;
        let route = self.route(number.as_str(), Some(trunk));
        Ok(Destination {
            target: Target::Trunk { trunk, number: number.clone(), emergency: false },
            fallback: Vec::new(),
            shown: route.and_then(|route| route.caller_id.clone()),
            recording: route.map(|route| route.recording.clone()).unwrap_or_default(),
            party: number,
        })
    }

    fn phone(&self, name: &str) -> Option<Destination> {
        let phone = self.phones_by_name.get(name)?;
        let (party, recording) = (Number::new(name), RecordingPolicy::default());
        Some(Destination { target: Target::Phone(*phone), fallback: Vec::new(), party, shown: None, recording })
    }

    fn route(&self, dialled: &str, insisted: Option<TrunkId>) -> Option<&OutboundRoute> {
        let fits = |route: &&OutboundRoute| {
            route.class != RouteClass::Emergency && insisted.is_none_or(|trunk| route.trunk == trunk) && dialled.starts_with(&route.prefix)
        };
        self.routes.iter().filter(fits).max_by_key(|route| route.prefix.len())
    }

    fn emergency_route(&self, dialled: &Number) -> Option<&OutboundRoute> {
        self.routes.iter().find(|route| route.class == RouteClass::Emergency && route.prefix == dialled.as_str())
    }

    fn may(&self, by: &Dialler<'_>, right: DialRight) -> bool {
        let of_agent = by.agent.and_then(|agent| self.agents_by_id.get(&agent)).map(|agent| &agent.dials);
        let of_phone = || self.phones_by_id.get(&by.phone).map(|(phone, _)| &phone.dials);
        of_agent.or_else(of_phone).is_some_and(|rights| rights.include(right))
    }

    /// The queue's number, else the agent's, else the route's.
    fn identity(&self, route: &OutboundRoute, by: &Dialler<'_>) -> Option<Number> {
        let of_queue = by.queue.and_then(|queue| self.queue(queue)?.caller_id.clone());
        let of_agent = || by.agent.and_then(|agent| self.agents_by_id.get(&agent)?.caller_id.clone());
        of_queue.or_else(of_agent).or_else(|| route.caller_id.clone())
    }
}

fn way_out(route: &OutboundRoute, dialled: &Number, shown: Option<Number>) -> Destination {
    Destination {
        target: Target::Trunk { trunk: route.trunk, number: dialled.clone(), emergency: route.class == RouteClass::Emergency },
        fallback: route.fallback.clone(),
        party: dialled.clone(),
        shown,
        recording: route.recording.clone(),
    }
}
