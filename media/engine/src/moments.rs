//! How a leg was, five seconds at a time, both ways.

use std::time::{Duration, Instant};

use carillon_media_rtp::{Quality, ReceiveStats, ReportBlock, mos_x100};

use crate::event::{Moment, OneWay};

const LENGTH: Duration = Duration::from_secs(5);

/// Moments kept of a leg: an hour of them. Of a longer leg two make one.
const MOST: usize = 720;

/// A leg's moments so far.
#[derive(Debug)]
pub(crate) struct Moments {
    began: Instant,
    due: Instant,
    length: Duration,
    /// What was counted when the last one ended.
    before: Quality,
    told: Option<OneWay>,
    kept: Vec<Moment>,
}

impl Moments {
    pub(crate) fn new(now: Instant) -> Self {
        Self { began: now, due: now + LENGTH, length: LENGTH, before: Quality::default(), told: None, kept: Vec::new() }
    }

    /// The other side said how it hears us. Its jitter is in units of our stream's clock, which is that of what we hear.
    pub(crate) fn hear_report(&mut self, block: &ReportBlock, stats: &ReceiveStats) {
        let (lost, jitter) = (u64::from(block.fraction_lost), stats.micros_of(block.jitter));
        let mos = mos_x100(lost, 256, Duration::from_micros(jitter.into()), stats.last_round_trip());
        self.told = Some(OneWay { lost_permille: (lost * 1000 / 256) as u32, jitter_us: jitter, mos_x100: mos.into() });
    }

    /// Ends the moment if it is time.
    pub(crate) fn pass_time(&mut self, now: Instant, stats: &ReceiveStats) {
        if now < self.due {
            return;
        }
        self.due = now + self.length;
        self.end(now, stats);
        if self.kept.len() == MOST {
            self.length *= 2;
            let halves = self.kept.chunks(2).map(both).collect();
            self.kept = halves;
        }
    }

    /// Those of the whole leg, the last one cut short.
    pub(crate) fn all(mut self, now: Instant, stats: &ReceiveStats) -> Vec<Moment> {
        self.end(now, stats);
        self.kept
    }

    fn end(&mut self, now: Instant, stats: &ReceiveStats) {
        let quality = stats.quality();
        let received = quality.received.saturating_sub(self.before.received);
        // What was late after all is no loss.
        let lost = quality.lost.saturating_sub(self.before.lost);
        let jitter_us = if received == 0 { 0 } else { quality.jitter_us };
        let mos = mos_x100(lost, received + lost, Duration::from_micros(jitter_us.into()), stats.last_round_trip());
        let lost_permille = (lost * 1000).checked_div(received + lost).unwrap_or(0) as u32;
        self.kept.push(Moment {
            at_s: u32::try_from(now.saturating_duration_since(self.began).as_secs()).unwrap_or(u32::MAX),
            heard: OneWay { lost_permille, jitter_us, mos_x100: if received == 0 { 0 } else { mos.into() } },
            told: self.told.take(),
            round_trip_ms: stats.last_round_trip().map(|trip| u32::try_from(trip.as_millis()).unwrap_or(u32::MAX)),
        });
        self.before = quality;
    }
}

/// Two moments as one: the worse of each figure, so that nothing that was heard is smoothed away.
fn both(pair: &[Moment]) -> Moment {
    let worse = |one: OneWay, other: OneWay| OneWay {
        lost_permille: one.lost_permille.max(other.lost_permille),
        jitter_us: one.jitter_us.max(other.jitter_us),
        mos_x100: one.mos_x100.min(other.mos_x100),
    };
    pair.iter()
        .copied()
        .reduce(|one, other| Moment {
            at_s: other.at_s,
            heard: worse(one.heard, other.heard),
            told: one.told.zip(other.told).map(|(one, other)| worse(one, other)).or(one.told).or(other.told),
            round_trip_ms: one.round_trip_ms.max(other.round_trip_ms),
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use carillon_media_rtp::RtpHeader;

    use super::*;

    /// Fifty packets a second; `lost` says which do not come.
    fn run(seconds: u64, lost: impl Fn(u64) -> bool) -> Vec<Moment> {
        let start = Instant::now();
        let (mut moments, mut stats) = (Moments::new(start), ReceiveStats::new(8000));
        for n in 0..seconds * 50 {
            let now = start + Duration::from_millis(20 * n);
            if !lost(n) {
                let header = RtpHeader { sequence: n as u16, timestamp: n as u32 * 160, ssrc: 1, ..RtpHeader::default() };
                stats.record(now, &header);
            }
            moments.pass_time(now, &stats);
        }
        moments.all(start + Duration::from_secs(seconds), &stats)
    }

    #[test]
    fn a_bad_stretch_stands_where_it_was_and_nowhere_else() {
        let moments = run(20, |n| (250..500).contains(&n) && n % 10 == 0);
        assert_eq!(moments.iter().map(|moment| moment.at_s).collect::<Vec<_>>(), [5, 10, 15, 20]);
        let lost: Vec<u32> = moments.iter().map(|moment| moment.heard.lost_permille).collect();
        assert!(lost[0] == 0 && (80..=120).contains(&lost[1]) && lost[2] <= 4 && lost[3] == 0, "{lost:?}");
        assert!(moments[1].heard.mos_x100 < moments[0].heard.mos_x100);
        assert_eq!(moments[0].told, None);
    }

    #[test]
    fn silence_scores_nothing_and_hours_stay_bounded() {
        assert_eq!(run(10, |_| true)[0].heard, OneWay::default());
        let hours = run(2 * 3600, |n| n == 100);
        assert!(hours.len() <= MOST && hours.last().map(|moment| moment.at_s) == Some(7200), "{}", hours.len());
        assert!(hours[0].heard.lost_permille > 0, "the worst is kept");
    }

    #[test]
    fn what_the_other_side_says_is_in_the_moment_it_says_it() {
        let start = Instant::now();
        let (mut moments, stats) = (Moments::new(start), ReceiveStats::new(8000));
        let block = ReportBlock {
            ssrc: 1,
            fraction_lost: 64,
            cumulative_lost: 9,
            highest_sequence: 9,
            jitter: 80,
            last_sender_report: 0,
            delay_since_last_sender_report: 0,
        };
        moments.hear_report(&block, &stats);
        moments.pass_time(start + LENGTH, &stats);
        let all = moments.all(start + LENGTH * 2, &stats);
        let told = all[0].told.expect("it was told");
        assert_eq!((told.lost_permille, told.jitter_us), (250, 10_000));
        assert!((100..439).contains(&told.mos_x100));
        assert_eq!(all[1].told, None);
    }
}
