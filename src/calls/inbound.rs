//! Admission: an INVITE that `sip/leg` let through becomes a call, or is refused before it costs anything.

use std::sync::{Arc, PoisonError, RwLock};

use carillon_call::{Call, CallSetup, Start};
use carillon_dialplan::{Ask, Plan};
use carillon_model::{CallId, CallKind, LegId, Number, Origin};
use carillon_sip_leg::{self as sip, Peer};

use super::{
    mailbox::Mailbox,
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
    pub caller: String,
    /// The caller's display name.
    pub caller_name: Option<String>,
    /// What was dialled.
    pub called: String,
    /// Where its signalling comes from.
    pub signalled_from: std::net::IpAddr,
    /// Hops that calls made on its behalf may still take: what ends a loop through a trunk.
    pub hops_left: u8,
}

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

    /// The plan that new calls follow from here on; calls that are up keep theirs.
    pub fn replace_plan(&self, plan: Plan) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }

    /// Starts a call for an INVITE, or refuses it. Never waits.
    pub fn invited(&self, invitation: Invitation) {
        if let Some(refusal) = self.refusal(&invitation) {
            metrics::counter!(names::SIP_REFUSED, "reason" => refusal.reason).increment(1);
            let status = refusal.status;
            self.around.order_sip(sip::Command::Refuse { leg: sip::LegId(invitation.leg.as_u128()), status, reason: None });
            return;
        }
        let now = clock::now();
        let directory = self.around.directory.read();
        let call = CallId::new(self.around.next_id(now));
        let plan = Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner));
        let Some((origin, trunk_name)) = origin(&directory, &invitation.from) else {
            self.around.order_sip(sip::Command::Refuse { leg: sip::LegId(invitation.leg.as_u128()), status: 403, reason: None });
            return;
        };
        let local = now.wall.to_zoned(self.around.time_zone.clone()).datetime();
        let ask = Ask { trunk: trunk_name, called: &invitation.called, caller: &invitation.caller, local };
        let (kind, start) = Start::of(&plan, &directory.site, &ask);
        let setup = CallSetup {
            call,
            number: self.around.journal.next_call_number(),
            kind,
            origin: origin.clone(),
            caller: Number::new(invitation.caller),
            caller_name: invitation.caller_name,
            called: Number::new(invitation.called),
            leg: invitation.leg,
            start,
            plan,
            site: Arc::clone(&directory.site),
            agents: self.around.acd.agents_by_phone(),
        };
        metrics::counter!(names::CALLS_STARTED, "kind" => kind_name(kind)).increment(1);
        let (mailbox, inbox) = Mailbox::new();
        self.around.calls.enter(call, mailbox.clone());
        self.around.calls.own(invitation.leg.as_u128(), call);
        if let Origin::Trunk(trunk) = origin {
            self.around.calls.on_trunk(call, trunk);
        }
        let caller = CallerLeg { leg: invitation.leg, signalled_from: invitation.signalled_from, hops_left: invitation.hops_left };
        let machine = Call::new(now, setup, self.around.id_source());
        tokio::spawn(CallTask::new(Arc::clone(&self.around), call, machine, mailbox, inbox, caller).run());
    }

    /// What keeps a call out before anything is looked at.
    fn refusal(&self, invitation: &Invitation) -> Option<Refusal> {
        if self.around.health.readiness() != Readiness::Ready {
            return Some(Refusal { status: 503, reason: "not_ready" });
        }
        if self.around.calls.len() >= self.around.max_calls {
            return Some(Refusal { status: 503, reason: "too_many_calls" });
        }
        let Peer::Trunk(name) = &invitation.from else { return None };
        let directory = self.around.directory.read();
        let trunk = directory.trunk_named(name)?;
        let full = self.around.calls.count_on_trunk(trunk.id) >= trunk.max_calls as usize;
        full.then_some(Refusal { status: 503, reason: "trunk_full" })
    }
}

struct Refusal {
    status: u16,
    reason: &'static str,
}

fn origin<'a>(directory: &Snapshot, from: &'a Peer) -> Option<(Origin, Option<&'a str>)> {
    match from {
        Peer::Phone(name) => Some((Origin::Phone(directory.phone_named(name)?.id), None)),
        Peer::Trunk(name) => Some((Origin::Trunk(directory.trunk_named(name)?.id), Some(name))),
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
