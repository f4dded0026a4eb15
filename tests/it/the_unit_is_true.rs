//! What dist/carillon.service says of the server is so: its flags, its notifications, its limits ("systemd").

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use carillon::config::Limits;

use crate::binary::Folder;

fn unit() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/carillon.service")).expect("the unit")
}

/// Its directives, the last of each name.
fn directives(unit: &str) -> BTreeMap<&str, &str> {
    unit.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect()
}

#[tokio::test]
async fn its_server_says_when_it_is_ready_and_when_it_drains() {
    let text = unit();
    let unit = directives(&text);
    assert_eq!((unit["Type"], unit["KillSignal"]), ("notify", "SIGTERM"));
    let mut command = unit["ExecStart"].split_ascii_whitespace();
    assert!(command.next().is_some_and(|program| program.ends_with("/carillon")));
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 5080).into()).await;
    let config = folder.path("carillon.toml");
    let arguments: Vec<String> =
        command.map(|word| word.replace("/etc/carillon/carillon.toml", config.to_str().expect("a path"))).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // That it is ready it has told, or it would not be waited for any more.
    let mut server = folder.run_as(&arguments).await;
    server.program.signal("TERM").await;
    let told = server.tells().await;
    server.has_stopped().await;
    let asked = told.lines().find_map(|line| line.strip_prefix("EXTEND_TIMEOUT_USEC=")?.parse::<u64>().ok());
    assert!(told.starts_with("STOPPING=1\n") && asked.is_some_and(|asked| asked >= 1_000_000), "{told}");
}

#[test]
fn its_limits_carry_what_the_configuration_allows() {
    let text = unit();
    let unit = directives(&text);
    let number = |name: &str| unit[name].parse::<u64>().expect("a number");
    let usual = Limits::default();
    assert!(number("TimeoutStopSec") > usual.drain_s + 10);
    assert!(number("LimitNOFILE") >= usual.calls as u64 * 5 + 1000);
    for (name, value) in [("ProtectSystem", "strict"), ("NoNewPrivileges", "yes"), ("CapabilityBoundingSet", "")] {
        assert_eq!(unit[name], value);
    }
    assert_eq!(unit["ExecReload"], "/bin/kill -HUP $MAINPID", "SIGHUP reloads");
}

/// On machines that have systemd.
#[test]
fn systemd_takes_it() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else { return };
    assert!(version.status.success());
    let folder = tempfile::tempdir().expect("a folder");
    // It looks for the programs and users that are named.
    let here =
        unit().replace("/usr/local/bin/carillon", env!("CARGO_BIN_EXE_carillon")).replace("=carillon\nGroup=carillon", "=root\nGroup=root");
    let file = folder.path().join("carillon.service");
    fs::write(&file, here).expect("a unit");
    let verified = Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&file).output().expect("systemd-analyze");
    let said = String::from_utf8_lossy(&verified.stderr);
    let about_ours: Vec<_> = said.lines().filter(|line| line.contains("carillon.service")).collect();
    assert!(about_ours.is_empty(), "{about_ours:#?}");
}
