//! The site's mail server, by SMTP (RFC 5321).

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use tokio::{sync::Semaphore, time};

use super::Letter;
use crate::config::{Config, MailSecurity};

/// How long a mail server may take for one answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);
/// Letters that may be on their way at once; one more is not sent.
const ON_THE_WAY: usize = 64;
/// How long a letter that was not taken waits for the next try.
const TRIES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(10), Duration::from_secs(60)];

/// The mail server refused, or cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// No address, or one no mail can go to.
    #[error("{0:?} is no address that mail can go to")]
    Address(String),
    /// What the mail server, or the way there, said.
    #[error("{0}")]
    Server(String),
}

/// The mail server of `[mail]`.
pub struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    page: String,
    on_the_way: Arc<Semaphore>,
}

impl MailServer {
    /// As configured; `None`: there is none.
    ///
    /// # Errors
    /// The sender is no address, or a file cannot be read.
    pub fn of(config: &Config) -> anyhow::Result<Option<Arc<Self>>> {
        let mail = &config.mail;
        if !mail.is_set() {
            return Ok(None);
        }
        let from = mail.from.parse::<Mailbox>().with_context(|| format!("mail.from: {:?} is no address", mail.from))?;
        let tls = || -> anyhow::Result<TlsParameters> {
            let file = &config.tls.authorities;
            let authorities = std::fs::read(file).with_context(|| format!("tls.authorities: {} cannot be read", file.display()))?;
            let authorities = Certificate::from_pem(&authorities).context("tls.authorities")?;
            let parameters =
                TlsParameters::builder(mail.host.clone()).certificate_store(CertificateStore::None).add_root_certificate(authorities);
            Ok(parameters.build_rustls()?)
        };
        let tls = match mail.security {
            MailSecurity::Starttls => Tls::Required(tls()?),
            MailSecurity::Tls => Tls::Wrapper(tls()?),
            MailSecurity::None => Tls::None,
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(mail.host.as_str());
        let mut transport = transport.port(mail.port).tls(tls).timeout(Some(ANSWERS_WITHIN));
        if !mail.user.is_empty() {
            let file = &mail.mail_password_file;
            let password =
                std::fs::read_to_string(file).with_context(|| format!("mail.mail_password_file: {} cannot be read", file.display()))?;
            transport = transport.credentials(Credentials::new(mail.user.clone(), password.trim_end().to_owned()));
        }
        let page = mail.page.trim_end_matches('/').to_owned();
        Ok(Some(Arc::new(Self { transport: transport.build(), from, page, on_the_way: Arc::new(Semaphore::new(ON_THE_WAY)) })))
    }

    /// Whom mail comes from.
    pub fn sender(&self) -> String {
        self.from.to_string()
    }

    /// Where people reach a page of the desktop.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.page)
    }

    /// Sends a letter, and says whether the mail server took it.
    ///
    /// # Errors
    /// It did not.
    pub async fn send(&self, to: &str, letter: &Letter) -> Result<(), NotSent> {
        let address: Address = to.parse().map_err(|_| NotSent::Address(to.to_owned()))?;
        let message = Message::builder().from(self.from.clone()).to(Mailbox::new(None, address)).subject(letter.subject.as_str());
        let message =
            message.header(ContentType::TEXT_PLAIN).body(letter.text.clone()).map_err(|error| NotSent::Server(error.to_string()))?;
        self.transport.send(message).await.map(drop).map_err(|error| NotSent::Server(said(&error)))
    }

    /// Sends a letter some time soon, trying again where the mail server cannot be had. Whether there was room for it.
    pub fn post(self: &Arc<Self>, to: String, letter: Letter) -> bool {
        let Ok(place) = Arc::clone(&self.on_the_way).try_acquire_owned() else {
            tracing::error!("{ON_THE_WAY} letters are on their way: one more is not sent");
            return false;
        };
        let server = Arc::clone(self);
        tokio::spawn(async move {
            let _place = place;
            for (tried, wait) in TRIES.into_iter().enumerate() {
                time::sleep(wait).await;
                match server.send(&to, &letter).await {
                    Ok(()) => return,
                    // Nobody's address: it stands in no log.
                    Err(error) => tracing::warn!(%error, tries = tried + 1, "the mail server did not take a letter"),
                }
            }
            tracing::error!("a letter is given up: the mail server takes none");
        });
        true
    }
}

/// An error with what caused it, in a line.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
