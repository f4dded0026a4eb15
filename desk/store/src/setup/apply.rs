//! Making the database hold what a setup says, in one transaction.

use carillon_model::{
    Agent, AgentId, Disposition, DispositionId, IdSource, Membership, Number, OutboundRoute, PauseId, PauseReason, Phone, PhoneId, Queue,
    QueueId, RecordingPolicy, RouteId, Trunk, TrunkId, User, UserId,
};
use jiff::Timestamp;

use super::{DispositionSetup, OutboundRouteSetup, PauseReasonSetup, PhoneSetup, Problem, QueueSetup, Setup, TrunkSetup, UserSetup};
use crate::{
    Class, Db, DigestSecret, Error, Write,
    audit::Actor,
    disposition, membership, outbound_route,
    password::{self, SetBy},
    pause_reason, phone, queue, trunk, user,
};

/// How the program turns passwords into what is stored; the database itself knows no cryptography.
pub trait Secrets: Sync {
    /// Hashes a user's password (argon2id, PHC text).
    ///
    /// # Errors
    /// Why it cannot be hashed, in words.
    fn hash_password(&self, password: &str) -> Result<String, String>;

    /// Whether `hash` is of this password.
    fn is_password(&self, password: &str, hash: &str) -> bool;

    /// Both digest hashes of a phone's password in the server's realm.
    fn phone_secret(&self, name: &str, password: &str) -> DigestSecret;

    /// Both digest hashes of a password of ours in a realm elsewhere.
    fn digest_secret(&self, user: &str, realm: &str, password: &str) -> DigestSecret;
}

/// What [`apply`] did, as lines for people: `queue "sales"`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Made anew.
    pub created: Vec<String>,
    /// Were there and are different now.
    pub updated: Vec<String>,
    /// Were there just so.
    pub unchanged: Vec<String>,
}

/// Why a setup was not applied. Nothing of it was, then.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// It makes no sense as it is.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Setup(Vec<Problem>),
    /// The database would not.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<Problem> for ApplyError {
    fn from(problem: Problem) -> Self {
        Self::Setup(vec![problem])
    }
}

enum Change {
    Created,
    Updated,
    Unchanged,
}

/// Makes `db` hold what `setup` says, whole or not at all. Hashes passwords on the calling thread, before it begins to write.
///
/// # Errors
/// [`ApplyError::Setup`] names each field at fault; [`ApplyError::Store`].
pub async fn apply(db: &Db, setup: &Setup, secrets: &impl Secrets, ids: &mut IdSource, now: Timestamp) -> Result<Changes, ApplyError> {
    setup.check().map_err(ApplyError::Setup)?;
    let mut hashes = Vec::with_capacity(setup.user.len());
    for user in &setup.user {
        hashes.push(new_hashes(db, user, secrets).await?);
    }
    let seed = ids.next(now).as_u64_pair().1;
    let actor = Actor { user: None, name: "setup file".to_owned(), at: now, ids: IdSource::new(seed) };
    let mut apply = Apply { write: db.write_by(actor).await?, ids, now, changes: Changes::default() };
    for (user, hashes) in setup.user.iter().zip(hashes) {
        let of = format!("user {:?}", user.login);
        let done = apply.user(user, hashes).await;
        apply.note(of, done)?;
    }
    for phone in &setup.phone {
        let of = format!("phone {:?}", phone.name);
        let done = apply.phone(phone, secrets).await;
        apply.note(of, done)?;
    }
    for queue in &setup.queue {
        let of = format!("queue {:?}", queue.name);
        let done = apply.queue(queue).await;
        apply.note(of, done)?;
    }
    for trunk in &setup.trunk {
        let of = format!("trunk {:?}", trunk.name);
        let done = apply.trunk(trunk, secrets).await;
        apply.note(of, done)?;
    }
    for route in &setup.outbound_route {
        let of = format!("outbound_route {:?}", route.prefix);
        let done = apply.outbound_route(route).await;
        apply.note(of, done)?;
    }
    for pause in &setup.pause_reason {
        let of = format!("pause_reason {:?}", pause.name);
        let done = apply.pause_reason(pause).await;
        apply.note(of, done)?;
    }
    for disposition in &setup.disposition {
        let of = format!("disposition {:?}", disposition.name);
        let done = apply.disposition(disposition).await;
        apply.note(of, done)?;
    }
    let Apply { write, changes, .. } = apply;
    write.commit().await?;
    Ok(changes)
}

/// What is to be stored of a user's secrets, where another than what is there is wanted.
struct Hashes {
    password: Option<String>,
    pin: Option<String>,
}

async fn new_hashes(db: &Db, user: &UserSetup, secrets: &impl Secrets) -> Result<Hashes, ApplyError> {
    let stored = user::credentials(db, &user.login).await?;
    let (password, pin) = stored.map(|found| (found.password_hash, found.pin_hash)).unzip();
    let new = |field: &str, wanted: &str, stored: Option<String>| match stored {
        Some(stored) if secrets.is_password(wanted, &stored) => Ok(None),
        _ => secrets.hash_password(wanted).map(Some).map_err(|why| Problem::new(format!("user {:?}, {field}", user.login), why)),
    };
    Ok(Hashes {
        password: match &user.password {
            Some(wanted) => new("password", wanted, password)?,
            None => user.password_hash.clone(),
        },
        pin: match &user.pin {
            Some(wanted) => new("pin", wanted, pin.flatten())?,
            None => None,
        },
    })
}

struct Apply<'a> {
    write: Write,
    ids: &'a mut IdSource,
    now: Timestamp,
    changes: Changes,
}

impl Apply<'_> {
    /// Files what was done under its name; a refusal that has to do with the values becomes a problem of that name.
    fn note(&mut self, of: String, done: Result<Change, ApplyError>) -> Result<(), ApplyError> {
        match done {
            Ok(Change::Created) => self.changes.created.push(of),
            Ok(Change::Updated) => self.changes.updated.push(of),
            Ok(Change::Unchanged) => self.changes.unchanged.push(of),
            Err(ApplyError::Store(error)) if matches!(error.class(), Class::Conflict | Class::Invalid) => {
                return Err(Problem::new(of, error.to_string()).into());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn user(&mut self, wanted: &UserSetup, hashes: Hashes) -> Result<Change, ApplyError> {
        let Hashes { password: hash, pin } = hashes;
        let agent = wanted.agent.as_ref();
        let agent = agent.map(|agent| Agent {
            number: Number::new(&agent.number),
            typology: agent.typology,
            wrapup_ms: agent.wrapup_ms,
            dials: agent.dials.clone(),
            caller_id: agent.caller_id.as_ref().map(Number::new),
            remote_control: agent.remote_control,
            alias: agent.alias.clone(),
            parts: agent.parts.clone(),
            logs_in_paused: agent.logs_in_paused,
        });
        // Whoever is kept out stays so: a setup file says nothing of it.
        let user = |id, disabled| User {
            id,
            login: wanted.login.clone(),
            name: wanted.name.clone(),
            role: wanted.role,
            email: wanted.email.clone(),
            disabled,
            agent,
        };
        let Some(found) = user::credentials(&mut self.write, &wanted.login).await? else {
            let missing = || Problem::new(format!("user {:?}, password", wanted.login), "missing: a new user needs a password or its hash");
            let hash = hash.ok_or_else(missing)?;
            let user = user(UserId::new(self.ids.next(self.now)), false);
            user::insert(&mut self.write, &user, &hash, self.now).await?;
            if let Some(pin) = pin {
                user::set_pin(&mut self.write, user.id, Some(&pin), self.now).await?;
            }
            return Ok(Change::Created);
        };
        let id = found.user.id;
        let mut change = Change::Unchanged;
        let user = user(id, found.user.disabled);
        if user != found.user {
            let version = user::get(&mut self.write, id).await?.map_or(0, |stored| stored.version);
            user::update(&mut self.write, &user, version, self.now).await?;
            change = Change::Updated;
        }
        if let Some(hash) = hash.filter(|hash| *hash != found.password_hash) {
            password::set(&mut self.write, id, &hash, SetBy::Other, self.now).await?;
            change = Change::Updated;
        }
        if let Some(pin) = pin {
            user::set_pin(&mut self.write, id, Some(&pin), self.now).await?;
            change = Change::Updated;
        }
        Ok(change)
    }

    async fn phone(&mut self, wanted: &PhoneSetup, secrets: &impl Secrets) -> Result<Change, ApplyError> {
        let secret = match (&wanted.password, &wanted.ha1_md5, &wanted.ha1_sha256) {
            (Some(password), _, _) => Some(secrets.phone_secret(&wanted.name, password)),
            (None, Some(md5), Some(sha256)) => Some(DigestSecret { ha1_md5: md5.clone(), ha1_sha256: sha256.clone() }),
            _ => None,
        };
        let label = wanted.label.clone().unwrap_or_else(|| wanted.name.clone());
        let phone = |id| Phone {
            id,
            name: wanted.name.clone(),
            label,
            any_media_source: wanted.any_media_source,
            auto_answer: wanted.auto_answer,
            dials: wanted.dials.clone(),
            media_security: wanted.media_security,
        };
        let Some(found) = phone::by_name(&mut self.write, &wanted.name).await? else {
            let missing =
                || Problem::new(format!("phone {:?}, password", wanted.name), "missing: a new phone needs a password or both hashes");
            let secret = secret.ok_or_else(missing)?;
            let phone = phone(PhoneId::new(self.ids.next(self.now)));
            phone::insert(&mut self.write, &phone, &secret, self.now).await?;
            return Ok(Change::Created);
        };
        let id = found.entity.id;
        let mut change = Change::Unchanged;
        let phone = phone(id);
        if phone != found.entity {
            phone::update(&mut self.write, &phone, found.version, self.now).await?;
            change = Change::Updated;
        }
        let stored = phone::secret(&mut self.write, &wanted.name).await?;
        if let Some(secret) = secret.filter(|secret| stored.as_ref() != Some(secret)) {
            phone::set_secret(&mut self.write, id, &secret, self.now).await?;
            change = Change::Updated;
        }
        Ok(change)
    }

    async fn queue(&mut self, wanted: &QueueSetup) -> Result<Change, ApplyError> {
        let found = queue::by_name(&mut self.write, &wanted.name).await?;
        let id = found.as_ref().map_or_else(|| QueueId::new(self.ids.next(self.now)), |found| found.entity.id);
        let queue = Queue {
            id,
            name: wanted.name.clone(),
            label: wanted.label.clone().unwrap_or_else(|| wanted.name.clone()),
            strategy: wanted.strategy,
            offer_ms: wanted.offer_ms,
            wrapup_ms: wanted.wrapup_ms,
            misses_pause: wanted.misses_pause,
            max_wait_ms: wanted.max_wait_ms,
            max_waiting: wanted.max_waiting,
            music: wanted.music.clone(),
            recording: RecordingPolicy { record: wanted.record, consent: wanted.consent.clone() },
            caller_id: wanted.caller_id.as_ref().map(Number::new),
            keep_recordings_days: wanted.keep_recordings_days,
        };
        let mut change = match found {
            None => {
                queue::insert(&mut self.write, &queue, self.now).await?;
                Change::Created
            }
            Some(found) if found.entity != queue => {
                queue::update(&mut self.write, &queue, found.version, self.now).await?;
                Change::Updated
            }
            Some(_) => Change::Unchanged,
        };
        if self.members(id, wanted).await? && matches!(change, Change::Unchanged) {
            change = Change::Updated;
        }
        Ok(change)
    }

    /// Puts the named agents into the queue; whether that changed anything.
    async fn members(&mut self, id: QueueId, wanted: &QueueSetup) -> Result<bool, ApplyError> {
        let there = membership::of_queue(&mut self.write, id).await?;
        let mut changed = false;
        for member in &wanted.members {
            let field = || format!("queue {:?}, members, agent {:?}", wanted.name, member.agent);
            let agent = match user::by_login(&mut self.write, &member.agent).await? {
                None => return Err(Problem::new(field(), "no user has this login").into()),
                Some(user) if user.entity.agent.is_none() => return Err(Problem::new(field(), "this user is no agent").into()),
                Some(user) => AgentId::from(user.entity.id),
            };
            let membership = Membership { queue: id, agent, priority: member.priority };
            if !there.contains(&membership) {
                membership::save(&mut self.write, &membership, self.now).await?;
                changed = true;
            }
        }
        Ok(changed)
    }

    async fn trunk(&mut self, wanted: &TrunkSetup, secrets: &impl Secrets) -> Result<Change, ApplyError> {
        let found = trunk::by_name(&mut self.write, &wanted.name).await?;
        let trunk = Trunk {
            id: found.as_ref().map_or_else(|| TrunkId::new(self.ids.next(self.now)), |found| found.entity.id),
            name: wanted.name.clone(),
            host: wanted.host.clone(),
            port: wanted.set_port(),
            transport: wanted.transport.clone(),
            account: wanted.set_account(),
            options: wanted.options,
            large_by_tcp: wanted.large_by_tcp,
            max_calls: wanted.max_calls,
            max_calls_per_hour: wanted.max_calls_per_hour,
            media_security: wanted.media_security,
        };
        let password = wanted.account.as_ref().and_then(|account| account.password.as_deref());
        let secret =
            trunk.account.as_ref().zip(password).map(|(account, password)| secrets.digest_secret(&account.user, &account.realm, password));
        let mut stored = None;
        let mut change = match found {
            None => {
                trunk::insert(&mut self.write, &trunk, self.now).await?;
                Change::Created
            }
            Some(found) => {
                let same = found.entity.account.as_ref().zip(trunk.account.as_ref());
                if same.is_some_and(|(was, is)| was.user == is.user && was.realm == is.realm) {
                    stored = trunk::secret(&mut self.write, trunk.id).await?;
                }
                if found.entity == trunk {
                    Change::Unchanged
                } else {
                    trunk::update(&mut self.write, &trunk, found.version, self.now).await?;
                    Change::Updated
                }
            }
        };
        match secret {
            Some(secret) if stored.as_ref() != Some(&secret) => {
                trunk::set_secret(&mut self.write, trunk.id, &secret).await?;
                if matches!(change, Change::Unchanged) {
                    change = Change::Updated;
                }
            }
            None if trunk.account.is_some() && stored.is_none() => {
                let why = "missing: a new account, or one with another user or realm, needs its password";
                return Err(Problem::new(format!("trunk {:?}, account.password", wanted.name), why).into());
            }
            Some(_) | None => {}
        }
        Ok(change)
    }

    async fn outbound_route(&mut self, wanted: &OutboundRouteSetup) -> Result<Change, ApplyError> {
        let mut trunks = Vec::with_capacity(1 + wanted.fallback.len());
        for name in std::iter::once(&wanted.trunk).chain(&wanted.fallback) {
            let unknown = || Problem::new(format!("outbound_route {:?}, trunk", wanted.prefix), format!("no trunk is named {name:?}"));
            trunks.push(trunk::by_name(&mut self.write, name).await?.ok_or_else(unknown)?.entity.id);
        }
        let fallback = trunks.split_off(1);
        let found = outbound_route::by_prefix(&mut self.write, &wanted.prefix).await?;
        let route = OutboundRoute {
            id: found.as_ref().map_or_else(|| RouteId::new(self.ids.next(self.now)), |found| found.entity.id),
            prefix: wanted.prefix.clone(),
            class: wanted.class,
            trunk: trunks[0],
            fallback,
            caller_id: wanted.caller_id.as_ref().map(Number::new),
            recording: RecordingPolicy { record: wanted.record, consent: wanted.consent.clone() },
        };
        match found {
            None => outbound_route::insert(&mut self.write, &route, self.now).await.map(|()| Change::Created).map_err(Into::into),
            Some(found) if found.entity == route => Ok(Change::Unchanged),
            Some(found) => {
                outbound_route::update(&mut self.write, &route, found.version, self.now).await.map(|_| Change::Updated).map_err(Into::into)
            }
        }
    }

    async fn disposition(&mut self, wanted: &DispositionSetup) -> Result<Change, ApplyError> {
        let problem = |field: &str, why: String| Problem::new(format!("disposition {:?}, {field}", wanted.name), why);
        let mut parent = None;
        for name in wanted.parent.iter().flat_map(|parent| parent.split(" / ")) {
            let above = disposition::by_name(&mut self.write, parent, name).await?;
            let above = above.ok_or_else(|| problem("parent", format!("there is no {name:?}: name it before")))?;
            parent = Some(above.entity.id);
        }
        let mut queues = Vec::with_capacity(wanted.queues.len());
        for name in &wanted.queues {
            let found = queue::by_name(&mut self.write, name).await?;
            queues.push(found.ok_or_else(|| problem("queues", format!("no queue is named {name:?}")))?.entity.id);
        }
        queues.sort_unstable();
        let found = disposition::by_name(&mut self.write, parent, &wanted.name).await?;
        let disposition = Disposition {
            id: found.as_ref().map_or_else(|| DispositionId::new(self.ids.next(self.now)), |found| found.entity.id),
            name: wanted.name.clone(),
            parent,
            custom: wanted.custom,
            position: wanted.position,
            queues,
        };
        match found {
            None => disposition::insert(&mut self.write, &disposition, self.now).await.map(|()| Change::Created).map_err(Into::into),
            Some(found) if found.entity == disposition => Ok(Change::Unchanged),
            Some(found) => disposition::update(&mut self.write, &disposition, found.version, self.now)
                .await
                .map(|_| Change::Updated)
                .map_err(Into::into),
        }
    }

    async fn pause_reason(&mut self, wanted: &PauseReasonSetup) -> Result<Change, ApplyError> {
        let found = pause_reason::by_name(&mut self.write, &wanted.name).await?;
        let pause = PauseReason {
            id: found.as_ref().map_or_else(|| PauseId::new(self.ids.next(self.now)), |found| found.entity.id),
            name: wanted.name.clone(),
            label: wanted.label.clone().unwrap_or_else(|| wanted.name.clone()),
            is_default: wanted.is_default,
            paid: wanted.paid,
        };
        match found {
            None => pause_reason::insert(&mut self.write, &pause, self.now).await.map(|()| Change::Created).map_err(Into::into),
            Some(found) if found.entity == pause => Ok(Change::Unchanged),
            Some(found) => {
                pause_reason::update(&mut self.write, &pause, found.version, self.now).await.map(|_| Change::Updated).map_err(Into::into)
            }
        }
    }
}
