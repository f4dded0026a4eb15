//! The demo's day: simulated callers, and agents with simulated phones to take them, inside the running server.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use carillon_acd::LogInRefused;
use carillon_model::{AgentId, EndedBy, PhoneId};

use super::{SimulatedPhone, Simulation, run};
use crate::dispatch::{Acd, Directory};

/// Agents that get a simulated phone when they are logged out, and that phone. Anna is left to whoever tries the demo.
const STAFF: [(&str, &str); 2] = [("bruno", "1009"), ("carla", "1010")];
/// How long a simulated phone may take to register.
const REGISTERS: Duration = Duration::from_secs(5);

/// Starts simulations, one at a time.
pub struct Demo {
    /// Where the server takes SIP over UDP.
    pub server: SocketAddr,
    /// The address of the server's trunk `simulator`.
    pub listen: SocketAddr,
    /// Digest realm.
    pub realm: String,
    /// What the phones' passwords begin with: a phone's is `PHONES-NAME`.
    pub phones: String,
    /// The demo's dialplan.
    pub dialplan: PathBuf,
    /// Whether one is running.
    pub running: Arc<AtomicBool>,
}

impl Demo {
    /// Starts a simulation unless one is running; whether it did.
    pub fn start(&self, calls: u32, directory: &Directory, acd: &Acd) -> bool {
        if self.running.swap(true, Ordering::AcqRel) {
            return false;
        }
        let staff = staff(directory);
        let phone = |name: &&str| SimulatedPhone {
            name: (*name).to_owned(),
            password: format!("{}-{name}", self.phones),
            realm: self.realm.clone(),
        };
        let simulation = Simulation {
            server: self.server,
            listen: self.listen,
            dialplan: self.dialplan.clone(),
            calls,
            to: vec!["5001".to_owned(), "5002".to_owned()],
            every: Duration::from_secs(3),
            stay: (Duration::from_secs(20), Duration::from_secs(45)),
            phones: Vec::new(),
        };
        let phones = Simulation {
            listen: SocketAddr::new(self.listen.ip(), 0),
            calls: 0,
            phones: STAFF.iter().map(|(_, name)| phone(name)).collect(),
            ..simulation.clone()
        };
        tokio::spawn(day(simulation, phones, staff, acd.clone(), Arc::clone(&self.running)));
        true
    }
}

async fn day(callers: Simulation, phones: Simulation, staff: Vec<(AgentId, PhoneId)>, acd: Acd, running: Arc<AtomicBool>) {
    let phones = tokio::spawn(run(phones));
    let arrivals = staff.iter().map(|(agent, phone)| tokio::spawn(arrive(acd.clone(), *agent, *phone))).collect::<Vec<_>>();
    match run(callers).await {
        Ok(outcome) => tracing::info!("simulation over: {outcome}"),
        Err(error) => tracing::warn!("the simulation could not run: {error:#}"),
    }
    for ((agent, _), arrival) in staff.into_iter().zip(arrivals) {
        if arrival.await.unwrap_or(false) {
            // Somebody may have logged the agent out meanwhile.
            let _ = acd.log_out(agent, EndedBy::System).await;
        }
    }
    phones.abort();
    running.store(false, Ordering::Release);
}

/// Logs an agent in as soon as the simulated phone is registered; whether it came to that.
async fn arrive(acd: Acd, agent: AgentId, phone: PhoneId) -> bool {
    let attempt = async {
        loop {
            match acd.log_in(agent, phone, None).await {
                Ok(()) => return true,
                Err(LogInRefused::PhoneUnreachable) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(_) => return false,
            }
        }
    };
    tokio::time::timeout(REGISTERS, attempt).await.unwrap_or(false)
}

fn staff(directory: &Directory) -> Vec<(AgentId, PhoneId)> {
    let directory = directory.read();
    let agent = |login: &str| directory.users.values().find(|user| user.login == login).map(|user| AgentId::from(user.id));
    STAFF.iter().filter_map(|(login, phone)| Some((agent(login)?, directory.phone_named(phone)?.id))).collect()
}
