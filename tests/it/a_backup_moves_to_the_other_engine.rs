//! A backup taken while calls are made restores on the other engine, and from there back, with every row and every sound as it was (K2).

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use carillon_kit::phone::Phone;
use carillon_media_audio::{sine, wav_mono};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    binary::{CONFIG, Folder, Said},
    client::{Client, eventually, send},
    site::{Agent, PASSWORD},
};

#[tokio::test(flavor = "multi_thread")]
async fn and_comes_back_with_every_row() {
    let first = Folder::new();
    let trunk = Phone::trunk().await;
    first.apply(trunk.address()).await;
    let server = first.run().await;
    trunk.knows(server.bound.sip_udp);
    let mut anna = Agent::at_work(server.bound.http, server.bound.sip_udp, "anna", "1001").await;
    let mut caller = trunk.dial("5001").await;
    caller.is_answered().await;
    anna.phone.rings().await.answer().await;
    anna.is("talking").await;
    caller.hang_up().await;
    let admin = signed_in(server.bound.http).await;
    eventually("the recording being listed", async || {
        let (_, page) = admin.get("/recordings").await;
        (page["items"].as_array()?.len() == 1).then_some(())
    })
    .await;

    // Sales greets with what was uploaded: a server without it would not start.
    let sounds = [("prompts/consent-new", wav_mono(&sine(600.0, 0.4, 8_000))), ("music/jazz", wav_mono(&sine(700.0, 0.4, 16_000)))];
    for (name, wav) in &sounds {
        let upload = admin.request(Method::PUT, &format!("/sounds/{name}")).header("Content-Type", "audio/wav").body(wav.clone());
        assert_eq!(send(upload).await.0, 200, "{name}");
    }
    let (_, queues) = admin.get("/queues").await;
    let sales = queues.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "sales")).expect("sales");
    let sales = format!("/queues/{}", sales["id"].as_str().expect("an id"));
    assert_eq!(admin.put(&sales, &json!({ "version": 1, "consent": "consent-new", "music": "jazz" })).await.0, 200);

    // Calls go on while the backup is taken: as many backups as it needs until one has calls before, within and after it.
    let load = Load::start(server.bound.sip_udp).await;
    let taken = loop {
        let before = load.made().await;
        let taken = first.carillon(&["backup", "first.backup", "--recordings"]).await;
        assert!(taken.status.success(), "{}{}", taken.out, taken.err);
        if load.calls.load(Ordering::Relaxed) > before {
            break taken;
        }
    };
    load.stop().await;
    server.stop().await;
    let counts = counts(&taken);
    assert!(
        counts.contains("user\t4\n")
            && counts.contains("recordings\t1\n")
            && counts.contains("sounds\t2\n")
            && counts.contains("call_agent\t1\n"),
        "{counts}"
    );

    let second = Folder::new();
    let url = carillon_kit::postgres::new_database();
    second.write("carillon.toml", &format!("{CONFIG}\n[database]\nurl = \"{url}\"\n"));
    moved(&first, "first.backup", &second, &counts).await;
    // Byte for byte the same, but for the first line and the checksum of it.
    let again = second.carillon(&["backup", "second.backup", "--recordings"]).await;
    assert!(again.status.success(), "{}", again.err);
    assert_eq!(rows(&first, "first.backup"), rows(&second, "second.backup"));
    serves(&second).await;

    let third = Folder::new();
    let taken = second.carillon(&["backup", "second.backup", "--recordings"]).await;
    moved(&second, "second.backup", &third, &self::counts(&taken)).await;
    serves(&third).await;

    // What was uploaded after the backup goes where it is replaced; without being told so nothing is touched.
    let music = third.path("sounds/music");
    fs::copy(music.join("jazz.wav"), music.join("later.wav")).expect("a copy");
    fs::write(music.join("jazz.wav"), "spoilt").expect("a file");
    assert!(!third.carillon(&["restore", "received"]).await.status.success());
    assert!(music.join("later.wav").exists());
    let replaced = third.carillon(&["restore", "received", "--replace"]).await;
    assert!(replaced.status.success(), "{}", replaced.err);
    let names: Vec<_> = fs::read_dir(&music).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["jazz.wav"]);
    assert_eq!(fs::read(music.join("jazz.wav")).expect("the music"), fs::read(first.path("sounds/music/jazz.wav")).expect("the music"));
}

#[tokio::test]
async fn nothing_is_changed_when_anything_is_wrong() {
    let (good, other) = (Folder::new(), Folder::new());
    for folder in [&good, &other] {
        folder.apply(([127, 0, 0, 1], 5080).into()).await;
    }
    let taken = good.carillon(&["backup", "good"]).await;
    assert!(taken.status.success(), "{}", taken.err);
    let bytes = fs::read(good.path("good")).expect("the backup");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(good.path("good")).expect("the backup").permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds password hashes");

    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let newer = String::from_utf8(bytes.clone()).expect("text").replacen("\"schema\":", "\"schema\":9", 1);
    for (name, content, said) in [
        ("flipped", flipped.as_slice(), "cannot be restored"),
        ("cut", &bytes[..bytes.len() - 100], "ends too early"),
        ("newer", newer.as_bytes(), "newer"),
        ("foreign", b"PGDMP", "not a backup"),
    ] {
        fs::write(other.path(name), content).expect("a file");
        let refused = other.carillon(&["restore", name, "--replace"]).await;
        assert!(refused.status.code() == Some(1) && refused.err.contains(said), "{name}: {}{}", refused.out, refused.err);
    }
    fs::write(other.path("good"), &bytes).expect("a file");
    for (arguments, said) in [
        (&["restore", "good"][..], "user 4"),
        (&["restore", "good", "--replace", "--recordings"], "no recordings"),
        (&["restore", "nowhere"], "nowhere"),
    ] {
        let refused = other.carillon(arguments).await;
        assert!(refused.status.code() == Some(1) && refused.err.contains(said), "{arguments:?}: {}{}", refused.out, refused.err);
    }
    let server = other.run().await;
    let refused = other.carillon(&["restore", "good", "--replace"]).await;
    assert!(refused.err.contains("stop the server first") && refused.err.contains("process"), "{}", refused.err);
    drop(server);

    let restored = other.carillon(&["restore", "good", "--replace"]).await;
    assert!(restored.status.success() && restored.out.contains("user\t4\n"), "{}{}", restored.out, restored.err);
    let again = other.carillon(&["backup", "again"]).await;
    assert!(again.status.success(), "{}", again.err);
    assert_eq!(rows(&good, "good"), rows(&other, "again"));
}

/// Restores into an empty database, with equal counts; a second time only when told so.
async fn moved(from: &Folder, backup: &str, to: &Folder, wanted: &str) {
    fs::copy(from.path(backup), to.path("received")).expect("a copy");
    let restored = to.carillon(&["restore", "received", "--recordings"]).await;
    assert!(restored.status.success(), "{}{}", restored.out, restored.err);
    assert_eq!(counts(&restored), wanted);
    let refused = to.carillon(&["restore", "received"]).await;
    assert!(refused.status.code() == Some(1) && refused.err.contains("not empty (user 4"), "{}", refused.err);
}

/// A server on what was restored: it lists the calls, plays the recording, takes new calls and numbers them on, in an epoch of its own.
async fn serves(folder: &Folder) {
    let server = folder.run().await;
    let admin = signed_in(server.bound.http).await;
    let list = async || {
        let (status, page) = admin.get("/calls?sort=number&limit=1").await;
        assert_eq!(status, 200, "{page}");
        page["items"][0].clone()
    };
    let last = list().await;
    let (_, recordings) = admin.get("/recordings").await;
    let recording = recordings["items"][0]["id"].as_str().expect("the recording").to_owned();
    let audio = admin.request(Method::GET, &format!("/recordings/{recording}/audio")).send().await.expect("an answer");
    assert_eq!(audio.status(), 200);
    assert!(audio.bytes().await.expect("bytes").starts_with(b"RIFF"));
    let (_, sounds) = admin.get("/sounds").await;
    let sounds = sounds["items"].as_array().or(sounds.as_array()).expect("sounds").iter();
    let mut uploaded: Vec<_> = sounds.filter(|sound| sound["uploaded"] == true).map(|sound| sound["name"].as_str()).collect();
    uploaded.sort_unstable();
    assert_eq!(uploaded, [Some("consent-new"), Some("jazz")]);
    let phone = Phone::registered("1002", server.bound.sip_udp).await;
    phone.dial("9999").await.final_response().await;
    let next = eventually("the new call's record", async || Some(list().await).filter(|call| call["number"] != last["number"])).await;
    assert!(next["number"].as_u64() > last["number"].as_u64(), "{next} after {last}");
    let epoch = async |call: &Value| {
        let (_, details) = admin.get(&format!("/calls/{}", call["id"].as_str().expect("an id"))).await;
        details["timeline"][0]["epoch"].as_u64().expect("an epoch")
    };
    assert!(epoch(&next).await > epoch(&last).await);
    server.stop().await;
}

async fn signed_in(http: std::net::SocketAddr) -> Client {
    let mut admin = Client::new(http);
    admin.sign_in("admin", PASSWORD).await;
    admin
}

/// The lines of a command's answer that count something.
fn counts(said: &Said) -> String {
    said.out.lines().filter(|line| line.contains('\t')).map(|line| format!("{line}\n")).collect()
}

/// What a backup holds, without what says where and when it was taken.
fn rows(folder: &Folder, name: &str) -> Vec<u8> {
    let bytes = fs::read(folder.path(name)).expect("a backup");
    let first = bytes.iter().position(|byte| *byte == b'\n').expect("a first line");
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("a last line");
    bytes[first..last].to_vec()
}

/// A phone that dials a number nobody has, over and over.
struct Load {
    calls: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Load {
    async fn start(server: std::net::SocketAddr) -> Self {
        let phone = Phone::registered("1002", server).await;
        let (calls, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, stopped) = (Arc::clone(&calls), Arc::clone(&stop));
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                phone.dial("9999").await.final_response().await;
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { calls, stop, task }
    }

    /// Waits for a few more calls; how many there were.
    async fn made(&self) -> usize {
        let before = self.calls.load(Ordering::Relaxed);
        eventually("calls being made", async || Some(self.calls.load(Ordering::Relaxed)).filter(|made| *made > before + 3)).await
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("the load ends");
    }
}
