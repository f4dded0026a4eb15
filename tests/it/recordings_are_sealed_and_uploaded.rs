//! K4: recordings after their end, looked at, described beside the file, sealed, and taken to an object store that may be gone, once each.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use carillon::config::Upload;
use carillon_kit::phone::share;
use reqwest::Method as Asks;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    client::{Client, eventually},
    site::{Agent, Site},
};

/// An object store on this machine: what it holds, and the name of everything it was ever given.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    objects: BTreeMap<String, Bytes>,
    taken: Vec<String>,
}

impl Store {
    async fn open(&self, at: SocketAddr) -> JoinHandle<()> {
        let listener = TcpListener::bind(at).await.expect("the store's address");
        let router = Router::new().fallback(take).layer(DefaultBodyLimit::disable()).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") })
    }

    fn taken(&self) -> Vec<String> {
        let mut taken = self.held().taken.clone();
        taken.sort();
        taken
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(store): State<Store>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut held = store.held();
    let name = uri.path().to_owned();
    let is_signed =
        headers.get(header::AUTHORIZATION).is_some_and(|told| told.as_bytes().starts_with(b"AWS4-HMAC-SHA256 Credential=access/"));
    match method {
        _ if !is_signed => StatusCode::FORBIDDEN.into_response(),
        Method::PUT if headers.contains_key(header::IF_NONE_MATCH) && held.objects.contains_key(&name) => {
            StatusCode::PRECONDITION_FAILED.into_response()
        }
        Method::PUT => {
            held.objects.insert(name.clone(), body);
            held.taken.push(name);
            (StatusCode::OK, [(header::ETAG, "\"1\"")]).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What the API says of a recording once it was looked at.
async fn looked_at(api: &Client, record: &Value) -> Value {
    let id = record["recordings"][0]["recording"].as_str().expect("a recording").to_owned();
    eventually("the recording being looked at", async || {
        let (_, recording) = api.get(&format!("/recordings/{id}")).await;
        recording["sha256"].is_string().then_some(recording)
    })
    .await
}

/// Whether an alarm stands.
async fn stands(site: &Site, alarm: &str) -> bool {
    let page = reqwest::get(format!("http://{}/healthz", site.server.bound().http)).await.expect("an answer");
    page.text().await.expect("a text").contains(&format!("alarm {alarm} since"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_holds_up_no_call_and_gets_each_once_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound");
    let site = Site::start_with(|config, _| {
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "very-secret\n").expect("a secret");
        config.upload = Upload {
            bucket: "calls".to_owned(),
            prefix: "kept".to_owned(),
            endpoint: format!("http://{free}"),
            access_key: "access".to_owned(),
            secret_key_file: secret,
            ..Upload::default()
        };
    })
    .await;
    let mut anna = site.agent("anna", "1001").await;
    let admin = site.signed_in("admin").await;
    let mut records = Vec::new();
    for calls in 1..=2 {
        let talk = talked(&site, &mut anna, calls, 0.0).await;
        let recording = looked_at(&admin, &talk).await;
        assert!(recording["fault"].is_null() && recording["uploaded_at"].is_null(), "{recording:#}");
        assert_eq!(recording["quiet"], json!([]), "both speak all the time");
        records.push(talk);
    }
    eventually("the alarm", async || stands(&site, "recordings_wait").await.then_some(())).await;

    let store = Store::default();
    let serving = store.open(free).await;
    let files: Vec<String> = records.iter().map(|record| record["recordings"][0]["file"].as_str().expect("a file").to_owned()).collect();
    let names = |files: &[String]| {
        let mut names: Vec<String> =
            files.iter().flat_map(|file| [file.clone(), file.replace(".wav", ".json")]).map(|file| format!("/calls/kept/{file}")).collect();
        names.sort();
        names
    };
    eventually("both in the store", async || (store.taken() == names(&files)).then_some(())).await;
    for record in &records {
        let stored = store.held().objects[&format!("/calls/kept/{}", record["recordings"][0]["file"].as_str().expect("a file"))].clone();
        let id = record["recordings"][0]["recording"].as_str().expect("an id").to_owned();
        let recording = eventually("its being noted", async || {
            let (_, recording) = admin.get(&format!("/recordings/{id}")).await;
            recording["uploaded_at"].is_string().then_some(recording)
        })
        .await;
        assert_eq!(recording["sha256"], hex(&Sha256::digest(&stored)), "what is there is what was recorded");
    }
    // A third goes there at once, and nothing goes again.
    let third = talked(&site, &mut anna, 3, 0.0).await;
    let files: Vec<String> = files.into_iter().chain([third["recordings"][0]["file"].as_str().expect("a file").to_owned()]).collect();
    eventually("all in the store", async || (store.taken().len() >= 6).then_some(())).await;
    assert_eq!(store.taken(), names(&files));
    eventually("the alarm's end", async || (!stands(&site, "recordings_wait").await).then_some(())).await;
    serving.abort();
}

/// A recorded talk with Anna, in the middle of which nobody speaks for some seconds; its record.
async fn talked(site: &Site, anna: &mut Agent, calls: usize, pause: f64) -> Value {
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.say(1300.0);
    agent.audio.hears(500.0).await;
    caller.audio.hears(1300.0).await;
    caller.audio.hears_more(1.0).await;
    if pause > 0.0 {
        caller.audio.hush();
        agent.audio.hush();
        caller.audio.hears_more(pause).await;
        caller.audio.say(500.0);
        agent.audio.say(1300.0);
        caller.audio.hears_more(1.0).await;
    }
    caller.hang_up().await;
    agent.is_ended().await;
    anna.is("available").await;
    site.records(calls).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_one_is_heard_by_who_may_and_read_by_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = Site::start_with(|config, _| {
        config.recordings.key_file = folder.path().join("key");
        std::fs::write(&config.recordings.key_file, "5e".repeat(32)).expect("a key");
    })
    .await;
    let mut anna = site.agent("anna", "1001").await;
    let record = talked(&site, &mut anna, 1, 4.0).await;
    let recording = looked_at(&anna.api, &record).await;
    assert!(recording["sealed"] == true && recording["fault"].is_null(), "{recording:#}");
    let quiet: Vec<u64> = recording["quiet"].as_array().expect("stretches").iter().map(length).collect();
    assert!(quiet.len() == 1 && (2500..4500).contains(&quiet[0]), "four seconds without its ends: {recording:#}");

    let file = site.recording_of(&record);
    let on_disk = std::fs::read(&file).expect("the file");
    assert!(!on_disk.starts_with(b"RIFF"), "it is not in clear");
    let beside = std::fs::read_to_string(file.with_extension("json")).expect("what stands beside it");
    let beside: Value = serde_json::from_str(&beside).expect("JSON");
    assert_eq!((&beside["sha256"], &beside["length_ms"]), (&recording["sha256"], &recording["length_ms"]));
    assert!(beside["caller"].is_null() && !beside["sealed_by"].is_null(), "{beside:#}");

    let path = format!("/recordings/{}/audio", recording["id"].as_str().expect("an id"));
    let whole = anna.api.request(Asks::GET, &path).send().await.expect("an answer").bytes().await.expect("its body");
    assert_eq!(hex(&Sha256::digest(&whole)), recording["sha256"].as_str().expect("a sum"));
    let left: Vec<i16> = whole[44..].chunks_exact(4).map(|frame| i16::from_le_bytes([frame[0], frame[1]])).collect();
    assert!(share(&left, 500.0) > 0.9, "{}", share(&left, 500.0));
    for (range, part) in [("bytes=0-3", 0..4), ("bytes=100-", 100..whole.len()), ("bytes=-7", whole.len() - 7..whole.len())] {
        let answer = anna.api.request(Asks::GET, &path).header("Range", range).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 206, "{range}");
        assert_eq!(answer.bytes().await.expect("a part"), whole[part], "{range}");
    }
    let outside = anna.api.request(Asks::GET, &path).header("Range", "bytes=999999999-").send().await.expect("an answer");
    assert_eq!(outside.status().as_u16(), 416);

    let sofia = site.signed_in("sofia").await;
    let links = format!("/recordings/{}/links", recording["id"].as_str().expect("an id"));
    let (code, link) = sofia.post(&links, &json!({ "hours": 1 })).await;
    assert_eq!(code, 201, "{link:#}");
    let path = link["path"].as_str().and_then(|path| path.strip_prefix("/api/v1")).expect("a path").to_owned();
    let shared = site.stranger().request(Asks::GET, &path).send().await.expect("an answer").bytes().await.expect("its body");
    assert_eq!(shared, whole, "whoever has the link hears it, too");
}

/// Milliseconds of a stretch.
fn length(stretch: &Value) -> u64 {
    stretch["to_ms"].as_u64().expect("an end") - stretch["from_ms"].as_u64().expect("a beginning")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
