//! Where the phones are, and whether they can be called.

use crate::{
    Event, RefusedWhy, SavedBinding, UaConfig, UnregisteredWhy,
    admission::Denial,
    pings::{EVERY, Pings, Silence},
    stack::Stack,
};
use carillon_sip_core::{
    Binding, BindingId, ClientTx, FlowId, Hop, Registrar, RegistrarChange, RegistrarConfig, SavedBinding as CoreBinding, Transport,
    Unbinding,
    message::{HeaderName, Method, Request, Response, Uri},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

pub(crate) struct Registrations {
    registrar: Registrar,
    pings: Pings,
    /// Phones that were last told to be callable.
    callable: BTreeSet<String>,
}

/// What a REGISTER did.
pub(crate) struct Registered {
    pub(crate) response: Response,
    /// Paths that changed, old and new.
    pub(crate) moved: Vec<(Hop, Hop)>,
}

impl Registrations {
    pub(crate) fn new(config: &UaConfig) -> Self {
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let registrar = Registrar::new(RegistrarConfig {
            min_expires: seconds(config.min_expires),
            max_expires: seconds(config.max_expires),
            default_expires: seconds(config.default_expires),
            ..RegistrarConfig::default()
        });
        Registrations { registrar, pings: Pings::default(), callable: BTreeSet::new() }
    }

    /// Carries out a REGISTER of a phone that proved to be `phone`.
    pub(crate) fn register(
        &mut self,
        stack: &mut Stack,
        now: Instant,
        phone: &str,
        request: &Request,
        hop: Hop,
    ) -> Result<Registered, Denial> {
        let before: BTreeMap<BindingId, Hop> =
            self.registrar.bindings(phone).into_iter().map(|binding| (binding.id, binding.hop)).collect();
        let response = self.registrar.register(now, phone, request, hop);
        if !response.is_success() {
            return Err(Denial::with(response, Some(RefusedWhy::Unusable)));
        }
        let after = self.registrar.bindings(phone).into_iter();
        let moved =
            after.filter_map(|binding| before.get(&binding.id).map(|old| (*old, binding.hop))).filter(|(old, new)| !old.is_same_peer(new));
        let moved = moved.collect();
        self.tell(stack, now);
        Ok(Registered { response, moved })
    }

    /// Takes over what was registered before a restart. The first questions to the phones are spread over one round.
    pub(crate) fn restore(&mut self, stack: &mut Stack, now: Instant, saved: Vec<SavedBinding>) {
        let silent: Vec<(String, String)> =
            saved.iter().filter(|binding| !binding.reachable).map(|binding| (binding.phone.clone(), binding.contact.clone())).collect();
        self.registrar.restore(now, saved.into_iter().map(to_core));
        let udp: Vec<Binding> = self.registrar.iter().filter(|binding| binding.hop.transport == Transport::Udp).cloned().collect();
        let count = u32::try_from(udp.len()).unwrap_or(u32::MAX).max(1);
        for (place, binding) in (0u32..).zip(&udp) {
            self.pings.watch(binding.id, now, EVERY / count * place);
            if silent.contains(&(binding.user.clone(), binding.contact.to_string())) {
                self.registrar.set_reachable(binding.id, false);
            }
        }
        while self.registrar.poll_change().is_some() {}
        let restored: Vec<Binding> = self.registrar.iter().filter(|binding| binding.is_reachable).cloned().collect();
        for binding in restored {
            self.callable.insert(binding.user.clone());
            stack.events.push_back(registered(now, &binding));
        }
    }

    /// Forgets the phones that have no account any more.
    pub(crate) fn keep_only(&mut self, stack: &mut Stack, now: Instant, has_account: impl Fn(&str) -> bool) {
        let gone: BTreeSet<String> =
            self.registrar.iter().map(|binding| binding.user.clone()).filter(|phone| !has_account(phone)).collect();
        for phone in gone {
            self.registrar.remove_user(&phone);
        }
        self.tell(stack, now);
    }

    /// Every place where a phone, or one device of it, can be called now, with the Route of a request to it.
    pub(crate) fn places(&self, phone: &str, device: Option<&str>) -> Vec<(Uri, Hop, Option<String>)> {
        let is_meant = |binding: &&Binding| device.is_none_or(|device| binding.gr().is_some_and(|gr| gr.eq_ignore_ascii_case(device)));
        let places = self.registrar.reachable(phone).into_iter().filter(is_meant);
        places.map(|binding| (binding.contact.clone(), binding.hop, binding.path.clone())).collect()
    }

    pub(crate) fn is_path_of_a_phone(&self, hop: &Hop) -> bool {
        self.registrar.at(hop).is_some()
    }

    pub(crate) fn flow_closed(&mut self, stack: &mut Stack, now: Instant, flow: FlowId) {
        self.registrar.handle_flow_closed(flow);
        self.tell(stack, now);
    }

    pub(crate) fn is_ping(&self, tx: ClientTx) -> bool {
        self.pings.is_ping(tx)
    }

    /// Any answer will do: a phone that does not know OPTIONS is there all the same.
    pub(crate) fn ping_answered(&mut self, stack: &mut Stack, now: Instant, ping: ClientTx) {
        if let Some(id) = self.pings.answered(ping) {
            self.registrar.set_reachable(id, true);
            self.tell(stack, now);
        }
    }

    pub(crate) fn ping_unanswered(&mut self, ping: ClientTx) {
        self.pings.unanswered(ping);
    }

    pub(crate) fn handle_timeout(&mut self, stack: &mut Stack, now: Instant) {
        self.registrar.handle_timeout(now);
        while let Some((id, silence)) = self.pings.pop_due(now) {
            if silence == Silence::Gone {
                self.registrar.set_reachable(id, false);
            }
            let Some(binding) = self.registrar.binding(id) else {
                self.pings.unwatch(id);
                continue;
            };
            let mut options = Request::new(Method::Options, binding.contact.clone());
            if let Some(path) = &binding.path {
                options.headers.push(HeaderName::Route, path.as_str());
            }
            if let Ok(ping) = stack.endpoint.send_request(now, options, binding.hop) {
                self.pings.asked(id, ping);
            }
        }
        self.tell(stack, now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        [self.registrar.poll_timeout(), self.pings.next()].into_iter().flatten().min()
    }

    /// Turns what happened to bindings into news about phones.
    fn tell(&mut self, stack: &mut Stack, now: Instant) {
        let mut spoke: BTreeMap<BindingId, Binding> = BTreeMap::new();
        let mut touched: BTreeMap<String, UnregisteredWhy> = BTreeMap::new();
        while let Some(change) = self.registrar.poll_change() {
            let (binding, why) = match change {
                RegistrarChange::Bound(binding) | RegistrarChange::Refreshed(binding) => {
                    match binding.hop.transport {
                        Transport::Udp => self.pings.watch(binding.id, now, EVERY),
                        _ => self.pings.unwatch(binding.id),
                    }
                    spoke.insert(binding.id, binding.clone());
                    (binding, UnregisteredWhy::ByPhone)
                }
                RegistrarChange::Reachability(binding) => {
                    if binding.is_reachable {
                        spoke.insert(binding.id, binding.clone());
                    }
                    let why = match binding.hop.transport {
                        Transport::Udp => UnregisteredWhy::NoAnswer,
                        _ => UnregisteredWhy::ConnectionLost,
                    };
                    (binding, why)
                }
                RegistrarChange::Unbound(binding, why) => {
                    self.pings.unwatch(binding.id);
                    spoke.remove(&binding.id);
                    (binding, unregistered(why))
                }
            };
            touched.insert(binding.user, why);
        }
        for binding in spoke.into_values() {
            self.callable.insert(binding.user.clone());
            stack.events.push_back(registered(now, &binding));
        }
        for (phone, why) in touched {
            if self.registrar.reachable(&phone).is_empty() && self.callable.remove(&phone) {
                stack.events.push_back(Event::Unregistered { phone: phone.clone(), why });
            }
            let bindings = self.registrar.bindings(&phone).into_iter().map(|binding| saved(now, binding)).collect();
            stack.events.push_back(Event::BindingsChanged { phone, bindings });
        }
    }
}

fn registered(now: Instant, binding: &Binding) -> Event {
    Event::Registered { phone: binding.user.clone(), user_agent: binding.user_agent.clone(), binding: saved(now, binding) }
}

fn unregistered(why: Unbinding) -> UnregisteredWhy {
    match why {
        Unbinding::Unregistered | Unbinding::Replaced => UnregisteredWhy::ByPhone,
        Unbinding::Expired => UnregisteredWhy::Expired,
        Unbinding::UserRemoved => UnregisteredWhy::AccountRemoved,
    }
}

fn saved(now: Instant, binding: &Binding) -> SavedBinding {
    SavedBinding {
        phone: binding.user.clone(),
        contact: binding.contact.to_string(),
        hop: binding.hop,
        instance: binding.instance.clone(),
        path: binding.path.clone(),
        preference: binding.q,
        call_id: binding.call_id.clone(),
        cseq: binding.seq,
        expires_in: Duration::from_secs(binding.remaining_seconds(now)),
        user_agent: binding.user_agent.clone(),
        reachable: binding.is_reachable,
    }
}

fn to_core(saved: SavedBinding) -> CoreBinding {
    CoreBinding {
        user: saved.phone,
        contact: saved.contact,
        instance: saved.instance,
        path: saved.path,
        q: saved.preference,
        call_id: saved.call_id,
        seq: saved.cseq,
        user_agent: saved.user_agent,
        transport: saved.hop.transport.name().to_owned(),
        local: saved.hop.local.to_string(),
        remote: saved.hop.remote.to_string(),
        remaining_seconds: saved.expires_in.as_secs(),
    }
}
