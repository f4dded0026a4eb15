//! Hosts and a router of a test's own, in network namespaces: a wide network, where the router is one host among others, and a home network
//! behind it. Needs root, `ip` and `nft`; `CARILLON_NO_NAMESPACES=1` leaves out what needs them.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A host in the wide network.
pub(super) const WIDE_HOST: &str = "10.201.0.1";
/// Another one there.
pub(super) const OTHER_WIDE_HOST: &str = "10.201.0.3";
/// The router's address there.
pub(super) const ROUTER: &str = "10.201.0.2";
/// The host behind the router.
pub(super) const HOME_HOST: &str = "192.168.77.2";

/// The hosts; gone with this value.
pub(super) struct Hosts {
    prefix: String,
}

impl Hosts {
    /// Lays the networks, with these rules in the router's table `nat` (its ways are called `wide` and `home`). `None`: they are not wanted.
    pub(super) fn lay(rules: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if std::env::var_os("CARILLON_NO_NAMESPACES").is_some() {
            return None;
        }
        let hosts = Self { prefix: format!("c{}n{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)) };
        for host in HOSTS {
            let name = hosts.name(host);
            ip(&["netns", "add", &name]);
            ip(&["-n", &name, "link", "set", "lo", "up"]);
        }
        let router = hosts.name("router");
        ip(&["-n", &router, "link", "add", "wide", "type", "bridge"]);
        ip(&["-n", &router, "addr", "add", &format!("{ROUTER}/24"), "dev", "wide"]);
        ip(&["-n", &router, "link", "set", "wide", "up"]);
        for (host, address) in [("first", WIDE_HOST), ("second", OTHER_WIDE_HOST)] {
            hosts.plug(host, address);
            ip(&["-n", &router, "link", "set", host, "master", "wide", "up"]);
        }
        hosts.plug("home", HOME_HOST);
        ip(&["-n", &router, "addr", "add", "192.168.77.1/24", "dev", "home"]);
        ip(&["-n", &router, "link", "set", "home", "up"]);
        ip(&["-n", &hosts.name("home"), "route", "add", "default", "via", "192.168.77.1"]);
        run(Command::new("ip").args(["netns", "exec", &router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]), "");
        run(Command::new("ip").args(["netns", "exec", &router, "nft", "-f", "-"]), &format!("table ip nat {{\n{rules}\n}}\n"));
        Some(hosts)
    }

    /// The namespace of `first` and `second` in the wide network, or of `home`.
    pub(super) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.prefix)
    }

    /// A cable from a host to the router, where its end has the host's name.
    fn plug(&self, host: &str, address: &str) {
        let (router, name) = (self.name("router"), self.name(host));
        ip(&["-n", &router, "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", &name]);
        ip(&["-n", &name, "addr", "add", &format!("{address}/24"), "dev", "eth0"]);
        ip(&["-n", &name, "link", "set", "eth0", "up"]);
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in HOSTS {
            // Fails only for one that was never made.
            let _ = Command::new("ip").args(["netns", "del", &self.name(host)]).stderr(Stdio::null()).status();
        }
    }
}

const HOSTS: [&str; 4] = ["router", "first", "second", "home"];

fn ip(arguments: &[&str]) {
    run(Command::new("ip").args(arguments), "");
}

fn run(command: &mut Command, input: &str) {
    let why = "network namespaces need root and the Debian packages iproute2 and nftables; CARILLON_NO_NAMESPACES=1 leaves such tests out";
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}: {why}"));
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    let said = child.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{command:?}: {}: {why}", String::from_utf8_lossy(&said.stderr));
}
