//! A caller, a queue, an agent, a recording, a record: on each database (A4, A16-A19, G4, I1, K1).

use carillon::config::Poller;
use carillon_kit::phone::share;

use crate::site::{Site, both_sides, ending};

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    through(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    let url = carillon_kit::postgres::new_database();
    through(Site::start_with(|config, _| config.database.url = url).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_system_refuses_io_uring() {
    through(Site::start_with(|config, _| config.media.poller = Poller::Epoll).await).await;
}

async fn through(site: Site) {
    let mut anna = site.agent("anna", "1001").await;

    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    anna.is("offered").await;
    agent.answer().await;
    anna.is("talking").await;
    caller.audio.say(500.0);
    agent.audio.say(1300.0);
    agent.audio.hears(500.0).await;
    caller.audio.hears(1300.0).await;
    // A second or two, in which a busy machine keeps time for as long as the recording is looked at.
    caller.audio.hears_more(2.0).await;
    caller.hang_up().await;
    agent.is_ended().await;

    let record = site.record().await;
    assert_eq!(ending(&record), "caller hung_up", "{record:#}");
    assert_eq!((&record["kind"], &record["called"], &record["connected"]), (&"inbound".into(), &"5001".into(), &"1001".into()));
    assert_eq!(record["offers"][0]["outcome"], "answered");
    for leg in 0..2 {
        let moments = record["legs"][leg]["quality"]["moments"].as_array().expect("how it was, in stretches of five seconds");
        assert!(moments.iter().any(|moment| moment["heard"]["mos_x100"].as_u64() > Some(300)), "{moments:?}");
    }
    anna.is("available").await;

    let (caller_side, agent_side) = both_sides(&site.recording_of(&record));
    assert!(share(&caller_side, 500.0) > 0.9 && share(&agent_side, 1300.0) > 0.9, "each speaks on a side of the recording");
    assert!(share(&caller_side, 1300.0) < 0.01 && share(&agent_side, 500.0) < 0.01, "and is not on the other");
    site.server.drain().await;
}
