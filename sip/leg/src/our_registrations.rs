//! Registering ourselves with a registrar elsewhere, as a phone does (RFC 3261 10.2): once by order, then again before each expiry.
//!
//! A challenge is answered for the realm the registration names and for no other: a registrar that is not who we think must not
//! be given a proof it can use.

use crate::{Event, stack::Stack};
use carillon_sip_core::{
    ClientTx, Transport,
    digest::answer,
    message::{HeaderName, Method, NameAddr, Request, Response, SipUri},
};
use rand::{Rng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// After a failure the next attempt waits this long.
const RETRY: Duration = Duration::from_secs(30);

/// A registration of ours elsewhere.
#[derive(Clone)]
pub struct Registration {
    /// The user to register as.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// The realm whose challenges are answered.
    pub realm: String,
    /// The registrar.
    pub registrar: SocketAddr,
    /// How it is talked to.
    pub transport: Transport,
    /// How long each registration is asked to last.
    pub expires: Duration,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("user", &self.user).field("registrar", &self.registrar).finish_non_exhaustive()
    }
}

pub(crate) struct OurRegistrations {
    by_user: BTreeMap<String, Ours>,
    users_by_request: BTreeMap<ClientTx, String>,
    due: BTreeSet<(Instant, String)>,
    rng: StdRng,
}

struct Ours {
    registration: Registration,
    call_id: String,
    cseq: u32,
    /// The request under way carries an answer: a second challenge to it means that the answer was wrong.
    answered: bool,
}

impl OurRegistrations {
    pub(crate) fn new(rng: StdRng) -> Self {
        OurRegistrations { by_user: BTreeMap::new(), users_by_request: BTreeMap::new(), due: BTreeSet::new(), rng }
    }

    /// Registers, and stays registered.
    pub(crate) fn begin(&mut self, stack: &mut Stack, now: Instant, registration: Registration) {
        let user = registration.user.clone();
        let call_id = format!("{:016x}", self.rng.next_u64());
        self.by_user.insert(user.clone(), Ours { registration, call_id, cseq: 0, answered: false });
        self.send(stack, now, &user, None);
    }

    pub(crate) fn is_ours(&self, tx: ClientTx) -> bool {
        self.users_by_request.contains_key(&tx)
    }

    pub(crate) fn answered(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response) {
        if response.is_provisional() {
            return;
        }
        let Some(user) = self.users_by_request.remove(&tx) else { return };
        match response.status {
            200..=299 => self.registered(stack, now, user, response),
            401 | 407 => match self.proof(&user, response) {
                Some(proof) => self.send(stack, now, &user, Some(proof)),
                None => self.failed(stack, now, user, Some(response.status)),
            },
            status => self.failed(stack, now, user, Some(status)),
        }
    }

    pub(crate) fn unanswered(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx) {
        if let Some(user) = self.users_by_request.remove(&tx) {
            self.failed(stack, now, user, None);
        }
    }

    pub(crate) fn handle_timeout(&mut self, stack: &mut Stack, now: Instant) {
        while let Some((_, user)) = self.due.first().cloned().filter(|(at, _)| *at <= now) {
            self.due.pop_first();
            self.send(stack, now, &user, None);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    fn registered(&mut self, stack: &mut Stack, now: Instant, user: String, response: &Response) {
        let Some(ours) = self.by_user.get(&user) else { return };
        let asked = u32::try_from(ours.registration.expires.as_secs()).unwrap_or(u32::MAX);
        let granted = response.headers.expires().ok().flatten().unwrap_or(asked).clamp(10, asked.max(10));
        // Before the end, with room for a lost answer.
        self.due.insert((now + Duration::from_secs(granted.into()) * 4 / 5, user.clone()));
        stack.events.push_back(Event::RegisteredElsewhere { user });
    }

    fn failed(&mut self, stack: &mut Stack, now: Instant, user: String, status: Option<u16>) {
        self.due.insert((now + RETRY, user.clone()));
        stack.events.push_back(Event::RegistrationRefused { user, status });
    }

    /// An answer to the challenge, unless this request carried one already or the challenge is not of our realm.
    fn proof(&mut self, user: &str, response: &Response) -> Option<(HeaderName, String)> {
        let ours = self.by_user.get(user).filter(|ours| !ours.answered)?;
        let (challenge, header) = match response.status {
            401 => (HeaderName::WwwAuthenticate, HeaderName::Authorization),
            _ => (HeaderName::ProxyAuthenticate, HeaderName::ProxyAuthorization),
        };
        let Registration { password, realm, registrar, .. } = &ours.registration;
        let cnonce = format!("{:016x}", self.rng.next_u64());
        let named = format!("realm=\"{realm}\"");
        let challenges = response.headers.get_all(&challenge);
        let own = challenges.filter(|value| String::from_utf8_lossy(value).contains(&named));
        own.filter_map(|value| answer(value, user, password, &Method::Register, &SipUri::at(*registrar).to_string(), 1, &cnonce))
            .next()
            .map(|proof| (header, proof))
    }

    fn send(&mut self, stack: &mut Stack, now: Instant, user: &str, proof: Option<(HeaderName, String)>) {
        let Some(ours) = self.by_user.get_mut(user) else { return };
        ours.cseq += 1;
        ours.answered = proof.is_some();
        let request = ours.request(proof);
        let (transport, registrar) = (ours.registration.transport, ours.registration.registrar);
        let sent = stack.hop_to(transport, registrar).and_then(|hop| {
            let contact = stack.config.reach.uri(&hop).with_user(user);
            let request = request.with(HeaderName::Contact, NameAddr::new(contact));
            stack.endpoint.send_request(now, request, hop).ok()
        });
        match sent {
            Some(tx) => drop(self.users_by_request.insert(tx, user.to_owned())),
            None => self.failed(stack, now, user.to_owned(), None),
        }
    }
}

impl Ours {
    fn request(&self, proof: Option<(HeaderName, String)>) -> Request {
        let Registration { user, registrar, expires, .. } = &self.registration;
        let address = NameAddr::new(SipUri::at(*registrar).with_user(user));
        let request = Request::new(Method::Register, SipUri::at(*registrar))
            .with(HeaderName::From, address.clone())
            .with(HeaderName::To, address)
            .with(HeaderName::CallId, self.call_id.as_str())
            .with(HeaderName::CSeq, format!("{} REGISTER", self.cseq))
            .with(HeaderName::Expires, u32::try_from(expires.as_secs()).unwrap_or(u32::MAX));
        match proof {
            Some((name, value)) => request.with(name, value),
            None => request,
        }
    }
}
