//! The whole server: start, addresses, drain.

mod reload;
mod signalling;
mod start;

pub use reload::Reload;
pub(crate) use start::{plan_knows, read_plan};

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use carillon_acd::Event as AcdEvent;
use carillon_model::{EndedBy, Ending, Reason};
use carillon_sip_leg as sip;
use carillon_store::Db;
use serde::Serialize;
use tokio::{sync::watch, task::JoinSet};

use crate::{calls::Surroundings, clock, config::Config, dispatch::BindingKeeper, live::Live};

/// Addresses the server listens on. What `--ready-file` holds.
#[derive(Debug, Clone, Serialize)]
pub struct Bound {
    /// The page and the API.
    pub http: SocketAddr,
    /// Whether they speak HTTPS.
    pub https: bool,
    /// SIP over UDP.
    pub sip_udp: Vec<SocketAddr>,
    /// SIP over TCP.
    pub sip_tcp: Vec<SocketAddr>,
    /// SIP over TLS.
    pub sip_tls: Vec<SocketAddr>,
    /// SIP over WebSocket, on a listener of its own.
    pub sip_ws: Vec<SocketAddr>,
    /// The same over TLS.
    pub sip_wss: Vec<SocketAddr>,
}

/// A running server. Dropping it ends it at once, as a crash would.
pub struct Server {
    bound: Bound,
    around: Arc<Surroundings>,
    live: Arc<Live>,
    reload: Arc<Reload>,
    db: Db,
    keeper: Arc<BindingKeeper>,
    drain_time: Duration,
    stop_http: watch::Sender<bool>,
    http: JoinSet<()>,
    tasks: JoinSet<()>,
}

impl Server {
    /// Starts a server; when this returns it takes calls. `setup` is applied to the database first.
    ///
    /// # Errors
    /// A port is taken, the database or the dialplan is not in order: with what and where.
    pub async fn start(config: Config, setup: Option<&str>) -> anyhow::Result<Self> {
        start::start(config, setup, None).await
    }

    /// As [`Server::start`], with simulated callers to be had. The passwords of the setup's phones are `phones-NAME`.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_demo(config: Config, setup: &str, phones: String) -> anyhow::Result<Self> {
        start::start(config, Some(setup), Some(phones)).await
    }

    /// Where it listens.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// Returns when a part of the server that should run for ever has ended. What is left is worth nothing without it.
    pub async fn failed(&mut self) {
        tokio::select! {
            _ = self.tasks.join_next() => {}
            _ = self.http.join_next() => {}
        }
    }

    /// Takes up what an operator changed while it runs: first what the database holds, then the dialplan, which may name it.
    ///
    /// # Errors
    /// As [`Reload::run`] and [`Reload::dialplan`]. What could not be taken up stays as it was.
    pub async fn reload(&self) -> anyhow::Result<()> {
        self.reload.run().await.context("what the database holds")?;
        self.reload.dialplan().await.context("the dialplan")
    }

    /// How long [`Server::drain`] may take.
    pub fn longest_drain(&self) -> Duration {
        self.drain_time + LAST_CALLS + LAST_REQUESTS + LAST_FACTS
    }

    /// Takes no new calls but to emergency services, serves those who wait and lets running calls finish, ends what is left after the grace time, writes everything
    /// down, stops.
    pub async fn drain(mut self) {
        let around = &self.around;
        around.health.draining();
        let still_taken = around.directory.read().site.emergency_numbers().map(str::to_owned).collect();
        // Fails only where the signalling has stopped already.
        let _ = around.sip.send(sip::Command::Drain { still_taken }).await;
        around.acd.tell(AcdEvent::Drain).await;
        if tokio::time::timeout(self.drain_time, around.calls.wait_until_none()).await.is_err() {
            tracing::info!(calls = around.calls.len(), "the grace time is over: ending the calls that are left");
            // First, so that no agent who becomes free is rung for somebody who is about to be let go.
            around.acd.tell(AcdEvent::Close).await;
            for mailbox in around.calls.all() {
                mailbox.hang_up(Ending::new(EndedBy::System, Reason::ShuttingDown));
            }
            let _ = tokio::time::timeout(LAST_CALLS, around.calls.wait_until_none()).await;
        }
        // Requests make facts too: those under way come first, and the last call's agents.
        self.stop_http.send_replace(true);
        if tokio::time::timeout(LAST_REQUESTS, self.http.join_next()).await.is_err() {
            tracing::debug!("requests under way at the end were cut");
        }
        around.acd.settled().await;
        if let Err(error) = self.keeper.write(&self.db).await {
            tracing::warn!(%error, "registrations could not be saved");
        }
        if let Err(error) = around.journal.stop(clock::now()).await {
            tracing::error!(%error, "the last facts are lost");
        }
        self.live.stop();
        self.tasks.shutdown().await;
        self.db.close().await;
    }
}

/// What calls that are told to end get for their last messages and facts.
const LAST_CALLS: Duration = Duration::from_secs(5);
/// What HTTP requests under way get.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
/// What writing everything down gets beyond that.
const LAST_FACTS: Duration = Duration::from_secs(10);
