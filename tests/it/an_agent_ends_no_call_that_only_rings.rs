//! The call that rings an agent is the caller's and the queue's; from the answer on it is the agent's too (threat 35).

use serde_json::Value;

use crate::site::{Site, ending};

#[tokio::test(flavor = "multi_thread")]
async fn and_the_one_on_the_line_at_once() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let caller = site.trunk.dial("5001").await;
    let mut agent = anna.phone.rings().await;
    anna.is("offered").await;
    let (_, me) = anna.api.get("/me").await;
    let hang_up = format!("/calls/{}/hang-up", me["agent"]["call"].as_str().expect("a call"));
    assert_eq!(anna.api.post(&hang_up, &Value::Null).await.0, 404, "the offered call");

    agent.answer().await;
    anna.is("talking").await;
    assert_eq!(anna.api.post(&hang_up, &Value::Null).await.0, 202, "the call talked in");
    agent.is_ended().await;
    assert_eq!(ending(&site.record().await), "agent hung_up");
    drop(caller);
    site.server.drain().await;
}
