//! Legs of different codecs hear each other, are recorded and mixed: any two of PCMU, PCMA, G.722 and Opus.

use std::f64::consts::TAU;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use carillon_media_audio::{g711, g722, goertzel, opus};
use carillon_media_engine::{Codec, Command, Event, Hears, LegId, LegMedia, MixMember, Source, Sources, Tone};

use crate::lab::{FRAME, HERE, Lab, read_recording, tone};

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];
const EVENTS: u8 = 101;

/// A phone of any codec. What it says and hears is at 16 kHz where its codec is, else at 8.
struct Device {
    socket: UdpSocket,
    leg: LegId,
    server: SocketAddr,
    codec: Codec,
    sequence: u16,
    timestamp: u32,
    phase: f64,
    encoders: (g722::Encoder, opus::Encoder),
    decoders: (g722::Decoder, opus::Decoder),
    heard: Vec<i16>,
    /// Timestamps of what it heard, and the key presses.
    timestamps: Vec<u32>,
    events: Vec<(u8, bool, u16)>,
}

impl Device {
    fn new(lab: &mut Lab, codec: Codec) -> Self {
        let socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
        socket.set_nonblocking(true).expect("a mode");
        let leg = LegId(lab.new_id());
        let server = lab.engine.open_leg(lab.thread, leg).expect("a leg opens");
        let media = LegMedia {
            remote: socket.local_addr().expect("bound"),
            codec,
            codec_pt: payload_type(codec),
            dtmf_pt: Some(EVENTS),
            dtmf_hz: clock(codec),
            allowed_sources: Sources::Only(vec![HERE]),
            send: true,
            recv: true,
            security: None,
        };
        lab.send(Command::SetMedia { leg, media });
        Self {
            socket,
            leg,
            server,
            codec,
            sequence: 1,
            timestamp: 1000,
            phase: 0.0,
            encoders: (g722::Encoder::default(), opus::Encoder::new().expect("an encoder")),
            decoders: (g722::Decoder::default(), opus::Decoder::new().expect("a decoder")),
            heard: Vec::new(),
            timestamps: Vec::new(),
            events: Vec::new(),
        }
    }

    fn rate(&self) -> u32 {
        match self.codec {
            Codec::Pcmu | Codec::Pcma => 8000,
            Codec::G722 | Codec::Opus => 16_000,
        }
    }

    fn say(&mut self, hz: f64) {
        let payload = self.encode(hz);
        self.send(payload_type(self.codec), &payload);
        self.timestamp += clock(self.codec) / 50;
    }

    fn encode(&mut self, hz: f64) -> Vec<u8> {
        let samples: Vec<i16> = (0..self.rate() / 50)
            .map(|_| {
                self.phase = (self.phase + TAU * hz / f64::from(self.rate())) % TAU;
                (16_000.0 * self.phase.sin()) as i16
            })
            .collect();
        let mut packet = [0; opus::LONGEST_PACKET];
        let len = match self.codec {
            Codec::Pcmu => return samples.iter().map(|sample| g711::ulaw_encode(*sample)).collect(),
            Codec::Pcma => return samples.iter().map(|sample| g711::alaw_encode(*sample)).collect(),
            Codec::G722 => {
                self.encoders.0.encode(&samples, &mut packet[..160]);
                160
            }
            Codec::Opus => self.encoders.1.encode(samples.first_chunk().expect("20 ms"), &mut packet).expect("encoded"),
        };
        packet[..len].to_vec()
    }

    /// Loses what would have been said.
    fn lose(&mut self, hz: f64) {
        self.encode(hz);
        self.sequence += 1;
        self.timestamp += clock(self.codec) / 50;
    }

    fn send(&mut self, payload_type: u8, payload: &[u8]) {
        let mut packet = vec![0x80, payload_type];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&[7; 4]);
        packet.extend_from_slice(payload);
        self.sequence += 1;
        self.socket.send_to(&packet, self.server).expect("sent");
    }

    /// Takes in what has come.
    fn listen(&mut self) {
        let mut packet = [0; 2048];
        while let Ok(len) = self.socket.recv(&mut packet) {
            if (192..=223).contains(&packet[1]) {
                continue;
            }
            let payload = &packet[12..len];
            if packet[1] & 0x7f == EVENTS {
                self.events.push((payload[0], payload[1] & 0x80 != 0, u16::from_be_bytes([payload[2], payload[3]])));
                continue;
            }
            assert_eq!(packet[1] & 0x7f, payload_type(self.codec));
            self.timestamps.push(u32::from_be_bytes(*packet[4..].first_chunk().expect("a timestamp")));
            let mut samples = [0; opus::LONGEST];
            let count = match self.codec {
                Codec::Pcmu | Codec::Pcma => {
                    let decode = if self.codec == Codec::Pcmu { g711::ulaw_decode } else { g711::alaw_decode };
                    self.heard.extend(payload.iter().map(|octet| decode(*octet)));
                    continue;
                }
                Codec::G722 => {
                    self.decoders.0.decode(payload, &mut samples[..2 * payload.len()]);
                    2 * payload.len()
                }
                Codec::Opus => self.decoders.1.decode(payload, &mut samples).expect("decoded"),
            };
            self.heard.extend_from_slice(&samples[..count]);
        }
    }

    /// How loud a tone was in what it heard last, 1.0 at full scale.
    fn hears(&self, hz: f64) -> f64 {
        let window = self.rate() as usize / 2;
        assert!(self.heard.len() >= window, "{} samples in {:?}", self.heard.len(), self.codec);
        goertzel(&self.heard[self.heard.len() - window..], self.rate(), hz)
    }
}

fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::Opus => 111,
    }
}

fn clock(codec: Codec) -> u32 {
    if codec == Codec::Opus { 48_000 } else { 8000 }
}

/// All say their tones and listen, for so many frames.
fn talk(lab: &Lab, frames: u32, devices: &mut [(&mut Device, f64)]) {
    for _ in 0..frames {
        devices.iter_mut().for_each(|(device, hz)| device.say(*hz));
        lab.pass(FRAME);
        devices.iter_mut().for_each(|(device, _)| device.listen());
    }
}

#[test]
fn any_two_hear_each_other_and_nothing_else() {
    for one in CODECS {
        for other in CODECS {
            let mut lab = Lab::new();
            let (mut a, mut b) = (Device::new(&mut lab, one), Device::new(&mut lab, other));
            lab.send(Command::Bridge { a: a.leg, b: b.leg });
            talk(&lab, 60, &mut [(&mut a, 700.0), (&mut b, 1100.0)]);
            for (device, theirs, own) in [(&a, 1100.0, 700.0), (&b, 700.0, 1100.0)] {
                let (voice, echo) = (device.hears(theirs), device.hears(own));
                assert!(voice > 0.35, "{one:?} and {other:?}: {voice}");
                assert!(echo < 0.01, "{one:?} and {other:?}: {echo}");
                let step = clock(device.codec) / 50;
                let even = device.timestamps.windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) == step).count();
                assert!(even + 3 >= device.timestamps.len(), "{even} of {}", device.timestamps.len());
            }
        }
    }
}

#[test]
fn the_wide_band_stays_wide_between_opus_and_g722() {
    let mut lab = Lab::new();
    let (mut a, mut b) = (Device::new(&mut lab, Codec::Opus), Device::new(&mut lab, Codec::G722));
    lab.send(Command::Bridge { a: a.leg, b: b.leg });
    talk(&lab, 60, &mut [(&mut a, 5000.0), (&mut b, 5600.0)]);
    assert!(a.hears(5600.0) > 0.25 && b.hears(5000.0) > 0.25, "{} {}", a.hears(5600.0), b.hears(5000.0));
}

#[test]
fn lost_packets_of_opus_are_made_good_on_their_way() {
    let mut lab = Lab::new();
    let (mut a, mut b) = (Device::new(&mut lab, Codec::Opus), Device::new(&mut lab, Codec::Pcma));
    lab.send(Command::Bridge { a: a.leg, b: b.leg });
    for frame in 1..=100 {
        if frame % 10 == 5 {
            a.lose(700.0)
        } else {
            a.say(700.0)
        }
        lab.pass(FRAME);
        b.listen();
    }
    assert!(b.heard.len() >= 98 * 160, "{} samples: no hole is sent", b.heard.len());
    assert!(b.hears(700.0) > 0.35, "{}", b.hears(700.0));
}

#[test]
fn a_wide_leg_is_recorded_mixed_and_played_to() {
    let folder = tempfile::tempdir().expect("a folder");
    for codec in [Codec::G722, Codec::Opus] {
        let mut lab = Lab::new();
        let path = folder.path().join(format!("{codec:?}.wav"));
        let [mut a, mut b, mut c] = [codec, Codec::Pcmu, Codec::Opus].map(|codec| Device::new(&mut lab, codec));
        lab.play(a.leg, Source::Tone(Tone::Ringback));
        talk(&lab, 40, &mut [(&mut a, 700.0)]);
        assert!(a.hears(425.0) > 0.02, "{codec:?}: {}", a.hears(425.0));

        lab.send(Command::Bridge { a: a.leg, b: b.leg });
        let recording = lab.start_recording(a.leg, Some(b.leg), &path);
        talk(&lab, 60, &mut [(&mut a, 700.0), (&mut b, 1100.0)]);
        lab.stop_recording(recording);
        let (left, right) = read_recording(&path);
        assert!(tone(&left[1600..], 700.0) > 0.35 && tone(&right[1600..], 1100.0) > 0.35, "{codec:?}");
        assert!(tone(&left[1600..], 1100.0) < 0.01 && tone(&right[1600..], 700.0) < 0.01, "{codec:?}");

        let members = [a.leg, b.leg, c.leg].map(|leg| MixMember { leg, hears: Hears::Others });
        lab.send(Command::Mix { mix: carillon_media_engine::MixId(1), members: members.to_vec() });
        talk(&lab, 80, &mut [(&mut a, 700.0), (&mut b, 1100.0), (&mut c, 1700.0)]);
        for (device, others, own) in [(&a, [1100.0, 1700.0], 700.0), (&b, [700.0, 1700.0], 1100.0), (&c, [700.0, 1100.0], 1700.0)] {
            assert!(others.iter().all(|hz| device.hears(*hz) > 0.2), "{codec:?} {:?}", device.codec);
            assert!(device.hears(own) < 0.02, "{codec:?} {:?}: {}", device.codec, device.hears(own));
        }
    }
}

#[test]
fn a_key_pressed_in_one_clock_is_told_in_the_other() {
    for (one, other, last) in [(Codec::Opus, Codec::Pcmu, 800), (Codec::Pcmu, Codec::Opus, 4800)] {
        let mut lab = Lab::new();
        let (mut a, mut b) = (Device::new(&mut lab, one), Device::new(&mut lab, other));
        lab.send(Command::Bridge { a: a.leg, b: b.leg });
        talk(&lab, 10, &mut [(&mut a, 700.0), (&mut b, 1100.0)]);
        let step = (clock(one) / 50) as u16;
        for n in 1..=5 {
            a.send(EVENTS, &[5, 10, (n * step).to_be_bytes()[0], (n * step).to_be_bytes()[1]]);
        }
        for _ in 0..3 {
            a.send(EVENTS, &[5, 0x8a, (5 * step).to_be_bytes()[0], (5 * step).to_be_bytes()[1]]);
        }
        a.timestamp += u32::from(5 * step);
        let digit = lab.expect(|event| match event {
            Event::Digit { leg, digit, duration_ms } if *leg == a.leg => Some((*digit, *duration_ms)),
            _ => None,
        });
        assert_eq!(digit, ('5', 100));
        lab.pass(Duration::from_millis(60));
        b.listen();
        assert_eq!(b.events.len(), 8, "{:?}", b.events);
        assert_eq!(b.events.last(), Some(&(5, true, last)));
        talk(&lab, 60, &mut [(&mut a, 700.0), (&mut b, 1100.0)]);
        assert!(b.hears(700.0) > 0.35, "sound goes on after the key");
    }
}

/// Opus' own silence (RFC 7587 section 3.1.3): every 400 ms a packet of one octet, whose timestamps have gone on.
#[test]
fn a_browser_that_suppresses_silence_is_heard_again_where_the_clock_is() {
    let mut lab = Lab::new();
    let (mut browser, mut phone) = (Device::new(&mut lab, Codec::Opus), Device::new(&mut lab, Codec::Pcmu));
    lab.send(Command::Bridge { a: browser.leg, b: phone.leg });
    talk(&lab, 30, &mut [(&mut browser, 700.0), (&mut phone, 1100.0)]);
    let configuration = browser.encode(700.0)[0] & !3;
    for frame in 0..40 {
        if frame % 20 == 0 {
            browser.send(payload_type(Codec::Opus), &[configuration]);
        }
        browser.timestamp += clock(Codec::Opus) / 50;
        lab.pass(FRAME);
        phone.listen();
    }
    talk(&lab, 60, &mut [(&mut browser, 700.0), (&mut phone, 1100.0)]);
    assert!(phone.hears(700.0) > 0.35, "{}", phone.hears(700.0));
    let (first, last) = (phone.timestamps[0], phone.timestamps[phone.timestamps.len() - 1]);
    let frames = last.wrapping_sub(first) / (clock(Codec::Pcmu) / 50);
    assert!((124..=140).contains(&frames), "{frames} frames of 130");
    assert!(phone.timestamps.len() < 100, "its silence was not filled up: {} packets", phone.timestamps.len());
    lab.send(Command::CloseLeg { leg: browser.leg });
    let report = lab.expect(|event| match event {
        Event::LegClosed { leg, report } if *leg == browser.leg => Some(report.clone()),
        _ => None,
    });
    assert_eq!((report.lost, report.refused), (0, 0), "{report:?}");
}
