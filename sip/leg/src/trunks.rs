//! Which addresses of the trunks answer: those that did not are called last, and those that are asked tell by OPTIONS.

use crate::{Event, TrunkPeer};
use carillon_sip_core::{
    ClientTx, Endpoint, Hop, Reach, Transport,
    message::{Method, Request, SipUri},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Between two questions to one address.
const EVERY: Duration = Duration::from_secs(30);
/// Unanswered questions in a row after which an address is taken for dead.
const MISSES: u8 = 2;
/// How long an address that did not take a call is called last, if it is not asked.
const SHUNNED: Duration = Duration::from_secs(30);

/// Where a trunk is.
pub(crate) type Place = (Transport, SocketAddr);

/// How the addresses of the trunks stand; as many as were ordered.
#[derive(Default)]
pub(crate) struct TrunkPlaces {
    states: BTreeMap<Place, State>,
    due: BTreeSet<(Instant, Place)>,
    places_by_question: BTreeMap<ClientTx, Place>,
    /// What was last told of each trunk that is asked.
    told: BTreeMap<String, bool>,
}

struct State {
    trunk: String,
    is_asked: bool,
    misses: u8,
    is_waiting: bool,
    /// Whether it answered the last time; of one that is asked, nothing is known at first.
    answers: Option<bool>,
    shunned_until: Option<Instant>,
}

impl TrunkPlaces {
    /// Makes these all there are. Questions begin at once.
    pub(crate) fn replace(&mut self, now: Instant, peers: &[TrunkPeer]) {
        let mut before = std::mem::take(&mut self.states);
        for peer in peers {
            let place = (peer.transport, peer.called_at());
            let known = before.remove(&place).filter(|known| known.trunk == peer.name);
            let fresh =
                State { trunk: peer.name.clone(), is_asked: false, misses: 0, is_waiting: false, answers: None, shunned_until: None };
            self.states.insert(place, State { is_asked: peer.ask, ..known.unwrap_or(fresh) });
        }
        let states = &self.states;
        let is_asked = |place: &Place| states.get(place).is_some_and(|state| state.is_asked);
        self.due.retain(|(_, place)| is_asked(place));
        let waiting: BTreeSet<Place> = self.due.iter().map(|(_, place)| *place).collect();
        self.due.extend(states.keys().filter(|place| is_asked(place) && !waiting.contains(*place)).map(|place| (now, *place)));
        self.told.retain(|trunk, _| states.values().any(|state| state.is_asked && state.trunk == *trunk));
    }

    /// Whether an address is to be called after those that answer.
    pub(crate) fn is_doubtful(&self, now: Instant, place: Place) -> bool {
        let state = self.states.get(&place);
        state.is_some_and(|state| state.answers == Some(false) || state.shunned_until.is_some_and(|until| until > now))
    }

    /// A call could not be placed there.
    pub(crate) fn failed(&mut self, now: Instant, hop: &Hop, events: &mut VecDeque<Event>) {
        let Some(state) = self.states.get_mut(&(hop.transport, hop.remote)) else { return };
        state.shunned_until = Some(now + SHUNNED);
        if state.is_asked {
            (state.answers, state.misses) = (Some(false), MISSES);
            let trunk = state.trunk.clone();
            self.tell(&trunk, events);
        }
    }

    /// It answered, whatever.
    pub(crate) fn answered(&mut self, hop: &Hop, events: &mut VecDeque<Event>) {
        self.heard((hop.transport, hop.remote), events);
    }

    fn heard(&mut self, place: Place, events: &mut VecDeque<Event>) {
        let Some(state) = self.states.get_mut(&place) else { return };
        (state.shunned_until, state.misses, state.is_waiting) = (None, 0, false);
        if state.is_asked && state.answers.replace(true) != Some(true) {
            let trunk = state.trunk.clone();
            self.tell(&trunk, events);
        }
    }

    pub(crate) fn is_question(&self, tx: ClientTx) -> bool {
        self.places_by_question.contains_key(&tx)
    }

    /// Any answer will do: who refuses OPTIONS is there all the same. But 503 says that calls are not taken, and 408 comes from a proxy before
    /// somebody who is not there.
    pub(crate) fn question_answered(&mut self, tx: ClientTx, status: u16, events: &mut VecDeque<Event>) {
        let Some(place) = self.places_by_question.remove(&tx) else { return };
        match status {
            408 | 503 => self.missed(place, events),
            _ => self.heard(place, events),
        }
    }

    /// No connection can be made to where a question was to go: that is no answer to wait for.
    pub(crate) fn question_lost(&mut self, tx: ClientTx, events: &mut VecDeque<Event>) {
        let Some(place) = self.places_by_question.remove(&tx) else { return };
        if let Some(state) = self.states.get_mut(&place) {
            state.misses = MISSES;
        }
        self.missed(place, events);
    }

    pub(crate) fn question_unanswered(&mut self, tx: ClientTx) {
        self.places_by_question.remove(&tx);
    }

    fn missed(&mut self, place: Place, events: &mut VecDeque<Event>) {
        let Some(state) = self.states.get_mut(&place) else { return };
        state.is_waiting = false;
        state.misses = state.misses.saturating_add(1);
        if state.misses >= MISSES && state.answers.replace(false) != Some(false) {
            let trunk = state.trunk.clone();
            self.tell(&trunk, events);
        }
    }

    /// Asks those whose turn it is.
    pub(crate) fn handle_timeout(&mut self, now: Instant, endpoint: &mut Endpoint, reach: &Reach, events: &mut VecDeque<Event>) {
        while let Some((at, place)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, place));
            let Some(state) = self.states.get(&place) else { continue };
            if state.is_waiting {
                self.missed(place, events);
            }
            self.due.insert((now + EVERY, place));
            let (transport, at) = place;
            let sent = reach.hop_to(transport, at).and_then(|hop| {
                let uri = SipUri::at(at);
                let uri = if transport == Transport::Udp { uri } else { uri.with_param("transport", Some(transport.uri_param())) };
                endpoint.send_request(now, Request::new(Method::Options, uri), hop).ok()
            });
            if let Some(state) = self.states.get_mut(&place) {
                state.is_waiting = true;
            }
            if let Some(tx) = sent {
                self.places_by_question.insert(tx, place);
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A trunk answers while one of its addresses does.
    fn tell(&mut self, trunk: &str, events: &mut VecDeque<Event>) {
        let mut asked = self.states.values().filter(|state| state.is_asked && state.trunk == trunk);
        let answers = asked.clone().any(|state| state.answers == Some(true));
        if !answers && asked.any(|state| state.answers.is_none()) {
            return;
        }
        if self.told.insert(trunk.to_owned(), answers) != Some(answers) {
            events.push_back(Event::TrunkAnswers { trunk: trunk.to_owned(), answers });
        }
    }
}
