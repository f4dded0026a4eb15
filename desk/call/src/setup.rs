//! What a call is told at its start, and the site it finds its way in.

use std::{collections::BTreeMap, fmt, sync::Arc};

use carillon_dialplan::{Action, Ask, DialTarget, Plan, Walk};
use carillon_model::{
    AgentId, CallId, CallKind, LegId, Name, Number, Origin, OutboundRoute, Phone, PhoneId, Queue, Reason, RecordingPolicy, Trunk, TrunkId,
};

use crate::Target;

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
    /// The caller's leg: it exists, unanswered.
    pub leg: LegId,
    /// Where the call begins.
    pub start: Start,
    /// The dialplan that holds for this call from its start to its end.
    pub plan: Arc<Plan>,
    /// The site as it is now; it holds for this call to its end.
    pub site: Arc<Site>,
    /// The agents logged in, by phone: whose call it is when one of these phones calls.
    pub agents: Arc<BTreeMap<PhoneId, AgentId>>,
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
    /// By turning the caller away.
    Refuse(Reason),
}

impl Start {
    /// Where a call that just came in begins, and what it is. The dialplan's routes come first. What no route takes may be dialled from
    /// our own phones only: a trunk's caller never reaches another trunk unless the plan says so.
    pub fn of(plan: &Arc<Plan>, site: &Site, ask: &Ask<'_>) -> (CallKind, Self) {
        let from_trunk = ask.trunk.is_some();
        let destination = site.destination(ask.called).filter(|_| !from_trunk);
        let (goes_out, start) = match (plan.route(ask), destination) {
            (Some(step), _) => (goes_out(plan, step, ask.called), Self::Step(step.to_owned())),
            (None, Some(destination)) => (destination.is_outside(), Self::Dial(destination)),
            (None, None) => (false, Self::Refuse(Reason::NumberUnknown)),
        };
        let kind = match (from_trunk, goes_out) {
            (true, _) => CallKind::Inbound,
            (false, true) => CallKind::Outbound,
            (false, false) => CallKind::Internal,
        };
        (kind, start)
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
    /// The number of who is dialled, as facts name it.
    pub party: Number,
    /// Recording of calls that go there.
    pub recording: RecordingPolicy,
}

impl Destination {
    fn is_outside(&self) -> bool {
        match self.target {
            Target::Phone(_) => false,
            Target::Trunk { .. } => true,
        }
    }
}

/// The site's queues, phones and ways out, as one unchanging picture.
#[derive(Debug, Clone, Default)]
pub struct Site {
    queues_by_name: BTreeMap<String, Queue>,
    phones_by_name: BTreeMap<String, PhoneId>,
    numbers_by_phone: BTreeMap<PhoneId, Number>,
    trunks_by_name: BTreeMap<String, TrunkId>,
    routes: Vec<OutboundRoute>,
}

impl Site {
    /// The picture. A route whose trunk is not among `trunks` leads nowhere and is left out.
    pub fn new(queues: Vec<Queue>, phones: &[Phone], trunks: &[Trunk], routes: Vec<OutboundRoute>) -> Self {
        Self {
            queues_by_name: queues.into_iter().map(|queue| (queue.name.clone(), queue)).collect(),
            phones_by_name: phones.iter().map(|phone| (phone.name.clone(), phone.id)).collect(),
            numbers_by_phone: phones.iter().map(|phone| (phone.id, Number::new(phone.name.as_str()))).collect(),
            trunks_by_name: trunks.iter().map(|trunk| (trunk.name.clone(), trunk.id)).collect(),
            routes: routes.into_iter().filter(|route| trunks.iter().any(|trunk| trunk.id == route.trunk)).collect(),
        }
    }

    /// Where a number dialled on one of our phones leads: to the phone of that name, else out by the route whose prefix fits longest.
    pub fn destination(&self, dialled: &str) -> Option<Destination> {
        self.phone(dialled).or_else(|| self.way_out(dialled, None))
    }

    pub(crate) fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues_by_name.get(name)
    }

    /// The internal number of a phone.
    pub(crate) fn number_of(&self, phone: PhoneId) -> Option<&Number> {
        self.numbers_by_phone.get(&phone)
    }

    /// Where a dialplan's `dial` leads.
    pub(crate) fn dial_target(&self, target: &DialTarget) -> Option<Destination> {
        match target {
            DialTarget::Phone(name) => self.phone(name),
            DialTarget::Number { number, trunk: None } => self.way_out(number, None),
            DialTarget::Number { number, trunk: Some(trunk) } => self.way_out(number, Some(*self.trunks_by_name.get(trunk)?)),
        }
    }

    fn phone(&self, name: &str) -> Option<Destination> {
        let phone = self.phones_by_name.get(name)?;
        Some(Destination { target: Target::Phone(*phone), party: Number::new(name), recording: RecordingPolicy::default() })
    }

    /// By the trunk insisted on, with the recording of its own route if one fits; else by the route that fits.
    fn way_out(&self, dialled: &str, insisted: Option<TrunkId>) -> Option<Destination> {
        let route = self
            .routes
            .iter()
            .filter(|route| insisted.is_none_or(|trunk| route.trunk == trunk) && dialled.starts_with(&route.prefix))
            .max_by_key(|route| route.prefix.len());
        let trunk = insisted.or(route.map(|route| route.trunk))?;
        let number = Number::new(dialled);
        Some(Destination {
            target: Target::Trunk { trunk, number: number.clone() },
            party: number,
            recording: route.map(|route| route.recording.clone()).unwrap_or_default(),
        })
    }
}
