//! `carillon demo`

use std::{
    fs,
    io::Write,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use rust_embed::RustEmbed;

use super::{say, serve::serve};
use crate::{
    Server,
    auth::password,
    config::{
        Accounts, Config, Database, Dialplan, Http, Limits, Mail, MailSecurity, Media, Nat, Oidc, Recordings, Sip, Site, Tls, Turn, Upload,
    },
    tls::self_signed,
};

/// The demo's dialplan with its prompts and music.
#[derive(RustEmbed)]
#[folder = "dialplans/demo"]
#[exclude = "*.py"]
struct DemoDialplan;

/// The demo's people, phones, queues and trunks.
const SETUP: &str = include_str!("demo.toml");

/// Carla's, for *45 on a telephone.
const PIN: &str = "pin = \"4711\"\n";

/// Runs a server with agents, phones, queues and trunks to try it with.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// An address of this machine that others reach it by: for the page, SIP and audio. Makes new passwords and shows them.
    #[arg(long)]
    bind: Option<IpAddr>,
    /// Address and port of the page and the API; port 8080 without.
    #[arg(long)]
    http: Option<SocketAddr>,
    /// Address and port of SIP, UDP and TCP; port 5060 without.
    #[arg(long)]
    sip: Option<SocketAddr>,
    /// Turns the security suite on: everybody chooses a strong password at the first sign-in.
    #[arg(long)]
    security_suite: bool,
    /// Makes new passwords and shows them, instead of those that everybody knows.
    #[arg(long)]
    new_passwords: bool,
    /// Speaks HTTPS, with a certificate of its own making that browsers must be told to believe.
    #[arg(long)]
    https: bool,
    /// Address and port of a mail server on this machine that takes links for forgotten passwords, in clear.
    #[arg(long)]
    mail: Option<SocketAddr>,
    /// Folder for the database, the recordings and the dialplan.
    #[arg(long, default_value = "run/demo")]
    data: PathBuf,
    /// Writes the bound addresses to this file, as JSON, once the server takes calls.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

/// What opens the demo: a password for all its people, and what the phones' passwords begin with.
struct Passwords {
    people: String,
    phones: String,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ip = self.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let (http, sip) = (self.http.unwrap_or((ip, 8080).into()), self.sip.unwrap_or((ip, 5060).into()));
        let is_new = self.new_passwords || self.bind.is_some();
        for address in [http, sip] {
            ensure!(
                address.ip().is_loopback() || is_new,
                "{address} can be reached from other machines, and everybody knows the demo's passwords: use an address of 127.0.0.0/8, or \
                 --bind {} for new passwords",
                address.ip()
            );
        }
        // Phones are told to answer there.
        ensure!(!sip.ip().is_unspecified(), "{} is every address of this machine: name the one that the others reach it by", sip.ip());
        let folder = self.data.join("dialplan");
        unpack(&folder).with_context(|| format!("the demo's dialplan cannot be written to {}", folder.display()))?;
        let passwords = if is_new { Passwords::new_in(&self.data)? } else { Passwords::known() };
        let scheme = scheme_of(self.https);
        ensure!(self.mail.is_none_or(|server| server.ip().is_loopback()), "mail is sent in clear: name a mail server on this machine");
        if is_new {
            say(&format!(
                "the desktop: {scheme}://{http}\npassword of anna, bruno, carla, dario, sofia and admin: {}\nphones 1001 to 1010 register at {sip}; \
                 the password of 1001 is {}-1001, and so on",
                passwords.people, passwords.phones
            ));
        }
        let tls = if self.https { self_signed(&self.data.join("tls"), http.ip())? } else { Tls::default() };
        let config = self.config(http, sip, folder, tls);
        serve(Server::start_demo(config, &passwords.setup(), passwords.phones.clone()), self.ready_file).await
    }

    fn config(&self, http: SocketAddr, sip: SocketAddr, dialplan: PathBuf, tls: Tls) -> Config {
        Config {
            http: Http { listen: http, https: self.https, ..Http::default() },
            sip: Sip { udp: vec![sip], tcp: vec![sip], ..Sip::default() },
            tls,
            nat: Nat::default(),
            media: Media { address: sip.ip(), ..Media::default() },
            database: Database {
                url: format!("sqlite:{}", self.data.join("carillon.db").display()),
                spool: self.data.join("carillon.spool"),
            },
            dialplan: Dialplan { folder: dialplan, sounds: self.data.join("sounds") },
            recordings: Recordings { folder: self.data.join("recordings"), ..Recordings::default() },
            upload: Upload::default(),
            mail: self.mail.map_or_else(Mail::default, |server| mail_by(server, scheme_of(self.https), http)),
            oidc: Oidc::default(),
            turn: Turn::default(),
            site: Site::default(),
            accounts: Accounts { security_suite: self.security_suite, ..Accounts::default() },
            limits: Limits { drain_s: 5, ..Limits::default() },
        }
    }
}

fn scheme_of(https: bool) -> &'static str {
    if https { "https" } else { "http" }
}

fn mail_by(server: SocketAddr, scheme: &str, page: SocketAddr) -> Mail {
    Mail {
        host: server.ip().to_string(),
        port: server.port(),
        security: MailSecurity::None,
        from: "Carillon <carillon@localhost>".to_owned(),
        page: format!("{scheme}://{page}"),
        ..Mail::default()
    }
}

impl Passwords {
    /// Those of the README.
    fn known() -> Self {
        Self { people: "carillon-demo".to_owned(), phones: "phone".to_owned() }
    }

    /// Those kept beside the data, so that phones that were set up with them go on working after a restart; made where there are none.
    fn new_in(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("passwords");
        let kept = fs::read_to_string(&file).ok();
        if let Some((people, phones)) = kept.as_deref().and_then(|text| text.trim_end().split_once('\n')) {
            return Ok(Self { people: people.to_owned(), phones: phones.to_owned() });
        }
        let made = Self { people: password::random(), phones: password::random() };
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&file).and_then(|mut file| writeln!(file, "{}\n{}", made.people, made.phones));
        written.with_context(|| format!("the new passwords cannot be kept in {}", file.display()))?;
        Ok(made)
    }

    /// The demo's setup with these.
    fn setup(&self) -> String {
        let known = Self::known();
        let quoted = |text: &str| format!("\"{text}\"");
        // A PIN that everybody knows goes with the passwords that everybody knows.
        let pin = if self.people == known.people { PIN } else { "" };
        SETUP
            .replace(PIN, pin)
            .replace(&quoted(&known.people), &quoted(&self.people))
            .replace(&format!("\"{}-", known.phones), &format!("\"{}-", self.phones))
    }
}

/// Writes the files that came with the binary; those a person has changed since are put back.
fn unpack(folder: &Path) -> std::io::Result<()> {
    for name in DemoDialplan::iter() {
        let path = folder.join(name.as_ref());
        if let (Some(parent), Some(file)) = (path.parent(), DemoDialplan::get(&name)) {
            std::fs::create_dir_all(parent)?;
            std::fs::write(path, &file.data)?;
        }
    }
    Ok(())
}
