//! Registering ourselves with a registrar elsewhere, as a phone does (RFC 3261 10.2): once by order, then again before each expiry.
//!
//! A challenge is answered for the realm the registration names and for no other: a registrar that is not who we think must not
//! be given a proof it can use.

use crate::{Credentials, Event, NotRegistered, stack::Stack};
use carillon_sip_core::{
    ClientTx, Transport,
    message::{Contacts, HeaderName, Host, Method, NameAddr, Request, Response, SipUri},
};
use rand::{Rng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

/// After a first failure the next attempt waits this long, and twice as long after each further one (RFC 5626 4.5).
const RETRY: Duration = Duration::from_secs(30);
/// No attempt waits longer.
const LONGEST_RETRY: Duration = Duration::from_secs(15 * 60);
/// No registrar makes us ask for longer than this.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Nor does one make us register more often than this.
const BRIEFEST: u32 = 10;

/// A registration of ours elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What it is called in events; one is known by it.
    pub name: String,
    /// Who we are there.
    pub credentials: Credentials,
    /// The domain we are a user of; the registrar's address if `None`.
    pub domain: Option<Host>,
    /// Where the registrar is, the first choice first. Nowhere: nothing is sent until a place is known.
    pub places: Vec<(Transport, SocketAddr)>,
    /// How long each registration is asked to last.
    pub expires: Duration,
}

pub(crate) struct OurRegistrations {
    by_name: BTreeMap<String, Ours>,
    names_by_request: BTreeMap<ClientTx, String>,
    due: BTreeSet<(Instant, String)>,
    rng: StdRng,
}

struct Ours {
    registration: Registration,
    call_id: String,
    cseq: u32,
    /// Which of the places is asked.
    place: usize,
    /// Places that failed since the last success or pause.
    tried: usize,
    /// How long the registrar wants it to last, where that is longer than what was ordered.
    least: Duration,
    /// The request under way carries an answer: a second challenge to it means that the answer was wrong.
    answered: bool,
    /// Attempts in a row that failed.
    failures: u32,
    /// It is being taken back.
    is_leaving: bool,
}

impl OurRegistrations {
    pub(crate) fn new(rng: StdRng) -> Self {
        OurRegistrations { by_name: BTreeMap::new(), names_by_request: BTreeMap::new(), due: BTreeSet::new(), rng }
    }

    /// Registers, and stays registered.
    pub(crate) fn begin(&mut self, stack: &mut Stack, now: Instant, registration: Registration) {
        let name = registration.name.clone();
        let call_id = format!("{:016x}", self.rng.next_u64());
        self.forget(&name);
        let ours = Ours {
            registration,
            call_id,
            cseq: 0,
            place: 0,
            tried: 0,
            least: Duration::ZERO,
            answered: false,
            failures: 0,
            is_leaving: false,
        };
        self.by_name.insert(name.clone(), ours);
        self.send(stack, now, &name, None);
    }

    /// Makes these all there are: what is new or changed registers now, what is not among them is taken back where it was made.
    pub(crate) fn replace(&mut self, stack: &mut Stack, now: Instant, wanted: Vec<Registration>) {
        let is_wanted = |name: &String| wanted.iter().any(|registration| registration.name == *name);
        let gone = self.by_name.iter().filter(|(name, ours)| !is_wanted(name) && !ours.is_leaving);
        let gone: Vec<String> = gone.map(|(name, _)| name.clone()).collect();
        for name in gone {
            self.take_back(stack, now, &name);
        }
        for registration in wanted {
            match self.by_name.get_mut(&registration.name).filter(|known| !known.is_leaving) {
                Some(known) if known.registration == registration => {}
                // Another address of the same registrar: it holds until it is refreshed there.
                Some(known) if known.is_moved_only(&registration) && known.failures == 0 => {
                    known.registration = registration;
                    (known.place, known.tried) = (0, 0);
                }
                _ => self.begin(stack, now, registration),
            }
        }
    }

    fn take_back(&mut self, stack: &mut Stack, now: Instant, name: &str) {
        self.due.retain(|(_, due)| due != name);
        self.names_by_request.retain(|_, asking| asking != name);
        let Some(ours) = self.by_name.get_mut(name) else { return };
        ours.is_leaving = true;
        self.send(stack, now, name, None);
        if !self.names_by_request.values().any(|asking| asking == name) {
            self.forget(name);
        }
    }

    fn forget(&mut self, name: &str) {
        self.by_name.remove(name);
        self.names_by_request.retain(|_, asking| asking != name);
        self.due.retain(|(_, due)| due != name);
    }

    pub(crate) fn is_ours(&self, tx: ClientTx) -> bool {
        self.names_by_request.contains_key(&tx)
    }

    pub(crate) fn answered(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response) {
        if response.is_provisional() {
            return;
        }
        let Some(name) = self.names_by_request.remove(&tx) else { return };
        match response.status {
            200..=299 => self.registered(stack, now, name, response),
            401 | 407 => match self.proof(&name, response) {
                Ok(proof) => self.send(stack, now, &name, Some(proof)),
                Err(why) => self.failed(stack, now, name, why),
            },
            // RFC 3261 10.2.8: the registrar wants it to last longer.
            423 if self.lengthen(&name, response) => self.send(stack, now, &name, None),
            status => self.failed(stack, now, name, NotRegistered::Refused(status)),
        }
    }

    pub(crate) fn unanswered(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx) {
        if let Some(name) = self.names_by_request.remove(&tx) {
            self.failed(stack, now, name, NotRegistered::Silent);
        }
    }

    pub(crate) fn handle_timeout(&mut self, stack: &mut Stack, now: Instant) {
        while let Some((_, name)) = self.due.first().cloned().filter(|(at, _)| *at <= now) {
            self.due.pop_first();
            self.send(stack, now, &name, None);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    fn registered(&mut self, stack: &mut Stack, now: Instant, name: String, response: &Response) {
        let Some(ours) = self.by_name.get_mut(&name) else { return };
        if ours.is_leaving {
            return self.forget(&name);
        }
        (ours.failures, ours.tried) = (0, 0);
        let asked = seconds(ours.asks());
        let granted = granted(response, &ours.registration.credentials.user).unwrap_or(asked).clamp(BRIEFEST, asked.max(BRIEFEST));
        let lasts = Duration::from_secs(granted.into());
        // Before the end, with room for a lost answer.
        self.due.insert((now + lasts * 4 / 5, name.clone()));
        stack.events.push_back(Event::RegisteredElsewhere { name, lasts });
    }

    fn failed(&mut self, stack: &mut Stack, now: Instant, name: String, why: NotRegistered) {
        let Some(ours) = self.by_name.get_mut(&name) else { return };
        if ours.is_leaving {
            // It ends by itself.
            return self.forget(&name);
        }
        ours.tried += 1;
        let places = ours.registration.places.len();
        ours.place = (ours.place + 1) % places.max(1);
        // RFC 3263 4.3: what could not be had at one place is tried at the next; who refuses us there would refuse us elsewhere.
        let elsewhere =
            matches!(why, NotRegistered::Silent | NotRegistered::NoListener(_) | NotRegistered::Refused(500..=599)) && ours.tried < places;
        if elsewhere {
            return self.send(stack, now, &name, None);
        }
        ours.tried = 0;
        let wait = RETRY.saturating_mul(1 << ours.failures.min(6)).min(LONGEST_RETRY);
        ours.failures = ours.failures.saturating_add(1);
        // Spread, so that a registrar that comes back is not met by all at once (RFC 5626 4.5).
        let share = f64::from(self.rng.next_u32()) / f64::from(u32::MAX);
        let again_in = wait.mul_f64(0.75 + share / 4.0);
        self.due.insert((now + again_in, name.clone()));
        stack.events.push_back(Event::RegistrationRefused { name, why, again_in });
    }

    /// Asks for at least as long as the registrar wants from now on; `false` when that was asked already, or is longer than a day.
    fn lengthen(&mut self, name: &str, response: &Response) -> bool {
        let least = response.headers.number::<u32>(HeaderName::MinExpires).ok().flatten().map(u64::from).map(Duration::from_secs);
        let (Some(ours), Some(least)) = (self.by_name.get_mut(name), least) else { return false };
        let longer = least > ours.asks() && least <= LONGEST;
        if longer {
            ours.least = least;
        }
        longer
    }

    /// An answer to the challenge, unless this request carried one already or the challenge is not of our realm.
    fn proof(&mut self, name: &str, response: &Response) -> Result<(HeaderName, String), NotRegistered> {
        let refused = NotRegistered::Refused(response.status);
        let Some(ours) = self.by_name.get(name) else { return Err(refused) };
        if ours.answered {
            return Err(NotRegistered::WrongPassword);
        }
        let credentials = &ours.registration.credentials;
        let cnonce = format!("{:016x}", self.rng.next_u64());
        let proof = ours.registrar().and_then(|uri| credentials.answer(response, &Method::Register, &uri.to_string(), &cnonce));
        proof.ok_or_else(|| credentials.other_realm(response).map_or(refused, NotRegistered::OtherRealm))
    }

    fn send(&mut self, stack: &mut Stack, now: Instant, name: &str, proof: Option<(HeaderName, String)>) {
        let Some(ours) = self.by_name.get_mut(name) else { return };
        let Some((transport, registrar)) = ours.at() else { return };
        ours.cseq += 1;
        ours.answered = proof.is_some();
        let Some(request) = ours.request(proof) else { return };
        let user = ours.registration.credentials.user.clone();
        let Some(hop) = stack.hop_to(transport, registrar) else {
            return self.failed(stack, now, name.to_owned(), NotRegistered::NoListener(transport));
        };
        let contact = stack.config.reach.uri(&hop).with_user(&user);
        let request = request.with(HeaderName::Contact, NameAddr::new(contact));
        match stack.endpoint.send_request(now, request, hop) {
            Ok(tx) => drop(self.names_by_request.insert(tx, name.to_owned())),
            Err(_) => self.failed(stack, now, name.to_owned(), NotRegistered::Silent),
        }
    }
}

impl Ours {
    fn is_moved_only(&self, other: &Registration) -> bool {
        let there = Registration { places: other.places.clone(), ..self.registration.clone() };
        there == *other && !self.registration.places.is_empty()
    }

    fn at(&self) -> Option<(Transport, SocketAddr)> {
        self.registration.places.get(self.place).copied()
    }

    fn asks(&self) -> Duration {
        self.registration.expires.max(self.least)
    }

    /// The registrar's URI: its domain, or the address that is asked.
    fn registrar(&self) -> Option<SipUri> {
        match &self.registration.domain {
            Some(domain) => Some(SipUri::new(domain.clone())),
            None => self.at().map(|(_, at)| SipUri::at(at)),
        }
    }

    fn request(&self, proof: Option<(HeaderName, String)>) -> Option<Request> {
        let registrar = self.registrar()?;
        let address = NameAddr::new(registrar.clone().with_user(&self.registration.credentials.user));
        let expires = if self.is_leaving { 0 } else { seconds(self.asks()) };
        let request = Request::new(Method::Register, registrar)
            .with(HeaderName::From, address.clone())
            .with(HeaderName::To, address)
            .with(HeaderName::CallId, self.call_id.as_str())
            .with(HeaderName::CSeq, format!("{} REGISTER", self.cseq))
            .with(HeaderName::Expires, expires);
        Some(match proof {
            Some((name, value)) => request.with(name, value),
            None => request,
        })
    }
}

/// RFC 3261 10.2.4: what stands with our Contact counts; a registrar lists the others of the user as well. Only one that is ours by its user
/// part alone can be told, so the briefest of those.
fn granted(response: &Response, user: &str) -> Option<u32> {
    let listed = match response.headers.contacts() {
        Ok(Contacts::List(contacts)) => {
            let ours = contacts.iter().filter(|contact| contact.uri.user().as_deref() == Some(user));
            ours.filter_map(NameAddr::expires).min()
        }
        Ok(Contacts::Star) | Err(_) => None,
    };
    listed.or_else(|| response.headers.expires().ok().flatten())
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}
