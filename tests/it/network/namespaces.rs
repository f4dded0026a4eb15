//! Hosts and a router of a test's own, in network namespaces: a wide network, where the router is one host among others, and a home network
//! behind it; or two hosts with a bad line between. Needs root, `ip`, `nft` and Python; `CARILLON_NO_NAMESPACES=1` leaves out what needs them.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
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

/// One end of a bad line.
pub(super) const NEAR_HOST: &str = "10.202.0.1";
/// The other end.
pub(super) const FAR_HOST: &str = "10.202.0.2";

/// The hosts; gone with this value.
pub(super) struct Hosts {
    prefix: String,
    names: &'static [&'static str],
    /// What carries the packets of a bad line.
    line: Option<Child>,
}

impl Hosts {
    /// Lays the networks, with these rules in the router's table `nat` (its ways are called `wide` and `home`). `None`: they are not wanted.
    pub(super) fn lay(rules: &str) -> Option<Self> {
        let hosts = Self::make(&["router", "first", "second", "home"])?;
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

    /// Lays two hosts, `near` and `far`, and between them a line of 40 ± 15 ms that loses 5 % of all UDP packets, both ways. The kernel's own bad line,
    /// `sch_netem`, is not in every kernel: here a program of the test's (`bad_line.py`) takes the frames from one cable and puts them on the other.
    /// `None`: namespaces are not wanted.
    pub(super) fn lay_bad_line() -> Option<Self> {
        let mut hosts = Self::make(&["line", "near", "far"])?;
        let line = hosts.name("line");
        for (host, address) in [("near", NEAR_HOST), ("far", FAR_HOST)] {
            hosts.cable("line", host, address);
            ip(&["-n", &line, "link", "set", host, "up"]);
        }
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/network/bad_line.py");
        let mut carrying = Command::new("ip");
        carrying.args(["netns", "exec", &line, "python3"]).arg(program).args(["near", "far", "40", "15", "5", "1"]);
        let mut carrying = carrying.stdout(Stdio::piped()).spawn().expect("Python carries the line");
        let mut said = String::new();
        let read = BufReader::new(carrying.stdout.take().expect("piped")).read_line(&mut said);
        hosts.line = Some(carrying);
        assert!(read.is_ok() && said == "up\n", "the line is not up: {said}");
        Some(hosts)
    }

    fn make(names: &'static [&'static str]) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if std::env::var_os("CARILLON_NO_NAMESPACES").is_some() {
            return None;
        }
        let prefix = format!("c{}n{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let hosts = Self { prefix, names, line: None };
        for host in names {
            let name = hosts.name(host);
            ip(&["netns", "add", &name]);
            ip(&["-n", &name, "link", "set", "lo", "up"]);
        }
        Some(hosts)
    }

    /// The namespace of a host: `first` and `second` in the wide network, `home`; `near` and `far`.
    pub(super) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.prefix)
    }

    /// A cable from a host to the router, where its end has the host's name.
    fn plug(&self, host: &str, address: &str) {
        self.cable("router", host, address);
    }

    fn cable(&self, to: &str, host: &str, address: &str) {
        let (router, name) = (self.name(to), self.name(host));
        ip(&["-n", &router, "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", &name]);
        ip(&["-n", &name, "addr", "add", &format!("{address}/24"), "dev", "eth0"]);
        ip(&["-n", &name, "link", "set", "eth0", "up"]);
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        if let Some(line) = &mut self.line {
            // `ip netns exec` has become the program itself.
            let _ = line.kill();
            let _ = line.wait();
        }
        for host in self.names {
            // Fails only for one that was never made.
            let _ = Command::new("ip").args(["netns", "del", &self.name(host)]).stderr(Stdio::null()).status();
        }
    }
}

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
