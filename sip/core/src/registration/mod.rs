//! The registrar (RFC 3261 10.3): where each user's phones are.

mod binding;
mod order;
mod table;
#[cfg(test)]
mod tests;

pub use binding::{Binding, BindingId, SavedBinding};

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::message::{HeaderName, NameAddr, Request, Response, SipUri};
use crate::transport::{FlowId, Hop};
use binding::Source;
use order::{Order, Refusal, Wanted};
use table::BindingTable;

/// Bounds and times of a [`Registrar`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrarConfig {
    /// The shortest time a phone may ask for, in seconds; less gets 423.
    pub min_expires: u32,
    /// The longest time granted, in seconds; more is cut to it.
    pub max_expires: u32,
    /// The time granted to a phone that names none, in seconds.
    pub default_expires: u32,
    /// Contacts one user may have.
    pub contacts_per_user: usize,
    /// Bindings there may be at all.
    pub bindings: usize,
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self { min_expires: 60, max_expires: 3600, default_expires: 3600, contacts_per_user: 8, bindings: 50_000 }
    }
}

/// Why a binding is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbinding {
    /// The phone took it back.
    Unregistered,
    /// It was not refreshed in time.
    Expired,
    /// The same phone registered anew under another contact, or an unreachable one made room for it.
    Replaced,
    /// The user was removed.
    UserRemoved,
}

/// What happened to the bindings, for the disk and for whoever waits for a phone.
#[derive(Debug, Clone)]
pub enum RegistrarChange {
    /// A new contact.
    Bound(Binding),
    /// A contact refreshed: its end, and perhaps its hop, are new.
    Refreshed(Binding),
    /// A contact is gone.
    Unbound(Binding, Unbinding),
    /// Requests to it can, or can no longer, be expected to arrive.
    Reachability(Binding),
}

/// Bindings of users to contacts. It believes whom it is told: authenticate the REGISTER first, and check that its To names the user.
///
/// [`register`](Self::register) carries out a REGISTER and gives the answer to send. After each `&mut` call drain
/// [`poll_change`](Self::poll_change), then sleep until [`poll_timeout`](Self::poll_timeout) and call
/// [`handle_timeout`](Self::handle_timeout). Save [`Binding::save`] of what was bound or refreshed; after a restart give it all to
/// [`restore`](Self::restore).
#[derive(Debug)]
pub struct Registrar {
    config: RegistrarConfig,
    last_number: u64,
    table: BindingTable,
    changes: VecDeque<RegistrarChange>,
}

impl Registrar {
    /// A registrar without bindings.
    pub fn new(config: RegistrarConfig) -> Self {
        Self { config, last_number: 0, table: BindingTable::default(), changes: VecDeque::new() }
    }

    /// Carries out an authenticated REGISTER for a user, whole or not at all. The answer is 200 with all contacts of the user, 400,
    /// 403 (too many contacts, or one that leads back here), 423 with Min-Expires, 500 (an older request that was overtaken, RFC 3261 10.3 step 7), or
    /// 503.
    pub fn register(&mut self, now: Instant, user: &str, request: &Request, hop: Hop) -> Response {
        let order = match Order::read(request, &self.config) {
            Ok(order) => order,
            Err(refusal) => return refusal.response(),
        };
        let keeps_connections = order.knows_outbound && order.wanted.iter().any(|wanted| wanted.seconds > 0 && wanted.is_one_of_several());
        let (path, wants_gruu_of) = (order.path.clone(), order.wants_gruu_of.clone());
        if let Err(refusal) = self.carry_out(now, user, order, hop) {
            return refusal.response();
        }
        let mut response = self.contacts_of(now, user, wants_gruu_of.as_ref());
        if let Some(path) = path {
            // RFC 3327 5.3: the phone learns what stands between it and us.
            response.headers.push(HeaderName::Path, path);
        }
        if keeps_connections {
            // RFC 5626 6: by this a phone knows that its other connections are of use.
            response.headers.push(HeaderName::Require, "outbound");
        }
        response
    }

    /// Takes over bindings that were saved. What cannot be read or is over is left out.
    pub fn restore(&mut self, now: Instant, saved: impl IntoIterator<Item = SavedBinding>) {
        for saved in saved {
            let id = self.next_id();
            if self.table.len() < self.config.bindings
                && let Some(binding) = saved.restore(now, id)
            {
                self.table.put(binding);
            }
        }
    }

    /// All contacts of a user: preferred ones first, then those registered last.
    pub fn bindings(&self, user: &str) -> Vec<&Binding> {
        let mut bindings: Vec<&Binding> = self.table.of_user(user).collect();
        bindings.sort_by_key(|binding| (std::cmp::Reverse(binding.q), std::cmp::Reverse(binding.id)));
        bindings
    }

    /// The contacts of a user that can be rung, in the order of [`Self::bindings`]: of the connections that one device keeps only the newest
    /// (RFC 5626 5.3), or it would ring once for each.
    pub fn reachable(&self, user: &str) -> Vec<&Binding> {
        let mut devices = BTreeSet::new();
        let mut is_another = |binding: &&Binding| binding.device().is_none_or(|device| devices.insert(device.to_owned()));
        self.bindings(user).into_iter().filter(|binding| binding.is_reachable).filter(|binding| is_another(binding)).collect()
    }

    /// The binding with this number.
    pub fn binding(&self, id: BindingId) -> Option<&Binding> {
        self.table.get(id)
    }

    /// Every binding.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.table.iter()
    }

    /// The binding whose phone speaks from this hop: over a stream the same connection, over UDP the same address and port.
    pub fn at(&self, hop: &Hop) -> Option<&Binding> {
        self.table.at(Source::of(hop)).next()
    }

    /// Notes whether a phone answers.
    pub fn set_reachable(&mut self, id: BindingId, is_reachable: bool) {
        if let Some(binding) = self.table.get_mut(id)
            && binding.is_reachable != is_reachable
        {
            binding.is_reachable = is_reachable;
            self.changes.push_back(RegistrarChange::Reachability(binding.clone()));
        }
    }

    /// A connection has ended: its phones are out of reach until they register again.
    pub fn handle_flow_closed(&mut self, flow: FlowId) {
        for id in self.table.on_flow(flow) {
            self.set_reachable(id, false);
        }
    }

    /// Forgets a user's contacts.
    pub fn remove_user(&mut self, user: &str) {
        let ids: Vec<BindingId> = self.table.of_user(user).map(|binding| binding.id).collect();
        for id in ids {
            self.unbind(id, Unbinding::UserRemoved);
        }
    }

    /// Ends the bindings whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(binding) = self.table.pop_ended(now) {
            self.changes.push_back(RegistrarChange::Unbound(binding, Unbinding::Expired));
        }
    }

    /// When the next binding ends.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.table.next_end()
    }

    /// The next change.
    pub fn poll_change(&mut self) -> Option<RegistrarChange> {
        self.changes.pop_front()
    }

    fn carry_out(&mut self, now: Instant, user: &str, order: Order, hop: Hop) -> Result<(), Refusal> {
        match order.wanted.as_slice() {
            [] if order.removes_all => {
                let all: Vec<BindingId> = self.table.of_user(user).map(|binding| binding.id).collect();
                self.check_order(&all, &order)?;
                all.into_iter().for_each(|id| self.unbind(id, Unbinding::Unregistered));
            }
            wanted => {
                let known: Vec<Option<BindingId>> = wanted.iter().map(|wanted| self.known(user, wanted, &hop)).collect();
                let touched: Vec<BindingId> = known.iter().flatten().copied().collect();
                self.check_order(&touched, &order)?;
                self.make_room(user, wanted, &known, &order, hop)?;
                for (wanted, known) in order.wanted.iter().zip(known) {
                    self.apply(now, user, wanted, known, &order, hop);
                }
            }
        }
        Ok(())
    }

    /// The binding that a contact refreshes or removes: the same instance, or else the same URI. Two devices behind two routers may well have
    /// the same private address: that is one binding only where it comes from one place (RFC 5626 6).
    fn known(&self, user: &str, wanted: &Wanted, hop: &Hop) -> Option<BindingId> {
        let same_instance = |binding: &&Binding| binding.instance.is_some() && binding.instance == wanted.instance;
        let is_another_device =
            |binding: &&Binding| binding.instance.is_some() && wanted.instance.is_some() && !binding.hop.is_same_peer(hop);
        let same_contact = |binding: &&Binding| match (binding.contact.sip(), wanted.contact.sip()) {
            (Some(known), Some(wanted)) => known.same_as(wanted),
            _ => binding.contact == wanted.contact,
        };
        let mine = || self.table.of_user(user);
        let by_contact = || mine().filter(|binding| !is_another_device(binding)).find(same_contact);
        mine().find(same_instance).or_else(by_contact).map(|binding| binding.id)
    }

    /// RFC 3261 10.3 steps 6 and 7: within one Call-ID a later REGISTER has the higher number.
    fn check_order(&self, touched: &[BindingId], order: &Order) -> Result<(), Refusal> {
        let is_late = |id: &BindingId| self.table.get(*id).is_some_and(|known| known.call_id == order.call_id && order.seq <= known.seq);
        if touched.iter().any(is_late) { Err(Refusal::Overtaken) } else { Ok(()) }
    }

    /// Before anything is changed: contacts this order replaces go, then unreachable ones if there are too many.
    fn make_room(&mut self, user: &str, wanted: &[Wanted], known: &[Option<BindingId>], order: &Order, hop: Hop) -> Result<(), Refusal> {
        let fresh: Vec<&Wanted> =
            wanted.iter().zip(known).filter(|(wanted, known)| known.is_none() && wanted.seconds > 0).map(|(wanted, _)| wanted).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let others: Vec<&Binding> = self.table.of_user(user).filter(|binding| !known.contains(&Some(binding.id))).collect();
        let (mut leaving, staying): (Vec<&Binding>, Vec<&Binding>) =
            others.into_iter().partition(|binding| fresh.iter().any(|fresh| is_same_phone(binding, fresh, order, &hop)));
        let kept = wanted.iter().zip(known).filter(|(wanted, known)| known.is_some() && wanted.seconds > 0).count();
        let excess = (staying.len() + kept + fresh.len()).saturating_sub(self.config.contacts_per_user);
        let mut unreachable: Vec<&Binding> = staying.into_iter().filter(|binding| !binding.is_reachable).collect();
        unreachable.sort_by_key(|binding| binding.expires);
        if excess > unreachable.len() {
            return Err(Refusal::TooManyContacts);
        }
        leaving.extend(unreachable.into_iter().take(excess));
        if self.table.len() + fresh.len() > self.config.bindings + leaving.len() {
            return Err(Refusal::Full);
        }
        let leaving: Vec<BindingId> = leaving.iter().map(|binding| binding.id).collect();
        leaving.into_iter().for_each(|id| self.unbind(id, Unbinding::Replaced));
        Ok(())
    }

    fn apply(&mut self, now: Instant, user: &str, wanted: &Wanted, known: Option<BindingId>, order: &Order, hop: Hop) {
        if wanted.seconds == 0 {
            if let Some(id) = known {
                self.unbind(id, Unbinding::Unregistered);
            }
            return;
        }
        let was_unreachable = known.and_then(|id| self.table.get(id)).is_some_and(|binding| !binding.is_reachable);
        let binding = Binding {
            id: known.unwrap_or_else(|| self.next_id()),
            user: user.to_owned(),
            contact: wanted.contact.clone(),
            hop,
            instance: wanted.instance.clone(),
            path: order.path.clone(),
            q: wanted.q,
            call_id: order.call_id.clone(),
            seq: order.seq,
            user_agent: order.user_agent.clone(),
            expires: now + Duration::from_secs(wanted.seconds.into()),
            is_reachable: true,
        };
        self.table.put(binding.clone());
        if known.is_none() {
            self.changes.push_back(RegistrarChange::Bound(binding));
            return;
        }
        self.changes.push_back(RegistrarChange::Refreshed(binding.clone()));
        if was_unreachable {
            self.changes.push_back(RegistrarChange::Reachability(binding));
        }
    }

    fn unbind(&mut self, id: BindingId, why: Unbinding) {
        if let Some(binding) = self.table.remove(id) {
            self.changes.push_back(RegistrarChange::Unbound(binding, why));
        }
    }

    /// RFC 3261 10.3 step 8: the answer lists every binding with the time it has left; to a phone that asked, with the address that leads to
    /// that device alone (RFC 5627 5.3). There is no anonymous one: whom a phone calls is never shown the phone's Contact.
    fn contacts_of(&self, now: Instant, user: &str, gruu_of: Option<&SipUri>) -> Response {
        let mut response = Response::new(200);
        for binding in self.bindings(user) {
            let mut contact = NameAddr::new(binding.contact.clone());
            // What RFC 5626 phones look for to find themselves in the list.
            if let Some((instance, reg_id)) = binding.instance.as_deref().and_then(|instance| instance.rsplit_once(';')) {
                contact.params.set("+sip.instance", Some(&format!("\"{instance}\"")));
                if !reg_id.is_empty() {
                    contact.params.set("reg-id", Some(reg_id));
                }
            }
            if let Some((of_user, gr)) = gruu_of.zip(binding.gr()) {
                let bare = SipUri { user: of_user.user.clone(), port: of_user.port, ..SipUri::new(of_user.host.clone()) };
                contact.params.set("pub-gruu", Some(&format!("\"{}\"", bare.with_param("gr", Some(gr)))));
            }
            contact.params.set("expires", Some(&binding.remaining_seconds(now).to_string()));
            response.headers.push(HeaderName::Contact, contact);
        }
        response
    }

    fn next_id(&mut self) -> BindingId {
        self.last_number += 1;
        BindingId(self.last_number)
    }
}

/// Phones that make up a new user part for their Contact at each start, and name no instance, would ring twice: one for each
/// start. What comes from the same socket for the same host and port, in another Call-ID, is the phone after its restart.
fn is_same_phone(known: &Binding, fresh: &Wanted, order: &Order, hop: &Hop) -> bool {
    let same_socket = match (known.contact.sip(), fresh.contact.sip()) {
        (Some(known), Some(fresh)) => known.host == fresh.host && known.port == fresh.port,
        _ => false,
    };
    same_socket && known.hop.is_same_peer(hop) && known.call_id != order.call_id && known.instance == fresh.instance
}
