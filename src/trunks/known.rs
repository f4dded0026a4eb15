//! The trunks as they are set up and as they stand, with what the signalling is told of them.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use carillon_model::{AlarmCause, DnsTrouble, Fact, Trunk, TrunkId, TrunkTrouble};
use carillon_sip_core::{locate::Wanted, message::Host};
use carillon_sip_leg::{Command, Credentials, NotRegistered, Registration, TrunkPeer};
use carillon_sip_net::{Located, ServerNames, TrustedSources};
use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};

use super::{
    places::Places,
    status::{RegistrationState, TrunkState, TrunkStatus, trouble},
};

/// A trunk as it is set up.
#[derive(Debug, Clone)]
pub struct TrunkSetup {
    /// The trunk.
    pub trunk: Trunk,
    /// Who we are there.
    pub credentials: Option<Credentials>,
}

/// All trunks. What the signalling reports is noted without waiting; tasks tell everybody else.
#[derive(Debug, Default)]
pub struct Trunks {
    lines: Mutex<BTreeMap<TrunkId, Line>>,
    /// Whose sources are spared the quota of strangers.
    trusted: TrustedSources,
    /// Whose certificate is believed where.
    names: ServerNames,
    /// One at a time: the last to look is the last to tell.
    telling: tokio::sync::Mutex<()>,
    /// A trunk stands otherwise.
    pub(super) stands: Notify,
    /// There is another name to be asked for.
    pub(super) named: Notify,
}

#[derive(Debug)]
struct Line {
    setup: TrunkSetup,
    places: Places,
    registration: Option<RegistrationState>,
    registered_until: Option<Timestamp>,
    tried_again_at: Option<Timestamp>,
    refused: Option<TrunkTrouble>,
    answers: Option<bool>,
    /// How it stood when somebody was told last.
    told: TrunkState,
}

impl Trunks {
    /// No trunks yet; what is known of them goes to these lists as well.
    pub fn new(trusted: TrustedSources, names: ServerNames) -> Self {
        Self { trusted, names, ..Self::default() }
    }

    /// Makes these all there are. What stays as it was keeps its standing.
    pub fn configure(&self, setups: Vec<TrunkSetup>) {
        let mut lines = self.lines();
        let mut before = std::mem::take(&mut *lines);
        let now = crate::clock::now().mono;
        for setup in setups {
            let id = setup.trunk.id;
            lines.insert(id, Line::of(setup, before.remove(&id), now));
        }
        drop(lines);
        self.named.notify_one();
        self.stands.notify_one();
    }

    /// What the signalling is to know. The lists of sources and of certificate names are set by the way.
    pub fn orders(&self) -> [Command; 2] {
        let lines = self.lines();
        let peers: Vec<TrunkPeer> = lines.values().flat_map(Line::peers).collect();
        let registrations = lines.values().filter_map(Line::registration).collect();
        self.trusted.set(peers.iter().map(|peer| peer.address.ip()));
        let named = lines.values().filter(|line| line.domain().is_some());
        self.names.set(named.flat_map(|line| line.places.known().iter().map(|(_, at)| (*at, line.setup.trunk.host.clone()))));
        [Command::SetTrunks(peers), Command::SetRegistrations(registrations)]
    }

    /// Tells the signalling; whether it still listens.
    pub async fn tell(&self, sip: &mpsc::Sender<Command>) -> bool {
        let _telling = self.telling.lock().await;
        for order in self.orders() {
            if sip.send(order).await.is_err() {
                return false;
            }
        }
        true
    }

    /// How a trunk stands.
    pub fn status(&self, trunk: TrunkId) -> TrunkStatus {
        self.lines().get(&trunk).map(Line::status).unwrap_or_default()
    }

    /// The trunks that cannot be had, with what is wrong.
    pub fn complaints(&self) -> Vec<AlarmCause> {
        let lines = self.lines();
        let down = lines.values().filter(|line| line.state() == TrunkState::Down);
        down.map(|line| AlarmCause::Trunk { name: line.setup.trunk.name.clone(), troubles: line.troubles() }).collect()
    }

    /// A registration holds for so long.
    pub fn registered(&self, name: &str, lasts: Duration) {
        self.change(name, |line| {
            line.registration = Some(RegistrationState::Registered);
            line.registered_until = Timestamp::now().checked_add(lasts).ok();
            (line.tried_again_at, line.refused) = (None, None);
        });
    }

    /// A registration does not hold.
    pub fn not_registered(&self, name: &str, why: &NotRegistered, again_in: Duration) {
        self.change(name, |line| {
            let realm = line.setup.credentials.as_ref().map(|credentials| credentials.realm.as_str());
            let told = trouble(why, realm.unwrap_or_default());
            tracing::warn!(trunk = name, again_in_s = again_in.as_secs(), "not registered: {told}");
            line.registration = Some(RegistrationState::Failed);
            line.tried_again_at = Timestamp::now().checked_add(again_in).ok();
            line.refused = Some(told);
        });
    }

    /// A trunk answers OPTIONS, or does not.
    pub fn answers(&self, name: &str, answers: bool) {
        self.change(name, |line| line.answers = Some(answers));
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Line)) {
        // News of a trunk that has just been renamed or removed concerns nobody.
        if let Some(line) = self.lines().values_mut().find(|line| line.setup.trunk.name == name) {
            change(line);
            self.stands.notify_one();
        }
    }

    /// What is news of the trunks since it was last asked for.
    pub(super) fn news(&self) -> Vec<Fact> {
        let mut news = Vec::new();
        for (id, line) in self.lines().iter_mut() {
            let state = line.state();
            // What is not known yet takes back nothing of what was told.
            if state == TrunkState::Unknown || line.told == state {
                continue;
            }
            let before = std::mem::replace(&mut line.told, state);
            match state {
                TrunkState::Unwatched if before != TrunkState::Down => {}
                TrunkState::Unknown => {}
                TrunkState::Up | TrunkState::Unwatched => news.push(Fact::TrunkUp { trunk: *id }),
                TrunkState::Down => news.push(Fact::TrunkDown { trunk: *id, troubles: line.troubles() }),
            }
        }
        news
    }

    /// Names that are to be asked for now.
    pub(super) fn questions(&self, now: Instant) -> Vec<(TrunkId, Wanted)> {
        self.lines().iter_mut().filter_map(|(id, line)| Some((*id, line.places.ask(now)?))).collect()
    }

    /// When a name is to be asked for next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.lines().values().filter_map(|line| line.places.due()).min()
    }

    /// Takes the DNS's answer; whether a trunk is somewhere else now. One that was set up anew meanwhile asks for itself.
    pub(super) fn located(&self, trunk: TrunkId, asked: &Wanted, now: Instant, answer: Result<Located, DnsTrouble>) -> bool {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&trunk).filter(|line| line.setup.trunk.host == asked.name && line.places.due().is_none()) else {
            return false;
        };
        if let Err(why) = &answer
            && line.places.error.as_ref() != Some(why)
        {
            let last_known = !line.places.known().is_empty();
            let told = TrunkTrouble::NotLocated { why: *why, last_known };
            tracing::warn!(trunk = line.setup.trunk.name, host = asked.name, "{told}");
        }
        let changed = line.places.take(now, answer);
        self.stands.notify_one();
        changed
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<TrunkId, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn of(setup: TrunkSetup, before: Option<Self>, now: Instant) -> Self {
        let account = |setup: &TrunkSetup| setup.trunk.account.clone().filter(|account| account.register).zip(setup.credentials.clone());
        let wants = account(&setup);
        let places = Places::of(&setup.trunk, now);
        let registering = wants.is_some().then_some(RegistrationState::Registering);
        let fresh = |setup, places| Self {
            setup,
            places,
            registration: registering,
            registered_until: None,
            tried_again_at: None,
            refused: None,
            answers: None,
            told: TrunkState::Unknown,
        };
        let Some(before) = before.filter(|before| before.setup.trunk.name == setup.trunk.name) else { return fresh(setup, places) };
        let (same_place, same_account) = (before.places.is_of(&places), account(&before.setup) == wants);
        let asked = setup.trunk.options;
        let line = fresh(setup, if same_place { before.places } else { places });
        let line = Self { told: before.told, answers: before.answers.filter(|_| same_place && asked), ..line };
        match same_place && same_account {
            true => Self {
                registration: before.registration,
                registered_until: before.registered_until,
                tried_again_at: before.tried_again_at,
                refused: before.refused,
                ..line
            },
            false => line,
        }
    }

    /// Its name, if it has one.
    fn domain(&self) -> Option<Host> {
        self.setup.trunk.host.parse::<IpAddr>().is_err().then(|| self.setup.trunk.host.parse().ok()).flatten()
    }

    fn peers(&self) -> Vec<TrunkPeer> {
        let TrunkSetup { trunk, credentials } = &self.setup;
        let peer = |(transport, address): &(_, _)| TrunkPeer {
            domain: self.domain(),
            credentials: credentials.clone(),
            large_by_tcp: trunk.large_by_tcp,
            ask: trunk.options,
            ..TrunkPeer::new(&trunk.name, *address, *transport)
        };
        self.places.known().iter().map(peer).collect()
    }

    fn registration(&self) -> Option<Registration> {
        let TrunkSetup { trunk, credentials } = &self.setup;
        let account = trunk.account.as_ref().filter(|account| account.register)?;
        Some(Registration {
            name: trunk.name.clone(),
            credentials: credentials.clone()?,
            domain: self.domain(),
            places: self.places.known().to_vec(),
            expires: Duration::from_secs(account.register_s.into()),
        })
    }

    fn troubles(&self) -> Vec<TrunkTrouble> {
        let silent = (self.answers == Some(false)).then_some(TrunkTrouble::OptionsUnanswered);
        let last_known = !self.places.known().is_empty();
        let unknown = self.places.error.map(|why| TrunkTrouble::NotLocated { why, last_known });
        [unknown, self.refused.clone(), silent].into_iter().flatten().collect()
    }

    fn state(&self) -> TrunkState {
        let nowhere = self.places.known().is_empty();
        let (failed, silent) = (self.registration == Some(RegistrationState::Failed), self.answers == Some(false));
        let known_at = !nowhere && self.registration != Some(RegistrationState::Registering);
        match () {
            () if failed || silent || (nowhere && self.places.error.is_some()) => TrunkState::Down,
            () if known_at && (self.answers.is_some() || (!self.setup.trunk.options && self.registration.is_some())) => TrunkState::Up,
            () if known_at && !self.setup.trunk.options => TrunkState::Unwatched,
            () => TrunkState::Unknown,
        }
    }

    fn status(&self) -> TrunkStatus {
        let places = self.places.known().iter().map(|(transport, at)| format!("{} {at}", transport.name()));
        TrunkStatus {
            state: self.state(),
            registration: self.registration,
            registered_until: self.registered_until,
            tried_again_at: self.tried_again_at,
            answers: self.answers,
            places: places.collect(),
            errors: self.troubles(),
        }
    }
}
