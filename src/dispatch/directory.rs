//! What the operator set up, as one snapshot that everybody reads and one place that replaces it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use carillon_call::Site;
use carillon_model::{
    Agent, AgentId, DISPOSITION_LEVELS, Disposition, DispositionId, Membership, Part, PauseId, PauseReason, Phone, PhoneId, Queue, QueueId,
    Trunk, TrunkId, User, UserId,
};
use carillon_store::{self as store, Db, Stored};

/// The set-up at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// People who can sign in.
    pub users: BTreeMap<UserId, User>,
    /// Telephones.
    pub phones: BTreeMap<PhoneId, Phone>,
    /// The phones that are pages of WebRTC agents.
    pub pages: BTreeMap<AgentId, PhoneId>,
    /// Queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Who works in which queue.
    pub memberships: Vec<Membership>,
    /// Trunks.
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// Pause reasons.
    pub pauses: BTreeMap<PauseId, PauseReason>,
    /// How calls may be classed, in the order people are shown it.
    pub dispositions: Vec<Disposition>,
    /// The same as calls look at it.
    pub site: Arc<Site>,
}

impl Snapshot {
    /// Reads everything from the database.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn load(db: &Db) -> Result<Self, store::Error> {
        let users = entities(store::user::all(db).await?);
        let phones = entities(store::phone::all(db).await?);
        let queues = entities(store::queue::all(db).await?);
        let trunks = entities(store::trunk::all(db).await?);
        let routes = entities(store::outbound_route::all(db).await?);
        let pauses = entities(store::pause_reason::all(db).await?);
        let agents = users.iter().filter(|user| !user.disabled).filter_map(|user| Some((user.id.into(), user.agent.clone()?))).collect();
        Ok(Self {
            site: Arc::new(Site::new(queues.clone(), agents, &phones, &trunks, routes)),
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            phones: phones.into_iter().map(|phone| (phone.id, phone)).collect(),
            pages: store::phone::of_pages(db).await?.into_iter().collect(),
            queues: queues.into_iter().map(|queue| (queue.id, queue)).collect(),
            memberships: store::membership::all(db).await?,
            trunks: trunks.into_iter().map(|trunk| (trunk.id, trunk)).collect(),
            pauses: pauses.into_iter().map(|pause| (pause.id, pause)).collect(),
            dispositions: entities(store::disposition::all(db).await?),
        })
    }

    /// The agents who may take calls: all but those who are kept out.
    pub fn at_work(&self) -> impl Iterator<Item = (AgentId, &Agent)> {
        self.users.values().filter(|user| !user.disabled).filter_map(|user| Some((user.id.into(), user.agent.as_ref()?)))
    }

    /// Whether somebody is an agent who may take calls.
    pub fn may_work(&self, agent: AgentId) -> bool {
        self.users.get(&agent.into()).is_some_and(|user| user.agent.is_some() && !user.disabled)
    }

    /// What somebody is called before whoever supervises, or else before agents, who are told the alias where there is one.
    pub fn name_of(&self, user: UserId, supervises: bool) -> Option<String> {
        self.users.get(&user).map(|user| if supervises { user.name.clone() } else { user.known_as().to_owned() })
    }

    /// The pause that is meant where none is named.
    pub fn usual_pause(&self) -> Option<PauseId> {
        self.pauses.values().find(|pause| pause.is_default).or_else(|| self.pauses.values().next()).map(|pause| pause.id)
    }

    /// Whether an agent is shown a part of the desktop: what is taken away is not done by telephone either.
    pub fn is_shown(&self, agent: AgentId, part: Part) -> bool {
        self.users.get(&agent.into()).is_some_and(|user| user.shows(part))
    }

    /// The phone with this SIP user name.
    pub fn phone_named(&self, name: &str) -> Option<&Phone> {
        self.site.phone_named(name).and_then(|id| self.phones.get(&id))
    }

    /// The phone that is this agent's page.
    pub fn page_of(&self, agent: AgentId) -> Option<&Phone> {
        self.pages.get(&agent).and_then(|id| self.phones.get(id))
    }

    /// Whether a phone is somebody's page: no desk that others may sit at.
    pub fn is_page(&self, phone: PhoneId) -> bool {
        self.pages.values().any(|page| *page == phone)
    }

    /// The trunk of this name.
    pub fn trunk_named(&self, name: &str) -> Option<&Trunk> {
        self.trunks.values().find(|trunk| trunk.name == name)
    }

    /// The way to a disposition, the first level first; empty: there is no such one.
    pub fn disposition_path(&self, id: DispositionId) -> Vec<&Disposition> {
        let mut path: Vec<&Disposition> = Vec::new();
        let mut next = Some(id);
        while let Some(found) =
            next.and_then(|id| self.dispositions.iter().find(|one| one.id == id)).filter(|_| path.len() < DISPOSITION_LEVELS)
        {
            next = found.parent;
            path.insert(0, found);
        }
        path
    }

    /// The queues somebody may see: an agent those worked in, `None` all.
    pub fn queues_seen_by(&self, agent: Option<AgentId>) -> BTreeSet<QueueId> {
        let works_in = |queue: &QueueId| {
            agent.is_none_or(|agent| self.memberships.iter().any(|membership| membership.agent == agent && membership.queue == *queue))
        };
        self.queues.keys().copied().filter(works_in).collect()
    }
}

/// The snapshot everybody reads.
#[derive(Debug, Default)]
pub struct Directory {
    snapshot: RwLock<Arc<Snapshot>>,
}

impl Directory {
    /// The set-up now.
    pub fn read(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in its place.
    pub fn replace(&self, snapshot: Snapshot) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

fn entities<T>(stored: Vec<Stored<T>>) -> Vec<T> {
    stored.into_iter().map(|stored| stored.entity).collect()
}
