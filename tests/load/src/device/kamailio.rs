//! Debian's kamailio and rtpengine (in user space): the peers that signalling and relaying are held against.

use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    path::Path,
    process::Command,
    time::Duration,
};

use super::{Device, Process, Site, ask_until, spawn};

const SIP: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_072);
const CONTROL: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_223);

/// Which of the two is measured; both run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// kamailio alone: registrations.
    Signalling,
    /// rtpengine alone: relaying.
    Media,
    /// Both: calls set up and ended.
    Both,
}

/// Starts them; `None` where one is not installed.
pub(crate) fn start(folder: &Path, site: &Site, counted: Counted) -> anyhow::Result<Option<(Device, Option<Device>)>> {
    if !is_installed("kamailio") || !is_installed("rtpengine") {
        return Ok(None);
    }
    std::fs::create_dir_all(folder)?;
    let rtpengine = Device { name: "rtpengine", sip: SIP, processes: vec![start_rtpengine(folder)?] };
    let kamailio = Device { name: "kamailio", sip: SIP, processes: vec![start_kamailio(folder, site)?] };
    Ok(Some(match counted {
        Counted::Signalling => (kamailio, Some(rtpengine)),
        Counted::Media => (rtpengine, Some(kamailio)),
        Counted::Both => (join(kamailio, rtpengine), None),
    }))
}

fn join(mut one: Device, mut other: Device) -> Device {
    one.name = "kamailio + rtpengine";
    one.processes.append(&mut other.processes);
    one
}

fn is_installed(program: &str) -> bool {
    ["/usr/sbin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(program).exists())
}

fn start_rtpengine(folder: &Path) -> anyhow::Result<Process> {
    let log = folder.join("rtpengine.log");
    let mut command = Command::new("rtpengine");
    command.args(["--foreground", "--log-stderr", "--log-level=4", "--config-file=none", "--table=-1", "--interface=127.0.0.1"]);
    command.args([&format!("--listen-ng={CONTROL}"), "--port-min=24000", "--port-max=31998", "--timeout=3600", "--silent-timeout=3600"]);
    let process = spawn(&mut command, &log)?;
    ask_until("rtpengine", &process, &log, || answers(CONTROL, b"1 d7:command4:pinge"))?;
    Ok(process)
}

fn start_kamailio(folder: &Path, site: &Site) -> anyhow::Result<Process> {
    let (config, log) = (folder.join("kamailio.cfg"), folder.join("kamailio.log"));
    let text = CONFIG.replace("{sip}", &SIP.to_string()).replace("{control}", &CONTROL.to_string());
    std::fs::write(&config, text.replace("{callees}", &site.callees.to_string()))?;
    // Its usual number of workers a socket would sleep in turn: two are what this load keeps busy.
    let mut command = Command::new("kamailio");
    command.arg("-f").arg(&config).args(["-DD", "-E", "-m", "256", "-M", "16", "-Y"]).arg(folder);
    let process = spawn(&mut command, &log)?;
    ask_until("kamailio", &process, &log, || {
        answers(SIP, b"OPTIONS sip:ping SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKp\r\nFrom: <sip:p@p>;tag=p\r\nTo: <sip:p@p>\r\nCall-ID: p\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n")
    })?;
    Ok(process)
}

/// Whether something there answers this question.
fn answers(address: SocketAddrV4, question: &[u8]) -> bool {
    let asked = || -> std::io::Result<usize> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        socket.connect(address)?;
        socket.send(question)?;
        socket.recv(&mut [0; 2048])
    };
    asked().is_ok()
}

/// Digest as our server asks for it, bindings in memory; calls relayed with their media through rtpengine.
const CONFIG: &str = r#"#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=2
disable_tcp=yes
auto_aliases=no
listen=udp:{sip}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
loadmodule "rtpengine.so"
loadmodule "tmx.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 12)
modparam("auth", "nonce_expire", 300)
modparam("rtpengine", "rtpengine_sock", "udp:{control}")
modparam("rr", "enable_full_lr", 1)
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("carillon", "pw$fU-secret", "0")) { www_challenge("carillon", "1"); exit; }
    save("location");
    exit;
  }
  if (has_totag()) {
    if (loose_route()) { if (is_method("BYE")) rtpengine_delete(); t_relay(); }
    exit;
  }
  if (is_method("INVITE")) {
    record_route();
    rtpengine_offer("replace-origin replace-session-connection ICE=remove");
    t_on_reply("ANSWER");
    $du = "sip:{callees}";
    t_relay();
    exit;
  }
  sl_send_reply("405", "Method Not Allowed");
}
onreply_route[ANSWER] {
  if (status =~ "2[0-9][0-9]" && has_body("application/sdp")) rtpengine_answer("replace-origin replace-session-connection ICE=remove");
}
"#;
