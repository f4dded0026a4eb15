//! A running engine, and phones that speak in tones.

use std::f64::consts::TAU;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use carillon_media_audio::g711::Law;
use carillon_media_audio::goertzel;
use carillon_media_engine::{
    Clock, Codec, Command, Engine, EngineConfig, Event, HeldClock, LegId, LegMedia, LegReport, PlayId, RecordingId, Sounds, Source,
    Sources, ThreadIx,
};

pub(crate) const FRAME: Duration = Duration::from_millis(20);
/// How long anything that must come may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Another host, as far as addresses go.
pub(crate) const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// An engine with one call's thread.
pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) thread: ThreadIx,
    events: Receiver<Event>,
    seen: Vec<Event>,
    ids: u128,
    /// The engine's, unless that goes by the system's.
    pub(crate) clock: Option<Arc<HeldClock>>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(Sounds::default(), |_| {})
    }

    /// Its time passes while phones talk and what must come is waited for.
    pub(crate) fn with(sounds: Sounds, change: impl FnOnce(&mut EngineConfig)) -> Self {
        let clock = Arc::new(HeldClock::default());
        Self::start(sounds, Some(clock), change)
    }

    /// For what is of the system's time: how long a packet takes, and a writer that is held up.
    pub(crate) fn in_real_time(change: impl FnOnce(&mut EngineConfig)) -> Self {
        Self::start(Sounds::default(), None, change)
    }

    fn start(sounds: Sounds, held: Option<Arc<HeldClock>>, change: impl FnOnce(&mut EngineConfig)) -> Self {
        let clock = held.clone().map_or(Clock::System, Clock::Held);
        let mut config = EngineConfig { threads: 3, ip: HERE, rtp_ports: 0..=0, poller: crate::POLLER, clock, ..EngineConfig::default() };
        change(&mut config);
        let (tell, events) = channel();
        // A test that has ended listens no more.
        let engine = Engine::start(config, Arc::new(sounds), move |event| drop(tell.send(event))).expect("the engine starts");
        Self { thread: engine.thread_for_new_call(), engine, events, seen: Vec::new(), ids: 0, clock: held }
    }

    pub(crate) fn new_id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }

    pub(crate) fn now(&self) -> Instant {
        now(self.clock.as_ref())
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        match &self.clock {
            Some(clock) => clock.pass(time),
            None => std::thread::sleep(time),
        }
    }

    /// Has a command carried out. In real time a packet may overtake it.
    pub(crate) fn send(&self, command: Command) {
        self.engine.send(self.thread, command).expect("the queue has room");
        if let Some(clock) = &self.clock {
            clock.pass(Duration::ZERO);
        }
    }

    /// A leg for a phone at that address.
    pub(crate) fn open(&mut self, phone: &mut Phone) -> LegId {
        let leg = LegId(self.new_id());
        let (address, other) = self.engine.open_leg_in_both(self.thread, leg).expect("a leg opens");
        phone.clock = self.clock.clone();
        phone.server = other.filter(|other| other.is_ipv4() == phone.address().is_ipv4()).unwrap_or(address);
        leg
    }

    /// A leg whose SDP names the phone's address, and whose signalling comes from its host.
    pub(crate) fn connect(&mut self, phone: &mut Phone) -> LegId {
        let leg = self.open(phone);
        self.send(Command::SetMedia { leg, media: phone.media() });
        leg
    }

    /// Both legs latched, so that what a test counts from here on is the call itself.
    pub(crate) fn connect_latched(&mut self, phone: &mut Phone) -> LegId {
        let leg = self.connect(phone);
        phone.say(0.0);
        self.expect(|event| matches!(event, Event::Latched { leg: other } if *other == leg).then_some(()));
        leg
    }

    pub(crate) fn play(&mut self, leg: LegId, source: Source) -> PlayId {
        let play = PlayId(self.new_id());
        self.send(Command::Play { leg, play, source });
        play
    }

    pub(crate) fn start_recording(&mut self, left: LegId, right: Option<LegId>, path: &std::path::Path) -> RecordingId {
        let recording = RecordingId(self.new_id());
        self.send(Command::StartRecording { recording, left, path: path.to_owned() });
        self.send(Command::SetRecordingRight { recording, right });
        recording
    }

    pub(crate) fn stop_recording(&mut self, recording: RecordingId) -> Closed {
        self.send(Command::StopRecording { recording });
        self.expect_closed(recording)
    }

    pub(crate) fn expect_closed(&mut self, wanted: RecordingId) -> Closed {
        self.expect(|event| match event {
            Event::RecordingClosed { recording, frames, bytes, gap_ms, error } if *recording == wanted => {
                Some(Closed { frames: *frames, bytes: *bytes, gap_ms: *gap_ms, error: error.clone() })
            }
            _ => None,
        })
    }

    pub(crate) fn close(&mut self, leg: LegId) -> LegReport {
        self.send(Command::CloseLeg { leg });
        self.expect(|event| match event {
            Event::LegClosed { leg: other, report } if *other == leg => Some(report.clone()),
            _ => None,
        })
    }

    /// Whether the play was heard to its end.
    pub(crate) fn expect_play_ended(&mut self, wanted: PlayId) -> bool {
        self.expect(|event| match event {
            Event::PlayEnded { play, completed, .. } if *play == wanted => Some(*completed),
            _ => None,
        })
    }

    /// The first event that gives something, of those that came and those to come; it is taken out.
    pub(crate) fn expect<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut at = 0;
        loop {
            while let Some(event) = self.seen.get(at) {
                if let Some(picked) = pick(event) {
                    self.seen.remove(at);
                    return picked;
                }
                at += 1;
            }
            // What comes of the writer comes in its own time.
            match self.events.recv_timeout(FRAME) {
                Ok(event) => self.seen.push(event),
                Err(_) => {
                    assert!(Instant::now() < deadline, "the event did not come; these did: {:?}", self.seen);
                    if let Some(clock) = &self.clock {
                        clock.pass(FRAME);
                    }
                }
            }
        }
    }

    /// Waits for what no event tells.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Engine) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(&self.engine) {
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            self.pass(FRAME);
        }
    }

    /// Everything told so far and not taken out.
    pub(crate) fn told(&mut self) -> &[Event] {
        self.seen.extend(self.events.try_iter());
        &self.seen
    }

    /// Ends the engine and returns what it told last.
    pub(crate) fn shut_down(self) -> Vec<Event> {
        drop(self.engine);
        let mut told = self.seen;
        told.extend(self.events.iter());
        told
    }
}

/// A recording's end.
#[derive(Debug)]
pub(crate) struct Closed {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) gap_ms: u64,
    pub(crate) error: Option<String>,
}

/// A phone: a socket, a stream it sends, and the packets it heard.
pub(crate) struct Phone {
    socket: UdpSocket,
    /// The server's RTP address.
    pub(crate) server: SocketAddr,
    pub(crate) codec: Codec,
    pub(crate) dtmf_pt: u8,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    phase: f64,
    pub(crate) heard: Vec<Packet>,
    /// The time it lives in; the system's before it has a leg.
    clock: Option<Arc<HeldClock>>,
}

/// A packet a phone heard.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) at: Instant,
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
}

impl Phone {
    pub(crate) fn new(codec: Codec) -> Self {
        Self::at(HERE, codec)
    }

    pub(crate) fn at(ip: IpAddr, codec: Codec) -> Self {
        let socket = UdpSocket::bind((ip, 0)).expect("a phone binds");
        let port = socket.local_addr().expect("bound").port();
        Self {
            socket,
            server: SocketAddr::new(HERE, 9),
            codec,
            dtmf_pt: 101,
            ssrc: 0x5000_0000 | u32::from(port),
            sequence: port,
            timestamp: u32::from(port) << 12,
            phase: 0.0,
            heard: Vec::new(),
            clock: None,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    /// Sends to the other's leg from now on.
    pub(crate) fn speaks_instead_of(&mut self, other: &Phone) {
        (self.server, self.clock) = (other.server, other.clock.clone());
    }

    pub(crate) fn media(&self) -> LegMedia {
        let address = self.address();
        LegMedia {
            remote: address,
            codec: self.codec,
            codec_pt: payload_type(self.codec),
            dtmf_pt: Some(self.dtmf_pt),
            dtmf_hz: 8000,
            allowed_sources: Sources::Only(vec![address.ip()]),
            send: true,
            recv: true,
            security: None,
        }
    }

    /// Sends 20 ms of a tone (0 Hz: silence).
    pub(crate) fn say(&mut self, hz: f64) {
        let mut payload = [0; 160];
        for octet in &mut payload {
            self.phase = (self.phase + TAU * hz / 8000.0) % TAU;
            *octet = law(self.codec).encode((16_000.0 * self.phase.sin()) as i16);
        }
        self.send(payload_type(self.codec), false, &payload);
        self.timestamp = self.timestamp.wrapping_add(160);
    }

    /// Sends one RTP packet at the stream's place.
    pub(crate) fn send(&mut self, payload_type: u8, marker: bool, payload: &[u8]) {
        let mut packet = vec![0x80, payload_type | u8::from(marker) << 7];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.send_raw(self.server, &packet);
    }

    pub(crate) fn send_raw(&self, to: SocketAddr, datagram: &[u8]) {
        // A port that was just closed answers an earlier packet with an error; the phone does not care.
        let _ = self.socket.send_to(datagram, to);
    }

    /// Takes in what comes in that time.
    pub(crate) fn listen(&mut self, time: Duration) {
        let Some(clock) = &self.clock else { return self.listen_until(Instant::now() + time) };
        clock.pass(time);
        self.take_what_came();
    }

    fn listen_until(&mut self, deadline: Instant) {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.listen_once(left) {
                return;
            }
        }
    }

    /// Waits until so many packets were heard in all.
    pub(crate) fn listen_for(&mut self, packets: usize) {
        let deadline = now(self.clock.as_ref()) + PATIENCE;
        if let Some(clock) = self.clock.clone() {
            clock.pass(Duration::ZERO);
        }
        self.take_what_came();
        while self.heard.len() < packets {
            assert!(now(self.clock.as_ref()) < deadline, "heard {} packets of {packets}", self.heard.len());
            self.listen(if self.clock.is_some() { FRAME } else { Duration::from_millis(1) });
        }
    }

    /// Takes in what has come, without waiting.
    pub(crate) fn take_what_came(&mut self) {
        self.socket.set_nonblocking(true).expect("a mode");
        while self.receive().is_ok() {}
        self.socket.set_nonblocking(false).expect("a mode");
    }

    /// False when nothing came in that time.
    fn listen_once(&mut self, at_most: Duration) -> bool {
        self.socket.set_read_timeout(Some(at_most)).expect("a time-out");
        match self.receive() {
            Ok(()) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        }
    }

    fn receive(&mut self) -> std::io::Result<()> {
        let mut buffer = [0; 2048];
        let len = self.socket.recv(&mut buffer)?;
        // A neighbour phone's reports go to the port above it, which may be this one's.
        if !(192..=223).contains(&buffer[1]) {
            self.heard.push(Packet::read(now(self.clock.as_ref()), &buffer[..len]));
        }
        Ok(())
    }

    /// The sound heard, from the n-th packet on.
    pub(crate) fn sound_from(&self, packet: usize) -> Vec<i16> {
        let law = law(self.codec);
        let audio = self.heard[packet..].iter().filter(|packet| packet.payload_type == payload_type(self.codec));
        audio.flat_map(|packet| packet.payload.iter().map(|octet| law.decode(*octet))).collect()
    }

    pub(crate) fn sound(&self) -> Vec<i16> {
        self.sound_from(0)
    }
}

impl Packet {
    fn read(at: Instant, bytes: &[u8]) -> Self {
        assert_eq!(bytes[0], 0x80, "a plain header");
        let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four octets"));
        Self {
            at,
            marker: bytes[1] & 0x80 != 0,
            payload_type: bytes[1] & 0x7f,
            sequence: word(0) as u16,
            timestamp: word(4),
            ssrc: word(8),
            payload: bytes[12..].to_vec(),
        }
    }
}

/// Phones talk at once, 20 ms after 20 ms, each its tone, and listen meanwhile.
pub(crate) fn talk<const N: usize>(frames: usize, mut phones: [(&mut Phone, f64); N]) {
    let start = Instant::now();
    for frame in 1..=frames {
        for (phone, hz) in &mut phones {
            phone.say(*hz);
        }
        // One listens the time away, the others take what has come.
        for (ix, (phone, _)) in phones.iter_mut().enumerate() {
            match (ix, &phone.clock) {
                (0, Some(_)) => phone.listen(FRAME),
                (0, None) => phone.listen_until(start + FRAME * frame as u32),
                _ => phone.take_what_came(),
            }
        }
    }
}

fn now(clock: Option<&Arc<HeldClock>>) -> Instant {
    clock.map_or_else(Instant::now, |clock| clock.now())
}

/// The amplitude of a tone in some sound, 1.0 at full scale. Half-scale tones are what phones say.
pub(crate) fn tone(samples: &[i16], hz: f64) -> f64 {
    goertzel(samples, 8000, hz)
}

pub(crate) fn law(codec: Codec) -> Law {
    match codec {
        Codec::Pcmu => Law::Ulaw,
        Codec::Pcma => Law::Alaw,
        Codec::G722 | Codec::Opus => panic!("no phone of these tests speaks {codec:?}"),
    }
}

pub(crate) fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::Opus => 111,
    }
}

/// Both channels of a recording.
pub(crate) fn read_recording(path: &std::path::Path) -> (Vec<i16>, Vec<i16>) {
    let bytes = std::fs::read(path).expect("the file is there");
    let data = usize::try_from(u32::from_le_bytes(bytes[40..44].try_into().expect("four octets"))).expect("a size");
    assert_eq!((&bytes[..4], &bytes[36..40]), (&b"RIFF"[..], &b"data"[..]), "a plain WAV header");
    assert_eq!(data, bytes.len() - 44, "the header says the length of the file");
    let frames = bytes[44..].as_chunks::<4>().0;
    frames.iter().map(|[l, left, r, right]| (i16::from_le_bytes([*l, *left]), i16::from_le_bytes([*r, *right]))).unzip()
}
