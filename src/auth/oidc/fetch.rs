//! The way to the provider: no redirection is followed, no answer is waited for or read without end.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method, StatusCode, header, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::address::may_be_asked;
use crate::{auth::escaped::escaped, tls};

/// How long an answer may take, the whole of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Octets of an answer; providers' keys are some thousand.
const MOST: usize = 256 << 10;
/// Questions under way at once; one more waits.
const AT_ONCE: usize = 8;

/// Asks the provider.
#[derive(Debug)]
pub(super) struct Fetch {
    client: Client,
    turns: Semaphore,
}

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) address: &'a str,
    /// A form to post; without one it is a GET.
    pub(super) form: Option<String>,
    /// Name and secret (RFC 6749 2.3.1).
    pub(super) proof: Option<(&'a str, &'a str)>,
}

impl Fetch {
    /// Believes the authorities of this file.
    pub(super) fn new(authorities: &Path) -> anyhow::Result<Self> {
        let config = tls::client(authorities, None)?;
        let client = Client::builder().tls_backend_preconfigured((*config).clone()).redirect(Policy::none()).no_proxy().referer(false);
        let client = client.timeout(PATIENCE).build().context("the way to the provider cannot be set up")?;
        Ok(Self { client, turns: Semaphore::new(AT_ONCE) })
    }

    /// The provider's answer, if it is a good one.
    pub(super) async fn ask<T: DeserializeOwned>(&self, question: Question<'_>) -> anyhow::Result<T> {
        let Question { address, form, proof } = question;
        ensure!(may_be_asked(address), "{address:?} is not asked: neither https nor on this machine");
        let _turn = self.turns.acquire().await;
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, address).header(header::ACCEPT, "application/json");
        if let Some((name, secret)) = proof {
            // Each escaped as in a form, then both as Basic has them.
            request = request.basic_auth(escaped(name), Some(escaped(secret)));
        }
        if let Some(form) = form {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        let mut response = request.send().await.with_context(|| format!("{address} does not answer"))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.with_context(|| format!("{address} broke off"))? {
            ensure!(body.len() + chunk.len() <= MOST, "{address} answers with more than {MOST} octets");
            body.extend_from_slice(&chunk);
        }
        if status != StatusCode::OK {
            // An OAuth error says why in a word (RFC 6749 5.2); what else stands there is not for our log.
            let word =
                serde_json::from_slice::<serde_json::Value>(&body).ok().and_then(|told| Some(told.get("error")?.as_str()?.to_owned()));
            bail!("{address} answers {status}{}", word.map(|word| format!(": {word:?}")).unwrap_or_default());
        }
        serde_json::from_slice(&body).with_context(|| format!("{address} does not answer with what was asked for"))
    }
}
