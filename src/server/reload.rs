//! Taking up what an operator changed in the database: the one place that tells everybody.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context;
use carillon_acd::Event as AcdEvent;
use carillon_model::{PhoneId, Reason};
use carillon_sip_core::digest::Ha1;
use carillon_sip_leg::{self as sip, Account, Credentials};
use carillon_store::{self as store, Db};
use tokio::sync::Mutex;

use super::read_plan;
use crate::{
    calls::{Admission, Surroundings},
    config::Config,
    dispatch::{PhoneStatus, Snapshot, acd_setup, keep_pages},
    live::Live,
    sounds::Shelf,
    tls::Certificates,
    trunks::{TrunkSetup, Trunks},
};

/// Takes up what is in the database and in the dialplan's folder, while the server runs.
pub struct Reload {
    config: Config,
    db: Db,
    around: Arc<Surroundings>,
    admission: Arc<Admission>,
    live: Arc<Live>,
    trunks: Arc<Trunks>,
    certificates: Option<Arc<Certificates>>,
    /// One at a time: the last to read is the last to tell.
    turn: Mutex<()>,
}

impl Reload {
    pub(super) fn new(
        config: Config,
        db: Db,
        admission: Arc<Admission>,
        live: Arc<Live>,
        trunks: Arc<Trunks>,
        certificates: Option<Arc<Certificates>>,
    ) -> Self {
        let around = Arc::clone(admission.around());
        Self { config, db, around, admission, live, trunks, certificates, turn: Mutex::new(()) }
    }

    /// Reads the dialplan, its prompts and its music anew. New calls follow it; calls that are up keep theirs.
    ///
    /// # Errors
    /// The plan has a mistake (with file and line), a sound cannot be read, or the media threads are too busy. Then everything stays as it was.
    pub async fn dialplan(&self) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        let (config, directory) = (self.config.clone(), self.around.directory.read());
        // Prompts and music are some megabytes to decode.
        let read = move || anyhow::Ok((read_plan(&config, &directory)?, Shelf::of(&config).load()?));
        let (plan, sounds) = tokio::task::spawn_blocking(read).await??;
        // Sounds first: no call follows a plan whose prompts are not there.
        self.around.media.set_sounds(sounds)?;
        self.admission.replace_plan(plan);
        Ok(())
    }

    /// Reads prompts and music anew. What is being played plays on.
    ///
    /// # Errors
    /// A sound cannot be read, or the media threads are too busy. Then everything stays as it was.
    pub async fn sounds(&self) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        let shelf = Shelf::of(&self.config);
        self.around.media.set_sounds(tokio::task::spawn_blocking(move || shelf.load()).await??)?;
        Ok(())
    }

    /// Reads everything anew, the certificate too, and tells the directory, `acd`, the signalling and the desktops. Calls that are up go on.
    ///
    /// # Errors
    /// The database refuses, or holds a trunk or phone that makes no sense. Then everything stays as it was.
    pub async fn run(&self) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        if let Some(certificates) = &self.certificates {
            certificates.refresh();
        }
        keep_pages(&self.db).await?;
        let snapshot = Snapshot::load(&self.db).await?;
        let known = Signalling::read(&self.db).await?;
        let setup = acd_setup(&snapshot);
        let before = self.around.directory.read();
        let gone = renamed_or_removed(&before, &snapshot);
        self.trunks.configure(known.trunks);
        self.around.directory.replace(snapshot);
        self.around.acd.tell(AcdEvent::Configure(setup)).await;
        self.around.sip.send(sip::Command::SetAccounts(known.accounts)).await?;
        anyhow::ensure!(self.trunks.tell(&self.around.sip).await, "the signalling has ended");
        for phone in gone {
            // The registrar's own word of it names a phone that nobody knows any more.
            self.around.phones.set(phone, PhoneStatus { reachable: false, user_agent: None, why: Some(Reason::Forbidden) });
        }
        self.live.setup_changed();
        Ok(())
    }
}

/// Phones and trunks, with what proves them to us and us to them.
pub(super) struct Signalling {
    pub(super) accounts: Vec<Account>,
    pub(super) trunks: Vec<TrunkSetup>,
}

impl Signalling {
    pub(super) async fn read(db: &Db) -> anyhow::Result<Self> {
        Ok(Self { accounts: accounts(db).await?, trunks: trunks(db).await? })
    }
}

fn renamed_or_removed(before: &Snapshot, now: &Snapshot) -> BTreeSet<PhoneId> {
    let same = |phone: &carillon_model::Phone| now.phones.get(&phone.id).is_some_and(|kept| kept.name == phone.name);
    before.phones.values().filter(|phone| !same(phone)).map(|phone| phone.id).collect()
}

/// The phones that may register.
async fn accounts(db: &Db) -> anyhow::Result<Vec<Account>> {
    let stored = store::phone::all_with_secrets(db).await?;
    let account = |(phone, secret): (carillon_model::Phone, store::DigestSecret)| {
        Ha1::from_hex(&secret.ha1_md5, &secret.ha1_sha256)
            .map(|ha1| Account { name: phone.name.clone(), ha1 })
            .with_context(|| format!("the password hashes of phone {}", phone.name))
    };
    stored.into_iter().map(account).collect()
}

/// The trunks, and who we are there.
async fn trunks(db: &Db) -> anyhow::Result<Vec<TrunkSetup>> {
    let stored = store::trunk::all_with_secrets(db).await?;
    let setup = |(trunk, secret): (carillon_model::Trunk, Option<store::DigestSecret>)| {
        let credentials = match trunk.account.as_ref().zip(secret) {
            None => None,
            Some((account, secret)) => {
                let ha1 = Ha1::from_hex(&secret.ha1_md5, &secret.ha1_sha256);
                let ha1 = ha1.with_context(|| format!("the password hashes of trunk {}", trunk.name))?;
                Some(Credentials { user: account.user.clone(), realm: account.realm.clone(), ha1 })
            }
        };
        Ok(TrunkSetup { trunk, credentials })
    };
    stored.into_iter().map(setup).collect()
}
