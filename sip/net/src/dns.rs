//! Asking the DNS where a named peer is. What is asked and what it means is [`Locate`]'s to say.

use carillon_sip_core::{
    Transport,
    locate::{Answer, Locate, Naptr, Question, Srv, Wanted},
};
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    lookup::Lookup,
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// How long one question waits for one server.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long all questions for one peer may take.
const LONGEST: Duration = Duration::from_secs(20);
/// What an answer lasts that says that there is nothing of the kind.
const NOTHING_LASTS: Duration = Duration::from_secs(300);

/// Asks the DNS. It keeps nothing: whoever asks knows how long an answer lasts.
pub struct Resolver(TokioResolver);

/// Where a peer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The places, the first choice first; at least one.
    pub places: Vec<(Transport, SocketAddr)>,
    /// How long that holds.
    pub lasts: Duration,
}

/// Why nobody knows where a peer is.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    /// No server answered usefully.
    #[error("{0}")]
    Unanswered(#[from] NetError),
    /// All questions together took too long.
    #[error("it takes too long")]
    TooSlow,
    /// There is no such name, or it has no address.
    #[error("there is no address of that name")]
    NoSuchName,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    /// Asks these servers; without any those that the machine asks (`/etc/resolv.conf`).
    ///
    /// # Errors
    /// No resolver can be made of them.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, DnsError> {
        let mut builder = match servers {
            // As every program does that finds no such file.
            [] => TokioResolver::builder_tokio().unwrap_or_else(|_| asking(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 53))])),
            servers => asking(servers),
        };
        let options = builder.options_mut();
        (options.timeout, options.attempts, options.cache_size) = (PATIENCE, 2, 0);
        Ok(Self(builder.build()?))
    }

    /// Finds a peer (RFC 3263 4). `seed` spreads calls over hosts that are equally good.
    ///
    /// # Errors
    /// Every [`DnsError`].
    pub async fn locate(&self, wanted: Wanted, seed: u64) -> Result<Located, DnsError> {
        let finding = async {
            let mut locate = Locate::new(wanted, seed);
            let mut lasts = Duration::MAX;
            while let Some(question) = locate.question() {
                let (answer, holds) = self.ask(&question).await?;
                lasts = lasts.min(holds);
                locate.answer(&question, answer);
            }
            let places = locate.places();
            if places.is_empty() { Err(DnsError::NoSuchName) } else { Ok(Located { places, lasts }) }
        };
        timeout(LONGEST, finding).await.map_err(|_| DnsError::TooSlow)?
    }

    async fn ask(&self, question: &Question) -> Result<(Answer, Duration), DnsError> {
        Ok(match question {
            Question::Naptr(name) => {
                let (found, holds) = self.look_up(name, RecordType::NAPTR).await?;
                (Answer::Naptr(found.iter().filter_map(naptr).collect()), holds)
            }
            Question::Srv(name) => {
                let (found, holds) = self.look_up(name, RecordType::SRV).await?;
                (Answer::Srv(found.iter().filter_map(srv).collect()), holds)
            }
            Question::Addresses(name) => {
                let (v6, v4) = tokio::join!(self.look_up(name, RecordType::AAAA), self.look_up(name, RecordType::A));
                let (v6, v4) = match (v6, v4) {
                    (Err(error), Err(_)) => return Err(error),
                    // Half an answer is one: some servers never answer for the family they have nothing of.
                    (v6, v4) => (v6.unwrap_or((vec![], NOTHING_LASTS)), v4.unwrap_or((vec![], NOTHING_LASTS))),
                };
                let found = v6.0.iter().chain(&v4.0).filter_map(address);
                (Answer::Addresses(found.collect()), v6.1.min(v4.1))
            }
        })
    }

    /// The records of a name, aliases followed, and how long they hold. That there are none is an answer too.
    async fn look_up(&self, name: &str, kind: RecordType) -> Result<(Vec<RData>, Duration), DnsError> {
        // With a dot in it a name is whole: the machine's own domain is not tried behind it.
        let whole = if name.contains('.') && !name.ends_with('.') { format!("{name}.") } else { name.to_owned() };
        match self.0.lookup(whole.as_str(), kind).await {
            Ok(found) => Ok((records(&found), found.valid_until().saturating_duration_since(Instant::now()))),
            Err(error) if error.is_no_records_found() => Ok((vec![], NOTHING_LASTS)),
            Err(error) => Err(error.into()),
        }
    }
}

fn asking(servers: &[SocketAddr]) -> ResolverBuilder<TokioRuntimeProvider> {
    let config = ResolverConfig::from_parts(None, vec![], servers.iter().map(name_server).collect());
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
}

fn name_server(at: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = at.port();
        connection
    });
    NameServerConfig::new(at.ip(), true, connections.into())
}

fn records(found: &Lookup) -> Vec<RData> {
    found.answers().iter().map(|record| record.data.clone()).collect()
}

fn naptr(data: &RData) -> Option<Naptr> {
    let RData::NAPTR(record) = data else { return None };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Naptr {
        order: record.order,
        preference: record.preference,
        flags: text(&record.flags),
        service: text(&record.services),
        replacement: record.replacement.to_ascii(),
    })
}

fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(record) = data else { return None };
    Some(Srv { priority: record.priority, weight: record.weight, port: record.port, target: record.target.to_ascii() })
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}
