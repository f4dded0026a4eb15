//! The loop of one media thread.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Instant;

use crate::poller::Poller;
use crate::ports::PortPair;
use crate::{Command, EngineConfig, Event, LegId, LegReport, Sounds};

/// What a thread is sent.
#[derive(Debug)]
pub(crate) enum Order {
    Open { leg: LegId, sockets: PortPair },
    Command(Command),
}

pub(crate) struct MediaThread {
    poller: Poller,
    legs: BTreeMap<LegId, PortPair>,
    leg_count: Arc<AtomicUsize>,
    events: Arc<dyn Fn(Event) + Send + Sync>,
}

impl MediaThread {
    pub(crate) fn new(
        _config: &EngineConfig,
        poller: Poller,
        _sounds: Arc<Sounds>,
        events: Arc<dyn Fn(Event) + Send + Sync>,
        leg_count: Arc<AtomicUsize>,
    ) -> Self {
        Self { poller, legs: BTreeMap::new(), leg_count, events }
    }

    pub(crate) fn run(mut self, inbox: &Receiver<Order>, waiting: &AtomicUsize, stop: &AtomicBool) {
        let mut ready = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            while let Ok(order) = inbox.try_recv() {
                waiting.fetch_sub(1, Ordering::AcqRel);
                match order {
                    Order::Open { leg, sockets } => drop(self.legs.insert(leg, sockets)),
                    Order::Command(Command::CloseLeg { leg }) => self.close(leg),
                    Order::Command(_) => {}
                }
            }
            self.poller.wait(Instant::now(), None, &mut ready);
            ready.clear();
        }
    }

    fn close(&mut self, leg: LegId) {
        if self.legs.remove(&leg).is_some() {
            self.leg_count.fetch_sub(1, Ordering::Relaxed);
            (self.events)(Event::LegClosed { leg, report: LegReport::default() });
        }
    }
}
