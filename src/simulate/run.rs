//! Running a simulation: sockets, media and timers around [`super::legs`].

use std::{
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use carillon_media_engine as media;
use carillon_media_sdp::MediaPlan;
use carillon_model::{IdSource, LegId};
use carillon_sip_core::{Reach, Transport};
use carillon_sip_leg::{self as sip, Registration, TrunkPeer, UaConfig, UserAgent};
use carillon_sip_net as net;
use tokio::sync::mpsc;

use super::{
    Simulation,
    legs::{Legs, Order, media_leg},
    people,
};
use crate::{
    calls::{agreed_media, local_media, sleep_until},
    clock,
    config::Language,
    sounds::Shelf,
};

/// RTP ports of the simulation, away from the server's own.
const RTP_PORTS: std::ops::RangeInclusive<u16> = 40_000..=44_999;
/// How long the ends that are left get to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a simulation went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Calls the server answered.
    pub answered: u32,
    /// Calls it refused, or that nobody answered.
    pub refused: u32,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls answered, {} refused", self.answered, self.refused)
    }
}

enum News {
    Sip(Box<sip::Event>),
    Media(media::Event),
}

/// Makes all calls and returns when the last caller has hung up.
///
/// # Errors
/// The address is taken, or the prompts cannot be read.
pub async fn run(simulation: Simulation) -> anyhow::Result<Outcome> {
    let net = net::bind(net::NetConfig { udp: vec![simulation.listen], ..net::NetConfig::default() })
        .await
        .context("the simulation cannot listen")?;
    let local = net.local(Transport::Udp).first().copied().context("the simulation has no socket")?;
    let (news, mut inbox) = mpsc::channel(4096);
    let of_media = news.clone();
    let sounds = Arc::new(Shelf::of_dialplan(&simulation.dialplan, Language::En).load()?);
    let config = media::EngineConfig { threads: 1, ip: local.ip(), rtp_ports: RTP_PORTS, ..media::EngineConfig::default() };
    // News that finds no room belongs to a simulation that is behind: its call ends by the server's own timers.
    let engine = media::Engine::start(config, sounds, move |event| drop(of_media.try_send(News::Media(event))))?;
    let (orders, sip_inbox) = mpsc::channel(1024);
    let driver = tokio::spawn(net::drive(net, user_agent(local), sip_inbox, move |event| drop(news.try_send(News::Sip(Box::new(event))))));
    let server = TrunkPeer::new(SERVER, simulation.server, Transport::Udp);
    orders.send(sip::Command::SetTrunks(vec![server])).await?;
    for phone in &simulation.phones {
        orders.send(sip::Command::Register(registration(phone, simulation.server))).await?;
    }
    let mut ends = Ends { thread: engine.thread_for_new_call(), engine, orders, ids: IdSource::new(rand::random()), to: simulation.to };
    let mut legs = Legs::new(Instant::now(), simulation.calls, simulation.every, simulation.stay);
    while !simulation.phones.is_empty() || !legs.is_over() {
        tokio::select! {
            Some(news) = inbox.recv() => ends.take(&mut legs, news),
            () = sleep_until(legs.poll_timeout()) => legs.handle_timeout(Instant::now(), || ends.new_leg()),
        }
        while let Some(order) = legs.poll_order() {
            ends.carry_out(&mut legs, order).await?;
        }
    }
    tokio::time::sleep(FAREWELL).await;
    driver.abort();
    Ok(Outcome { answered: legs.answered, refused: legs.refused })
}

/// The server, as the simulation's user agent knows it.
const SERVER: &str = "server";

fn user_agent(local: SocketAddr) -> UserAgent {
    let mut ids = IdSource::new(rand::random());
    let config = UaConfig { reach: Reach::new().listening(Transport::Udp, local), ..UaConfig::new(rand::random()) };
    UserAgent::new(config, Box::new(move || sip::LegId(LegId::new(ids.next(clock::now().wall)).as_u128())))
}

fn registration(phone: &super::SimulatedPhone, registrar: SocketAddr) -> Registration {
    Registration {
        name: phone.name.clone(),
        credentials: sip::Credentials::new(&phone.name, &phone.realm, &phone.password),
        domain: None,
        places: vec![(Transport::Udp, registrar)],
        expires: Duration::from_secs(60),
    }
}

/// The simulation's hold on signalling and media.
struct Ends {
    engine: media::Engine,
    thread: media::ThreadIx,
    orders: mpsc::Sender<sip::Command>,
    ids: IdSource,
    to: Vec<String>,
}

impl Ends {
    fn new_leg(&mut self) -> sip::LegId {
        sip::LegId(LegId::new(self.ids.next(clock::now().wall)).as_u128())
    }

    fn take(&mut self, legs: &mut Legs, news: News) {
        let event = match news {
            News::Sip(event) => *event,
            News::Media(media::Event::PlayEnded { leg, completed: true, .. }) => return legs.has_spoken(sip::LegId(leg.0)),
            News::Media(_) => return,
        };
        let now = Instant::now();
        match event {
            sip::Event::Invited { leg, .. } => legs.invited(now, leg),
            sip::Event::Answered { leg, media, signalled_from } => {
                self.set_media(leg, &media, Some(signalled_from));
                legs.answered(now, leg);
            }
            sip::Event::MediaChanged { leg, media, .. } => self.set_media(leg, &media, None),
            sip::Event::Ended { leg, .. } => legs.ended(leg),
            sip::Event::RegistrationRefused { name, why, .. } => tracing::warn!(phone = name, ?why, "a simulated phone cannot register"),
            _ => {}
        }
    }

    async fn carry_out(&mut self, legs: &mut Legs, order: Order) -> anyhow::Result<()> {
        match order {
            Order::Dial(leg, nth) => match self.engine.open_leg(self.thread, media_leg(leg)) {
                Ok(address) => self.dial(leg, nth, address).await?,
                Err(_) => legs.ended(leg),
            },
            Order::Ring(leg) => self.orders.send(sip::Command::Ring { leg }).await?,
            Order::Answer(leg) => match self.engine.open_leg(self.thread, media_leg(leg)) {
                Ok(address) => {
                    let local = local_media(LegId::from_u128(leg.0), address);
                    self.orders.send(sip::Command::Answer { leg, local }).await?;
                }
                Err(_) => self.orders.send(sip::Command::Refuse { leg, status: 503, reason: None }).await?,
            },
            Order::Speak(leg, nth) => {
                let source = media::Source::Prompts(people::speech(nth).map(media::SoundName::from).collect());
                let play = media::PlayId(self.ids.next(clock::now().wall).as_u128());
                self.order_media(media::Command::Play { leg: media_leg(leg), play, source });
            }
            Order::HangUp(leg) => self.orders.send(sip::Command::HangUp { leg, cause: sip::HangUpCause::Normal }).await?,
            Order::Close(leg) => self.order_media(media::Command::CloseLeg { leg: media_leg(leg) }),
        }
        Ok(())
    }

    async fn dial(&mut self, leg: sip::LegId, nth: u32, address: SocketAddr) -> anyhow::Result<()> {
        let (name, number) = people::caller(nth);
        let called = self.to.get(nth as usize % self.to.len().max(1)).cloned().unwrap_or_default();
        let dial = sip::Command::Dial {
            leg,
            to: sip::Target::Trunk { name: SERVER.to_owned(), number: called },
            from_user: number.to_owned(),
            from_name: Some(name.to_owned()),
            sdp_offer: local_media(LegId::from_u128(leg.0), address),
            headers: Vec::new(),
        };
        self.orders.send(dial).await?;
        Ok(())
    }

    fn set_media(&self, leg: sip::LegId, plan: &MediaPlan, signalled_from: Option<std::net::IpAddr>) {
        let allowed = media::Sources::Only(signalled_from.into_iter().collect());
        self.order_media(media::Command::SetMedia { leg: media_leg(leg), media: agreed_media(plan, allowed) });
    }

    fn order_media(&self, order: media::Command) {
        if self.engine.send(self.thread, order).is_err() {
            tracing::warn!("the simulation's media thread is too busy");
        }
    }
}
