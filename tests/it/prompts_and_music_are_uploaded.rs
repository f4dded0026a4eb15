//! Prompts and music: uploaded, checked, converted, heard by the next caller without a restart, and never outside of their folder (threat 31).

use carillon_kit::phone::share;
use carillon_media_audio::{sine, wav_mono};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, send},
    site::Site,
};

const MUSIC: f64 = 700.0;

async fn upload(client: &Client, path: &str, file: Vec<u8>) -> (u16, Value) {
    send(client.request(Method::PUT, path).header("Content-Type", "audio/wav").body(file)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_caller_hears_what_was_uploaded() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let anna = site.agent("anna", "1001").await;
    assert_eq!(anna.api.post("/me/pause", &json!({})).await.0, 200);
    let (status, row) = upload(&admin, "/sounds/music/hold", wav_mono(&sine(MUSIC, 0.4, 16_000))).await;
    assert_eq!((status, &row["uploaded"], &row["own"], &row["length_ms"]), (200, &json!(true), &json!(true), &json!(2000)), "{row}");
    assert_eq!(row["used_by"], json!(["Sales", "Support"]));

    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    caller.audio.hears(MUSIC).await;
    // What plays plays on while it is taken away; then the dialplan's own is back.
    assert_eq!(admin.delete("/sounds/music/hold").await.0, 204);
    assert_eq!(admin.delete("/sounds/music/hold").await.0, 404, "the dialplan's own is nobody's to remove");
    caller.hang_up().await;
    site.record().await;
    let mut second = site.trunk.dial("5001").await;
    second.is_answered().await;
    second.audio.hears_more(1.0).await;
    let heard = second.audio.heard();
    let last = &heard[heard.len() - 3200..];
    assert!(share(last, MUSIC) < 0.02 && last.iter().any(|sample| sample.abs() > 500), "music, and not the one that was removed");
    second.hang_up().await;
    site.records(2).await;

    // A queue takes new music and a new consent at once; what it plays cannot be removed.
    let file = wav_mono(&sine(600.0, 0.4, 8_000));
    assert_eq!(upload(&admin, "/sounds/music/jazz", file.clone()).await.0, 200);
    assert_eq!(upload(&admin, "/sounds/prompts/consent-new", file.clone()).await.0, 200);
    let (_, queues) = admin.get("/queues").await;
    let sales = queues.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "sales")).expect("sales")["id"].clone();
    let sales = format!("/queues/{}", sales.as_str().expect("an id"));
    let (_, kept) = admin.get(&sales).await;
    let change = json!({ "version": kept["version"], "music": "jazz", "consent": "consent-new" });
    let (status, changed) = admin.put(&sales, &change).await;
    assert_eq!(
        (status, &changed["offer_ms"], &changed["record"]),
        (200, &kept["offer_ms"], &kept["record"]),
        "what is left out stays: {changed}"
    );
    for path in ["/sounds/music/jazz", "/sounds/prompts/consent-new"] {
        let (status, problem) = admin.delete(path).await;
        assert_eq!((status, &problem["type"], &problem["detail"]), (409, &json!("in_use"), &json!("Sales")), "{path}");
    }
    let audio = admin.request(Method::GET, "/sounds/music/jazz/audio").send().await.expect("an answer");
    assert_eq!((audio.status().as_u16(), audio.bytes().await.expect("a file").to_vec()), (200, file));

    let (_, log) = admin.get("/audit?entity=sound&order=asc").await;
    let told: Vec<_> = log["items"].as_array().expect("entries").iter().map(|entry| entry["action"].as_str().expect("a word")).collect();
    assert_eq!(told, ["create", "delete", "create", "create"], "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_played_says_why_and_nothing_leaves_the_folder() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let before = admin.get("/sounds").await.1;
    let told = async |file: Vec<u8>| {
        let (status, problem) = upload(&admin, "/sounds/prompts/new", file).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("audio")), "{problem}");
        problem["errors"][0]["message"].as_str().expect("words").to_owned()
    };
    assert!(told(b"ID3\x04\0\0\0\0".to_vec()).await.contains("MP3"));
    assert!(told(b"%PDF-1.7".to_vec()).await.contains("no WAV"));
    assert!(told(wav_mono(&[0; 8000])).await.contains("silent"));
    assert!(told(wav_mono(&[])).await.contains("no audio"));
    assert!(told(wav_mono(&vec![9000; 8000 * 301])).await.contains("five minutes"));
    let (status, problem) = upload(&admin, "/sounds/prompts/new", vec![0; (32 << 20) + 1]).await;
    assert_eq!((status, &problem["type"]), (413, &json!("too_large")));

    let good = wav_mono(&sine(500.0, 0.3, 4000));
    for name in ["..%2f..%2fplan", "..", "a%2fb", "a%00b", "a.wav", "%C3%A9", &"a".repeat(65)] {
        let (status, _) = upload(&admin, &format!("/sounds/prompts/{name}"), good.clone()).await;
        assert!([404, 405, 422].contains(&status), "{name}: {status}");
    }
    assert_eq!(upload(&admin, "/sounds/films/new", good.clone()).await.0, 404);
    assert_eq!(upload(&admin, "/sounds/prompts/hold", good.clone()).await.1["type"], "taken", "the music has this name");
    assert_eq!(admin.get("/sounds").await.1, before, "nothing came of any of it");
    for login in ["anna", "sofia"] {
        let other = site.signed_in(login).await;
        assert_eq!(upload(&other, "/sounds/prompts/new", good.clone()).await.0, 403);
    }
}
