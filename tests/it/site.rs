//! A whole server of a test's own: ports the system chooses, a folder of its own, short timers, a trunk, and people to sign in.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use carillon::{
    Server,
    config::{
        Accounts, Config, Database, Dialplan, Http, Limits, Mail, Media, Nat, Oidc, PortRange, Recordings, Sip, Site as Place, Tls, Turn,
        Upload,
    },
};
use carillon_kit::phone::Phone;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, eventually};

/// Password of everybody who can sign in.
pub(crate) const PASSWORD: &str = "in-the-tests";

/// A running server with what belongs to it.
pub(crate) struct Site {
    pub(crate) server: Server,
    /// The far end of trunk `lab`.
    pub(crate) trunk: Phone,
    /// Where SIP goes, UDP and TCP.
    pub(crate) sip: SocketAddr,
    pub(crate) sip_tcp: SocketAddr,
    folder: TempDir,
}

/// An agent at work: signed in, with a registered phone.
pub(crate) struct Agent {
    pub(crate) api: Client,
    pub(crate) phone: Phone,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_, _| {}).await
    }

    /// With changes to the configuration and the setup.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config, &mut String)) -> Self {
        Self::start_for(Phone::trunk().await, change).await
    }

    /// The same with this as the far end of its trunk, whose address is the setup's business.
    pub(crate) async fn start_for(trunk: Phone, change: impl FnOnce(&mut Config, &mut String)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = config_in(folder.path());
        let mut setup = setup(trunk.address());
        change(&mut config, &mut setup);
        write_dialplan(&config.dialplan.folder);
        let server = Server::start(config, Some(&setup)).await.expect("the server starts");
        let sip = server.bound().sip_udp[0];
        trunk.knows(sip);
        Self { sip, sip_tcp: server.bound().sip_tcp[0], server, trunk, folder }
    }

    /// The same after the server was stopped and started: what was in its database still is.
    pub(crate) async fn restarted(self) -> Self {
        let Self { server, trunk, folder, .. } = self;
        server.drain().await;
        let server = Server::start(config_in(folder.path()), None).await.expect("the server starts again");
        let sip = server.bound().sip_udp[0];
        trunk.knows(sip);
        Self { sip, sip_tcp: server.bound().sip_tcp[0], server, trunk, folder }
    }

    /// Nobody signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.server.bound().http)
    }

    pub(crate) async fn signed_in(&self, login: &str) -> Client {
        let mut client = self.stranger();
        client.sign_in(login, PASSWORD).await;
        client
    }

    /// Signs an agent in with a phone that registers for it.
    pub(crate) async fn agent(&self, login: &str, phone: &str) -> Agent {
        Agent::at_work(self.server.bound().http, self.sip, login, phone).await
    }

    /// The facts of one kind in the only call.
    pub(crate) async fn facts(&self, kind: &str) -> Vec<Value> {
        let record = self.record().await;
        let admin = self.signed_in("admin").await;
        let (_, details) = admin.get(&format!("/calls/{}", record["call"].as_str().expect("an id"))).await;
        let facts = details["timeline"].as_array().expect("a timeline").iter();
        facts.filter(|fact| fact["type"] == kind).map(|fact| fact["data"].clone()).collect()
    }

    /// The call record of the only call, once it is written.
    pub(crate) async fn record(&self) -> Value {
        self.records(1).await.remove(0)
    }

    /// The call records, newest first, once there are as many.
    pub(crate) async fn records(&self, count: usize) -> Vec<Value> {
        let admin = self.signed_in("admin").await;
        let calls = eventually(&format!("{count} ended calls"), async || {
            let (_, page) = admin.get("/calls?limit=200").await;
            let calls = page["items"].as_array()?.clone();
            (calls.len() == count && calls.iter().all(|call| !call["ended_at"].is_null())).then_some(calls)
        })
        .await;
        let mut records = Vec::new();
        for call in calls {
            let path = format!("/calls/{}", call["id"].as_str().expect("an id"));
            let record = eventually("the record with its recording closed", async || {
                let (status, details) = admin.get(&path).await;
                assert_eq!(status, 200, "{details}");
                let is_closed = |recording: &Value| !recording["length_ms"].is_null();
                let record = details["record"].clone();
                record["recordings"].as_array().is_some_and(|recordings| recordings.iter().all(is_closed)).then_some(record)
            });
            records.push(record.await);
        }
        records
    }

    /// A recorded call that an agent of Sales answers and in which the caller is heard: its record, once both have hung up.
    pub(crate) async fn a_talk_with(&self, agent: &mut Agent) -> Value {
        let mut caller = self.trunk.dial("5001").await;
        caller.is_answered().await;
        let mut own = agent.phone.rings().await;
        own.answer().await;
        caller.audio.say(500.0);
        own.audio.hears(500.0).await;
        caller.hang_up().await;
        own.is_ended().await;
        self.record().await
    }

    /// The address of the database, as it is without changes to the configuration.
    pub(crate) fn database(&self) -> String {
        config_in(self.folder.path()).database.url
    }

    /// Where the recording of a call record is.
    pub(crate) fn recording_of(&self, record: &Value) -> PathBuf {
        self.folder.path().join("recordings").join(record["recordings"][0]["file"].as_str().expect("a recording"))
    }
}

impl Agent {
    /// Registers the phone, signs in, and logs in with it.
    pub(crate) async fn at_work(http: SocketAddr, sip: SocketAddr, login: &str, phone_name: &str) -> Self {
        let phone = Phone::registered(phone_name, sip).await;
        let mut api = Client::new(http);
        api.sign_in(login, PASSWORD).await;
        api.choose_phone(phone_name).await;
        Self { api, phone }
    }

    /// Waits until the agent is in a state.
    pub(crate) async fn is(&self, state: &str) {
        eventually(&format!("the agent being {state}"), async || {
            let (_, me) = self.api.get("/me").await;
            (me["agent"]["state"] == state).then_some(())
        })
        .await;
    }
}

impl Agent {
    /// Waits until the agent is not in a state any more.
    pub(crate) async fn leaves(&self, state: &str) {
        eventually(&format!("the agent no longer being {state}"), async || {
            let (_, me) = self.api.get("/me").await;
            (me["agent"]["state"] != state).then_some(())
        })
        .await;
    }
}

/// Who ended it and why, of a record or a leg.
pub(crate) fn ending(record: &Value) -> String {
    let part = |name: &str| record["ending"][name].as_str().unwrap_or_default();
    format!("{} {}", part("by"), part("reason"))
}

/// Left and right of a recording.
pub(crate) fn both_sides(wav: &Path) -> (Vec<i16>, Vec<i16>) {
    let bytes = fs::read(wav).expect("a recording");
    let frames = bytes[44..].chunks_exact(4);
    frames.map(|frame| (i16::from_le_bytes([frame[0], frame[1]]), i16::from_le_bytes([frame[2], frame[3]]))).unzip()
}

pub(crate) fn config_in(folder: &Path) -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Config {
        http: Http { listen: any, ..Http::default() },
        sip: Sip { udp: vec![any], tcp: vec![any], expires_min_s: 1, ..Sip::default() },
        tls: Tls::default(),
        nat: Nat::default(),
        media: Media { rtp_ports: PortRange(0..=0), threads: 1, rtp_timeout_s: 30, ..Media::default() },
        database: Database { url: format!("sqlite:{}", folder.join("carillon.db").display()), spool: folder.join("spool") },
        dialplan: Dialplan { folder: folder.join("dialplan"), sounds: folder.join("sounds") },
        recordings: Recordings { folder: folder.join("recordings"), ..Recordings::default() },
        upload: Upload::default(),
        turn: Turn::default(),
        site: Place::default(),
        accounts: Accounts::default(),
        mail: Mail::default(),
        oidc: Oidc::default(),
        limits: Limits { drain_s: 1, ..Limits::default() },
    }
}

/// A dialplan without greetings, with the demo's sounds.
pub(crate) fn write_dialplan(folder: &Path) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo");
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("plan.toml"), PLAN).expect("a plan");
    for sounds in ["prompts", "music"] {
        std::os::unix::fs::symlink(demo.join(sounds), folder.join(sounds)).expect("a link to the sounds");
    }
}

pub(crate) const PLAN: &str = include_str!("site_plan.toml");

pub(crate) fn setup(trunk: SocketAddr) -> String {
    include_str!("site_setup.toml").replace("PASSWORD", PASSWORD).replace("TRUNK_PORT", &trunk.port().to_string())
}
