use crate::support::{address, epoch, local, seconds};
use carillon_sip_core::{Engine, Hop, Transmit, Transport};
use carillon_sip_leg::{Command, EndCause, Event, HangUpCause, LegId, Target, TrunkPeer, UaConfig, UserAgent};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Two user agents, each the other's trunk, and a network that loses, delays and doubles.
struct Pair {
    now: Instant,
    ends: [(SocketAddr, UserAgent); 2],
    flying: BTreeMap<(Instant, u64), (SocketAddr, SocketAddr, bytes::Bytes)>,
    sent: u64,
    dice: StdRng,
    loss_percent: u32,
    heard: [Vec<Event>; 2],
}

impl Pair {
    fn new(seed: u64, loss_percent: u32) -> Self {
        let at = [address("192.0.2.1:5060"), address("192.0.2.2:5060")];
        let end = |us: SocketAddr, other: SocketAddr, first: u128| {
            let mut last = first;
            let new_leg = move || {
                last += 1;
                LegId(last)
            };
            let mut ua = UserAgent::new(
                UaConfig { reach: carillon_sip_core::Reach::new().listening(Transport::Udp, us), ..UaConfig::new([first as u8 + 1; 32]) },
                Box::new(new_leg),
            );
            ua.handle_command(epoch(), Command::SetTrunks(vec![TrunkPeer::new("peer", other, Transport::Udp)]));
            (us, ua)
        };
        Pair {
            now: epoch(),
            ends: [end(at[0], at[1], 0), end(at[1], at[0], 100)],
            flying: BTreeMap::new(),
            sent: 0,
            dice: StdRng::seed_from_u64(seed),
            loss_percent,
            heard: [vec![], vec![]],
        }
    }

    fn order(&mut self, end: usize, command: Command) {
        self.ends[end].1.handle_command(self.now, command);
        self.drain();
    }

    fn drain(&mut self) {
        for end in 0..2 {
            let (us, ua) = &mut self.ends[end];
            while let Some(Transmit { hop, bytes }) = ua.poll_transmit() {
                for _ in 0..1 + u32::from(self.dice.next_u32().is_multiple_of(10)) {
                    self.sent += 1;
                    if self.dice.next_u32() % 100 >= self.loss_percent {
                        let delay = Duration::from_millis(u64::from(self.dice.next_u32() % 80));
                        self.flying.insert((self.now + delay, self.sent), (*us, hop.remote, bytes.clone()));
                    }
                }
            }
            while let Some(event) = ua.poll_event() {
                self.heard[end].push(event);
            }
        }
    }

    /// Runs until both have heard enough or nothing more happens in two minutes.
    fn run(&mut self, until: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + seconds(120);
        while !until(self) {
            let landing = self.flying.keys().next().map(|(at, _)| *at);
            let timers = self.ends.iter().filter_map(|(_, ua)| ua.poll_timeout());
            let Some(next) = timers.chain(landing).min().filter(|next| *next <= end) else { return false };
            self.now = next.max(self.now);
            if landing == Some(next)
                && let Some((_, (from, to, bytes))) = self.flying.pop_first()
            {
                let (us, ua) = if self.ends[0].0 == to { &mut self.ends[0] } else { &mut self.ends[1] };
                ua.handle_packet(self.now, Hop::udp(*us, from), bytes);
            } else {
                self.ends.iter_mut().for_each(|(_, ua)| ua.handle_timeout(self.now));
            }
            self.drain();
        }
        true
    }

    fn has_heard(&self, end: usize, what: impl Fn(&Event) -> bool) -> bool {
        self.heard[end].iter().any(what)
    }
}

fn call(seed: u64, loss_percent: u32, hang_up_first: usize) {
    let mut t = Pair::new(seed, loss_percent);
    let dial = Command::Dial {
        leg: LegId(50),
        to: Target::Trunk { name: "peer".to_owned(), number: "300".to_owned() },
        from_user: "1001".to_owned(),
        from_name: None,
        sdp_offer: local(20_000),
        headers: vec![],
    };
    t.order(0, dial);
    let trace = format!("seed {seed}, loss {loss_percent}");
    assert!(t.run(|t| t.has_heard(1, |event| matches!(event, Event::Invited { .. }))), "{trace}");
    t.order(1, Command::Ring { leg: LegId(101) });
    t.order(1, Command::Answer { leg: LegId(101), local: local(30_000) });
    assert!(t.run(|t| t.has_heard(0, |event| matches!(event, Event::Answered { .. }))), "{trace}");
    let leg = [LegId(50), LegId(101)][hang_up_first];
    t.order(hang_up_first, Command::HangUp { leg, cause: HangUpCause::Normal });
    assert!(
        t.run(|t| (0..2).all(|end| t.has_heard(end, |event| matches!(event, Event::Ended { cause: EndCause::HungUp, .. })))),
        "{trace}"
    );
    t.run(|_| false);
    for heard in &t.heard {
        let ends = heard.iter().filter(|event| matches!(event, Event::Ended { .. })).count();
        assert!(ends == 1 && matches!(heard.last(), Some(Event::Ended { .. })), "{trace}: {heard:?}");
        assert_eq!(heard.iter().filter(|event| matches!(event, Event::Answered { .. })).count(), 1, "{trace}");
    }
}

#[test]
fn over_a_good_network_both_sides_agree() {
    call(1, 0, 0);
    call(2, 0, 1);
}

#[test]
fn over_a_bad_network_both_sides_agree_in_the_end() {
    for seed in 0..40 {
        call(seed, 20, (seed % 2) as usize);
    }
}
