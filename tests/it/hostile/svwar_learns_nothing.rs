//! Threats 9 and 17: svwar, with which exchanges are searched for users, finds none here, and says why.

use std::process::Stdio;

use carillon_kit::phone::{PATIENCE, Phone};
use tokio::{process::Command, time::timeout};

use crate::site::Site;

/// What it says when it asks so for users that there are and that there are not. Each run has a source of its own, or the second would be
/// known for a scanner already.
async fn says(site: &Site, source: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("svwar");
    command.args(["-b", source, "-p", &site.sip.port().to_string()]).args(arguments).args(["-e", "1001,9001", "127.0.0.1"]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let said = timeout(PATIENCE, command.output()).await.expect("it ends").expect("svwar is installed: .ci/setup test");
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_it_asks() {
    let site = Site::start().await;
    let _phone = Phone::registered("1001", site.sip).await;
    let gives_up = says(&site, "127.0.0.20", &[]).await;
    assert!(gives_up.contains("authentication request for an unknown extension"), "{gives_up}");
    for (source, method) in [("127.0.0.21", "REGISTER"), ("127.0.0.22", "INVITE"), ("127.0.0.23", "OPTIONS")] {
        let found = says(&site, source, &["--force", "-m", method]).await;
        assert!(found.contains("found nothing") && !found.contains("exists"), "{method}: {found}");
    }
}
