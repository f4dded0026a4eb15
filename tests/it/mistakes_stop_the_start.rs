//! A wrong configuration, setup or dialplan stops the start, with file, line and reason ("Bad input").

use std::net::{TcpListener, UdpSocket};

use crate::binary::{CONFIG, Folder};

/// What is changed in a good configuration, and what is said then.
struct Mistake {
    instead_of: &'static str,
    written: &'static str,
    said: &'static [&'static str],
}

const MISTAKES: &[Mistake] = &[
    Mistake { instead_of: "[http]", written: "[http", said: &["carillon.toml:1:"] },
    Mistake { instead_of: "[limits]", written: "[limits]\ncals = 5", said: &["carillon.toml:12:1: ", "`cals`"] },
    Mistake { instead_of: "\"127.0.0.1:0\"\n\n[sip]", written: "\"localhost:http\"\n\n[sip]", said: &["carillon.toml:2:10: listen"] },
    Mistake { instead_of: "udp = [\"127.0.0.1:0\"]", written: "udp = [\"127.0.0.1\"]", said: &["carillon.toml:5:8: udp"] },
    Mistake { instead_of: "folder = \"dialplan\"", written: "folder = \"plans\"", said: &["carillon.toml:9:10: ", "plan.toml in plans"] },
    Mistake { instead_of: "drain_s = 1", written: "drain_s = \"soon\"", said: &["carillon.toml:12:11: drain_s"] },
    Mistake {
        instead_of: "[limits]",
        written: "[media]\naddress = \"0.0.0.0\"\n\n[limits]",
        said: &["carillon.toml:12:11: ", "address of this machine"],
    },
    Mistake {
        instead_of: "udp = [\"127.0.0.1:0\"]\ntcp = [\"127.0.0.1:0\"]",
        written: "udp = []\ntcp = []",
        said: &["carillon.toml:5:7: udp", "no phone"],
    },
    Mistake { instead_of: "[sip]", written: "https = true\n\n[sip]", said: &["carillon.toml:4:9: https", "certificate"] },
    Mistake { instead_of: "[sip]", written: "[sip]\nwss = [\"127.0.0.1:0\"]", said: &["carillon.toml:5:7: wss", "certificate"] },
    Mistake {
        instead_of: "[limits]",
        written: "[tls]\ncertificate = \"dialplan/plan.toml\"\nkey = \"none.pem\"\n\n[limits]",
        said: &["tls.key", "none.pem cannot be read", "No such file"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[tls]\ncertificate = \"dialplan/plan.toml\"\nkey = \"dialplan/plan.toml\"\n\n[limits]",
        said: &["tls.certificate", "plan.toml: there is no certificate in it"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[nat]\nlocal_networks = [\"10.0.0.0/99\"]\n\n[limits]",
        said: &["carillon.toml:12:", "`10.0.0.0/99` is no network"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[recordings]\nfolder = \"carillon.toml/below-a-file\"\n\n[limits]",
        said: &["the recordings folder", "carillon.toml/below-a-file", "cannot be made"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[database]\nurl = \"mysql://localhost/carillon\"\n\n[limits]",
        said: &["mysql", "sqlite:", "postgres:"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[database]\nurl = \"postgres://carillon:secret@127.0.0.1:1/carillon\"\n\n[limits]",
        said: &["postgres://carillon@127.0.0.1:1/carillon cannot be reached", "nobody listens there"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[media]\naddress = \"192.0.2.1\"\n\n[limits]",
        said: &["media.address 192.0.2.1", "no address of this machine"],
    },
    Mistake {
        instead_of: "[limits]",
        written: "[site]\nlanguage = \"it\"\n\n[recordings]\nfolder = \"/proc/recordings\"\n\n[limits]",
        said: &["the recordings folder /proc/recordings", "cannot be made"],
    },
];

#[tokio::test]
async fn of_the_configuration() {
    for mistake in MISTAKES {
        assert_eq!(CONFIG.matches(mistake.instead_of).count(), 1, "{}", mistake.instead_of);
        let folder = Folder::new();
        folder.apply(([127, 0, 0, 1], 9).into()).await;
        folder.write("carillon.toml", &CONFIG.replace(mistake.instead_of, mistake.written));
        refuses(&folder, mistake.said).await;
    }
}

#[tokio::test]
async fn of_a_configuration_that_is_not_there() {
    let folder = Folder::new();
    std::fs::remove_file(folder.path("carillon.toml")).expect("the file goes");
    refuses(&folder, &["carillon.toml", "No such file"]).await;
}

#[tokio::test]
async fn of_the_dialplan() {
    let plan = |folder: &Folder| std::fs::read_to_string(folder.path("dialplan/plan.toml")).expect("the plan");
    for (instead_of, written, said) in [
        ("queue = \"sales\"", "queue = \"marketing\"", "marketing"),
        ("step = \"sales\"", "step = \"nowhere\"", "nowhere"),
        ("prompts = \"menu-sales-support\"", "prompts = \"unsung\"", "unsung"),
        ("kind = \"queue\"\nqueue = \"sales\"", "kind = \"qeue\"\nqueue = \"sales\"", "qeue"),
        ("timeout_ms = 5000", "timeout = 5", "timeout"),
        ("[step.unknown]", "[step.unknown", "plan.toml"),
    ] {
        let folder = Folder::new();
        folder.apply(([127, 0, 0, 1], 9).into()).await;
        let good = plan(&folder);
        let line = good[..good.find(instead_of).expect(instead_of)].matches('\n').count() + 1;
        folder.write("dialplan/plan.toml", &good.replacen(instead_of, written, 1));
        let err = refuses(&folder, &[said]).await;
        let near = (line..line + 2).any(|line| err.contains(&format!("plan.toml:{line}:")));
        assert!(near, "line {line} is not named: {err}");
    }
}

#[tokio::test]
async fn of_the_setup() {
    let good = crate::site::setup(([127, 0, 0, 1], 9).into());
    for (instead_of, written, place, said) in [
        ("[[pause_reason]]", "[[pause_raison]]", "pause_raison", "pause_raison"),
        ("role = \"supervisor\"", "role = \"boss\"", "role = \"boss\"", "boss"),
        ("members = [{ agent = \"bruno\" }]", "members = [{ agent = \"dario\" }]", "\"dario\"", "no user"),
        ("password = \"phone-1002\"", "password = \"short\"", "\"short\"", "8 characters"),
        ("host = \"127.0.0.1\"", "host = \"provider example\"", "provider", "IP address"),
        ("name = \"1003\"", "name = \"1002\"\n#here", "#here", "name"),
        ("offer_ms = 2500", "offer_ms = 0", "offer_ms = 0", "ring"),
    ] {
        let folder = Folder::new();
        let wrong = good.replacen(instead_of, written, 1);
        let line = wrong[..wrong.find(place).expect(place)].matches('\n').count() + 1;
        folder.write("setup.toml", &wrong);
        let told = folder.carillon(&["apply", "setup.toml"]).await;
        assert!(!told.status.success());
        let near = (line.saturating_sub(1)..line + 2).any(|line| told.err.contains(&format!("setup.toml:{line}:")));
        assert!(near && told.err.contains(said), "{written}, line {line}: {}", told.err);
        // And nothing of it was applied.
        let again = folder.apply(([127, 0, 0, 1], 9).into()).await;
        assert!(again.out.contains("0 updated, 0 unchanged"), "{}", again.out);
    }
}

#[tokio::test]
async fn of_ports_that_are_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    for (instead_of, said) in [("[http]\nlisten = \"127.0.0.1:0\"", "HTTP"), ("tcp = [\"127.0.0.1:0\"]", "SIP")] {
        let folder = Folder::new();
        folder.apply(([127, 0, 0, 1], 9).into()).await;
        let busy = instead_of.replace(":0", &format!(":{port}"));
        folder.write("carillon.toml", &CONFIG.replace(instead_of, &busy));
        refuses(&folder, &[said, &format!("127.0.0.1:{port}"), "in use"]).await;
    }
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 9).into()).await;
    folder.write("carillon.toml", &CONFIG.replace("udp = [\"127.0.0.1:0\"]", &format!("udp = [\"127.0.0.1:{port}\"]")));
    refuses(&folder, &["SIP", &format!("127.0.0.1:{port}"), "in use"]).await;
}

#[tokio::test]
async fn of_two_servers_on_one_database() {
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 9).into()).await;
    let first = folder.run().await;
    refuses(&folder, &["another server has this database (process ", "two must never share one"]).await;
    drop(first);
    folder.carillon(&["check-config", "carillon.toml"]).await;
}

#[tokio::test]
async fn of_ports_that_lie_in_each_others_way() {
    let folder = Folder::new();
    folder.apply(([127, 0, 0, 1], 9).into()).await;
    let port = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let media = format!("[media]\nrtp_ports = \"{}-{}\"\n\n[limits]", port - 4, port + 4);
    let config = CONFIG.replace("udp = [\"127.0.0.1:0\"]", &format!("udp = [\"127.0.0.1:{port}\"]")).replace("[limits]", &media);
    folder.write("carillon.toml", &config);
    refuses(&folder, &["media.rtp_ports", &format!("127.0.0.1:{port}")]).await;
}

/// The server does not start, and says all of this; `check-config` says it as well.
async fn refuses(folder: &Folder, said: &[&str]) -> String {
    let told = folder.carillon(&["run", "--config", "carillon.toml"]).await;
    assert_eq!(told.status.code(), Some(1), "{}", told.err);
    let checked = folder.carillon(&["check-config", "carillon.toml"]).await;
    for words in said {
        assert!(told.err.contains(words), "`{words}` is not in: {}", told.err);
        // Who else is there is no matter of the configuration.
        assert!(checked.err.contains(words) || told.err.contains("another server"), "check-config does not say `{words}`: {}", checked.err);
    }
    assert!(!told.err.contains("secret"), "a password is told: {}", told.err);
    told.err
}
