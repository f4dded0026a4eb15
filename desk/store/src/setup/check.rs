//! What serde cannot see in a setup: values that make no sense, names given twice. Names of things that may already be in the database
//! are looked up when it is applied. The settings' pages are held against the same rules, and know what is said here by its text.

use std::{collections::BTreeSet, net::IpAddr};

use carillon_model::{DISPOSITION_LEVELS, Number, Role};

use super::{Setup, TrunkAccountSetup, UserSetup};

/// A field of a setup that cannot be applied, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Problem {
    /// The field, with the key of the thing it belongs to: `queue "sales", members, agent "anna"`.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
}

impl Problem {
    pub(super) fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}

impl Setup {
    /// Checks all that can be checked without a database.
    ///
    /// # Errors
    /// Every [`Problem`], in the order of the file's sections.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut found = Found::default();
        self.check_users(&mut found);
        self.check_phones(&mut found);
        self.check_queues(&mut found);
        self.check_trunks(&mut found);
        self.check_routes(&mut found);
        self.check_pauses(&mut found);
        self.check_dispositions(&mut found);
        match found.problems.is_empty() {
            true => Ok(()),
            false => Err(found.problems),
        }
    }

    fn check_users(&self, found: &mut Found) {
        let (mut logins, mut numbers) = (Names::new("login"), Names::new("agent.number"));
        for user in &self.user {
            let of = format!("user {:?}", user.login);
            found.name(&of, "login", &user.login);
            logins.add(found, &of, user.login.to_lowercase());
            found.filled(&of, "name", &user.name);
            check_password(found, &of, user);
            check_pin(found, &of, user);
            if user.email.as_deref().is_some_and(|email| !is_address(email)) {
                found.add(&of, "email", "no e-mail address: name@domain, at most 254 characters; leave it out for none");
            }
            match &user.agent {
                Some(agent) => {
                    found.name(&of, "agent.number", &agent.number);
                    numbers.add(found, &of, agent.number.clone());
                    found.caller_id(&of, "agent.caller_id", agent.caller_id.as_deref());
                    if agent.alias.as_ref().is_some_and(|alias| alias.trim().is_empty() || alias.chars().count() > 100) {
                        found.add(&of, "agent.alias", "a name of 1 to 100 characters; leave it out for none");
                    }
                }
                None if user.role == Role::Agent => found.add(&of, "agent", "role \"agent\" needs [user.agent] with number and typology"),
                None => {}
            }
        }
    }

    fn check_phones(&self, found: &mut Found) {
        let mut names = Names::new("name");
        for phone in &self.phone {
            let of = format!("phone {:?}", phone.name);
            found.name(&of, "name", &phone.name);
            names.add(found, &of, phone.name.clone());
            match (&phone.password, &phone.ha1_md5, &phone.ha1_sha256) {
                (None, None, None) => {}
                (Some(password), None, None) => {
                    if password.len() < 8 {
                        found.add(&of, "password", "shorter than 8 characters");
                    }
                }
                (None, Some(md5), Some(sha256)) => {
                    found.hex(&of, "ha1_md5", md5, 32);
                    found.hex(&of, "ha1_sha256", sha256, 64);
                }
                (Some(_), ..) => found.add(&of, "password", "give either the password or the two hashes"),
                (None, None, Some(_)) => found.add(&of, "ha1_md5", "missing: the two hashes belong together"),
                (None, Some(_), None) => found.add(&of, "ha1_sha256", "missing: the two hashes belong together"),
            }
        }
    }

    fn check_queues(&self, found: &mut Found) {
        let mut names = Names::new("name");
        for queue in &self.queue {
            let of = format!("queue {:?}", queue.name);
            found.name(&of, "name", &queue.name);
            names.add(found, &of, queue.name.clone());
            found.name(&of, "music", &queue.music);
            found.caller_id(&of, "caller_id", queue.caller_id.as_deref());
            if queue.offer_ms == 0 {
                found.add(&of, "offer_ms", "an offer must ring for some time");
            }
            if queue.keep_recordings_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
                found.add(&of, "keep_recordings_days", "between 1 and 36500 days; leave it out to keep them as the site does");
            }
            if queue.max_wait_ms == Some(0) {
                found.add(&of, "max_wait_ms", "nobody could wait; leave it out for no limit");
            }
            let mut members = Names::new("members");
            for member in &queue.members {
                members.add(found, &of, member.agent.to_lowercase());
                if member.priority == 0 {
                    found.add(&format!("{of}, members, agent {:?}", member.agent), "priority", "1 is asked first; 0 is none.");
                }
            }
        }
    }

    fn check_trunks(&self, found: &mut Found) {
        let (mut names, mut addresses) = (Names::new("name"), Names::new("host, port and transport"));
        for trunk in &self.trunk {
            let of = format!("trunk {:?}", trunk.name);
            found.name(&of, "name", &trunk.name);
            names.add(found, &of, trunk.name.clone());
            addresses.add(found, &of, format!("{} {:?} {}", trunk.host, trunk.set_port(), trunk.transport));
            let is_address = trunk.host.parse::<IpAddr>().is_ok();
            if !is_address && !is_domain(&trunk.host) {
                found.add(&of, "host", "neither an IP address nor a domain name");
            }
            if trunk.port == Some(0) {
                found.add(&of, "port", "0 is no port");
            }
            match trunk.transport.as_str() {
                "udp" | "tcp" | "tls" => {}
                "dns" if is_address => found.add(&of, "transport", "an IP address has nothing to look up: udp, tcp or tls"),
                "dns" if trunk.port.is_some() => {
                    found.add(&of, "transport", "the DNS says the port as well: leave it out, or choose udp, tcp or tls")
                }
                "dns" => {}
                _ => found.add(&of, "transport", "one of udp, tcp, tls and dns"),
            }
            if let Some(account) = &trunk.account {
                check_account(found, &of, account);
            }
        }
    }

    fn check_routes(&self, found: &mut Found) {
        let mut prefixes = Names::new("prefix");
        for route in &self.outbound_route {
            let of = format!("outbound_route {:?}", route.prefix);
            if !Number::new(&route.prefix).is_diallable() {
                found.add(&of, "prefix", "not a part of a number: digits, letters, + * # . and - only");
            }
            prefixes.add(found, &of, route.prefix.clone());
            found.caller_id(&of, "caller_id", route.caller_id.as_deref());
            let mut trunks = Names::new("fallback");
            for trunk in std::iter::once(&route.trunk).chain(&route.fallback) {
                trunks.add(found, &of, trunk.clone());
            }
        }
    }

    fn check_pauses(&self, found: &mut Found) {
        let mut names = Names::new("name");
        for pause in &self.pause_reason {
            let of = format!("pause_reason {:?}", pause.name);
            found.name(&of, "name", &pause.name);
            names.add(found, &of, pause.name.clone());
        }
        for second in self.pause_reason.iter().filter(|pause| pause.is_default).skip(1) {
            found.add(&format!("pause_reason {:?}", second.name), "is_default", "another reason is the default already");
        }
    }

    fn check_dispositions(&self, found: &mut Found) {
        let mut names = Names::new("name");
        for disposition in &self.disposition {
            let of = format!("disposition {:?}", disposition.name);
            found.filled(&of, "name", &disposition.name);
            if disposition.name.contains('/') {
                found.add(&of, "name", "a / parts levels and may not stand in a name");
            }
            let parents = disposition.parent.as_ref().map_or(0, |parent| parent.split(" / ").count());
            if parents >= DISPOSITION_LEVELS {
                found.add(&of, "parent", "There are three levels at most.");
            }
            if parents > 0 && !disposition.queues.is_empty() {
                found.add(&of, "queues", "Of the first level alone: those below follow it.");
            }
            names.add(found, &of, format!("{} / {}", disposition.parent.as_deref().unwrap_or_default(), disposition.name));
        }
    }
}

/// Whether this can be written to: whether anybody reads it only a letter shows.
fn is_address(email: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "@<>,;:\"()[]\\".contains(c));
    email.len() <= 254 && email.split_once('@').is_some_and(|(name, domain)| is_plain(name) && is_plain(domain))
}

/// Keys can be guessed: what is short is guessed by chance, what is long is pressed wrong.
fn check_pin(found: &mut Found, of: &str, user: &UserSetup) {
    let Some(pin) = &user.pin else { return };
    if user.agent.is_none() {
        found.add(of, "pin", "only agents log in at a telephone");
    } else if !(4..=12).contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        found.add(of, "pin", "4 to 12 digits");
    }
}

fn check_password(found: &mut Found, of: &str, user: &UserSetup) {
    match (&user.password, &user.password_hash) {
        (Some(_), Some(_)) => found.add(of, "password", "give either the password or its hash"),
        (Some(password), None) if password.chars().count() < 8 => found.add(of, "password", "shorter than 8 characters"),
        (None, Some(hash)) if !hash.starts_with("$argon2") => found.add(of, "password_hash", "not an argon2 hash in PHC text"),
        (_, None) | (None, Some(_)) => {}
    }
}

fn check_account(found: &mut Found, of: &str, account: &TrunkAccountSetup) {
    found.filled(of, "account.user", &account.user);
    if account.user.contains(|c: char| c.is_whitespace() || "@<>\"".contains(c)) {
        found.add(of, "account.user", "the name alone, without spaces, quotes and domain");
    }
    if let Some(realm) = &account.realm {
        found.filled(of, "account.realm", realm);
    }
    if account.password.as_ref().is_some_and(|password| password.is_empty() || password.chars().count() > 200) {
        found.add(of, "account.password", "empty, or longer than 200 characters");
    }
    if !(60..=86_400).contains(&account.register_s) {
        found.add(of, "account.register_s", "60 to 86400 seconds");
    }
}

/// A name as the DNS takes it. One that ends in digits would be an address gone wrong.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253 && text.split('.').all(is_label) && !last.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, of: &str, field: &str, why: impl Into<String>) {
        self.problems.push(Problem::new(format!("{of}, {field}"), why));
    }

    fn filled(&mut self, of: &str, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(of, field, "empty");
        } else if text.chars().any(char::is_control) || text.chars().count() > 100 {
            self.add(of, field, "holds control characters or is longer than 100 characters");
        }
    }

    /// Keys, which stand in SIP URIs, dialplans and addresses of the API.
    fn name(&mut self, of: &str, field: &str, text: &str) {
        self.filled(of, field, text);
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-_.@".contains(c);
        if !text.chars().all(plain) {
            self.add(of, field, "letters, digits and + - _ . @ only");
        }
    }

    fn caller_id(&mut self, of: &str, field: &str, number: Option<&str>) {
        if number.is_some_and(|number| !Number::new(number).is_diallable()) {
            self.add(of, field, "not a number: digits, letters, + * # . and - only");
        }
    }

    fn hex(&mut self, of: &str, field: &str, text: &str, length: usize) {
        if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            self.add(of, field, "lower-case hexadecimal digits: 32 for MD5, 64 for SHA-256");
        }
    }
}

/// Finds names given twice.
struct Names {
    field: &'static str,
    seen: BTreeSet<String>,
}

impl Names {
    fn new(field: &'static str) -> Self {
        Self { field, seen: BTreeSet::new() }
    }

    fn add(&mut self, found: &mut Found, of: &str, name: String) {
        if !self.seen.insert(name) {
            found.add(of, self.field, "given twice");
        }
    }
}
