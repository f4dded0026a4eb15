//! What a leg sounded like: loss, jitter and an opinion score by a simplified E-model (ITU-T G.107).

use std::time::Duration;

/// The figures of one received stream at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// Different packets that came.
    pub received: u64,
    /// Packets that never came, by sequence number.
    pub lost: u64,
    /// Packets that came a second time.
    pub duplicates: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Interarrival jitter now (RFC 3550 6.4.1), in microseconds.
    pub jitter_us: u32,
    /// The highest the jitter estimate has been, in microseconds.
    pub max_jitter_us: u32,
    /// Mean opinion score times one hundred, 100 to 439; see [`mos_x100`]. 0 when nothing was received.
    pub mos_x100: u16,
}

/// Default signal-to-noise rating of G.107 with its standard parameters: R0 - Is.
const BASE_RATING: f64 = 93.2;
/// Equipment impairment of G.711 (G.113 Appendix I).
const G711_IE: f64 = 0.0;
/// How well G.711 bears random loss: 25.1 with concealment, 4.3 without (G.113 Appendix I).
///
/// 25.1 is used. This server relays packets without decoding them, so a hole travels on to the listener's phone, and phones
/// conceal. With 4.3 a call with 1 % loss would be told to sound bad that nobody complains of.
const G711_BPL: f64 = 25.1;
/// Packetisation of 20 ms and a device's own processing, in milliseconds, one way.
const FIXED_DELAY_MS: f64 = 30.0;

/// Mean opinion score times one hundred of a G.711 stream.
///
/// `R = 93.2 - Id - Ie_eff` with
/// - `Id = 0.024 d + 0.11 (d - 177.3)` (the second term only beyond 177.3 ms), the usual reduction of G.107 7.4 for echo-free lines,
///   where `d` = 30 ms + half the round trip + twice the jitter, which is what a playout buffer costs;
/// - `Ie_eff = Ie + (95 - Ie) P / (P + Bpl)` (G.107 7.5 with BurstR = 1), `P` the loss in percent;
///
/// then `MOS = 1 + 0.035 R + R (R - 60)(100 - R) 7e-6` (G.107 Annex B). A perfect stream scores 439.
pub fn mos_x100(lost: u64, expected: u64, jitter: Duration, round_trip: Option<Duration>) -> u16 {
    let loss_percent = if expected == 0 { 0.0 } else { 100.0 * lost as f64 / expected as f64 };
    let delay_ms = FIXED_DELAY_MS + 2.0 * millis(jitter) + round_trip.map_or(0.0, |trip| millis(trip) / 2.0);
    let delay_impairment = 0.024 * delay_ms + 0.11 * (delay_ms - 177.3).max(0.0);
    let loss_impairment = G711_IE + (95.0 - G711_IE) * loss_percent / (loss_percent + G711_BPL);
    (100.0 * mos_of_rating(BASE_RATING - delay_impairment - loss_impairment)).round() as u16
}

/// G.107 Annex B. The cubic dips below 1 for small ratings, hence the floor.
fn mos_of_rating(rating: f64) -> f64 {
    let r = rating.clamp(0.0, 100.0);
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(loss_per_thousand: u64, jitter_ms: u64, round_trip_ms: u64) -> u16 {
        mos_x100(loss_per_thousand, 1000, Duration::from_millis(jitter_ms), Some(Duration::from_millis(round_trip_ms)))
    }

    #[test]
    fn a_clean_call_scores_what_g711_can_and_worse_lines_score_less() {
        assert_eq!(score(0, 0, 0), 439);
        // By hand: P = 5 gives Ie_eff = 95 * 5 / 30.1 = 15.78, Id = 0.72, R = 76.70, MOS = 3.89.
        assert_eq!(score(50, 0, 0), 389);
        // By hand: d = 30 + 20 + 200 = 250, Id = 6 + 7.997 = 13.997, R = 79.20, MOS = 3.99.
        assert_eq!(score(0, 10, 400), 399);
    }

    #[test]
    fn more_loss_jitter_or_delay_never_scores_better() {
        for step in 0..100 {
            assert!(score(step * 10, 5, 50) >= score(step * 10 + 10, 5, 50));
            assert!(score(20, step, 50) >= score(20, step + 1, 50));
            assert!(score(20, 5, step * 10) >= score(20, 5, step * 10 + 10));
        }
        assert_eq!(score(1000, 900, 9000), 100, "the worst call is 1.00, not less");
    }
}
