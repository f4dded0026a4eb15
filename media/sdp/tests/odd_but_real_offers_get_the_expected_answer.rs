//! Walks `fixtures/sdp/expected.txt`: every description of the folder is listed there once, with what we make of it.

use carillon_media_sdp::{LocalMedia, SdpError, answer};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sdp")
}

fn outcome(offer: &[u8]) -> String {
    let local = LocalMedia::new("192.0.2.1:20000".parse().expect("address"), 7);
    match answer(&local, offer) {
        Err(error) => format!("{} {error}", error.status()),
        Ok((text, plan)) => {
            let lines = text.lines().filter_map(|line| line.strip_prefix("m="));
            let streams: Vec<&str> = lines.map(|line| if line.split(' ').nth(1) == Some("0") { "refused" } else { "taken" }).collect();
            let dtmf = plan.dtmf_pt.map_or("none".to_owned(), |number| number.to_string());
            let rtcp = plan.remote_rtcp.map_or("none".to_owned(), |address| address.port().to_string());
            format!(
                "{}={} digits={dtmf} to={} rtcp={rtcp} ptime={} send={} recv={} streams={}",
                plan.codec,
                plan.codec_pt,
                plan.remote,
                plan.ptime_ms,
                plan.send,
                plan.recv,
                streams.join(",")
            )
        }
    }
}

#[test]
fn every_fixture_has_the_listed_outcome() {
    let list = fs::read_to_string(folder().join("expected.txt")).expect("the list");
    let mut listed = BTreeSet::new();
    let mut wrong = vec![];
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, expected) = line.split_once(": ").expect("NAME: OUTCOME");
        let offer = fs::read(folder().join(name)).expect("a listed file exists");
        let seen = outcome(&offer);
        if seen != expected {
            wrong.push(format!("{name}: {seen}"));
        }
        assert!(listed.insert(name.to_owned()), "{name} is listed twice");
    }
    assert!(wrong.is_empty(), "other outcomes than listed:\n{}", wrong.join("\n"));

    let files = fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("entry").file_name().into_string().expect("name"));
    let unlisted: Vec<String> = files.filter(|name| name.ends_with(".sdp") && !listed.contains(name)).collect();
    assert!(
        unlisted.is_empty(),
        "not listed:\n{}",
        unlisted.iter().map(|name| format!("{name}: {}\n", outcome(&fs::read(folder().join(name)).expect("file")))).collect::<String>()
    );
}

#[test]
fn a_description_beyond_the_limits_is_refused_unread() {
    let local = LocalMedia::new("192.0.2.1:20000".parse().expect("address"), 7);
    let many_lines = format!("v=0\r\n{}", "a=x\r\n".repeat(600));
    assert_eq!(answer(&local, many_lines.as_bytes()), Err(SdpError::TooLarge));
    let long_line = format!("v=0\r\na={}\r\n", "x".repeat(17 * 1024));
    assert_eq!(answer(&local, long_line.as_bytes()), Err(SdpError::TooLarge));
}
