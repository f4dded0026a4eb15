//! `carillon simulate`

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::say;
use crate::{
    simulate::{self, Simulation},
    telemetry::start_log,
};

/// Makes real SIP calls with speech into a running server.
#[derive(Debug, clap::Args)]
pub(super) struct Simulate {
    /// Calls to make.
    #[arg(long, default_value_t = 10)]
    calls: u32,
    /// Number to dial; several times for several numbers in turn.
    #[arg(long, default_value = "5001")]
    to: Vec<String>,
    /// Where the server takes SIP over UDP.
    #[arg(long, default_value = "127.0.0.1:5060")]
    server: SocketAddr,
    /// Where to call from: the address of a trunk of that server.
    #[arg(long, default_value = "127.0.0.1:5090")]
    listen: SocketAddr,
    /// Calls a second.
    #[arg(long, default_value_t = 0.5)]
    rate: f64,
    /// Seconds a caller stays on the line once answered, at least.
    #[arg(long, default_value_t = 15)]
    stay: u32,
    /// Folder of a dialplan whose prompts are what people say.
    #[arg(long, default_value = "dialplans/demo")]
    speech: PathBuf,
}

impl Simulate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.rate > 0.0 && self.rate <= 100.0, "--rate: between 0 and 100 calls a second");
        start_log();
        let stay = Duration::from_secs(self.stay.into());
        let outcome = simulate::run(Simulation {
            server: self.server,
            listen: self.listen,
            dialplan: self.speech,
            calls: self.calls,
            to: self.to,
            every: Duration::from_secs_f64(1.0 / self.rate),
            stay: (stay, stay * 2),
            phones: Vec::new(),
        })
        .await?;
        say(&outcome.to_string());
        Ok(())
    }
}
