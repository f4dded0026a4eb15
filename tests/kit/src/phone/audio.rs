//! What a phone says and hears: G.711 by RTP, a packet each 20 ms.

use std::{
    collections::{HashSet, VecDeque},
    f64::consts::TAU,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use carillon_media_audio::{FRAME_SAMPLES, TELEPHONE_RATE, g711, goertzel};
use rtp::{header::Header, packet::Packet};
use tokio::{net::UdpSocket, sync::watch, task::JoinHandle, time::MissedTickBehavior};
use webrtc_util::marshal::{Marshal, Unmarshal};

use super::{
    PATIENCE,
    bad_line::{BadLine, Relay},
    socket,
};

const FRAME: Duration = Duration::from_millis(20);
const PCMU: u8 = 0;
/// The payload type this phone gives telephone events.
const EVENTS: u8 = 101;
/// What a tone is judged by: 0.4 s.
const WINDOW: usize = 3200;
/// Every phone's: a forger has guessed it.
const SSRC: u32 = 0x0CA1_1000;
/// Amplitude of what is said, of full scale.
const SPEECH: f64 = 0.4;

/// The audio of one call.
pub struct Audio {
    address: SocketAddr,
    shared: Arc<Shared>,
    heard: watch::Receiver<usize>,
    tasks: [JoinHandle<()>; 2],
    /// What lies between this phone and the far end, if that is not a good line.
    relay: Option<Relay>,
}

struct Shared {
    socket: UdpSocket,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    remote: Option<SocketAddr>,
    /// Frequency being said; `None`: silence.
    tone: Option<f64>,
    /// Sound being said, in place of a tone, and how far it has come.
    sound: Option<(Arc<[i16]>, usize)>,
    muted: bool,
    heard: Vec<i16>,
    sources: HashSet<SocketAddr>,
    keys: VecDeque<Key>,
    /// Keys the other side pressed, and the timestamp of the last.
    pressed: String,
    last_pressed: Option<u32>,
}

/// A key being pressed (RFC 4733).
struct Key {
    event: u8,
    /// Packets left before the ends.
    frames: u16,
    frames_sent: u16,
    ends: u16,
    /// RTP timestamp of its beginning.
    since: Option<u32>,
}

impl Audio {
    async fn open(ip: IpAddr, namespace: Option<&str>) -> Self {
        let socket = socket::bind(ip, namespace).await;
        let address = socket.local_addr().expect("a bound socket");
        let shared = Arc::new(Shared { socket, state: Mutex::default() });
        let (counter, heard) = watch::channel(0);
        let tasks = [tokio::spawn(speak(Arc::clone(&shared))), tokio::spawn(listen(Arc::clone(&shared), counter))];
        Self { address, shared, heard, tasks, relay: None }
    }

    /// With a line between it and the far end, if there is one.
    pub(super) async fn open_by(ip: IpAddr, namespace: Option<&str>, line: Option<BadLine>) -> Self {
        let mut audio = Self::open(ip, namespace).await;
        if let Some(line) = line {
            audio.relay = Some(Relay::open(audio.address, line).await);
        }
        audio
    }

    /// Where this phone takes audio.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the other side takes audio, once it is known.
    pub fn remote(&self) -> Option<SocketAddr> {
        self.shared.state().remote
    }

    pub(super) fn send_to(&self, remote: Option<SocketAddr>) {
        let through = match &self.relay {
            Some(relay) => {
                relay.leads_to(remote);
                remote.map(|_| relay.inside)
            }
            None => remote,
        };
        self.shared.state().remote = through;
    }

    /// A session description that names this audio.
    pub fn description(&self, direction: &str) -> String {
        let events = format!("a=rtpmap:{EVENTS} telephone-event/8000\r\na=fmtp:{EVENTS} 0-16\r\n");
        self.describe(&format!("{PCMU} {EVENTS}"), &events, direction)
    }

    /// The same without telephone-event.
    pub fn description_of_speech(&self, direction: &str) -> String {
        self.describe(&PCMU.to_string(), "", direction)
    }

    fn describe(&self, formats: &str, more: &str, direction: &str) -> String {
        let address = self.relay.as_ref().map_or(self.address, |relay| relay.outside);
        let (ip, port) = (address.ip(), address.port());
        format!(
            "v=0\r\no=- {port} {port} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n\
             a=rtpmap:{PCMU} PCMU/8000\r\n{more}a=ptime:20\r\na={direction}\r\n"
        )
    }

    /// Says a tone from now on.
    pub fn say(&self, hz: f64) {
        self.shared.state().tone = Some(hz);
    }

    /// Says a sound of 8 kHz once, from its beginning, then silence.
    pub fn say_sound(&self, sound: &[i16]) {
        self.shared.state().sound = Some((sound.into(), 0));
    }

    /// Says silence from now on.
    pub fn hush(&self) {
        self.shared.state().tone = None;
    }

    /// Sends nothing any more.
    pub fn stop(&self) {
        self.shared.state().muted = true;
    }

    /// Presses a key for 100 ms and sends so many packets with the end bit: three by the book, none where they are lost.
    pub fn press(&self, digit: char, ends: u16) {
        let event = "0123456789*#".find(digit).and_then(|place| u8::try_from(place).ok()).expect("a key of a telephone");
        self.shared.state().keys.push_back(Key { event, frames: 5, frames_sent: 0, ends, since: None });
    }

    /// All that was heard so far, 8 kHz.
    pub fn heard(&self) -> Vec<i16> {
        self.shared.state().heard.clone()
    }

    /// Waits until the other side has pressed these keys and no others, by telephone events.
    ///
    /// # Panics
    /// When it does not.
    pub async fn is_pressed(&mut self, keys: &str) {
        let shared = Arc::clone(&self.shared);
        let pressed = tokio::time::timeout(PATIENCE, self.heard.wait_for(|_| shared.state().pressed == keys)).await;
        pressed.unwrap_or_else(|_| panic!("not {keys} but {} was pressed", self.shared.state().pressed)).expect("the phone listens");
    }

    /// Whom packets came from.
    pub fn sources(&self) -> HashSet<SocketAddr> {
        self.shared.state().sources.clone()
    }

    /// Waits until the last 0.4 s are this tone.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn hears(&mut self, hz: f64) {
        let shared = Arc::clone(&self.shared);
        let heard = self.heard.wait_for(|_| {
            let state = shared.state();
            state.heard.len() >= WINDOW && goertzel(&state.heard[state.heard.len() - WINDOW..], TELEPHONE_RATE, hz) > SPEECH / 2.0
        });
        let heard = tokio::time::timeout(PATIENCE, heard).await;
        heard.unwrap_or_else(|_| panic!("{hz} Hz is not heard")).expect("the phone listens");
    }

    /// Waits until the last 0.4 s have nothing of this tone.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn hears_no_more(&mut self, hz: f64) {
        let shared = Arc::clone(&self.shared);
        let heard = self.heard.wait_for(|_| {
            let state = shared.state();
            state.heard.len() >= WINDOW && goertzel(&state.heard[state.heard.len() - WINDOW..], TELEPHONE_RATE, hz) < SPEECH / 10.0
        });
        let heard = tokio::time::timeout(PATIENCE, heard).await;
        heard.unwrap_or_else(|_| panic!("{hz} Hz is still heard")).expect("the phone listens");
    }

    /// Waits until so many more seconds were heard, whatever it is.
    ///
    /// # Panics
    /// When nothing comes.
    pub async fn hears_more(&mut self, seconds: f64) {
        let wanted = *self.heard.borrow() + (seconds * f64::from(TELEPHONE_RATE)) as usize;
        let heard = tokio::time::timeout(PATIENCE + Duration::from_secs_f64(seconds), self.heard.wait_for(|heard| *heard >= wanted)).await;
        heard.expect("audio keeps coming").expect("the phone listens");
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl State {
    /// A key is pressed once its end came, however often that comes.
    fn take_event(&mut self, timestamp: u32, payload: &[u8]) {
        let ends = payload.get(1).is_some_and(|flags| flags & 0x80 != 0);
        if ends && self.last_pressed != Some(timestamp) {
            self.last_pressed = Some(timestamp);
            self.pressed.extend(payload.first().and_then(|event| "0123456789*#ABCD".chars().nth(usize::from(*event))));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How loud a tone is beside the speech of these phones, as a share of it: the loudest 0.4 s count.
pub fn share(samples: &[i16], hz: f64) -> f64 {
    samples.chunks_exact(WINDOW).map(|window| goertzel(window, TELEPHONE_RATE, hz) / SPEECH).fold(0.0, f64::max)
}

/// The `n`th packet of a tone, as the phones of these tests would send it: for who sends from where he should not.
pub fn forged(hz: f64, n: u32) -> Vec<u8> {
    let mut state = State { tone: Some(hz), ..State::default() };
    let timestamp = n.wrapping_mul(FRAME_SAMPLES as u32);
    // All tones of the tests are whole periods in a packet: each begins where the last one ended.
    let mut packet = packets(&mut state, timestamp, &mut 0.0).remove(0);
    packet.header.version = 2;
    packet.header.ssrc = SSRC;
    packet.header.sequence_number = n as u16;
    packet.marshal().expect("a packet").to_vec()
}

async fn speak(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(FRAME);
    // A phone's clock does not stop: what is late is sent at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut sequence, mut timestamp, mut phase) = (1_u16, 160_u32, 0.0_f64);
    loop {
        ticks.tick().await;
        let next = {
            let mut state = shared.state();
            match state.remote {
                Some(remote) if !state.muted => Some((remote, packets(&mut state, timestamp, &mut phase))),
                _ => None,
            }
        };
        timestamp = timestamp.wrapping_add(FRAME_SAMPLES as u32);
        let Some((remote, packets)) = next else { continue };
        for mut packet in packets {
            packet.header.version = 2;
            packet.header.ssrc = SSRC;
            packet.header.sequence_number = sequence;
            sequence = sequence.wrapping_add(1);
            let bytes = packet.marshal().expect("a packet");
            // A far end that is gone says so by ICMP; a phone goes on.
            let _ = shared.socket.send_to(&bytes, remote).await;
        }
    }
}

/// What is sent in one frame: a key, or 20 ms of speech.
fn packets(state: &mut State, timestamp: u32, phase: &mut f64) -> Vec<Packet> {
    if let Some(key) = state.keys.front_mut() {
        let since = *key.since.get_or_insert(timestamp);
        let over = key.frames == 0;
        key.frames = key.frames.saturating_sub(1);
        key.frames_sent += u16::from(!over);
        let duration = (key.frames_sent * FRAME_SAMPLES as u16).to_be_bytes();
        let flags = if over { 0x80 | 10 } else { 10 };
        let header = Header { payload_type: EVENTS, timestamp: since, marker: key.frames_sent == 1, ..Header::default() };
        let packet = Packet { header, payload: vec![key.event, flags, duration[0], duration[1]].into() };
        let copies = if over { usize::from(key.ends) } else { 1 };
        if over {
            state.keys.pop_front();
        }
        return vec![packet; copies];
    }
    if let Some((sound, at)) = &mut state.sound {
        let rest = &sound[(*at).min(sound.len())..];
        let payload: Vec<u8> = rest.iter().copied().chain(std::iter::repeat(0)).take(FRAME_SAMPLES).map(g711::ulaw_encode).collect();
        *at += FRAME_SAMPLES;
        return vec![Packet { header: Header { payload_type: PCMU, timestamp, ..Header::default() }, payload: payload.into() }];
    }
    let step = state.tone.map_or(0.0, |hz| TAU * hz / f64::from(TELEPHONE_RATE));
    let loud = if state.tone.is_some() { SPEECH * 32767.0 } else { 0.0 };
    let payload: Vec<u8> = (0..FRAME_SAMPLES)
        .map(|_| {
            *phase = (*phase + step) % TAU;
            g711::ulaw_encode((loud * phase.sin()) as i16)
        })
        .collect();
    vec![Packet { header: Header { payload_type: PCMU, timestamp, ..Header::default() }, payload: payload.into() }]
}

async fn listen(shared: Arc<Shared>, counter: watch::Sender<usize>) {
    let mut buffer = vec![0; 2048];
    loop {
        let Ok((length, from)) = shared.socket.recv_from(&mut buffer).await else { continue };
        let Ok(packet) = Packet::unmarshal(&mut &buffer[..length]) else { continue };
        let heard = {
            let mut state = shared.state();
            state.sources.insert(from);
            if packet.header.payload_type == PCMU {
                state.heard.extend(packet.payload.iter().map(|code| g711::ulaw_decode(*code)));
            }
            if packet.header.payload_type == EVENTS {
                state.take_event(packet.header.timestamp, &packet.payload);
            }
            state.heard.len()
        };
        counter.send_replace(heard);
    }
}
