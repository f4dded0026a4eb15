//! Who calls, and what those who should not call are told (threats 8, 9, 12; A4).

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use carillon_kit::phone::{Invite, Phone, header, status};
use rsip::{Response, message::HasHeaders};

use crate::site::{Site, ending};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What every answer must have, and all that a refusal tells.
const PLAIN: [&str; 7] = ["CSeq", "Call-ID", "Content-Length", "From", "Server", "To", "Via"];

#[tokio::test(flavor = "multi_thread")]
async fn a_number_nobody_has_is_not_found_and_recorded() {
    let site = Site::start().await;
    let refused = site.trunk.dial("7777").await.final_response().await;
    assert_eq!(status(&refused), 404, "{refused}");
    let record = site.record().await;
    assert_eq!(record["kind"], "inbound");
    assert_eq!(ending(&record), "dialplan number_unknown", "{record:#}");
    assert_eq!(record["legs"][0]["status"], 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_without_a_hint_and_without_a_record() {
    let site = Site::start().await;
    let stranger = Phone::at(HERE, "mallory", None).await;
    stranger.knows(site.sip);
    // Known numbers and unknown ones: the same.
    for number in ["5001", "7777", "+390612345678"] {
        let refused = stranger.invite(Invite::to(number).from_host("elsewhere.example.net")).await.final_response().await;
        assert_eq!(status(&refused), 403, "{refused}");
        assert_eq!(header_names(&refused), PLAIN, "{refused}");
        assert_eq!(header(&refused, "Server").as_deref(), Some("Carillon"), "a neutral name (threat 17)");
    }
    site.records(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_name_from_elsewhere_is_challenged_whether_anybody_has_it_or_not() {
    let site = Site::start().await;
    let _phone = Phone::registered("1001", site.sip).await;
    for name in ["1001", "9001"] {
        let impostor = Phone::at(HERE, name, None).await;
        impostor.knows(site.sip);
        let challenged = impostor.dial("5001").await.final_response().await;
        assert_eq!(status(&challenged), 401, "{challenged}");
        assert!(header(&challenged, "WWW-Authenticate").is_some_and(|challenge| challenge.contains("realm=\"carillon\"")), "{challenged}");
    }

    let guesser = Phone::at(HERE, "1001", Some("phone-1002")).await;
    guesser.knows(site.sip);
    let refused = guesser.dial("5001").await.final_response().await;
    assert_eq!(status(&refused), 403, "{refused}");

    // The right password of one phone is no right to the name of another.
    let colleague = Phone::at(HERE, "1002", Some("phone-1002")).await;
    colleague.knows(site.sip);
    let refused = colleague.invite(Invite::to("5001").from("1001")).await.final_response().await;
    assert_eq!(status(&refused), 403, "{refused}");
    site.records(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_user_are_told_the_same_in_the_same_time() {
    let site = Site::start().await;
    let mut times = [Vec::new(), Vec::new()];
    for (known, unknown) in [("1001", "9001"), ("1002", "9002"), ("1003", "9003")] {
        // From the tenth failure on a source is not heard about that user any more: there or not.
        for attempt in 1..=12 {
            let mut told = Vec::new();
            for (name, times) in [known, unknown].into_iter().zip(&mut times) {
                let phone = Phone::at(HERE, name, Some("not-the-password")).await;
                phone.knows(site.sip);
                let began = Instant::now();
                let response = phone.register(3600).await;
                times.push(began.elapsed());
                told.push((status(&response), header_names(&response)));
            }
            assert_eq!(told[0], told[1], "attempt {attempt}");
            assert_eq!(told[0], (403, PLAIN.map(str::to_owned).to_vec()), "attempt {attempt}");
        }
    }
    let [known, unknown] = times.map(median);
    assert!(known.abs_diff(unknown) < Duration::from_millis(5), "{known:?} for a known user, {unknown:?} for an unknown one");

    // Another place, or another name: not hurt.
    let elsewhere = Phone::at(Ipv4Addr::new(127, 0, 0, 9).into(), "1001", Some("phone-1001")).await;
    elsewhere.knows(site.sip);
    assert_eq!(status(&elsewhere.register(3600).await), 200);
}

fn header_names(response: &Response) -> Vec<String> {
    let lines = response.headers().iter().map(ToString::to_string);
    let mut names: Vec<String> = lines.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
    names.sort();
    names
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
