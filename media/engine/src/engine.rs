//! The boundary: starts the media threads, opens legs on them and queues their commands.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::JoinHandle;

use carillon_media_secure::{Fingerprint, Identity};

use crate::clock::Clock;
use crate::event::Tell;
use crate::poller::{Doorbell, Poller};
use crate::ports::{self, PortError, PortPair, Ports};
use crate::recording::{DiskRefusal, Writer, WriterHealth, WriterQueue};
use crate::thread::{MediaThread, Order, Shared};
use crate::{Command, EngineConfig, Event, LegId, PollerChoice, PollerKind, Sounds, ThreadReport};

/// The running media threads. Dropping it ends them: legs close, recordings are finished and told of.
///
/// A call keeps to one thread: take it from [`Engine::thread_for_new_call`] and give it with everything about that call.
#[derive(Debug)]
pub struct Engine {
    advertised: IpAddr,
    identity: Identity,
    ports: Ports,
    opened: AtomicU64,
    legs_per_thread: usize,
    // The threads before the writer they hand their recordings to.
    threads: Vec<Handle>,
    _writer: Writer,
    writer_health: Arc<WriterHealth>,
    sounds: Mutex<Arc<Sounds>>,
}

#[derive(Debug)]
struct Handle {
    orders: SyncSender<Order>,
    limit: usize,
    shared: Arc<Shared>,
    doorbell: Arc<Doorbell>,
    poller: PollerKind,
    join: Option<JoinHandle<()>>,
}

/// One media thread of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadIx(pub usize);

/// Why a leg could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Every port pair of the range is taken.
    #[error("no RTP ports are left")]
    NoPorts,
    /// The thread has all the legs it may have or is lost, or the system gives no more sockets.
    #[error("the media engine takes no more legs")]
    Overloaded,
}

/// The thread's command queue is full, or the thread is lost: the call cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the media thread's command queue is full")]
pub struct Overloaded;

impl Engine {
    /// Starts the threads. `events` is called on them and must not block.
    ///
    /// # Errors
    /// The address cannot be bound, or the system refuses threads.
    pub fn start(config: EngineConfig, sounds: Arc<Sounds>, events: impl Fn(Event) + Send + Sync + 'static) -> io::Result<Self> {
        for ip in [config.ip].into_iter().chain(config.other_ip) {
            ports::bind(SocketAddr::new(ip, 0))?;
        }
        let identity = Identity::generate().map_err(io::Error::other)?;
        let tell: Tell = Arc::new(events);
        let (writer, tapes, writer_health) = Writer::start(config.recorder_queue, tell.clone())?;
        let threads = (0..config.thread_count())
            .map(|ix| Handle::start(ix, &config, &identity, sounds.clone(), tapes.clone(), tell.clone()))
            .collect::<io::Result<Vec<_>>>()?;
        if let Some(thread) = threads.first() {
            tracing::info!(threads = threads.len(), poller = thread.poller.as_str(), "media threads wait for packets");
        }
        Ok(Self {
            advertised: config.advertised.unwrap_or(config.ip),
            identity,
            ports: Ports::new(config.ip, config.other_ip, &config.rtp_ports),
            opened: AtomicU64::new(0),
            legs_per_thread: config.legs_per_thread,
            threads,
            _writer: writer,
            writer_health,
            sounds: Mutex::new(sounds),
        })
    }

    /// The thread with the fewest legs, of those that are not lost.
    pub fn thread_for_new_call(&self) -> ThreadIx {
        let well = self.threads.iter().enumerate().filter(|(_, thread)| !thread.is_lost());
        let fewest = well.min_by_key(|(_, thread)| thread.shared.legs.load(Ordering::Relaxed));
        ThreadIx(fewest.map_or(0, |(ix, _)| ix))
    }

    /// What the SDP of a leg says of the certificate that it shakes hands with: one for as long as the engine runs.
    pub fn fingerprint(&self) -> &Fingerprint {
        self.identity.fingerprint()
    }

    /// Legs now open, on all threads.
    pub fn legs(&self) -> usize {
        self.threads.iter().map(|thread| thread.shared.legs.load(Ordering::Relaxed)).sum()
    }

    /// Legs of which nothing comes though somebody listens to them, on all threads.
    pub fn unheard_legs(&self) -> usize {
        let open = self.threads.iter().filter(|thread| thread.shared.legs.load(Ordering::Relaxed) > 0);
        open.map(|thread| thread.shared.unheard.load(Ordering::Relaxed)).sum()
    }

    /// How each thread fares.
    pub fn threads(&self) -> Vec<ThreadReport> {
        let report = |thread: &Handle| thread.shared.counters.report(thread.poller, thread.shared.legs.load(Ordering::Relaxed));
        self.threads.iter().map(report).collect()
    }

    /// Threads that a fault of this program has ended. Their legs were closed; they take no more.
    pub fn lost_threads(&self) -> usize {
        self.threads.iter().filter(|thread| thread.is_lost()).count()
    }

    /// Why the disk takes no recordings, while it does not.
    pub fn recordings_refused(&self) -> Option<DiskRefusal> {
        self.writer_health.refusal()
    }

    /// Plays these sounds from now on. What is being played goes on; a sound that is in here no more stays for calls that still name it.
    ///
    /// # Errors
    /// A thread's queue is full: it goes on with what it had.
    pub fn set_sounds(&self, mut sounds: Sounds) -> Result<(), Overloaded> {
        let mut known = self.sounds.lock().unwrap_or_else(PoisonError::into_inner);
        sounds.keep(&known);
        *known = Arc::new(sounds);
        let threads = self.threads.iter().filter(|thread| !thread.is_lost());
        threads.map(|thread| thread.push(Order::SetSounds(Arc::clone(&known)), true)).fold(Ok(()), Result::and)
    }

    /// Binds the leg's ports and returns the RTP address for SDP; RTCP is one port above. Nothing is received before
    /// `Command::SetMedia`.
    ///
    /// # Errors
    /// No ports are left, or the thread takes no more legs.
    pub fn open_leg(&self, thread: ThreadIx, leg: LegId) -> Result<SocketAddr, OpenError> {
        self.open_leg_in_both(thread, leg).map(|(address, _)| address)
    }

    /// The same, with the address of the other IP version where there is one. The first `Command::SetMedia` decides which is used.
    ///
    /// # Errors
    /// As [`Engine::open_leg`].
    pub fn open_leg_in_both(&self, thread: ThreadIx, leg: LegId) -> Result<(SocketAddr, Option<SocketAddr>), OpenError> {
        let thread = self.threads.get(thread.0).filter(|thread| !thread.is_lost()).ok_or(OpenError::Overloaded)?;
        if thread.shared.legs.fetch_add(1, Ordering::Relaxed) >= self.legs_per_thread {
            thread.shared.legs.fetch_sub(1, Ordering::Relaxed);
            return Err(OpenError::Overloaded);
        }
        self.bind_and_open(thread, leg).inspect_err(|_| {
            thread.shared.legs.fetch_sub(1, Ordering::Relaxed);
        })
    }

    fn bind_and_open(&self, thread: &Handle, leg: LegId) -> Result<(SocketAddr, Option<SocketAddr>), OpenError> {
        let pair = self.ports.bind_pair(self.opened.fetch_add(1, Ordering::Relaxed)).map_err(|error| match error {
            PortError::Exhausted => OpenError::NoPorts,
            PortError::System(error) => {
                tracing::warn!(%error, "the system gives no RTP socket");
                OpenError::Overloaded
            }
        })?;
        let at = |socket: &UdpSocket| socket.local_addr().map_err(|_| OpenError::Overloaded);
        let port = at(&pair.rtp)?.port();
        let other = pair.other.as_ref().map(|other| at(&other.rtp)).transpose()?;
        thread.open(leg, pair).map_err(|Overloaded| OpenError::Overloaded)?;
        Ok((SocketAddr::new(self.advertised, port), other))
    }

    /// Queues a command for the thread; commands of one sender are carried out in their order. What gives something back
    /// (closing, stopping) is taken even when the queue is too full for anything else.
    ///
    /// # Errors
    /// The queue is full, or there is no such thread.
    pub fn send(&self, thread: ThreadIx, command: Command) -> Result<(), Overloaded> {
        let thread = self.threads.get(thread.0).ok_or(Overloaded)?;
        let frees = command.frees();
        thread.push(Order::Command(command), frees)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.doorbell.ring();
        if self.join.take().is_some_and(|join| join.join().is_err()) {
            tracing::error!("a media thread had panicked");
        }
    }
}

impl Handle {
    fn is_lost(&self) -> bool {
        self.shared.lost.load(Ordering::Acquire)
    }

    fn start(
        ix: usize,
        config: &EngineConfig,
        identity: &Identity,
        sounds: Arc<Sounds>,
        tapes: WriterQueue,
        tell: Tell,
    ) -> io::Result<Self> {
        let limit = config.command_queue;
        // What ordinary commands leave free is for those that close and stop.
        let (orders, inbox) = sync_channel(2 * limit + config.legs_per_thread);
        let shared = Arc::new(Shared::default());
        let (ready, is_ready) = sync_channel(1);
        let clock = config.clock.clone();
        let (config, identity, threads_shared) = (config.clone(), identity.clone(), shared.clone());
        // The poller is made on its thread: a ring serves nobody else.
        let join = std::thread::Builder::new().name(format!("media-{ix}")).spawn(move || match poller(config.poller) {
            Ok(poller) => {
                let _ = ready.send(Ok((poller.doorbell(), poller.kind())));
                MediaThread::new(ix, &config, identity, poller, sounds, tapes, tell, threads_shared).run(&inbox);
            }
            Err(error) => drop(ready.send(Err(error))),
        })?;
        let (doorbell, poller) = is_ready.recv().map_err(|_| io::ErrorKind::BrokenPipe)??;
        if let Clock::Held(held) = clock {
            held.join(doorbell.clone());
        }
        Ok(Self { orders, limit, shared, doorbell, poller, join: Some(join) })
    }

    fn open(&self, leg: LegId, sockets: PortPair) -> Result<(), Overloaded> {
        self.push(Order::Open { leg, sockets }, false)
    }

    fn push(&self, order: Order, beyond_limit: bool) -> Result<(), Overloaded> {
        if self.shared.waiting.fetch_add(1, Ordering::AcqRel) >= self.limit && !beyond_limit {
            self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Overloaded);
        }
        self.orders.try_send(order).map_err(|_| {
            self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
            Overloaded
        })?;
        self.doorbell.ring();
        Ok(())
    }
}

fn poller(choice: PollerChoice) -> io::Result<Poller> {
    let (poller, refusal) = Poller::new(choice)?;
    if let Some(error) = refusal {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| tracing::warn!(%error, "the system refuses io_uring: media threads wait by epoll, at a higher cost per packet"));
    }
    Ok(poller)
}
