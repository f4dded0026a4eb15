//! What the signalling reports, handed to whom it concerns. Runs on the signalling's time: never waits.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use carillon_model::{LegId, Name, Number, Reason};
use carillon_sip_core::{Hop, Transport};
use carillon_sip_leg::{self as sip, RefusedWhy, SavedBinding, UnregisteredWhy};
use carillon_store::binding::Binding;
use jiff::Timestamp;

use crate::{
    calls::{Admission, Invitation, Surroundings, route_sip_event},
    dispatch::{BindingKeeper, PhoneRefusal, PhoneRefusedWhy, PhoneStatus},
    ladder::Ladder,
    telemetry::names,
    trunks::Trunks,
};

/// Where reports go.
pub(super) struct Reports {
    pub(super) around: Arc<Surroundings>,
    pub(super) admission: Arc<Admission>,
    pub(super) keeper: Arc<BindingKeeper>,
    pub(super) ladder: Arc<Ladder>,
    pub(super) trunks: Arc<Trunks>,
}

impl Reports {
    pub(super) fn take(&self, event: sip::Event) {
        match event {
            sip::Event::Invited { leg, from, caller, caller_name, called, device, hop, offer, hops_left, replaces, .. } => {
                let invitation = Invitation {
                    leg: LegId::from_u128(leg.0),
                    from,
                    caller: Number::new(caller),
                    caller_name: caller_name.map(Name::new),
                    called: Number::new(called),
                    device,
                    signalled_from: hop.remote.ip(),
                    offer,
                    hops_left,
                };
                match replaces {
                    None => self.admission.invited(invitation),
                    Some(old) => self.admission.replaces(invitation, LegId::from_u128(old.0)),
                }
            }
            sip::Event::Ringing { leg }
            | sip::Event::Answered { leg, .. }
            | sip::Event::EarlyMedia { leg, .. }
            | sip::Event::MediaChanged { leg, .. }
            | sip::Event::MediaChangeRefused { leg, .. }
            | sip::Event::Referred { leg, .. }
            | sip::Event::Digit { leg, .. }
            | sip::Event::Ended { leg, .. } => route_sip_event(&self.around.calls, leg, event),
            sip::Event::Traced(traced) => self.ladder.note(&self.around.calls, *traced),
            sip::Event::Registered { phone, user_agent, .. } => self.phone(&phone, PhoneStatus { reachable: true, user_agent, why: None }),
            sip::Event::Unregistered { phone, why } => {
                let why = Some(match why {
                    UnregisteredWhy::ByPhone => Reason::HungUp,
                    UnregisteredWhy::Expired | UnregisteredWhy::NoAnswer => Reason::NoAnswer,
                    UnregisteredWhy::ConnectionLost => Reason::PeerLost,
                    UnregisteredWhy::AccountRemoved => Reason::Forbidden,
                });
                self.phone(&phone, PhoneStatus { reachable: false, user_agent: None, why });
            }
            sip::Event::BindingsChanged { phone, bindings } => {
                let now = Timestamp::now();
                self.keeper.changed(phone, bindings.iter().map(|binding| to_store(binding, now)).collect());
            }
            sip::Event::RegisteredElsewhere { name, lasts } => self.trunks.registered(&name, lasts),
            sip::Event::RegistrationRefused { name, why, again_in } => self.trunks.not_registered(&name, &why, again_in),
            sip::Event::TrunkAnswers { trunk, answers } => self.trunks.answers(&trunk, answers),
            sip::Event::Refused { hop, method, phone, status, why, untold } => {
                metrics::counter!(names::SIP_REFUSED, "reason" => format!("{why:?}")).increment(untold + 1);
                tracing::debug!(from = %hop.remote, method, status, ?why, untold, "request refused");
                if let Some(phone) = phone.and_then(|name| self.around.directory.read().phone_named(&name).map(|phone| phone.id)) {
                    self.around
                        .phones
                        .refused(phone, PhoneRefusal { at: Timestamp::now(), from: hop.remote.ip(), why: not_registered(why) });
                }
            }
        }
    }

    fn phone(&self, name: &str, status: PhoneStatus) {
        if let Some(phone) = self.around.directory.read().phone_named(name) {
            self.around.phones.set(phone.id, status);
        }
    }
}

/// Why a registration was refused, as an administrator may hear it.
fn not_registered(why: RefusedWhy) -> PhoneRefusedWhy {
    match why {
        RefusedWhy::WrongCredentials => PhoneRefusedWhy::WrongPassword,
        RefusedWhy::NotTheirs => PhoneRefusedWhy::AnotherName,
        RefusedWhy::UnknownSource | RefusedWhy::Unusable => PhoneRefusedWhy::Unusable,
        RefusedWhy::Overloaded | RefusedWhy::Draining => PhoneRefusedWhy::NoRoom,
    }
}

fn to_store(binding: &SavedBinding, now: Timestamp) -> Binding {
    Binding {
        phone: binding.phone.clone(),
        contact: binding.contact.clone(),
        transport: binding.hop.transport.name().to_owned(),
        remote: binding.hop.remote.to_string(),
        local: binding.hop.local.to_string(),
        instance: binding.instance.clone(),
        path: binding.path.clone(),
        preference: binding.preference,
        call_id: binding.call_id.clone(),
        cseq: binding.cseq,
        expires_at: now + binding.expires_in,
        user_agent: binding.user_agent.clone(),
        reachable: binding.reachable,
    }
}

/// A kept binding as the registrar takes it back; `None` if it has run out or its row makes no sense.
pub(super) fn from_store(binding: Binding, now: Timestamp) -> Option<SavedBinding> {
    let expires_in = Duration::try_from(binding.expires_at.duration_since(now)).ok()?;
    let (local, remote): (SocketAddr, SocketAddr) = (binding.local.parse().ok()?, binding.remote.parse().ok()?);
    let transport = Transport::named(&binding.transport)?;
    Some(SavedBinding {
        phone: binding.phone,
        contact: binding.contact,
        hop: Hop { transport, local, remote, flow: None },
        instance: binding.instance,
        path: binding.path,
        preference: binding.preference,
        call_id: binding.call_id,
        cseq: binding.cseq,
        expires_in,
        user_agent: binding.user_agent,
        reachable: binding.reachable,
    })
}
