//! The commands beside `run`: what they print, and how they end.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    binary::{CONFIG, Folder},
    client::Client,
};

#[tokio::test]
async fn a_setup_applied_twice_changes_nothing_the_second_time() {
    let folder = Folder::new();
    let first = folder.apply(([127, 0, 0, 1], 5080).into()).await;
    assert!(first.status.success() && first.out.contains("11 created, 0 updated, 0 unchanged"), "{}{}", first.out, first.err);
    assert!(first.out.contains("created user \"anna\"") && first.out.contains("created queue \"sales\""), "{}", first.out);
    let second = folder.apply(([127, 0, 0, 1], 5080).into()).await;
    assert_eq!(second.out.trim(), "0 created, 0 updated, 11 unchanged");
    let third = folder.apply(([127, 0, 0, 1], 5081).into()).await;
    assert_eq!(third.out.trim(), "updated trunk \"lab\"\n0 created, 1 updated, 10 unchanged");
}

#[tokio::test]
async fn a_configuration_is_checked() {
    let folder = Folder::new();
    let good = folder.carillon(&["check-config", "carillon.toml"]).await;
    assert!(good.status.success() && good.out.contains("nothing wrong"), "{}{}", good.out, good.err);
    folder.write("carillon.toml", &CONFIG.replace("listen", "lissen"));
    let bad = folder.carillon(&["check-config", "carillon.toml"]).await;
    assert_eq!(bad.status.code(), Some(1));
    assert!(bad.err.contains("carillon.toml:2:1: ") && bad.err.contains("`lissen`"), "{}", bad.err);
}

#[tokio::test]
async fn a_dialplan_is_checked_and_its_cases_are_run() {
    let folder = Folder::new();
    let case = |expected: &str| {
        format!("[[case]]\nname = \"sales\"\ngiven = {{ trunk = \"lab\", called = \"5001\" }}\nexpected = [\"queue {expected}\"]\n")
    };
    folder.write("dialplan/cases.toml", &case("sales"));
    let good = folder.carillon(&["check-dialplan", "dialplan"]).await;
    assert!(good.status.success() && good.out.contains("1 cases, nothing wrong"), "{}{}", good.out, good.err);
    folder.write("dialplan/cases.toml", &case("support"));
    let failed = folder.carillon(&["check-dialplan", "dialplan"]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(failed.err.contains("cases.toml:") && failed.err.contains("support"), "{}", failed.err);
}

#[tokio::test]
async fn the_first_start_prints_a_password_for_admin_once_and_it_opens() {
    let folder = Folder::new();
    folder.write("dialplan/plan.toml", "[[route]]\ncalled = \"*\"\nstep = \"bye\"\n\n[step.bye]\nkind = \"hang_up\"\n");
    let server = folder.run().await;
    server.program.says("the password ").await;
    let log = server.program.said();
    let told: Vec<&str> = log.lines().filter(|line| line.contains("password")).collect();
    assert_eq!(told.len(), 1, "{log}");
    let password = told[0].split("the password ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a password");
    assert_eq!(log.matches(password).count(), 1);
    Client::new(server.bound.http).sign_in("admin", password).await;
    drop(server);

    let server = folder.run().await;
    let log = server.program.said();
    assert!(!log.contains("password"), "{log}");
    Client::new(server.bound.http).sign_in("admin", password).await;
}

#[tokio::test]
async fn the_demo_serves_this_machine_alone() {
    let folder = Folder::new();
    for arguments in [["--http", "0.0.0.0:0"], ["--http", "192.0.2.1:8080"], ["--sip", "0.0.0.0:0"], ["--sip", "[::]:0"]] {
        let refused = folder.carillon(&[&["demo", "--data", "demo"], arguments.as_slice()].concat()).await;
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.err.contains(arguments[1]) && refused.err.contains("passwords"), "{}", refused.err);
        assert!(!folder.path("demo").exists(), "refused before anything is written");
    }
}

#[tokio::test]
async fn a_wrong_command_is_told_apart_from_a_failed_one() {
    let folder = Folder::new();
    for arguments in [&["walk"][..], &["run", "--confg", "x"], &["demo", "--http", "here"]] {
        let refused = folder.carillon(arguments).await;
        assert_eq!(refused.status.code(), Some(2), "{}", refused.err);
    }
}

#[tokio::test]
async fn sigterm_ends_it_well() {
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 5080).into()).await;
    let mut server = folder.run().await;
    server.program.signal("TERM").await;
    server.program.says("draining").await;
    server.program.says("stopped").await;
    server.has_stopped().await;
}

#[tokio::test]
async fn the_description_of_the_api_is_the_one_committed() {
    let folder = Folder::new();
    let printed = folder.carillon(&["openapi"]).await;
    let committed = fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/openapi.json"));
    assert_eq!(committed.ok().as_deref(), Some(printed.out.as_str()), "write it anew: make api");
    let _: Value = serde_json::from_str(&printed.out).expect("JSON");
    let printed = folder.carillon(&["events-schema"]).await;
    let committed = fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/events.schema.json"));
    assert_eq!(committed.ok().as_deref(), Some(printed.out.as_str()), "write it anew: make api");
}

#[tokio::test]
async fn the_description_of_the_api_holds_together() {
    let folder = Folder::new();
    let text = folder.carillon(&["openapi"]).await.out;
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    for pointer in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(pointer).is_some(), "nothing is at {pointer}");
    }
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{name} is the name of two operations");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in &parameters {
                let in_path = path.contains(&format!("{{{}}}", parameter["name"].as_str().expect("a name")));
                assert_eq!(parameter["in"], if in_path { "path" } else { "query" }, "{method} {path}: {parameter}");
            }
            for scheme in operation["security"].as_array().expect("how one signs in") {
                let scheme = scheme.as_object().and_then(|scheme| scheme.keys().next()).expect("a scheme");
                assert!(document["components"]["securitySchemes"][scheme].is_object(), "{scheme}");
            }
            assert_eq!(operation["security"].as_array().map(Vec::len), Some(if name == "sign_in" { 0 } else { 2 }), "{name}");
        }
    }
}

#[tokio::test]
async fn people_are_added_listed_and_given_passwords_that_open() {
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 5080).into()).await;
    let added = folder.carillon(&["user", "add", "otto", "--role", "admin", "--name", "Otto Weiss"]).await;
    let password = |out: &str| out.trim().rsplit(' ').next().expect("a password").to_owned();
    assert!(added.status.success() && added.out.starts_with("added otto; "), "{}{}", added.out, added.err);
    let again = folder.carillon(&["user", "add", "Otto"]).await;
    assert!(again.status.code() == Some(1) && again.err.contains("same name"), "{}", again.err);
    let listed = folder.carillon(&["user", "list"]).await;
    assert!(listed.out.contains("otto\tadmin\t-\tOtto Weiss\n") && listed.out.contains("anna\tagent\t201\tAnna Rossi\n"), "{}", listed.out);
    let changed = folder.carillon(&["user", "password", "otto"]).await;
    assert!(changed.out.starts_with("changed the password of otto; sessions ended: 0; "), "{}{}", changed.out, changed.err);
    assert_eq!(folder.carillon(&["user", "password", "nobody"]).await.status.code(), Some(1));

    let server = folder.run().await;
    let (old, new) = (password(&added.out), password(&changed.out));
    let (status, _) = Client::new(server.bound.http).post("/session", &serde_json::json!({ "login": "otto", "password": old })).await;
    assert_eq!(status, 401);
    Client::new(server.bound.http).sign_in("otto", &new).await;
}
