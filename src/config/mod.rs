//! `carillon.toml`: typed, documented, and checked whole before anything binds.
//!
//! A file a section. Unknown keys are errors; every message names the file, the line and what to do.

mod accounts;
mod database;
mod dialplan;
mod http;
mod limits;
mod mail;
mod media;
mod nat;
mod oidc;
pub(crate) mod place;
mod problem;
mod recordings;
mod sip;
mod site;
mod tls;
mod turn;
mod upload;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use self::{
    accounts::{Accounts, AskedOf, NumberRange},
    database::Database,
    dialplan::Dialplan,
    http::Http,
    limits::Limits,
    mail::{Mail, MailSecurity},
    media::{Media, Poller, PortRange},
    nat::Nat,
    oidc::Oidc,
    problem::Problem,
    recordings::Recordings,
    sip::{Digest, Sip},
    site::{Language, Site, Tones},
    tls::Tls,
    turn::Turn,
    upload::Upload,
};

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The page and the API.
    #[serde(default)]
    pub http: Http,
    /// SIP listeners and registration.
    #[serde(default)]
    pub sip: Sip,
    /// The certificate.
    #[serde(default)]
    pub tls: Tls,
    /// What others call this server.
    #[serde(default)]
    pub nat: Nat,
    /// RTP.
    #[serde(default)]
    pub media: Media,
    /// A TURN server for pages.
    #[serde(default)]
    pub turn: Turn,
    /// Where everything lasting is kept.
    #[serde(default)]
    pub database: Database,
    /// What callers meet.
    pub dialplan: Dialplan,
    /// Where recordings go.
    #[serde(default)]
    pub recordings: Recordings,
    /// An object store for them.
    #[serde(default)]
    pub upload: Upload,
    /// Where the site is.
    #[serde(default)]
    pub site: Site,
    /// The passwords of people.
    #[serde(default)]
    pub accounts: Accounts,
    /// The mail server.
    #[serde(default)]
    pub mail: Mail,
    /// A provider of sign-ins.
    #[serde(default)]
    pub oidc: Oidc,
    /// How much is too much.
    #[serde(default)]
    pub limits: Limits,
}

impl Config {
    /// Reads and checks a file. Relative paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// Every problem found, each with file and line.
    pub fn load(file: &Path) -> Result<Self, Vec<Problem>> {
        let text = std::fs::read_to_string(file).map_err(|error| vec![Problem::whole_file(file, format!("cannot be read: {error}"))])?;
        Self::parse(file, &text)
    }

    /// Checks text as if it stood in `file`.
    ///
    /// # Errors
    /// Every problem found, each with file and line.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let mut config: Self = toml::from_str(text).map_err(|error| vec![Problem::from_toml(file, text, &error)])?;
        config.resolve_paths(file.parent().unwrap_or(Path::new(".")));
        let problems = config.check(file, text);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn resolve_paths(&mut self, base: &Path) {
        let from_base = |path: &mut PathBuf| {
            if path.is_relative() {
                *path = base.join(&*path);
            }
        };
        from_base(&mut self.dialplan.folder);
        from_base(&mut self.dialplan.sounds);
        from_base(&mut self.recordings.folder);
        let keys = self.recordings.old_key_files.iter_mut().chain([
            &mut self.recordings.key_file,
            &mut self.upload.secret_key_file,
            &mut self.turn.turn_secret_file,
            &mut self.mail.mail_password_file,
            &mut self.oidc.client_secret_file,
        ]);
        keys.filter(|path| !path.as_os_str().is_empty()).for_each(from_base);
        from_base(&mut self.database.spool);
        self.database.resolve(base);
        self.tls.resolve(base);
    }

    /// What types cannot say: values that do not fit each other or the machine.
    fn check(&self, file: &Path, text: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |section: &str, key: &str, why: &str| {
            problems.push(Problem::at(file, text, place::of_key(text, section, key), format!("{key}: {why}")));
        };
        let listeners =
            [("udp", &self.sip.udp), ("tcp", &self.sip.tcp), ("tls", &self.sip.tls), ("ws", &self.sip.ws), ("wss", &self.sip.wss)];
        if listeners.iter().all(|(_, addresses)| addresses.is_empty()) {
            wrong("sip", "udp", "no listener names an address: no phone could reach the server");
        }
        for (key, addresses) in listeners {
            if !addresses.is_empty() && matches!(key, "tls" | "wss") && !self.tls.is_set() {
                wrong("sip", key, "needs a certificate: set certificate and key in [tls]");
            }
            if addresses.iter().any(|address| address.ip().is_unspecified()) {
                wrong("sip", key, "name addresses of this machine; phones are told to send their answers there");
            }
        }
        if self.sip.expires_min_s > self.sip.expires_max_s {
            wrong("sip", "expires_min_s", "more than expires_max_s: no phone could register");
        }
        if !self.dialplan.folder.join("plan.toml").is_file() {
            wrong("dialplan", "folder", &format!("there is no plan.toml in {}", self.dialplan.folder.display()));
        }
        if self.http.https && !self.tls.is_set() {
            wrong("http", "https", "needs a certificate: set certificate and key in [tls]");
        }
        if self.tls.is_set() && self.tls.key.as_os_str().is_empty() {
            wrong("tls", "certificate", "a certificate needs its key: set key");
        }
        for is_v4 in [true, false] {
            if self.nat.external_address.iter().filter(|ip| ip.is_ipv4() == is_v4).count() > 1 {
                wrong("nat", "external_address", "name at most one address of each family");
            }
        }
        if self.media.address.is_unspecified() {
            wrong("media", "address", "name one address of this machine; phones are told to send their audio there");
        }
        if self.media.other_address.is_some_and(|other| other.is_unspecified() || other.is_ipv4() == self.media.address.is_ipv4()) {
            wrong("media", "other_address", "name one address of this machine, of another IP version than address");
        }
        if self.mail.is_set() && self.mail.from.is_empty() {
            wrong("mail", "from", "mail must come from somebody: \"Carillon <desk@example.com>\"");
        }
        if self.mail.is_set() && !["https://", "http://"].iter().any(|scheme| self.mail.page.starts_with(scheme)) {
            wrong("mail", "page", "links in mail begin with it: say where people reach the desktop, as in \"https://desk.example.com\"");
        }
        if self.mail.security == MailSecurity::None
            && !self.mail.user.is_empty()
            && !["localhost", "127.0.0.1", "::1"].contains(&self.mail.host.as_str())
        {
            wrong("mail", "security", "the password would cross the network in clear: \"starttls\" or \"tls\"");
        }
        if self.oidc.is_set() && !crate::auth::oidc::may_be_asked(&self.oidc.issuer) {
            wrong("oidc", "issuer", "an address that begins with https://, as the provider writes it (http:// on this machine alone)");
        }
        if self.oidc.is_set() && self.oidc.client_id.is_empty() {
            wrong(
                "oidc",
                "client_id",
                "the provider must know who asks: register this server there, with DESKTOP/api/v1/session/oidc/back",
            );
        }
        if self.oidc.is_set() && self.oidc.claim.is_empty() {
            wrong("oidc", "claim", "name the claim that says who somebody is; \"email\" is usual");
        }
        if self.oidc.is_set() && !["https://", "http://"].iter().any(|scheme| self.oidc.desktop.starts_with(scheme)) {
            wrong(
                "oidc",
                "desktop",
                "say where people reach the desktop, as in \"https://desk.example.com\": the provider sends them back there",
            );
        }
        if self.accounts.lock_after == 0 {
            wrong("accounts", "lock_after", "nobody could sign in; 10 is usual");
        }
        if self.accounts.lock_minutes == 0 {
            wrong("accounts", "lock_minutes", "passwords could be guessed without end; 15 is usual");
        }
        if self.limits.stream_check_s == 0 {
            wrong("limits", "stream_check_s", "each live stream would ask without end; 60 is usual");
        }
        if self.media.rtp_timeout_s == 0 {
            wrong("media", "rtp_timeout_s", "every call would end at once; 30 is usual");
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        let problems = Config::parse(Path::new("/nowhere/carillon.toml"), text).expect_err("the text has a mistake");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_mistake_is_named_with_file_line_and_column() {
        let said = complaint("[http]\nlisten = \"not an address\"\n[dialplan]\nfolder = \"x\"\n");
        assert!(said.contains("/nowhere/carillon.toml:2:10"), "{said}");
        let said = complaint("[sip]\nudp_port = 5060\n[dialplan]\nfolder = \"x\"\n");
        assert!(said.contains("carillon.toml:2:1") && said.contains("udp_port"), "{said}");
        let said = complaint("[media]\nrtp_ports = \"30000-20000\"\n[dialplan]\nfolder = \"x\"\n");
        assert!(said.contains("carillon.toml:2:13") && said.contains("rtp_ports"), "{said}");
        let said = complaint("[dialplan]\nfolder = \"x\"\n[site]\ntime_zone = \"Europe/Nowhere\"\n");
        assert!(said.contains("carillon.toml:4:13") && said.contains("Europe/Nowhere"), "{said}");
    }

    #[test]
    fn values_that_do_not_fit_are_all_named_at_once() {
        let said = complaint(
            "[sip]\nudp = [\"0.0.0.0:5060\"]\nexpires_min_s = 60\nexpires_max_s = 30\n[media]\nrtp_timeout_s = 0\n[dialplan]\nfolder = \"x\"\n",
        );
        for part in ["toml:2:7: udp", "toml:3:17: expires_min_s", "toml:6:17: rtp_timeout_s", "toml:8:10: folder"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn the_sample_has_every_key_at_its_usual_value() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(root.join("docs/carillon.toml")).expect("docs/carillon.toml");
        let at_root = |text: &str| Config::parse(&root.join("carillon.toml"), text).expect("a good configuration");
        let (sample, least) = (at_root(&text), at_root("[dialplan]\nfolder = \"dialplans/demo\"\n"));
        assert_eq!(format!("{sample:?}"), format!("{least:?}"));
        assert_eq!(sample.database.url, least.database.url);
        for key in format!("{sample:?}").split([' ', '{']).filter_map(|word| word.strip_suffix(':')) {
            assert!(text.contains(&format!("\n{key} = ")) || text.contains(&format!("\n[{key}]\n")), "the sample lacks {key}");
        }
    }

    #[test]
    fn a_missing_dialplan_is_named_with_its_path() {
        assert!(complaint("[dialplan]\nfolder = \"plans\"\n").contains("/nowhere/plans"));
    }
}
