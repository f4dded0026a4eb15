//! `[mail]`

use std::path::PathBuf;

use serde::Deserialize;

/// The mail server that takes this server's mail: links that set forgotten passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Its name. Empty: there is none, and no mail is sent.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from others.
    pub security: MailSecurity,
    /// Who this server is there. Empty: nobody asks.
    pub user: String,
    /// A file with that user's password.
    pub mail_password_file: PathBuf,
    /// Whom mail comes from, as in `Carillon <desk@example.com>`.
    pub from: String,
    /// Where people reach the desktop, as in `https://desk.example.com`: what links in mail begin with.
    pub page: String,
}

/// How the way to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// It begins in clear and is encrypted before anything is said (RFC 3207), or nothing is said.
    Starttls,
    /// It is encrypted from the first octet (RFC 8314).
    Tls,
    /// It is not: for a server on this machine.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: MailSecurity::Starttls,
            user: String::new(),
            mail_password_file: PathBuf::new(),
            from: String::new(),
            page: String::new(),
        }
    }
}

impl Mail {
    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        !self.host.is_empty()
    }
}
