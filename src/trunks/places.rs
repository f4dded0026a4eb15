//! Where one trunk is: at the address that is set, or where the DNS said last.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use carillon_model::{DnsTrouble, Trunk};
use carillon_sip_core::{Transport, locate::Wanted};
use carillon_sip_net::Located;

/// The DNS is asked no more often than this, however briefly its answers hold, and no less often, however long.
const BRIEFEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3600);
/// What an answer lasts that could not be had: it is asked for again so soon.
const AGAIN: Duration = Duration::from_secs(10);

/// Where a trunk is.
#[derive(Debug)]
pub(super) struct Places {
    /// What is asked for, of a trunk that has a name.
    wanted: Option<Wanted>,
    known: Vec<(Transport, SocketAddr)>,
    /// Why the last question had no answer.
    pub(super) error: Option<DnsTrouble>,
    /// When the DNS is asked; `None`: it is being asked, or never is.
    due: Option<Instant>,
}

impl Places {
    /// Of a trunk as it is set up. What makes no sense, which no setup file and no API lets by, is nowhere.
    pub(super) fn of(trunk: &Trunk, now: Instant) -> Self {
        let transport = Transport::named(&trunk.transport);
        match (trunk.host.parse::<IpAddr>(), transport, trunk.port) {
            (Ok(ip), Some(transport), port) => {
                let at = SocketAddr::new(ip, port.unwrap_or(transport.usual_port()));
                Self { wanted: None, known: vec![(transport, at)], error: None, due: None }
            }
            (Ok(_), None, _) => Self { wanted: None, known: vec![], error: None, due: None },
            (Err(_), transport, port) => {
                let wanted = Wanted { name: trunk.host.clone(), port, transport };
                Self { wanted: Some(wanted), known: vec![], error: None, due: Some(now) }
            }
        }
    }

    /// Whether another set-up of the trunk is found at the same places.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.wanted == other.wanted && (self.wanted.is_some() || self.known == other.known)
    }

    pub(super) fn known(&self) -> &[(Transport, SocketAddr)] {
        &self.known
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The question, if it is time for it. It is then under way until its answer is taken.
    pub(super) fn ask(&mut self, now: Instant) -> Option<Wanted> {
        self.due.filter(|due| *due <= now)?;
        self.due = None;
        self.wanted.clone()
    }

    /// Takes the answer; whether the places are others now. Without one those known stay: a trunk that was there a minute ago is likelier there
    /// than nowhere.
    pub(super) fn take(&mut self, now: Instant, answer: Result<Located, DnsTrouble>) -> bool {
        match answer {
            Ok(located) => {
                self.error = None;
                self.due = Some(now + located.lasts.clamp(BRIEFEST, LONGEST));
                let changed = self.known != located.places;
                self.known = located.places;
                changed
            }
            Err(why) => {
                self.error = Some(why);
                self.due = Some(now + AGAIN);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use carillon_model::TrunkId;

    use super::*;

    fn trunk(host: &str, port: Option<u16>, transport: &str) -> Trunk {
        Trunk {
            id: TrunkId::from_u128(1),
            name: "carrier".to_owned(),
            host: host.to_owned(),
            port,
            transport: transport.to_owned(),
            account: None,
            options: false,
            large_by_tcp: false,
            max_calls: 10,
            max_calls_per_hour: None,
            media_security: carillon_model::MediaSecurity::default(),
        }
    }

    fn located(at: &str, seconds: u64) -> Located {
        Located { places: vec![(Transport::Udp, at.parse().expect("an address"))], lasts: Duration::from_secs(seconds) }
    }

    #[test]
    fn an_address_is_where_it_says_and_nobody_is_asked() {
        let now = crate::clock::now().mono;
        let mut places = Places::of(&trunk("192.0.2.1", None, "tls"), now);
        assert_eq!(places.known(), [(Transport::Tls, "192.0.2.1:5061".parse().expect("an address"))]);
        assert_eq!((places.ask(now), places.due()), (None, None));
    }

    #[test]
    fn the_last_good_answer_stays_while_the_dns_is_gone() {
        let now = crate::clock::now().mono;
        let mut places = Places::of(&trunk("sip.example", None, "dns"), now);
        let wanted = Wanted { name: "sip.example".to_owned(), port: None, transport: None };
        assert_eq!(places.ask(now), Some(wanted));
        assert_eq!(places.ask(now), None, "it is being asked");
        assert!(places.take(now, Ok(located("192.0.2.1:5060", 300))));
        assert_eq!(places.ask(now + Duration::from_secs(299)), None, "the answer still holds");
        let then = now + Duration::from_secs(300);
        assert!(places.ask(then).is_some());
        assert!(!places.take(then, Err(DnsTrouble::Unanswered)));
        assert_eq!(places.known(), located("192.0.2.1:5060", 0).places);
        assert_eq!((places.error, places.due()), (Some(DnsTrouble::Unanswered), Some(then + AGAIN)));
        assert!(places.ask(then + AGAIN).is_some());
        assert!(places.take(then, Ok(located("192.0.2.2:5060", 0))), "it has moved");
        assert_eq!((places.error, places.due()), (None, Some(then + BRIEFEST)));
    }
}
