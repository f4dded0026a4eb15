//! A real telephone: baresip, driven by its control connection (JSON in netstrings).

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::Command,
    sync::watch,
    time::timeout,
};

use crate::{PATIENCE, Ports, Program, sound, until};

const MODULES: &str = "/usr/lib/baresip/modules";
const SIP: u16 = 0;
const CONTROL: u16 = 2;
const RTP: u16 = 4;
const PORTS: u16 = 16;

/// What a phone does when it rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// Waits for somebody to answer.
    ByHand,
    /// Answers at once.
    Itself,
}

/// How a phone is set up.
#[derive(Debug, Clone)]
pub struct PhoneSetup {
    account: String,
    port: Option<u16>,
    answering: Answering,
    hz: f64,
    seconds: f64,
    listens: bool,
    authorities: Option<PathBuf>,
    encrypts: bool,
    ip: IpAddr,
}

impl PhoneSetup {
    /// A phone that registers: name, password, the server as `HOST:PORT`, `udp`, `tcp` or `tls`.
    pub fn registered(name: &str, password: &str, server: &str, transport: &str) -> Self {
        Self::new(format!("<sip:{name}@{server};transport={transport}>;auth_user={name};auth_pass={password};regint=600"))
    }

    /// A peer that does not register: its number, and the port it signals from.
    pub fn peer(number: &str, port: u16) -> Self {
        Self { port: Some(port), ..Self::new(format!("<sip:{number}@127.0.0.1>;regint=0")) }
    }

    fn new(account: String) -> Self {
        Self {
            account,
            port: None,
            answering: Answering::ByHand,
            hz: 1000.0,
            seconds: 120.0,
            listens: true,
            authorities: None,
            encrypts: false,
            ip: Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// Whether it answers itself.
    pub fn answering(self, answering: Answering) -> Self {
        Self { answering, ..self }
    }

    /// What it says into the line: a tone.
    pub fn tone(self, hz: f64) -> Self {
        Self { hz, ..self }
    }

    /// How long it talks before it hangs up.
    pub fn talks_for(self, time: Duration) -> Self {
        Self { seconds: time.as_secs_f64(), ..self }
    }

    /// Registers anew after so many seconds, instead of ten minutes.
    #[must_use]
    pub fn refreshes_after(self, seconds: u32) -> Self {
        Self { account: self.account.replace("regint=600", &format!("regint={seconds}")), ..self }
    }

    /// Where it signals and takes audio, instead of 127.0.0.1.
    #[must_use]
    pub fn at(self, ip: IpAddr) -> Self {
        Self { ip, ..self }
    }

    /// Whose certificates it believes.
    #[must_use]
    pub fn believes(self, authorities: &Path) -> Self {
        Self { authorities: Some(authorities.to_owned()), ..self }
    }

    /// Seals its audio: `srtp-mand` for keys in SDP, `dtls_srtp` for a handshake.
    #[must_use]
    pub fn encrypts(self, how: &str) -> Self {
        Self { account: format!("{};mediaenc={how}", self.account), encrypts: true, ..self }
    }

    /// Keeps nothing of what it hears.
    pub fn deaf(self) -> Self {
        Self { listens: false, ..self }
    }
}

/// A phone that runs.
#[derive(Debug)]
pub struct Baresip {
    program: Program,
    folder: TempDir,
    account: String,
    control: OwnedWriteHalf,
    news: watch::Receiver<Vec<Value>>,
    /// How much of the news was taken.
    taken: usize,
    _ports: Ports,
}

impl Baresip {
    /// Starts it.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    pub async fn start(setup: PhoneSetup) -> Self {
        assert!(Path::new(MODULES).exists(), "baresip is not installed: apt-get install baresip-core");
        let ports = Ports::reserve(PORTS);
        let folder = tempfile::tempdir().expect("a folder for a phone");
        let sip = setup.port.unwrap_or(ports.at_index(SIP));
        write_folder(folder.path(), &setup, sip, &ports);
        // Unbuffered, so that the trace is there to read while it runs.
        let mut command = Command::new("stdbuf");
        let version = if setup.ip.is_ipv4() { "-4" } else { "-6" };
        command.args(["-oL", "baresip", version, "-s", "-f"]).arg(folder.path()).current_dir(folder.path());
        let program = Program::start("baresip", &mut command, "baresip-core");
        let port = ports.at_index(CONTROL);
        let control = until("baresip's control port", async || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()).await;
        let (read, control) = control.into_split();
        let (tell, news) = watch::channel(Vec::new());
        tokio::spawn(hear(read, tell));
        Self { program, folder, account: setup.account, control, news, taken: 0, _ports: ports }
    }

    /// Dials.
    pub async fn dial(&mut self, uri: &str) {
        self.command("dial", uri).await;
    }

    /// Answers what rings.
    pub async fn answer(&mut self) {
        self.command("accept", "").await;
    }

    /// Transfers the call it is in, without asking.
    pub async fn transfer(&mut self, uri: &str) {
        self.command("transfer", uri).await;
    }

    /// Puts the call it held together with the one it made since, to that number: it has an order for the transfer, and the header comes from us,
    /// with what its trace names that call by (RFC 3891).
    ///
    /// # Panics
    /// When the trace has no answer of that number.
    pub async fn puts_together(&mut self, number: &str, server: SocketAddr) {
        let trace = until("the answer in the trace", async || answered_by(&self.trace(), number)).await;
        self.command("line", "1").await;
        self.command("transfer", &format!("<sip:{number}@{server}?Replaces={trace}>")).await;
    }

    /// Hangs up, or gives up dialling.
    pub async fn hang_up(&mut self) {
        self.command("hangup", "").await;
    }

    /// Puts the other side on hold.
    pub async fn hold(&mut self) {
        self.command("hold", "").await;
    }

    /// Takes it back.
    pub async fn resume(&mut self) {
        self.command("resume", "").await;
    }

    /// Presses a key (RFC 4733).
    pub async fn press(&mut self, key: char) {
        self.command("sndcode", &key.to_string()).await;
    }

    /// Registers now, and waits for the server's word.
    pub async fn registers(&mut self) {
        // baresip 1.0 has no order for it; an account made anew registers at once.
        self.taken = self.news.borrow().len();
        self.command("uanew", &self.account.clone()).await;
        self.next("REGISTER_OK").await;
    }

    /// Waits until it rings; who calls.
    pub async fn rings(&mut self) -> String {
        let event = self.next("CALL_INCOMING").await;
        event["peeruri"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a call is up.
    pub async fn is_connected(&mut self) {
        self.next("CALL_ESTABLISHED").await;
    }

    /// Waits until a call is over; what the phone says of it.
    pub async fn is_over(&mut self) -> String {
        let event = self.next("CALL_CLOSED").await;
        event["param"].as_str().unwrap_or_default().to_owned()
    }

    /// Ends it, and returns when its ports are free.
    pub async fn is_unplugged(mut self) {
        self.program.kill().await;
    }

    /// How many events of a kind there have been.
    pub fn count(&self, kind: &str) -> usize {
        self.news.borrow().iter().filter(|event| event["type"] == kind).count()
    }

    /// The next event of a kind after those taken so far.
    async fn next(&mut self, kind: &str) -> Value {
        let from = self.taken;
        let place = |news: &Vec<Value>| news.iter().skip(from).position(|event| event["type"] == kind).map(|at| from + at);
        let mut news = self.news.clone();
        let found = timeout(PATIENCE, news.wait_for(|news| place(news).is_some())).await;
        let Ok(Ok(news)) = found else {
            panic!("the phone never told {kind}; it told {:#?} and said:\n{}", self.news.borrow().get(from..), self.program.said())
        };
        let at = place(&news).expect("just found");
        self.taken = at + 1;
        news[at].clone()
    }

    async fn command(&mut self, command: &str, parameters: &str) {
        let order = json!({ "command": command, "params": parameters }).to_string();
        self.control.write_all(format!("{}:{order},", order.len()).as_bytes()).await.expect("the phone listens");
    }

    /// All SIP it sent and received, as text.
    pub fn trace(&self) -> String {
        self.program.said()
    }

    /// Waits until the trace has a line with these words.
    pub async fn traces(&self, words: &str) -> String {
        self.program.says(words).await
    }

    /// Waits until it has heard so much of a tone in the call that is up.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn hears(&self, hz: f64, time: Duration) {
        let heard = || self.dumps().last().and_then(|file| sound::read_unfinished(file));
        let enough = |heard: Vec<i16>| sound::seconds_of_tone(&heard, hz) >= time.as_secs_f64();
        until(&format!("{time:?} of {hz} Hz at a phone"), async || heard().is_some_and(enough).then_some(())).await;
    }

    /// What it heard in each call, in their order, at 8 kHz. Whole only once the call is over.
    pub fn heard(&self) -> Vec<Vec<i16>> {
        self.dumps().iter().map(|file| sound::read(file)).collect()
    }

    fn dumps(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path()).expect("the phone's folder");
        let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("a file").path()).collect();
        files.retain(|file| file.to_string_lossy().ends_with("-dec.wav"));
        files.sort();
        files
    }
}

fn write_folder(folder: &Path, setup: &PhoneSetup, sip: u16, ports: &Ports) {
    let mut config = format!(
        "poll_method epoll\nsip_listen {at}\nnet_interface {ip}\nrtp_ports {rtp}\nmodule_path {MODULES}\n\
         module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
         ctrl_tcp_listen 127.0.0.1:{control}\naudio_player aubridge,nil\n",
        at = SocketAddr::new(setup.ip, sip),
        ip = setup.ip,
        rtp = ports.range_from(RTP),
        control = ports.at_index(CONTROL),
    );
    let says = folder.join("says.wav");
    sound::write_tone(&says, setup.hz, setup.seconds);
    writeln!(config, "audio_source aufile,{}", says.display()).expect("text");
    if let Some(authorities) = &setup.authorities {
        writeln!(config, "sip_cafile {}", authorities.display()).expect("text");
    }
    if setup.encrypts {
        writeln!(config, "module srtp.so\nmodule dtls_srtp.so").expect("text");
    }
    if setup.listens {
        writeln!(config, "module sndfile.so\nsnd_path {}", folder.display()).expect("text");
    }
    let mode = match setup.answering {
        Answering::ByHand => "manual",
        Answering::Itself => "auto",
    };
    for (name, text) in [("config", config), ("accounts", format!("{};answermode={mode}\n", setup.account)), ("contacts", String::new())] {
        fs::write(folder.join(name), text).unwrap_or_else(|error| panic!("{name} of a phone cannot be written: {error}"));
    }
}

/// The newest dialog with that number in a trace, as Replaces is written in the header of an address.
fn answered_by(trace: &str, number: &str) -> Option<String> {
    let answers = trace.split("SIP/2.0 200 OK").skip(1).filter_map(|answer| {
        let head = answer.split("\n\n").next()?;
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let tag = |line: &str| Some(line.split_once(";tag=")?.1.split(';').next()?.trim().to_owned());
        let (from, to, id) = (line("From: ")?, line("To: ")?, line("Call-ID: ")?);
        let is_it = line("CSeq: ")?.ends_with("INVITE") && to.contains(&format!("sip:{number}@"));
        is_it.then(|| Some(format!("{}%3Bto-tag%3D{}%3Bfrom-tag%3D{}", id.trim().replace('@', "%40"), tag(to)?, tag(from)?)))?
    });
    answers.last()
}

/// Reads netstrings (`LENGTH:JSON,`) until the phone is gone.
async fn hear(mut control: OwnedReadHalf, tell: watch::Sender<Vec<Value>>) {
    let mut pending: Vec<u8> = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = control.read(&mut chunk).await {
        pending.extend_from_slice(&chunk[..count]);
        while let Some((message, rest)) = netstring(&pending) {
            let message = serde_json::from_slice(message).unwrap_or(Value::Null);
            pending = rest.to_vec();
            tell.send_modify(|news| news.push(message));
        }
    }
}

fn netstring(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.trim().parse().ok()?;
    let (message, rest) = bytes[colon + 1..].split_at_checked(length)?;
    Some((message, rest.get(1..)?))
}
