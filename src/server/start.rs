//! Starting: everything is read and checked before anything binds, and everything is bound before a call is taken.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use carillon_acd::Acd as AcdEngine;
use carillon_dialplan::{Known, Plan};
use carillon_media_engine as media;
use carillon_model::{IdSource, LegId, Role, User, UserId};
use carillon_sip_core::{Engine, Reach, Transport};
use carillon_sip_leg::{self as sip, UaConfig, UserAgent};
use carillon_sip_net as net;
use carillon_store::{self as store, Db};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    Bound, Reload, Server,
    reload::Signalling,
    signalling::{Reports, from_store},
};
use crate::{
    api::{self, Api},
    auth::{attempts::Attempts, oidc::Provider, password, site_key::SiteKey, turn::Turn},
    calls::{Admission, Calls, Surroundings, route_media_event},
    checks, clock,
    config::{Config, Poller},
    dispatch::{Acd, BindingKeeper, Directory, Keypad, Phones, Snapshot, acd_setup, keep_pages, last_known, made_by_trunk},
    jobs::{end_expired_sessions, follow_certificate, remove_old_recordings, watch_alarms},
    journal::{self, Journal},
    ladder::Ladder,
    live::Live,
    mail::MailServer,
    recording::{Keeper, Keys, Listenings, Uploads, repair_open},
    setup,
    simulate::Demo,
    sounds::{Kind, Shelf},
    telemetry::{Health, Metrics},
    tls::{self, Certificates},
    trunks::Trunks,
};

/// Orders that may wait for the signalling.
const SIP_ORDERS: usize = 4096;

pub(super) async fn start(config: Config, setup_text: Option<&str>, demo_phones: Option<String>) -> anyhow::Result<Server> {
    let metrics = Metrics::install();
    checks::pass(checks::of_machine(&config))?;
    let db = open_database(&config).await?;
    let claim = db.claim().await?;
    checks::pass(checks::of_open_database(&db, jiff::Timestamp::now()).await)?;
    if let Some(text) = setup_text {
        setup::apply_text(&db, text, &config.sip.realm).await?;
    }
    keep_pages(&db).await?;
    let plan = read_plan(&config, &Snapshot::load(&db).await?)?;
    let sounds = Arc::new(Shelf::of(&config).load()?);
    let recordings = &config.recordings.folder;
    let (recording_keys, uploads) = (Arc::new(Keys::load(&config.recordings)?), Uploads::of(&config.upload)?);
    let turn = Turn::of(&config.turn)?;
    let site_key = SiteKey::in_folder(config.database.spool.parent().unwrap_or(Path::new(".")))?;
    let mail = MailServer::of(&config)?;
    let provider = Provider::of(&config)?;
    std::fs::create_dir_all(recordings).with_context(|| format!("the recordings folder {} cannot be made", recordings.display()))?;
    let certificates = config.tls.is_set().then(|| Certificates::load(&config.tls.certificate, &config.tls.key)).transpose()?;

    let http = TcpListener::bind(config.http.listen).await.with_context(|| format!("HTTP cannot listen on {}", config.http.listen))?;
    let (trusted, server_names) = (net::TrustedSources::default(), net::ServerNames::default());
    let resolver = Arc::new(net::Resolver::new(&config.sip.dns_servers).context("sip.dns_servers, or this machine's own")?);
    let net = net::bind(net::NetConfig {
        udp: config.sip.udp.clone(),
        tcp: config.sip.tcp.clone(),
        tls: config.sip.tls.clone(),
        ws: config.sip.ws.clone(),
        wss: config.sip.wss.clone(),
        tls_server: certificates.as_ref().map(|certificates| tls::server(certificates, &[])),
        tls_server_of_trusted: of_trunks(&config, certificates.as_ref())?,
        tls_client: Some(tls::client(&config.tls.authorities, certificates.as_ref().filter(|_| config.tls.show_to_trunks))?),
        server_names: server_names.clone(),
        trusted: trusted.clone(),
        ..Default::default()
    })
    .await
    .context("SIP cannot listen")?;
    // Only now, so that a start that fails does not use up the one showing of the password.
    make_first_user(&db).await?;
    let snapshot = Snapshot::load(&db).await?;
    let sockets = net.counters();
    let door = net.door();
    let bound = Bound {
        http: http.local_addr()?,
        https: config.http.https,
        sip_udp: net.local(Transport::Udp),
        sip_tcp: net.local(Transport::Tcp),
        sip_tls: net.local(Transport::Tls),
        sip_ws: net.local(Transport::Ws),
        sip_wss: net.local(Transport::Wss),
    };

    let settings = journal::Settings::new(&config.database.spool, &config.recordings.folder, env!("CARGO_PKG_VERSION"));
    let journal = Journal::start(db.clone(), clock::now, settings).await?;
    let (facts, closed_recordings) = (journal.follow(), journal.follow());
    repair_open(&db, &config.recordings.folder, &journal).await?;
    let (acd, mut acd_task) = Acd::new(AcdEngine::new(rand::random()));
    acd_task.prepare(acd_setup(&snapshot), last_known(&db).await?);

    let calls = Arc::new(Calls::default());
    let now = clock::now();
    for (trunk, ages) in made_by_trunk(&db, &snapshot, now.wall).await? {
        if let Some(trunk) = snapshot.trunks.get(&trunk) {
            calls.made_before(trunk, ages.into_iter().filter_map(|age| now.mono.checked_sub(age)));
        }
    }
    let media = start_media(&config, sounds, Arc::clone(&calls))?;
    let (sip_orders, sip_inbox) = mpsc::channel(SIP_ORDERS);
    let known = Signalling::read(&db).await?;
    let trunks = Arc::new(Trunks::new(trusted, server_names));
    trunks.configure(known.trunks);
    let bindings = kept_bindings(&db).await?;
    let around = Arc::new(Surroundings {
        calls,
        directory: Directory::default(),
        phones: Arc::new(Phones::default()),
        acd: acd.clone(),
        keypad: Arc::new(Keypad::new(db.clone(), acd.clone())),
        journal: journal.clone(),
        sip: sip_orders,
        media,
        health: Arc::new(Health::default()),
        recordings: config.recordings.folder.clone(),
        time_zone: config.site.time_zone.clone(),
        language: config.site.language.into(),
        max_calls: config.limits.calls,
        ids: Mutex::new(IdSource::new(rand::random())),
    });
    around.directory.replace(snapshot);

    let admission = Arc::new(Admission::new(Arc::clone(&around), plan));
    let live = Live::new(Arc::clone(&around), db.clone(), Duration::from_secs(config.limits.stream_check_s));
    let reload = Arc::new(Reload::new(
        config.clone(),
        db.clone(),
        Arc::clone(&admission),
        Arc::clone(&live),
        Arc::clone(&trunks),
        certificates.clone(),
    ));
    let keeper = Arc::new(BindingKeeper::default());
    let ladder = Arc::new(Ladder::new(config.sip.messages_days));
    let reports = Reports {
        around: Arc::clone(&around),
        admission: Arc::clone(&admission),
        keeper: Arc::clone(&keeper),
        ladder: Arc::clone(&ladder),
        trunks: Arc::clone(&trunks),
    };
    let mut user_agent = user_agent(&config, &bound);
    // Told before the first packet is read: a trunk's call must not be taken for a stranger's.
    let first = [sip::Command::SetAccounts(known.accounts), sip::Command::RestoreBindings(bindings)];
    for order in first.into_iter().chain(trunks.orders()) {
        user_agent.handle_command(std::time::Instant::now(), order);
    }
    let mut tasks = JoinSet::new();
    tasks.spawn(async {
        claim.lost().await;
        tracing::error!("another server has taken the database while it was away: this one ends");
    });
    tasks.spawn(acd_task.run(Arc::clone(&around.calls), journal.clone()));
    tasks.spawn(Arc::clone(&around.phones).tell_changes(acd.clone(), journal.clone()));
    tasks.spawn(async move { journal.writer_ended().await });
    tasks.spawn(watch_alarms(Arc::clone(&around), Arc::clone(&trunks), certificates.clone(), uploads.clone()));
    tasks.spawn(Arc::clone(&trunks).tell_changes(around.journal.clone()));
    tasks.spawn(Arc::clone(&trunks).follow_names(resolver, around.sip.clone()));
    tasks.spawn(end_expired_sessions(db.clone(), acd));
    let keep_days = config.recordings.keep_days;
    tasks.spawn(remove_old_recordings(db.clone(), config.recordings.folder.clone(), uploads.clone(), keep_days));
    tasks.spawn(Arc::clone(&live).run(facts));
    let keeper_of_recordings = Keeper::new(db.clone(), config.recordings.folder.clone(), Arc::clone(&recording_keys), uploads);
    tasks.spawn(keeper_of_recordings.run(closed_recordings));
    tasks.spawn(Arc::clone(&keeper).write_changes(db.clone()));
    if let Some(certificates) = &certificates {
        tasks.spawn(follow_certificate(Arc::clone(certificates)));
    }
    tasks.spawn(ladder.write(db.clone(), Arc::clone(&around.calls)));
    tasks.spawn(net::drive(net, user_agent, sip_inbox, move |event| reports.take(event)));

    if let Some(provider) = &provider {
        tokio::spawn(Arc::clone(provider).look());
    }
    let (stop_http, stop) = watch::channel(false);
    let api = Arc::new(Api {
        around: Arc::clone(&around),
        live: Arc::clone(&live),
        reload: Arc::clone(&reload),
        trunks,
        admission,
        db: db.clone(),
        metrics,
        door,
        sockets,
        metrics_for_all: config.http.metrics_for_all,
        demo: demo_phones.and_then(|phones| demo(&config, &bound, &around.directory.read(), phones)),
        site_key,
        attempts: Attempts::new(config.accounts.lock_after, Duration::from_secs(60 * u64::from(config.accounts.lock_minutes))),
        provisioned: api::Provisioned::default(),
        bound: bound.clone(),
        disposing: tokio::sync::Mutex::default(),
        recording_keys,
        listenings: Listenings::default(),
        mail,
        provider,
        turn,
        config: config.clone(),
    });
    let mut requests = JoinSet::new();
    let https = certificates.as_ref().filter(|_| config.http.https).map(|certificates| tls::server(certificates, &[b"http/1.1"]));
    requests.spawn(api::serve(http, https, api, stop));
    around.health.ready();
    tracing::info!("the API is at {}://{}/api/v1", if bound.https { "https" } else { "http" }, bound.http);
    for (transport, addresses) in listeners(&bound) {
        let protocol = transport.via_token();
        addresses.iter().for_each(|address| tracing::info!("phones register at {address} over {protocol}"));
    }
    let drain_time = Duration::from_secs(config.limits.drain_s);
    Ok(Server { bound, around, live, reload, db, keeper, drain_time, stop_http, http: requests, tasks })
}

/// What trunks meet that connect by TLS, where they are to show who they are.
fn of_trunks(config: &Config, certificates: Option<&Arc<Certificates>>) -> anyhow::Result<Option<Arc<rustls::ServerConfig>>> {
    let asked = certificates.zip(config.tls.asks_trunks());
    asked.map(|(certificates, authorities)| tls::server_of_trunks(certificates, authorities)).transpose()
}

/// The demo's simulation calls from where its trunk `simulator` is.
fn demo(config: &Config, bound: &Bound, directory: &Snapshot, phones: String) -> Option<Demo> {
    let trunk = directory.trunk_named("simulator")?;
    Some(Demo {
        server: *bound.sip_udp.first()?,
        listen: (trunk.host.parse::<std::net::IpAddr>().ok()?, trunk.port?).into(),
        realm: config.sip.realm.clone(),
        phones,
        dialplan: config.dialplan.folder.clone(),
        running: Arc::default(),
    })
}

async fn open_database(config: &Config) -> anyhow::Result<Db> {
    if let Some(folder) = config.database.url.strip_prefix("sqlite:").and_then(|path| std::path::Path::new(path).parent()) {
        std::fs::create_dir_all(folder).with_context(|| format!("the database's folder {} cannot be made", folder.display()))?;
    }
    Ok(Db::open(&config.database.url).await?)
}

/// Without users nobody could sign in: an administrator is made whose password is shown this once.
async fn make_first_user(db: &Db) -> anyhow::Result<()> {
    if store::user::count(db).await? > 0 {
        return Ok(());
    }
    let chosen = password::random();
    let now = jiff::Timestamp::now();
    let id = UserId::new(IdSource::new(rand::random()).next(now));
    let user = User {
        id,
        login: "admin".to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Admin,
        email: None,
        disabled: false,
        agent: None,
    };
    let hash = password::hash(&chosen).await;
    let mut write = db.write().await?;
    store::user::insert(&mut write, &user, &hash, now).await?;
    write.commit().await?;
    tracing::info!("there were no users yet: sign in as admin with the password {chosen} (shown this once)");
    Ok(())
}

/// Reads the dialplan and holds it against what there is.
pub(crate) fn read_plan(config: &Config, directory: &Snapshot) -> anyhow::Result<Plan> {
    let folder = &config.dialplan.folder;
    let told = |problems: Vec<carillon_dialplan::Problem>| {
        anyhow::anyhow!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let plan = Plan::load(folder).map_err(told)?;
    let shelf = Shelf::of(config);
    let prompts = shelf.names(Kind::Prompts)?;
    check_named_sounds(directory, &prompts, &shelf.names(Kind::Music)?).with_context(|| format!("the sounds in {}", folder.display()))?;
    let known = Known { prompts: Some(prompts), ..plan_knows(directory) };
    let problems = plan.check(&known);
    anyhow::ensure!(problems.is_empty(), told(problems));
    Ok(plan)
}

/// Callers of a queue whose music or consent does not exist would wait in silence, or be recorded unasked; so would those of a route.
fn check_named_sounds(directory: &Snapshot, prompts: &BTreeSet<String>, music: &BTreeSet<String>) -> anyhow::Result<()> {
    for queue in directory.queues.values() {
        let (name, played) = (&queue.name, &queue.music);
        anyhow::ensure!(music.contains(played), "queue {name}: there is no music named {played:?}");
    }
    let of_queues = directory.queues.values().map(|queue| (format!("queue {}", queue.name), &queue.recording));
    let of_routes = directory.site.routes().iter().map(|route| (format!("outbound route {}", route.prefix), &route.recording));
    for (of, recording) in of_queues.chain(of_routes) {
        if let Some(consent) = &recording.consent {
            anyhow::ensure!(prompts.contains(consent), "{of}: there is no consent prompt named {consent:?}");
        }
    }
    Ok(())
}

/// What there is for a dialplan to name, but for prompts.
pub(crate) fn plan_knows(directory: &Snapshot) -> Known {
    let names = |names: &mut dyn Iterator<Item = &String>| Some(names.cloned().collect::<BTreeSet<_>>());
    Known {
        queues: names(&mut directory.queues.values().map(|queue| &queue.name)),
        trunks: names(&mut directory.trunks.values().map(|trunk| &trunk.name)),
        phones: names(&mut directory.phones.values().map(|phone| &phone.name)),
        prompts: None,
    }
}

fn start_media(config: &Config, sounds: Arc<media::Sounds>, calls: Arc<Calls>) -> anyhow::Result<media::Engine> {
    let engine = media::EngineConfig {
        threads: config.media.threads,
        ip: config.media.address,
        other_ip: config.media.other_address,
        rtp_ports: config.media.rtp_ports.0.clone(),
        rtp_timeout: Duration::from_secs(config.media.rtp_timeout_s.into()),
        poller: match config.media.poller {
            Poller::Auto => media::PollerChoice::Auto,
            Poller::IoUring => media::PollerChoice::IoUring,
            Poller::Epoll => media::PollerChoice::Epoll,
        },
        ..media::EngineConfig::default()
    };
    media::Engine::start(engine, sounds, move |event| route_media_event(&calls, event)).context("the media engine cannot start")
}

fn user_agent(config: &Config, bound: &Bound) -> UserAgent {
    let settings = UaConfig {
        realm: config.sip.realm.clone(),
        reach: reach(config, bound),
        digest: config.sip.digest.into(),
        media: [config.media.address].into_iter().chain(config.media.other_address).collect(),
        min_expires: Duration::from_secs(config.sip.expires_min_s.into()),
        max_expires: Duration::from_secs(config.sip.expires_max_s.into()),
        max_legs: config.limits.calls.saturating_mul(4),
        trace: true,
        ..UaConfig::new(rand::random())
    };
    let mut ids = IdSource::new(rand::random());
    UserAgent::new(settings, Box::new(move || sip::LegId(LegId::new(ids.next(clock::now().wall)).as_u128())))
}

fn listeners(bound: &Bound) -> [(Transport, &[std::net::SocketAddr]); 5] {
    [
        (Transport::Udp, &bound.sip_udp),
        (Transport::Tcp, &bound.sip_tcp),
        (Transport::Tls, &bound.sip_tls),
        (Transport::Ws, &bound.sip_ws),
        (Transport::Wss, &bound.sip_wss),
    ]
}

/// Our listeners, the HTTP port's WebSocket among them, as they are known on either side of a translation.
fn reach(config: &Config, bound: &Bound) -> Reach {
    let own = listeners(bound).into_iter().flat_map(|(transport, addresses)| addresses.iter().map(move |address| (transport, *address)));
    let of_http = if bound.https { Transport::Wss } else { Transport::Ws };
    own.chain([(of_http, bound.http)])
        .fold(Reach::new(), |reach, (transport, address)| reach.listening(transport, address))
        .behind(config.nat.external_address.iter().copied(), config.nat.local_networks.iter().copied())
}

/// The registrations of the last run that still hold.
async fn kept_bindings(db: &Db) -> anyhow::Result<Vec<sip::SavedBinding>> {
    let now = jiff::Timestamp::now();
    let mut write = db.write().await?;
    store::binding::delete_expired(&mut write, now).await?;
    write.commit().await?;
    Ok(store::binding::all(db, now).await?.into_iter().filter_map(|binding| from_store(binding, now)).collect())
}
