//! Conferences: tones that phones say, and who hears them.

use carillon_media_engine::{Codec, Command, Hears, LegId, MixId, MixMember, Source, Tone};

use crate::lab::{Lab, Phone, read_recording, talk, tone};

const MIX: MixId = MixId(77);
/// No sum or difference of three is the fourth: loud voices together are cut off, which makes such.
const TONES: [f64; 4] = [600.0, 1000.0, 1700.0, 2300.0];

/// Four phones and their legs: caller, agent, supervisor, a third party.
struct Conference {
    lab: Lab,
    phones: [Phone; 4],
    legs: [LegId; 4],
}

impl Conference {
    fn new() -> Self {
        let mut lab = Lab::new();
        let mut phones = [Codec::Pcmu, Codec::Pcma, Codec::Pcmu, Codec::Pcma].map(Phone::new);
        let legs = phones.each_mut().map(|phone| lab.connect_latched(phone));
        Self { lab, phones, legs }
    }

    /// `hears[n]` are those whom the n-th phone hears; `None` is not in the mix.
    fn set(&self, hears: [Option<&[usize]>; 4]) {
        let members = hears.iter().zip(self.legs).filter_map(|(hears, leg)| {
            let hears = Hears::Only((*hears)?.iter().map(|other| self.legs[*other]).collect());
            Some(MixMember { leg, hears })
        });
        self.lab.send(Command::Mix { mix: MIX, members: members.collect() });
    }

    fn set_all_hear_others(&self, seats: &[usize]) {
        let members = seats.iter().map(|seat| MixMember { leg: self.legs[*seat], hears: Hears::Others });
        self.lab.send(Command::Mix { mix: MIX, members: members.collect() });
    }

    fn talk(&mut self, frames: usize) {
        let [a, b, c, d] = &mut self.phones;
        talk(frames, [(a, TONES[0]), (b, TONES[1]), (c, TONES[2]), (d, TONES[3])]);
    }

    /// Talks until a change is through, then listens: each cell of the matrix is heard or not.
    fn expect(&mut self, what: &str, matrix: [[bool; 4]; 4]) {
        self.talk(15);
        let from = self.phones.each_ref().map(|phone| phone.heard.len());
        self.talk(25);
        for (listener, row) in matrix.iter().enumerate() {
            let sound = self.phones[listener].sound_from(from[listener]);
            for (speaker, is_heard) in row.iter().enumerate() {
                let level = tone(&sound, TONES[speaker]);
                // Half scale is spoken; a busy machine may make a frame late.
                let right = if *is_heard { level > 0.35 } else { level < 0.02 };
                assert!(right, "{what}: {listener} hears {speaker} at {level}");
            }
        }
    }
}

const T: bool = true;
const F: bool = false;

#[test]
fn three_way_listen_whisper_and_barge_are_heard_by_whom_they_should() {
    let mut c = Conference::new();
    c.set_all_hear_others(&[0, 1, 3]);
    c.expect("three-way", [[F, T, F, T], [T, F, F, T], [F, F, F, F], [T, T, F, F]]);
    c.set([Some(&[1]), Some(&[0]), Some(&[0, 1]), None]);
    c.expect("listen", [[F, T, F, F], [T, F, F, F], [T, T, F, F], [F, F, F, F]]);
    c.set([Some(&[1]), Some(&[0, 2]), Some(&[0, 1]), None]);
    c.expect("whisper", [[F, T, F, F], [T, F, T, F], [T, T, F, F], [F, F, F, F]]);
    c.set_all_hear_others(&[0, 1, 2]);
    c.expect("barge", [[F, T, T, F], [T, F, T, F], [T, T, F, F], [F, F, F, F]]);
    for phone in &c.phones[..3] {
        let ssrc = phone.heard[0].ssrc;
        assert!(phone.heard.iter().all(|packet| packet.ssrc == ssrc), "one stream, whatever is mixed");
        assert!(phone.heard.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
    }
}

#[test]
fn a_bridge_becomes_a_conference_and_a_bridge_again() {
    let mut c = Conference::new();
    let [caller, agent, _, third] = c.legs;
    c.lab.send(Command::Bridge { a: caller, b: agent });
    c.expect("bridge", [[F, T, F, F], [T, F, F, F], [F; 4], [F; 4]]);
    c.set_all_hear_others(&[0, 1, 3]);
    c.expect("conference", [[F, T, F, T], [T, F, F, T], [F; 4], [T, T, F, F]]);
    c.lab.send(Command::Bridge { a: caller, b: third });
    c.expect("bridge of two, one alone", [[F, F, F, T], [F; 4], [F; 4], [T, F, F, F]]);
    c.lab.close(agent);
    let ringback = c.lab.play(caller, Source::Tone(Tone::Busy));
    c.lab.send(Command::Mix { mix: MIX, members: Vec::new() });
    c.lab.send(Command::StopPlay { leg: caller });
    assert!(!c.lab.expect_play_ended(ringback));
}

#[test]
fn who_closes_has_left_and_who_is_played_to_hears_that_alone() {
    let mut c = Conference::new();
    c.set_all_hear_others(&[0, 1, 2, 3]);
    c.expect("four", [[F, T, T, T], [T, F, T, T], [T, T, F, T], [T, T, T, F]]);
    c.lab.close(c.legs[3]);
    let from = c.phones[0].heard.len();
    let play = c.lab.play(c.legs[0], Source::Tone(Tone::Ringback));
    c.expect("one gone, one hears a tone", [[F; 4], [T, F, T, F], [T, T, F, F], [F; 4]]);
    let sound = c.phones[0].sound_from(from + 5);
    assert!(tone(&sound, 425.0) > 0.04, "{}", tone(&sound, 425.0));
    c.lab.send(Command::StopPlay { leg: c.legs[0] });
    assert!(!c.lab.expect_play_ended(play));
    c.expect("again", [[F, T, T, F], [T, F, T, F], [T, T, F, F], [F; 4]]);
}

#[test]
fn the_recording_of_a_conference_has_the_caller_left_and_who_talks_with_him_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut c = Conference::new();
    // The third party talks, the supervisor whispers to the agent.
    c.set([Some(&[1, 3]), Some(&[0, 2, 3]), Some(&[0, 1, 3]), Some(&[0, 1])]);
    let recording = c.lab.start_recording(c.legs[0], Some(c.legs[1]), &path);
    c.lab.send(Command::RecordMix { recording, mix: MIX, without: None });
    c.talk(60);
    let closed = c.lab.stop_recording(recording);
    assert_eq!((closed.error, closed.gap_ms), (None, 0));
    let (left, right) = read_recording(&path);
    let from = left.len() / 3;
    let level = |side: &[i16], speaker: usize| tone(&side[from..], TONES[speaker]);
    assert!(level(&left, 0) > 0.4 && level(&left, 1) < 0.01 && level(&left, 3) < 0.01, "the caller alone");
    assert!(level(&right, 1) > 0.35 && level(&right, 3) > 0.35, "both who talk with him");
    assert!(level(&right, 0) < 0.02 && level(&right, 2) < 0.02, "neither himself nor the whisper");
}

#[test]
fn what_makes_no_sense_harms_nobody() {
    let mut c = Conference::new();
    let [a, b, ..] = c.legs;
    let stranger = LegId(u128::MAX);
    let own = Hears::Only(vec![a, b, stranger, a]);
    c.lab.send(Command::Mix {
        mix: MIX,
        members: vec![
            MixMember { leg: a, hears: own },
            MixMember { leg: stranger, hears: Hears::Others },
            MixMember { leg: b, hears: Hears::Others },
            MixMember { leg: b, hears: Hears::Others },
        ],
    });
    c.expect("two of them", [[F, T, F, F], [T, F, F, F], [F; 4], [F; 4]]);
    c.lab.send(Command::Mix { mix: MixId(1), members: Vec::new() });
    c.lab.send(Command::Mix { mix: MIX, members: Vec::new() });
    c.expect("nobody", [[F; 4]; 4]);
}
