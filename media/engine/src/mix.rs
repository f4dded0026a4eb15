//! Who hears whom, and the sums: pure arithmetic on frames of 20 ms.

use crate::player::FRAME;

/// Legs that one mix takes.
pub const MOST_IN_A_MIX: usize = 32;

/// 20 ms of samples.
pub(crate) type Frame = [i16; FRAME];

/// The seats of a conference. Give each its voice, then take what each is to hear, then [`Mix::turn`].
///
/// Whatever changes comes and goes within a frame, along a straight line: a change is not heard as a click.
#[derive(Debug, Default)]
pub(crate) struct Mix {
    seats: Vec<Option<Seat>>,
}

#[derive(Debug)]
struct Seat {
    leg: usize,
    /// Whom it hears, a bit a seat: from now on, and in the frame before.
    hears: u32,
    heard: u32,
    voice: Frame,
    /// What is left of those that have gone.
    tail: Option<Box<[i32; FRAME]>>,
}

impl Mix {
    /// A seat for a leg; `None` when all are taken.
    pub(crate) fn join(&mut self, leg: usize) -> Option<usize> {
        let seat = self.seats.iter().position(Option::is_none).unwrap_or(self.seats.len());
        if seat >= MOST_IN_A_MIX {
            return None;
        }
        if seat == self.seats.len() {
            self.seats.push(None);
        }
        self.seats[seat] = Some(Seat { leg, hears: 0, heard: 0, voice: [0; FRAME], tail: None });
        Some(seat)
    }

    /// Frees a seat. `last` is what would have been heard of it next: those who heard it hear that fade.
    pub(crate) fn leave(&mut self, seat: usize, last: &Frame) {
        self.seats[seat] = None;
        for other in self.seats.iter_mut().flatten() {
            if other.heard & bit(seat) != 0 {
                let tail = other.tail.get_or_insert_with(|| Box::new([0; FRAME]));
                add(tail, last, Level::Falling);
            }
            other.hears &= !bit(seat);
            other.heard &= !bit(seat);
        }
    }

    /// Whom a seat hears from now on; never itself.
    pub(crate) fn set_hears(&mut self, seat: usize, others: impl Iterator<Item = usize>) {
        let hears = others.filter(|other| *other != seat).fold(0, |hears, other| hears | bit(other));
        if let Some(Some(seat)) = self.seats.get_mut(seat) {
            seat.hears = hears;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.seats.iter().all(Option::is_none)
    }

    /// Taken seats with their legs.
    pub(crate) fn legs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.seats.iter().enumerate().filter_map(|(seat, taken)| Some((seat, taken.as_ref()?.leg)))
    }

    /// Who sits there.
    pub(crate) fn leg_at(&self, seat: usize) -> Option<usize> {
        Some(self.seats.get(seat)?.as_ref()?.leg)
    }

    /// Where the seat's voice of this frame goes.
    pub(crate) fn voice(&mut self, seat: usize) -> Option<&mut Frame> {
        Some(&mut self.seats.get_mut(seat)?.as_mut()?.voice)
    }

    /// What a seat hears in this frame.
    pub(crate) fn heard_by(&self, seat: usize, frame: &mut Frame) {
        self.sum(seat, None, frame);
    }

    /// The same without the voice of a leg.
    pub(crate) fn heard_by_without(&self, seat: usize, leg: usize, frame: &mut Frame) {
        self.sum(seat, Some(leg), frame);
    }

    fn sum(&self, seat: usize, without: Option<usize>, frame: &mut Frame) {
        let mut sum = [0; FRAME];
        if let Some(Some(listener)) = self.seats.get(seat) {
            if let Some(tail) = &listener.tail {
                sum = **tail;
            }
            for (other, speaker) in self.seats.iter().enumerate() {
                let Some(speaker) = speaker.as_ref().filter(|speaker| Some(speaker.leg) != without) else { continue };
                match (listener.heard & bit(other) != 0, listener.hears & bit(other) != 0) {
                    (true, true) => add(&mut sum, &speaker.voice, Level::Full),
                    (false, true) => add(&mut sum, &speaker.voice, Level::Rising),
                    (true, false) => add(&mut sum, &speaker.voice, Level::Falling),
                    (false, false) => {}
                }
            }
        }
        for (out, sum) in frame.iter_mut().zip(sum) {
            *out = sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
    }

    /// The frame is over: what was to change has changed.
    pub(crate) fn turn(&mut self) {
        for seat in self.seats.iter_mut().flatten() {
            seat.heard = seat.hears;
            seat.tail = None;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Level {
    Full,
    Rising,
    Falling,
}

fn add(sum: &mut [i32; FRAME], voice: &Frame, level: Level) {
    let samples = sum.iter_mut().zip(voice);
    match level {
        Level::Full => samples.for_each(|(sum, sample)| *sum += i32::from(*sample)),
        Level::Rising => samples.zip(0..).for_each(|((sum, sample), n)| *sum += i32::from(*sample) * n / FRAME as i32),
        Level::Falling => samples.zip(0..).for_each(|((sum, sample), n)| *sum += i32::from(*sample) * (FRAME as i32 - n) / FRAME as i32),
    }
}

fn bit(seat: usize) -> u32 {
    1 << seat
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Voices that are constants: a sum tells who is in it, and a jump is a click.
    struct MixTest {
        mix: Mix,
        heard: Vec<Vec<i16>>,
    }

    impl MixTest {
        fn of(seats: usize) -> Self {
            let mut mix = Mix::default();
            for leg in 0..seats {
                assert_eq!(mix.join(leg), Some(leg));
            }
            let mut test = Self { mix, heard: vec![Vec::new(); seats] };
            test.everybody_hears_everybody();
            test
        }

        fn everybody_hears_everybody(&mut self) {
            let all: Vec<usize> = self.mix.legs().map(|(seat, _)| seat).collect();
            for seat in &all {
                self.mix.set_hears(*seat, all.iter().copied());
            }
        }

        fn level(seat: usize) -> i16 {
            if seat == 0 { 1000 } else { 2000 << (seat - 1) }
        }

        fn pass(&mut self, frames: usize) {
            for _ in 0..frames {
                let seats: Vec<usize> = self.mix.legs().map(|(seat, _)| seat).collect();
                for seat in &seats {
                    self.mix.voice(*seat).expect("taken").fill(Self::level(*seat));
                }
                for seat in &seats {
                    let mut frame = [0; FRAME];
                    self.mix.heard_by(*seat, &mut frame);
                    self.heard[*seat].extend_from_slice(&frame);
                }
                self.mix.turn();
            }
        }

        fn now(&self, seat: usize) -> i16 {
            *self.heard[seat].last().expect("a frame")
        }

        fn assert_no_click(&self) {
            for heard in &self.heard {
                let steepest = heard.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
                // All four voices of the tests at once, a frame long; and a step for each that is rounded. A click would be a thousand.
                assert!(steepest <= Some(15_000 / 160 + 4), "{steepest:?}");
            }
        }
    }

    #[test]
    fn each_hears_the_others_and_not_himself() {
        let mut t = MixTest::of(3);
        t.pass(3);
        assert_eq!([t.now(0), t.now(1), t.now(2)], [2000 + 4000, 1000 + 4000, 1000 + 2000]);
        t.assert_no_click();
    }

    #[test]
    fn listening_whispering_and_barging_are_rows_of_a_matrix() {
        // Caller, agent, supervisor.
        let mut t = MixTest::of(3);
        for (caller, agent, supervisor, expected) in [
            (&[1][..], &[0][..], &[0, 1][..], [2000, 1000, 3000]),
            (&[1], &[0, 2], &[0, 1], [2000, 5000, 3000]),
            (&[1, 2], &[0, 2], &[0, 1], [6000, 5000, 3000]),
            (&[], &[], &[], [0, 0, 0]),
        ] {
            for (seat, hears) in [caller, agent, supervisor].into_iter().enumerate() {
                t.mix.set_hears(seat, hears.iter().copied());
            }
            t.pass(2);
            assert_eq!([t.now(0), t.now(1), t.now(2)], expected);
        }
        t.assert_no_click();
    }

    #[test]
    fn who_leaves_fades_and_who_comes_to_the_seat_is_not_taken_for_him() {
        let mut t = MixTest::of(4);
        t.pass(2);
        t.mix.leave(3, &[MixTest::level(3); FRAME]);
        t.pass(2);
        assert_eq!(t.now(0), 2000 + 4000);
        assert_eq!(t.mix.join(9), Some(3));
        t.pass(2);
        assert_eq!(t.now(0), 2000 + 4000, "nobody hears him before it is said");
        t.everybody_hears_everybody();
        t.pass(2);
        assert_eq!(t.now(0), 2000 + 4000 + 8000);
        t.heard[3].clear();
        t.assert_no_click();
    }

    #[test]
    fn loud_voices_stay_within_what_a_sample_holds() {
        let mut mix = Mix::default();
        for leg in 0..MOST_IN_A_MIX {
            mix.join(leg).expect("a seat");
        }
        assert_eq!(mix.join(99), None);
        for seat in 0..MOST_IN_A_MIX {
            mix.set_hears(seat, 0..MOST_IN_A_MIX);
            mix.voice(seat).expect("taken").fill(i16::MIN);
        }
        mix.turn();
        let mut frame = [0; FRAME];
        mix.heard_by(5, &mut frame);
        assert_eq!(frame, [i16::MIN; FRAME]);
    }
}
